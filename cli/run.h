/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands. Each takes what follows its name and returns an exit status. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

int command_run(int argc, char **argv);
int command_check(int argc, char **argv);

#endif

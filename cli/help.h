/* SPDX-License-Identifier: BSD-2-Clause */
/* The help pages. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

/* Print the page of a command, or the overview for "". 0, or -1: no such
 * command. */
int help_print(const char *command);

/* `twofold help [command]`: an exit status. */
int command_help(int argc, char **argv);

#endif

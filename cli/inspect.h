/* SPDX-License-Identifier: BSD-2-Clause */
/* `twofold inspect`. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

int command_inspect(int argc, char **argv);

#endif

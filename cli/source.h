/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where VM descriptions come from. Both ways end in the same thing: a device
 * tree whose /chosen has the VMs' nodes, with `twofold,file` in each module.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "cli/settings.h"

/* Compile a VMS.dts with dtc. 0 with a tree, or a status. What *fdt is then
 * is to be freed, after an error too. */
int source_from_dts(const char *path, void **fdt);

/* The one VM that the options describe; as above. */
int source_from_settings(const struct settings *s, void **fdt);

#endif

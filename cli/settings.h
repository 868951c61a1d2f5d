/* SPDX-License-Identifier: BSD-2-Clause */
/* What `twofold run` was asked to do: its options, converted and checked. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "cli/kind.h"
#include "cli/options.h"
#include "lib/types.h"

struct board;

struct settings {
	const char *operand;     /* KERNEL or VMS.dts */
	bool is_description;     /* the operand is a VMS.dts */
	struct kernel_kind kernels;

	/* One VM, when the operand is a kernel. */
	const char *name;
	u64 memory;              /* bytes */
	unsigned int cpus;
	u32 granule;             /* of stage 2, bytes; 0: not said */
	const char *initrd;      /* NULL: none */
	const char *append;      /* "" when not given */

	/* The board. */
	const struct board *board;
	const char *cpu_model;   /* NULL: the board's own */
	bool any_cpu;            /* it is not known yet: `twofold check` */
	unsigned int gic;        /* 2 or 3 */
	unsigned int board_cpus; /* 0: as many as the VMs need */
	u64 board_memory;        /* bytes; 0: as much as the VMs need */
	const char *image;       /* NULL: beside the executable */
	const char **qemu_args;
	size_t qemu_arg_count;

	unsigned int timeout;    /* seconds; 0: none */
	bool icount, stats, dry_run;
};

extern const struct option_spec run_options[];
extern const size_t run_option_count;

/* The operand of parsed options, of the one kernel or description that there
 * has to be. 0, or STATUS_REFUSED. */
int settings_operand(const struct options *o, struct settings *out);
/*
 * The rest, once it is known what the kernels are: without a --board they choose
 * it. 0, or STATUS_REFUSED with the option named.
 */
int settings_from_options(const struct options *o, struct settings *s);
/* The board called `name`, or (NULL) that of the kernels, into s->board. */
int settings_board(const char *name, struct settings *s);

/* Is this operand a description rather than a kernel? By its name (.dts) or
 * its first line (/dts-v1/;). */
bool is_description(const char *path);

#endif

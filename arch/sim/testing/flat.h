/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine on the simulated machine against a flat oracle: what each page of a
 * few windows of the address space maps to, with no tree and no blocks.
 *
 * Every operation of flat_step() is drawn from the dice of its step alone, so that
 * steps can be left out (SKIP=) and repeated.
 */
#ifndef SIM_TESTING_FLAT_H
#define SIM_TESTING_FLAT_H

#include "arch/sim/env.h"
#include "arch/sim/testing/property.h"

/* The last window's pages are as large as a block of the lowest level. */
#define WINDOWS 5
#define BLOCK_WINDOW 4
#define WINDOW_PAGES 1200
#define FLAT_CPUS 3
#define FLAT_RAM (64UL << 20)

enum age { AGE_UNKNOWN, AGE_YOUNG, AGE_OLD };

struct flat_page {
	u64 pa;
	u32 attr; /* 0: a hole */
	enum age age;
};

struct flat_shape {
	const struct pgtable_format *format;
	unsigned int granule_shift, ia_bits, oa_bits;
	u32 features;  /* of the machine; flat_run() adds others */
	bool own;      /* the hypervisor's stage 1 */
	unsigned int pa_bits; /* 0: 48 */
};

struct flat {
	struct flat_shape shape;
	u64 granule, block, base[WINDOWS], unit[WINDOWS], count[WINDOWS];
	struct pgtable pt;
	struct sim_env env;
	struct flat_page page[WINDOWS][WINDOW_PAGES];
	bool anytime; /* accesses in the middle of operations */
	bool table_failed; /* by the last operation */
	bool defective;	   /* the environment is: rules are broken, and no access
			    * is tried */
};
extern struct flat flat;
/* Where the next machines write their trace, or NULL. */
extern FILE *flat_trace;

/* One of the operations, on part of window w. */
struct flat_op {
	const char *name;
	void (*fn)(int w, u64 first, u64 n);
};
extern const struct flat_op flat_ops[];
extern const unsigned int flat_op_count;

u64 flat_address(int w, u64 i);
/* A machine and an empty tree. */
void flat_init(const struct flat_shape *shape);
/* Nothing is left, of the tree and of the machine. */
void flat_exit(void);
/* What step n does; no table for the fail-th allocation and later, or never (0).
 * False: it is left out. */
bool flat_step(unsigned long n, unsigned int fail);
/* The whole tree is as the oracle says, by the tables alone. */
void flat_check_all(void);
/* The features of CPUs that a run may have besides, drawn from the dice. */
u32 flat_features(const struct flat_shape *shape);
/* Runs of `steps` steps, with new dice for each. */
void flat_run(const struct flat_shape *shape, unsigned long runs,
	      unsigned int steps);

/* What probes draw from: their own dice, the step's are the operation's. */
u64 flat_dice(u64 below);

#endif

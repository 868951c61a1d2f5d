/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page-table engine's environment on the simulated machine, without core/:
 * tables come from the machine's own memory, invalidations are the instruction
 * sequences that the rules of Arm ask for.
 */
#ifndef SIM_ENV_H
#define SIM_ENV_H

#include "arch/sim/sim.h"
#include "pgtable/pgtable.h"

/* What pt->env points to. */
struct sim_env {
	u64 vtcr, tcr;
	u16 vmid;
	bool own; /* the hypervisor's own regime */
	bool mips; /* by the machine's features */
	/* No table for the n-th allocation from now, and after, or for that one
	 * alone; 0: never. */
	unsigned int fail_after;
	bool fail_once;
	unsigned long failures;
	unsigned long allocations;
	/* Invalidations asked for by the engine. */
	unsigned long flushes;
	u64 cleaned; /* bytes, by page_clean */
	/* For tests of the tests: left out, or done wrong. */
	bool skip_flush, skip_stage1, skip_sync, skip_broadcast, wrong_vmid;
	bool forget_base;  /* when VTTBR_EL2 is put back */
	bool keep_vtcr;    /* with VTTBR_EL2, VTCR_EL2 is not switched */
	bool ignore_range; /* a range's first address stands for all */
	int false_hint;    /* added to the level */
};

extern const struct pgtable_ops sim_env_ops;

/* No guest's VMID: the tree is the hypervisor's own stage 1. */
#define SIM_OWN 0

/*
 * pgtable_init() on the machine. `cpus` (a mask) are in the guest from now on
 * and walk its tables whenever they like; the calling thread is another one.
 */
int sim_env_init(struct sim_env *env, struct pgtable *pt,
		 const struct pgtable_config *config, u16 vmid, u32 cpus);
/* Every CPU leaves the guest; pgtable_destroy(). */
void sim_env_exit(struct sim_env *env, struct pgtable *pt, u32 cpus);

/* An access by this CPU, or by the tables alone: in the guest, or of the
 * hypervisor itself. */
struct sim_result sim_env_access(const struct sim_env *env, u64 ia,
				 enum sim_access access);
struct sim_result sim_env_translate(const struct sim_env *env,
				    const struct pgtable *pt, u64 ia,
				    enum sim_access access);

/* sim_quiet(), by whichever MMU it is. */
void sim_env_quiet(const struct sim_env *env);

/*
 * What each port's tlb_flush_* does: by the VMID of `pt`, level or
 * PGT_LEVEL_ANY as the engine says it. Shared with sim/machine.c.
 */
void sim_flush_addr(const struct sim_env *env, const struct pgtable *pt,
		    u64 ia, int level);
void sim_flush_range(const struct sim_env *env, const struct pgtable *pt,
		     u64 ia, u64 size, int level);
void sim_flush_all(const struct sim_env *env, const struct pgtable *pt);
/* VTCR_EL2 of a tree. */
u64 sim_vtcr_of(const struct pgtable *pt);

#endif

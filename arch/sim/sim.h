/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A simulated machine: Arm stage 2 as strict as the architecture allows.
 *
 * It runs on a PC. Physical memory is an arena; an MMU walks the tables in it
 * as the Arm ARM (DDI 0487, D8) says; each CPU has a TLB that keeps, drops and
 * prefetches what it likes within what the architecture lets it. pgtable/ and
 * core/ run on it unchanged, through sim/env.h and sim/machine.h.
 *
 * Besides, the machine remembers every translation that any TLB *could* hold:
 * from the change of an entry until the invalidation that covers it. Rules are
 * judged by that, not by what a TLB happened to keep, so a forgotten
 * invalidation is found the first time and not by luck. What the TLBs really
 * hold decides what accesses see, and so what a test's oracle finds.
 *
 * The machine learns of changed entries when table_sync() is called, as the
 * walker of a real one does; a store that is never synchronised is a rule
 * broken too.
 *
 * One machine at a time. Every function may be called on any thread; one lock
 * serialises them. Each thread acts as one of the CPUs, see sim_be_cpu().
 *
 * The trace (sim_config.trace) has one line for each event:
 *
 *   SEQ CPU OPERATION ADDRESS VALUE
 *
 * with SEQ and CPU in decimal, ADDRESS and VALUE in hexadecimal. docs/sim.md has
 * the operations, and arch/sim/check-trace.awk is one who reads it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdio.h>
#include "lib/types.h"
#include "lib/util.h"

#define SIM_CPUS 8
#define SIM_RAM 0x80000000UL

/* ---- The machine --------------------------------------------------------- */

enum sim_feature {
	SIM_XNX = 1 << 0,        /* XN for EL1 and EL0 apart */
	SIM_FWB = 1 << 1,        /* MemAttr overrides stage 1 */
	SIM_HAF = 1 << 2,        /* hardware sets the access flag */
	SIM_HDBS = 1 << 3,       /* and the dirty state */
	SIM_BBM2 = 1 << 4,       /* a block's size may change live */
	SIM_TTL = 1 << 5,        /* TLBI takes a level hint */
	SIM_TLBIRANGE = 1 << 6,
	SIM_VMID16 = 1 << 7,
	SIM_LPA = 1 << 8,        /* 52 bits of output address at 64K */
	SIM_LPA2 = 1 << 9,       /* and at 4K and 16K (VTCR_EL2.DS) */
	SIM_VIPT_BY_VMID = 1 << 10, /* I-caches are tagged with the VMID */
	SIM_NO_SNOOP = 1 << 11,  /* the walker does not see the caches */
	SIM_ARMV7 = 1 << 12,     /* Cortex-A15: none of the above but that */
	SIM_MIPS = 1 << 13,      /* MIPS32: arch/sim/mips.h, and nothing else */
	SIM_RIXI = 1 << 14,      /* MIPS: read and execute inhibit */
};

struct sim_config {
	unsigned int cpus;
	u64 ram;          /* bytes at SIM_RAM */
	u32 features;
	unsigned int pa_bits; /* ID_AA64MMFR0_EL1.PARange; 0: 48 */
	u64 seed;
	FILE *trace;      /* or NULL */
	bool quiet;       /* rules broken are counted, not printed */
	/* One thread at a time: no page is between being written and being
	 * published while a guest runs, so each access is checked. */
	bool serial;
};

void sim_init(const struct sim_config *config);
void sim_exit(void);
u32 sim_features(void);
unsigned int sim_cpu_count(void);
bool sim_is_serial(void);
/* The calling thread is CPU `cpu` from now on; 0 unless said. */
void sim_be_cpu(unsigned int cpu);
unsigned int sim_cpu_now(void);
/* Is this thread in one of the machine's functions? For signal handlers. */
bool sim_busy(void);
/* Call `hook` once, when this thread has made so many calls of the machine; 0:
 * call none after all. */
void sim_after_calls(unsigned long calls, void (*hook)(void));
/* From the machine's own generator. */
u64 sim_random(u64 below);

/* ---- Rules ------------------------------------------------------------------ */

enum sim_rule {
	SIM_STALE_ENTRY,     /* an operation returned; a TLB may hold the old */
	SIM_STALE_USE,       /* and an access used it */
	SIM_BREAK_BEFORE_MAKE, /* live change that must be broken before */
	SIM_TABLE_FREED,     /* a walker or a walk cache still reaches it */
	SIM_TABLE_SYNC,      /* a store to a table was not synchronised */
	SIM_LEVEL_HINT,      /* a TLBI's hint does not fit what it is to hit */
	SIM_VMID_ZERO,       /* a guest entered with VMID 0 */
	SIM_VMID_SIZE,       /* a VMID of 16 bits while VTCR_EL2.VS is clear */
	SIM_VMID_TWO,        /* one VM runs with two VMIDs */
	SIM_VMID_SHARED,     /* a VMID reused, TLBs not invalidated between */
	SIM_VCPU_SHARED,     /* vCPUs of a VM share a CPU's entries */
	SIM_WRONG_ROOT,      /* entered with another root than the VM's */
	SIM_NOT_CLEANED,     /* a guest is shown what only a cache holds */
	SIM_ICACHE_STALE,    /* or may fetch instructions from before */
	SIM_PAGE_REUSED,     /* a page written anew that a guest reaches */
	SIM_ACCESS_FLAG,     /* made old, but a TLB may still think it young */
	SIM_DIRTY_STATE,     /* a write that no harvest reports, or may not */
	SIM_DESCRIPTOR,      /* reserved or ill-formed */
	SIM_REGISTER,        /* VTCR_EL2 and VTTBR_EL2 do not fit */
	SIM_REFAULT,         /* one access faults again and again */
	SIM_CONTEXT,         /* a TLBI by a register that no ISB put in force */
	SIM_WALKS,           /* VTTBR_EL2 changes, and walks may be under way */
	SIM_INCOMPLETE,      /* or a TLBI that DSB and ISB have not completed */
	SIM_RULES
};

extern const char *const sim_rule_name[SIM_RULES];
/* How often it was broken since it was last asked for, or since sim_init(). */
unsigned long sim_broken(enum sim_rule rule);
unsigned long sim_broken_any(void);
/* An arch side's own find. */
void sim_report(enum sim_rule rule, u64 at, const char *what);

/*
 * The operation that this thread performed is over: no TLB may hold what it
 * changed. An arch side calls it before each guest access.
 */
void sim_op_end(void);
/* The same, when nothing is under way on any thread: all changes, and that no
 * store to a table is left unsynchronised. */
void sim_quiet(void);

/* ---- Stage 2's registers ------------------------------------------------------ */

/*
 * VTCR_EL2 for a tree, from the numbers alone. start: level of the first
 * lookup. 0: the architecture has no encoding for it.
 */
u64 sim_make_vtcr(unsigned int granule_shift, unsigned int ia_bits, int start,
		  unsigned int oa_bits);
u64 sim_make_vttbr(u64 root, u16 vmid);
/* TCR_EL2, or HTCR. */
u64 sim_make_tcr(unsigned int granule_shift, unsigned int ia_bits,
		 unsigned int oa_bits);

/* ---- CPUs --------------------------------------------------------------------- */

/* All act on the calling thread's CPU. */
/* One register; in force from the next ISB or entry into the guest on. */
void sim_set_vtcr(u64 vtcr);
void sim_set_vttbr(u64 vttbr);
/* Both, after the DSB that walks need, and an ISB. */
void sim_write_vttbr(u64 vtcr, u64 vttbr);
/* As written last. */
u64 sim_read_vttbr(void);
u64 sim_read_vtcr(void);
/*
 * Into the guest and out of it. Between, TLBs are filled, by accesses or at
 * will. `vm` is anything that stands for the VM; `root` is its stage 2's.
 */
void sim_enter(const void *vm, u64 root, unsigned int vcpu);
void sim_leave(void);

/* TLBIs with the architecture's operands. They are complete at sim_dsb(). */
enum sim_tlbi {
	SIM_IPAS2E1IS, /* IPA[51:12] in 39:0, TTL in 47:44 */
	SIM_IPAS2E1,
	SIM_IPAS2LE1IS, /* leaves only */
	SIM_RIPAS2E1IS, /* a range: BaseADDR, TTL, NUM, SCALE, TG */
	SIM_VMALLE1IS, /* stage 1 and what is combined, this VMID */
	SIM_VMALLE1,
	SIM_VMALLS12E1IS, /* both stages, this VMID */
	SIM_VMALLS12E1,
	SIM_ALLE1IS, /* every VMID */
	SIM_ALLE1,
	/* The hypervisor's own regime. */
	SIM_VAE2IS, /* VA[55:12] in 43:0, TTL in 47:44 */
	SIM_VALE2IS,
	SIM_VAE2,
	SIM_RVAE2IS,
	SIM_ALLE2IS,
	SIM_ALLE2,
	/* ARMv7's. */
	SIM_TLBIALLIS, /* both stages, this VMID */
	SIM_TLBIALL,
	SIM_TLBIALLNSNHIS, /* every VMID */
	SIM_TLBIALLNSNH,
	SIM_TLBIMVAHIS, /* Hyp: MVA[31:12] */
	SIM_TLBIALLHIS,
	SIM_TLBIS
};
void sim_tlbi(enum sim_tlbi op, u64 operand);
/* ISHST completes no TLBI, NSH none that is broadcast (DDI 0487, B2.3.12; DDI
 * 0406, A3.8.3); either of the others, the walks of a guest that was left. */
enum sim_dsb { SIM_DSB_ISH, SIM_DSB_NSH, SIM_DSB_ISHST };
void sim_dsb_of(enum sim_dsb which);
void sim_dsb(void); /* ISH */
void sim_isb(void);
/* IC IALLU, IC IALLUIS. */
void sim_ic_iallu(bool broadcast);

enum sim_access { SIM_READ, SIM_WRITE, SIM_EXEC };
enum sim_fault_type {
	SIM_NO_FAULT,
	SIM_TRANSLATION_FAULT,
	SIM_ACCESS_FLAG_FAULT,
	SIM_PERMISSION_FAULT,
	SIM_ADDRESS_SIZE_FAULT,
	SIM_TLB_CONFLICT, /* two sizes held at once, which only FEAT_BBM allows */
};
struct sim_result {
	enum sim_fault_type fault;
	int level;
	u64 pa;
	bool device;
};
/* The guest on this CPU turns its data caches on or off (SCTLR_EL1.C and M). */
void sim_guest_caches(bool on);
/* A guest access at EL1 on this CPU, which is in the guest. */
struct sim_result sim_access(u64 ipa, enum sim_access access);
/* The same with eight bytes of data, aligned; what is no RAM reads as 0. A DSB
 * after an invalidation waits for accesses by the old translation (D8.14.3):
 * here, they are one step. */
struct sim_result sim_access_data(u64 ipa, enum sim_access access, u64 *data);
/* The same through the tables alone, as they stand: nothing is cached. */
struct sim_result sim_translate(u64 vtcr, u64 vttbr, u64 ipa,
				enum sim_access access);

/* ---- The hypervisor's own stage 1 ------------------------------------------------ */

/*
 * TCR_EL2, TTBR0_EL2 and MAIR_EL2, or HTCR, HTTBR and HMAIR; the MMU is on from
 * then, on this CPU. Its TLB takes entries at any time, in the guest or out of it.
 */
void sim_own_enable(u64 tcr, u64 ttbr, u64 mair);
void sim_own_disable(void);
struct sim_result sim_own_access(u64 va, enum sim_access access);
/* Through the tables alone. */
struct sim_result sim_own_translate(u64 va, enum sim_access access);

/* ---- Dirty state --------------------------------------------------------------- */

/*
 * A harvest of [ia, ia + size) of a tree: call start() before it, report() for
 * each run that it reports, and end() with start()'s moment after. SIM_DIRTY_STATE
 * is broken for each page that was written before the moment, that is mapped
 * still, and that no harvest has reported since.
 */
u64 sim_harvest_start(void);
void sim_harvest_report(u64 root, u64 ia, u64 size);
void sim_harvest_end(u64 root, u64 ia, u64 size, u64 since);
/* Whoever might ask what was written there never will. */
void sim_dirty_forget(u64 root, u64 ia, u64 size);
/* The same of what went to [pa, pa + size), which [ia, ia + size) led to. */
void sim_dirty_replaced(u64 root, u64 ia, u64 size, u64 pa);

/* ---- Physical memory ---------------------------------------------------------- */

/* NULL: no RAM there. */
void *sim_virt(u64 pa);
u64 sim_phys(const void *p);
bool sim_is_ram(u64 pa, u64 size);

/* Tables, from an allocator of the machine's own: `size` a power of two and
 * aligned to it; NULL when there is none. */
void *sim_pages_alloc(u64 size);
void sim_pages_free(void *p, u64 size);
u64 sim_pages_used(void);

/* A page became a table, zeroed by stores that walkers need not see yet; or is
 * no table any more. */
void sim_table_alloc(const void *table, u64 size);
void sim_table_free(const void *table, u64 size);
/* Stores to [entry, entry + size) are visible to walkers now. */
void sim_table_sync(const void *entry, u64 size);

/* The hypervisor writes to data pages: they are dirty in a cache, and stale in
 * instruction caches; `anew` when what was there is nobody's any more. */
void sim_page_dirty(u64 pa, u64 pages, bool anew);
void sim_page_publish(u64 pa, u64 pages);
/* This thread has changed a page that may be mapped: dirty if it has not been
 * published when the operation ends. */
void sim_page_written(u64 pa);
/* Data caches are cleaned over it, to the point of coherency. */
void sim_page_clean(u64 pa, u64 size);
bool sim_page_is_dirty(u64 pa);
/* Leaves of all trees that walkers can reach which map the page. */
unsigned int sim_page_maps(u64 pa);

#endif

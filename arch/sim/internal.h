/* SPDX-License-Identifier: BSD-2-Clause */
/* What the machine is made of. Private to arch/sim/. The lock is held. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include <pthread.h>
#include "arch/sim/sim.h"

/* ---- regime.c: registers that control translation ----------------------- */

/* The hypervisor's own stage 1 has none: it stands for all of that. */
#define NO_VMID 0x10000

/* VTCR_EL2 and VTTBR_EL2, or TCR_EL2 and TTBR0_EL2, decoded. */
struct regime {
	u64 root;
	u32 vmid;
	bool valid;  /* else no walk can be made */
	bool stage1; /* of the hypervisor */
	bool lpae;   /* ARMv7 */
	bool vs;     /* VMIDs of 16 bits */
	bool ds;     /* descriptors of FEAT_LPA2 */
	bool lpa;    /* 64K, with 52 bits of output address */
	bool ha, hd;
	u64 mair; /* stage 1 */
	unsigned int granule_shift, ia_bits, oa_bits;
	int start;
};

/* By the CPU that it is: stage 2, and the hypervisor's own. */
struct regime regime_decode(u64 vtcr, u64 vttbr);
struct regime regime_decode_own(u64 tcr, u64 ttbr, u64 mair);
unsigned int table_bits(const struct regime *r);
unsigned int level_bits(const struct regime *r, int level);
unsigned int root_entries(const struct regime *r);

/* ---- mmu.c: descriptors and walks --------------------------------------- */

enum desc_kind { DESC_INVALID, DESC_TABLE, DESC_LEAF };

struct desc {
	enum desc_kind kind;
	u64 out; /* next table, or output address */
	bool read, write, exec;
	bool af, dbm, contiguous;
	bool device, cached; /* cached: Normal write-back */
	u8 memattr, sh;
	const char *bad; /* why it is ill-formed, or NULL */
};

struct desc desc_decode(const struct regime *r, int level, u64 raw);

struct walk {
	enum sim_fault_type fault;
	int level;      /* of the last entry read */
	u64 entry_pa;   /* where it was read */
	u64 raw;
	struct desc desc;
	u64 ia, size;   /* what the last entry translates */
};

/* From `table`, which translates at `level`; or from the root. */
#define FROM_ROOT (-9)
struct walk walk_from(const struct regime *r, u64 ia, int level, u64 table,
		      void (*seen)(const struct walk *w, void *arg), void *arg);
/* The leaf's permissions and access flag against an access; hardware updates
 * are made. False: the entry changed meanwhile, walk again. */
bool walk_permit(const struct regime *r, struct walk *w,
		 enum sim_access access);
/* The MMU sets the access flag of the leaf on its own account (D8.5.1). False: as
 * above. */
bool walk_set_access_flag(struct walk *w);

/* ---- tables.c: what walkers see ----------------------------------------- */

struct table {
	u64 pa, size;
	struct regime regime; /* of a root */
	u32 latest;           /* the VMID that it was entered with last */
	u64 *seen;    /* the entries, as walkers surely see them */
	bool linked;
	bool dying;   /* unlinked; a walk cache may hold its address */
	int level;
	u64 ia;       /* of its first entry */
	u64 root;     /* of the tree that it is linked in */
	struct table *next; /* of all tables */
};

void tables_init(u64 ram_size);
void tables_exit(void);
struct table *table_at(u64 pa);
u64 entry_load(u64 pa); /* as a walker reads it */
void tables_check_synced(void);
/* A CPU may walk from this root from now on. */
void tables_know_root(const struct regime *r);

/* ---- stale.c: what TLBs could hold -------------------------------------- */

enum item_kind { ITEM_LEAF, ITEM_TABLE, ITEM_COMBINED };

struct item {
	enum item_kind kind;
	enum sim_rule why; /* broken, if it is there when the operation ends */
	u64 root;
	u32 vmid;
	u32 cpus;    /* whose TLBs could hold it */
	int level;
	u64 ia, size, raw;
	u64 out; /* a leaf's output address, or the table's */
	unsigned long thread; /* which changed the entry */
	bool doubled; /* with a leaf of another size */
	bool overdue, told;
};

/* An entry that was valid is not, or is another. */
void stale_add(enum item_kind kind, enum sim_rule why, u64 root, int level,
	       u64 ia, u64 size, u64 raw, u64 out);
/* A valid entry appears: does it go with what TLBs could hold? */
void stale_check_new(const struct regime *r, int level, u64 ia, u64 size,
		     u64 raw);
bool stale_table(u64 pa);
bool stale_page(u64 pa);
const struct item *stale_find(u32 vmid, unsigned int cpu, u64 ia);
void stale_op_end(bool all);
/* A CPU enters with this VMID: what it holds dormant comes alive. */
void stale_enter(u32 vmid, unsigned int cpu);
/* The root's memory goes: what TLBs hold of it belongs to nobody. */
void stale_forget_root(u64 root);
void stale_reset(void);

/* Which TLBs may hold entries of a tree under a VMID. */
struct context {
	u64 root;
	u32 vmid;
	const void *vm;
	u32 inside;  /* CPUs in the guest */
	u32 holding; /* CPUs whose TLB may hold an entry */
	/* By CPU: the vCPU + 1 that ran there last, with no invalidation of
	 * stage 1, and none of the I-cache, since. */
	u16 last_tlb[SIM_CPUS], last_icache[SIM_CPUS];
};
#define CONTEXTS 1024
extern struct context contexts[CONTEXTS];
extern unsigned int context_count;
/* CPUs that may walk from what they hold of the tree: under its VMID of now, or
 * in the guest. What is held under an older VMID, from before a new generation,
 * is dormant: it goes before the CPU enters a guest with that VMID again. */
u32 root_holding(u64 root);
bool context_live(u64 root, u32 vmid);
void contexts_forget_root(u64 root);

/* ---- tlb.c, tlbi.c: what TLBs hold, and lose ---------------------------- */

struct tlb_entry {
	bool used;
	enum item_kind kind;
	u32 vmid;
	int level;
	u64 ia, size, raw;
	struct desc desc;
};
#define TLB_ENTRIES 48

struct tlbi {
	enum sim_tlbi op;
	u32 vmid;
	u64 operand;
	bool ds; /* FEAT_LPA2's format was selected */
};
#define TLBI_PENDING 64

struct cpu_state {
	struct regime regime; /* stage 2 */
	struct regime own;    /* the hypervisor's stage 1 */
	u64 vtcr, vttbr;         /* as written */
	bool unsynchronised;     /* and not in force */
	bool walks;              /* of the guest that was left, under way */
	bool completed;          /* TLBIs, by DSB, and no ISB since */
	bool in_guest, own_on;
	bool caches_off; /* the guest's, by its SCTLR_EL1 */
	struct tlb_entry tlb[TLB_ENTRIES];
	struct tlbi pending[TLBI_PENDING];
	unsigned int pending_count;
};
extern struct cpu_state sim_cpu[SIM_CPUS];

/* What of a CPU's TLB an invalidation removes: also by stale.c. */
struct span {
	u32 vmid;
	bool all_vmids;
	bool stage1, stage2;
	bool by_address, leaves_only;
	u64 ia, size;
	int hint; /* level, or -1 */
};
struct span tlbi_span(const struct tlbi *t);
bool span_hits(const struct span *s, enum item_kind kind, u32 vmid, int level,
	       u64 ia, u64 size);
void stale_invalidate(const struct span *s, u32 cpus);
/* A TLBI with a hint: does it miss, for the hint alone, what is stale? */
void stale_check_hint(const struct span *s);
void speculate(void);
/* The CPU's registers as written are in force: ISB. */
void registers_synchronise(void);
void remember_address(u64 ia);
void cpus_reset(void);

/* ---- dirty.c: what guests wrote, and no harvest has reported ------------ */

/* A guest wrote to `ia`, which is at `pa`. */
void dirty_note(const struct regime *r, u64 ia, u64 pa);
void dirty_forget_root(u64 root);
void dirty_reset(void);

/* ---- sim.c -------------------------------------------------------------- */

extern struct sim_config sim_config;
extern __thread unsigned int me;
extern __thread unsigned long my_thread;
void sim_lock(void);
void sim_unlock(void);
u64 rnd(u64 below);
void broken(enum sim_rule rule, u64 at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void trace(const char *op, u64 address, u64 value);

/* ---- memory.c ----------------------------------------------------------- */

void memory_init(u64 size);
void memory_exit(void);
/* A leaf that maps [pa, pa + size) can be reached by walkers, or not any more. */
void memory_map(u64 pa, u64 size, int by);
void memory_op_end(void);
void memory_check_shown(const struct desc *d, u64 pa, u64 size);
void memory_check_access(const struct desc *d, u64 pa, enum sim_access access);
/* A guest's access, by way of its caches or past them. */
void memory_guest_access(const struct desc *d, u64 pa, enum sim_access access,
			 bool caches_off);

#endif

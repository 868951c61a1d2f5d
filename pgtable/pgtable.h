/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page-table engine: one walker, many formats.
 *
 * A `struct pgtable` is one translation regime's tree: a VM's stage 2, the
 * hypervisor's own stage 1, a MIPS guest-virtual table. The engine knows no
 * VM, no vCPU and no CPU instruction; what it needs of the world comes in
 * through `struct pgtable_ops`.
 *
 * Ranges are half-open [ia, ia + size), may end at the very top of the address
 * space, and must be aligned to the format's granule and not be empty: else
 * -EINVAL, and nothing has changed. A range that leaves the input-address space
 * is -ERANGE.
 *
 * Prepare, then commit: an operation that fails has not made anything visible,
 * except that map over a large range may have done a whole prefix, whose end it
 * reports.
 *
 * Locking: the caller's. Operations marked [shared] may run at the same time as
 * each other on one tree; operations marked [exclusive] run alone. core/ holds
 * its MMU lock for reading or for writing accordingly.
 *
 * Invalidation: the engine itself issues every TLB invalidation that its
 * change needs, before it returns, through the ops; callers never do.
 * Nothing is invalidated for an invalid-to-valid change.
 */
#ifndef PGTABLE_PGTABLE_H
#define PGTABLE_PGTABLE_H

#include "lib/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pgtable;
struct pgtable_format;
struct pgtable_geometry;
struct pgtable_leaf;
struct pgtable_rights;
struct memcache;

/* ---- What a mapping may do --------------------------------------------- */

/* Permissions and memory type, independent of format. */
#define PGT_R (1U << 0)
#define PGT_W (1U << 1)
#define PGT_X (1U << 2) /* stage 2: EL1 and EL0; stage 1: the regime's own */
#define PGT_RW (PGT_R | PGT_W)
#define PGT_RX (PGT_R | PGT_X)
#define PGT_RWX (PGT_R | PGT_W | PGT_X)
#define PGT_PROT_MASK PGT_RWX
/* Device-nGnRE instead of Normal write-back. Never executable: -EINVAL. */
#define PGT_DEVICE (1U << 3)
/* Normal non-cacheable. */
#define PGT_NOCACHE (1U << 4)
/* Four bits that the engine keeps in software-defined bits of the leaf. */
#define PGT_SW(n) (1U << (8 + (n)))
#define PGT_SW_MASK (0xfU << 8)
/*
 * State that lookup reports. Young: accessed since it was last made old. Dirty:
 * it may have been written since it was last made clean; a leaf that is mapped
 * writable is dirty from the start, unless PGT_CLEAN was asked for. What is not
 * writable is not dirty: who takes PGT_W away, by pgtable_protect, or by mapping
 * something over it, and wants to know, harvests first.
 */
#define PGT_YOUNG (1U << 16)
#define PGT_DIRTY (1U << 17)
/*
 * For pgtable_map, with PGT_W: the leaf is clean, and the hardware makes it dirty
 * on the first write, without a fault. A leaf that stands and maps the same
 * stays dirty if it was: only pgtable_harvest_dirty() makes one clean. -EINVAL
 * without PGT_FEAT_HAFDBS: there, what is clean is not writable. Without PGT_W
 * it says nothing.
 */
#define PGT_CLEAN (1U << 18)
/*
 * For pgtable_map: the caller holds the tree alone, though the range is such
 * that the call could be shared. Only then may a block take the place of a
 * table; else the table stays, and its range is mapped in smaller leaves.
 */
#define PGT_EXCLUSIVE (1U << 24)

/* ---- The environment --------------------------------------------------- */

/*
 * All are called with the tree's lock as held by the caller of the engine.
 * None may sleep. `pt->env` is theirs.
 */
struct pgtable_ops {
	/*
	 * A zeroed table of `size` bytes, aligned to `size` (one granule, or
	 * a concatenated root), its reference count at 1. `mc` is the memcache
	 * given to the operation; NULL means straight from the environment's
	 * allocator, which only set-up code does. NULL when there is none.
	 */
	void *(*table_alloc)(struct pgtable *pt, struct memcache *mc,
			     size_t size);
	/* The count is at 1 (no live entry) or the tree is being destroyed. */
	void (*table_free)(struct pgtable *pt, void *table, size_t size);
	/*
	 * The table page's reference count: live entries + 1. A root's stays 1,
	 * however many tables it has: nobody asks whether it is empty.
	 */
	u32 *(*table_count)(struct pgtable *pt, void *table);
	/*
	 * From one to the other, by adding a constant: all tables of a tree lie
	 * in one linear map. The engine takes the difference from the root and
	 * adds it itself where it works on a single page.
	 */
	hpa_t (*to_phys)(struct pgtable *pt, const void *table);
	void *(*to_virt)(struct pgtable *pt, hpa_t pa);

	/*
	 * TLB invalidation, complete (barriers included) on every CPU when it
	 * returns, the walk caches too. `level` is the leaf's level, or
	 * PGT_LEVEL_ANY when table entries or leaves of several levels went.
	 */
	void (*tlb_flush_addr)(struct pgtable *pt, ia_t ia, int level);
	void (*tlb_flush_range)(struct pgtable *pt, ia_t ia, u64 size,
				int level);
	void (*tlb_flush_all)(struct pgtable *pt);
	/*
	 * Make stores to [entry, entry + size) visible to the table walker, in
	 * order after all stores before: a barrier where the walker snoops the
	 * caches, a clean to the point of coherency where it does not.
	 */
	void (*table_sync)(struct pgtable *pt, void *entry, size_t size);
	/*
	 * Clean the data caches to the point of coherency over [pa, pa + size)
	 * of mapped, cacheable memory; for pgtable_flush() alone, may be NULL.
	 */
	void (*page_clean)(struct pgtable *pt, hpa_t pa, u64 size);
};

#define PGT_LEVEL_ANY (-128)

/* ---- A tree ------------------------------------------------------------ */

struct pgtable_config {
	const struct pgtable_format *format;
	unsigned int ia_bits; /* size of the input-address space */
	unsigned int oa_bits; /* size of the output-address space */
	bool no_blocks;       /* leaves at the last level only */
	/*
	 * CPU features, from the ID registers: enum pgtable_feature. They
	 * change what the engine writes, or how, where nothing else is said.
	 */
	u32 features;
};

enum pgtable_feature {
	/* Stage 2: XN for EL1 and EL0 apart. Changes nothing: PGT_X is both,
	 * and its encoding means that with the feature and without. */
	PGT_FEAT_XNX = 1 << 0,
	PGT_FEAT_FWB = 1 << 1,     /* stage 2: memory type overrides stage 1 */
	PGT_FEAT_HAFDBS = 1 << 2,  /* hardware sets the access and dirty state */
	/* Block size may change live; without effect beside PGT_FEAT_HAFDBS. */
	PGT_FEAT_BBM2 = 1 << 3,
	/* 64K: addresses of 52 bits, which the CPU has; blocks of 4 TiB. */
	PGT_FEAT_LPA = 1 << 4,
	/*
	 * 4K and 16K: addresses of 52 bits, blocks of 512 and of 64 GiB. The
	 * regime has DS set, and in its control register the shareability.
	 */
	PGT_FEAT_LPA2 = 1 << 5,
	/* MIPS: read and execute inhibit. Changes nothing: who refills the TLB
	 * drops the bits where a CPU has not got it. */
	PGT_FEAT_RIXI = 1 << 6,
};

struct pgtable {
	const struct pgtable_format *format;
	const struct pgtable_geometry *geometry;
	const struct pgtable_ops *ops;
	void *env;
	void *root;
	hpa_t root_pa;
	u64 linear;	  /* a table's address less its physical one */
	u64 ia_size;	  /* 0 stands for 2^64 */
	u64 ia_last, oa_last; /* the last addresses */
	u8 ia_bits, oa_bits;
	s8 start_level;
	s8 first_leaf;	  /* the topmost level that may hold leaves */
	u8 root_tables;   /* concatenated tables in the root */
	bool no_blocks;
	bool usual;	  /* 4 KiB granules, walked from level 1 */
	/* The hardware changes live entries: PGT_FEAT_HAFDBS. */
	bool hw_updates;
	bool live_sizes; /* pte.h: a block may become a table live */
	u32 features;
	/* The format's, with PGT_FEAT_HAFDBS; else 0: see format.h. */
	u64 dbm, dirty;
	/* The format's; the leaf bits are those for these features. */
	const u64 *leaf_bits;
	const struct pgtable_rights *rights;
	int (*decode)(const struct pgtable *pt, u64 entry,
		      struct pgtable_leaf *leaf);
	u32 tables;       /* table pages in the tree, the root's included */
};

extern const struct pgtable_format pgtable_arm64_s2_4k;
extern const struct pgtable_format pgtable_arm64_s2_16k;
extern const struct pgtable_format pgtable_arm64_s2_64k;
extern const struct pgtable_format pgtable_arm64_el2_4k;
extern const struct pgtable_format pgtable_arm64_el2_16k;
extern const struct pgtable_format pgtable_arm64_el2_64k;
extern const struct pgtable_format pgtable_lpae_s2;  /* ARMv7, 4K */
extern const struct pgtable_format pgtable_lpae_hyp;
/*
 * Software-walked (pgtable/mips32.h). A leaf can always be read; and always be
 * executed, where the CPU has no PGT_FEAT_RIXI: PGT_X is kept, but not enforced.
 */
extern const struct pgtable_format pgtable_mips32;

/*
 * Allocate the root (from ops->table_alloc with no memcache). Features that say
 * nothing about the format are left aside, so that all of a CPU's can be given.
 * -EINVAL: the format cannot do `ia_bits` or `oa_bits`, or the engine was built
 * without formats of its kind. -ENOMEM.
 */
int pgtable_init(struct pgtable *pt, const struct pgtable_config *config,
		 const struct pgtable_ops *ops, void *env);

/*
 * Free every table and the root. [exclusive] The caller has seen to it that no
 * CPU walks the tree any more; one tlb_flush_all is issued before the first
 * table is freed. Harmless on a tree that is all zero (never initialised) and
 * on one already destroyed.
 */
void pgtable_destroy(struct pgtable *pt);

/*
 * How many tables any one step can need at most: a map of one leaf, or the
 * splits at both ends of an unmap or protect. The memcache's target.
 */
unsigned int pgtable_tables_max(const struct pgtable *pt);

/* Bytes a leaf at `level` maps; 0 if the format has no leaf there. */
u64 pgtable_leaf_size(const struct pgtable *pt, int level);

/* The largest leaf size <= `most` that fits ia and pa in alignment. */
u64 pgtable_best_leaf(const struct pgtable *pt, ia_t ia, hpa_t pa, u64 most);

/* ---- Operations -------------------------------------------------------- */

/*
 * Map [ia, ia + size) to [pa, pa + size) with the largest leaves that fit.
 * What was mapped is replaced, by break-before-make where the change needs it
 * (a block partly covered is split; a table only as PGT_EXCLUSIVE says, or in a
 * range that is not [shared]). An entry that stands already as asked for is left
 * alone; when all stood so, -EALREADY. [shared] when the whole range is one leaf
 * or lies within one last-level table, else [exclusive]. What is replaced is
 * invalidated once for each table's run of entries; of 64 at most, where shared.
 *
 * A permission that is granted is invalidated too. A CPU that faults on its
 * stale entry meanwhile finds -EALREADY, runs into the same fault again, and
 * goes on as soon as the one that changed the entry is done.
 *
 * `*done` (may be NULL): bytes from ia that are mapped on return; all of them
 * on success. -ENOMEM: memcache (and ops) gave no table. -EAGAIN: lost a race
 * with another shared operation; the guest may simply run again. -EINVAL: an
 * attribute that the format cannot express. -ERANGE: pa beyond the
 * output-address space.
 */
int pgtable_map(struct pgtable *pt, ia_t ia, u64 size, hpa_t pa, u32 attr,
		struct memcache *mc, u64 *done);

/*
 * Remove every mapping in the range; blocks partly covered are split first.
 * Holes are skipped at the cost of the table that holds them. One invalidation
 * for the whole call; tables left empty are freed after it. [exclusive]
 * -ENOMEM: no table for a split; nothing has changed.
 */
int pgtable_unmap(struct pgtable *pt, ia_t ia, u64 size, struct memcache *mc);

/*
 * Clear and set permissions (PGT_PROT_MASK, PGT_SW_MASK) on what is mapped in
 * the range (cleared first, then set); holes stay holes, and device leaves never
 * execute. One invalidation if any permission changed. [exclusive]
 * Setting PGT_W makes what is mapped dirty, even where it was writable before.
 * -EINVAL: clearing what the format cannot do without, such as PGT_R in stage 1.
 * -EALREADY: nothing changed. -ENOMEM: as for unmap.
 */
int pgtable_protect(struct pgtable *pt, ia_t ia, u64 size, u32 clear, u32 set,
		    struct memcache *mc);

/*
 * Was any leaf in the range accessed since it was last made old? With
 * `clear`, make them old (one invalidation). [exclusive] if `clear`.
 */
bool pgtable_test_young(struct pgtable *pt, ia_t ia, u64 size, bool clear);

/*
 * Report what may have been written since it was last made clean, and make it
 * clean: call `dirty` for each run of dirty leaves side by side, in order. With
 * PGT_FEAT_HAFDBS they stay writable; without it they are write-protected, and
 * whoever takes the fault maps them writable again. One invalidation before it
 * returns, if anything was dirty; what is written after that is dirty again. A
 * block that the range cuts is reported whole: [ia, ia + size) may reach out of
 * the range. `dirty` may not touch the tree. [exclusive]
 * -EALREADY: nothing was dirty.
 */
int pgtable_harvest_dirty(struct pgtable *pt, ia_t ia, u64 size,
			  void (*dirty)(void *arg, ia_t ia, u64 size),
			  void *arg);

/*
 * The same, before what is mapped goes: it is write-protected with
 * PGT_FEAT_HAFDBS too, so that no write comes between the report and what the
 * caller does next under the same lock. Two invalidations there.
 */
int pgtable_harvest_last(struct pgtable *pt, ia_t ia, u64 size,
			 void (*dirty)(void *arg, ia_t ia, u64 size),
			 void *arg);

/*
 * Split every leaf in the range, those that it cuts too, into leaves of at most
 * `most` bytes, a leaf size (else -EINVAL): address, attributes and state stay.
 * Block by block, one invalidation each. [exclusive]
 * -ENOMEM: no table left; what was split stays so, and `*done` (may be NULL)
 * says how many bytes from ia are as asked: top up and go on from there.
 * -EALREADY: no leaf was larger.
 */
int pgtable_split(struct pgtable *pt, ia_t ia, u64 size, u64 most,
		  struct memcache *mc, u64 *done);

/*
 * Where the leaves of a table lie side by side, alike but for age and dirty
 * state, and aligned, one block takes their place; and so on upwards, to at
 * most `most` bytes. Tables that reach out of the range stay. A block is young,
 * or dirty, if any of its leaves was. One invalidation each. [exclusive]
 * -EALREADY: nothing could be put together.
 */
int pgtable_collapse(struct pgtable *pt, ia_t ia, u64 size, u64 most);

/*
 * Clean the data caches, through ops->page_clean, over what is mapped in the
 * range, but for device and non-cacheable memory; nothing with PGT_FEAT_FWB.
 * [shared]
 */
int pgtable_flush(struct pgtable *pt, ia_t ia, u64 size);

/*
 * Long ranges in bounded steps: how many bytes of [ia, ia + size), a multiple of
 * the granule and not 0, an exclusive operation can do so that it reads, writes
 * or frees no more than `tables` tables, or those on the way to one leaf if these
 * are more; of what a split or a map adds, only those for a block that the range
 * cuts are counted. The caller does that much, lets others go on, and comes
 * back for the rest:
 *
 *   for (; size; ia.v += n, size -= n) {
 *           n = pgtable_step(pt, ia, size, 64);
 *           pgtable_unmap(pt, ia, n, mc);
 *           (drop the lock, and take it again)
 *   }
 *
 * Cost: the tables that it counts. [shared] 0: not a range (see above).
 */
u64 pgtable_step(const struct pgtable *pt, ia_t ia, u64 size,
		 unsigned int tables);

/* Set the access flag of one leaf, after an access-flag fault. [shared]
 * -ENOENT: nothing is mapped there, or it is being replaced. -EALREADY. */
int pgtable_mark_young(struct pgtable *pt, ia_t ia);

struct pgtable_leaf {
	ia_t ia;    /* where the leaf, or the hole, starts */
	u64 size;   /* of the leaf, or of the hole known to be empty */
	hpa_t pa;   /* of the leaf's start */
	u32 attr;   /* PGT_*; 0 for a hole */
	int level;
};

/* What translates `ia`. [shared] -ENOENT: a hole; leaf->ia and size say how
 * far it certainly reaches. */
int pgtable_lookup(const struct pgtable *pt, ia_t ia,
		   struct pgtable_leaf *leaf);

/*
 * Call `fn` for every leaf in the range, in order; a non-zero return stops the
 * walk and is returned. [exclusive], or [shared] if `fn` only looks.
 */
int pgtable_visit(const struct pgtable *pt, ia_t ia, u64 size,
		  int (*fn)(const struct pgtable_leaf *leaf, void *arg),
		  void *arg);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K40, K42: a vCPU's trees of guest-virtual addresses, as CPUs walk them. What stands
 * there is what the guest's TLB and segments say, and the VM's GPA table; it may go
 * at any time, and faults in again.
 *
 * A tree is a directory of 2 MiB each, which is what backings hand out at most, and
 * tables of 512 pages. An entry of a directory is the address in kseg0 of a table
 * (bit 31 is set, and all below the table's size are 0); or a block: 2 MiB that are
 * linear, for the CPU a pair of pages of 1 MiB. There are no holes: what has
 * nothing has `gva_nothing`, a table of pages that are not valid. So the refill
 * handler (refill.h) needs to look for blocks alone, and the CPU's own walker for
 * the bit that is a block's V.
 *
 * A page, or a block, is EntryLo, moved up by a shift: 0 where the handler reads it;
 * where the CPU's walker does, PGT_MIPS32_SHIFT, as pgtable_mips32 has its leaves.
 * RI and XI are 0: guests' TLBs have neither. For the short handler, which does not
 * look for blocks, a block is the address of another table of pages that are not
 * valid, with what is behind it in the lowest 12 bits.
 *
 * Guests' ASIDs: a vCPU has a few spaces, GVA_SPACES or what directories.h has for it,
 * one for each ASID that was in effect lately (MIPS_SPACE_ERL is one as well), each
 * with a directory for kernel mode and one for user mode, and host ASIDs of their own.
 * Below kseg0 both have the same tables, but around the commpage, which kernel mode
 * alone has. From kseg0 on all spaces have the same tables.
 *
 * All of it is the hypervisor's to change with the VM's MMU lock held, or in the
 * vCPU's own thread.
 */
#ifndef ARCH_MIPS_GVA_H
#define ARCH_MIPS_GVA_H

#include "arch/mips/guest.h"
#include "core/memcache.h"
#include "core/vmid.h"
#include "pgtable/mips32.h"

struct mips_refill_cpu;
struct mips_vcpu;
struct vm;

#define GVA_SPACES 8
#define GVA_BLOCK_SHIFT 21
#define GVA_CONTEXT_SHIFT 10 /* from a directory's address to what Context has */
#define GVA_BLOCK (1U << GVA_BLOCK_SHIFT)
#define GVA_BLOCKS (1U << (32 - GVA_BLOCK_SHIFT)) /* entries of a directory */
#define GVA_PAGES (GVA_BLOCK >> PAGE_SHIFT)       /* of a table */
#define GVA_DIRECTORY_ORDER 1                     /* pages of one */
/* Pages of tables that a vCPU has at any time, in its trees or set aside: so it gets on,
 * whatever others have. Its instruction's, its delay slot's or next page's, and two
 * of what that accesses. */
#define GVA_LEAST_TABLES 4
/* What it takes beside, in pages, for the limit that a VM has if none is set: all of
 * its spaces, each with tables for 48 MiB; for 32 where a table takes a page (the short
 * handler's), and the directories are not of the limit. What needs more gives up the
 * oldest. */
#define GVA_USUAL_PAGES (GVA_SPACES * ((MIPS_TABLES << GVA_DIRECTORY_ORDER) + 12))
/* Two tables are in a page, if they fit: those of 4 MiB. */
#define GVA_CHUNK (2 * GVA_BLOCK)
#define GVA_CHUNKS (GVA_BLOCKS / 2)

struct gva_space {
	u64 used; /* when it was in use last, by `clock`; 0: it is nobody's */
	u32 key;  /* mips_guest.space */
	u32 *directory[MIPS_TABLES]; /* NULL: not made yet */
	struct vmid asid[MIPS_TABLES]; /* of the host's; id 0: take a new one */
	u32 live[GVA_CHUNKS / 32]; /* chunks below kseg0 with anything in them */
};

struct mips_gva {
	struct gva_space space[GVA_SPACES];
	unsigned int spaces; /* that it may have: the first of these */
	struct gva_space *now; /* of guest.space, since gva_activate(); or NULL */
	u64 clock; /* how often one was taken */
	/* In the kernel's segments there are pages that only space `now` has. */
	bool local;
	u32 live[GVA_CHUNKS / 32]; /* chunks, from kseg0 on */
	struct memcache cache;
	unsigned int tables; /* pages of tables in the trees */
};

/* How trees are laid out, by who walks them. Chosen by gva_init(). */
struct gva_form {
	u8 shift;   /* from EntryLo to an entry */
	u8 pair;    /* log2 of the words from one pair of a table to the next */
	u32 blocks; /* for the short handler, the table that blocks lead to; or 0 */
};

extern struct gva_form gva_form;
extern u32 gva_nothing[PAGE_SIZE / sizeof(u32)];
/* The directory that is walked, as mips_walk has it. */
extern u32 gva_directory;

/* The refill handler's own: made for this CPU, and put in its place; or the walker.
 * Once. */
void gva_init(void);

/* A space with nothing in it, and GVA_LEAST_TABLES. -ENOMEM: gva_destroy() gives back
 * what there is. */
int gva_create(struct mips_vcpu *v);
/* Harmless on what is all zero. */
void gva_destroy(struct mips_vcpu *v);

/* The CPU walks what the vCPU has for guest.space and guest.table, by its ASID.
 * Interrupts are masked. */
void gva_activate(struct mips_vcpu *v);
/* guest.walk means nothing any more: an ASID is not as it was, or it may have been
 * given to another. */
void gva_forget_walks(struct mips_vcpu *v);
/* An interrupt of the host's has come, and the guest may go on elsewhere: no pair that
 * the short refill handler wrote for a block (refill.h) is left in the TLB. Interrupts
 * are masked. */
void gva_interrupted(void);
/* What the refill handler was made for. Does the CPU walk by itself? */
bool gva_how(struct mips_refill_cpu *cpu);
/* The CPU walks nothing: no address below kseg0 is mapped. */
void gva_deactivate(void);

/*
 * Enter what guest.map says, as far as the VM's GPA table has it; pages that it has
 * not are faulted into it. MIPS_RUN, or what the guest has to do instead; or -1:
 * the vCPU cannot go on, and vcpu.exit says why. The space is active.
 */
int gva_fault(struct mips_vcpu *v);

/*
 * Pages in [va, va + size) go, a multiple of 4 KiB, of the space of an ASID, if there
 * is one, or of all (MIPS_SPACE_ANY). Of a block that is cut all goes. Never the commpage.
 */
void gva_drop(struct mips_vcpu *v, u32 asid, u32 va, u32 size);
/* Everything. */
void gva_drop_all(struct mips_vcpu *v);
/* Of the spaces but the first and `now`, the one that was in use the longest ago gives
 * up its tables and its directories. False: there is none. */
bool gva_release_oldest(struct mips_vcpu *v);
/* Pages that the vCPU has in what that and gva_drop_all() give up; 0: nothing is left
 * for them to do. */
unsigned int gva_spare_pages(const struct mips_vcpu *v);

/* The VM's pages in [gpa, gpa + size) change: whatever shows them goes. The VM's
 * MMU lock is held. */
void gva_drop_physical(struct vm *vm, u64 gpa, u64 size);

/* ---- Directories and tables (gva_tree.c) ----------------------------------------- */

#if __STDC_HOSTED__
/* On a PC, kseg0 is the test's. */
u32 *test_kseg0(u32 address);
u32 test_kseg0_address(const void *p);
#define gva_pointer(address) test_kseg0(address)
#define gva_address(p) test_kseg0_address(p)
#else
#define gva_pointer(address) ((u32 *)(uintptr_t)(address))
#define gva_address(p) ((u32)(uintptr_t)(p))
#endif

/* The entry of the pages, or a block, that pgtable_mips32 has as `leaf`. */
static inline u32 gva_entry(u32 leaf, bool writable)
{
	u32 lo = leaf >> PGT_MIPS32_SHIFT;

	return (writable ? lo : lo & ~LO_D) << gva_form.shift;
}

/* Of that of a block's first page, which is cached, the block's. */
static inline u32 gva_block_entry(u32 entry)
{
	return gva_form.blocks ?
		       gva_form.blocks | (entry & LO_D) << 9 | (entry >> 15 & 0x7ff) :
		       entry;
}

/* What mips_walk and the handler have of a directory, whose address this is. */
static inline u32 gva_walked(u32 directory)
{
	return gva_form.blocks ? directory << GVA_CONTEXT_SHIFT : directory;
}

/* The vCPU's thread: the entries of [va, va + 4 KiB * n) within one block, for the
 * space and the mode in use; 0 leaves what there is. `n` is 1, or they are whole
 * pairs. -ENOMEM. */
int gva_set_pages(struct mips_vcpu *v, u32 va, const u32 *entries, unsigned int n);
/* The block that `va` is in becomes one for the CPU. `entry`: its first page's. */
void gva_set_block(struct mips_vcpu *v, u32 va, u32 entry);
/* What is there of the block; gva_nothing: nothing at all. */
u32 gva_get_block(struct mips_vcpu *v, u32 va);
/* Everything of one space; of all spaces from an address on, which is kseg0 or
 * above. */
void gva_clear_space(struct mips_vcpu *v, struct gva_space *s);
void gva_clear_from(struct mips_vcpu *v, u32 va);
/* The space of guest.space, be it another's that was not in use for long. */
struct gva_space *gva_take_space(struct mips_vcpu *v);

static inline bool gva_is_block(u32 entry)
{
	return !(entry >> 31) || (entry ^ gva_form.blocks) < PAGE_SIZE;
}

/* The entries of the pair that `va` is in. */
static inline u32 *gva_pair_in(u32 table, u32 va)
{
	return gva_pointer(table) +
	       ((va >> PAGE_SHIFT) % GVA_PAGES / 2 << gva_form.pair);
}

/* The two entries of the pair of 4 KiB that `va` is in; NULL: it is in a block. */
static inline u32 *gva_pair(const struct gva_space *s, enum mips_table t, u32 va)
{
	u32 entry = s->directory[t][va >> GVA_BLOCK_SHIFT];

	return gva_is_block(entry) ? NULL : gva_pair_in(entry, va);
}

/* That of an ASID; NULL: it has none, and nothing is mapped. */
static inline struct gva_space *gva_find(struct mips_gva *a, u32 key)
{
	for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
		if (s->key == key && s->used)
			return s;
	return NULL;
}

/*
 * Is there nothing of a pair of 4 KiB that the guest's TLB has for an ASID, no
 * global one, below kseg0? Then neither has the CPU's TLB, and there is nothing to
 * be dropped. (Both modes have the same pages; but about the commpage.)
 */
static inline bool gva_pair_is_absent(struct mips_gva *a, u32 asid, u32 va)
{
	const struct gva_space *s = gva_find(a, asid);
	const u32 *user, *kernel;

	if (!s)
		return true;
	user = gva_pair(s, MIPS_USER, va);
	kernel = gva_pair(s, MIPS_KERNEL, va);
	return user && kernel && !(user[0] | user[1] | kernel[0] | kernel[1]);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MIPS32 release 2 CPU as a de-privileged guest sees it: what traps is emulated
 * here, in plain C. No instruction of the host's, no table and no memory: those are
 * the port's, which comes in through struct mips_guest_ops. One thread uses a
 * struct mips_guest, but for mips_guest_set_line().
 *
 * The guest's kernel and its user mode both run in the host's user mode. Where the
 * guest's segments are is its layout's; the first is for hosts whose user mode ends
 * at 0x80000000:
 *
 *   de-privileged  architecture's
 *   0x00000000     0x00000000  useg   mapped by the guest's TLB (not mapped while
 *                                     Status.ERL)
 *   0x40000000     0x80000000  kseg0  guest-physical 0 and up, 512 MiB; kernel mode
 *                                     only, as all that follows
 *                  0xa0000000  kseg1  the same again. RAM is cached nevertheless
 *   0x60000000     0xc0000000  kseg2  mapped by the guest's TLB
 *   0x80000000                 kseg1, twice up to 0xc0000000: address errors of the
 *                                     host's, of which each is emulated
 *   0xffff9000                 calls (call.h), 256 bytes
 *
 * The guest's CP0 registers are an array in memory that the guest kernel can read
 * and write as it likes: the commpage. Whatever is read there is the guest's word,
 * masked where it is used; what must not be (ASID in effect, time, TLB) stands in
 * the structure. A guest that writes there has written the register without its
 * side effects.
 *
 * A trap is one call of mips_guest_trap(), with pc the host's EPC; before each entry
 * comes mips_guest_before_entry().
 */
#ifndef ARCH_MIPS_GUEST_H
#define ARCH_MIPS_GUEST_H

#include "arch/mips/cp0.h"
#include "lib/types.h"
#include "lib/util.h"

#define MIPS_SEGMENT_MASK 0x1fffffffU /* of kseg0 and kseg1: to guest-physical */
#define MIPS_COMMPAGE_SIZE 0x1000U
#define MIPS_TLB_ENTRIES  64
#define MIPS_ALONE        32
#define MIPS_FETCH_WORDS  8
#define MIPS_NOWHERE      1U /* no instruction is there */

/* The tables of guest-virtual addresses, one for each mode of the guest. */
enum mips_table { MIPS_KERNEL, MIPS_USER, MIPS_TABLES };

/*
 * What tables hold is of one space each: that of an ASID; and, for useg is not
 * mapped then, another while Status.ERL.
 */
#define MIPS_SPACE_ERL 0x10000U /* and the ASID */
#define MIPS_SPACE_ANY (~0U)

enum mips_access { MIPS_FETCH, MIPS_LOAD, MIPS_STORE };

/* What is to be done after a trap. */
enum mips_next {
	MIPS_RUN,       /* enter the guest */
	MIPS_MAP,       /* map what guest->map says, then enter; or, where it says
			 * what is no RAM, mips_guest_access_device() */
	MIPS_MMIO,      /* do guest->mmio, then mips_guest_complete_mmio() */
	MIPS_WAIT,      /* wait for an interrupt (mips_guest_interrupted()) */
	MIPS_HYPERCALL, /* guest->hypercall; registers as the caller left them */
};

/*
 * A page that the guest may use. From `va` on, `size` bytes are linear in
 * guest-physical memory, and may be entered with any size of page that fits: of
 * RAM always as cached, whatever the guest's entry says.
 */
struct mips_mapping {
	u32 fault;     /* the address that was accessed */
	enum mips_access access;
	bool commpage; /* the commpage, and nothing of the rest holds */
	u32 va;
	u32 size;      /* power of two; va is a multiple */
	u64 gpa;       /* of va: up to 36 bits, whatever the guest wrote */
	bool writable;
	bool global;   /* in every guest ASID */
};

/* An access that no RAM answers: 1, 2 or 4 bytes, aligned. */
struct mips_mmio {
	u64 gpa;
	u32 value; /* written; or to be returned by the device, zero-extended */
	u8 size;
	bool write;
	/* How it goes on. */
	u32 insn;
	u32 rest;  /* of what is to be stored */
	u8 left;   /* bytes of it */
	u8 offset; /* in the word: of LWL and LWR */
};

struct mips_tlb_entry {
	u32 hi;   /* VPN2 and ASID, as EntryHi */
	u32 mask; /* as PageMask */
	u32 lo[2];
};

/* Times in ticks of Count, counted up from some start. */
struct mips_timer {
	u32 bias;     /* Count is the time plus this; or, stopped, this alone */
	bool stopped; /* Cause.DC */
	bool pending; /* Cause.TI */
	u64 due;      /* when Count will be Compare; stopped: means nothing */
	bool held;    /* the time is held_at: mips_timer_hold() */
	u64 held_at;
};
#define MIPS_NEVER (~0ULL)

/* Where segments begin, each behind the one before. */
struct mips_layout {
	u32 kseg0;
	u32 kseg2;
	u32 last;     /* of kseg2 */
	u32 emulated; /* bytes of kseg1 behind that */
	/* Where guest kernel mode finds its CP0 registers: a displacement from
	 * $0, so below 0x8000, or from 0xffff8000 on. */
	u32 commpage;
	/* The window of calls (call.h), as far from $0; 0: there is none, for user
	 * mode of the host's may have something there. */
	u32 calls;
};

#define MIPS_CALLS_WINDOW 0xffff9000U

#define MIPS_DEPRIVILEGED                                                      \
	((struct mips_layout){                                                 \
		.kseg0 = 0x40000000,                                           \
		.kseg2 = 0x60000000,                                           \
		.last = 0x7fffffff,                                            \
		.emulated = 0x40000000,                                        \
		.commpage = 0x7000,                                            \
		.calls = MIPS_CALLS_WINDOW,                                    \
	})

/* The commpage is above what Linux maps by itself (FIXADDR_TOP), and below what
 * its ERR_PTR() makes of an error. */
#define MIPS_ARCHITECTURAL                                                     \
	((struct mips_layout){                                                 \
		.kseg0 = 0x80000000,                                           \
		.kseg2 = 0xc0000000,                                           \
		.last = 0xffffffff,                                            \
		.commpage = 0xffff8000,                                        \
	})

/*
 * Where in the TLB an address may be found: a bit for each entry, by the number of
 * its pair of pages where it has the smallest size, else in `larger`.
 */
#define MIPS_TLB_PLACES 128
struct mips_tlb_index {
	u32 smallest[MIPS_TLB_PLACES][MIPS_TLB_ENTRIES / 32];
	u32 larger[MIPS_TLB_ENTRIES / 32];
};

struct mips_guest;

/*
 * What the port does for it. Accesses by guest-physical address fault pages in as
 * a guest's own would, and return 0, or -EFAULT: no RAM there, or read-only, or it is
 * the device's that was accessed last, which is looked at first. So no memslot may
 * overlap a device: who makes the VM sees to that (vmm/description.c).
 */
struct mips_guest_ops {
	/* The instruction at `va`, in a segment of the layout, through the table in use;
	 * -EFAULT: it is not mapped there now (which its owner may bring about
	 * at any time). */
	int (*fetch)(struct mips_guest *g, u32 va, u32 *insn);
	/* The same of MIPS_FETCH_WORDS, and `va` a multiple of their size. */
	int (*fetch_words)(struct mips_guest *g, u32 va, u32 *insns);
	/* Replace `old` by `new` at `va`, in kseg0 or kseg2, through the table in
	 * use, and sync the I-caches of all CPUs. -EAGAIN: it was another; -EFAULT. */
	int (*patch)(struct mips_guest *g, u32 va, u32 old, u32 new);
	/* `size` is 1, 2 or 4; gpa a multiple. */
	int (*read)(struct mips_guest *g, u64 gpa, u32 *value, unsigned int size);
	int (*write)(struct mips_guest *g, u64 gpa, u32 value, unsigned int size);
	/* -EAGAIN: the word was not `old`. Atomic by there being one CPU, on which nothing
	 * comes between: interrupts are masked. No barrier: of several CPUs it would have
	 * to be one. */
	int (*exchange)(struct mips_guest *g, u64 gpa, u32 old, u32 new);
	/* Both of a word in kseg0, through the table in use, which is the kernel's.
	 * -EFAULT as well: it is not there now, or not to be written. */
	int (*read_kseg0)(struct mips_guest *g, u32 va, u32 *value);
	int (*exchange_kseg0)(struct mips_guest *g, u32 va, u32 old, u32 new);
	/* The guest may have written instructions in the line of `va`: they are
	 * fetched there from now on. Through the table in use; -EFAULT. */
	int (*sync_line)(struct mips_guest *g, u32 va);
	/* The guest may have written instructions, anywhere: nothing older of
	 * them is executed, on any CPU. */
	void (*sync_icache)(struct mips_guest *g);
	/*
	 * Of a guest whose data cache has ways larger than a page: nothing is left
	 * in the lines of both caches where `va`, a multiple of g->line, is; data
	 * that was there is written back.
	 */
	void (*sync_place)(struct mips_guest *g, u32 va);

	/*
	 * Of the tables of a space, or of all, and of all CPUs' TLBs: drop the
	 * pages in [va, va + size), a multiple of 4 KiB. Never the commpage's.
	 */
	void (*drop)(struct mips_guest *g, u32 space, u32 va, u32 size);
	/* The guest goes on with g->table of g->space. */
	void (*use)(struct mips_guest *g);

	u64 (*now)(struct mips_guest *g);
	/* Call mips_timer_update() when it is `due`, MIPS_NEVER: never. */
	void (*set_timer)(struct mips_guest *g, u64 due);
};

/* What the CPU is told of a table; asid 0: nothing, before the port looks at it. */
struct mips_walk {
	u32 asid;      /* of the host's */
	u32 directory; /* its address in kseg0, or what Context has of it */
};

struct mips_guest {
	u32 gpr[32]; /* gpr[0] is 0 */
	u32 hi, lo;
	u32 pc;      /* of the branch, where a trap was in its delay slot */
	u32 insn;    /* that mips_quick_trap() did not carry out; and that it did */
	bool trapped; /* not */
	u32 *cp0;    /* the commpage: CP0_REGISTERS words; the guest's to write */
	u32 settled; /* Status, as it was looked at last; or MIPS_UNSETTLED: there
		      * is something else to look at */
	enum mips_table table; /* in use */
	u32 pending; /* Cause.IP, as it is if nothing is `changed` */
	u32 quick[3]; /* exits that quick.c, middle.c and call_code.c did, and nobody
		       * has counted: traps, exceptions, pages of its memory */
	u32 flags;   /* of call_code.c alone */
	u32 kept[3]; /* k0, k1 and v0, while `reading` */
	u32 reading; /* call_code.c reads the guest's words: an exception is its own */
	struct mips_layout layout;
	const struct mips_guest_ops *ops;
	u32 asid_mask; /* 0xff or 0x3ff */
	u32 id;        /* EBase.CPUNum: below 1024 */
	u32 line;      /* bytes of a cache line: 16, 32, 64 or 128. SYNCI of
			* the host's, that CACHE becomes, works on no less */
	/*
	 * Bytes of a way of each cache, as the host has it; 0: a page. Of an
	 * I-cache with more, what is fetched from a page is in as many places as it
	 * has virtual addresses. Of a data cache with more, too, and the guest is to
	 * see to it that a page is in one place at a time: its operations are carried
	 * out, by ops->sync_place().
	 */
	u32 icache_way, dcache_way;

	u32 changed; /* there may be an interrupt, or another ASID; atomic */
	bool bd;     /* the trap was in a delay slot */
	u32 next;    /* where it goes on behind what is being emulated */
	u32 asid;    /* in effect */
	struct mips_walk walk[MIPS_TABLES]; /* of `table`, while it is entered */
	u32 space;             /* that it is of */
	u32 lines;   /* interrupt lines, as in Cause; atomic */
	/* The general vector's address, but for BEV, if nothing is `changed`: MTC0 to
	 * EBase is never translated, so that a guest that stores in the commpage itself
	 * has this one. */
	u32 general;
	u32 no_calls; /* DI and EI that might have been calls, counted by quick.c */
	u32 compare;
	u32 random;
	struct mips_timer timer;
	/* Where it went on, last, after others may have run, or MIPS_NOWHERE: an
	 * LL before that is broken. One word: a guest that goes on elsewhere and jumps to
	 * behind its LL is taken for one that has not been away (MD00086, SC: it fails
	 * after ERET), if both registers and the word are as LL left them. */
	u32 resumed;
	bool in_pair; /* LL, SC and what is between are being carried out */
	u32 given_up; /* how often it has left a pair by a branch, before SC */
	/* LL and SC that are emulated. */
	bool ll;
	u64 ll_gpa;
	u32 ll_value;
	/* Instructions that trapped, and stood between no LL and SC; for how
	 * many more times that is taken for granted. */
	struct mips_alone {
		u32 va, times;
	} alone[MIPS_ALONE];

	struct mips_mapping map;
	struct mips_mmio mmio;
	u32 hypercall;
	/* Changed by mips_tlb_put() and what is in guest_tlb.c, which keep the
	 * index. */
	struct mips_tlb_entry tlb[MIPS_TLB_ENTRIES];
	struct mips_tlb_index tlb_index;
};

/* No Status that MTC0 leaves, but one that a guest may store: so what goes by
 * `settled` alone does nothing with ERL, or with BEV. */
#define MIPS_UNSETTLED (~0U)

/* ---- Its life ------------------------------------------------------------ */

/* As after power-on; cp0, layout, ops, asid_mask, id
 * and line are set. The GVA tables are empty, and the kernel's is in
 * use, of space MIPS_SPACE_ERL. Writes the whole commpage's registers. */
void mips_guest_reset(struct mips_guest *g);

/*
 * The host took an exception in the guest: its Cause and BadVAddr; `insn` is what
 * BadInstr holds, NULL where there is none. Not for interrupts of the host's.
 */
enum mips_next mips_guest_trap(struct mips_guest *g, u32 cause, u32 badvaddr,
			       const u32 *insn);

/* What mips_guest_before_entry() does when there is something to do. */
void mips_guest_settle(struct mips_guest *g);

/* After MIPS_MAP: there is no RAM at map.gpa, or none that may be written. A
 * device's access, or a bus error. */
enum mips_next mips_guest_access_device(struct mips_guest *g);

/*
 * The short way for an address error (Cause, BadVAddr, BadInstr or NULL) where there is
 * a device, at the physical address that va's segment makes: a load or store of 1, 2
 * or 4 bytes, from kernel mode. False: it is not that, and mips_guest_trap() says
 * what it is. Else the access is what *p says: then mips_plain_done(), with what was
 * read, or mips_guest_bus_error(), g->map.access being the caller's to set.
 */
struct mips_plain {
	u32 insn, value;
	unsigned int size;
	bool write;
};

bool mips_plain_access(struct mips_guest *g, u32 cause, u32 va, const u32 *badinstr,
		       struct mips_plain *p);
void mips_plain_done(struct mips_guest *g, const struct mips_plain *p, u32 value);
/* After MIPS_MMIO, mmio.value being what was read. May ask for one more. */
enum mips_next mips_guest_complete_mmio(struct mips_guest *g);
/* Instead of it, and of MIPS_MAP: nothing answers there. */
void mips_guest_bus_error(struct mips_guest *g);

/* ---- Interrupts and time ------------------------------------------------- */

/* A level of Cause.IP2 to IP6. Any CPU; it sees to it that the vCPU looks. */
void mips_guest_set_line(struct mips_guest *g, unsigned int ip, bool level);
/* `wait` ends: an interrupt that Status.IM lets through is pending. */
bool mips_guest_interrupted(struct mips_guest *g);
/* Cause.TI where it is due. */
void mips_timer_update(struct mips_guest *g);

/* How far Count is ahead of time now; what makes another's Count the same. */
u32 mips_guest_count_ahead(struct mips_guest *g);
void mips_guest_set_count_ahead(struct mips_guest *g, u32 ahead);

/* ---- Translation --------------------------------------------------------- */

/*
 * What a guest in its present mode has at `va`: 0 and *m; or the exception that
 * the access raises, as Cause has it, and *refill: no entry matches. Address
 * errors where `va` is no memory of the mode's, for the caller to look closer.
 */
u32 mips_guest_translate(const struct mips_guest *g, u32 va,
					enum mips_access access,
					struct mips_mapping *m, bool *refill);
/* Whose pages an entry of the guest's TLB is: a space, or any. */
u32 mips_tlb_space(const struct mips_guest *g, const struct mips_tlb_entry *e);
/* MIPS_MAP with *map; MIPS_RUN: it was an exception of the guest's. */
enum mips_next mips_guest_fault(struct mips_guest *g, u32 va,
				enum mips_access access);

/* Kseg0, and kseg1 where it is behind it. */
static inline bool mips_unmapped(const struct mips_layout *l, u32 va)
{
	return va - l->kseg0 < l->kseg2 - l->kseg0;
}

/* Kseg1, where the host raises address errors. */
static inline bool mips_emulated(const struct mips_layout *l, u32 va)
{
	return va - l->last - 1 < l->emulated;
}

static inline bool mips_in_commpage(const struct mips_layout *l, u32 va)
{
	return va - l->commpage < MIPS_COMMPAGE_SIZE;
}

/* What pc says of an instruction that trapped is at this place in `alone`. */
static inline unsigned int mips_alone_place(u32 pc)
{
	return (pc >> 2 ^ pc >> 9) % MIPS_ALONE;
}

/* In the uncached half of 512 MiB. */
static inline u32 mips_reset_vector(const struct mips_layout *l)
{
	return l->kseg2 - 0x400000;
}

static inline bool mips_kernel_mode(u32 status)
{
	return (status & (ST_UM | ST_EXL | ST_ERL)) != ST_UM;
}

static inline bool mips_guest_kernel_mode(const struct mips_guest *g)
{
	return mips_kernel_mode(g->cp0[CP0_STATUS]);
}

/* Any CPU. `settled` is the vCPU's own: where it has just been written, `changed`
 * is seen before the next entry that mips_guest_before_entry() comes before. */
static inline void mips_guest_changed(struct mips_guest *g)
{
	__atomic_store_n(&g->settled, MIPS_UNSETTLED, __ATOMIC_RELAXED);
	__atomic_store_n(&g->changed, true, __ATOMIC_SEQ_CST);
}

/* Others have run, or it was ERET: what LL has linked is broken. */
static inline void mips_guest_unlink(struct mips_guest *g)
{
	g->ll = false;
	g->resumed = g->pc;
}

/*
 * Interrupts that are due are taken, and ops->use() says which table is the one
 * from now on. After every trap, and when something was woken. The guest may have
 * written Status by itself.
 */
static inline void mips_guest_before_entry(struct mips_guest *g)
{
	if ((g->cp0[CP0_STATUS] ^ g->settled) |
	    __atomic_load_n(&g->changed, __ATOMIC_RELAXED))
		mips_guest_settle(g);
}

#endif

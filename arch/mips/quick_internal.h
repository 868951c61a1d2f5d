/* SPDX-License-Identifier: BSD-2-Clause */
/* What quick.c and middle.c share: compiled for each, and called by none else. */
#ifndef ARCH_MIPS_QUICK_INTERNAL_H
#define ARCH_MIPS_QUICK_INTERNAL_H

#include "arch/mips/guest_internal.h"
#include "arch/mips/quick.h"
#include "arch/mips/world_code.h"

/*
 * The guest is in k1, and EPC in k0, which compilers leave alone. With GCC those are
 * variables, and two registers more to compute with.
 */
#if __STDC_HOSTED__
#define g mips_quick_guest
#define epc mips_quick_pc
#elif defined(__clang__)
static inline struct mips_guest *in_k1(void)
{
	struct mips_guest *v;

	__asm__("move %0, $27" : "=r"(v));
	return v;
}

static inline u32 in_k0(void)
{
	u32 v;

	__asm__("move %0, $26" : "=r"(v));
	return v;
}
#define g in_k1()
#define epc in_k0()
#else
register struct mips_guest *g __asm__("$27");
register u32 epc __asm__("$26");
#endif

/* ---- Its registers -------------------------------------------------------------- */

#if __STDC_HOSTED__
static inline u32 get_gpr(u32 n)
{
	return g->gpr[n];
}

static inline void set_gpr(u32 n, u32 v)
{
	g->gpr[n] = v;
	g->gpr[0] = 0;
}

static inline void walk(const struct mips_walk *w)
{
	mips_quick_walk = *w;
}
#else
/* The accessors of world_code.h, which return to v1. */
extern char world_code[];

#define CALL(at)                                                               \
	".set push\n\t.set noreorder\n\tjalr $3, " at "\n\tnop\n\t.set pop"

static inline u32 get_gpr(u32 n)
{
	register u32 v __asm__("$2") = (uintptr_t)world_code + MIPS_WORLD_GPR(n);

	__asm__ volatile(CALL("%0") : "+r"(v) : : "$3");
	return v;
}

static inline void set_gpr(u32 n, u32 value)
{
	register u32 v __asm__("$2") = value;
	u32 at = (uintptr_t)world_code + MIPS_WORLD_SET_GPR(n);

	__asm__ volatile(CALL("%0") : : "r"(at), "r"(v) : "$3");
}

static inline void walk(const struct mips_walk *w)
{
	register u32 asid __asm__("$2") = w->asid;
	register u32 directory __asm__("$4") = w->directory;
	u32 at = (uintptr_t)world_code + MIPS_WORLD_WALK;

	/* It may change k0 as well: what is stored of EPC is stored before. */
	__asm__ volatile(CALL("%1")
			 : "+r"(asid)
			 : "r"(at), "r"(directory)
			 : "$3", "memory");
}
#endif

/* ---- When it is simple ------------------------------------------------------------- */

/* With this Status, no interrupt comes. */
static inline bool quiet(u32 status)
{
	return !(g->pending & status & ST_IM);
}

/* The CPU can be told of the table. */
static inline bool is_ready(enum mips_table t)
{
	return g->table == t || g->walk[t].asid;
}

/* In the kernel, and Status is what was looked at. MIPS_UNSETTLED has ERL; and the
 * guest may have written that. */
static inline bool is_settled(u32 status)
{
	return !((status ^ g->settled) | (status & ST_ERL) |
		 (g->table ^ MIPS_KERNEL));
}

/* Status is what nothing else comes of, and the table is its, instead of `old`. */
static inline void settle(u32 *cp0, u32 status, enum mips_table old,
			  enum mips_table t)
{
	cp0[CP0_STATUS] = g->settled = status;
	if (old != t) {
		g->table = t;
		walk(&g->walk[t]);
	}
}

/* What is at `pc` is known to be between no LL and SC, as what only reads has to be; for
 * once less from now on. */
static inline bool take_alone(u32 pc)
{
	struct mips_alone *a = &g->alone[mips_alone_place(pc)];

	if (unlikely(a->va != pc || !a->times))
		return false;
	a->times--;
	return true;
}

/* ---- Exceptions ---------------------------------------------------------------------- */

/* No exception is being handled. BEV, as MIPS_UNSETTLED has it, is the long way's. */
static inline bool may_deliver(u32 status)
{
	if (unlikely(status != g->settled || status & ST_BEV))
		return false;
	if (likely(g->table != MIPS_KERNEL))
		return g->walk[MIPS_KERNEL].asid;
	return !(status & (ST_EXL | ST_ERL));
}

#define WHAT (CAUSE_BD | CAUSE_EXC_MASK | CAUSE_CE_MASK)

/* As mips_deliver() does then, of what was at `pc`; `what` are the bits of Cause that are
 * set. */
static inline void deliver(u32 *cp0, u32 status, u32 pc, u32 what)
{
	cp0[CP0_EPC] = pc;
	cp0[CP0_CAUSE] = (cp0[CP0_CAUSE] & ~WHAT) | what;
	settle(cp0, status | ST_EXL, g->table, MIPS_KERNEL);
	g->quick[1]++;
}

#endif

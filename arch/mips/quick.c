// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/quick.h"
#include "arch/mips/insn.h"

/*
 * The guest is in k1, which compilers leave alone. With GCC that is a variable, and
 * one register more to compute with.
 */
#if __STDC_HOSTED__
struct mips_guest *mips_quick_guest;
#define g mips_quick_guest
#elif defined(__clang__)
static inline struct mips_guest *in_k1(void)
{
	struct mips_guest *v;

	__asm__("move %0, $27" : "=r"(v));
	return v;
}
#define g in_k1()
#else
register struct mips_guest *g __asm__("$27");
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
#else
/* The accessors of world_code.h, which return to k0. */
extern char world_code[];

#define CALL(at)                                                               \
	".set push\n\t.set noreorder\n\t.set noat\n\tjalr $26, " at           \
	"\n\tnop\n\t.set pop"

static inline u32 get_gpr(u32 n)
{
	register u32 v __asm__("$2") = (uintptr_t)world_code + n * 8;

	__asm__ volatile(CALL("%0") : "+r"(v));
	return v;
}

static inline void set_gpr(u32 n, u32 value)
{
	register u32 v __asm__("$2") = value;
	u32 at = (uintptr_t)world_code + 256 + n * 8;

	__asm__ volatile(CALL("%0") : : "r"(at), "r"(v));
}
#endif

/* ---- When it is simple ------------------------------------------------------------- */

/* With this Status, no interrupt comes. */
static inline bool quiet(u32 status)
{
	return !(g->pending & status & ST_IM);
}

/* ---- Coprocessor 0 ------------------------------------------------------------------ */

/* DI or EI: in halves, with constants that fit into an instruction. */
static inline bool masks_interrupts(u32 insn)
{
	return insn >> 21 == INSN_DI >> 21 &&
	       (insn & 0xffff & ~INSN_EI) == (INSN_DI & 0xffff);
}

/* Each: false, and nothing has changed. */

static inline bool mask_interrupts(u32 insn, u32 status)
{
	u32 next = status & ~ST_IE;

	if (insn & INSN_EI) {
		if (unlikely(!quiet(status)))
			return false;
		next = status | ST_IE;
	}
	g->cp0[CP0_STATUS] = g->settled = next;
	if (INSN_RT(insn))
		set_gpr(INSN_RT(insn), status);
	return true;
}

/* The VPN2 of a probe or a write to the TLB to come: the same ASID. */
static inline bool set_entryhi(u32 insn)
{
	u32 value = get_gpr(INSN_RT(insn)) & (HI_VPN2 | g->asid_mask);

	if (unlikely((value ^ g->asid) & g->asid_mask))
		return false;
	g->cp0[CP0_ENTRYHI] = value;
	return true;
}

u32 mips_quick_trap(u32 insn, u32 pc)
{
	u32 status = g->cp0[CP0_STATUS];

	if (unlikely(status != g->settled || g->table != MIPS_KERNEL))
		goto long_way;
	if (likely(masks_interrupts(insn))) {
		if (mask_interrupts(insn, status))
			goto done;
	} else if ((insn & ~INSN_RT_MASK) == INSN_MTC0(0, CP0_ENTRYHI)) {
		if (set_entryhi(insn))
			goto done;
	}
long_way:
	g->insn = insn;
	g->trapped = true;
	g->pc = pc;
	return MIPS_LONG_WAY;
done:
	g->quick[0]++;
	return pc + 4;
}

/* ---- Other exceptions ------------------------------------------------------------------ */

u32 mips_quick_exception(u32 cause, u32 pc)
{
	g->pc = pc;
	return MIPS_LONG_WAY;
}

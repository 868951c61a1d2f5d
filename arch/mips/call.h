/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls (K44): what DI, EI and the way in which Linux restores interrupts become, as
 * no single instruction of user mode does the same. Each is a store of $0 to an
 * address of its own, in a window at which user mode finds nothing: an address
 * error, of which BadVAddr alone says what is to be done. The general vector jumps
 * from there into code that was made for this very instruction and its register
 * (world_code.h); nothing is fetched, decoded, or left to C but what is not simple.
 * It is a store, because what a fetch or SYNCI raises there is AdEL, as a load's.
 *
 *   DI rt             n = rt: all but k0 and k1, which the vector uses
 *   EI                n = 32
 *   beqz rs, 1f       n = 32 + rs, but for $0, k0 and k1: all three at once, at
 *    di               the branch. The two others stay as they are, for who jumps
 *   ei                there; and are looked at each time, for they may be changed
 * 1:                  later.
 *
 * The window belongs to the layout, as the commpage does: whatever a guest's kernel
 * stores there, aligned, is such a call. For its user mode it is what is at
 * other such addresses.
 *
 * In kernel mode the window's addresses are mapped, so that there is no address error
 * at an aligned one: who comes there by one is a guest. The vector relies on that, and
 * looks at no mode. EVA's stores by the hypervisor (guest_access.S) would be address
 * errors: whoever calls those has stopped at layout.last.
 */
#ifndef ARCH_MIPS_CALL_H
#define ARCH_MIPS_CALL_H

#include "arch/mips/guest.h"
#include "arch/mips/insn.h"

#define MIPS_CALLS 64
#define MIPS_CALL_AFTER 8 /* traps: a power of two */
#define MIPS_CALL_EI 32
#define MIPS_CALL_RESTORE(rs) (32 + (rs))

/* Where the sequence leads, and its parts are, from its first instruction on. */
#define MIPS_RESTORE_SIZE 12

/* Registers that the code for a call cannot work on. */
static inline bool mips_call_spares(u32 r)
{
	return r >> 1 == 13; /* k0, k1 */
}

static inline bool mips_is_restore(u32 n)
{
	return n > MIPS_CALL_EI;
}

static inline bool mips_call_exists(u32 n)
{
	return n < MIPS_CALLS && !mips_call_spares(n & 31);
}

/* Number of the call of which `va` is the address; MIPS_CALLS: of none. */
static inline u32 mips_call_at(const struct mips_layout *l, u32 va)
{
	u32 n = (va - l->calls) / 4;

	return l->calls && !(va & 3) && mips_call_exists(n) ? n : MIPS_CALLS;
}

static inline u32 mips_call_word(const struct mips_layout *l, u32 n)
{
	return INSN_I(OP_SW, 0, 0, l->calls + 4 * n);
}

/* The instruction that call `n` stands for. */
static inline u32 mips_call_insn(u32 n)
{
	if (n == MIPS_CALL_EI)
		return INSN_DI | INSN_EI;
	if (mips_is_restore(n))
		return INSN_I(OP_BEQ, n - MIPS_CALL_EI, 0, 2);
	return INSN_DI | n << 16;
}

/* What was taken for an exception of the guest's is one of the code's own, where it
 * reads behind the branch at pc: the guest's registers are those that it put away. */
static inline void mips_call_missed(struct mips_guest *g)
{
	if (likely(!g->reading))
		return;
	g->reading = 0;
	g->gpr[2] = g->kept[2];
	g->gpr[26] = g->kept[0];
	g->gpr[27] = g->kept[1];
}

/* The guest's word, whatever it has become. */
static inline u32 mips_call_undone(const struct mips_layout *l, u32 word)
{
	u32 n;

	if (likely(word >> 16 != OP_SW << 10))
		return word;
	n = mips_call_at(l, INSN_IMM(word));
	return n < MIPS_CALLS ? mips_call_insn(n) : word;
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * LL and SC around an instruction that traps (K45, bugs.md 37). The way back
 * into the guest is ERET, which clears the CPU's LL bit: SC would fail, go back
 * to LL, trap again, and so for ever. So when what trapped stands behind an LL,
 * what follows is carried out here as far as SC, which succeeds if the word is
 * still what LL found: that is in LL's register. Only for instructions that
 * read; nobody writes the TLB or a mode between LL and SC.
 *
 * Whatever is not understood ends it, at an instruction's boundary: the guest
 * goes on by itself, and SC fails, as it may.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

#define REACH 16 /* instructions, in either direction */
#define TAKEN_FOR_GRANTED 63

struct pair {
	u32 va, value;
	u64 gpa;
};

/* Registers that it writes; ~0: it is a branch, or unknown. */
static u32 written(u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		if (INSN_FUNCT(insn) == F_JR || INSN_FUNCT(insn) == F_JALR)
			return ~0U;
		return BIT32(INSN_RD(insn));
	case OP_SPECIAL3:
		return BIT32(INSN_FUNCT(insn) == F3_BSHFL ? INSN_RD(insn)
							  : INSN_RT(insn));
	case OP_COP0:
		return INSN_RS(insn) & COP0_CO ? 0 : BIT32(INSN_RT(insn));
	case OP_ADDIU:
	case OP_SLTI:
	case OP_SLTIU:
	case OP_ANDI:
	case OP_ORI:
	case OP_XORI:
	case OP_LUI:
	case OP_LW:
		return BIT32(INSN_RT(insn));
	}
	return ~0U;
}

/* The LL before `va`, if its registers still hold what they did. */
static bool find_ll(struct mips_guest *g, u32 va, u32 *ll)
{
	u32 insn, used, changed = 0;

	for (unsigned int n = 0;; n++, va -= 4) {
		if (n > REACH || mips_read_insn(g, va, &insn))
			return false;
		if (INSN_OP(insn) == OP_LL)
			break;
		if (written(insn) == ~0U)
			return false;
		changed |= written(insn);
	}
	*ll = insn;
	used = BIT32(INSN_RT(insn)) | BIT32(INSN_RS(insn));
	return !(changed & used & ~1U) && INSN_RT(insn) != INSN_RS(insn) &&
	       INSN_RT(insn);
}

/* What `ll` loaded, and whence. */
static bool find_word(const struct mips_guest *g, u32 ll, struct pair *p)
{
	struct mips_mapping m;
	bool refill;

	p->va = g->gpr[INSN_RS(ll)] + INSN_IMM(ll);
	p->value = g->gpr[INSN_RT(ll)];
	if (p->va & 3 ||
	    mips_guest_translate(g, p->va, MIPS_STORE, &m, &refill) ||
	    m.commpage)
		return false;
	p->gpa = m.gpa + (p->va - m.va);
	return true;
}

static bool load_word(struct mips_guest *g, u32 insn)
{
	u32 va = g->gpr[INSN_RS(insn)] + INSN_IMM(insn), value;
	struct mips_mapping m;
	bool refill;

	if (va & 3 || mips_guest_translate(g, va, MIPS_LOAD, &m, &refill) ||
	    m.commpage || g->ops->read(g, m.gpa + (va - m.va), &value, 4))
		return false;
	mips_set_gpr(g, INSN_RT(insn), value);
	return true;
}

/* A branch and its delay slot, at pc. */
static bool branch(struct mips_guest *g, u32 insn)
{
	u32 slot, target;

	switch (mips_branch(g, insn, g->pc, &target)) {
	case MIPS_NOT_A_BRANCH:
		return false;
	case MIPS_BRANCH:
		if (mips_read_insn(g, g->pc + 4, &slot) ||
		    !mips_compute(g, slot))
			return false;
		break;
	case MIPS_NULLIFIED:
		break;
	}
	g->pc = target;
	return true;
}

/* The instruction at pc, which is not SC. */
static bool step(struct mips_guest *g, u32 insn)
{
	if (mips_compute(g, insn) ||
	    (INSN_OP(insn) == OP_LW && load_word(g, insn))) {
		g->pc += 4;
		return true;
	}
	return branch(g, insn);
}

static void store_conditional(struct mips_guest *g, const struct pair *p,
			      u32 insn)
{
	u32 rt = INSN_RT(insn);
	int err;

	if (g->gpr[INSN_RS(insn)] + INSN_IMM(insn) != p->va)
		return;
	err = g->ops->exchange(g, p->gpa, p->value, g->gpr[rt]);
	if (err == -EFAULT)
		return;
	mips_set_gpr(g, rt, !err);
	g->pc += 4;
}

/*
 * Looking for LL takes longer than all the rest. So where there was none, none is
 * looked for some times. The code may have become another since: then SC fails so
 * often, and no more.
 */
static bool known_alone(struct mips_guest *g, u32 va)
{
	unsigned int n = va / 4 % MIPS_ALONE;

	if (g->alone[n].va != va || !g->alone[n].times)
		return false;
	g->alone[n].times--;
	return true;
}

static void set_alone(struct mips_guest *g, u32 va)
{
	unsigned int n = va / 4 % MIPS_ALONE;

	g->alone[n].va = va;
	g->alone[n].times = TAKEN_FOR_GRANTED;
}

void mips_finish_pair(struct mips_guest *g, u32 va)
{
	struct pair p;
	u32 insn, ll;

	/* Where it was a branch's delay slot, pc is somewhere else. */
	if (g->bd || known_alone(g, va))
		return;
	if (!find_ll(g, va, &ll)) {
		set_alone(g, va);
		return;
	}
	if (!find_word(g, ll, &p))
		return;
	for (unsigned int n = 0; n < REACH; n++) {
		if (mips_read_insn(g, g->pc, &insn))
			return;
		if (INSN_OP(insn) == OP_SC) {
			store_conditional(g, &p, insn);
			return;
		}
		if (!step(g, insn))
			return;
	}
}

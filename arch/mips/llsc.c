// SPDX-License-Identifier: BSD-2-Clause
/*
 * LL and SC around an instruction that traps (K45, bugs.md 37). The way back
 * into the guest is ERET, which clears the CPU's LL bit: SC would fail, go back
 * to LL, trap again, and so for ever. So when what trapped stands behind an LL,
 * what follows is carried out here as far as SC.
 *
 * SC succeeds if the word is still what LL found, and that is known: it is in LL's
 * register, nothing between has changed that or the address, and nobody else has
 * run since. Otherwise this SC fails, as it may; but here we stay, through the
 * guest's way back to LL, and carry the whole pair out, what traps in it included:
 * then it succeeds. No other vCPU runs meanwhile.
 *
 * Whatever is not understood ends it, at an instruction's boundary: the guest
 * goes on by itself, and SC fails. Only for instructions that read: nobody writes
 * the TLB or a mode between LL and SC.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

#define REACH 16 /* instructions from LL to what traps */
#define MOST  64 /* instructions carried out */
#define TAKEN_FOR_GRANTED 63

enum { ALONE, BROKEN, WHOLE };

struct pair {
	bool linked; /* the rest holds */
	u32 va, value;
	u64 gpa;
};

/* What one instruction came to. */
enum result { DONE, STORED, LEFT };

/* Registers that it writes; ~0: unknown, or a branch, behind which who jumped
 * there stands too. */
static u32 written(u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
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

/* Whence nobody comes to what stands behind it and its delay slot. */
static bool leaves(u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_SPECIAL:
		return INSN_FUNCT(insn) == F_JR || INSN_FUNCT(insn) == F_JALR;
	case OP_J:
	case OP_JAL:
	case OP_SC:
		return true;
	case OP_BEQ:
		return INSN_RS(insn) == INSN_RT(insn);
	}
	return insn == INSN_CO(CO_ERET);
}

/*
 * The LL before `va`, if there is one; and is the pair whole: are its registers as
 * it left them, and has it been executed since others have run?
 */
static int find_ll(struct mips_guest *g, u32 va, u32 *ll)
{
	u32 insn, used, changed = 0, at = va;

	for (unsigned int n = 0;; n++, at -= 4) {
		if (n > REACH || mips_read_insn(g, at, &insn))
			return ALONE;
		if (INSN_OP(insn) == OP_LL)
			break;
		if (leaves(insn) && !(g->bd && n == 1))
			return ALONE;
		changed |= written(insn);
	}
	*ll = insn;
	used = BIT32(INSN_RT(insn)) | BIT32(INSN_RS(insn));
	if (changed & used & ~1U || INSN_RT(insn) == INSN_RS(insn) ||
	    !INSN_RT(insn) || g->resumed - (at + 4) <= va - (at + 4))
		return BROKEN;
	return WHOLE;
}

/* The word at `va`, which the guest may write. */
static bool find_word(const struct mips_guest *g, u32 va, struct pair *p)
{
	struct mips_mapping m;
	bool refill;

	if (va & 3 || mips_guest_translate(g, va, MIPS_STORE, &m, &refill) ||
	    m.commpage)
		return false;
	p->va = va;
	p->gpa = m.gpa + (va - m.va);
	return true;
}

static u32 address(const struct mips_guest *g, u32 insn)
{
	return g->gpr[INSN_RS(insn)] + INSN_IMM(insn);
}

/* Of a register in the commpage too: that is what translation has made. */
static bool load_word(struct mips_guest *g, u32 insn)
{
	u32 va = address(g, insn), value;
	struct mips_mapping m;
	bool refill;

	if (va & 3 || mips_guest_translate(g, va, MIPS_LOAD, &m, &refill))
		return false;
	if (m.commpage) {
		if (va - g->layout.commpage >= 4 * CP0_REGISTERS)
			return false;
		value = g->cp0[(va - g->layout.commpage) / 4];
	} else if (g->ops->read(g, m.gpa + (va - m.va), &value, 4)) {
		return false;
	}
	mips_set_gpr(g, INSN_RT(insn), value);
	return true;
}

static enum result load_linked(struct mips_guest *g, struct pair *p, u32 insn)
{
	if (!find_word(g, address(g, insn), p) ||
	    g->ops->read(g, p->gpa, &p->value, 4))
		return LEFT;
	p->linked = true;
	mips_set_gpr(g, INSN_RT(insn), p->value);
	return DONE;
}

static enum result store_conditional(struct mips_guest *g, struct pair *p,
				     u32 insn)
{
	u32 rt = INSN_RT(insn);
	int err = -EAGAIN;

	if (p->linked) {
		if (address(g, insn) != p->va)
			return LEFT;
		err = g->ops->exchange(g, p->gpa, p->value, g->gpr[rt]);
		if (err == -EFAULT)
			return LEFT;
	}
	p->linked = false;
	mips_set_gpr(g, rt, !err);
	return err ? DONE : STORED;
}

/* An instruction that is no branch, and does not trap; pc stays. */
static enum result one(struct mips_guest *g, struct pair *p, u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_LL:
		return load_linked(g, p, insn);
	case OP_SC:
		return store_conditional(g, p, insn);
	case OP_LW:
		return load_word(g, insn) ? DONE : LEFT;
	}
	return mips_compute(g, insn) ? DONE : LEFT;
}

/* What traps and is looked for here: MFC0, TLBP, TLBR and RDHWR; else 0. */
static u32 trap_of(u32 insn)
{
	if (INSN_OP(insn) == OP_SPECIAL3 && INSN_FUNCT(insn) == F3_RDHWR)
		return CAUSE_EXC(EXC_RI);
	if (INSN_OP(insn) == OP_COP0 &&
	    (INSN_RS(insn) == COP0_MFC0 || insn == INSN_CO(CO_TLBP) ||
	     insn == INSN_CO(CO_TLBR)))
		return CAUSE_EXC(EXC_CPU);
	return 0;
}

/* It traps: at pc, or in the delay slot of the branch there. An exception that the
 * guest takes for it is the end. */
static enum result trap(struct mips_guest *g, u32 insn, u32 cause, u32 next)
{
	mips_guest_trap(g, cause, 0, &insn);
	return g->pc == next ? DONE : LEFT;
}

/* A branch and its delay slot, at pc. */
static enum result branch(struct mips_guest *g, struct pair *p, u32 insn)
{
	enum result r = DONE;
	u32 slot, target;

	switch (mips_branch(g, insn, g->pc, &target)) {
	case MIPS_NOT_A_BRANCH:
	case MIPS_RESERVED:
		return LEFT;
	case MIPS_BRANCH:
		if (mips_read_insn(g, g->pc + 4, &slot))
			return LEFT;
		if (trap_of(slot))
			return trap(g, slot, trap_of(slot) | CAUSE_BD, target);
		r = one(g, p, slot);
		if (r == LEFT)
			return LEFT;
		break;
	case MIPS_NULLIFIED:
		break;
	}
	g->pc = target;
	return r;
}

static enum result step(struct mips_guest *g, struct pair *p, u32 insn)
{
	enum result r;

	if (trap_of(insn))
		return trap(g, insn, trap_of(insn), g->pc + 4);
	r = one(g, p, insn);
	if (r == LEFT)
		return branch(g, p, insn);
	g->pc += 4;
	return r;
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

/* As far as an SC that stores. */
static void carry_out(struct mips_guest *g, struct pair *p)
{
	u32 insn;

	g->in_pair = true;
	for (unsigned int n = 0; n < MOST; n++)
		if (mips_read_insn(g, g->pc, &insn) || step(g, p, insn) != DONE)
			break;
	g->in_pair = false;
}

void mips_finish_pair(struct mips_guest *g, u32 va)
{
	struct pair p = {.linked = false};
	u32 ll;

	if (g->in_pair || known_alone(g, va))
		return;
	switch (find_ll(g, va, &ll)) {
	case ALONE:
		set_alone(g, va);
		return;
	case WHOLE:
		if (!find_word(g, address(g, ll), &p))
			return;
		p.value = g->gpr[INSN_RT(ll)];
		p.linked = true;
	}
	g->resumed = MIPS_NOWHERE;
	carry_out(g, &p);
}

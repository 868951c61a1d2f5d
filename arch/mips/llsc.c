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
#define FOLLOWED 8 /* of so many branches past SC, one */

enum { ALONE, BROKEN, WHOLE };

struct pair {
	bool linked; /* the rest holds */
	u32 va, value;
};

/* What code is read by: so many words at once. */
struct code {
	u32 va; /* of the first */
	u32 insn[MIPS_FETCH_WORDS];
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

/* The words as they are: a call is the store that it has become, which, as the branch
 * that it may have been, is not understood. */
static int read_insn(struct mips_guest *g, struct code *c, u32 va, u32 *insn)
{
	u32 start = va & ~(u32)(sizeof(c->insn) - 4);

	if (unlikely(start != c->va)) {
		c->va = MIPS_NOWHERE;
		if (va > g->layout.last || va & 3 ||
		    g->ops->fetch_words(g, start, c->insn))
			return -EFAULT;
		c->va = start;
	}
	*insn = c->insn[va / 4 % MIPS_FETCH_WORDS];
	return 0;
}

/*
 * The LL before `va`, if there is one; and is the pair whole: are its registers as
 * it left them, and has it been executed since others have run?
 */
static int find_ll(struct mips_guest *g, struct code *c, u32 va, u32 *ll)
{
	u32 insn, used, changed = 0, at = va;

	for (unsigned int n = 0;; n++, at -= 4) {
		if (n > REACH || read_insn(g, c, at, &insn))
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

/* A word there, which the table in use has as the mode has it. */
static bool is_kseg0(const struct mips_guest *g, u32 va)
{
	return mips_unmapped(&g->layout, va) && !(va & 3) &&
	       g->table == MIPS_KERNEL && mips_guest_kernel_mode(g);
}

/* The guest may access the word at `va`, and it is memory. */
static bool find_word(const struct mips_guest *g, u32 va,
		      enum mips_access access, u64 *gpa)
{
	struct mips_mapping m;
	bool refill;

	if (va & 3 || mips_guest_translate(g, va, access, &m, &refill) ||
	    m.commpage)
		return false;
	*gpa = m.gpa + (va - m.va);
	return true;
}

static u32 address(const struct mips_guest *g, u32 insn)
{
	return g->gpr[INSN_RS(insn)] + INSN_IMM(insn);
}

/* For LL, where it may be written as well. */
static bool read_word(struct mips_guest *g, u32 va, enum mips_access access,
		      u32 *value)
{
	u64 gpa;

	if (likely(is_kseg0(g, va)) &&
	    !g->ops->read_kseg0(g, va, value))
		return true;
	return find_word(g, va, access, &gpa) &&
	       !g->ops->read(g, gpa, value, 4);
}

static int exchange(struct mips_guest *g, const struct pair *p, u32 new)
{
	int err = -EFAULT;
	u64 gpa;

	if (likely(is_kseg0(g, p->va)))
		err = g->ops->exchange_kseg0(g, p->va, p->value, new);
	if (err == -EFAULT && find_word(g, p->va, MIPS_STORE, &gpa))
		err = g->ops->exchange(g, gpa, p->value, new);
	return err;
}

/* Of a register in the commpage too: that is what translation has made. */
static bool load_word(struct mips_guest *g, u32 insn)
{
	u32 va = address(g, insn), value;

	if (mips_in_commpage(&g->layout, va) && mips_guest_kernel_mode(g)) {
		if (va & 3 || va - g->layout.commpage >= 4 * CP0_REGISTERS)
			return false;
		value = g->cp0[(va - g->layout.commpage) / 4];
	} else if (!read_word(g, va, MIPS_LOAD, &value)) {
		return false;
	}
	mips_set_gpr(g, INSN_RT(insn), value);
	return true;
}

static enum result load_linked(struct mips_guest *g, struct pair *p, u32 insn)
{
	p->va = address(g, insn);
	if (!read_word(g, p->va, MIPS_STORE, &p->value))
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
		err = exchange(g, p, g->gpr[rt]);
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
	if (insn == INSN_NOP)
		return DONE;
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

/*
 * Does the branch at pc lead past SC? Then the guest gives the pair up, as where there
 * is no page. Should it come back from there, in code that is like no other, it does
 * not get on: so it is followed there now and then.
 */
static bool gives_up(struct mips_guest *g, const struct pair *p, struct code *c,
		     u32 target)
{
	u32 insn;

	if (!p->linked || target - g->pc > 4 * MOST)
		return false;
	for (u32 at = g->pc + 8, n = 0; at != target && n < REACH; at += 4, n++) {
		if (read_insn(g, c, at, &insn))
			return false;
		if (INSN_OP(insn) == OP_SC)
			return ++g->given_up % FOLLOWED;
	}
	return false;
}

/* A branch and its delay slot, at pc. */
static enum result branch(struct mips_guest *g, struct pair *p, struct code *c,
			  u32 insn)
{
	enum result r = DONE;
	u32 slot, target;

	switch (mips_branch(g, insn, g->pc, &target)) {
	case MIPS_NOT_A_BRANCH:
	case MIPS_RESERVED:
		return LEFT;
	case MIPS_BRANCH:
		if (read_insn(g, c, g->pc + 4, &slot))
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
	if (r == DONE && gives_up(g, p, c, target))
		r = LEFT;
	g->pc = target;
	return r;
}

/* What entries of page tables are made with, and looked at: mips_compute() would do. */
static bool combine(struct mips_guest *g, u32 insn)
{
	u32 v = g->gpr[INSN_RS(insn)], imm = INSN_UIMM(insn);

	switch (INSN_OP(insn)) {
	case OP_ANDI:
		v &= imm;
		break;
	case OP_ORI:
		v |= imm;
		break;
	case OP_XORI:
		v ^= imm;
		break;
	default:
		return false;
	}
	mips_set_gpr(g, INSN_RT(insn), v);
	return true;
}

static enum result step(struct mips_guest *g, struct pair *p, struct code *c,
			u32 insn)
{
	enum result r = DONE;

	if (!combine(g, insn))
		r = one(g, p, insn);
	if (r == LEFT)
		return trap_of(insn) ? trap(g, insn, trap_of(insn), g->pc + 4)
				     : branch(g, p, c, insn);
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
	unsigned int n = mips_alone_place(va);

	if (g->alone[n].va != va || !g->alone[n].times)
		return false;
	g->alone[n].times--;
	return true;
}

static void set_alone(struct mips_guest *g, u32 va)
{
	unsigned int n = mips_alone_place(va);

	g->alone[n].va = va;
	g->alone[n].times = TAKEN_FOR_GRANTED;
}

/* As far as an SC that stores. */
static void carry_out(struct mips_guest *g, struct pair *p, struct code *c)
{
	u32 insn;

	g->in_pair = true;
	for (unsigned int n = 0; n < MOST; n++)
		if (read_insn(g, c, g->pc, &insn) ||
		    step(g, p, c, insn) != DONE)
			break;
	g->in_pair = false;
}

void mips_finish_pair(struct mips_guest *g, u32 va)
{
	struct pair p = {.linked = false};
	struct code c = {.va = MIPS_NOWHERE};
	u32 ll;

	if (g->in_pair || known_alone(g, va))
		return;
	switch (find_ll(g, &c, va, &ll)) {
	case ALONE:
		set_alone(g, va);
		return;
	case WHOLE:
		p.va = address(g, ll);
		p.value = g->gpr[INSN_RT(ll)];
		p.linked = true;
	}
	g->resumed = MIPS_NOWHERE;
	carry_out(g, &p, &c);
}

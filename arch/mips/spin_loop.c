// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/spin_loop.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"
#include "lib/string.h"

#define MOST 32 /* instructions of a loop */

/* The bytes that it loads, as they are put into a register; 0: it is no load. */
static unsigned int size_of_load(u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_LB:
	case OP_LBU:
		return 1;
	case OP_LH:
	case OP_LHU:
		return 2;
	case OP_LW:
	case OP_LL:
		return 4;
	}
	return 0;
}

static u32 extended(u32 insn, u32 value)
{
	switch (INSN_OP(insn)) {
	case OP_LB:
		return (u32)(s8)value;
	case OP_LH:
		return (u32)(s16)value;
	}
	return value;
}

static bool load(struct mips_guest *g, struct mips_spin *s, u32 insn,
		 unsigned int size)
{
	u32 va = g->gpr[INSN_RS(insn)] + INSN_IMM(insn), value;
	struct mips_mapping m;
	bool refill;
	u64 gpa;

	if (va & (size - 1) || s->words == MIPS_SPIN_WORDS ||
	    mips_guest_translate(g, va, MIPS_LOAD, &m, &refill) || m.commpage)
		return false;
	gpa = m.gpa + (va - m.va);
	if (g->ops->read(g, gpa, &value, size))
		return false;
	s->word[s->words].gpa = gpa;
	s->word[s->words].value = value;
	s->word[s->words++].size = size;
	mips_set_gpr(g, INSN_RT(insn), extended(insn, value));
	return true;
}

/* An instruction that is no branch. */
static bool one(struct mips_guest *g, struct mips_spin *s, u32 insn)
{
	unsigned int size = size_of_load(insn);

	return size ? load(g, s, insn, size) : mips_compute(g, insn);
}

static bool step(struct mips_guest *g, struct mips_spin *s)
{
	u32 insn, slot, target;

	if (mips_read_insn(g, g->pc, &insn))
		return false;
	switch (mips_branch(g, insn, g->pc, &target)) {
	case MIPS_BRANCH:
		if (mips_read_insn(g, g->pc + 4, &slot) || !one(g, s, slot))
			return false;
		g->pc = target;
		return true;
	case MIPS_NULLIFIED:
		g->pc = target;
		return true;
	case MIPS_RESERVED:
		return false;
	case MIPS_NOT_A_BRANCH:
		break;
	}
	if (!one(g, s, insn))
		return false;
	g->pc += 4;
	return true;
}

bool mips_spins(struct mips_guest *g, struct mips_spin *s)
{
	u32 gpr[ARRAY_SIZE(g->gpr)], pc = g->pc;
	bool spins = false;

	memcpy(gpr, g->gpr, sizeof(gpr));
	s->words = 0;
	for (int n = 0; n < MOST && step(g, s); n++) {
		if (g->pc == pc) {
			spins = !memcmp(gpr, g->gpr, sizeof(gpr));
			break;
		}
	}
	memcpy(g->gpr, gpr, sizeof(gpr));
	g->pc = pc;
	return spins;
}

bool mips_still_spins(struct mips_guest *g, const struct mips_spin *s)
{
	u32 value;

	for (unsigned int i = 0; i < s->words; i++)
		if (g->ops->read(g, s->word[i].gpa, &value, s->word[i].size) ||
		    value != s->word[i].value)
			return false;
	return true;
}

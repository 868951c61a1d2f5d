// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores by guest-physical address: of what has no page in a GVA
 * table (MD00086). What is no RAM is a device's (guest.h's operations say which is
 * looked for first). Little-endian.
 */
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"
#include "lib/errno.h"

#define STORE 8
#define PLAIN 16 /* all that it does is to load or to store so much */

static const u8 accesses[64] = {
	[OP_LB] = PLAIN | 1, [OP_LBU] = PLAIN | 1, [OP_LH] = PLAIN | 2,
	[OP_LHU] = PLAIN | 2, [OP_LW] = PLAIN | 4,
	[OP_LWL] = 1, [OP_LWR] = 1, [OP_LL] = 4,
	[OP_SB] = PLAIN | STORE | 1, [OP_SH] = PLAIN | STORE | 2,
	[OP_SW] = PLAIN | STORE | 4,
	[OP_SWL] = STORE | 1, [OP_SWR] = STORE | 1, [OP_SC] = STORE | 4,
};

static bool is_store(u32 op)
{
	return accesses[op] & STORE;
}

/* Of an access that must be aligned to it; 0: no load or store. */
static unsigned int aligned_size(u32 op)
{
	return accesses[op] & (STORE - 1);
}

/* ---- Loads --------------------------------------------------------------- */

/* What goes into the register: LWL replaces its upper bytes, LWR its lower. */
static u32 loaded(const struct mips_guest *g, u32 value)
{
	const struct mips_mmio *m = &g->mmio;
	u32 old = g->gpr[INSN_RT(m->insn)];

	switch (INSN_OP(m->insn)) {
	case OP_LB:
		return (u32)(s8)value;
	case OP_LBU:
		return (u8)value;
	case OP_LH:
		return (u32)(s16)value;
	case OP_LHU:
		return (u16)value;
	case OP_LWL:
		return value << (24 - 8 * m->offset) |
		       (old & (0x00ffffffU >> 8 * m->offset));
	case OP_LWR:
		return value >> 8 * m->offset |
		       (old & ~(0xffffffffU >> 8 * m->offset));
	}
	return value;
}

static enum mips_next end_load(struct mips_guest *g)
{
	struct mips_mmio *m = &g->mmio;

	if (INSN_OP(m->insn) == OP_LL) {
		g->ll = true;
		g->ll_gpa = m->gpa;
		g->ll_value = m->value;
	}
	mips_set_gpr(g, INSN_RT(m->insn), loaded(g, m->value));
	return mips_done(g);
}

static enum mips_next load(struct mips_guest *g, u64 gpa)
{
	struct mips_mmio *m = &g->mmio;
	u32 op = INSN_OP(m->insn);

	m->write = false;
	m->size = aligned_size(op);
	m->gpa = gpa;
	if (op == OP_LWL || op == OP_LWR) {
		m->size = 4;
		m->offset = gpa & 3;
		m->gpa &= ~3ULL;
	}
	if (g->ops->read(g, m->gpa, &m->value, m->size))
		return MIPS_MMIO;
	return end_load(g);
}

/* ---- Stores -------------------------------------------------------------- */

static void next_piece(struct mips_mmio *m)
{
	m->left -= m->size;
	m->gpa += m->size;
	m->rest = m->size == 4 ? 0 : m->rest >> 8 * m->size;
}

/* What is left, in pieces that are aligned: SWL and SWR store up to four bytes.
 */
static enum mips_next store_rest(struct mips_guest *g)
{
	struct mips_mmio *m = &g->mmio;

	for (; m->left; next_piece(m)) {
		m->size = 1;
		while (m->size * 2 <= m->left && !(m->gpa & (m->size * 2 - 1)))
			m->size *= 2;
		m->value = m->rest & (0xffffffffU >> (32 - 8 * m->size));
		if (g->ops->write(g, m->gpa, m->value, m->size))
			return MIPS_MMIO;
	}
	if (INSN_OP(m->insn) == OP_SC)
		mips_set_gpr(g, INSN_RT(m->insn), 1);
	return mips_done(g);
}

static enum mips_next store(struct mips_guest *g, u64 gpa)
{
	struct mips_mmio *m = &g->mmio;
	unsigned int offset = gpa & 3;

	m->write = true;
	m->rest = g->gpr[INSN_RT(m->insn)];
	m->gpa = gpa;
	switch (INSN_OP(m->insn)) {
	case OP_SWL:
		m->gpa -= offset;
		m->left = offset + 1;
		m->rest >>= 24 - 8 * offset;
		break;
	case OP_SWR:
		m->left = 4 - offset;
		break;
	default:
		m->left = aligned_size(INSN_OP(m->insn));
	}
	return store_rest(g);
}

/* A device takes whatever is stored; of memory it must be what LL found. */
static enum mips_next store_conditional(struct mips_guest *g, u64 gpa)
{
	u32 rt = INSN_RT(g->mmio.insn), value = g->gpr[rt];
	bool linked = g->ll && g->ll_gpa == gpa;
	int err;

	g->ll = false;
	err = linked ? g->ops->exchange(g, gpa, g->ll_value, value) : -EAGAIN;
	if (err == -EFAULT)
		return store(g, gpa);
	mips_set_gpr(g, rt, !err);
	return mips_done(g);
}

/* ---- Of a device, the short way ----------------------------------------------- */

/* Nothing but registers has changed where it is false, and those for a link, which the
 * long way writes again. */
static bool find_next(struct mips_guest *g)
{
	u32 branch;

	g->next = g->pc + 4;
	return likely(!g->bd) ||
	       (!mips_read_insn(g, g->pc, &branch) &&
		mips_branch(g, branch, g->pc, &g->next) == MIPS_BRANCH);
}

bool mips_plain_access(struct mips_guest *g, u32 cause, u32 va, const u32 *badinstr,
		       struct mips_plain *p)
{
	bool store = CAUSE_EXC_OF(cause) == EXC_ADES;
	u32 at = g->pc + (cause & CAUSE_BD ? 4 : 0), op;

	if (unlikely(!mips_guest_kernel_mode(g) || !mips_emulated(&g->layout, va) ||
		     va == at))
		return false;
	if (badinstr)
		p->insn = *badinstr;
	else if (unlikely(mips_read_insn(g, at, &p->insn)))
		return false;
	op = INSN_OP(p->insn);
	p->size = aligned_size(op);
	p->write = store;
	if (unlikely(!(accesses[op] & PLAIN) || store != is_store(op) ||
		     va != g->gpr[INSN_RS(p->insn)] + INSN_IMM(p->insn) ||
		     va & (p->size - 1) || g->pc & 3))
		return false;
	g->bd = cause & CAUSE_BD;
	if (!find_next(g))
		return false;
	p->value = 0;
	if (store)
		p->value = g->gpr[INSN_RT(p->insn)] &
			   (0xffffffffU >> (32 - 8 * p->size));
	return true;
}

void mips_plain_done(struct mips_guest *g, const struct mips_plain *p, u32 value)
{
	u32 op = INSN_OP(p->insn);

	g->pc = g->next;
	if (p->write)
		return;
	if (op == OP_LB)
		value = (u32)(s8)value;
	else if (op == OP_LBU)
		value = (u8)value;
	else if (op == OP_LH)
		value = (u32)(s16)value;
	else if (op == OP_LHU)
		value = (u16)value;
	mips_set_gpr(g, INSN_RT(p->insn), value);
}

/* ---- Both ---------------------------------------------------------------- */

static enum mips_next address_error(struct mips_guest *g, bool write)
{
	mips_deliver_address(g, write ? EXC_ADES : EXC_ADEL, g->map.fault);
	return MIPS_RUN;
}

enum mips_next mips_emulate_access(struct mips_guest *g, u32 insn)
{
	u32 op = INSN_OP(insn), va = g->map.fault;
	unsigned int size = aligned_size(op);
	bool write = is_store(op);
	enum mips_next next;
	u64 gpa = g->map.gpa + (va - g->map.va);

	if (op == OP_PREF || op == OP_CACHE || (op == OP_REGIMM && INSN_RT(insn) == RI_SYNCI))
		return mips_find_next(g, &next) ? mips_done(g) : next;
	if (!size) {
		mips_guest_bus_error(g);
		return MIPS_RUN;
	}
	/* Not what trapped? Then it is executed. */
	if (va != g->gpr[INSN_RS(insn)] + INSN_IMM(insn) ||
	    write != (g->map.access == MIPS_STORE))
		return MIPS_RUN;
	if (va & (size - 1))
		return address_error(g, write);
	if (!mips_find_next(g, &next))
		return next;
	g->mmio = (struct mips_mmio){.insn = insn};
	if (op == OP_SC)
		return store_conditional(g, gpa);
	return write ? store(g, gpa) : load(g, gpa);
}

enum mips_next mips_guest_complete_mmio(struct mips_guest *g)
{
	if (!g->mmio.write)
		return end_load(g);
	next_piece(&g->mmio);
	return store_rest(g);
}

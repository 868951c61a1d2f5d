// SPDX-License-Identifier: BSD-2-Clause
/*
 * Distributor registers that GICv2, GICv3 and GICv3 redistributors share: a
 * bit, two bits or a byte for each interrupt (IHI 0048B 4.3, IHI 0069 12.9).
 */
#include "arch/armcommon/vgic_internal.h"

void vgic_regs_access(const struct vgic_regs *regs, struct vgic_access *a,
		      struct mmio_access *m)
{
	unsigned int n = a->offset >> VGIC_REGS_SHIFT;

	if (!m->write)
		m->value = 0;
	if (n >= VGIC_REGS || !(regs[n].sizes & a->size) ||
	    !IS_ALIGNED(a->offset, (u32)a->size))
		return;
	if (!m->write) {
		if (regs[n].read)
			m->value = regs[n].read(a);
	} else if (regs[n].write) {
		regs[n].write(a, m->value);
	}
}

struct vgic_bank *vgic_access_bank(const struct vgic_access *a, unsigned int b)
{
	if (b < a->first_bank || b >= a->end_bank)
		return NULL;
	return vgic_bank(a->vgic, vgic_cpu_of(a->v), b);
}

u32 vgic_component_id(unsigned int n)
{
	static const u8 cidr[4] = { 0x0d, 0xf0, 0x05, 0xb1 };

	return cidr[n & 3];
}

/* ---- A bit for each interrupt: 32 bits are a bank --------------------------- */

static unsigned int bank_at(const struct vgic_access *a)
{
	return a->offset % 128 / 4;
}

/* Plain state, that list registers have no part in: no lock for one word. */
u64 vgic_read_group(const struct vgic_access *a)
{
	const struct vgic_bank *bank = vgic_access_bank(a, bank_at(a));

	return bank ? READ_ONCE(bank->group1) : 0;
}

u64 vgic_read_enable(const struct vgic_access *a)
{
	const struct vgic_bank *bank = vgic_access_bank(a, bank_at(a));

	return bank ? READ_ONCE(bank->enabled) : 0;
}

u64 vgic_read_pending(const struct vgic_access *a)
{
	u64 word;

	if (!vgic_access_bank(a, bank_at(a)))
		return 0;
	vgic_lock(a->vgic);
	word = vgic_pending_word(a->vgic, a->v, bank_at(a));
	vgic_unlock(a->vgic);
	return word;
}

u64 vgic_read_active(const struct vgic_access *a)
{
	u64 word;

	if (!vgic_access_bank(a, bank_at(a)))
		return 0;
	vgic_lock(a->vgic);
	word = vgic_active_word(a->vgic, a->v, bank_at(a));
	vgic_unlock(a->vgic);
	return word;
}

/* What a write changes: the bits `mask` of bank b, recalled when it begins. */
struct change {
	struct vgic_bank *bank;
	unsigned int b;
	u32 mask;
	bool recalled;
};

/* False: no such bank, nothing to change, and no lock held. */
static bool change_begin(const struct vgic_access *a, struct change *c,
			 unsigned int b)
{
	c->b = b;
	c->bank = vgic_access_bank(a, b);
	if (!c->bank)
		return false;
	vgic_lock(a->vgic);
	return true;
}

static void change_recall(const struct vgic_access *a, struct change *c,
			  u32 mask)
{
	c->mask = mask;
	c->recalled = vgic_recall_word(a->vgic, a->v, c->b, mask);
}

static void change_end(const struct vgic_access *a, struct change *c)
{
	if (c->mask)
		vgic_settle_word(a->vgic, a->by, a->v, c->b, c->mask,
				 c->recalled);
	vgic_unlock(a->vgic);
}

/* Interrupts of bank b that GICv2 keeps from ordinary writes: its SGIs. */
static u32 fixed_sgis(const struct vgic_access *a, unsigned int b)
{
	return a->vgic->version == 2 && b == 0 ? ALL_SGIS : 0;
}

void vgic_write_group(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, c.bank->group1 ^ (u32)val);
	c.bank->group1 = val;
	change_end(a, &c);
}

void vgic_write_set_enable(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val & ~c.bank->enabled);
	c.bank->enabled |= c.mask;
	change_end(a, &c);
}

void vgic_write_clear_enable(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val & c.bank->enabled & ~fixed_sgis(a, c.b));
	c.bank->enabled &= ~c.mask;
	change_end(a, &c);
}

/* GICv2's SGIs are made pending by GICD_SPENDSGIR, with their source. */
void vgic_write_set_pending(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val & ~fixed_sgis(a, c.b));
	c.bank->latched |= c.mask;
	change_end(a, &c);
}

/* A level interrupt whose line is high stays pending. What a list register of
 * another CPU holds is disowned: see absorb(). */
void vgic_write_clear_pending(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val & ~fixed_sgis(a, c.b));
	c.bank->latched &= ~c.mask;
	c.bank->lr_latched &= ~c.mask;
	c.bank->line &= ~(c.mask & c.bank->hw);
	change_end(a, &c);
}

void vgic_write_set_active(const struct vgic_access *a, u64 val)
{
	struct change c;
	u32 left;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val);
	/* Nobody has taken it: it is the writer's to end. */
	left = c.mask & ~(c.bank->active | c.bank->listed);
	c.bank->active |= c.mask;
	for (; left; left &= left - 1) {
		unsigned int i = __builtin_ctz(left);

		c.bank->owner[i] = c.b ? a->by->id : a->v->id;
		if (fixed_sgis(a, c.b) & BIT32(i))
			vgic_cpu_of(a->v)->sgi_active_source[i] = a->v->id;
	}
	change_end(a, &c);
}

void vgic_write_clear_active(const struct vgic_access *a, u64 val)
{
	struct change c;

	if (!change_begin(a, &c, bank_at(a)))
		return;
	change_recall(a, &c, val);
	c.bank->active &= ~c.mask;
	c.bank->lr_active &= ~c.mask;
	c.bank->drop_active |= c.mask & c.bank->listed;
	change_end(a, &c);
}

/* ---- Two bits for each interrupt: of the pair, the upper says edge ---------- */

u64 vgic_read_config(const struct vgic_access *a)
{
	unsigned int reg = a->offset % 256 / 4, i;
	const struct vgic_bank *bank = vgic_access_bank(a, reg / 2);
	u32 edges, val = 0;

	if (!bank)
		return 0;
	edges = READ_ONCE(bank->edge) >> (reg % 2 * 16);
	for (i = 0; i < 16; i++)
		val |= (edges >> i & 1) << (2 * i + 1);
	return val;
}

/* Private interrupts are what they are: SGIs edges, PPIs levels. */
void vgic_write_config(const struct vgic_access *a, u64 val)
{
	unsigned int reg = a->offset % 256 / 4, shift = reg % 2 * 16, i;
	u32 edges = 0, half = ALL_SGIS << shift;
	struct change c;

	if (reg / 2 == 0 || !change_begin(a, &c, reg / 2))
		return;
	for (i = 0; i < 16; i++)
		edges |= (u32)(val >> (2 * i + 1) & 1) << i;
	edges <<= shift;
	change_recall(a, &c, (c.bank->edge ^ edges) & half);
	c.bank->edge ^= c.mask;
	change_end(a, &c);
}

/* ---- A byte for each interrupt ------------------------------------------------- */

static unsigned int first_intid(const struct vgic_access *a)
{
	return a->offset % 0x400;
}

u64 vgic_read_priority(const struct vgic_access *a)
{
	unsigned int intid = first_intid(a), i;
	const struct vgic_bank *bank = vgic_access_bank(a, intid / 32);
	u64 val = 0;

	if (!bank)
		return 0;
	for (i = 0; i < a->size; i++)
		val |= (u64)bank->priority[intid % 32 + i] << (8 * i);
	return val;
}

void vgic_write_priority(const struct vgic_access *a, u64 val)
{
	unsigned int intid = first_intid(a), i;
	u8 implemented = ~(0xffU >> vgic_hw.pri_bits);
	struct change c;

	if (!change_begin(a, &c, intid / 32))
		return;
	change_recall(a, &c, ((1U << a->size) - 1) << intid % 32);
	for (i = 0; i < a->size; i++)
		c.bank->priority[intid % 32 + i] =
			(val >> (8 * i)) & implemented;
	change_end(a, &c);
}

/* ---- GICD_CTLR -------------------------------------------------------------------- */

void vgic_write_ctlr(struct vgic *vgic, u32 val)
{
	val &= CTLR_GROUP0 | CTLR_GROUP1;
	vgic_lock(vgic);
	if (val != vgic->ctlr) {
		vgic->ctlr = val;
		vgic_settle_all(vgic);
	}
	vgic_unlock(vgic);
}

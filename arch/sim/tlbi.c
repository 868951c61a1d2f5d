// SPDX-License-Identifier: BSD-2-Clause
/*
 * TLB maintenance: what each instruction removes, by its operand (Arm ARM DDI
 * 0487, C5.5 and D8.14; DDI 0406, B3.10.6 for ARMv7, where stage 2 can only be
 * invalidated by VMID).
 */
#include <stdlib.h>
#include "arch/sim/internal.h"

enum scope {
	BY_IPA,       /* stage 2, this VMID */
	BY_IPA_RANGE,
	STAGE_1,      /* and what is combined, this VMID */
	BOTH_STAGES,
	EVERY_VMID,   /* both stages, not the hypervisor's own */
	OWN_BY_VA,    /* the hypervisor's */
	OWN_BY_VA_RANGE,
	OWN,
};

#define EVERYWHERE 1 /* broadcast to the Inner Shareable domain */
#define LEAVES_ONLY 2
#define ARMV7 4

static const struct instruction {
	const char *name;
	enum scope scope;
	u8 how;
} instructions[SIM_TLBIS] = {
	[SIM_IPAS2E1IS] = { "tlbi-ipas2e1is", BY_IPA, EVERYWHERE },
	[SIM_IPAS2E1] = { "tlbi-ipas2e1", BY_IPA, 0 },
	[SIM_IPAS2LE1IS] = { "tlbi-ipas2le1is", BY_IPA,
		EVERYWHERE | LEAVES_ONLY },
	[SIM_RIPAS2E1IS] = { "tlbi-ripas2e1is", BY_IPA_RANGE, EVERYWHERE },
	[SIM_VMALLE1IS] = { "tlbi-vmalle1is", STAGE_1, EVERYWHERE },
	[SIM_VMALLE1] = { "tlbi-vmalle1", STAGE_1, 0 },
	[SIM_VMALLS12E1IS] = { "tlbi-vmalls12e1is", BOTH_STAGES, EVERYWHERE },
	[SIM_VMALLS12E1] = { "tlbi-vmalls12e1", BOTH_STAGES, 0 },
	[SIM_ALLE1IS] = { "tlbi-alle1is", EVERY_VMID, EVERYWHERE },
	[SIM_ALLE1] = { "tlbi-alle1", EVERY_VMID, 0 },
	[SIM_VAE2IS] = { "tlbi-vae2is", OWN_BY_VA, EVERYWHERE },
	[SIM_VALE2IS] = { "tlbi-vale2is", OWN_BY_VA, EVERYWHERE | LEAVES_ONLY },
	[SIM_VAE2] = { "tlbi-vae2", OWN_BY_VA, 0 },
	[SIM_RVAE2IS] = { "tlbi-rvae2is", OWN_BY_VA_RANGE, EVERYWHERE },
	[SIM_ALLE2IS] = { "tlbi-alle2is", OWN, EVERYWHERE },
	[SIM_ALLE2] = { "tlbi-alle2", OWN, 0 },
	[SIM_TLBIALLIS] = { "tlbiallis", BOTH_STAGES, EVERYWHERE | ARMV7 },
	[SIM_TLBIALL] = { "tlbiall", BOTH_STAGES, ARMV7 },
	[SIM_TLBIALLNSNHIS] = { "tlbiallnsnhis", EVERY_VMID,
		EVERYWHERE | ARMV7 },
	[SIM_TLBIALLNSNH] = { "tlbiallnsnh", EVERY_VMID, ARMV7 },
	[SIM_TLBIMVAHIS] = { "tlbimvahis", OWN_BY_VA, EVERYWHERE | ARMV7 },
	[SIM_TLBIALLHIS] = { "tlbiallhis", OWN, EVERYWHERE | ARMV7 },
};

static bool armv7(void)
{
	return sim_config.features & SIM_ARMV7;
}

/* ---- Operands ---------------------------------------------------------------- */

/* TTL[3:2]: the granule, 0 for no hint; TTL[1:0]: the level. */
static int ttl_level(unsigned int ttl)
{
	/* Level 0 of 4K and 16K, 0 and 1 ... are reserved: no hint. */
	if (!(ttl >> 2) || !(sim_config.features & SIM_TTL) || !(ttl & 3))
		return -1;
	return ttl & 3;
}

/* IPA[51:12] in 39:0, VA[55:12] in 43:0; ARMv7: MVA[31:12], in its place. */
static void address_span(const struct tlbi *t, struct span *s)
{
	bool own = instructions[t->op].scope == OWN_BY_VA;

	s->by_address = true;
	s->size = PAGE_SIZE;
	if (armv7()) {
		s->ia = t->operand & GENMASK64(31, 12);
		return;
	}
	s->ia = (t->operand & GENMASK64(own ? 43 : 39, 0)) << 12;
	s->hint = ttl_level(FIELD_GET(GENMASK64(47, 44), t->operand));
}

/*
 * BaseADDR in 36:0, in granules, or with FEAT_LPA2's DS in units of 64K; TTL
 * 38:37, NUM 43:39, SCALE 45:44, TG 47:46 (C5.5, TLBI RIPAS2E1IS).
 */
static void range_span(const struct tlbi *t, struct span *s)
{
	static const u8 shift[4] = { 0, 12, 14, 16 };
	unsigned int tg = FIELD_GET(GENMASK64(47, 46), t->operand);
	u64 num = FIELD_GET(GENMASK64(43, 39), t->operand);
	u64 scale = FIELD_GET(GENMASK64(45, 44), t->operand);
	unsigned int ttl = FIELD_GET(GENMASK64(38, 37), t->operand);

	s->by_address = true;
	s->ia = (t->operand & GENMASK64(36, 0)) << (t->ds ? 16 : shift[tg]);
	/* TG 0 is reserved: nothing need be invalidated. */
	s->size = tg ? (num + 1) << (5 * scale + 1) << shift[tg] : 0;
	s->hint = ttl ? (int)ttl : -1;
}

struct span tlbi_span(const struct tlbi *t)
{
	const struct instruction *i = &instructions[t->op];
	struct span s = { .vmid = t->vmid, .hint = -1,
			  .leaves_only = i->how & LEAVES_ONLY };

	s.all_vmids = i->scope == EVERY_VMID;
	s.stage1 = i->scope == STAGE_1 || i->scope == BOTH_STAGES ||
		   i->scope == EVERY_VMID;
	s.stage2 = i->scope != STAGE_1;
	if (i->scope == BY_IPA || i->scope == OWN_BY_VA)
		address_span(t, &s);
	if (i->scope == BY_IPA_RANGE || i->scope == OWN_BY_VA_RANGE)
		range_span(t, &s);
	return s;
}

static bool vmid_hits(const struct span *s, u32 vmid)
{
	return s->all_vmids ? vmid != NO_VMID : vmid == s->vmid;
}

/*
 * Whatever of a block is held goes with any address in it. A hint says at which
 * level the leaf is; no other level need be looked at, and no table (D8.14.5).
 * What the hypervisor's own tables hold counts as "stage 2": it is not combined
 * with anything.
 */
bool span_hits(const struct span *s, enum item_kind kind, u32 vmid, int level,
	       u64 ia, u64 size)
{
	if (!vmid_hits(s, vmid))
		return false;
	if (kind == ITEM_COMBINED ? !s->stage1 : !s->stage2)
		return false;
	if (!s->by_address)
		return true;
	if (!s->size || !ranges_overlap(s->ia, s->size, ia, size))
		return false;
	if (kind == ITEM_TABLE)
		return !s->leaves_only && s->hint < 0;
	return s->hint < 0 || s->hint == level;
}

/* ---- Instructions -------------------------------------------------------------- */

static bool in_icaches(const struct context *c)
{
	for (unsigned int i = 0; i < sim_config.cpus; i++)
		if (c->last_icache[i])
			return sim_config.features & SIM_VIPT_BY_VMID;
	return false;
}

/* The CPUs that are in the guest may take entries again at once. */
static void contexts_invalidate(const struct span *s, u32 cpus)
{
	for (unsigned int n = context_count; n--;) {
		struct context *c = &contexts[n];
		u32 gone = cpus & ~c->inside;

		if (!vmid_hits(s, c->vmid) || s->by_address)
			continue;
		for (unsigned int i = 0; i < sim_config.cpus; i++)
			if (s->stage1 && gone & BIT32(i))
				c->last_tlb[i] = 0;
		if (s->stage2 && (s->stage1 || c->vmid == NO_VMID))
			c->holding &= ~gone;
		if (!c->holding && !c->inside && !in_icaches(c))
			*c = contexts[--context_count];
	}
}

/*
 * Are there several that translate an address of it? By address or range, none
 * of them need go (D8.17.3, R_GRVDR).
 */
static bool doubled(const struct cpu_state *c, const struct tlb_entry *e)
{
	for (unsigned int n = 0; n < TLB_ENTRIES; n++) {
		const struct tlb_entry *o = &c->tlb[n];

		if (o->used && o->vmid == e->vmid && o->kind != ITEM_TABLE &&
		    o->level != e->level &&
		    ranges_overlap(o->ia, o->size, e->ia, e->size))
			return e->kind != ITEM_TABLE;
	}
	return false;
}

static void perform(const struct tlbi *t)
{
	struct span s = tlbi_span(t);
	u32 cpus = BIT32(me);

	if (instructions[t->op].how & EVERYWHERE)
		cpus = BIT32(sim_config.cpus) - 1;
	for (unsigned int i = 0; i < sim_config.cpus; i++) {
		if (!(cpus & BIT32(i)))
			continue;
		for (unsigned int n = 0; n < TLB_ENTRIES; n++) {
			struct tlb_entry *e = &sim_cpu[i].tlb[n];

			if (e->used && span_hits(&s, e->kind, e->vmid, e->level,
						 e->ia, e->size) &&
			    !(s.by_address && doubled(&sim_cpu[i], e)))
				e->used = false;
		}
	}
	stale_check_hint(&s);
	stale_invalidate(&s, cpus);
	contexts_invalidate(&s, cpus);
}

static bool is_own(enum sim_tlbi op)
{
	return instructions[op].scope >= OWN_BY_VA;
}

void sim_tlbi(enum sim_tlbi op, u64 operand)
{
	struct cpu_state *c = &sim_cpu[me];
	const struct regime *r = is_own(op) ? &c->own : &c->regime;

	sim_lock();
	trace(instructions[op].name, is_own(op) ? NO_VMID : r->vmid, operand);
	/* Undefined, on the other architecture. */
	if (c->pending_count == TLBI_PENDING ||
	    !(instructions[op].how & ARMV7) == armv7())
		abort();
	if (c->unsynchronised && !is_own(op) &&
	    instructions[op].scope != EVERY_VMID)
		broken(SIM_CONTEXT, r->root, "%s by VTTBR_EL2 without an ISB",
		       instructions[op].name);
	c->pending[c->pending_count++] = (struct tlbi){
		.op = op, .vmid = is_own(op) ? NO_VMID : r->vmid,
		.operand = operand, .ds = r->ds,
	};
	speculate();
	sim_unlock();
}

static bool completes(enum sim_dsb which, const struct tlbi *t)
{
	return which == SIM_DSB_ISH ||
	       !(instructions[t->op].how & EVERYWHERE);
}

/* Those of stage 2, or those of stage 1 alone. */
static void perform_pending(enum sim_dsb which, bool stage2)
{
	const struct cpu_state *c = &sim_cpu[me];

	for (unsigned int n = 0; n < c->pending_count; n++) {
		if (completes(which, &c->pending[n]) &&
		    tlbi_span(&c->pending[n]).stage2 == stage2)
			perform(&c->pending[n]);
		speculate();
	}
}

static void drop_performed(enum sim_dsb which)
{
	struct cpu_state *c = &sim_cpu[me];
	unsigned int left = 0;

	for (unsigned int n = 0; n < c->pending_count; n++)
		if (!completes(which, &c->pending[n]))
			c->pending[left++] = c->pending[n];
	c->completed |= left < c->pending_count;
	c->pending_count = left;
}

/* Without a DSB between them they are done in any order: stage 1 first is the
 * worst, for stage 2 is what it is filled from. */
void sim_dsb_of(enum sim_dsb which)
{
	struct cpu_state *c = &sim_cpu[me];

	if (which == SIM_DSB_ISHST)
		return;
	sim_lock();
	trace("dsb", 0, which);
	perform_pending(which, false);
	perform_pending(which, true);
	drop_performed(which);
	c->walks = c->in_guest;
	sim_unlock();
}

void sim_dsb(void)
{
	sim_dsb_of(SIM_DSB_ISH);
}

void sim_isb(void)
{
	sim_lock();
	registers_synchronise();
	sim_unlock();
}

void sim_ic_iallu(bool broadcast)
{
	sim_lock();
	for (unsigned int n = context_count; n--;) {
		struct context *c = &contexts[n];

		for (unsigned int i = 0; i < sim_config.cpus; i++)
			if ((broadcast || i == me) && !(c->inside & BIT32(i)))
				c->last_icache[i] = 0;
		if (!c->holding && !c->inside && !in_icaches(c))
			*c = contexts[--context_count];
	}
	sim_unlock();
}

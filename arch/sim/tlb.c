// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPUs: what each TLB holds, how it is invalidated, and guest accesses.
 *
 * A TLB takes entries when its CPU, in the guest, accesses memory or feels like
 * it (speculation), and loses them at random; it never takes one whose access
 * flag is clear (D8.5.1). At EL2 the guest's regime is out of context, and no
 * TLB takes any of it (D8.2.10); what it has, it keeps.
 */
#include <stdlib.h>
#include <string.h>
#include "arch/sim/internal.h"

struct cpu_state sim_cpu[SIM_CPUS];
struct context contexts[CONTEXTS];
unsigned int context_count;

#define ADDRESSES 64
static u64 addresses[ADDRESSES];
static unsigned int next_address;

void cpus_reset(void)
{
	memset(sim_cpu, 0, sizeof(sim_cpu));
	memset(addresses, 0, sizeof(addresses));
	context_count = 0;
	next_address = 0;
}

void remember_address(u64 ia)
{
	addresses[next_address++ % ADDRESSES] = ia;
}

/* ---- Contexts ---------------------------------------------- */

static struct context *context_find(u64 root, u16 vmid)
{
	for (unsigned int n = 0; n < context_count; n++)
		if (contexts[n].root == root && contexts[n].vmid == vmid)
			return &contexts[n];
	return NULL;
}

static struct context *context_make(u64 root, u16 vmid)
{
	struct context *c = context_find(root, vmid);

	if (c)
		return c;
	if (context_count == CONTEXTS)
		abort();
	c = &contexts[context_count++];
	*c = (struct context){ .root = root, .vmid = vmid };
	return c;
}

bool context_live(u64 root, u16 vmid)
{
	struct table *t = table_at(root);
	struct context *c;

	if (t && t->pa == root && t->latest == vmid)
		return true;
	c = context_find(root, vmid);
	return c && c->inside;
}

u32 root_holding(u64 root)
{
	u32 cpus = 0;

	for (unsigned int n = 0; n < context_count; n++)
		if (contexts[n].root == root &&
		    context_live(root, contexts[n].vmid))
			cpus |= contexts[n].holding;
	return cpus;
}

/* Roots are aligned: an odd one is none. */
void contexts_forget_root(u64 root)
{
	for (unsigned int n = 0; n < context_count; n++)
		if (contexts[n].root == root)
			contexts[n].root |= 1;
}

/* The CPUs that are in the guest may take entries again at once. */
static void contexts_invalidate(const struct span *s, u32 cpus)
{
	for (unsigned int n = context_count; n--;) {
		struct context *c = &contexts[n];
		u32 gone = cpus & ~c->inside;

		if ((!s->all_vmids && c->vmid != s->vmid) || s->by_address)
			continue;
		for (unsigned int i = 0; i < sim_config.cpus; i++)
			if (s->stage1 && gone & BIT32(i))
				c->last_tlb[i] = 0;
		if (s->stage1 && s->stage2)
			c->holding &= ~gone;
		if (!c->holding && !c->inside)
			*c = contexts[--context_count];
	}
}

/* ---- Entries ---------------------------------------------- */

static void fill(struct cpu_state *c, enum item_kind kind, const struct walk *w)
{
	struct tlb_entry *e = &c->tlb[rnd(TLB_ENTRIES)];

	*e = (struct tlb_entry){
		.used = true, .kind = kind, .vmid = c->regime.vmid,
		.level = w->level, .ia = w->ia, .size = w->size,
		.raw = w->raw, .desc = w->desc,
	};
	if (kind != ITEM_TABLE)
		trace("fill", w->ia, w->raw);
}


static void see_table(const struct walk *w, void *arg)
{
	if (w->desc.kind == DESC_TABLE && rnd(2))
		fill(arg, ITEM_TABLE, w);
}

/*
 * Two leaves of different sizes for one address: the CPU may use either, or
 * abort (D8.16.1, FEAT_BBM level 2).
 */
static bool tlb_conflict(const struct cpu_state *c, u64 ia)
{
	int level = -1;

	for (unsigned int n = 0; n < TLB_ENTRIES; n++) {
		const struct tlb_entry *e = &c->tlb[n];

		if (!e->used || e->vmid != c->regime.vmid ||
		    e->kind == ITEM_TABLE || ia - e->ia >= e->size)
			continue;
		if (level >= 0 && level != e->level)
			return true;
		level = e->level;
	}
	return false;
}

/* A random one of those that translate `ia`, or NULL. */
static struct tlb_entry *tlb_find(struct cpu_state *c, u64 ia, bool tables)
{
	struct tlb_entry *found = NULL;
	unsigned int n = 0;

	for (struct tlb_entry *e = c->tlb; e < c->tlb + TLB_ENTRIES; e++) {
		if (!e->used || e->vmid != c->regime.vmid ||
		    (e->kind == ITEM_TABLE) != tables || ia - e->ia >= e->size)
			continue;
		if (!rnd(++n))
			found = e;
	}
	return found;
}

static void check_overdue(const struct tlb_entry *e)
{
	const struct item *i = stale_find(e->vmid, me, e->ia);

	if (i && i->overdue && i->raw == e->raw && i->level == e->level)
		broken(SIM_STALE_USE, e->ia, "0x%llx of level %d",
		       (unsigned long long)e->raw, e->level);
}

/* A walk, from the root or from where a walk cache leads. */
static struct walk walk(struct cpu_state *c, u64 ia)
{
	struct tlb_entry *e = rnd(2) ? tlb_find(c, ia, true) : NULL;

	if (!e)
		return walk_from(&c->regime, ia, -1, 0, see_table, c);
	check_overdue(e);
	return walk_from(&c->regime, ia, e->level + 1, e->desc.out, see_table,
			 c);
}

/*
 * Some TLB takes something. The MMU may set an access flag for that, as it may
 * for any access that it foresees and that never comes (D8.5.1); it never makes
 * anything dirty but for a write that is made (D8.5.2).
 */
void speculate(void)
{
	struct cpu_state *c = &sim_cpu[rnd(sim_config.cpus)];
	struct walk w;
	u64 ia;

	if (!c->in_guest || !c->regime.valid)
		return;
	if (!rnd(4))
		c->tlb[rnd(TLB_ENTRIES)].used = false;
	ia = addresses[rnd(ADDRESSES)] + (rnd(4) << PAGE_SHIFT);
	w = walk(c, ia);
	if (!w.fault && !w.desc.af && c->regime.ha && !rnd(4))
		walk_set_access_flag(&w);
	if (!w.fault && w.desc.af)
		fill(c, rnd(2) ? ITEM_LEAF : ITEM_COMBINED, &w);
}

/* ---- Invalidation ---------------------------------------------- */

static bool broadcasts(enum sim_tlbi op)
{
	return op == SIM_IPAS2E1IS || op == SIM_IPAS2LE1IS ||
	       op == SIM_RIPAS2E1IS || op == SIM_VMALLE1IS ||
	       op == SIM_VMALLS12E1IS || op == SIM_ALLE1IS;
}

static const char *const tlbi_name[SIM_TLBIS] = {
	[SIM_IPAS2E1IS] = "tlbi-ipas2e1is",
	[SIM_IPAS2E1] = "tlbi-ipas2e1",
	[SIM_IPAS2LE1IS] = "tlbi-ipas2le1is",
	[SIM_RIPAS2E1IS] = "tlbi-ripas2e1is",
	[SIM_VMALLE1IS] = "tlbi-vmalle1is",
	[SIM_VMALLE1] = "tlbi-vmalle1",
	[SIM_VMALLS12E1IS] = "tlbi-vmalls12e1is",
	[SIM_VMALLS12E1] = "tlbi-vmalls12e1",
	[SIM_ALLE1IS] = "tlbi-alle1is",
	[SIM_ALLE1] = "tlbi-alle1",
};

/* TTL[3:2]: the granule, 0 for no hint; TTL[1:0]: the level. */
static int ttl_level(unsigned int ttl)
{
	/* Level 0 of 4K and 16K, 0 and 1 ... are reserved: no hint. */
	if (!(ttl >> 2) || !(sim_config.features & SIM_TTL) || !(ttl & 3))
		return -1;
	return ttl & 3;
}

/* BaseADDR in 36:0, in granules; TTL 38:37, NUM 43:39, SCALE 45:44, TG 47:46
 * (C5.5, TLBI RIPAS2E1IS). */
static void range_span(u64 operand, struct span *s)
{
	static const u8 shift[4] = { 0, 12, 14, 16 };
	unsigned int tg = FIELD_GET(GENMASK64(47, 46), operand);
	u64 num = FIELD_GET(GENMASK64(43, 39), operand);
	u64 scale = FIELD_GET(GENMASK64(45, 44), operand);
	unsigned int ttl = FIELD_GET(GENMASK64(38, 37), operand);

	s->ia = (operand & GENMASK64(36, 0)) << shift[tg];
	/* TG 0 is reserved: nothing need be invalidated. */
	s->size = tg ? (num + 1) << (5 * scale + 1) << shift[tg] : 0;
	s->hint = ttl ? (int)ttl : -1;
}

struct span tlbi_span(const struct tlbi *t)
{
	struct span s = { .vmid = t->vmid, .hint = -1 };

	switch (t->op) {
	case SIM_IPAS2LE1IS:
		s.leaves_only = true;
		/* fallthrough */
	case SIM_IPAS2E1IS:
	case SIM_IPAS2E1:
		s.stage2 = s.by_address = true;
		s.ia = (t->operand & GENMASK64(39, 0)) << 12;
		s.size = PAGE_SIZE;
		s.hint = ttl_level(FIELD_GET(GENMASK64(47, 44), t->operand));
		break;
	case SIM_RIPAS2E1IS:
		s.stage2 = s.by_address = true;
		range_span(t->operand, &s);
		break;
	case SIM_VMALLE1IS:
	case SIM_VMALLE1:
		s.stage1 = true;
		break;
	case SIM_ALLE1IS:
	case SIM_ALLE1:
		s.all_vmids = true;
		/* fallthrough */
	default:
		s.stage1 = s.stage2 = true;
	}
	return s;
}

/*
 * Whatever of a block is held goes with any address in it. A hint says at which
 * level the leaf is; no other level need be looked at, and no table (D8.14.5).
 */
bool span_hits(const struct span *s, enum item_kind kind, u16 vmid, int level,
	       u64 ia, u64 size)
{
	if (!s->all_vmids && vmid != s->vmid)
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

static void perform(const struct tlbi *t)
{
	struct span s = tlbi_span(t);
	u32 cpus = broadcasts(t->op) ? BIT32(sim_config.cpus) - 1 : BIT32(me);

	for (unsigned int i = 0; i < sim_config.cpus; i++) {
		if (!(cpus & BIT32(i)))
			continue;
		for (unsigned int n = 0; n < TLB_ENTRIES; n++) {
			struct tlb_entry *e = &sim_cpu[i].tlb[n];

			if (e->used && span_hits(&s, e->kind, e->vmid, e->level,
						 e->ia, e->size))
				e->used = false;
		}
	}
	stale_check_hint(&s);
	stale_invalidate(&s, cpus);
	contexts_invalidate(&s, cpus);
}

void sim_tlbi(enum sim_tlbi op, u64 operand)
{
	struct cpu_state *c = &sim_cpu[me];

	sim_lock();
	trace(tlbi_name[op], 0, operand ? operand : c->regime.vmid);
	if (c->pending_count == TLBI_PENDING)
		abort();
	c->pending[c->pending_count++] = (struct tlbi){
		.op = op, .vmid = c->regime.vmid, .operand = operand,
	};
	speculate();
	sim_unlock();
}

/* Without a DSB between them they are done in any order: stage 1 first is the
 * worst, for stage 2 is what it is filled from. */
void sim_dsb(void)
{
	struct cpu_state *c = &sim_cpu[me];

	sim_lock();
	trace("dsb", 0, 0);
	for (int stage2 = 0; stage2 < 2; stage2++) {
		for (unsigned int n = 0; n < c->pending_count; n++) {
			struct span s = tlbi_span(&c->pending[n]);

			if (s.stage2 == stage2)
				perform(&c->pending[n]);
			speculate();
		}
	}
	c->pending_count = 0;
	sim_unlock();
}

void sim_ic_iallu(bool broadcast)
{
	sim_lock();
	for (unsigned int n = 0; n < context_count; n++)
		for (unsigned int i = 0; i < sim_config.cpus; i++)
			if ((broadcast || i == me) &&
			    !(contexts[n].inside & BIT32(i)))
				contexts[n].last_icache[i] = 0;
	sim_unlock();
}

/* ---- Into the guest ---------------------------------------------- */

void sim_write_vttbr(u64 vtcr, u64 vttbr)
{
	struct cpu_state *c = &sim_cpu[me];

	sim_lock();
	trace("vttbr", vtcr, vttbr);
	if (c->in_guest)
		abort();
	c->vtcr = vtcr;
	c->vttbr = vttbr;
	c->regime = regime_decode(vtcr, vttbr);
	sim_unlock();
}

u64 sim_read_vtcr(void)
{
	return sim_cpu[me].vtcr;
}

u64 sim_read_vttbr(void)
{
	return sim_cpu[me].vttbr;
}

static void check_registers(const struct cpu_state *c, u64 root)
{
	const struct regime *r = &c->regime;

	if (!r->valid)
		broken(SIM_REGISTER, r->root, "VTCR_EL2 0x%llx",
		       (unsigned long long)c->vtcr);
	if (r->root != root)
		broken(SIM_WRONG_ROOT, r->root, "the VM's is 0x%llx",
		       (unsigned long long)root);
	if (!r->vmid)
		broken(SIM_VMID_ZERO, r->root, "VTTBR_EL2 0x%llx",
		       (unsigned long long)c->vttbr);
	if (!r->vs && c->vttbr >> 56)
		broken(SIM_VMID_SIZE, r->root, "VTTBR_EL2 0x%llx",
		       (unsigned long long)c->vttbr);
}

static void check_others(const struct cpu_state *c, const void *vm)
{
	const struct regime *r = &c->regime;

	for (unsigned int n = 0; n < context_count; n++) {
		const struct context *o = &contexts[n];

		if (o->vmid == r->vmid && o->root != r->root &&
		    o->holding & BIT32(me))
			broken(SIM_VMID_SHARED, r->root,
			       "VMID %u was that of 0x%llx", r->vmid,
			       (unsigned long long)o->root);
		if (o->vm == vm && o->vmid != r->vmid && o->inside)
			broken(SIM_VMID_TWO, r->root,
			       "VMID %u, and %u on CPUs 0x%x", r->vmid, o->vmid,
			       o->inside);
	}
}

static void check_vcpu(struct context *x, unsigned int vcpu)
{
	u16 me_too = vcpu + 1;

	if (x->last_tlb[me] && x->last_tlb[me] != me_too)
		broken(SIM_VCPU_SHARED, x->root,
		       "vCPU %u after %u on one CPU, TLB not invalidated", vcpu,
		       x->last_tlb[me] - 1);
	if (sim_config.features & SIM_VIPT_BY_VMID && x->last_icache[me] &&
	    x->last_icache[me] != me_too)
		broken(SIM_VCPU_SHARED, x->root,
		       "vCPU %u after %u on one CPU, I-cache not invalidated",
		       vcpu, x->last_icache[me] - 1);
	x->last_tlb[me] = x->last_icache[me] = me_too;
}

void sim_enter(const void *vm, u64 root, unsigned int vcpu)
{
	struct cpu_state *c = &sim_cpu[me];
	struct context *x;

	sim_lock();
	trace("enter", c->vttbr, vcpu);
	check_registers(c, root);
	check_others(c, vm);
	x = context_make(c->regime.root, c->regime.vmid);
	x->vm = vm;
	check_vcpu(x, vcpu);
	x->inside |= BIT32(me);
	x->holding |= BIT32(me);
	c->in_guest = true;
	tables_know_root(&c->regime);
	stale_enter(c->regime.vmid, me);
	sim_unlock();
}

void sim_leave(void)
{
	struct cpu_state *c = &sim_cpu[me];
	struct context *x;

	sim_lock();
	trace("leave", c->vttbr, 0);
	x = context_find(c->regime.root, c->regime.vmid);
	if (x)
		x->inside &= ~BIT32(me);
	c->in_guest = false;
	sim_unlock();
}

void sim_guest_caches(bool on)
{
	sim_cpu[me].caches_off = !on;
}

/* ---- Accesses ---------------------------------------------- */

static struct sim_result result(const struct walk *w, u64 ipa)
{
	return (struct sim_result){
		.fault = w->fault, .level = w->level,
		.pa = w->fault ? 0 : w->desc.out + (ipa & (w->size - 1)),
		.device = w->desc.device,
	};
}

/* It has been made: what it leaves in caches and in the dirty log's debt. */
static void accessed(const struct cpu_state *c, const struct desc *d, u64 ipa,
		     u64 pa, enum sim_access access)
{
	memory_guest_access(d, pa, access, c->caches_off);
	if (access == SIM_WRITE)
		dirty_note(&c->regime, ipa, pa);
}

/* By an entry of the TLB. False: it cannot answer. */
static bool by_tlb(struct cpu_state *c, u64 ipa, enum sim_access access,
		   struct sim_result *out)
{
	struct tlb_entry *e = rnd(8) ? tlb_find(c, ipa, false) : NULL;
	struct walk w;

	if (!e)
		return false;
	if (sim_config.features & SIM_BBM2 && tlb_conflict(c, ipa) && rnd(2)) {
		*out = (struct sim_result){ .fault = SIM_TLB_CONFLICT };
		return true;
	}
	w = (struct walk){ .level = e->level, .raw = e->raw, .desc = e->desc,
			   .ia = e->ia, .size = e->size };
	/* Making it dirty takes a look at the table. */
	if (access == SIM_WRITE && !e->desc.write && e->desc.dbm &&
	    c->regime.hd) {
		e->used = false;
		return false;
	}
	check_overdue(e);
	walk_permit(&c->regime, &w, access);
	*out = result(&w, ipa);
	if (!w.fault)
		accessed(c, &w.desc, ipa, out->pa, access);
	return true;
}

static void move_data(u64 pa, enum sim_access access, u64 *data)
{
	u64 *at = sim_virt(pa);

	if (access == SIM_WRITE && at)
		__atomic_store_n(at, *data, __ATOMIC_RELAXED);
	else if (access != SIM_WRITE)
		*data = at ? __atomic_load_n(at, __ATOMIC_RELAXED) : 0;
}

struct sim_result sim_access(u64 ipa, enum sim_access access)
{
	return sim_access_data(ipa, access, NULL);
}

struct sim_result sim_access_data(u64 ipa, enum sim_access access, u64 *data)
{
	static const char *const name[] = { "read", "write", "exec" };
	struct cpu_state *c = &sim_cpu[me];
	struct sim_result r;
	struct walk w;

	sim_lock();
	if (!c->in_guest)
		abort();
	speculate();
	remember_address(ipa & PAGE_MASK);
	if (!by_tlb(c, ipa, access, &r)) {
		do {
			w = walk(c, ipa);
		} while (!w.fault && !walk_permit(&c->regime, &w, access));
		if (w.desc.kind == DESC_LEAF && w.desc.af &&
		    w.fault != SIM_ADDRESS_SIZE_FAULT)
			fill(c, rnd(2) ? ITEM_LEAF : ITEM_COMBINED, &w);
		r = result(&w, ipa);
		if (!r.fault)
			accessed(c, &w.desc, ipa, r.pa, access);
		if (!r.fault && sim_config.serial)
			memory_check_access(&w.desc, r.pa, access);
	}
	if (r.fault)
		trace("fault", ipa, (u64)r.fault << 4 | (u64)r.level);
	else
		trace(name[access], ipa, r.pa);
	if (data && !r.fault)
		move_data(r.pa, access, data);
	sim_unlock();
	return r;
}

struct sim_result sim_translate(u64 vtcr, u64 vttbr, u64 ipa,
				enum sim_access access)
{
	struct regime r;
	struct walk w;

	sim_lock();
	r = regime_decode(vtcr, vttbr);
	/* Looking changes nothing. */
	r.ha = r.hd = false;
	w = walk_from(&r, ipa, -1, 0, NULL, NULL);
	if (!w.fault)
		walk_permit(&r, &w, access);
	sim_unlock();
	return result(&w, ipa);
}

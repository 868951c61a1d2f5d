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

static struct context *context_find(u64 root, u32 vmid)
{
	for (unsigned int n = 0; n < context_count; n++)
		if (contexts[n].root == root && contexts[n].vmid == vmid)
			return &contexts[n];
	return NULL;
}

static struct context *context_make(u64 root, u32 vmid)
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

bool context_live(u64 root, u32 vmid)
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

/* ---- Entries ---------------------------------------------- */

static void fill(struct cpu_state *c, const struct regime *r,
		 enum item_kind kind, const struct walk *w)
{
	struct tlb_entry *e = &c->tlb[rnd(TLB_ENTRIES)];

	*e = (struct tlb_entry){
		.used = true, .kind = kind, .vmid = r->vmid,
		.level = w->level, .ia = w->ia, .size = w->size,
		.raw = w->raw, .desc = w->desc,
	};
	if (kind != ITEM_TABLE)
		trace("fill", w->ia, w->raw);
}

/* A leaf: by itself, or combined with one of the guest's own stage 1. */
static void fill_leaf(struct cpu_state *c, const struct regime *r,
		      const struct walk *w)
{
	fill(c, r, r->stage1 || rnd(2) ? ITEM_LEAF : ITEM_COMBINED, w);
}

struct walker {
	struct cpu_state *cpu;
	const struct regime *regime;
};

static void see_table(const struct walk *w, void *arg)
{
	const struct walker *walker = arg;

	if (w->desc.kind == DESC_TABLE && rnd(2))
		fill(walker->cpu, walker->regime, ITEM_TABLE, w);
}

/*
 * Two leaves of different sizes for one address: the CPU may use either, or
 * abort (D8.16.1, FEAT_BBM level 2).
 */
static bool tlb_conflict(const struct cpu_state *c, u32 vmid, u64 ia)
{
	int level = -1;

	for (unsigned int n = 0; n < TLB_ENTRIES; n++) {
		const struct tlb_entry *e = &c->tlb[n];

		if (!e->used || e->vmid != vmid || e->kind == ITEM_TABLE ||
		    ia - e->ia >= e->size)
			continue;
		if (level >= 0 && level != e->level)
			return true;
		level = e->level;
	}
	return false;
}

/* A random one of those that translate `ia`, or NULL. */
static struct tlb_entry *tlb_find(struct cpu_state *c, u32 vmid, u64 ia,
				  bool tables)
{
	struct tlb_entry *found = NULL;
	unsigned int n = 0;

	for (struct tlb_entry *e = c->tlb; e < c->tlb + TLB_ENTRIES; e++) {
		if (!e->used || e->vmid != vmid ||
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
		       e->raw, e->level);
}

/* A walk, from the root or from where a walk cache leads. */
static struct walk walk(struct cpu_state *c, const struct regime *r, u64 ia)
{
	struct tlb_entry *e = rnd(2) ? tlb_find(c, r->vmid, ia, true) : NULL;
	struct walker walker = { c, r };

	if (!e)
		return walk_from(r, ia, FROM_ROOT, 0, see_table, &walker);
	check_overdue(e);
	return walk_from(r, ia, e->level + 1, e->desc.out, see_table, &walker);
}

/* The regime that the CPU may walk in now: its own at any time, for it may be
 * about to take an exception; the guest's while it is in the guest. */
static const struct regime *any_regime(const struct cpu_state *c)
{
	bool own = c->own_on && (!c->in_guest || rnd(2));
	const struct regime *r = own ? &c->own : &c->regime;

	return (own || c->in_guest) && r->valid ? r : NULL;
}

/*
 * Some TLB takes something. The MMU may set an access flag for that, as it may
 * for any access that it foresees and that never comes (D8.5.1); it never makes
 * anything dirty but for a write that is made (D8.5.2).
 */
void speculate(void)
{
	struct cpu_state *c = &sim_cpu[rnd(sim_config.cpus)];
	const struct regime *r = any_regime(c);
	struct walk w;
	u64 ia;

	if (!r)
		return;
	if (!rnd(4))
		c->tlb[rnd(TLB_ENTRIES)].used = false;
	ia = addresses[rnd(ADDRESSES)] + (rnd(4) << PAGE_SHIFT);
	w = walk(c, r, ia);
	if (!w.fault && !w.desc.af && r->ha && !rnd(4))
		walk_set_access_flag(&w);
	if (!w.fault && w.desc.af)
		fill_leaf(c, r, &w);
}

/* ---- Into the guest ---------------------------------------------- */

/* What is by the old registers must be over before they change. */
static void set_registers(u64 vtcr, u64 vttbr)
{
	struct cpu_state *c = &sim_cpu[me];

	if (c->in_guest)
		abort();
	if (c->pending_count || c->completed)
		broken(SIM_INCOMPLETE, c->regime.root,
		       "VTTBR_EL2 changes, TLBI without DSB and ISB before");
	if (c->walks)
		broken(SIM_WALKS, c->regime.root,
		       "VTTBR_EL2 changes, guest left without DSB since");
	c->vtcr = vtcr;
	c->vttbr = vttbr;
	c->unsynchronised = true;
}

void registers_synchronise(void)
{
	struct cpu_state *c = &sim_cpu[me];

	c->completed = false;
	if (!c->unsynchronised)
		return;
	c->unsynchronised = false;
	trace("vttbr", c->vtcr, c->vttbr);
	c->regime = regime_decode(c->vtcr, c->vttbr);
}

void sim_set_vtcr(u64 vtcr)
{
	sim_lock();
	set_registers(vtcr, sim_cpu[me].vttbr);
	sim_unlock();
}

void sim_set_vttbr(u64 vttbr)
{
	sim_lock();
	set_registers(sim_cpu[me].vtcr, vttbr);
	sim_unlock();
}

void sim_write_vttbr(u64 vtcr, u64 vttbr)
{
	sim_lock();
	sim_cpu[me].walks = false;
	set_registers(vtcr, vttbr);
	registers_synchronise();
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
		       c->vtcr);
	if (r->root != root)
		broken(SIM_WRONG_ROOT, r->root, "the VM's is 0x%llx",
		       root);
	if (!r->vmid)
		broken(SIM_VMID_ZERO, r->root, "VTTBR_EL2 0x%llx",
		       c->vttbr);
	if (!r->vs && c->vttbr >> 56)
		broken(SIM_VMID_SIZE, r->root, "VTTBR_EL2 0x%llx",
		       c->vttbr);
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
			       o->root);
		if (o->vmid == r->vmid && o->root != r->root &&
		    sim_config.features & SIM_VIPT_BY_VMID && o->last_icache[me])
			broken(SIM_VMID_SHARED, r->root,
			       "VMID %u was that of 0x%llx, I-cache not invalidated",
			       r->vmid, o->root);
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
	/* An exception return, which is as an ISB. */
	registers_synchronise();
	trace("enter", c->vttbr, vcpu);
	check_registers(c, root);
	check_others(c, vm);
	x = context_make(c->regime.root, c->regime.vmid);
	x->vm = vm;
	check_vcpu(x, vcpu);
	x->inside |= BIT32(me);
	x->holding |= BIT32(me);
	c->in_guest = c->walks = true;
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

/* ---- The hypervisor's own regime ---------------------------------------------- */

void sim_own_enable(u64 tcr, u64 ttbr, u64 mair)
{
	struct cpu_state *c = &sim_cpu[me];
	struct context *x;

	sim_lock();
	trace("own", ttbr, tcr);
	c->own = regime_decode_own(tcr, ttbr, mair);
	c->own_on = true;
	if (!c->own.valid)
		broken(SIM_REGISTER, c->own.root, "TCR_EL2 0x%llx",
		       tcr);
	x = context_make(c->own.root, NO_VMID);
	x->inside |= BIT32(me);
	x->holding |= BIT32(me);
	tables_know_root(&c->own);
	sim_unlock();
}

void sim_own_disable(void)
{
	struct cpu_state *c = &sim_cpu[me];
	struct context *x;

	sim_lock();
	trace("own", 0, 0);
	x = context_find(c->own.root, NO_VMID);
	if (x)
		x->inside &= ~BIT32(me);
	c->own_on = false;
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
static void accessed(const struct cpu_state *c, const struct regime *r,
		     const struct desc *d, u64 ia, u64 pa,
		     enum sim_access access)
{
	if (r->stage1)
		return;
	memory_guest_access(d, pa, access, c->caches_off);
	if (access == SIM_WRITE)
		dirty_note(r, ia, pa);
}

/* By an entry of the TLB. False: it cannot answer. */
static bool by_tlb(struct cpu_state *c, const struct regime *r, u64 ia,
		   enum sim_access access, struct sim_result *out)
{
	struct tlb_entry *e = rnd(8) ? tlb_find(c, r->vmid, ia, false) : NULL;
	struct walk w;

	if (!e)
		return false;
	if (sim_config.features & SIM_BBM2 && tlb_conflict(c, r->vmid, ia) &&
	    rnd(2)) {
		*out = (struct sim_result){ .fault = SIM_TLB_CONFLICT };
		return true;
	}
	w = (struct walk){ .level = e->level, .raw = e->raw, .desc = e->desc,
			   .ia = e->ia, .size = e->size };
	/* Making it dirty takes a look at the table. */
	if (access == SIM_WRITE && !e->desc.write && e->desc.dbm && r->hd) {
		e->used = false;
		return false;
	}
	check_overdue(e);
	walk_permit(r, &w, access);
	*out = result(&w, ia);
	if (!w.fault)
		accessed(c, r, &w.desc, ia, out->pa, access);
	return true;
}

/* By a walk. */
static struct sim_result by_walk(struct cpu_state *c, const struct regime *r,
				 u64 ia, enum sim_access access)
{
	struct sim_result out;
	struct walk w;

	do {
		w = walk(c, r, ia);
	} while (!w.fault && !walk_permit(r, &w, access));
	if (w.desc.kind == DESC_LEAF && w.desc.af &&
	    w.fault != SIM_ADDRESS_SIZE_FAULT)
		fill_leaf(c, r, &w);
	out = result(&w, ia);
	if (out.fault)
		return out;
	accessed(c, r, &w.desc, ia, out.pa, access);
	if (sim_config.serial && !r->stage1)
		memory_check_access(&w.desc, out.pa, access);
	return out;
}

static void move_data(u64 pa, enum sim_access access, u64 *data)
{
	u64 *at = sim_virt(pa);

	if (access == SIM_WRITE && at)
		__atomic_store_n(at, *data, __ATOMIC_RELAXED);
	else if (access != SIM_WRITE)
		*data = at ? __atomic_load_n(at, __ATOMIC_RELAXED) : 0;
}

static struct sim_result access_in(struct cpu_state *c, const struct regime *r,
				   u64 ia, enum sim_access access, u64 *data)
{
	static const char *const name[] = { "read", "write", "exec" };
	struct sim_result out;

	speculate();
	remember_address(ia & PAGE_MASK);
	if (!by_tlb(c, r, ia, access, &out))
		out = by_walk(c, r, ia, access);
	if (out.fault)
		trace("fault", ia, (u64)out.fault << 4 | (out.level & 0xf));
	else
		trace(name[access], ia, out.pa);
	if (data && !out.fault)
		move_data(out.pa, access, data);
	return out;
}

struct sim_result sim_access(u64 ipa, enum sim_access access)
{
	return sim_access_data(ipa, access, NULL);
}

struct sim_result sim_access_data(u64 ipa, enum sim_access access, u64 *data)
{
	struct cpu_state *c = &sim_cpu[me];
	struct sim_result r;

	sim_lock();
	if (!c->in_guest)
		abort();
	r = access_in(c, &c->regime, ipa, access, data);
	sim_unlock();
	return r;
}

struct sim_result sim_own_access(u64 va, enum sim_access access)
{
	struct cpu_state *c = &sim_cpu[me];
	struct sim_result r;

	sim_lock();
	if (!c->own_on)
		abort();
	r = access_in(c, &c->own, va, access, NULL);
	sim_unlock();
	return r;
}

static struct sim_result translate(struct regime *r, u64 ia,
				   enum sim_access access)
{
	struct walk w;

	/* Looking changes nothing. */
	r->ha = r->hd = false;
	w = walk_from(r, ia, FROM_ROOT, 0, NULL, NULL);
	if (!w.fault)
		walk_permit(r, &w, access);
	return result(&w, ia);
}

struct sim_result sim_translate(u64 vtcr, u64 vttbr, u64 ipa,
				enum sim_access access)
{
	struct sim_result result;
	struct regime r;

	sim_lock();
	r = regime_decode(vtcr, vttbr);
	result = translate(&r, ipa, access);
	sim_unlock();
	return result;
}

struct sim_result sim_own_translate(u64 va, enum sim_access access)
{
	struct sim_result result;
	struct regime r;

	sim_lock();
	r = sim_cpu[me].own;
	result = translate(&r, va, access);
	sim_unlock();
	return result;
}

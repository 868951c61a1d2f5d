// SPDX-License-Identifier: BSD-2-Clause
/*
 * What goes into a vCPU's trees of guest-virtual addresses, and which pages of them
 * the VM's memory takes along when it changes (K40, K42).
 */
#include "arch/mips/gva_quick.h"
#include "arch/mips/mips.h"
#include "core/arch.h"
#include "core/fault.h"
#include "lib/errno.h"

/* Pages of the GPA table that are entered around a fault: those of a fault there. */
#define RUN_PAGES 16
#define RUN_SIZE (RUN_PAGES * PAGE_SIZE)
#define FAULT_TRIES 8

/* ---- What goes ---------------------------------------------------------------- */

/* Part of [va, va + size), which shows [at, at + size), is in [gpa, gpa + n). */
static void drop_shown(struct mips_vcpu *v, u32 asid, u32 va, u64 at, u64 size,
		       u64 gpa, u64 n)
{
	u64 first = max(at, gpa), end = min(at + size, gpa + n);

	if (first < end)
		gva_drop(v, asid, va + (first - at), end - first);
}

/* By the guest's TLB: no page is in a tree that is not in there. */
static void drop_translated(struct mips_vcpu *v, const struct mips_tlb_entry *e,
			    u64 gpa, u64 n)
{
	u32 size = (e->mask | 0x1fff) / 2 + 1, va = e->hi & HI_VPN2;

	if (va > v->guest.layout.last)
		return;
	for (int i = 0; i < 2; i++) {
		u64 at = (u64)LO_PFN_OF(e->lo[i]) << PAGE_SHIFT & ~(u64)(size - 1);

		if (e->lo[i] & LO_V)
			drop_shown(v, mips_tlb_space(&v->guest, e), va + i * size,
				   at, size, gpa, n);
	}
}

static void drop_from_vcpu(struct mips_vcpu *v, u64 gpa, u64 n)
{
	struct mips_gva *a = &v->gva;
	const struct mips_layout *l = &v->guest.layout;

	for (u32 va = l->kseg0; va != l->kseg2; va += MIPS_SEGMENT_MASK + 1)
		drop_shown(v, MIPS_SPACE_ANY, va, 0, MIPS_SEGMENT_MASK + 1, gpa, n);
	for (struct gva_space *s = a->space; s < a->space + GVA_SPACES; s++)
		if (s->used && s->key & MIPS_SPACE_ERL)
			drop_shown(v, s->key, 0, 0, MIPS_SEGMENT_MASK + 1, gpa, n);
	for (int i = 0; i < MIPS_TLB_ENTRIES; i++)
		drop_translated(v, &v->guest.tlb[i], gpa, n);
}

void gva_drop_physical(struct vm *vm, u64 gpa, u64 size)
{
	struct vcpu *vcpu;
	unsigned int i;

	for_each_vcpu(i, vcpu, vm)
		drop_from_vcpu(to_mips(vcpu), gpa, size);
}

/* ---- The GPA table ------------------------------------------------------------- */

/* The leaf of 4 KiB at `gpa`, of a larger one that part; 0: it has none. The MMU
 * lock is held. */
static u32 gpa_leaf(const struct vm *vm, u64 gpa)
{
	return gva_leaf(&vm->s2, gpa >> PAGE_SHIFT);
}

#define SOFTWARE 0xfU

/* Entries of this form can have it: what the walker reads has bit 31 for tables; for
 * the short handler, all blocks are cached. */
static bool fits(u32 first)
{
	if (gva_form.blocks)
		return (first & PGT_MIPS32_C(7U)) == PGT_MIPS32_C(CCA_CACHED);
	return !gva_form.shift || !(first >> 31);
}

/* The 2 MiB at `gpa` are linear and alike; pages are what the bits of C, D and V
 * say. */
static bool is_linear(const struct vm *vm, u64 gpa)
{
	u32 first = gpa_leaf(vm, gpa) & ~SOFTWARE;
	const u32 *leaf;

	if (!(first & PGT_MIPS32_V) || first & (GVA_BLOCK - PAGE_SIZE) ||
	    !fits(first))
		return false;
	leaf = gva_leaves(&vm->s2, gpa >> PAGE_SHIFT);
	for (u32 at = PAGE_SIZE; leaf && at < GVA_BLOCK; at += PAGE_SIZE)
		if ((*++leaf & ~SOFTWARE) != first + at)
			return false;
	return true;
}

/* The first leaf of the 2 MiB at `gpa`, if they are as linear, and can all be written,
 * as the page at `at` in them has it; 0: they are not. */
static u32 block_by(struct vm *vm, u64 gpa, u64 at)
{
	const u32 usable = PGT_MIPS32_V | PGT_MIPS32_D;
	u32 leaf, first;

	read_lock(&vm->mmu_lock);
	leaf = gpa_leaf(vm, at) & ~SOFTWARE;
	read_unlock(&vm->mmu_lock);
	first = leaf - (at - gpa);
	return (leaf & usable) == usable && !(first & (GVA_BLOCK - PAGE_SIZE)) ?
		       first :
		       0;
}

static bool is_mapped(struct vm *vm, u64 gpa)
{
	u32 leaf;

	read_lock(&vm->mmu_lock);
	leaf = gpa_leaf(vm, gpa);
	read_unlock(&vm->mmu_lock);
	return leaf;
}

/* The 2 MiB at `gpa` come into the GPA table, as long as they may be a block: from the
 * page at `fault` on, which is there, to the first run that shows that they are not. */
static void complete(struct vcpu *vcpu, u64 gpa, u64 fault)
{
	u32 first = block_by(vcpu->vm, gpa, fault);

	for (u64 at = gpa; first && at < gpa + GVA_BLOCK; at += RUN_SIZE) {
		struct guest_fault f = {.gpa = GPA(at)};

		if (block_by(vcpu->vm, gpa, at) == first)
			continue;
		if (is_mapped(vcpu->vm, at) || fault_handle(vcpu, &f) ||
		    block_by(vcpu->vm, gpa, at) != first)
			return;
	}
}

/* ---- Faults ------------------------------------------------------------------- */

static int cannot_go_on(struct mips_vcpu *v, int code, const char *what,
			const struct guest_fault *f)
{
	v->vcpu.exit.reason = EXIT_ERROR;
	v->vcpu.exit.error.code = code;
	v->vcpu.exit.error.what = what;
	v->vcpu.exit.error.fault = f ? *f : (struct guest_fault){0};
	return -1;
}

/* The vCPU that has the most to give up; of those that have as much, `v`. */
static struct mips_vcpu *richest(struct mips_vcpu *v)
{
	struct mips_vcpu *most = v;
	struct vcpu *vcpu;
	unsigned int i;

	for_each_vcpu(i, vcpu, v->vcpu.vm)
		if (gva_spare_pages(to_mips(vcpu)) > gva_spare_pages(most))
			most = to_mips(vcpu);
	return most;
}

/*
 * The VM is out of tables: whichever vCPU has the most gives up its oldest space; in
 * the end, what it has begins anew. So each comes to have as much as the others, and
 * none takes from one that has no more than itself. False: there is nothing left.
 */
static bool take_from_richest(struct mips_vcpu *v)
{
	struct vm *vm = v->vcpu.vm;
	struct mips_vcpu *from = richest(v);

	if (!gva_spare_pages(from))
		return false;
	write_lock(&vm->mmu_lock);
	if (!gva_release_oldest(from))
		gva_drop_all(from);
	write_unlock(&vm->mmu_lock);
	return true;
}

/* GVA_LEAST_TABLES of them stay the vCPU's, and that is as many as an instruction needs
 * at once. */
static void have_table(struct mips_vcpu *v)
{
	while (unlikely(!v->gva.cache.count) && memcache_topup(&v->gva.cache, 1))
		if (!take_from_richest(v))
			return;
}

/* The GPA table comes before trees: these can be made anew. */
static int handle(struct mips_vcpu *v, const struct guest_fault *f)
{
	int err;

	do
		err = fault_handle(&v->vcpu, f);
	while (unlikely(err == -ENOMEM) && take_from_richest(v));
	return err;
}

/* What the CPU stumbled on may be a pair that is not valid. */
static void refresh_tlb(struct mips_vcpu *v, u32 va)
{
	const struct gva_space *s = v->gva.now;
	enum mips_table t = v->guest.table;
	const u32 *pair = gva_pair(s, t, va);

	if (pair && s->asid[t].id)
		host_tlb_refresh(va, vmid_value(&s->asid[t]),
				 pair[0] >> gva_form.shift,
				 pair[1] >> gva_form.shift);
}

static int map_commpage(struct mips_vcpu *v)
{
	u32 pa = arch_virt_to_phys(v->guest.cp0).v;
	u32 entry = (LO_PFN(pa) | LO_C(CCA_CACHED) | LO_D | LO_V) << gva_form.shift;

	return gva_set_pages(v, v->guest.layout.commpage, &entry, 1);
}

/* The mapping has all of the block at `base`, and the VM's memory there is aligned
 * alike. */
static bool may_be_block(const struct mips_mapping *m, u32 base)
{
	return m->size >= GVA_BLOCK && !((m->gpa + (base - m->va)) % GVA_BLOCK);
}

/* A young leaf, as it is entered; 0: it is not, or not there. */
static u32 entry_of(const struct vm *vm, const struct mips_mapping *m, u64 gpa)
{
	u32 leaf = gpa_leaf(vm, gpa);

	return leaf & PGT_MIPS32_V ? gva_entry(leaf, m->writable) : 0;
}

/* The pages around the fault that the GPA table has: within a run, within the
 * mapping. */
static int map_run(struct mips_vcpu *v, const struct mips_mapping *m)
{
	u32 size = min(m->size, (u32)RUN_SIZE), va = m->fault & ~(size - 1);
	u64 gpa = m->gpa + (va - m->va);
	u32 entries[RUN_PAGES];

	for (u32 at = 0; at < size; at += PAGE_SIZE)
		entries[at >> PAGE_SHIFT] = entry_of(v->vcpu.vm, m, gpa + at);
	return gva_set_pages(v, va, entries, size >> PAGE_SHIFT);
}

/* -ENOENT: the GPA table has not got it, or not so. */
static int enter(struct mips_vcpu *v, const struct guest_fault *f)
{
	const struct mips_mapping *m = &v->guest.map;
	struct vm *vm = v->vcpu.vm;
	u32 base = m->fault & ~(GVA_BLOCK - 1), leaf;
	u64 gpa = m->gpa + (base - m->va);
	int err = -ENOENT;

	read_lock(&vm->mmu_lock);
	leaf = gpa_leaf(vm, f->gpa.v);
	if (leaf && (!f->write || leaf & PGT_MIPS32_D)) {
		if (unlikely(!(leaf & PGT_MIPS32_V)))
			pgtable_mark_young(&vm->s2, gpa_to_ia(f->gpa));
		err = 0;
		if (may_be_block(m, base) &&
		    gva_get_block(v, base) == gva_address(gva_nothing) &&
		    is_linear(vm, gpa))
			gva_set_block(v, base,
				      gva_entry(gpa_leaf(vm, gpa), m->writable));
		else
			err = map_run(v, m);
	}
	read_unlock(&vm->mmu_lock);
	return err;
}

/* Pages that only this ASID has go with the next one's entry. */
static void note_local(struct mips_vcpu *v)
{
	const struct mips_mapping *m = &v->guest.map;

	if (!m->commpage && !m->global && m->fault >= v->guest.layout.kseg2)
		v->gva.local = true;
}

static int fault_in(struct mips_vcpu *v, const struct guest_fault *f)
{
	const struct mips_mapping *m = &v->guest.map;
	u32 base = m->fault & ~(GVA_BLOCK - 1);
	u64 gpa = m->gpa + (base - m->va);
	int err = handle(v, f);

	if (err == FAULT_HANDLED && may_be_block(m, base) &&
	    gva_get_block(v, base) == gva_address(gva_nothing))
		complete(&v->vcpu, gpa, ALIGN_DOWN(f->gpa.v, PAGE_SIZE));
	return err;
}

int gva_fault(struct mips_vcpu *v)
{
	struct mips_guest *g = &v->guest;
	const struct mips_mapping *m = &g->map;
	struct guest_fault f = {
		.gpa = GPA(m->gpa + (m->fault - m->va)),
		.gva = GVA(m->fault),
		.write = m->access == MIPS_STORE,
		.exec = m->access == MIPS_FETCH,
	};
	int err;

	/* It may have been given up since the guest was entered. */
	if (v->stale)
		gva_activate(v);
	note_local(v);
	for (int i = 0; i < FAULT_TRIES; i++) {
		have_table(v);
		err = m->commpage ? map_commpage(v) : enter(v, &f);
		if (!err) {
			refresh_tlb(v, m->fault);
			return MIPS_RUN;
		}
		if (err != -ENOENT)
			continue;
		err = fault_in(v, &f);
		if (err < 0)
			return cannot_go_on(v, err, "a fault in its memory", &f);
		if (err == FAULT_MMIO)
			return mips_guest_access_device(g);
		if (err != FAULT_HANDLED) {
			mips_guest_bus_error(g);
			return MIPS_RUN;
		}
	}
	return MIPS_RUN;
}

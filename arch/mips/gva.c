// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "arch/mips/refill.h"
#include "core/arch.h"
#include "core/fault.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/log.h"

/* From so many bytes on, a new ASID is cheaper than to look for entries. */
#define PROBE_MOST (16 * PAGE_SIZE)
/* Pages of the GPA table that are entered around a fault: those of a fault there. */
#define RUN_SIZE (16 * PAGE_SIZE)
#define FAULT_TRIES 8
#define SZ_4M (4 * SZ_1M)

/* The directory that the refill handler walks; nobody's. */
u32 gva_directory;
static u32 nothing[PAGE_SIZE / sizeof(u32)] __attribute__((aligned(PAGE_SIZE)));

extern char vectors[];

/* ---- The refill handler ------------------------------------------------------- */

#define GENERAL_VECTOR 0x180

static void publish(u32 va, u32 size)
{
	cache_publish(va, size);
}

void gva_init(void)
{
	static const struct mips_code_ops ops = {.publish = publish};
	u32 words[MIPS_REFILL_WORDS], va = (u32)(uintptr_t)vectors;
	struct mips_refill_cpu cpu = {
		.hazards = true,
		.large = true,
		.general = va + GENERAL_VECTOR,
	};
	struct mips_asm a;

	gva_directory = (u32)(uintptr_t)nothing;
	/* The directory is in memory: the tables are changed too seldom for a
	 * register to matter. */
	mips_refill_places(&cpu, features.kscratch,
			   (u32)(uintptr_t)&gva_directory);
	cpu.place = MIPS_DIRECTORY_MEMORY;
	cpu.directory = (u32)(uintptr_t)&gva_directory;
	mips_asm_start(&a, words, ARRAY_SIZE(words), va);
	mips_refill_emit(&a, &cpu);
	if (mips_asm_finish(&a) || mips_asm_install(&a, (u32 *)vectors, &ops))
		panic("the TLB refill handler cannot be made");
}

/* ---- Tables ------------------------------------------------------------------- */

static struct mips_gva *of(struct pgtable *pt)
{
	return container_of(pt, struct mips_gva, pt);
}

static struct page_budget *budget(struct mips_gva *t)
{
	return &t->vcpu->vcpu.vm->table_budget;
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	return mc ? memcache_pop(mc) : hyp_alloc_pages(0, budget(of(pt)));
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	*hyp_page_count(table) = 1;
	hyp_free_pages(table, 0, budget(of(pt)));
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return hyp_page_count(table);
}

/* Bit 31 tells a table from a leaf. */
static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return HPA((uintptr_t)table);
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return (void *)(uintptr_t)pa.v;
}

static void new_asid(struct mips_gva *t)
{
	t->asid.id = 0;
	t->vcpu->stale = true;
}

static void flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	struct mips_gva *t = of(pt);

	if (!t->asid.id)
		return;
	if (size > PROBE_MOST)
		new_asid(t);
	else
		host_tlb_drop(ia.v, size, vmid_value(&t->asid));
}

static void flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	flush_range(pt, ia, level == PGT_LEVEL_ANY ?
				    PROBE_MOST + PAGE_SIZE :
				    pgtable_leaf_size(pt, level), level);
}

static void flush_all(struct pgtable *pt)
{
	new_asid(of(pt));
}

/* The handler's loads are this CPU's own. */
static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
}

static const struct pgtable_ops gva_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = flush_addr,
	.tlb_flush_range = flush_range,
	.tlb_flush_all = flush_all,
	.table_sync = table_sync,
};

int gva_create(struct mips_vcpu *v)
{
	static const struct pgtable_config config = {
		.format = &pgtable_mips32, .ia_bits = 32, .oa_bits = 32};
	int err = 0;

	memcache_init(&v->gva_cache, &v->vcpu.vm->table_budget, 0);
	for (int i = 0; i < MIPS_TABLES && !err; i++) {
		v->gva[i].vcpu = v;
		err = pgtable_init(&v->gva[i].pt, &config, &gva_ops, NULL);
	}
	return err;
}

void gva_destroy(struct mips_vcpu *v)
{
	for (int i = 0; i < MIPS_TABLES; i++)
		if (v->gva[i].vcpu)
			pgtable_destroy(&v->gva[i].pt);
	memcache_drain(&v->gva_cache);
}

/* ---- The table in use --------------------------------------------------------- */

void gva_activate(struct mips_vcpu *v)
{
	struct mips_gva *t = &v->gva[v->guest.table];
	bool flush;
	u32 asid = vmid_use(&t->asid, this_cpu()->id, &flush);

	if (flush)
		host_tlb_drop_all();
	cp0_write(entryhi, asid);
	gva_directory = (u32)(uintptr_t)t->pt.root;
	v->stale = false;
	ehb();
}

void gva_deactivate(void)
{
	gva_directory = (u32)(uintptr_t)nothing;
	cp0_write(entryhi, 0);
	ehb();
}

/* ---- What goes ---------------------------------------------------------------- */

/* Where there is no table to split a leaf of 4 MiB with, all of it goes. */
void gva_drop(struct mips_gva *t, u32 va, u32 size)
{
	if (pgtable_unmap(&t->pt, IA(va), size, &t->vcpu->gva_cache)) {
		u64 first = ALIGN_DOWN((u64)va, SZ_4M);
		u64 end = ALIGN_UP((u64)va + size, SZ_4M);

		BUG_ON(pgtable_unmap(&t->pt, IA(first), end - first,
				     &t->vcpu->gva_cache));
	}
}

void gva_drop_all(struct mips_gva *t)
{
	/* Not one by one. */
	new_asid(t);
	gva_drop(t, 0, BIT32(31));
	gva_drop(t, BIT32(31), BIT32(31));
}

void gva_drop_mapped(struct mips_gva *t)
{
	const struct mips_layout *l = &t->vcpu->guest.layout;

	new_asid(t);
	gva_drop(t, 0, l->kseg0);
	if (t == &t->vcpu->gva[MIPS_KERNEL])
		gva_drop(t, l->kseg2, l->last - l->kseg2 + 1);
}

/* Part of [va, va + size), which shows [at, at + size), is in [gpa, gpa + n). */
static void drop_shown(struct mips_vcpu *v, u32 va, u64 at, u64 size, u64 gpa,
		       u64 n)
{
	u64 first = max(at, gpa), end = min(at + size, gpa + n);

	if (first >= end)
		return;
	va += first - at;
	gva_drop(&v->gva[MIPS_KERNEL], va, end - first);
	if (va < v->guest.layout.kseg0)
		gva_drop(&v->gva[MIPS_USER], va, end - first);
}

/* By the guest's TLB: no page is in a table that is not in there. */
static void drop_translated(struct mips_vcpu *v, const struct mips_tlb_entry *e,
			    u64 gpa, u64 n)
{
	u32 size = (e->mask | 0x1fff) / 2 + 1, va = e->hi & HI_VPN2;

	if (va > v->guest.layout.last)
		return;
	for (int i = 0; i < 2; i++) {
		u64 at = (u64)LO_PFN_OF(e->lo[i]) << PAGE_SHIFT & ~(u64)(size - 1);

		if (e->lo[i] & LO_V)
			drop_shown(v, va + i * size, at, size, gpa, n);
	}
}

static void drop_from_vcpu(struct mips_vcpu *v, u64 gpa, u64 n)
{
	const struct mips_layout *l = &v->guest.layout;

	for (u32 va = l->kseg0; va != l->kseg2; va += MIPS_SEGMENT_MASK + 1)
		drop_shown(v, va, 0, MIPS_SEGMENT_MASK + 1, gpa, n);
	if (v->guest.erl)
		drop_shown(v, 0, 0, MIPS_SEGMENT_MASK + 1, gpa, n);
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

/* Out of tables: those that there are begin anew. */
static int tables(struct mips_vcpu *v)
{
	u32 target = pgtable_tables_max(&v->gva[0].pt);

	if (v->gva_cache.count >= target || !memcache_topup(&v->gva_cache, target))
		return 0;
	gva_drop_all(&v->gva[MIPS_KERNEL]);
	gva_drop_all(&v->gva[MIPS_USER]);
	return memcache_topup(&v->gva_cache, target);
}

/* An entry that is not valid may be in the TLB. */
static void forget_invalid(struct mips_gva *t, u32 va, u32 size)
{
	if (t->asid.id)
		host_tlb_drop(va, size, vmid_value(&t->asid));
}

static int map(struct mips_vcpu *v, u32 va, u32 size, u64 pa, bool write)
{
	struct mips_gva *t = &v->gva[v->guest.table];
	int err;

	/* Entries that are not valid, of pages within it, would be duplicates. */
	if (size == SZ_4M)
		new_asid(t);
	err = pgtable_map(&t->pt, IA(va), size, HPA(pa),
			  write ? PGT_RWX : PGT_RX, &v->gva_cache, NULL);
	return err == -EALREADY ? 0 : err;
}

static int map_commpage(struct mips_vcpu *v)
{
	u32 va = v->guest.layout.commpage;
	int err = map(v, va, MIPS_COMMPAGE_SIZE, arch_virt_to_phys(v->guest.cp0).v, true);

	forget_invalid(&v->gva[v->guest.table], va, PAGE_SIZE);
	return err;
}

/* The pages around the fault that the GPA table has: within a run, within the
 * mapping. */
static int map_run(struct mips_vcpu *v, const struct mips_mapping *m)
{
	struct pgtable *s2 = &v->vcpu.vm->s2;
	u32 size = min(m->size, (u32)RUN_SIZE), va = m->fault & ~(size - 1);
	u64 gpa = m->gpa + (va - m->va);
	struct pgtable_leaf l;
	int err = 0;

	for (u32 at = 0; at < size && !err; at += PAGE_SIZE)
		if (!pgtable_lookup(s2, IA(gpa + at), &l))
			err = map(v, va + at, PAGE_SIZE,
				  l.pa.v + (gpa + at - l.ia.v),
				  m->writable && l.attr & PGT_W);
	forget_invalid(&v->gva[v->guest.table], va, size);
	return err;
}

/* With the leaf that has the fault. */
static int map_around(struct mips_vcpu *v, const struct mips_mapping *m,
		      const struct pgtable_leaf *l)
{
	u32 va = m->fault & ~(SZ_4M - 1);
	u64 gpa = m->gpa + (va - m->va);

	if (l->size < SZ_4M || m->size < SZ_4M || gpa % SZ_4M ||
	    l->pa.v + l->size > KSEG0)
		return map_run(v, m);
	return map(v, va, SZ_4M, l->pa.v + (gpa - l->ia.v),
		   m->writable && l->attr & PGT_W);
}

/* -ENOENT: the GPA table has not got it, or not so. */
static int enter(struct mips_vcpu *v, const struct guest_fault *f)
{
	const struct mips_mapping *m = &v->guest.map;
	struct vm *vm = v->vcpu.vm;
	struct pgtable_leaf l;
	int err = -ENOENT;

	read_lock(&vm->mmu_lock);
	if (!pgtable_lookup(&vm->s2, gpa_to_ia(f->gpa), &l) &&
	    (!f->write || l.attr & PGT_W))
		err = map_around(v, m, &l);
	read_unlock(&vm->mmu_lock);
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

	for (int i = 0; i < FAULT_TRIES; i++) {
		if (tables(v))
			return cannot_go_on(v, -ENOMEM, "no memory for tables", &f);
		err = m->commpage ? map_commpage(v) : enter(v, &f);
		if (!err)
			return MIPS_RUN;
		if (err != -ENOENT)
			continue;
		err = fault_handle(&v->vcpu, &f);
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

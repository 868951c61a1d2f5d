// SPDX-License-Identifier: BSD-2-Clause
#include "arch/sim/env.h"
#include <string.h>
#include "lib/errno.h"

/* ---- Tables --------------------------------------------------------------------- */

/* Counts stand beside the pages, by page number. */
#define COUNTS (1U << 16)
static u32 counts[COUNTS];

static u32 *count_of(const void *table)
{
	return &counts[((sim_phys(table) - SIM_RAM) >> PAGE_SHIFT) % COUNTS];
}

static void *table_alloc(struct pgtable *pt, struct memcache *mc, size_t size)
{
	struct sim_env *env = pt->env;
	void *p;

	if (env->fail_after && !--env->fail_after) {
		env->fail_after = 1;
		return NULL;
	}
	p = sim_pages_alloc(size);
	if (!p)
		return NULL;
	env->allocations++;
	memset(p, 0, size);
	*count_of(p) = 1;
	sim_table_alloc(p, size);
	return p;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	sim_table_free(table, size);
	/* Whoever still walks it finds what looks like an entry. */
	memset(table, 0x5b, size);
	sim_pages_free(table, size);
}

static u32 *table_count(struct pgtable *pt, void *table)
{
	return count_of(table);
}

static hpa_t to_phys(struct pgtable *pt, const void *table)
{
	return HPA(sim_phys(table));
}

static void *to_virt(struct pgtable *pt, hpa_t pa)
{
	return sim_virt(pa.v);
}

static void table_sync(struct pgtable *pt, void *entry, size_t size)
{
	const struct sim_env *env = pt->env;

	if (!env->skip_sync)
		sim_table_sync(entry, size);
}

/* ---- Invalidation ------------------------------------------------------------------ */

u64 sim_vtcr_of(const struct pgtable *pt)
{
	u64 granule = pgtable_leaf_size(pt, 3);

	return sim_make_vtcr(__builtin_ctzll(granule), pt->ia_bits,
			     pt->start_level, pt->oa_bits);
}

/* TTL: the granule, 1 for 4K, 2 for 16K, 3 for 64K, and the level. */
static u64 ttl(const struct sim_env *env, const struct pgtable *pt, int level)
{
	u64 granule = pgtable_leaf_size(pt, 3);

	if (level == PGT_LEVEL_ANY || level < 1)
		return 0;
	level = (level + env->false_hint) & 3;
	return (u64)(__builtin_ctzll(granule) - 10) / 2 << 2 | (u64)level;
}

struct selected {
	u64 vtcr, vttbr;
};

static struct selected select_vm(const struct sim_env *env,
				 const struct pgtable *pt)
{
	struct selected old = { sim_read_vtcr(), sim_read_vttbr() };

	sim_dsb();
	sim_write_vttbr(env->vtcr, sim_make_vttbr(pt->root_pa.v,
						  env->vmid + env->wrong_vmid));
	return old;
}

/* Without its base address, if that is to be tried (bugs.md 26). */
static void deselect_vm(const struct sim_env *env, const struct selected *old)
{
	u64 vttbr = old->vttbr;

	if (env->forget_base)
		vttbr &= GENMASK64(63, 48);
	sim_write_vttbr(old->vtcr, vttbr);
}

static void flush_stage1(const struct sim_env *env)
{
	sim_dsb();
	if (!env->skip_stage1)
		sim_tlbi(env->skip_broadcast ? SIM_VMALLE1 : SIM_VMALLE1IS, 0);
	sim_dsb();
}

void sim_flush_addr(const struct sim_env *env, const struct pgtable *pt,
		    u64 ia, int level)
{
	struct selected old;

	if (env->skip_flush)
		return;
	old = select_vm(env, pt);
	sim_tlbi(env->skip_broadcast ? SIM_IPAS2E1 : SIM_IPAS2E1IS,
		 ia >> 12 | ttl(env, pt, level) << 44);
	flush_stage1(env);
	deselect_vm(env, &old);
}

void sim_flush_all(const struct sim_env *env, const struct pgtable *pt)
{
	struct selected old;

	if (env->skip_flush)
		return;
	old = select_vm(env, pt);
	sim_tlbi(env->skip_broadcast ? SIM_VMALLS12E1 : SIM_VMALLS12E1IS, 0);
	sim_dsb();
	deselect_vm(env, &old);
}

/*
 * FEAT_TLBIRANGE: (NUM + 1) << (5 * SCALE + 1) granules at a time, the largest
 * scale first. What is odd goes by one address.
 */
static void flush_by_range(const struct sim_env *env, const struct pgtable *pt,
			   u64 ia, u64 size, int level)
{
	unsigned int shift = __builtin_ctzll(pgtable_leaf_size(pt, 3));
	u64 hint = level < 1 ? 0 : (u64)level, tg = (shift - 10) / 2;
	u64 pages = size >> shift;

	for (int scale = 3; scale >= 0; scale--) {
		unsigned int unit = 5 * scale + 1;

		while (pages >> unit) {
			u64 n = min(pages >> unit, (u64)32);

			sim_tlbi(SIM_RIPAS2E1IS,
				 tg << 46 | (u64)scale << 44 | (n - 1) << 39 |
					 hint << 37 | ia >> shift);
			ia += n << unit << shift;
			pages -= n << unit;
		}
	}
	if (pages)
		sim_tlbi(SIM_IPAS2E1IS, ia >> 12 | ttl(env, pt, level) << 44);
}

/* More than this is one for the whole VMID. */
#define ADDRESSES_MOST 32
#define RANGE_PAGES_MOST (32UL << 16) /* of the largest SCALE, once */

static bool too_much(const struct pgtable *pt, u64 size, int level)
{
	if (sim_features() & SIM_TLBIRANGE)
		return size / pgtable_leaf_size(pt, 3) > RANGE_PAGES_MOST;
	return level == PGT_LEVEL_ANY ||
	       size / pgtable_leaf_size(pt, level) > ADDRESSES_MOST;
}

void sim_flush_range(const struct sim_env *env, const struct pgtable *pt,
		     u64 ia, u64 size, int level)
{
	u64 step = level == PGT_LEVEL_ANY ? 0 : pgtable_leaf_size(pt, level);
	struct selected old;

	if (env->ignore_range) {
		sim_flush_addr(env, pt, ia, level);
		return;
	}
	if (env->skip_flush)
		return;
	if (too_much(pt, size, level)) {
		sim_flush_all(env, pt);
		return;
	}
	old = select_vm(env, pt);
	if (sim_features() & SIM_TLBIRANGE)
		flush_by_range(env, pt, ia, size, level);
	else
		for (u64 at = 0; at < size; at += step)
			sim_tlbi(SIM_IPAS2E1IS,
				 (ia + at) >> 12 | ttl(env, pt, level) << 44);
	flush_stage1(env);
	deselect_vm(env, &old);
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	sim_flush_addr(env, pt, ia.v, level);
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	sim_flush_range(env, pt, ia.v, size, level);
}

static void tlb_flush_all(struct pgtable *pt)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	sim_flush_all(env, pt);
}

static void page_clean(struct pgtable *pt, hpa_t pa, u64 size)
{
	sim_page_clean(pa.v, size);
}

const struct pgtable_ops sim_env_ops = {
	.table_alloc = table_alloc,
	.table_free = table_free,
	.table_count = table_count,
	.to_phys = to_phys,
	.to_virt = to_virt,
	.tlb_flush_addr = tlb_flush_addr,
	.tlb_flush_range = tlb_flush_range,
	.tlb_flush_all = tlb_flush_all,
	.table_sync = table_sync,
	.page_clean = page_clean,
};

/* ---- A tree -------------------------------------------------------------------------- */

int sim_env_init(struct sim_env *env, struct pgtable *pt,
		 const struct pgtable_config *config, u16 vmid, u32 cpus)
{
	int r;

	*env = (struct sim_env){ .vmid = vmid };
	r = pgtable_init(pt, config, &sim_env_ops, env);
	if (r)
		return r;
	env->vtcr = sim_vtcr_of(pt);
	for (unsigned int cpu = 0; cpu < sim_cpu_count(); cpu++) {
		if (!(cpus & BIT32(cpu)))
			continue;
		sim_be_cpu(cpu);
		sim_write_vttbr(env->vtcr, sim_make_vttbr(pt->root_pa.v, vmid));
		sim_enter(env, pt->root_pa.v, cpu);
	}
	sim_be_cpu(0);
	return 0;
}

void sim_env_exit(struct sim_env *env, struct pgtable *pt, u32 cpus)
{
	for (unsigned int cpu = 0; cpu < sim_cpu_count(); cpu++) {
		if (!(cpus & BIT32(cpu)))
			continue;
		sim_be_cpu(cpu);
		sim_leave();
	}
	sim_be_cpu(0);
	pgtable_destroy(pt);
}

// SPDX-License-Identifier: BSD-2-Clause
#include "arch/sim/env.h"
#include "arch/sim/mips.h"
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
		env->fail_after = !env->fail_once;
		env->failures++;
		return NULL;
	}
	p = sim_pages_alloc(size);
	if (!p)
		return NULL;
	env->allocations++;
	memset(p, 0, size);
	*count_of(p) = 1;
	if (!env->mips)
		sim_table_alloc(p, size);
	return p;
}

static void table_free(struct pgtable *pt, void *table, size_t size)
{
	const struct sim_env *env = pt->env;

	if (!env->mips)
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

	/* Software walks through the caches. */
	if (!env->skip_sync && !env->mips)
		sim_table_sync(entry, size);
}

/* ---- Invalidation ------------------------------------------------------------------ */

/* MIPS: pair by pair, or more than some pairs all at once. */
#define PAIRS_MOST 64

static void mips_flush_range(const struct sim_env *env, u64 ia, u64 size)
{
	u64 pair = 2 * PAGE_SIZE, end = ALIGN_UP(ia + size, pair);

	if (env->skip_flush)
		return;
	ia = ALIGN_DOWN(ia, pair);
	if (env->ignore_range)
		end = ia + pair;
	/* A leaf of 4 MiB is held as pairs of 1 MiB. */
	if ((end - ia) / pair > PAIRS_MOST) {
		sim_mips_flush_all();
		return;
	}
	for (; ia < end; ia += pair)
		sim_mips_flush_addr(ia);
}

static u64 mips_leaf(const struct pgtable *pt, int level)
{
	return level == 3 ? PAGE_SIZE : 4 * SZ_1M;
}

static void tlb_flush_addr(struct pgtable *pt, ia_t ia, int level)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	if (env->mips)
		mips_flush_range(env, ia.v, mips_leaf(pt, level));
	else
		sim_flush_addr(env, pt, ia.v, level);
}

static void tlb_flush_range(struct pgtable *pt, ia_t ia, u64 size, int level)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	if (env->mips)
		mips_flush_range(env, ia.v, size);
	else
		sim_flush_range(env, pt, ia.v, size, level);
}

static void tlb_flush_all(struct pgtable *pt)
{
	struct sim_env *env = pt->env;

	env->flushes++;
	if (env->mips)
		sim_mips_flush_all();
	else
		sim_flush_all(env, pt);
}

static void page_clean(struct pgtable *pt, hpa_t pa, u64 size)
{
	struct sim_env *env = pt->env;

	env->cleaned += size;
	if (sim_is_ram(pa.v, size))
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

/* What arch/ sets up: write-back, Device-nGnRE, non-cacheable. */
#define MAIR 0x4404ffULL

static void enter(struct sim_env *env, struct pgtable *pt, unsigned int cpu)
{
	u64 root = pt->root_pa.v;

	sim_be_cpu(cpu);
	if (env->mips) {
		sim_mips_use(root);
		return;
	}
	if (env->own) {
		sim_own_enable(env->tcr, root, MAIR);
		return;
	}
	sim_write_vttbr(env->vtcr, sim_make_vttbr(root, env->vmid));
	sim_enter(env, root, cpu);
}

int sim_env_init(struct sim_env *env, struct pgtable *pt,
		 const struct pgtable_config *config, u16 vmid, u32 cpus)
{
	int r;

	*env = (struct sim_env){ .vmid = vmid, .own = vmid == SIM_OWN,
				 .mips = sim_features() & SIM_MIPS };
	r = pgtable_init(pt, config, &sim_env_ops, env);
	if (r)
		return r;
	env->vtcr = sim_vtcr_of(pt);
	env->tcr = sim_make_tcr(__builtin_ctzll(pgtable_leaf_size(pt, 3)),
				pt->ia_bits, pt->oa_bits);
	for (unsigned int cpu = 0; cpu < sim_cpu_count(); cpu++)
		if (cpus & BIT32(cpu))
			enter(env, pt, cpu);
	sim_be_cpu(0);
	return 0;
}

void sim_env_exit(struct sim_env *env, struct pgtable *pt, u32 cpus)
{
	for (unsigned int cpu = 0; cpu < sim_cpu_count(); cpu++) {
		if (!(cpus & BIT32(cpu)))
			continue;
		sim_be_cpu(cpu);
		if (env->own)
			sim_own_disable();
		else if (!env->mips)
			sim_leave();
	}
	sim_be_cpu(0);
	pgtable_destroy(pt);
}

struct sim_result sim_env_access(const struct sim_env *env, u64 ia,
				 enum sim_access access)
{
	if (env->mips)
		return sim_mips_access(ia, access);
	return env->own ? sim_own_access(ia, access) : sim_access(ia, access);
}

void sim_env_quiet(const struct sim_env *env)
{
	sim_quiet();
	if (env->mips)
		sim_mips_quiet();
}

/* As the CPUs see it that were given to sim_env_init(). */
struct sim_result sim_env_translate(const struct sim_env *env,
				    const struct pgtable *pt, u64 ia,
				    enum sim_access access)
{
	if (env->mips)
		return sim_mips_translate(ia, access);
	return env->own ? sim_own_translate(ia, access) :
			  sim_translate(env->vtcr,
					sim_make_vttbr(pt->root_pa.v, env->vmid),
					ia, access);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The sequences of instructions that each port's tlb_flush_* perform (Arm ARM
 * DDI 0487, D8.14; DDI 0406, B3.10): shared by env.c and machine.c.
 *
 * By address, stage 2: the VM's VMID and VTCR_EL2 selected, what is stage 2's, a
 * DSB, what is stage 1's and combined, a DSB, and both registers put back. The hypervisor's own
 * regime needs one instruction; ARMv7's stage 2 goes by VMID alone.
 */
#include "arch/sim/env.h"

static bool has(u32 feature)
{
	return sim_features() & feature;
}

static unsigned int granule_shift(const struct pgtable *pt)
{
	return __builtin_ctzll(pgtable_leaf_size(pt, 3));
}

u64 sim_vtcr_of(const struct pgtable *pt)
{
	return sim_make_vtcr(granule_shift(pt), pt->ia_bits, pt->start_level,
			     pt->oa_bits);
}

/* ---- The VM's VMID, selected ----------------------------------------------------- */

struct selected {
	u64 vtcr, vttbr;
};

static struct selected select_vm(const struct sim_env *env,
				 const struct pgtable *pt)
{
	struct selected old = { sim_read_vtcr(), sim_read_vttbr() };

	sim_dsb();
	if (!env->own)
		sim_write_vttbr(env->keep_vtcr ? old.vtcr : env->vtcr,
				sim_make_vttbr(pt->root_pa.v,
					       env->vmid + env->wrong_vmid));
	return old;
}

/* Without its base address, if that is to be tried (bugs.md 26). */
static void deselect_vm(const struct sim_env *env, const struct selected *old)
{
	u64 vttbr = old->vttbr;

	if (env->own)
		return;
	if (env->forget_base)
		vttbr &= GENMASK64(63, 48);
	sim_write_vttbr(old->vtcr, vttbr);
}

static void flush_stage1(const struct sim_env *env)
{
	sim_dsb();
	if (!env->own) {
		if (!env->skip_stage1)
			sim_tlbi(env->skip_broadcast ? SIM_VMALLE1 :
						       SIM_VMALLE1IS, 0);
		sim_dsb();
	}
	sim_isb();
}

/* ---- Everything -------------------------------------------------------------------- */

static enum sim_tlbi whole_tree(const struct sim_env *env)
{
	if (has(SIM_ARMV7))
		return env->own		   ? SIM_TLBIALLHIS :
		       env->skip_broadcast ? SIM_TLBIALL :
					     SIM_TLBIALLIS;
	if (env->own)
		return env->skip_broadcast ? SIM_ALLE2 : SIM_ALLE2IS;
	return env->skip_broadcast ? SIM_VMALLS12E1 : SIM_VMALLS12E1IS;
}

void sim_flush_all(const struct sim_env *env, const struct pgtable *pt)
{
	struct selected old;

	if (env->skip_flush)
		return;
	old = select_vm(env, pt);
	sim_tlbi(whole_tree(env), 0);
	sim_dsb();
	sim_isb();
	deselect_vm(env, &old);
}

/* ---- By address ----------------------------------------------------------------------- */

/* TTL: the granule, 1 for 4K, 2 for 16K, 3 for 64K, and the level. */
static u64 ttl(const struct sim_env *env, const struct pgtable *pt, int level)
{
	if (level == PGT_LEVEL_ANY || level < 1)
		return 0;
	level = (level + env->false_hint) & 3;
	return (u64)(granule_shift(pt) - 10) / 2 << 2 | (u64)level;
}

/* One leaf's, or one table's, whose level is known or not. */
static void one_address(const struct sim_env *env, const struct pgtable *pt,
			u64 ia, int level)
{
	enum sim_tlbi op = env->skip_broadcast ? SIM_IPAS2E1 : SIM_IPAS2E1IS;

	if (has(SIM_ARMV7)) {
		sim_tlbi(SIM_TLBIMVAHIS, ia);
		return;
	}
	if (env->own)
		op = env->skip_broadcast ? SIM_VAE2 : SIM_VAE2IS;
	sim_tlbi(op, ia >> 12 | ttl(env, pt, level) << 44);
}

/* ARMv7 has nothing for an address of stage 2. */
static bool by_vmid_alone(const struct sim_env *env)
{
	return has(SIM_ARMV7) && !env->own;
}

void sim_flush_addr(const struct sim_env *env, const struct pgtable *pt,
		    u64 ia, int level)
{
	struct selected old;

	if (env->skip_flush)
		return;
	if (by_vmid_alone(env)) {
		sim_flush_all(env, pt);
		return;
	}
	old = select_vm(env, pt);
	one_address(env, pt, ia, level);
	flush_stage1(env);
	deselect_vm(env, &old);
}

/* ---- By range ---------------------------------------------------------------------------- */

/*
 * FEAT_TLBIRANGE: (NUM + 1) << (5 * SCALE + 1) granules at a time, the largest
 * scale first. What is odd goes by one address. With FEAT_LPA2's format the base
 * is in units of 64K, and so is the range then: some more goes.
 */
static void flush_by_range(const struct sim_env *env, const struct pgtable *pt,
			   u64 ia, u64 size, int level)
{
	u64 hint = level < 1 ? 0 : (u64)level;
	unsigned int shift = granule_shift(pt);
	unsigned int base = has(SIM_LPA2) ? 16 : shift;
	u64 tg = (shift - 10) / 2, end = ALIGN_UP(ia + size, 1ULL << base);
	u64 pages;

	ia = ALIGN_DOWN(ia, 1ULL << base);
	pages = (end - ia) >> shift;
	for (int scale = 3; scale >= 0; scale--) {
		unsigned int unit = 5 * (unsigned int)scale + 1;

		while (pages >> unit) {
			u64 n = min(pages >> unit, (u64)32);

			sim_tlbi(env->own ? SIM_RVAE2IS : SIM_RIPAS2E1IS,
				 tg << 46 | (u64)scale << 44 | (n - 1) << 39 |
					 hint << 37 | ia >> base);
			ia += n << unit << shift;
			pages -= n << unit;
		}
	}
	if (pages)
		one_address(env, pt, ia, level);
}

/* More than this is one for the whole tree. */
#define ADDRESSES_MOST 32
#define RANGE_PAGES_MOST (32UL << 16) /* of the largest SCALE, once */

static bool too_much(const struct pgtable *pt, u64 size, int level)
{
	if (has(SIM_TLBIRANGE))
		return size / pgtable_leaf_size(pt, 3) > RANGE_PAGES_MOST;
	return level == PGT_LEVEL_ANY ||
	       size / pgtable_leaf_size(pt, level) > ADDRESSES_MOST;
}

static void each_address(const struct sim_env *env, const struct pgtable *pt,
			 u64 ia, u64 size, int level)
{
	u64 step = pgtable_leaf_size(pt, level);

	for (u64 at = 0; at < size; at += step)
		one_address(env, pt, ia + at, level);
}

void sim_flush_range(const struct sim_env *env, const struct pgtable *pt,
		     u64 ia, u64 size, int level)
{
	struct selected old;

	if (env->ignore_range) {
		sim_flush_addr(env, pt, ia, level);
		return;
	}
	if (env->skip_flush)
		return;
	if (by_vmid_alone(env) || too_much(pt, size, level)) {
		sim_flush_all(env, pt);
		return;
	}
	old = select_vm(env, pt);
	if (has(SIM_TLBIRANGE))
		flush_by_range(env, pt, ia, size, level);
	else
		each_address(env, pt, ia, size, level);
	flush_stage1(env);
	deselect_vm(env, &old);
}

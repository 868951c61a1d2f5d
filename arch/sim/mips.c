// SPDX-License-Identifier: BSD-2-Clause
#include "arch/sim/mips.h"
#include <string.h>
#include "arch/sim/internal.h"
#include "pgtable/mips32.h"

/* EntryLo: what the hardware knows of a page. */
#define LO_V BIT32(1)
#define LO_D BIT32(2)
#define LO_XI BIT32(30)
#define LO_C(lo) ((lo) >> 3 & 7)
#define UNCACHED 2

#define PAIRS 256

struct pair {
	bool used;
	u32 va, page; /* where the even page starts, and how large each is */
	u32 lo[2];
};

static struct pair tlb[SIM_CPUS][PAIRS];
static u64 root;

static bool rixi(void)
{
	return sim_config.features & SIM_RIXI;
}

/* ---- The refill handler ------------------------------------------------------------ */

static u32 load(u64 pa)
{
	const u32 *p = sim_virt(pa);

	if (!p) {
		broken(SIM_TABLE_FREED, pa, "a walk reads what is no memory");
		return 0;
	}
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static bool is_table(u32 entry)
{
	return (entry & PGT_MIPS32_TABLE_TYPE) == PGT_MIPS32_TABLE_TYPE;
}

static u32 entry_lo(u32 entry)
{
	u32 lo = entry >> PGT_MIPS32_RIXI_SHIFT;

	if (!rixi())
		return entry >> PGT_MIPS32_SHIFT;
	return lo >> PGT_MIPS32_RIXI_ROTATE |
	       lo << (32 - PGT_MIPS32_RIXI_ROTATE);
}

/* A leaf of 4 MiB: a pair of 1 MiB within it. */
static struct pair large_pair(u32 va, u32 entry)
{
	struct pair p = { true, va & ~(2 * SZ_1M - 1), SZ_1M, { 0 } };
	u32 offset = p.va & (4 * SZ_1M - 1);

	p.lo[0] = entry_lo(entry + offset);
	p.lo[1] = entry_lo(entry + offset + SZ_1M);
	return p;
}

static struct pair refill(u32 va)
{
	struct pair p = { true, va & ~(2 * (u32)PAGE_SIZE - 1), PAGE_SIZE,
			  { 0 } };
	u32 entry = load(root + va / (4 * SZ_1M) * 4);
	u64 at;

	if (!is_table(entry))
		return large_pair(va, entry);
	at = entry - PGT_MIPS32_TABLE_TYPE + (p.va >> PAGE_SHIFT) % 1024 * 4;
	p.lo[0] = entry_lo(load(at));
	p.lo[1] = entry_lo(load(at + 4));
	return p;
}

/* What translates `va`, as whoever handles an exception finds it. */
static u32 leaf_entry(u32 va)
{
	u32 entry = load(root + va / (4 * SZ_1M) * 4);

	if (!is_table(entry))
		return entry;
	return load(entry - PGT_MIPS32_TABLE_TYPE +
		    (va >> PAGE_SHIFT) % 1024 * 4);
}

/* ---- The TLB -------------------------------------------------------------------------- */

static bool covers(const struct pair *p, u32 va)
{
	return p->used && va - p->va < 2 * p->page;
}

static struct pair *find(unsigned int cpu, u32 va)
{
	for (struct pair *p = tlb[cpu]; p < tlb[cpu] + PAIRS; p++)
		if (covers(p, va))
			return p;
	return NULL;
}

/* TLBWI over the pair that covers it, or TLBWR: two never match. */
static struct pair *write_pair(u32 va)
{
	struct pair new = refill(va), *p = find(me, va);

	for (struct pair *o = tlb[me]; o < tlb[me] + PAIRS; o++)
		if (o->used && ranges_overlap((u64)o->va, 2 * (u64)o->page,
					      (u64)new.va, 2 * (u64)new.page))
			o->used = false;
	if (!p)
		p = &tlb[me][rnd(PAIRS)];
	*p = new;
	return p;
}

static u32 half_of(const struct pair *p, u32 va)
{
	return p->lo[(va - p->va) / p->page];
}

static enum sim_fault_type fault_of(u32 lo, enum sim_access access)
{
	if (!(lo & LO_V))
		return SIM_TRANSLATION_FAULT;
	if ((access == SIM_WRITE && !(lo & LO_D)) ||
	    (access == SIM_EXEC && rixi() && lo & LO_XI))
		return SIM_PERMISSION_FAULT;
	return SIM_NO_FAULT;
}

/* V is young: a leaf that has it clear is there all the same. */
static struct sim_result result(u32 lo, u32 page, u32 va,
				enum sim_access access)
{
	struct sim_result r = { .fault = fault_of(lo, access), .level = 3 };

	if (r.fault == SIM_TRANSLATION_FAULT &&
	    leaf_entry(va) & PGT_MIPS32_VALID)
		r.fault = SIM_ACCESS_FLAG_FAULT;
	if (r.fault)
		return r;
	r.pa = ((u64)(lo >> 6 & 0xfffff) << PAGE_SHIFT) + va % page;
	r.device = LO_C(lo) == UNCACHED;
	return r;
}

struct sim_result sim_mips_access(u64 va, enum sim_access access)
{
	struct sim_result r;
	struct pair *p;

	sim_lock();
	p = find(me, va);
	if (!p || !rnd(16))
		p = write_pair(va);
	/* TLB invalid, TLB modified, execute-inhibit: with what the tables say
	 * now, once more. */
	if (fault_of(half_of(p, va), access))
		p = write_pair(va);
	r = result(half_of(p, va), p->page, va, access);
	trace(r.fault ? "fault" : "read", va,
	      r.fault ? (u64)r.fault << 4 : r.pa);
	sim_unlock();
	return r;
}

struct sim_result sim_mips_translate(u64 va, enum sim_access access)
{
	struct sim_result r;
	struct pair p;

	sim_lock();
	p = refill(va);
	r = result(half_of(&p, va), p.page, va, access);
	sim_unlock();
	return r;
}

void sim_mips_use(u64 pa)
{
	sim_lock();
	root = pa;
	memset(tlb, 0, sizeof(tlb));
	sim_unlock();
}

void sim_mips_flush_addr(u64 va)
{
	sim_lock();
	trace("tlbp", va, 0);
	for (unsigned int cpu = 0; cpu < sim_config.cpus; cpu++) {
		struct pair *p = find(cpu, va);

		if (p)
			p->used = false;
	}
	sim_unlock();
}

void sim_mips_flush_all(void)
{
	sim_lock();
	trace("tlbp", 0, ~0ULL);
	memset(tlb, 0, sizeof(tlb));
	sim_unlock();
}

/* ---- The rule ----------------------------------------------------------------------------- */

static void check_half(const struct pair *p, unsigned int half)
{
	u32 va = p->va + half * p->page;
	struct pair now = refill(va);
	u32 lo = half_of(&now, va);

	if (p->lo[half] & LO_V && (now.page != p->page || lo != p->lo[half]))
		broken(SIM_STALE_ENTRY, va,
		       "half %u of a pair holds 0x%x, and 0x%x is mapped", half,
		       p->lo[half], lo);
}

void sim_mips_quiet(void)
{
	sim_lock();
	for (unsigned int cpu = 0; cpu < sim_config.cpus; cpu++)
		for (struct pair *p = tlb[cpu]; p < tlb[cpu] + PAIRS; p++)
			for (unsigned int half = 0; p->used && half < 2; half++)
				check_half(p, half);
	sim_unlock();
}

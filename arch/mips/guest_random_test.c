// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K42, K44: a guest kernel that writes its TLB, changes ASIDs and modes at random,
 * and touches pages. Whatever a GVA table holds is what the guest's TLB says, in the
 * mode and ASID that the table is for (bugs.md 31, 33, 35); and what it can do is
 * what the manual says, by a lookup of the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/fake_guest.h"
#include "arch/sim/testing/property.h"

#define STEPS 3000
#define UNUSED 0x80000000U /* from here on nothing is translated, for a while */

/* ---- The guest's TLB by itself --------------------------------------------- */

struct model {
	u32 va, size; /* of a pair */
	u32 asid;
	u32 lo[2];
} model[MIPS_TLB_ENTRIES];

static u32 model_asid;

static const struct model *find(u32 va, u32 asid)
{
	for (struct model *m = model; m < model + MIPS_TLB_ENTRIES; m++)
		if (va - m->va < m->size &&
		    (m->asid == asid || (m->lo[0] & m->lo[1] & LO_G)))
			return m;
	return NULL;
}

/* The half that maps it, or 0; and its frame of 4 KiB. */
static u32 lookup(u32 va, u32 asid, u32 *gfn)
{
	const struct model *m = find(va, asid);
	u32 half = m ? m->size / 2 : 0, lo;

	if (!m)
		return 0;
	lo = m->lo[(va - m->va) / half];
	*gfn = (lo >> 6 & ~(half / 4096 - 1)) + (va - m->va) % half / 4096;
	return lo & (LO_V | LO_D);
}

/* ---- What a kernel does ------------------------------------------------------ */

/* Few addresses: around the commpage, the ends of segments, and kseg0. */
static u32 some_address(void)
{
	const u32 base[] = { 0, 0x100000, MIPS_KSEG0 - 0x80000,
			     MIPS_KSEG2 - 0x40000, MIPS_KSEG2,
			     fake_layout.last - 0x7ffff, MIPS_KSEG0,
			     MIPS_COMMPAGE & 0xffff0000 };

	return base[dice(ARRAY_SIZE(base))] + dice(32) * 4096;
}

static void execute(u32 insn)
{
	u32 status = CP0_OF(CP0_STATUS);

	CP0_OF(CP0_STATUS) = ST_EXL | status;
	mips_guest_before_entry(&guest);
	guest.pc = FAKE_CODE + 0x300000;
	fake_trap(insn);
	CP0_OF(CP0_STATUS) = status;
	mips_guest_before_entry(&guest);
}

static void set(u32 reg, u32 value)
{
	guest.gpr[4] = value;
	execute(MTC0(4, reg));
}

/* A kernel does not map twice: what the new entry would overlap goes first. */
static void clear(u32 n)
{
	model[n] = (struct model){ .va = UNUSED + n * 0x2000,
				   .size = 0x2000 };
	set(CP0_INDEX, n);
	set(CP0_PAGEMASK, 0);
	set(CP0_ENTRYHI, model[n].va | model_asid);
	set(CP0_ENTRYLO0, 0);
	set(CP0_ENTRYLO1, 0);
	execute(INSN_CO(CO_TLBWI));
}

static void write_entry(void)
{
	u32 size = 0x2000 << 2 * (dice(4) ? 0 : dice(4));
	struct model m = { .va = some_address() & ~(size - 1),
			   .size = size,
			   .asid = dice(6) };
	u32 n = dice(MIPS_TLB_ENTRIES);

	for (unsigned int i = 0; i < 2; i++)
		m.lo[i] = (u32)dice(0x800) << 6 | dice(8);
	for (u32 k = 0; k < MIPS_TLB_ENTRIES; k++)
		if (k != n && ranges_overlap(m.va, m.size, model[k].va,
					     model[k].size))
			clear(k);
	set(CP0_INDEX, n);
	set(CP0_PAGEMASK, (size - 1) & ~0x1fffU);
	set(CP0_ENTRYHI, m.va | m.asid);
	set(CP0_ENTRYLO0, m.lo[0]);
	set(CP0_ENTRYLO1, m.lo[1]);
	if (!(m.lo[0] & m.lo[1] & LO_G)) {
		m.lo[0] &= ~LO_G;
		m.lo[1] &= ~LO_G;
	}
	model[n] = m;
	execute(INSN_CO(CO_TLBWI));
	set(CP0_ENTRYHI, model_asid);
}

/* An entry that was there gets other halves, as when a page is made writable. */
static void rewrite_entry(void)
{
	u32 n = dice(MIPS_TLB_ENTRIES);
	struct model *m = &model[n];

	if (m->va - UNUSED < MIPS_TLB_ENTRIES * 0x2000)
		return;
	set(CP0_INDEX, n);
	execute(INSN_CO(CO_TLBR));
	m->lo[dice(2)] ^= dice(2) ? LO_D : LO_V;
	set(CP0_ENTRYLO0, m->lo[0]);
	set(CP0_ENTRYLO1, m->lo[1]);
	execute(INSN_CO(CO_TLBWI));
	set(CP0_ENTRYHI, model_asid);
}

static void touch(void)
{
	u32 va = some_address(), gfn = 0, lo;
	enum mips_access access = dice(3);
	bool kernel = mips_guest_kernel_mode(&guest);
	u32 status = CP0_OF(CP0_STATUS);
	struct fake_page p;
	enum mips_next next;

	if (va + 4096 > FAKE_CODE && va < FAKE_CODE + FAKE_RAM)
		return;
	guest.pc = FAKE_CODE;
	next = fake_touch(va, access, &p);
	lo = lookup(va, model_asid, &gfn);
	if (kernel && va == MIPS_COMMPAGE) {
		HOLDS(next == MIPS_MAP && p.commpage, "no commpage");
	} else if (va >= MIPS_KSEG0 && va < MIPS_KSEG2) {
		HOLDS((next == MIPS_MAP) == kernel, "kseg0 at 0x%x", va);
	} else if (!(lo & LO_V) || (va >= MIPS_KSEG0 && !kernel) ||
		   (access == MIPS_STORE && !(lo & LO_D))) {
		HOLDS(next == MIPS_RUN, "0x%x is mapped", va);
	} else {
		HOLDS(next == MIPS_MAP && p.gfn == gfn && !p.commpage,
		      "0x%x: page 0x%x, not 0x%x", va, p.gfn, gfn);
	}
	CP0_OF(CP0_STATUS) = status;
	mips_guest_before_entry(&guest);
}

/* ---- What holds ----------------------------------------------------------------- */

static void check_page(u32 space, enum mips_table t, u32 va,
		       const struct fake_page *p)
{
	u32 gfn = 0, lo = lookup(va, space, &gfn);

	if (t == MIPS_KERNEL && va == MIPS_COMMPAGE) {
		HOLDS(p->commpage, "something else at the commpage");
		return;
	}
	HOLDS(!p->commpage, "the commpage is at 0x%x", va);
	if (va >= MIPS_KSEG0 && va < MIPS_KSEG2) {
		HOLDS(t == MIPS_KERNEL && p->gfn == (va & 0x1fffffff) / 4096,
		      "0x%x in table %u", va, t);
		return;
	}
	HOLDS(t == MIPS_KERNEL || va < MIPS_KSEG0, "0x%x for the user", va);
	HOLDS(lo & LO_V && p->gfn == gfn, "stale: 0x%x is page 0x%x", va, p->gfn);
	HOLDS(!p->writable || lo & LO_D, "0x%x can be written", va);
}

static void check_tables(void)
{
	for (unsigned int s = 0; s < FAKE_SPACES; s++)
		for (unsigned int t = 0; t < MIPS_TABLES; t++)
			for (u32 i = 0; i < fake_entered; i++)
				if (fake_tables[s][t][fake_page[i]].there)
					check_page(fake_space[s], t,
						   fake_page[i] * 4096,
						   &fake_tables[s][t][fake_page[i]]);
	HOLDS(guest.space == guest.asid && fake_space[fake_now] == guest.space,
	      "of another ASID");
}

static void one_run(void)
{
	fake_reset();
	fake_unpatched = true;
	model_asid = 0;
	for (u32 n = 0; n < MIPS_TLB_ENTRIES; n++)
		clear(n);
	set(CP0_ENTRYHI, 0);
	for (unsigned long i = 0; i < STEPS; i++) {
		if (!property_step(i))
			continue;
		switch (dice(8)) {
		case 0:
			write_entry();
			break;
		case 1:
			rewrite_entry();
			break;
		case 2:
			model_asid = dice(6);
			set(CP0_ENTRYHI, model_asid);
			break;
		case 3:
			CP0_OF(CP0_STATUS) ^= ST_UM;
			mips_guest_before_entry(&guest);
			break;
		default:
			touch();
		}
		check_tables();
	}
}

static void tables_hold_what_the_tlb_says(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, 5))
		one_run();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_hold_what_the_tlb_says),
	};

	property_init(2 * ARRAY_SIZE(tests));
	return fake_run_with_both_layouts(tests);
}

struct property property;

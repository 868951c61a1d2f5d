// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K42: the guest's TLB, what of the GVA tables goes when it changes, and what a
 * guest has at an address; bugs.md 31 to 33 and 35.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "arch/mips/testing/fake_guest.h"

#define VA 0x00402000U
#define ODD (VA + 0x1000)
#define LO(gfn, flags) ((u32)(gfn) << 6 | LO_C(3) | (flags))
#define RW (LO_V | LO_D)

static int setup(void **state)
{
	fake_reset();
	fake_unpatched = true;
	return 0;
}

static void set(u32 reg, u32 value)
{
	guest.gpr[4] = value;
	guest.pc = FAKE_CODE;
	fake_trap(MTC0(4, reg));
	mips_guest_before_entry(&guest);
}

static void co(u32 funct)
{
	guest.pc = FAKE_CODE;
	fake_trap(INSN_CO(funct));
	mips_guest_before_entry(&guest);
}

/* An entry, as a guest kernel writes it; EntryHi keeps its ASID. */
static void write_entry(u32 n, u32 hi, u32 mask, u32 lo0, u32 lo1)
{
	u32 old = CP0_OF(CP0_ENTRYHI);

	set(CP0_INDEX, n);
	set(CP0_PAGEMASK, mask);
	set(CP0_ENTRYHI, hi);
	set(CP0_ENTRYLO0, lo0);
	set(CP0_ENTRYLO1, lo1);
	co(CO_TLBWI);
	set(CP0_ENTRYHI, old);
}

static void user(void)
{
	CP0_OF(CP0_STATUS) = ST_UM;
	mips_guest_before_entry(&guest);
}

static void kernel(void)
{
	CP0_OF(CP0_STATUS) = 0;
	mips_guest_before_entry(&guest);
}

static void is_mapped(u32 va, u32 gfn)
{
	struct fake_page p;

	assert_int_equal(fake_touch(va, MIPS_LOAD, &p), MIPS_MAP);
	assert_int_equal(p.gfn, gfn);
	assert_false(p.commpage);
}

static bool held(enum mips_table t, u32 va)
{
	return fake_table[t][va / 4096].there;
}

static void raises(u32 va, enum mips_access access, u32 code, u32 offset)
{
	u32 status = CP0_OF(CP0_STATUS);

	assert_int_equal(fake_touch(va, access, NULL), MIPS_RUN);
	assert_int_equal(CAUSE_EXC_OF(CP0_OF(CP0_CAUSE)), code);
	assert_int_equal(guest.pc, MIPS_KSEG0 + offset);
	CP0_OF(CP0_STATUS) = status;
}

/* ---- Translation ------------------------------------------------------- */

static void an_entry_is_two_pages(void **state)
{
	write_entry(5, VA, 0, LO(0x11, RW), LO(0x22, LO_V));
	is_mapped(VA, 0x11);
	is_mapped(ODD, 0x22);
	assert_int_equal(fake_touch(VA, MIPS_STORE, NULL), MIPS_MAP);
	raises(ODD, MIPS_STORE, EXC_MOD, 0x180);
	raises(VA + 0x2000, MIPS_LOAD, EXC_TLBL, 0);
	raises(VA + 0x2000, MIPS_STORE, EXC_TLBS, 0);
	raises(VA - 0x1000, MIPS_FETCH, EXC_TLBL, 0);
}

/* A half without V: the general vector, not the refill's. */
static void a_half_can_be_invalid(void **state)
{
	write_entry(5, VA, 0, LO(0x11, LO_D), LO(0x22, LO_V));
	raises(VA, MIPS_LOAD, EXC_TLBL, 0x180);
	raises(VA, MIPS_STORE, EXC_TLBS, 0x180);
	is_mapped(ODD, 0x22);
}

static void every_page_size_translates(void **state)
{
	for (u32 size = 0x1000; size <= 0x10000000; size *= 4) {
		u32 mask = (2 * size - 1) & ~0x1fffU;

		setup(NULL);
		write_entry(0, 0x20000000, mask, LO(0x40000, RW),
			    LO(0x80000 + 7, RW));
		is_mapped(0x20000000 + size - 0x1000,
			  0x40000 + size / 4096 - 1);
		is_mapped(0x20000000 + size, 0x80007 & ~(size / 4096 - 1));
		assert_int_equal(guest.map.size, size);
		raises(0x20000000 - 1, MIPS_LOAD, EXC_TLBL, 0);
		if (size < 0x10000000)
			raises(0x20000000 + 2 * size, MIPS_LOAD, EXC_TLBL, 0);
	}
}

/* Masks that are no page size: of the pairs of ones from the bottom, as many as
 * there are without a gap. */
static void a_nonsense_pagemask_is_a_page_size(void **state)
{
	static const struct {
		u32 mask, stands;
	} row[] = {
		{0xffffffff, 0x1fffe000}, {0x2000, 0}, {0xe000, 0x6000},
		{0x1fff8000, 0}, {0x1e006000, 0x6000}, {0x00007fff, 0x6000},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		CP0_OF(CP0_PAGEMASK) = row[i].mask; /* without mtc0 */
		CP0_OF(CP0_INDEX) = 3;
		co(CO_TLBWI);
		co(CO_TLBR);
		assert_int_equal(CP0_OF(CP0_PAGEMASK), row[i].stands);
	}
}

static void the_asid_counts_but_for_global_entries(void **state)
{
	write_entry(1, VA | 5, 0, LO(1, RW), LO(2, RW));
	write_entry(2, 0x800000, 0, LO(3, RW | LO_G), LO(4, RW | LO_G));
	/* One G of two: not global. */
	write_entry(3, 0x900000, 0, LO(5, RW | LO_G), LO(6, RW));
	set(CP0_ENTRYHI, 5);
	is_mapped(VA, 1);
	is_mapped(0x800000, 3);
	raises(0x900000, MIPS_LOAD, EXC_TLBL, 0);
	set(CP0_ENTRYHI, 6);
	raises(VA, MIPS_LOAD, EXC_TLBL, 0);
	is_mapped(0x800000, 3);
}

/* bugs.md 35, fe2b73dba47f: how many bits it has is the guest CPU's. */
static void an_asid_has_as_many_bits_as_the_cpu_says(void **state)
{
	guest.asid_mask = 0x3ff;
	write_entry(1, VA | 0x105, 0, LO(1, RW), LO(2, RW));
	set(CP0_ENTRYHI, 0x105);
	is_mapped(VA, 1);
	set(CP0_ENTRYHI, 0x005);
	raises(VA, MIPS_LOAD, EXC_TLBL, 0);
	assert_int_equal(CP0_OF(CP0_ENTRYHI), VA | 0x005);
	setup(NULL);
	write_entry(1, VA | 0x105, 0, LO(1, RW), LO(2, RW));
	set(CP0_ENTRYHI, 0x205);
	is_mapped(VA, 1);
}

/* bugs.md 32: whatever the guest puts there, the frame is the one it wrote: where
 * there is no RAM, that is found, and not a lower frame that has some. */
static void a_frame_number_is_not_cut(void **state)
{
	write_entry(1, VA, 0, LO(0xffffff, RW), LO(0x100001, RW));
	assert_int_equal(fake_exception(EXC_TLBL, VA), MIPS_MAP);
	assert_true(guest.map.gpa == 0xffffff000);
	assert_int_equal(fake_exception(EXC_TLBL, ODD + 8), MIPS_MAP);
	assert_true(guest.map.gpa + (guest.map.fault - guest.map.va) ==
		    0x100001008);
}

/* A kernel that reaches for a device through its TLB. */
static void an_entry_without_ram_is_a_device(void **state)
{
	write_entry(1, MIPS_KSEG2, 0, LO(0x1f000, RW), LO(0x12345678, RW));
	guest.gpr[5] = MIPS_KSEG2;
	fake_put(FAKE_CODE, INSN_I(OP_LW, 5, 2, 0x10));
	guest.pc = FAKE_CODE;
	assert_int_equal(fake_exception(EXC_TLBL, MIPS_KSEG2 + 0x10), MIPS_MAP);
	assert_int_equal(mips_guest_access_device(&guest), MIPS_MMIO);
	assert_true(guest.mmio.gpa == 0x1f000010);
	guest.mmio.value = 99;
	assert_int_equal(mips_guest_complete_mmio(&guest), MIPS_RUN);
	assert_int_equal(guest.gpr[2], 99);
	assert_int_equal(guest.pc, FAKE_CODE + 4);
}

static void kseg0_is_linear_for_the_kernel(void **state)
{
	is_mapped(MIPS_KSEG0, 0);
	is_mapped(MIPS_KSEG0 + 0x1ffff000, 0x1ffff);
	assert_int_equal(guest.map.size, 0x20000000);
	assert_int_equal(guest.map.va, MIPS_KSEG0);
	/* An entry for it does nothing. */
	write_entry(1, MIPS_KSEG0, 0, LO(5, RW), LO(6, RW));
	assert_true(held(MIPS_KERNEL, MIPS_KSEG0));
	is_mapped(MIPS_KSEG0, 0);
}

/* Where it is no address error of the host's: the same memory, and devices. */
static void kseg1_is_linear_for_the_kernel(void **state)
{
	if (fake_layout.emulated)
		return;
	is_mapped(0xa0000000, 0);
	is_mapped(0xbffff000, 0x1ffff);
	assert_int_equal(guest.map.size, 0x20000000);
	assert_int_equal(guest.map.va, 0xa0000000);
	write_entry(1, 0xa0000000, 0, LO(5, RW), LO(6, RW));
	is_mapped(0xa0000000, 0);
	guest.gpr[5] = 0xbf000900;
	fake_put(FAKE_CODE, INSN_I(OP_SB, 5, 0, 8));
	guest.pc = FAKE_CODE;
	assert_int_equal(fake_exception(EXC_TLBS, 0xbf000908), MIPS_MAP);
	assert_int_equal(mips_guest_access_device(&guest), MIPS_MMIO);
	assert_true(guest.mmio.gpa == 0x1f000908);
}

/* MD00090, "kuseg when ERL = 1": unmapped, 2^31 bytes; here what there is of it. */
static void useg_is_not_mapped_while_erl_is_set(void **state)
{
	struct fake_page p;

	write_entry(1, VA, 0, LO(0x11, RW), LO(0x22, RW));
	is_mapped(VA, 0x11);
	set(CP0_STATUS, ST_ERL);
	is_mapped(VA, VA / 4096);
	is_mapped(MIPS_KSEG0 - 0x1000, MIPS_KSEG0 / 4096 - 1);
	assert_int_equal(fake_touch(MIPS_COMMPAGE, MIPS_STORE, &p), MIPS_MAP);
	assert_true(p.commpage);
	is_mapped(0x8000, 8);
	assert_true(guest.map.va >= FAKE_BY_LAYOUT(0x8000, 0));
	set(CP0_STATUS, 0);
	is_mapped(VA, 0x11);
}

/* ---- The commpage (bugs.md 33) ------------------------------------------- */

static void the_commpage_hides_what_the_kernel_has_there(void **state)
{
	u32 page = MIPS_COMMPAGE, beside = page ^ 0x1000, pair = page & ~0x1fff;
	bool odd = page & 0x1000, user_has_it = page < MIPS_KSEG0;
	struct fake_page p;

	write_entry(1, pair, 0, LO(0x66, RW), LO(0x77, RW));
	assert_int_equal(fake_touch(page + 0x10, MIPS_LOAD, &p), MIPS_MAP);
	assert_true(p.commpage);
	is_mapped(beside, odd ? 0x66 : 0x77);
	assert_int_equal(guest.map.size, 0x1000);
	user();
	if (user_has_it)
		is_mapped(page + 0x10, odd ? 0x77 : 0x66);
	kernel();
	/* Its neighbour goes, and the user's; the commpage stays. */
	write_entry(1, pair, 0, LO(0x68, RW), LO(0x79, RW));
	assert_false(held(MIPS_KERNEL, beside));
	assert_true(held(MIPS_KERNEL, page));
	assert_false(held(MIPS_USER, page));
	is_mapped(beside, odd ? 0x68 : 0x79);
}

static void large_page_around(void)
{
	/* 64 KiB below 2^32, of which the commpage is in the middle. */
	write_entry(1, 0xfffe0000, 0x1e000, LO(0x100, RW), LO(0x200, RW));
	is_mapped(0xffff3000, 0x203);
	assert_int_equal(guest.map.va, 0xffff0000);
	assert_int_equal(guest.map.size, 0x8000);
	is_mapped(0xffff9000, 0x209);
	assert_int_equal(guest.map.size, 0x1000);
	is_mapped(0xfffff000, 0x20f);
	assert_int_equal(guest.map.va, 0xffffc000);
	assert_int_equal(guest.map.size, 0x4000);
	assert_int_equal(fake_touch(0xffff8000, MIPS_LOAD, NULL), MIPS_MAP);
	write_entry(1, 0x2000, 0, 0, 0);
	assert_false(held(MIPS_KERNEL, 0xffff3000));
	assert_true(held(MIPS_KERNEL, 0xffff8000));
	assert_false(held(MIPS_KERNEL, 0xffff9000));
	assert_false(held(MIPS_KERNEL, 0xfffff000));
}

static void a_large_page_leaves_the_commpage_out(void **state)
{
	if (!fake_layout.emulated) {
		large_page_around();
		return;
	}
	/* 64 KiB at 0. */
	write_entry(1, 0, 0x1e000, LO(0x100, RW), LO(0x200, RW));
	is_mapped(0x3000, 0x103);
	assert_int_equal(guest.map.va, 0);
	assert_int_equal(guest.map.size, 0x4000);
	is_mapped(0x6000, 0x106);
	assert_int_equal(guest.map.size, 0x1000);
	is_mapped(0x9000, 0x109);
	assert_int_equal(guest.map.va, 0x8000);
	assert_int_equal(guest.map.size, 0x8000);
	assert_true(guest.map.gpa == 0x108000);
	assert_int_equal(fake_touch(0x7000, MIPS_LOAD, NULL), MIPS_MAP);
	write_entry(1, 0x2000, 0, 0, 0);
	assert_false(held(MIPS_KERNEL, 0x3000));
	assert_false(held(MIPS_KERNEL, 0x6000));
	assert_true(held(MIPS_KERNEL, 0x7000));
	assert_false(held(MIPS_KERNEL, 0x9000));
}

/* ---- What goes (bugs.md 31, 35) -------------------------------------------- */

static void fill(void)
{
	is_mapped(VA, 0x11);
	is_mapped(ODD, 0x22);
}

static void both_pages_of_a_pair_go_from_both_tables(void **state)
{
	write_entry(5, VA, 0, LO(0x11, RW), LO(0x22, RW));
	fill();
	user();
	fill();
	kernel();
	write_entry(5, 0x10000, 0, LO(1, RW), LO(2, RW));
	for (unsigned int t = 0; t < MIPS_TABLES; t++) {
		assert_false(held(t, VA));
		assert_false(held(t, ODD));
	}
}

static void tlbwr_drops_what_it_replaces(void **state)
{
	write_entry(63, VA, 0, LO(0x11, RW), LO(0x22, RW));
	fill();
	set(CP0_WIRED, 63); /* entry 63 is the only one */
	co(CO_TLBWR);
	assert_false(held(MIPS_KERNEL, VA));
	assert_false(held(MIPS_KERNEL, ODD));
}

static void no_more_goes_than_must(void **state)
{
	write_entry(5, VA, 0, LO(0x11, RW), LO(0x22, RW));
	write_entry(6, VA + 0x2000, 0, LO(0x33, RW), LO(0x44, RW));
	fill();
	is_mapped(VA + 0x2000, 0x33);
	fake_drops = 0;
	/* The same again: nothing. */
	write_entry(5, VA, 0, LO(0x11, RW), LO(0x22, RW));
	assert_int_equal(fake_drops, 0);
	/* One half. */
	write_entry(5, VA, 0, LO(0x11, RW), LO(0x22, LO_V));
	assert_true(held(MIPS_KERNEL, VA));
	assert_false(held(MIPS_KERNEL, ODD));
	assert_true(held(MIPS_KERNEL, VA + 0x2000));
	/* What was not valid is nowhere. */
	write_entry(7, 0x500000, 0, 0, LO(1, RW));
	fake_drops = 0;
	write_entry(7, 0x500000, 0, LO(1, RW), LO(1, RW));
	assert_int_equal(fake_drops, 0);
}

static void an_asid_has_pages_of_its_own(void **state)
{
	write_entry(5, VA | 1, 0, LO(0x11, RW), LO(0x22, RW));
	write_entry(6, VA | 2, 0, LO(0x33, RW), LO(0x44, RW));
	set(CP0_ENTRYHI, 1);
	is_mapped(VA, 0x11);
	user();
	is_mapped(ODD, 0x22);
	kernel();
	set(CP0_ENTRYHI, 2);
	assert_false(held(MIPS_KERNEL, VA));
	is_mapped(VA, 0x33);
	user();
	is_mapped(VA, 0x33);
	is_mapped(ODD, 0x44);
}

/* Of an ASID that is not in effect, pages go with their entry: it may come back
 * (bugs.md 34, 35). */
static void what_goes_goes_from_the_asid_that_has_it(void **state)
{
	write_entry(5, VA | 1, 0, LO(0x11, RW), LO(0x22, RW));
	write_entry(6, 0x800000 | 1, 0, LO(0x33, RW), LO(0x44, RW));
	write_entry(7, 0x900000 | 1, 0, LO(0x55, RW | LO_G), LO(0x66, RW | LO_G));
	set(CP0_ENTRYHI, 1);
	user();
	fill();
	is_mapped(0x800000, 0x33);
	is_mapped(0x900000, 0x55);
	kernel();
	set(CP0_ENTRYHI, 2);
	write_entry(5, 0x10000 | 2, 0, 0, 0);
	write_entry(7, 0x12000 | 2, 0, 0, 0);
	set(CP0_ENTRYHI, 1);
	user();
	assert_false(held(MIPS_USER, VA));
	assert_false(held(MIPS_USER, ODD));
	assert_false(held(MIPS_USER, 0x900000));
	assert_true(held(MIPS_USER, 0x800000));
}

/* TLBR puts the entry's ASID into effect too. */
static void tlbr_changes_the_asid(void **state)
{
	write_entry(5, VA | 1, 0, LO(0x11, RW), LO(0x22, RW));
	write_entry(6, VA | 2, 0, LO(0x33, RW | LO_G), LO(0x44, RW));
	set(CP0_ENTRYHI, 1);
	fill();
	set(CP0_INDEX, 6);
	co(CO_TLBR);
	assert_int_equal(CP0_OF(CP0_ENTRYHI), VA | 2);
	assert_int_equal(CP0_OF(CP0_ENTRYLO0), LO(0x33, RW));
	assert_int_equal(CP0_OF(CP0_ENTRYLO1), LO(0x44, RW));
	assert_int_equal(CP0_OF(CP0_PAGEMASK), 0);
	assert_false(held(MIPS_KERNEL, VA));
	is_mapped(VA, 0x33);
}

static void tlbp_finds_or_does_not(void **state)
{
	write_entry(9, 0x800000 | 3, 0x6000, LO(1, RW), LO(2, RW));
	set(CP0_ENTRYHI, 0x806000 | 3);
	co(CO_TLBP);
	assert_int_equal(CP0_OF(CP0_INDEX), 9);
	set(CP0_ENTRYHI, 0x808000 | 3);
	co(CO_TLBP);
	assert_int_equal(CP0_OF(CP0_INDEX) >> 31, 1);
	set(CP0_ENTRYHI, 0x800000 | 4);
	co(CO_TLBP);
	assert_int_equal(CP0_OF(CP0_INDEX) >> 31, 1);
}

/* Mapped twice: UNDEFINED by the manual; here the lower entry, before and after
 * either is changed. */
static void of_two_entries_the_lower_counts(void **state)
{
	write_entry(8, VA, 0, LO(0x88, RW), LO(0x99, RW));
	write_entry(5, VA, 0x6000, LO(0x110, RW), LO(0x220, RW));
	is_mapped(VA, 0x112);
	write_entry(5, 0x900000, 0, 0, 0);
	is_mapped(VA, 0x88);
}

static void unused_entries_match_nothing(void **state)
{
	for (u64 va = 0; va < fake_layout.last; va += 0x1000000)
		if (va < MIPS_KSEG0 || va >= MIPS_KSEG2)
			raises(va, MIPS_LOAD, EXC_TLBL, 0);
	for (unsigned int n = 0; n < MIPS_TLB_ENTRIES; n++)
		for (unsigned int k = 0; k < n; k++)
			assert_int_not_equal(guest.tlb[n].hi, guest.tlb[k].hi);
}

/* However many are in one place of the index, and of whatever size. */
static void entries_of_all_places_and_sizes_are_found(void **state)
{
	for (u32 shift = 13; shift < 24; shift++) {
		u32 mask = shift < 15 ? 0 : 0x6000;

		for (u32 n = 0; n < MIPS_TLB_ENTRIES; n++)
			write_entry(n, n << shift, n % 8 == 7 ? mask : 0,
				    LO(n, RW), LO(n, RW));
		for (u32 n = 0; n < MIPS_TLB_ENTRIES; n++) {
			set(CP0_ENTRYHI, (n << shift) + (n % 8 == 7 ? mask : 0));
			co(CO_TLBP);
			assert_int_equal(CP0_OF(CP0_INDEX), n);
		}
		write_entry(21, 0x80000000, 0, 0, 0);
		set(CP0_ENTRYHI, 21U << shift);
		co(CO_TLBP);
		assert_int_equal(CP0_OF(CP0_INDEX), INDEX_P);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
		T(an_entry_is_two_pages),
		T(a_half_can_be_invalid),
		T(every_page_size_translates),
		T(a_nonsense_pagemask_is_a_page_size),
		T(the_asid_counts_but_for_global_entries),
		T(an_asid_has_as_many_bits_as_the_cpu_says),
		T(a_frame_number_is_not_cut),
		T(an_entry_without_ram_is_a_device),
		T(kseg0_is_linear_for_the_kernel),
		T(kseg1_is_linear_for_the_kernel),
		T(useg_is_not_mapped_while_erl_is_set),
		T(the_commpage_hides_what_the_kernel_has_there),
		T(a_large_page_leaves_the_commpage_out),
		T(both_pages_of_a_pair_go_from_both_tables),
		T(tlbwr_drops_what_it_replaces),
		T(no_more_goes_than_must),
		T(an_asid_has_pages_of_its_own),
		T(what_goes_goes_from_the_asid_that_has_it),
		T(tlbr_changes_the_asid),
		T(tlbp_finds_or_does_not),
		T(of_two_entries_the_lower_counts),
		T(entries_of_all_places_and_sizes_are_found),
		T(unused_entries_match_nothing),
	};

	return fake_run_with_both_layouts(tests);
}

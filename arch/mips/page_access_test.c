// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/page_access.c
// flags: -Dmemcpy=test_memcpy -Dmemset=test_memset
/* Windows to pages that kseg0 does not show, as the TLB has them (K20). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "arch/mips/refill.h"
#include "core/page_access.h"
#include "core/page_alloc.h"
#include "lib/errno.h"
#include "lib/log.h"

/* ---- The CPU ------------------------------------------------------------------------ */

struct mips_features features;
struct gva_form gva_form;
struct mips_cpu mips_cpu;

static struct entry {
	u32 hi, lo[2], mask;
} tlb[64];
static u32 reg_index, hi, lo[2], mask, wired, pwctl;
static unsigned int writes;
/* Written, and there was no EHB since: whoever reads it, or goes by it, is too early. */
static const u32 *pending[8];
static unsigned int pendings;

static u32 *reg(const char *name)
{
	if (!strcmp(name, "index"))
		return &reg_index;
	if (!strcmp(name, "entryhi"))
		return &hi;
	if (!strcmp(name, "entrylo0"))
		return &lo[0];
	if (!strcmp(name, "entrylo1"))
		return &lo[1];
	if (!strcmp(name, "pagemask"))
		return &mask;
	if (!strcmp(name, "pwctl"))
		return &pwctl;
	assert_string_equal(name, "wired");
	return &wired;
}

static void must_count(const char *name)
{
	for (unsigned int i = 0; i < pendings; i++)
		if (pending[i] == reg(name))
			fail_msg("no EHB since %s was written", name);
}

u32 test_cp0_read(const char *name)
{
	must_count(name);
	return *reg(name);
}

static void set(u32 *r, u32 v)
{
	*r = v;
	assert_true(pendings < 8);
	pending[pendings++] = r;
}

/* A walk of the CPU's is by the ASID that EntryHi has. */
static void must_not_walk(void)
{
	assert_false(pwctl >> 31);
	must_count("pwctl");
}

void test_cp0_write(const char *name, u32 v)
{
	if (reg(name) == &hi && v != hi)
		must_not_walk();
	set(reg(name), v);
}

void test_ehb(void)
{
	pendings = 0;
}

static u32 size_of(u32 mask_of)
{
	return (mask_of | 0x1fff) + 1;
}

/* No two entries may be for one address: a machine check, on some CPUs for good. */
void test_tlb(const char *op)
{
	must_count("index");
	assert_true(reg_index < features.tlb_entries);
	if (!strcmp(op, "tlbr")) {
		set(&hi, tlb[reg_index].hi);
		set(&mask, tlb[reg_index].mask);
		set(&lo[0], tlb[reg_index].lo[0]);
		set(&lo[1], tlb[reg_index].lo[1]);
		return;
	}
	must_not_walk();
	assert_string_equal(op, "tlbwi");
	must_count("entryhi");
	must_count("entrylo0");
	must_count("entrylo1");
	must_count("pagemask");
	for (unsigned int i = 0; i < features.tlb_entries; i++)
		assert_true(i == reg_index ||
			    !ranges_overlap(tlb[i].hi & HI_VPN2, size_of(tlb[i].mask),
					    hi & HI_VPN2, size_of(mask)));
	tlb[reg_index] = (struct entry){hi, {lo[0], lo[1]}, mask};
	writes++;
}

/* What a kernel-mode access to `va` reaches: ~0: a miss. */
static u64 reaches(const void *p)
{
	u32 va = (uintptr_t)p;

	if (va >= KSEG0 && va < KSEG1)
		return va - KSEG0;
	for (unsigned int i = 0; i < features.tlb_entries; i++) {
		u32 size = size_of(tlb[i].mask) / 2, l = tlb[i].lo[!!(va & size)];

		if ((tlb[i].hi ^ va) & -(2 * size))
			continue;
		/* Guests may have something else there. */
		assert_false((tlb[i].lo[0] | tlb[i].lo[1]) & LO_G);
		assert_int_equal(tlb[i].hi & HI_ASID, 0);
		if (hi & HI_ASID)
			continue;
		/* Of 4 KiB, or all of a run of 64. */
		assert_true(size == 4096 || size == SZ_64K);
		assert_int_equal(mask, 0);
		return l & LO_V ? (u64)(l >> 6 & 0xffffff) << 12 | (va & (size - 1)) :
				  ~0ULL;
	}
	return ~0ULL;
}

static unsigned int published, synced, dropped, dropped_at;
static u32 dropped_last, published_at, published_size;

/* By address, as well. */
void cache_publish(uintptr_t va, size_t size)
{
	for (size_t i = 0; i < size; i += 4096)
		assert_true(reaches((void *)(va + i)) != ~0ULL);
	published++;
	published_at = va;
	published_size = size;
}

void cache_sync_instructions(void)
{
	synced++;
}

void cache_drop_data(void)
{
	dropped++;
}

/* By address: it is mapped still. */
void cache_drop_data_at(uintptr_t va, size_t size)
{
	assert_int_equal(size, 4096);
	assert_true(reaches((void *)va) != ~0ULL);
	dropped_at++;
	dropped_last = va;
}

static unsigned int opened;
static u64 filled_end; /* physical: one behind the other */

static void fill(void *p, size_t size)
{
	u64 at = reaches(p);

	assert_true(at == filled_end);
	for (size_t i = 0; i < size; i += 4096)
		assert_true(reaches((char *)p + i) == at + i);
	filled_end += size;
	opened++;
}

void *test_memset(void *p, int c, size_t size)
{
	assert_int_equal(c, 0);
	if (size)
		fill(p, size);
	return p;
}

void *test_memcpy(void *to, const void *from, size_t size)
{
	assert_true(reaches(from) != ~0ULL);
	fill(to, size);
	return to;
}

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

/* ---- Tests ---------------------------------------------------------------------------- */

static int fresh(void **state)
{
	features = (struct mips_features){.tlb_entries = 16, .icache.size = SZ_64K,
					  .dcache.size = 32768};
	mips_cpu = (struct mips_cpu){0};
	published = synced = dropped = dropped_at = 0;
	for (unsigned int i = 0; i < 16; i++)
		tlb[i] = (struct entry){.hi = 0xffff0000 - i * 0x2000};
	wired = 7;
	page_access_init(true);
	hi = 0x42; /* some ASID */
	pwctl = 0;
	gva_form = (struct gva_form){0};
	return 0;
}

static void nothing_is_left_of_firmwares_tlb(void **state)
{
	hi = 0;
	for (u64 va = 0xc0000000; va < 0x100000000; va += 0x1000)
		assert_true(reaches((void *)(uintptr_t)va) == ~0ULL);
	assert_int_equal(wired, 2);
	page_access_init(false);
	assert_int_equal(wired, 0);
}

/* It may have been at the very places, in another order; or twice, at any; large. */
static void firmware_may_have_left_anything(void **state)
{
	static const struct entry left[] = {
		{.hi = KSEG0 + 0x2000}, {.hi = KSEG0}, {.hi = KSEG0 + 6 * 0x2000},
		{.hi = KSEG0 + 6 * 0x2000}, {.hi = KSEG0, .mask = 0x1e000},
		{.hi = KSEG0 + 0x20000, .mask = 0x1e000},
		{.hi = KSEG0 + 0x20000 + 0x42, .lo = {LO_G, LO_G}},
		{.hi = 0xffffe000},
	};

	for (unsigned int first = 0; first < 16; first++) {
		for (unsigned int i = 0; i < 16; i++)
			tlb[(first + i) % 16] = left[i % ARRAY_SIZE(left)];
		page_access_init(false);
		for (unsigned int i = 0; i < 16; i++) {
			assert_int_equal(tlb[i].hi, KSEG0 + i * 0x2000);
			assert_int_equal(tlb[i].lo[0] | tlb[i].lo[1] | tlb[i].mask, 0);
		}
		assert_int_equal(pendings, 0);
		assert_int_equal(hi, 0);
	}
}

static void low_pages_need_no_window(void **state)
{
	unsigned int before = writes;
	void *p = arch_page_map(PFN(0x1ffff));

	assert_int_equal((u32)(uintptr_t)p, 0x9ffff000);
	arch_page_unmap(p);
	assert_int_equal(writes, before);
	assert_int_equal(mips_cpu.windows, 0);
}

/* Each of every colour, the pages of 4 GiB and of 64. */
static void a_window_shows_the_page_in_its_colour(void **state)
{
	static const u64 pfn[] = {0x20000, 0x90001, 0x90002, 0xfffff, 0xffffff};

	for (size_t i = 0; i < ARRAY_SIZE(pfn); i++) {
		void *p = arch_page_map(PFN(pfn[i]));

		assert_true((uintptr_t)p >= KSEG2);
		assert_int_equal((uintptr_t)p % SZ_64K, (pfn[i] << 12) % SZ_64K);
		assert_true(reaches(p) == pfn[i] << 12);
		arch_page_unmap(p);
		assert_true(reaches(p) == ~0ULL);
		assert_int_equal(hi, 0x42);
	}
}

static void two_may_be_open(void **state)
{
	void *a = arch_page_map(PFN(0x90003)), *b = arch_page_map(PFN(0xa0003));
	void *c;

	assert_true(reaches(a) == 0x90003000ULL);
	assert_true(reaches(b) == 0xa0003000ULL);
	arch_page_unmap(b);
	assert_true(reaches(a) == 0x90003000ULL);
	/* Kseg0 in between counts for nothing. */
	c = arch_page_map(PFN(3));
	b = arch_page_map(PFN(0x90003));
	assert_true(reaches(b) == 0x90003000ULL);
	arch_page_unmap(b);
	arch_page_unmap(c);
	arch_page_unmap(a);
	assert_true(reaches(a) == ~0ULL);
	assert_int_equal(mips_cpu.windows, 0);
}

/* And as it was, behind them. */
static void nothing_is_walked_while_a_window_is_open(void **state)
{
	static const u32 was[] = {MIPS_PWCTL, 0};

	gva_form.shift = PGT_MIPS32_SHIFT;
	for (size_t i = 0; i < ARRAY_SIZE(was); i++) {
		void *a, *b;

		pwctl = was[i];
		a = arch_page_map(PFN(0x90003));
		b = arch_page_map(PFN(0xa0003));
		assert_int_equal(pwctl, 0);
		arch_page_unmap(b);
		assert_int_equal(pwctl, 0);
		arch_page_unmap(a);
		assert_int_equal(pwctl, was[i]);
		assert_int_equal(pendings, 0);
	}
}

static void the_linear_map_ends_with_kseg0(void **state)
{
	assert_int_equal(arch_linear_map_chunk(HPA(0)), 0);
	assert_int_equal(arch_linear_map_chunk(HPA(0x1fe00000)), 0);
	assert_int_equal(arch_linear_map_chunk(HPA(0x20000000)), -ENOMEM);
	assert_int_equal((u32)(uintptr_t)arch_phys_to_virt(HPA(0x1234)),
			 0x80001234);
	assert_true(arch_virt_to_phys((void *)0x80001234).v == 0x1234);
}

/* K45, with aliases: memory is what counts before, and after. */
static void with_aliases_the_cache_keeps_nothing_of_a_page(void **state)
{
	static const u64 pfn[] = {0x123, 0x90003};
	unsigned int all = 0;

	features.aliases = true;
	for (size_t i = 0; i < ARRAY_SIZE(pfn); i++) {
		void *p = arch_page_map(PFN(pfn[i]));

		assert_int_equal(dropped, ++all);
		assert_int_equal(dropped_at, i);
		arch_page_unmap((char *)p + 0x80);
		assert_int_equal(dropped_at, i + 1);
		assert_int_equal(dropped_last, (u32)(uintptr_t)p);
	}
	arch_page_publish(PFN(0x123), 512);
	assert_int_equal(synced, 1);
	assert_int_equal(published, 0);
	/* A page that becomes the hypervisor's. */
	assert_int_equal(arch_linear_map_chunk(HPA(0)), 0);
	assert_int_equal(dropped, all + 1);
}

static void without_aliases_nothing_is_dropped(void **state)
{
	arch_page_unmap(arch_page_map(PFN(0x90003)));
	arch_page_publish(PFN(0x123), 16);
	assert_int_equal(arch_linear_map_chunk(HPA(0)), 0);
	assert_int_equal(published, 1);
	arch_page_publish(PFN(0x90003), 16);
	assert_int_equal(published, 17);
	assert_int_equal(dropped + dropped_at + synced, 0);
}

static void what_was_written_is_published_and_no_more(void **state)
{
	static const u64 pfn[] = {0x123, 0x90003};

	for (unsigned int i = 0; i < 4; i++) {
		char *p = arch_page_map(PFN(pfn[i % 2]));

		features.aliases = i >= 2;
		arch_page_publish_part(p + 0x84, 4);
		assert_int_equal(published, i + 1);
		assert_int_equal(published_at, (u32)(uintptr_t)p + 0x84);
		assert_int_equal(published_size, 4);
		arch_page_unmap(p);
	}
	assert_int_equal(synced, 0);
}

/* What neither cache can hold all of, wherever it is. */
static void more_than_the_caches_hold_is_published_by_all_of_them(void **state)
{
	static const u64 pfn[] = {0x123, 0x90003};

	for (size_t i = 0; i < ARRAY_SIZE(pfn); i++) {
		arch_page_publish(PFN(pfn[i]), 17);
		assert_int_equal(synced, i + 1);
	}
	features.dcache.size = SZ_1M;
	arch_page_publish(PFN(0x123), 17);
	assert_int_equal(published, 1);
}

/* With what is not to be mapped beside it: one by one, or 64 KiB that are all its own. */
static void pages_are_filled_by_runs(void **state)
{
	static const struct {
		u64 pfn;
		unsigned int order, opened;
	} row[] = {
		{0x10, 9, 1}, {0x90003, 0, 1}, {0x90004, 2, 4}, {0x90020, 4, 1},
		{0xfffff0, 4, 1}, {0x90200, 9, 32},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		filled_end = row[i].pfn << 12;
		opened = 0;
		arch_page_zero(PFN(row[i].pfn), row[i].order);
		assert_true(filled_end == (row[i].pfn + (1 << row[i].order)) << 12);
		assert_int_equal(opened, row[i].opened);
		assert_int_equal(mips_cpu.windows, 0);
		if (row[i].order > PAGE_COPY_ORDER_MAX)
			continue;
		filled_end = row[i].pfn << 12;
		opened = 0;
		arch_page_copy(PFN(row[i].pfn), row[i].order, HPA(0x12345678),
			       4096ULL << row[i].order);
		assert_true(filled_end == (row[i].pfn + (1 << row[i].order)) << 12);
		assert_int_equal(opened, row[i].opened);
	}
	/* From above, page by page. */
	filled_end = 0x90020000;
	opened = 0;
	arch_page_copy(PFN(0x90020), 4, HPA(0xa0000678), SZ_64K);
	assert_true(filled_end == 0x90030000);
	assert_int_equal(opened, 17);
	assert_int_equal(mips_cpu.windows, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
	static const struct CMUnitTest tests[] = {
		T(nothing_is_left_of_firmwares_tlb),
		T(firmware_may_have_left_anything),
		T(low_pages_need_no_window),
		T(a_window_shows_the_page_in_its_colour),
		T(two_may_be_open),
		T(nothing_is_walked_while_a_window_is_open),
		T(pages_are_filled_by_runs),
		T(the_linear_map_ends_with_kseg0),
		T(with_aliases_the_cache_keeps_nothing_of_a_page),
		T(without_aliases_nothing_is_dropped),
		T(what_was_written_is_published_and_no_more),
		T(more_than_the_caches_hold_is_published_by_all_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/directories.c
/* K41: where directories are: in a region of their own, or anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/directories.h"
#include "arch/mips/gva.h"
#include "lib/errno.h"
#include "lib/log.h"

/* ---- The allocator --------------------------------------------------------------- */

#define CHUNKS 256

static bool taken[CHUNKS], ours[CHUNKS];
static u8 *memory; /* of whichever chunk is looked at */
static u64 shown;
static struct page_budget budget;

int page_alloc(enum page_use use, unsigned int order, struct page_budget *b,
	       pfn_t *out)
{
	assert_int_equal(use, PAGE_HYP);
	assert_int_equal(order, CHUNK_ORDER);
	assert_null(b);
	for (u32 n = 0; n < CHUNKS; n++)
		if (!taken[n]) {
			taken[n] = ours[n] = true;
			*out = PFN((u64)n << CHUNK_ORDER);
			return 0;
		}
	return -ENOMEM;
}

void page_put(pfn_t pfn, unsigned int order, struct page_budget *b)
{
	u32 n = pfn.v >> CHUNK_ORDER;

	assert_int_equal(order, CHUNK_ORDER);
	assert_true(ours[n]);
	taken[n] = ours[n] = false;
}

void *arch_phys_to_virt(hpa_t pa)
{
	shown = pa.v;
	return memory;
}

hpa_t arch_virt_to_phys(const void *p)
{
	assert_ptr_equal(p, memory);
	return HPA(shown);
}

static unsigned int elsewhere;
static u32 one[GVA_BLOCKS];

void *hyp_alloc_pages(unsigned int order, struct page_budget *b)
{
	assert_int_equal(order, GVA_DIRECTORY_ORDER);
	assert_ptr_equal(b, &budget);
	elsewhere++;
	return one;
}

void hyp_free_pages(void *p, unsigned int order, struct page_budget *b)
{
	assert_ptr_equal(p, one);
	assert_ptr_equal(b, &budget);
	elsewhere--;
}

_Noreturn void panic(const char *fmt, ...)
{
	fail_msg("%s", fmt);
	abort();
}

static int fresh(void **state)
{
	if (!memory)
		memory = malloc(CHUNK_SIZE);
	memset(memory, 0xff, CHUNK_SIZE);
	memset(taken, 0, sizeof(taken));
	memset(ours, 0, sizeof(ours));
	/* The hypervisor's image. */
	taken[0] = true;
	elsewhere = 0;
	return 0;
}

static int stop(void **state)
{
	directories_exit();
	for (u32 n = 0; n < CHUNKS; n++)
		assert_false(ours[n]);
	return 0;
}

/* ---- The region -------------------------------------------------------------------- */

static unsigned int of_ours(void)
{
	unsigned int n = 0;

	for (u32 i = 0; i < CHUNKS; i++)
		n += ours[i];
	return n;
}

/* And what was handed out before is free again. */
static void it_ends_at_the_first_power_of_2_that_is_free(void **state)
{
	for (u32 p = 22; p <= 26; p++) {
		fresh(NULL);
		for (u32 lower = 22; lower < p; lower++)
			taken[(1U << lower >> CHUNK_SHIFT) - 1] = true;
		assert_ptr_equal(directories_reserve(), memory);
		assert_int_equal(shown + CHUNK_SIZE, 1ULL << p);
		assert_int_equal(of_ours(), 1);
		directories_exit();
	}
}

static void without_one_they_are_anywhere(void **state)
{
	u32 *d;

	for (u32 n = 1; n < CHUNKS; n++)
		taken[n] = !(n & (n + 1));
	assert_null(directories_reserve());
	assert_int_equal(of_ours(), 0);
	d = directory_alloc(&budget, false);
	assert_ptr_equal(d, one);
	assert_int_equal(elsewhere, 1);
	directory_free(d, &budget);
	assert_int_equal(elsewhere, 0);
	memset(taken, true, sizeof(taken));
	assert_null(directories_reserve());
}

/* The first is the table that blocks lead to: all 0, and nobody's. */
static void each_is_a_place_of_its_own(void **state)
{
	u32 *d[256];

	directories_reserve();
	for (u32 n = 0; n < 2 * PAGE_SIZE; n++)
		assert_int_equal(memory[n], 0);
	for (u32 n = 1; n < 256; n++) {
		d[n] = directory_alloc(&budget, n < 128);
		assert_ptr_equal(d[n], memory + n * 2 * PAGE_SIZE);
	}
	assert_null(directory_alloc(&budget, true));
	assert_null(directory_alloc(&budget, false));
	directory_free(d[77], &budget);
	directory_free(d[177], &budget);
	assert_ptr_equal(directory_alloc(&budget, true), d[77]);
	assert_ptr_equal(directory_alloc(&budget, false), d[177]);
	assert_int_equal(elsewhere, 0);
}

static void take(unsigned int spaces, bool first)
{
	for (unsigned int n = 0; n < 2 * spaces; n++)
		assert_non_null(directory_alloc(&budget, first));
}

/* Whatever those have taken that were there before: its first, and what is set aside. */
static void each_vcpu_gets_what_is_its_own(void **state)
{
	unsigned int share, last = 7, with_more = 0;

	directories_reserve();
	assert_non_null(directory_alloc(NULL, true)); /* no_directory */
	for (unsigned int vcpu = 0; vcpu < 63; vcpu++) {
		share = directories_set_aside();
		assert_in_range(share, vcpu < 2 ? 7 : 0, last);
		last = share;
		with_more += share > 0;
		take(1, true);
		take(share, false);
	}
	assert_int_equal(with_more, 21);
	assert_null(directory_alloc(&budget, true));
}

/* Before they take any of it, too. */
static void what_is_set_aside_is_given_back(void **state)
{
	unsigned int share[63];

	directories_reserve();
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int n = 0; n < 63; n++)
			share[n] = directories_set_aside();
		assert_int_equal(share[0], 7);
		assert_int_equal(share[62], 0);
		directories_give_back(share[1]);
		assert_int_equal(directories_set_aside(), 1);
		directories_give_back(1);
		for (unsigned int n = 0; n < 63; n++)
			if (n != 1)
				directories_give_back(share[n]);
	}
	directories_exit();
	/* Elsewhere there is as much as there is memory. */
	for (unsigned int n = 0; n < 100; n++)
		assert_int_equal(directories_set_aside(), GVA_SPACES - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, stop)
		T(it_ends_at_the_first_power_of_2_that_is_free),
		T(without_one_they_are_anywhere),
		T(each_is_a_place_of_its_own),
		T(each_vcpu_gets_what_is_its_own),
		T(what_is_set_aside_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

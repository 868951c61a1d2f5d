// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/segments.c
/*
 * Segment control: what guests with the architecture's layout have, and that kernel
 * mode's own view is that of a reset whatever is set (MD00090, "Programmable Memory
 * Segmentation": the table of access modes).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"

/* As a reset leaves them (MD00090: "Legacy"), and kseg0 with another attribute. */
#define UPPER 0x00230013U
#define LOWER 0x00030002U

struct mips_features features;
static u32 segctl0, segctl1;
static unsigned int writes;

u32 test_cp0_read(const char *name)
{
	if (!strcmp(name, "segctl0"))
		return segctl0;
	if (!strcmp(name, "segctl1"))
		return segctl1;
	assert_string_equal(name, "config");
	return 0x80000400 | CCA_CACHED;
}

void test_cp0_write(const char *name, u32 v)
{
	writes++;
	if (!strcmp(name, "segctl0")) {
		segctl0 = v;
	} else {
		assert_string_equal(name, "segctl1");
		segctl1 = v;
	}
}

void test_tlb(const char *op)
{
	fail();
}

/* ---- The manual's table ---------------------------------------------------------- */

enum view { ERROR, UNMAPPED, MAPPED };

/* UK, MK, MSK, MUSK, MUSUK, USK, reserved, UUSK: of kernel and of user mode. */
static const enum view kernel_view[] = {UNMAPPED, MAPPED, MAPPED, MAPPED,
					UNMAPPED, UNMAPPED, ERROR, UNMAPPED};
static const enum view user_view[] = {ERROR, ERROR, ERROR, MAPPED,
				      MAPPED, ERROR, ERROR, UNMAPPED};

static unsigned int access_mode(u32 reg, bool upper_half)
{
	return reg >> (upper_half ? 20 : 4) & 7;
}

static void user_mode_has_all_of_it_and_kernel_mode_what_it_had(void **state)
{
	const struct segctl reset = {UPPER, LOWER};
	struct segctl s = segctl_for_guests(reset, 0x80000400 | CCA_CACHED);
	const u32 was[] = {UPPER, LOWER}, is[] = {s.upper, s.lower};

	for (unsigned int i = 0; i < 2; i++) {
		for (unsigned int half = 0; half < 2; half++) {
			unsigned int am = access_mode(is[i], half);

			assert_int_equal(user_view[am], MAPPED);
			assert_int_equal(kernel_view[am],
					 kernel_view[access_mode(was[i], half)]);
			/* EU: unmapped, with ERL set. */
			assert_false(is[i] >> 16 * half & 8);
			/* The physical address. */
			assert_int_equal(is[i] >> 16 * half & 0xfe00,
					 was[i] >> 16 * half & 0xfe00);
		}
	}
	assert_int_equal(s.lower & 7, CCA_UNCACHED);
	assert_int_equal(s.lower >> 16 & 7, CCA_CACHED);
	/* With the attribute that kseg0 has, whichever counts. */
	s = segctl_for_guests(reset, 0x80000400 | 5);
	assert_int_equal(s.lower >> 16 & 7, 5);
}

static void they_are_set_where_another_guest_needs_others(void **state)
{
	const struct mips_layout upper = MIPS_ARCHITECTURAL, lower = MIPS_DEPRIVILEGED;
	struct segctl s = segctl_for_guests((struct segctl){UPPER, LOWER}, CCA_CACHED);

	segctl0 = UPPER;
	segctl1 = LOWER;
	writes = 0;
	segments_use(&lower);
	assert_int_equal(writes, 0);
	segments_use(&upper);
	segments_use(&upper);
	assert_int_equal(writes, 2);
	assert_int_equal(segctl0, s.upper);
	assert_int_equal(segctl1, s.lower);
	segments_use(&lower);
	assert_int_equal(writes, 4);
	assert_int_equal(segctl0, UPPER);
	assert_int_equal(segctl1, LOWER);
	segments_use(&upper);
	assert_int_equal(segctl0, s.upper);
	assert_int_equal(segctl1, s.lower);
	segments_use(&lower);
}

/* All are needed: the hypervisor reads what a guest has there by EVA or BadInstr. */
static void a_guest_gets_it_where_the_cpu_can(void **state)
{
	for (unsigned int has = 0; has < 8; has++) {
		features.segments = has & 1;
		features.eva = has & 2;
		features.bad_instr = has & 4;
		assert_null(segments_check_entry(0x40100400));
		assert_int_equal(segments_layout(0x40100400).kseg0, 0x40000000);
		assert_int_equal(segments_layout(0).kseg0, 0x40000000);
		if (has == 7) {
			assert_null(segments_check_entry(0x80100400));
			assert_int_equal(segments_layout(0x80100400).kseg0,
					 0x80000000);
		} else {
			assert_non_null(segments_check_entry(0x80100400));
			assert_int_equal(segments_layout(0x80100400).kseg0,
					 0x40000000);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_mode_has_all_of_it_and_kernel_mode_what_it_had),
		cmocka_unit_test(they_are_set_where_another_guest_needs_others),
		cmocka_unit_test(a_guest_gets_it_where_the_cpu_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

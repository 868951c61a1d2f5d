// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/cpu_start.c
/* What boot loaders leave in a CPU, and what is made of it. Row: K40. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/mips.h"
#include "lib/log.h"

static struct mips_configs configs;
static u32 segctl[3], watches, counters; /* how many there are */
static char said[128];
static jmp_buf panicked;

struct mips_configs features_read_configs(void)
{
	return configs;
}

/* Each register, by number: written to 0 or not. */
static u32 watchlo[8], perfctl[4];
static u32 contextconfig, pagegrain, intctl, config3, config5, srsctl, pwctl, config6;
static u32 prid;
static bool config3_written;

static bool has_config6(void)
{
	return prid == 0x0001a200 || prid == 0x0001a300 || prid == 0x0001a820;
}

u32 test_cp0_read(const char *name)
{
	if (!strcmp(name, "config1"))
		return configs.c[1];
	if (!strcmp(name, "srsctl"))
		return srsctl;
	if (!strcmp(name, "prid"))
		return prid;
	if (!strcmp(name, "config6")) {
		assert_true(has_config6());
		return config6;
	}
	if (!strncmp(name, "segctl", 6)) {
		assert_true(configs.c[3] & CONFIG3_SC);
		return segctl[name[6] - '0'];
	}
	if (!strncmp(name, "watchhi", 7))
		return name[7] - '0' + 1U < watches ? CONFIG_M : 0;
	assert_int_equal(strncmp(name, "perfctl", 7), 0);
	return perfctl[name[7] - '0'] |
	       (name[7] - '0' + 1U < counters ? CONFIG_M : 0);
}

void test_cp0_write(const char *name, u32 v)
{
	if (!strcmp(name, "intctl")) {
		intctl = v;
	} else if (!strcmp(name, "pagegrain")) {
		assert_true(configs.c[3] & (CONFIG3_SP | CONFIG3_RXI));
		pagegrain = v;
	} else if (!strcmp(name, "contextconfig")) {
		assert_true(configs.c[3] & (CONFIG3_CTXTC | CONFIG3_SM));
		contextconfig = v;
	} else if (!strcmp(name, "srsctl")) {
		assert_int_not_equal(srsctl >> 26 & 0xf, 0);
		srsctl = v;
	} else if (!strcmp(name, "pwctl")) {
		assert_true(configs.c[3] & CONFIG3_PW);
		pwctl = v;
	} else if (!strcmp(name, "config6")) {
		assert_true(has_config6());
		config6 = v;
	} else if (!strcmp(name, "config5")) {
		assert_true(configs.c[3] & CONFIG3_MSAP);
		config5 = v;
	} else if (!strcmp(name, "config3")) {
		config3 = v;
		config3_written = true;
	} else if (!strncmp(name, "watchlo", 7)) {
		assert_true(name[7] - '0' + 0U < watches);
		watchlo[name[7] - '0'] = v;
	} else {
		assert_int_equal(strncmp(name, "perfctl", 7), 0);
		assert_true(name[7] - '0' + 0U < counters);
		perfctl[name[7] - '0'] = v;
	}
}

void test_tlb(const char *op)
{
	fail();
}

_Noreturn void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	longjmp(panicked, 1);
}

static int fresh(void **state)
{
	configs = (struct mips_configs){{CONFIG_M, CONFIG_M, CONFIG_M, CONFIG_M}};
	/* As after a reset. */
	segctl[0] = 0x00200010;
	segctl[1] = 0x00030002;
	segctl[2] = 0x043b043b;
	watches = counters = 0;
	for (int i = 0; i < 8; i++)
		watchlo[i] = 7;
	for (int i = 0; i < 4; i++)
		perfctl[i] = 0x1f;
	contextconfig = 0x007fffe0;
	pagegrain = 0xe0000000;
	intctl = 0x20;
	srsctl = 0x1041; /* of no sets beside the one */
	pwctl = 0x80000041;
	config6 = 0x18001;
	prid = 0x00019300;
	config3_written = false;
	return 0;
}

/* False: it ended in panic(). */
static bool starts(void)
{
	if (setjmp(panicked))
		return false;
	cpu_start();
	return true;
}

/* The accessors fail for a register that there is not. */
static void what_is_not_there_is_not_touched(void **state)
{
	assert_true(starts());
	assert_int_equal(intctl, 0);
	assert_int_equal(contextconfig, 0x007fffe0);
	assert_int_equal(pagegrain, 0xe0000000);
	assert_int_equal(perfctl[0], 0x1f);
	assert_false(config3_written);
	assert_int_equal(srsctl, 0x1041);
	assert_int_equal(pwctl, 0x80000041);
	assert_int_equal(config6, 0x18001);
}

/* K40: host_tlb.c knows of the first TLB alone. */
static void the_second_tlb_is_off_where_there_is_one(void **state)
{
	static const struct {
		u32 prid, config6;
	} row[] = {
		{0x0001a200, 0x10001}, {0x0001a300, 0x10001}, {0x0001a820, 0x10001},
		/* No such bit; another company's. */
		{0x0001a000, 0x18001}, {0x0002a820, 0x18001},
	};

	for (size_t i = 0; i < ARRAY_SIZE(row); i++) {
		fresh(NULL);
		prid = row[i].prid;
		assert_true(starts());
		assert_int_equal(config6, row[i].config6);
	}
}

static void the_walker_is_off_and_one_register_set_is_used(void **state)
{
	configs.c[3] |= CONFIG3_PW;
	srsctl = 0x0c0020c3;
	assert_true(starts());
	assert_int_equal(pwctl, 0);
	assert_int_equal(srsctl, 0x0c000003);
}

static void watches_and_counters_are_off_all_of_them(void **state)
{
	for (unsigned int n = 1; n <= 8; n++) {
		fresh(NULL);
		configs.c[1] |= CONFIG1_WR | CONFIG1_PC;
		watches = n;
		counters = (n + 1) / 2;
		assert_true(starts());
		for (unsigned int i = 0; i < 8; i++)
			assert_int_equal(watchlo[i], i < n ? 0 : 7);
		for (unsigned int i = 0; i < 4; i++)
			assert_int_equal(perfctl[i], i < counters ? 0 : 0x1f);
	}
}

static void pages_and_exceptions_are_plain(void **state)
{
	configs.c[3] |= CONFIG3_RXI | 3 << 14 | CONFIG3_ISA_ON_EXC;
	assert_true(starts());
	assert_int_equal(pagegrain, 0);
	assert_true(config3_written);
	assert_int_equal(config3, configs.c[3] & ~CONFIG3_ISA_ON_EXC);
}

/* K44: a guest that has no MSA finds none. */
static void msa_is_off(void **state)
{
	configs.c[3] |= CONFIG3_MSAP;
	configs.c[5] = CONFIG5_EVA | CONFIG5_MSAEN;
	assert_true(starts());
	assert_int_equal(config5, CONFIG5_EVA);
}

/* K41: the refill handler takes an address's bits out of it. */
static void context_is_as_after_a_reset(void **state)
{
	static const u32 says[] = {CONFIG3_CTXTC, CONFIG3_SM};

	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		fresh(NULL);
		configs.c[3] |= says[i];
		assert_true(starts());
		assert_int_equal(contextconfig, 0x007ffff0);
	}
}

/* One half of a register each, and what of it cannot be worked with. */
static void another_address_space_is_refused(void **state)
{
	static const struct {
		unsigned int n, shift;
		u32 value;
		const char *segment;
	} bad[] = {
		{0, 16, SEGMENT_UK << 4, "kseg2"},
		{1, 0, SEGMENT_MK << 4 | 2, "kseg1"},
		{1, 0, 1 << 9 | 2, "kseg1"},
		{1, 0, 3, "kseg1"},
		{1, 16, 5 << 4 | 3, "kseg0"},
		{1, 16, 4 << 9 | 3, "kseg0"},
		{2, 0, SEGMENT_UK << 4 | 3, "useg"},
		{2, 16, SEGMENT_MSK << 4 | 3, "useg"},
	};

	configs.c[3] |= CONFIG3_SC;
	assert_true(starts());
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		fresh(NULL);
		configs.c[3] |= CONFIG3_SC;
		segctl[bad[i].n] &= ~(0xffffU << bad[i].shift);
		segctl[bad[i].n] |= bad[i].value << bad[i].shift;
		assert_false(starts());
		assert_non_null(strstr(said, bad[i].segment));
	}
	/* Whose attribute Config.K0 does not have. */
	fresh(NULL);
	configs.c[3] |= CONFIG3_SC;
	configs.c[5] = CONFIG5_K;
	assert_true(starts());
	segctl[1] = 0x00020002;
	assert_false(starts());
	assert_non_null(strstr(said, "kseg0"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, fresh)
	static const struct CMUnitTest tests[] = {
		T(what_is_not_there_is_not_touched),
		T(watches_and_counters_are_off_all_of_them),
		T(the_second_tlb_is_off_where_there_is_one),
		T(the_walker_is_off_and_one_register_set_is_used),
		T(pages_and_exceptions_are_plain),
		T(msa_is_off),
		T(context_is_as_after_a_reset),
		T(another_address_space_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

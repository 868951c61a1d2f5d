// SPDX-License-Identifier: BSD-2-Clause
// link: arch/sim/dirty.c arch/sim/env.c arch/sim/flush.c arch/sim/memory.c
// link: arch/sim/mips.c arch/sim/mmu.c arch/sim/regime.c arch/sim/sim.c
// link: arch/sim/stale.c arch/sim/tables.c arch/sim/testing/anytime.c
// link: arch/sim/testing/flat.c arch/sim/testing/flat_ops.c arch/sim/tlb.c
// link: arch/sim/tlbi.c pgtable/build.c pgtable/collapse.c pgtable/dirty.c
// link: pgtable/flush.c pgtable/format_arm64.c pgtable/gather.c
// link: pgtable/lookup.c pgtable/map.c pgtable/pgtable.c pgtable/protect.c
// link: pgtable/split.c pgtable/step.c pgtable/unmap.c
/*
 * The trace says enough for others to judge by: check-trace.awk, which shares no
 * code with the machine, finds nothing in what the engine does at random, and
 * finds each defect that is put into the environment below it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "arch/sim/testing/flat.h"

#define RUNS 3
#define STEPS 40

static char path[] = "/tmp/sim-trace-XXXXXX";

static void open_trace(void)
{
	int fd;

	strcpy(path + sizeof(path) - 7, "XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	flat_trace = fdopen(fd, "w");
}

/* What the checker prints is shown when it should not have. 1: a mistake. */
static int judge(u32 features, bool show)
{
	bool bbm2 = features & SIM_BBM2 && !(features & SIM_HAF);
	char command[200];
	int status;

	fclose(flat_trace);
	flat_trace = NULL;
	snprintf(command, sizeof(command),
		 "awk -v bbm=%d -f arch/sim/check-trace.awk %s%s",
		 bbm2 ? 2 : 0, path, show ? "" : " >/dev/null");
	status = system(command);
	if (!getenv("KEEP_TRACE"))
		unlink(path);
	/* Anything else is awk's own failure, and no verdict. */
	assert_true(WIFEXITED(status));
	assert_in_range(WEXITSTATUS(status), 0, 1);
	return WEXITSTATUS(status);
}

static const struct flat_shape shape = {
	.format = &pgtable_arm64_s2_4k, .granule_shift = 12,
	.ia_bits = 40, .oa_bits = 40,
};

static void nothing_is_wrong_with_what_the_engine_does(void **state)
{
	unsigned long n = 0;

	while (property_next(&n, RUNS)) {
		struct flat_shape s = shape;

		s.features = flat_features(&shape);
		open_trace();
		flat_init(&s);
		for (unsigned int step = 0; step < STEPS; step++)
			flat_step(step, 0);
		flat_exit();
		HOLDS(judge(s.features, true) == 0,
		      "the checker finds something");
	}
}

/* The environment goes wrong after a few steps. Does the machine find it? */
static bool run_with(void (*defect)(struct sim_env *env))
{
	bool broken;

	property_step(0);
	open_trace();
	flat_init(&shape);
	for (unsigned int step = 0; step < STEPS; step++) {
		flat_step(step, 0);
		if (step != 8)
			continue;
		defect(&flat.env);
		flat.defective = true;
	}
	broken = sim_broken_any();
	flat_exit();
	return broken;
}

/* Not every run comes to where it matters: the two agree whether it did. */
static void expect_found(void (*defect)(struct sim_env *env))
{
	unsigned int found = 0;

	for (property.seed = 1; property.seed <= 8; property.seed++) {
		bool broken = run_with(defect);

		HOLDS(judge(0, false) == broken,
		      "the checker and the machine do not agree");
		found += broken;
	}
	assert_true(found);
}

static void skip_flush(struct sim_env *env)
{
	env->skip_flush = true;
}

/* bugs.md 28 */
static void invalidations_are_left_out(void **state)
{
	expect_found(skip_flush);
}

static void skip_stage1(struct sim_env *env)
{
	env->skip_stage1 = true;
}

/* bugs.md 26 */
static void stage_1_is_left_out(void **state)
{
	expect_found(skip_stage1);
}

static void skip_broadcast(struct sim_env *env)
{
	env->skip_broadcast = true;
}

/* bugs.md 25 */
static void invalidations_are_not_broadcast(void **state)
{
	expect_found(skip_broadcast);
}

static void wrong_vmid(struct sim_env *env)
{
	env->wrong_vmid = true;
}

static void another_vmid_is_invalidated(void **state)
{
	expect_found(wrong_vmid);
}

static void ignore_range(struct sim_env *env)
{
	env->ignore_range = true;
}

/* bugs.md 24 */
static void a_range_is_invalidated_by_one_address(void **state)
{
	expect_found(ignore_range);
}

/* bugs.md 1: valid to valid, and an invalidation after it. */
static void an_entry_is_changed_live(void **state)
{
	u64 *entry;

	open_trace();
	flat_init(&shape);
	flat.defective = true;
	entry = flat.pt.root;
	*entry = 0x40000000 | 0x7fd;
	sim_table_sync(entry, 8);
	*entry = 0x80000000 | 0x7fd;
	sim_table_sync(entry, 8);
	sim_flush_all(&flat.env, &flat.pt);
	*entry = 0;
	sim_table_sync(entry, 8);
	sim_flush_all(&flat.env, &flat.pt);
	sim_quiet();
	flat_exit();
	assert_int_equal(judge(0, false), 1);
}

/* A block is split live (FEAT_BBM), and both sizes held: does it judge so? */
static int judge_live_split(void (*flush)(void))
{
	struct flat_shape s = shape;
	u64 *entry, *table;

	s.features = SIM_BBM2;
	open_trace();
	flat_init(&s);
	flat.defective = true;
	table = sim_pages_alloc(PAGE_SIZE);
	for (u64 i = 0; i < 512; i++)
		table[i] = (0x40000000 + i * SZ_2M) | 0x7fd;
	sim_table_alloc(table, PAGE_SIZE);
	sim_table_sync(table, PAGE_SIZE);
	entry = flat.pt.root;
	*entry = 0x40000000 | 0x7fd;
	sim_table_sync(entry, 8);
	*entry = sim_phys(table) | 3;
	sim_table_sync(entry, 8);
	flush();
	sim_quiet();
	*entry = 0;
	sim_table_sync(entry, 8);
	sim_flush_all(&flat.env, &flat.pt);
	sim_table_free(table, PAGE_SIZE);
	sim_pages_free(table, PAGE_SIZE);
	flat_exit();
	return judge(s.features, false);
}

static void flush_one(void)
{
	sim_flush_addr(&flat.env, &flat.pt, 0, 1);
}

static void flush_all(void)
{
	sim_flush_all(&flat.env, &flat.pt);
}

static void one_of_two_sizes_is_invalidated(void **state)
{
	assert_int_equal(judge_live_split(flush_one), 1);
	assert_int_equal(judge_live_split(flush_all), 0);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_wrong_with_what_the_engine_does),
		T(invalidations_are_left_out),
		T(stage_1_is_left_out),
		T(invalidations_are_not_broadcast),
		T(another_vmid_is_invalidated),
		T(a_range_is_invalidated_by_one_address),
		T(an_entry_is_changed_live),
		T(one_of_two_sizes_is_invalidated),
	};

	property_init(ARRAY_SIZE(tests));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

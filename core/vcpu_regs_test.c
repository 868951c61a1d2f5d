// SPDX-License-Identifier: BSD-2-Clause
// link: core/vcpu_regs.c core/vcpu.c core/memcache.c core/hyp_alloc.c
// link: core/page_alloc.c core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_vcpu.c lib/log.c lib/printf.c
// flags: -pthread
/* K12: registers by id, with the tables of an architecture that is the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "core/testing/fake_arch.h"
#include "core/vcpu_regs.h"
#include "lib/errno.h"
#include "lib/string.h"

#define ID(size, n) (REG_OURS | (size) | (n))

enum { PLAIN, ODD, ABSENT };

static u8 state[512];

static const struct reg_range first[] = {
	{ID(REG_U32, 4), .count = 3, .step = 2, .kind = PLAIN, .stride = 4,
	 .name = "w"},
	{ID(REG_U32, 5), .count = 1, .step = 1, .kind = ABSENT, .name = "no"},
	{ID(REG_U64, 0x10), .count = 1, .step = 1, .kind = ODD, .where = 16,
	 .name = "longname"},
	{ID(REG_U64, 0x11), .count = 2, .step = 1, .kind = PLAIN, .where = 24,
	 .stride = 8, .flags = REG_VM},
};
static const struct reg_range second[] = {
	{ID(REG_U64, 0x20), .count = 1, .step = 1, .kind = PLAIN, .where = 40,
	 .flags = REG_INVARIANT},
	{ID(REG_U128, 0), .count = 2, .step = 4, .kind = PLAIN, .where = 48,
	 .stride = 16},
};
#define ALL 9

const struct reg_range *arch_reg_table(const struct vcpu *vcpu, unsigned int n,
				       unsigned int *count)
{
	*count = n ? ARRAY_SIZE(second) : ARRAY_SIZE(first);
	return n == 0 ? first : n == 1 ? second : NULL;
}

static unsigned int settled;

void arch_regs_settle(struct vcpu *v)
{
	assert_null(this_cpu()->loaded);
	settled++;
}

int arch_reg_get(struct vcpu *v, const struct reg_range *r, unsigned int n,
		 union reg_value *val)
{
	if (r->kind == ABSENT)
		return -ENOENT;
	memcpy(val, state + r->where + n * r->stride, reg_size(r->id));
	return 0;
}

int arch_reg_set(struct vcpu *v, const struct reg_range *r, unsigned int n,
		 const union reg_value *val)
{
	assert_false(r->flags & REG_INVARIANT);
	if (r->kind == ODD && !(val->d & 1))
		return -EINVAL;
	memcpy(state + r->where + n * r->stride, val, reg_size(r->id));
	return 0;
}

static struct vm *vm;
static struct vcpu *vcpu, *other;
static struct fake_thread thread, other_thread;

static int set_up(void **s)
{
	fake_cpus_init(2);
	fake_memory_init(4 * CHUNK_SIZE);
	vm = arch_vm_alloc();
	assert_int_equal(vcpu_create(vm, 0, &vcpu), 0);
	assert_int_equal(vcpu_create(vm, 1, &other), 0);
	fake_thread_init(&thread, 0);
	fake_thread_init(&other_thread, 1);
	fake_be_thread(&thread);
	vcpu->thread = &thread.t;
	other->thread = &other_thread.t;
	for (unsigned int i = 0; i < sizeof(state); i++)
		state[i] = i + 1;
	settled = 0;
	return 0;
}

static int tear_down(void **s)
{
	cpus[0].loaded = cpus[1].loaded = NULL;
	vcpu_destroy(vcpu);
	vcpu_destroy(other);
	arch_vm_free(vm);
	fake_memory_exit();
	return 0;
}

static void as_many_bytes_are_copied_as_the_id_says(void **s)
{
	u8 buf[32];

	for (unsigned int size = 2; size <= 4; size++) {
		u64 id = size == 2 ? ID(REG_U32, 6) :
			 size == 3 ? ID(REG_U64, 0x12) : ID(REG_U128, 4);
		unsigned int at = size == 2 ? 4 : size == 3 ? 32 : 64;
		u8 before[sizeof(state)];

		memset(buf, 0xee, sizeof(buf));
		assert_int_equal(reg_size(id), 1 << size);
		assert_int_equal(vcpu_get_reg(vcpu, id, buf), 0);
		assert_memory_equal(buf, state + at, 1 << size);
		assert_int_equal(buf[1 << size], 0xee);

		memset(buf, 0xaa, sizeof(buf));
		memcpy(before, state, sizeof(state));
		assert_int_equal(vcpu_set_reg(vcpu, id, buf), 0);
		memset(before + at, 0xaa, 1 << size);
		assert_memory_equal(state, before, sizeof(state));
	}
}

static void an_id_that_there_is_not_is_refused(void **s)
{
	static const u64 ids[] = {
		0, ~0ULL, ID(REG_U32, 3), ID(REG_U32, 5), ID(REG_U32, 7),
		ID(REG_U32, 10), ID(REG_U64, 4), ID(REG_U32, 0x10),
		ID(REG_U64, 0x13), ID(REG_U128, 1), ID(REG_U128, 8),
		REG_ARM64 | REG_U32 | 4,
	};
	u8 buf[16] = {0}, before[sizeof(state)];

	memcpy(before, state, sizeof(state));
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(vcpu_get_reg(vcpu, ids[i], buf), -ENOENT);
		if (ids[i] != ID(REG_U32, 5))
			assert_int_equal(vcpu_set_reg(vcpu, ids[i], buf),
					 -ENOENT);
	}
	assert_memory_equal(state, before, sizeof(state));
}

static void a_value_that_cannot_be_is_refused(void **s)
{
	u64 v = 2;

	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U64, 0x10), &v), -EINVAL);
	v = 3;
	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U64, 0x10), &v), 0);
}

static void what_never_changes_takes_the_value_that_it_has(void **s)
{
	u64 v, id = ID(REG_U64, 0x20);

	assert_int_equal(vcpu_get_reg(vcpu, id, &v), 0);
	assert_int_equal(vcpu_set_reg(vcpu, id, &v), 0);
	v ^= 1ULL << 63;
	assert_int_equal(vcpu_set_reg(vcpu, id, &v), -EINVAL);
}

static void the_list_has_each_that_is_there_once(void **s)
{
	u64 ids[ALL + 1] = {0};
	unsigned int n = 0;
	u8 buf[16];

	ids[0] = 77;
	assert_int_equal(vcpu_list_regs(vcpu, ids, &n), -E2BIG);
	assert_int_equal(n, ALL);
	n = ALL - 1;
	assert_int_equal(vcpu_list_regs(vcpu, ids, &n), -E2BIG);
	assert_int_equal(n, ALL);
	assert_int_equal(ids[0], 77);
	assert_int_equal(vcpu_list_regs(vcpu, ids, &n), 0);
	assert_int_equal(n, ALL);
	assert_int_equal(ids[ALL], 0);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(vcpu_get_reg(vcpu, ids[i], buf), 0);
		for (unsigned int j = 0; j < i; j++)
			assert_true(ids[i] != ids[j]);
	}
}

static void what_the_cpu_has_is_put_into_memory_first(void **s)
{
	u32 v;

	this_cpu()->loaded = vcpu;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), 0);
	assert_int_equal(fake_vcpu(vcpu)->puts, 1);
	assert_int_equal(settled, 1);
}

static void a_vcpu_of_another_cpu_is_busy(void **s)
{
	unsigned int n = ALL;
	u64 ids[ALL];
	char buf[80];
	u32 v = 0;

	fake_be_cpu(1);
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), -EBUSY);
	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U32, 4), &v), -EBUSY);
	assert_int_equal(vcpu_list_regs(vcpu, ids, &n), -EBUSY);
	n = 0;
	assert_false(vcpu_format_regs(vcpu, &n, buf, sizeof(buf)));
	/* Without a thread it is anybody's, unless a CPU holds it. */
	vcpu->thread = NULL;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), 0);
	cpus[0].loaded = vcpu;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), -EBUSY);
}

static void the_vms_own_needs_all_its_vcpus_out(void **s)
{
	u64 v = 0;

	cpus[1].loaded = other;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), 0);
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U64, 0x11), &v), -EBUSY);
	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U64, 0x11), &v), -EBUSY);
	cpus[1].loaded = NULL;
	cpus[0].loaded = other;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U64, 0x11), &v), 0);
	assert_int_equal(fake_vcpu(other)->puts, 1);
}

static void an_access_that_is_not_completed_forbids_to_set(void **s)
{
	u32 v = 0;

	vcpu->mmio_pending = true;
	assert_int_equal(vcpu_get_reg(vcpu, ID(REG_U32, 4), &v), 0);
	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U32, 4), &v), -EBUSY);
	vcpu_abort_mmio(vcpu);
	assert_int_equal(vcpu_set_reg(vcpu, ID(REG_U32, 4), &v), 0);
}

static void those_with_a_name_are_shown_line_by_line(void **s)
{
	unsigned int next = 0;
	char buf[60];

	memset(state, 0, sizeof(state));
	state[0] = 0x12;
	state[4] = 0x34;
	memset(state + 16, 0xff, 8);
	assert_true(vcpu_format_regs(vcpu, &next, buf, sizeof(buf)));
	assert_string_equal(buf, "w0 0x12, w1 0x34, w2 0x0, longname "
				 "0xffffffffffffffff");
	assert_false(vcpu_format_regs(vcpu, &next, buf, sizeof(buf)));
	next = 0;
	assert_true(vcpu_format_regs(vcpu, &next, buf, 38));
	assert_string_equal(buf, "w0 0x12");
	assert_true(vcpu_format_regs(vcpu, &next, buf, 38));
	assert_string_equal(buf, "w1 0x34");
	assert_true(vcpu_format_regs(vcpu, &next, buf, 38));
	assert_string_equal(buf, "w2 0x0");
	assert_true(vcpu_format_regs(vcpu, &next, buf, 38));
	assert_string_equal(buf, "longname 0xffffffffffffffff");
	assert_false(vcpu_format_regs(vcpu, &next, buf, 38));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		CASE(as_many_bytes_are_copied_as_the_id_says),
		CASE(an_id_that_there_is_not_is_refused),
		CASE(a_value_that_cannot_be_is_refused),
		CASE(what_never_changes_takes_the_value_that_it_has),
		CASE(the_list_has_each_that_is_there_once),
		CASE(what_the_cpu_has_is_put_into_memory_first),
		CASE(a_vcpu_of_another_cpu_is_busy),
		CASE(the_vms_own_needs_all_its_vcpus_out),
		CASE(an_access_that_is_not_completed_forbids_to_set),
		CASE(those_with_a_name_are_shown_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

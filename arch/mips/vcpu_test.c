// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/vcpu.c lib/printf.c
/* K1, K13: what a vCPU takes it gives back once, whether or not it could be made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/gpa_choose.h"
#include "arch/mips/gva.h"
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"
#include "core/arch.h"
#include "core/page_alloc.h"
#include "lib/errno.h"

/* ---- The rooms around it -------------------------------------------------------- */

struct mips_features features;
const struct mips_guest_ops guest_ops;
static int gva_result;
static unsigned int gva_destroyed, gva_drops, allowed;

/* Blocks that are out, by their address. */
static struct {
	void *p;
	unsigned int order;
} out[8];

void *hyp_alloc_pages(unsigned int order, struct page_budget *budget)
{
	if (!allowed)
		return NULL;
	allowed--;
	for (unsigned int i = 0; i < ARRAY_SIZE(out); i++) {
		if (out[i].p)
			continue;
		out[i].order = order;
		out[i].p = aligned_alloc(PAGE_SIZE << order, PAGE_SIZE << order);
		return memset(out[i].p, 0, PAGE_SIZE << order);
	}
	return NULL;
}

void hyp_free_pages(void *p, unsigned int order, struct page_budget *budget)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(out); i++) {
		if (out[i].p != p)
			continue;
		assert_int_equal(out[i].order, order);
		free(p);
		out[i].p = NULL;
		return;
	}
	fail_msg("what is freed is not out");
}

static unsigned int blocks_out(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(out); i++)
		n += !!out[i].p;
	return n;
}

int gva_create(struct mips_vcpu *v)
{
	return gva_result;
}

void gva_destroy(struct mips_vcpu *v)
{
	gva_destroyed++;
}

void gva_drop_all(struct mips_vcpu *v)
{
	gva_drops++;
}

struct mips_layout segments_layout(u32 pc)
{
	return MIPS_DEPRIVILEGED;
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->fn = fn;
}

void timer_cancel_sync(struct timer *t)
{
	/* It has to have been made. */
	assert_non_null(t->fn);
}

static void nothing(struct timer *t)
{
}

void spin_init(struct mips_vcpu *v)
{
	timer_init(&v->look, nothing);
}

/* What a vCPU that does not run does not use. */
#define UNUSED(type, name, ...)                                                \
	type name(__VA_ARGS__)                                                 \
	{                                                                      \
		abort();                                                       \
	}
UNUSED(void, cache_invalidate_instructions, void)
UNUSED(int, gpa_choose, const struct vm_config *c, struct pgtable_config *p,
       struct stage2_refusal *no)
UNUSED(int, guest_power_init, struct vm *vm)
UNUSED(int, guest_smp_init, struct vm *vm)
UNUSED(void, guest_smp_reset, struct vm *vm)
UNUSED(void, guest_smp_settle, struct vcpu *vcpu)
UNUSED(void, mips_guest_bus_error, struct mips_guest *g)
UNUSED(bool, mips_guest_interrupted, struct mips_guest *g)
UNUSED(void, mips_guest_reset, struct mips_guest *g)
UNUSED(void, mips_guest_set_line, struct mips_guest *g, unsigned int ip, bool l)
UNUSED(void, mips_timer_update, struct mips_guest *g)
UNUSED(void, spin_reset, struct mips_vcpu *v)
UNUSED(void, spin_start, struct mips_vcpu *v)
UNUSED(void, timer_cancel, struct timer *t)
UNUSED(void, timer_set, struct timer *t, u64 deadline)
UNUSED(void, vcpu_request, struct vcpu *vcpu, u32 request)

/* ---- Tests ------------------------------------------------------------------------- */

static struct vm vm;

static int setup(void **state)
{
	memset(&features, 0, sizeof(features));
	features.name = "24K";
	gva_result = 0;
	gva_destroyed = gva_drops = 0;
	allowed = ~0U;
	return 0;
}

/* As vcpu_create() does. */
static int make(struct vcpu **vcpu)
{
	*vcpu = arch_vcpu_alloc(&vm, 0);
	if (!*vcpu)
		return -ENOMEM;
	(*vcpu)->vm = &vm;
	return arch_vcpu_init(*vcpu);
}

static void a_vcpu_gives_back_what_it_took(void **state)
{
	struct vcpu *vcpu;

	for (int aliases = 0; aliases < 2; aliases++) {
		features.aliases = aliases;
		assert_int_equal(make(&vcpu), 0);
		assert_int_equal(blocks_out(), 2);
		arch_vcpu_free(vcpu);
		assert_int_equal(blocks_out(), 0);
	}
}

static void a_vcpu_without_tables_gives_its_commpage_back_once(void **state)
{
	struct vcpu *vcpu;

	gva_result = -ENOMEM;
	assert_int_equal(make(&vcpu), -ENOMEM);
	arch_vcpu_free(vcpu);
	assert_int_equal(blocks_out(), 0);
	assert_int_equal(gva_destroyed, 1);
}

static void a_vcpu_without_a_commpage_has_nothing_to_give_back(void **state)
{
	struct vcpu *vcpu;

	allowed = 1;
	assert_int_equal(make(&vcpu), -ENOMEM);
	assert_int_equal(blocks_out(), 1);
	arch_vcpu_free(vcpu);
	assert_int_equal(blocks_out(), 0);
}

/* K13 */
static void no_vcpu_is_made_on_a_cpu_of_no_known_kind(void **state)
{
	struct vcpu *vcpu;

	features.name = NULL;
	assert_int_equal(make(&vcpu), -ENODEV);
	arch_vcpu_free(vcpu);
	assert_int_equal(blocks_out(), 0);
}

/* K12: of other segments, with the same registers, which are where it sees them. */
static void other_segments_have_the_same_commpage(void **state)
{
	const struct mips_layout *layout = &MIPS_ARCHITECTURAL;
	struct vcpu *vcpu;

	for (int aliases = 0; aliases < 2; aliases++) {
		u32 way = aliases ? 0x7fff : 0xfff;
		struct mips_guest *g;

		features.aliases = aliases;
		assert_int_equal(make(&vcpu), 0);
		g = &to_mips(vcpu)->guest;
		assert_int_equal((uintptr_t)g->cp0 & way, 0x7000 & way);
		g->cp0[CP0_EPC] = 0x1234;
		gva_drops = 0;
		guest_set_layout(to_mips(vcpu), layout);
		assert_int_equal(gva_drops, 1);
		assert_int_equal(g->layout.kseg2, 0xc0000000);
		assert_int_equal((uintptr_t)g->cp0 & way, 0xffff8000 & way);
		assert_int_equal(g->cp0[CP0_EPC], 0x1234);
		arch_vcpu_free(vcpu);
		assert_int_equal(blocks_out(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(a_vcpu_gives_back_what_it_took),
		CASE(a_vcpu_without_tables_gives_its_commpage_back_once),
		CASE(a_vcpu_without_a_commpage_has_nothing_to_give_back),
		CASE(other_segments_have_the_same_commpage),
		CASE(no_vcpu_is_made_on_a_cpu_of_no_known_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

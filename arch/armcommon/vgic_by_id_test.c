// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic_by_id.c
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
/*
 * K12: the interrupt controller and the timers by id. A VM that is given what
 * another one has goes on as that one would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/armcommon/regs.h"
#include "arch/armcommon/testing/fake_gic.h"
#include "lib/errno.h"

#define VCPUS 2
#define MOST 512
#define SPI 40 /* an edge */
#define PPI 20
#define SGI 3

struct snapshot {
	unsigned int count;
	u64 id[MOST];
	union reg_value val[MOST];
};

static struct fake_vm *vm, *clone;
static unsigned int version;
static struct snapshot a, b;

static void get_all(struct vcpu *v, struct snapshot *s)
{
	memset(s, 0, sizeof(*s));
	for (unsigned int i = 0; i < vgic_range_count; i++) {
		const struct reg_range *r = &vgic_ranges[i];

		for (unsigned int n = 0; n < r->count; n++) {
			if (vgic_reg_get(v, r, n, &s->val[s->count]))
				continue;
			s->id[s->count] = r->id + n * r->step;
			for (unsigned int j = 0; j < s->count; j++)
				assert_true(s->id[j] != s->id[s->count]);
			s->count++;
		}
	}
}

static int set(struct vcpu *v, u64 id, u64 val)
{
	union reg_value value = {.d = val};

	for (unsigned int i = 0; i < vgic_range_count; i++) {
		const struct reg_range *r = &vgic_ranges[i];
		u64 n = (id - r->id) / r->step;

		if (id >= r->id && !((id - r->id) % r->step) && n < r->count)
			return vgic_reg_set(v, r, n, &value);
	}
	return -ENOENT;
}

static void set_all(struct vcpu *v, const struct snapshot *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		assert_int_equal(set(v, s->id[i], s->val[i].d), 0);
}

static void out(void)
{
	for (unsigned int n = 0; n < FAKE_CPUS; n++)
		fake_unload(n);
}

static u64 private_frame(unsigned int n)
{
	return version == 2 ? FAKE_GICD :
			      FAKE_GICR + n * VGIC_REDIST_SIZE + SZ_64K;
}

static int start(unsigned int v)
{
	version = v;
	fake_now = 1000;
	fake_machine_init(v, 4);
	vm = fake_vm_new(VCPUS);
	clone = fake_vm_new(VCPUS);
	return 0;
}

static int start_v2(void **state)
{
	return start(2);
}

static int start_v3(void **state)
{
	return start(3);
}

static int stop(void **state)
{
	out();
	fake_vm_free(vm);
	fake_vm_free(clone);
	return 0;
}

/* vCPU 1 handles an SPI, which is pending once more; an SGI waits for it, from
 * vCPU 0; a PPI of vCPU 0 is pending, at a lower priority. */
static void keep_it_busy(struct vm *m)
{
	struct vcpu *v0 = m->vcpus[0], *v1 = m->vcpus[1];

	for (unsigned int i = 0; i < VCPUS; i++) {
		fake_load(m->vcpus[i]);
		fake_set_pmr(0xf8);
		fake_enable_groups(true, true);
		fake_write(m->vcpus[i], private_frame(i) + 0x100, 4, ~0U);
		fake_write(m->vcpus[i], private_frame(i) + 0x414, 4, 0xa0908070);
	}
	fake_on_cpu(0);
	fake_write(v0, FAKE_GICD, 4, 3);
	fake_write(v0, FAKE_GICD + 0xc08, 4, 2U << 2 * (SPI % 16));
	fake_write(v0, FAKE_GICD + 0x420 + SPI % 32, 1, 0x40);
	if (version == 2)
		fake_write(v0, FAKE_GICD + 0x800 + SPI, 1, 2);
	else
		fake_write(v0, FAKE_GICD + 0x6000 + 8 * SPI, 8, 1);
	fake_write(v0, FAKE_GICD + 0x104, 4, BIT32(SPI % 32));
	vgic_set_line(m, NULL, SPI, true);
	fake_settle();
	fake_on_cpu(1);
	assert_int_equal(fake_ack(), SPI);
	vgic_set_line(m, NULL, SPI, false);
	vgic_set_line(m, NULL, SPI, true);
	fake_on_cpu(0);
	if (version == 2)
		fake_write(v0, FAKE_GICD + 0xf00, 4, 2 << 16 | SGI);
	else
		vgic_send_sgi_reg(v0, 2 | SGI << 24, true);
	vgic_set_line(m, v0, PPI, true);
	fake_write(v0, private_frame(0) + 0x200, 4, BIT32(PPI + 1));
	fake_settle();
	(void)v1;
	out();
}

static void all_set_is_as_all_got(void **state)
{
	for (int busy = 0; busy < 2; busy++) {
		if (busy)
			keep_it_busy(&vm->vm);
		for (unsigned int i = 0; i < VCPUS; i++) {
			get_all(vm->vm.vcpus[i], &a);
			assert_true(a.count > 80);
			set_all(vm->vm.vcpus[i], &a);
			get_all(vm->vm.vcpus[i], &b);
			assert_memory_equal(&a, &b, sizeof(a));
		}
	}
}

/* What vCPU 1 sees from here on, and then vCPU 0. */
static void goes_on(struct vm *m)
{
	u32 sgi;

	fake_load(m->vcpus[1]);
	fake_settle();
	fake_on_cpu(1);
	assert_int_equal(fake_running_priority(), 0x40);
	sgi = fake_ack();
	assert_int_equal(sgi, SGI); /* priority 0; its source is vCPU 0 */
	fake_eoi(sgi);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);
	fake_eoi(SPI);
	fake_settle();
	assert_int_equal(fake_ack(), SPI);
	fake_eoi(SPI);
	fake_settle();
	assert_int_equal(fake_ack(), FAKE_NONE);

	fake_load(m->vcpus[0]);
	fake_settle();
	fake_on_cpu(0);
	assert_int_equal(fake_ack(), PPI + 1); /* priority 0x80 */
	fake_eoi(PPI + 1);
	fake_settle();
	out();
}

static void a_vm_with_the_same_state_goes_on_as_the_first(void **state)
{
	keep_it_busy(&vm->vm);
	for (unsigned int i = 0; i < VCPUS; i++) {
		get_all(vm->vm.vcpus[i], &a);
		set_all(clone->vm.vcpus[i], &a);
	}
	for (unsigned int i = 0; i < VCPUS; i++) {
		get_all(vm->vm.vcpus[i], &a);
		get_all(clone->vm.vcpus[i], &b);
		assert_memory_equal(&a, &b, sizeof(a));
	}
	/* A line is its device's: the PPI's is low in the clone. */
	vgic_set_line(&vm->vm, vm->vm.vcpus[0], PPI, false);
	goes_on(&vm->vm);
	goes_on(&clone->vm);
}

static void what_is_pending_by_a_set_wakes_its_vcpu(void **state)
{
	struct fake_vcpu *v = fake_vcpu(vm->vm.vcpus[0]);
	unsigned int before;

	keep_it_busy(&vm->vm);
	before = v->requested;
	assert_int_equal(set(&v->vcpu, REG_OURS | REG_U32 | REG_OURS_GICC | 0x200,
			     BIT32(17)), 0);
	assert_true(v->requested > before);
	fake_load(&v->vcpu);
	assert_int_equal(fake_ack(), 17);
}

static void nothing_is_set_that_cannot_be(void **state)
{
	struct vcpu *v = vm->vm.vcpus[0];
	struct snapshot *s = &a;

	get_all(v, s);
	for (unsigned int i = 0; i < s->count; i++)
		set(v, s->id[i], ~0ULL);
	assert_int_equal(vm->vgic.ctlr, 3);
	assert_int_equal(vgic_cpu_of(v)->private.priority[5],
			 (u8)~(0xff >> vgic_hw.pri_bits));
	assert_int_equal(vm->vgic.spi[2].priority[31],
			 (u8)~(0xff >> vgic_hw.pri_bits));
	assert_int_equal(vgic_cpu_of(v)->private.hw, BIT32(VTIMER_PPI));
	assert_int_equal(vgic_cpu_of(v)->private.edge, ALL_SGIS);
	if (version == 2) {
		assert_int_equal(vgic_cpu_of(v)->sgi_sources[15],
				 (1 << VCPUS) - 1);
		set(v, REG_OURS | REG_U32 | REG_OURS_GICC | 0x100, 0);
		assert_int_equal(vgic_cpu_of(v)->private.enabled, ALL_SGIS);
		assert_int_equal(set(v, REG_OURS | REG_U64 | REG_OURS_GICD |
					0x6100, 0), -ENOENT);
	} else {
		assert_int_equal(set(v, REG_OURS | REG_U64 | REG_OURS_GICD |
					0x6100, BIT64(31)), -EINVAL);
		assert_int_equal(set(v, REG_OURS | REG_U32 | REG_OURS_GICC |
					0xf20, 0), -ENOENT);
	}
	/* And it runs. */
	for (unsigned int i = 0; i < VCPUS; i++)
		fake_load(vm->vm.vcpus[i]);
	fake_settle();
}

/* ---- Timers --------------------------------------------------------------------- */

static void timers_go_on_where_they_were(void **state)
{
	struct vcpu *v = vm->vm.vcpus[0], *c = clone->vm.vcpus[0];

	for (unsigned int r = VTIMER_CTL; r <= VTIMER_PHYS_CVAL; r++)
		assert_int_equal(vtimer_set(v, r, vtimer_get(v, r)), 0);
	vtimer_set(v, VTIMER_CVAL, 500);
	vtimer_set(v, VTIMER_CTL, TIMER_CTL_ENABLE);
	vtimer_set(v, VTIMER_PHYS_CVAL, 1700);
	vtimer_set(v, VTIMER_PHYS_CTL, TIMER_CTL_ENABLE);
	fake_advance(1400);
	assert_int_equal(vtimer_get(v, VTIMER_CNT), 400);
	/* The clone's virtual count began 250 later. */
	vtimer_vm_of(&clone->vm)->offset = 1250;
	for (unsigned int r = VTIMER_CTL; r <= VTIMER_PHYS_CVAL; r++)
		assert_int_equal(vtimer_set(c, r, vtimer_get(v, r)), 0);
	for (unsigned int r = VTIMER_CTL; r <= VTIMER_PHYS_CVAL; r++)
		assert_int_equal(vtimer_get(c, r), vtimer_get(v, r));
	assert_true(fake_vcpu(clone->vm.vcpus[1])->requested);

	fake_advance(1499);
	assert_int_equal(vtimer_get(c, VTIMER_CTL), TIMER_CTL_ENABLE);
	fake_advance(1500);
	assert_int_equal(vtimer_get(c, VTIMER_CTL),
			 TIMER_CTL_ENABLE | TIMER_CTL_ISTATUS);
	assert_true(vgic_cpu_of(c)->private.line & BIT32(VTIMER_PPI));
	assert_true(vgic_cpu_of(v)->private.line & BIT32(VTIMER_PPI));
	assert_false(vgic_cpu_of(c)->private.line & BIT32(PTIMER_PPI));
	fake_advance(1700);
	assert_true(vgic_cpu_of(c)->private.line & BIT32(PTIMER_PPI));
}

static void a_timer_that_is_set_off_fires_no_more(void **state)
{
	struct vcpu *v = vm->vm.vcpus[0];

	vtimer_set(v, VTIMER_CVAL, 500);
	vtimer_set(v, VTIMER_CTL, TIMER_CTL_ENABLE);
	vtimer_set(v, VTIMER_CTL, TIMER_CTL_ENABLE | TIMER_CTL_IMASK);
	assert_int_equal(vtimer_set(v, VTIMER_CTL, 8), -EINVAL);
	assert_int_equal(vtimer_set(v, VTIMER_PHYS_CTL, BIT64(32)), -EINVAL);
	fake_advance(3000);
	assert_false(vgic_cpu_of(v)->private.line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f)                                                                \
	{#f " (GICv2)", f, start_v2, stop, NULL},                              \
	{#f " (GICv3)", f, start_v3, stop, NULL}
		CASE(all_set_is_as_all_got),
		CASE(a_vm_with_the_same_state_goes_on_as_the_first),
		CASE(what_is_pending_by_a_set_wakes_its_vcpu),
		CASE(nothing_is_set_that_cannot_be),
		CASE(timers_go_on_where_they_were),
		CASE(a_timer_that_is_set_off_fires_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

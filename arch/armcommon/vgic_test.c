// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
/*
 * Delivery, case by case (K22, K24). What a guest would see on hardware is
 * said in each case's name; vgic_random_test.c looks for what no case thought of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/armcommon/testing/fake_gic.h"

#define GICD(offset) (FAKE_GICD + (offset))
#define SGI_FRAME(vcpu, offset)                                                \
	(FAKE_GICR + (vcpu)*VGIC_REDIST_SIZE + SZ_64K + (offset))
#define CTLR GICD(0)
#define ISENABLER(n) GICD(0x100 + 4 * (n))
#define ICENABLER(n) GICD(0x180 + 4 * (n))
#define ISPENDR(n) GICD(0x200 + 4 * (n))
#define ICPENDR(n) GICD(0x280 + 4 * (n))
#define ISACTIVER(n) GICD(0x300 + 4 * (n))
#define ICACTIVER(n) GICD(0x380 + 4 * (n))
#define IPRIORITYR(intid) GICD(0x400 + (intid))
#define ITARGETSR(intid) GICD(0x800 + (intid))
#define ICFGR(n) GICD(0xc00 + 4 * (n))
#define SGIR GICD(0xf00)
#define IROUTER(intid) GICD(0x6000 + 8 * (intid))

static struct fake_vm *vm;

static struct vcpu *vcpu(unsigned int n)
{
	return vm->vm.vcpus[n];
}

/* vCPU 0 loaded on CPU 0, vCPU 1 on CPU 1; everything on, no SPI enabled. */
static void start(unsigned int version, unsigned int lrs, unsigned int vcpus)
{
	unsigned int i;

	fake_now = 1000;
	fake_machine_init(version, lrs);
	vm = fake_vm_new(vcpus);
	for (i = vcpus; i-- > 0;) {
		fake_load(vcpu(i));
		fake_set_pmr(0xf8);
		fake_enable_groups(true, true);
		if (version == 3)
			fake_write(vcpu(i), SGI_FRAME(i, 0x100), 4, ~0U);
		else
			fake_write(vcpu(i), ISENABLER(0), 4, ~0U);
	}
	fake_write(vcpu(0), CTLR, 4, 3);
	fake_settle();
}

static void stop(void)
{
	fake_vm_free(vm);
}

/* An SPI for `target`: enabled, an edge if asked for. */
static void set_up_spi(unsigned int intid, unsigned int target,
		       unsigned int priority, bool edge)
{
	struct vcpu *v = vcpu(target);
	u32 config = fake_read(v, ICFGR(intid / 16), 4);

	if (edge)
		config |= 2U << (intid % 16 * 2);
	fake_write(v, ICFGR(intid / 16), 4, config);
	fake_write(v, IPRIORITYR(intid), 1, priority);
	if (vm->vgic.version == 2)
		fake_write(v, ITARGETSR(intid), 1, 1 << target);
	else
		fake_write(v, IROUTER(intid), 8, target);
	fake_write(v, ISENABLER(intid / 32), 4, BIT32(intid % 32));
	fake_settle();
}

static void set_spi(unsigned int intid, bool level)
{
	vgic_set_line(&vm->vm, NULL, intid, level);
}

/* The guest on the current CPU takes this interrupt, and nothing else. */
static void expect_ack(u32 iar)
{
	assert_int_equal(fake_ack(), iar);
	fake_settle();
}

static void end(u32 iar)
{
	fake_eoi(iar);
	fake_settle();
}

static void expect_none(void)
{
	fake_settle();
	assert_false(fake_signalled());
}

static void an_edge_is_delivered_once(void **state)
{
	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	set_spi(40, true);
	expect_ack(40);
	set_spi(40, false);
	end(40);
	expect_none();
	assert_int_equal(fake_if[0].maintenances, 0);
	stop();
}

static void a_second_edge_while_active_is_delivered_after_the_end(void **state)
{
	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	set_spi(40, true);
	expect_ack(40);
	set_spi(40, false);
	set_spi(40, true);
	assert_false(fake_signalled());
	end(40);
	expect_ack(40);
	end(40);
	expect_none();
	stop();
}

static void a_level_that_stays_high_fires_again_after_the_end(void **state)
{
	start(2, 4, 1);
	set_up_spi(33, 0, 0x80, false);
	set_spi(33, true);
	expect_ack(33);
	end(33);
	expect_ack(33);
	set_spi(33, false);
	end(33);
	expect_none();
	stop();
}

static void a_level_served_by_its_handler_takes_no_maintenance(void **state)
{
	start(2, 4, 1);
	set_up_spi(33, 0, 0x80, false);
	set_spi(33, true);
	expect_ack(33);
	set_spi(33, false);
	end(33);
	expect_none();
	assert_int_equal(fake_if[0].maintenances, 0);
	stop();
}

static void a_level_that_drops_before_it_is_taken_is_withdrawn(void **state)
{
	start(2, 4, 2);
	set_up_spi(33, 0, 0x80, false);
	set_spi(33, true);
	assert_true(fake_signalled());
	set_spi(33, false);
	assert_false(fake_signalled());
	/* From another CPU too. */
	set_spi(33, true);
	fake_on_cpu(1);
	set_spi(33, false);
	fake_settle();
	fake_on_cpu(0);
	expect_none();
	stop();
}

static void a_level_rises_again_while_active(void **state)
{
	start(3, 4, 1);
	set_up_spi(33, 0, 0x80, false);
	set_spi(33, true);
	expect_ack(33);
	set_spi(33, false);
	set_spi(33, true);
	end(33);
	expect_ack(33);
	set_spi(33, false);
	end(33);
	expect_none();
	stop();
}

static void disabling_withdraws_and_enabling_brings_back(void **state)
{
	start(2, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	set_spi(40, true);
	fake_write(vcpu(0), ICENABLER(1), 4, BIT32(8));
	expect_none();
	assert_int_equal(fake_read(vcpu(0), ISPENDR(1), 4), BIT32(8));
	fake_write(vcpu(0), ISENABLER(1), 4, BIT32(8));
	expect_ack(40);
	end(40);
	expect_none();
	stop();
}

static void priorities_hold_with_more_pending_than_list_registers(void **state)
{
	unsigned int lrs, i;

	for (lrs = 1; lrs <= 4; lrs++) {
		start(2, lrs, 1);
		for (i = 0; i < 20; i++)
			set_up_spi(40 + i, 0, (i * 7 % 20) * 8, true);
		for (i = 0; i < 20; i++)
			set_spi(40 + i, true);
		for (i = 0; i < 20; i++) {
			/* The one with priority i * 8: 7 * 3 = 1 modulo 20. */
			unsigned int intid = 40 + i * 3 % 20;

			expect_ack(intid);
			end(intid);
		}
		expect_none();
		stop();
	}
}

static void a_more_urgent_interrupt_gets_in_though_all_are_in_use(void **state)
{
	unsigned int i;

	start(3, 2, 1);
	for (i = 0; i < 4; i++) {
		set_up_spi(40 + i, 0, 0x80, true);
		set_spi(40 + i, true);
	}
	set_up_spi(50, 0, 0x10, true);
	set_spi(50, true);
	expect_ack(50);
	end(50);
	for (i = 0; i < 4; i++) {
		expect_ack(40 + i);
		end(40 + i);
	}
	expect_none();
	stop();
}

static void a_new_interrupt_does_not_overtake_one_that_waits(void **state)
{
	unsigned int i;

	start(3, 2, 1);
	for (i = 0; i < 4; i++)
		set_up_spi(40 + i, 0, 0x20 + i * 0x10, true);
	for (i = 0; i < 3; i++)
		set_spi(40 + i, true);
	expect_ack(40);
	end(40);
	set_spi(43, true); /* there is room now, but 42 was first */
	for (i = 1; i < 4; i++) {
		expect_ack(40 + i);
		end(40 + i);
	}
	expect_none();
	stop();
}

static void nested_handlers_outnumber_the_list_registers(void **state)
{
	unsigned int lrs, i;

	for (lrs = 1; lrs <= 3; lrs++) {
		start(3, lrs, 1);
		for (i = 0; i < 8; i++) {
			set_up_spi(40 + i, 0, 0xa0 - i * 0x10, true);
			set_spi(40 + i, true);
			expect_ack(40 + i);
		}
		assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), 0xff00);
		for (i = 8; i-- > 0;) {
			end(40 + i);
			assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4),
					 ((1U << i) - 1) << 8);
		}
		/* And all of them work as before. */
		for (i = 0; i < 8; i++)
			set_spi(40 + i, false);
		for (i = 0; i < 8; i++)
			set_spi(40 + i, true);
		for (i = 8; i-- > 0;) {
			expect_ack(40 + i);
			end(40 + i);
		}
		expect_none();
		stop();
	}
}

static void kept_active_interrupts_do_not_hold_others_off(void **state)
{
	unsigned int i;

	start(3, 2, 1);
	fake_if[0].eoi_mode = true;
	for (i = 0; i < 6; i++) {
		set_up_spi(40 + i, 0, 0x80, true);
		set_spi(40 + i, true);
		expect_ack(40 + i);
		end(40 + i); /* drops its priority, stays active */
	}
	for (i = 0; i < 6; i++) {
		fake_deactivate(40 + i);
		fake_settle();
	}
	assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), 0);
	expect_none();
	stop();
}

static void sgi_to_self_v2(void **state)
{
	start(2, 4, 2);
	fake_write(vcpu(0), SGIR, 4, 2 << 24 | 5);
	expect_ack(5);
	end(5);
	expect_none();
	stop();
}

static void sgis_of_several_sources_are_each_delivered(void **state)
{
	u32 first;

	start(2, 4, 4);
	fake_load(vcpu(1));
	fake_write(vcpu(1), SGIR, 4, 1 << 16 | 3);
	fake_load(vcpu(3));
	fake_write(vcpu(3), SGIR, 4, 1 << 16 | 3);
	fake_load(vcpu(0));
	fake_write(vcpu(0), SGIR, 4, 1 << 16 | 3);
	fake_settle();
	assert_int_equal(fake_read(vcpu(0), GICD(0xf20), 4), 0x0bU << 24);
	first = fake_ack();
	fake_settle();
	assert_int_equal(first, 3);
	/* Sent again by a source that is pending: one interrupt. */
	fake_load(vcpu(1));
	fake_write(vcpu(1), SGIR, 4, 1 << 16 | 3);
	fake_load(vcpu(0));
	fake_settle();
	end(first);
	expect_ack(1 << 10 | 3);
	end(1 << 10 | 3);
	expect_ack(3 << 10 | 3);
	end(3 << 10 | 3);
	expect_none();
	stop();
}

static void an_sgi_source_is_cleared(void **state)
{
	start(2, 4, 2);
	fake_on_cpu(1);
	fake_write(vcpu(1), SGIR, 4, 1 << 16 | 3);
	fake_on_cpu(0);
	fake_settle();
	fake_write(vcpu(0), GICD(0xf10) + 3, 1, 2);
	expect_none();
	fake_write(vcpu(0), GICD(0xf20) + 3, 1, 2);
	expect_ack(1 << 10 | 3);
	end(1 << 10 | 3);
	stop();
}

static void sgir_filters(void **state)
{
	static const struct {
		u32 sgir;
		u8 reached;
	} cases[] = {
		{ 0 << 24 | 0x0f << 16, 0x0f }, { 0 << 24 | 0xff << 16, 0x0f },
		{ 0 << 24 | 0x04 << 16, 0x04 }, { 1 << 24 | 0x01 << 16, 0x0e },
		{ 2 << 24 | 0xff << 16, 0x01 }, { 3 << 24 | 0xff << 16, 0x00 },
		{ 0 << 24, 0x00 },
	};
	unsigned int c, i;

	for (c = 0; c < ARRAY_SIZE(cases); c++) {
		start(2, 4, 4);
		fake_write(vcpu(0), SGIR, 4, cases[c].sgir | 1);
		for (i = 0; i < 4; i++) {
			fake_settle();
			fake_load(vcpu(i));
			assert_int_equal(fake_ack() == 1,
					 cases[c].reached >> i & 1);
		}
		stop();
	}
}

static void sgi_register_reaches_by_affinity(void **state)
{
	static const struct {
		u64 sgi1r;
		bool group1;
		u8 reached;
	} cases[] = {
		{ 1, true, 0x1 },
		{ 3, true, 0x3 },
		{ 2 | 1ULL << 44, true, 0x4 },          /* RS 1: 0x11 */
		{ 1 | 5ULL << 16 | 7ULL << 32 | 9ULL << 48, true, 0x8 },
		{ 1 | 5ULL << 16 | 7ULL << 32, true, 0 },
		{ 1ULL << 40, true, 0xe },              /* all but self */
		{ 1ULL << 40, false, 0 },               /* not its group */
	};
	unsigned int c, i;

	for (c = 0; c < ARRAY_SIZE(cases); c++) {
		start(3, 4, 4);
		fake_vcpu(vcpu(2))->affinity = 0x11;
		fake_vcpu(vcpu(3))->affinity = 0x0900070500;
		fake_load(vcpu(0));
		vgic_send_sgi_reg(vcpu(0), cases[c].sgi1r | 6 << 24,
				  cases[c].group1);
		for (i = 0; i < 4; i++) {
			fake_settle();
			fake_load(vcpu(i));
			assert_int_equal(fake_ack() == 6,
					 cases[c].reached >> i & 1);
		}
		stop();
	}
}

static void an_sgi_to_another_cpu_kicks_it(void **state)
{
	start(3, 4, 2);
	fake_vcpu(vcpu(1))->requested = 0;
	vgic_send_sgi_reg(vcpu(0), 2 | 4 << 24, true);
	assert_int_equal(fake_vcpu(vcpu(1))->requested, 1);
	fake_settle();
	fake_on_cpu(1);
	expect_ack(4);
	end(4);
	expect_none();
	stop();
}

static void a_waiting_vcpu_is_woken(void **state)
{
	static struct thread other;

	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	assert_false(vgic_pending(vcpu(0)));
	cpus[0].current = &other;
	fake_vcpu(vcpu(0))->requested = 0;
	set_spi(40, true);
	assert_int_equal(fake_vcpu(vcpu(0))->requested, 1);
	assert_true(vgic_pending(vcpu(0)));
	/* And one that is not loaded. */
	fake_settle();
	fake_unload(0);
	assert_true(vgic_pending(vcpu(0)));
	fake_load(vcpu(0));
	expect_ack(40);
	assert_false(vgic_pending(vcpu(0)));
	stop();
}

static void injection_on_this_cpu_writes_one_list_register(void **state)
{
	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	fake_if[0].lr_writes = 0;
	fake_vcpu(vcpu(0))->requested = 0;
	set_spi(40, true);
	assert_int_equal(fake_if[0].lr_writes, 1);
	assert_int_equal(fake_vcpu(vcpu(0))->requested, 0);
	stop();
}

static void pending_heeds_mask_groups_and_running_priority(void **state)
{
	unsigned int loaded;

	for (loaded = 0; loaded < 2; loaded++) {
		start(3, 4, 1);
		set_up_spi(40, 0, 0x80, true);
		set_up_spi(41, 0, 0x80, true);
		set_up_spi(42, 0, 0x40, true);
		set_spi(40, true);
		fake_set_pmr(0x80);
		if (!loaded)
			fake_unload(0);
		assert_false(vgic_pending(vcpu(0)));
		fake_load(vcpu(0));
		fake_set_pmr(0xf8);
		fake_enable_groups(true, false);
		if (!loaded)
			fake_unload(0);
		assert_false(vgic_pending(vcpu(0)));
		fake_load(vcpu(0));
		fake_enable_groups(true, true);
		assert_true(vgic_pending(vcpu(0)));
		expect_ack(40);
		set_spi(41, true);
		if (!loaded)
			fake_unload(0);
		assert_false(vgic_pending(vcpu(0)));
		set_spi(42, true);
		assert_true(vgic_pending(vcpu(0)));
		fake_load(vcpu(0));
		expect_ack(42);
		end(42);
		end(40);
		expect_ack(41);
		stop();
	}
}

static void state_survives_leaving_the_cpu(void **state)
{
	start(2, 4, 4);
	set_up_spi(40, 0, 0x80, true);
	set_up_spi(41, 0, 0x90, false);
	set_spi(40, true);
	set_spi(41, true);
	fake_load(vcpu(2));
	fake_load(vcpu(0));
	expect_ack(40);
	fake_load(vcpu(2));
	expect_none();
	fake_load(vcpu(0));
	assert_int_equal(fake_running_priority(), 0x80);
	end(40);
	expect_ack(41);
	set_spi(41, false);
	fake_load(vcpu(2));
	fake_load(vcpu(0));
	end(41);
	expect_none();
	stop();
}

static void a_pending_interrupt_follows_its_new_target(void **state)
{
	unsigned int version;

	for (version = 2; version <= 3; version++) {
		start(version, 4, 2);
		set_up_spi(40, 0, 0x80, true);
		set_spi(40, true);
		if (version == 2)
			fake_write(vcpu(0), ITARGETSR(40), 1, 2);
		else
			fake_write(vcpu(0), IROUTER(40), 8, 1);
		expect_none();
		fake_on_cpu(1);
		expect_ack(40);
		end(40);
		/* Back again, by the other, out of a list register there. */
		set_spi(40, false);
		set_spi(40, true);
		fake_settle();
		fake_on_cpu(0);
		if (version == 2)
			fake_write(vcpu(0), ITARGETSR(40), 1, 1);
		else
			fake_write(vcpu(0), IROUTER(40), 8, 0);
		fake_settle();
		expect_ack(40);
		end(40);
		fake_on_cpu(1);
		expect_none();
		stop();
	}
}

static void an_active_interrupt_is_ended_where_it_was_taken(void **state)
{
	start(3, 4, 2);
	set_up_spi(40, 0, 0x80, true);
	set_spi(40, true);
	expect_ack(40);
	fake_write(vcpu(0), IROUTER(40), 8, 1);
	set_spi(40, false);
	set_spi(40, true);
	fake_settle();
	fake_on_cpu(1);
	expect_none();
	fake_on_cpu(0);
	end(40);
	expect_none();
	fake_on_cpu(1);
	expect_ack(40);
	end(40);
	expect_none();
	stop();
}

static void clearing_what_another_cpu_holds(void **state)
{
	start(3, 4, 2);
	set_up_spi(40, 1, 0x80, true);
	fake_on_cpu(0);
	set_spi(40, true);
	fake_settle();
	fake_write(vcpu(0), ICPENDR(1), 4, BIT32(8));
	fake_settle();
	fake_on_cpu(1);
	expect_none();
	set_spi(40, false);
	set_spi(40, true);
	expect_ack(40);
	fake_on_cpu(0);
	/* The first reading may be of the past; it sees to a fresh one. */
	fake_read(vcpu(0), ISACTIVER(1), 4);
	fake_settle();
	assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), BIT32(8));
	fake_write(vcpu(0), ICACTIVER(1), 4, BIT32(8));
	assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), 0);
	fake_settle();
	assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), 0);
	stop();
}

static void pending_and_active_by_register(void **state)
{
	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, false);
	fake_write(vcpu(0), ISPENDR(1), 4, BIT32(8));
	assert_int_equal(fake_read(vcpu(0), ICPENDR(1), 4), BIT32(8));
	expect_ack(40);
	assert_int_equal(fake_read(vcpu(0), ISPENDR(1), 4), 0);
	assert_int_equal(fake_read(vcpu(0), ICACTIVER(1), 4), BIT32(8));
	end(40);
	expect_none();
	/* Active by register: blocks it, until cleared. */
	fake_write(vcpu(0), ISACTIVER(1), 4, BIT32(8));
	fake_write(vcpu(0), ISPENDR(1), 4, BIT32(8));
	expect_none();
	fake_write(vcpu(0), ICACTIVER(1), 4, BIT32(8));
	expect_ack(40);
	end(40);
	/* A line that is high cannot be cleared. */
	set_spi(40, true);
	fake_write(vcpu(0), ICPENDR(1), 4, BIT32(8));
	assert_int_equal(fake_read(vcpu(0), ISPENDR(1), 4), BIT32(8));
	expect_ack(40);
	stop();
}

static void group_enables_of_the_distributor(void **state)
{
	start(3, 4, 1);
	set_up_spi(40, 0, 0x80, true);
	set_up_spi(41, 0, 0x90, true);
	fake_write(vcpu(0), GICD(0x84), 4, ~BIT32(9)); /* 41: group 0 */
	set_spi(40, true);
	set_spi(41, true);
	fake_write(vcpu(0), CTLR, 4, 0);
	expect_none();
	fake_write(vcpu(0), CTLR, 4, 1);
	expect_ack(41);
	end(41);
	expect_none();
	fake_write(vcpu(0), CTLR, 4, 2);
	expect_ack(40);
	end(40);
	stop();
}

/* ---- Interrupts tied to hardware ------------------------------------------------- */

static void the_guests_end_deactivates_the_physical_interrupt(void **state)
{
	unsigned int i;

	start(3, 4, 1);
	for (i = 0; i < 3; i++) {
		fake_if[0].phys_active[27] = true;
		vgic_set_line(&vm->vm, vcpu(0), 27, true);
		expect_ack(27);
		assert_true(fake_if[0].phys_active[27]);
		end(27);
		assert_false(fake_if[0].phys_active[27]);
		expect_none();
	}
	assert_int_equal(fake_if[0].maintenances, 0);
	stop();
}

static void physical_active_state_moves_with_the_vcpu(void **state)
{
	start(2, 4, 4);
	fake_load(vcpu(0));
	fake_if[0].cntv_ctl = 1; /* the line is high all the time */
	fake_settle();
	assert_true(fake_if[0].phys_active[27]);
	fake_load(vcpu(2));
	assert_false(fake_if[0].phys_active[27]);
	fake_settle();
	fake_load(vcpu(0));
	assert_true(fake_if[0].phys_active[27]);
	expect_ack(27);
	fake_load(vcpu(2));
	assert_false(fake_if[0].phys_active[27]);
	fake_load(vcpu(0));
	assert_true(fake_if[0].phys_active[27]);
	fake_if[0].cntv_ctl = 3;
	end(27);
	assert_false(fake_if[0].phys_active[27]);
	expect_none();
	stop();
}

static void a_hw_interrupt_whose_line_fell_is_withdrawn(void **state)
{
	start(3, 4, 1);
	fake_if[0].cntv_ctl = 1;
	fake_settle();
	assert_true(fake_signalled());
	fake_write(vcpu(0), SGI_FRAME(0, 0x180), 4, BIT32(27));
	assert_false(fake_signalled());
	fake_if[0].cntv_ctl = 0; /* dealt with by polling */
	fake_write(vcpu(0), SGI_FRAME(0, 0x100), 4, BIT32(27));
	expect_none();
	assert_false(fake_if[0].phys_active[27]);
	fake_if[0].cntv_ctl = 1;
	fake_settle();
	expect_ack(27);
	stop();
}

/* A guest that masks it in the GIC and looks: its pending bit is the level. */
static void the_pending_bit_of_a_hw_interrupt_follows_its_line(void **state)
{
	unsigned int version;

	for (version = 2; version <= 3; version++) {
		u64 bank = version == 3 ? SGI_FRAME(0, 0) : GICD(0);

		start(version, 4, 1);
		fake_write(vcpu(0), bank + 0x180, 4, BIT32(27));
		fake_if[0].cntv_ctl = 1;
		fake_settle();
		assert_int_equal(fake_read(vcpu(0), bank + 0x200, 4),
				 BIT32(27));
		fake_if[0].cntv_ctl = 0;
		assert_int_equal(fake_read(vcpu(0), bank + 0x200, 4), 0);
		fake_write(vcpu(0), bank + 0x100, 4, BIT32(27));
		expect_none();
		stop();
	}
}

/* Taken back by register, the physical interrupt is free to come again. */
static void a_hw_interrupt_changed_by_register(void **state)
{
	unsigned int by;

	for (by = 0; by < 2; by++) {
		start(3, 4, 2);
		fake_on_cpu(0);
		fake_write(vcpu(0), SGI_FRAME(0, 0x180), 4, BIT32(27));
		fake_if[0].cntv_ctl = 1;
		fake_settle();
		assert_true(fake_if[0].phys_active[27]);
		fake_if[0].cntv_ctl = 0;
		fake_on_cpu(by);
		fake_write(vcpu(by), SGI_FRAME(0, 0x280), 4, BIT32(27));
		fake_settle();
		assert_false(fake_if[0].phys_active[27]);
		assert_int_equal(fake_read(vcpu(by), SGI_FRAME(0, 0x200), 4),
				 0);
		fake_write(vcpu(by), SGI_FRAME(0, 0x100), 4, BIT32(27));
		fake_settle();
		fake_on_cpu(0);
		expect_none();
		fake_on_cpu(by);
		fake_write(vcpu(by), SGI_FRAME(0, 0x200), 4, BIT32(27));
		fake_settle();
		fake_on_cpu(0);
		expect_ack(27);
		fake_on_cpu(by);
		fake_write(vcpu(by), SGI_FRAME(0, 0x380), 4, BIT32(27));
		fake_settle();
		assert_false(fake_if[0].phys_active[27]);
		stop();
	}
}

/* hw has no EOI bit to tell: found when its list register is wanted. */
static void a_hw_interrupt_made_pending_while_active_is_not_lost(void **state)
{
	unsigned int i;

	start(3, 2, 1);
	for (i = 0; i < 2; i++)
		set_up_spi(40 + i, 0, 0x80, true);
	fake_if[0].phys_active[27] = true;
	vgic_set_line(&vm->vm, vcpu(0), 27, true);
	expect_ack(27);
	fake_write(vcpu(0), SGI_FRAME(0, 0x200), 4, BIT32(27));
	set_spi(40, true);
	end(27);
	set_spi(41, true);
	expect_ack(27);
	end(27);
	expect_ack(40);
	end(40);
	expect_ack(41);
	end(41);
	expect_none();
	assert_false(fake_if[0].phys_active[27]);
	stop();
}

static void reset_forgets_and_starts_afresh(void **state)
{
	unsigned int elsewhere;

	for (elsewhere = 0; elsewhere < 2; elsewhere++) {
		start(3, 4, 2);
		set_up_spi(40, 0, 0x80, true);
		fake_on_cpu(0);
		fake_if[0].cntv_ctl = 1;
		fake_settle();
		expect_ack(27);
		vgic_send_sgi_reg(vcpu(0), 1 | 4 << 24, true);
		set_spi(40, true);
		fake_if[0].cntv_ctl = 0;
		fake_on_cpu(elsewhere);
		vgic_vcpu_reset(vcpu(0));
		fake_settle();
		fake_on_cpu(0);
		expect_none();
		assert_int_equal(fake_running_priority(), FAKE_IDLE_PRIORITY);
		assert_false(fake_if[0].phys_active[27]);
		assert_int_equal(fake_read(vcpu(0), SGI_FRAME(0, 0x100), 4), 0);
		/* The SPI is the distributor's: it is still pending. */
		fake_set_pmr(0xf8);
		fake_enable_groups(true, true);
		expect_ack(40);
		vgic_reset(&vm->vm);
		fake_settle();
		assert_int_equal(fake_read(vcpu(0), ISACTIVER(1), 4), 0);
		assert_int_equal(fake_read(vcpu(0), ISENABLER(1), 4), 0);
		stop();
	}
}

static void lines_that_are_not_there_are_ignored(void **state)
{
	static const unsigned int intids[] = { 0, 15, 128, 1019, 1020, ~0U };
	unsigned int i;

	start(3, 4, 1);
	for (i = 0; i < ARRAY_SIZE(intids); i++)
		vgic_set_line(&vm->vm, vcpu(0), intids[i], true);
	vgic_set_line(&vm->vm, NULL, 27, true);
	expect_none();
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edge_is_delivered_once),
		cmocka_unit_test(
			a_second_edge_while_active_is_delivered_after_the_end),
		cmocka_unit_test(
			a_level_that_stays_high_fires_again_after_the_end),
		cmocka_unit_test(
			a_level_served_by_its_handler_takes_no_maintenance),
		cmocka_unit_test(
			a_level_that_drops_before_it_is_taken_is_withdrawn),
		cmocka_unit_test(a_level_rises_again_while_active),
		cmocka_unit_test(disabling_withdraws_and_enabling_brings_back),
		cmocka_unit_test(
			priorities_hold_with_more_pending_than_list_registers),
		cmocka_unit_test(
			a_more_urgent_interrupt_gets_in_though_all_are_in_use),
		cmocka_unit_test(
			a_new_interrupt_does_not_overtake_one_that_waits),
		cmocka_unit_test(nested_handlers_outnumber_the_list_registers),
		cmocka_unit_test(kept_active_interrupts_do_not_hold_others_off),
		cmocka_unit_test(sgi_to_self_v2),
		cmocka_unit_test(sgis_of_several_sources_are_each_delivered),
		cmocka_unit_test(an_sgi_source_is_cleared),
		cmocka_unit_test(sgir_filters),
		cmocka_unit_test(sgi_register_reaches_by_affinity),
		cmocka_unit_test(an_sgi_to_another_cpu_kicks_it),
		cmocka_unit_test(a_waiting_vcpu_is_woken),
		cmocka_unit_test(injection_on_this_cpu_writes_one_list_register),
		cmocka_unit_test(pending_heeds_mask_groups_and_running_priority),
		cmocka_unit_test(state_survives_leaving_the_cpu),
		cmocka_unit_test(a_pending_interrupt_follows_its_new_target),
		cmocka_unit_test(an_active_interrupt_is_ended_where_it_was_taken),
		cmocka_unit_test(clearing_what_another_cpu_holds),
		cmocka_unit_test(pending_and_active_by_register),
		cmocka_unit_test(group_enables_of_the_distributor),
		cmocka_unit_test(
			the_guests_end_deactivates_the_physical_interrupt),
		cmocka_unit_test(physical_active_state_moves_with_the_vcpu),
		cmocka_unit_test(a_hw_interrupt_whose_line_fell_is_withdrawn),
		cmocka_unit_test(
			the_pending_bit_of_a_hw_interrupt_follows_its_line),
		cmocka_unit_test(a_hw_interrupt_changed_by_register),
		cmocka_unit_test(
			a_hw_interrupt_made_pending_while_active_is_not_lost),
		cmocka_unit_test(reset_forgets_and_starts_afresh),
		cmocka_unit_test(lines_that_are_not_there_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

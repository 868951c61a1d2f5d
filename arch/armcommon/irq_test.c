// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/irq.c lib/fdt.c libfdt
// flags: -Iarch/arm
/* Which interrupts are whose, and what time the counter keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "core/sched.h"
#include "drivers/irqchip.h"
#include "lib/log.h"
#include "lib/testing/tree.h"
#include "vmm/console.h"

/* ---- The machine ------------------------------------------------------------- */

struct irqchip irqchip;
struct uart console_uart;
u32 machine_timer_hz;
unsigned int vtimer_irq = VTIMER_PPI;
static struct cpu cpu;
static u64 cntfrq, isr;
static u32 enabled, ended, next_iar;
static unsigned int hyp_timers, virtual_timers, warnings;
static jmp_buf panicked;

struct cpu *this_cpu(void)
{
	return &cpu;
}

u64 test_sysreg_read(const char *name)
{
	return !strcmp(name, "cntfrq_el0") ? cntfrq :
	       !strcmp(name, "isr_el1") ? isr : 0;
}

void test_sysreg_write(const char *name, u64 v)
{
}

void timer_interrupt(void)
{
	hyp_timers++;
}

bool vtimer_interrupt(struct vcpu *vcpu)
{
	virtual_timers++;
	return false;
}

void vgic_maintenance(struct vcpu *vcpu)
{
}

void sched_tick(void)
{
}

void console_interrupt(void)
{
}

void log_print(enum log_level level, const char *fmt, ...)
{
	warnings++;
}

_Noreturn void panic(const char *fmt, ...)
{
	longjmp(panicked, 1);
}

int irq_of_node(const void *fdt, int node, int index, bool *level)
{
	const u32 *cells = fdt_interrupt(fdt, node, index);

	*level = true;
	return cells && fdt32_to_cpu(cells[0]) == 1 ?
		       (int)fdt32_to_cpu(cells[1]) + 16 : -1;
}

static u32 ack(void)
{
	return next_iar;
}

static void drop(u32 iar)
{
}

static void deactivate(u32 iar)
{
	ended |= BIT32(iar);
}

static void enable(unsigned int intid, bool on)
{
	enabled = on ? enabled | BIT32(intid) : enabled & ~BIT32(intid);
}

static const struct irqchip_ops ops = {
	.ack = ack, .drop = drop, .deactivate = deactivate, .enable = enable,
};

static int fresh(void **state)
{
	irqchip = (struct irqchip){.ops = &ops, .maintenance_irq = 25};
	console_uart.irq = IRQ_NONE;
	vtimer_irq = VTIMER_PPI;
	machine_timer_hz = 0;
	cntfrq = 62500000;
	isr = 0;
	enabled = ended = 0;
	hyp_timers = virtual_timers = warnings = 0;
	cpu.loaded = NULL;
	return 0;
}

/* PPIs of the virtual and of the hypervisor's timer; hz 0: not said. */
static const void *board(u32 virtual, u32 hyp, u32 hz)
{
	tree_start();
	open_node("");
	open_node("timer");
	assert_int_equal(fdt_property_string(tree, "compatible",
					     "arm,armv7-timer"), 0);
	SET("interrupts", 1, 13, 4, 1, 14, 4, 1, virtual, 4, 1, hyp, 4);
	if (hz)
		SET("clock-frequency", hz);
	close_node();
	close_node();
	tree_finish();
	return tree;
}

static void come(u32 intid)
{
	next_iar = intid;
	irq_handle();
}

/* ---- Which interrupts -------------------------------------------------------- */

static void every_cpu_has_the_timers_that_the_tree_names(void **state)
{
	struct vcpu *loaded = (struct vcpu *)&cpu;

	irq_init(board(3, 1, 0));
	irq_init_cpu();
	assert_int_equal(enabled, BIT32(17) | BIT32(19) | BIT32(25) |
					  BIT32(SGI_KICK) | BIT32(SGI_STOP));
	come(17);
	assert_int_equal(hyp_timers, 1);
	assert_true(ended & BIT32(17));
	cpu.loaded = loaded;
	come(19);
	assert_int_equal(virtual_timers, 1);
	assert_int_equal(warnings, 0);
}

static void without_a_tree_they_are_the_usual_ones(void **state)
{
	tree_start();
	open_node("");
	close_node();
	tree_finish();
	irq_init(tree);
	irq_init_cpu();
	assert_true(enabled & BIT32(26));
	assert_true(enabled & BIT32(27));
}

static void what_nobody_knows_is_turned_off(void **state)
{
	enabled = BIT32(20);
	come(20);
	assert_int_equal(enabled, 0);
	assert_int_equal(warnings, 1);
}

/* An FIQ that no acknowledgement takes away would come back for ever. */
static void an_fiq_that_nobody_ends_is_said_not_served_for_ever(void **state)
{
	volatile unsigned int n = 0;

	/* Nothing there any more: that is nobody's fault. */
	for (unsigned int i = 0; i < 100000; i++)
		come(IRQ_NONE);
	isr = ISR_F;
	come(IRQ_NONE);
	isr = 0;
	come(IRQ_NONE);
	isr = ISR_F;
	if (!setjmp(panicked))
		for (; n < 100000; n++)
			come(IRQ_NONE);
	assert_in_range(n, 10, 10000);
}

/* ---- The counter ------------------------------------------------------------- */

static void the_tree_knows_the_frequency_better_than_cntfrq(void **state)
{
	counter_init(board(11, 10, 24000000));
	assert_int_equal(arch_counter_hz(), 24000000);
	/* CNTFRQ, which guests read too, may be wrong on this CPU or another. */
	assert_int_equal(machine_timer_hz, 24000000);
}

static void else_it_is_cntfrqs(void **state)
{
	counter_init(board(11, 10, 0));
	assert_int_equal(arch_counter_hz(), 62500000);
	assert_int_equal(machine_timer_hz, 0);
}

static void without_a_frequency_there_is_no_going_on(void **state)
{
	cntfrq = 0;
	if (!setjmp(panicked)) {
		counter_init(board(11, 10, 0));
		fail();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, fresh)
		CASE(every_cpu_has_the_timers_that_the_tree_names),
		CASE(without_a_tree_they_are_the_usual_ones),
		CASE(what_nobody_knows_is_turned_off),
		CASE(an_fiq_that_nobody_ends_is_said_not_served_for_ever),
		CASE(the_tree_knows_the_frequency_better_than_cntfrq),
		CASE(else_it_is_cntfrqs),
		CASE(without_a_frequency_there_is_no_going_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

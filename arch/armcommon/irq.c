// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical interrupts. EL2 never takes one: it runs with interrupts masked,
 * and asks the controller when a guest was left for one, or after idle's WFI.
 */
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/machine.h"
#include "core/arch.h"
#include "core/sched.h"
#include "core/timer.h"
#include "drivers/irqchip.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "vmm/console.h"

/* What an interrupt that nobody ends may come to before that is said. */
#define FIQS_IN_VAIN 1000

static unsigned int hyp_timer_irq;
static u64 counter_hz;

static int timer_node(const void *fdt)
{
	static const char *const timer[] = {"arm,armv8-timer",
					   "arm,armv7-timer", NULL};

	return fdt_next_with(fdt, -1, "compatible", timer);
}

/* The timer's interrupt of that number, a PPI, or what it is on most boards. */
static unsigned int timer_irq(const void *fdt, int index, unsigned int usual)
{
	int node = timer_node(fdt);
	bool level;
	int irq = node < 0 ? node : irq_of_node(fdt, node, index, &level);

	return irq < 0 || irq >= VGIC_PRIVATE ? usual : irq;
}

void irq_init(const void *fdt)
{
	vtimer_irq = timer_irq(fdt, 2, VTIMER_PPI);
	hyp_timer_irq = timer_irq(fdt, 3, PORT_TIMER_PPI);
}

void irq_init_cpu(void)
{
	irqchip.ops->enable(hyp_timer_irq, true);
	irqchip.ops->enable(vtimer_irq, true);
	irqchip.ops->enable(irqchip.maintenance_irq, true);
	irqchip.ops->enable(SGI_KICK, true);
	irqchip.ops->enable(SGI_STOP, true);
}

static _Noreturn void stop_this_cpu(void)
{
	for (;;)
		wfi();
}

/* Returns false if the interrupt is to stay active: its guest ends it. */
static bool dispatch(unsigned int intid)
{
	struct vcpu *loaded = this_cpu()->loaded;

	if (intid == SGI_KICK) {
		sched_tick();
	} else if (intid == vtimer_irq) {
		if (!loaded)
			return true;
		return !vtimer_interrupt(loaded);
	} else if (intid == hyp_timer_irq) {
		timer_interrupt();
	} else if (intid == irqchip.maintenance_irq) {
		if (loaded)
			vgic_maintenance(loaded);
	} else if (intid == console_uart.irq) {
		console_interrupt();
	} else if (intid == SGI_STOP) {
		stop_this_cpu();
	} else {
		log_warn("unexpected interrupt %u", intid);
		irqchip.ops->enable(intid, false);
	}
	return true;
}

/*
 * Nothing to acknowledge: what was signalled is over. But an FIQ of Group 0, which
 * is the Secure side's, stays, and comes back at once if firmware has left it to
 * us: it is not for us to end, and with it nothing else runs on this CPU. No guest
 * has a say in it.
 */
static __attribute__((noinline, cold)) void see_what_is_left(void)
{
	static unsigned int fiqs[MAX_CPUS];
	unsigned int *n = &fiqs[this_cpu()->id];

	*n = sysreg_read(isr_el1) & ISR_F ? *n + 1 : 0;
	if (*n == FIQS_IN_VAIN)
		panic("FIQ: an interrupt of the Secure side (Group 0) comes to CPU %u, "
		      "where nothing can end it: firmware must take it",
		      this_cpu()->id);
}

void irq_handle(void)
{
	u32 iar = irqchip.ops->ack();

	if ((iar & 0x3ff) >= 1020)
		return see_what_is_left();
	irqchip.ops->drop(iar);
	if (dispatch(iar & 0x3ff))
		irqchip.ops->deactivate(iar);
}

/* CNTFRQ is what firmware wrote on this CPU; nothing, on some boards (ARM DDI 0406C,
 * B8.1.1). */
void counter_init(const void *fdt)
{
	int node = timer_node(fdt);

	if (node >= 0)
		machine_timer_hz = fdt_u32(fdt, node, "clock-frequency", 0);
	counter_hz = machine_timer_hz ?: sysreg_read(cntfrq_el0);
	if (!counter_hz)
		panic("timer: CNTFRQ is 0, and its node has no clock-frequency");
}

/* ---- What core asks for -------------------------------------------------------- */

void arch_wait_for_interrupt(void)
{
	dsb(sy);
	wfi();
	irq_handle();
}

void arch_kick_cpu(struct cpu *cpu)
{
	/* What was written before is seen by whoever takes the SGI. */
	dsb(ishst);
	irqchip.ops->send_sgi(cpu, SGI_KICK);
}

u64 arch_counter(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

u64 arch_counter_hz(void)
{
	return counter_hz;
}

void arch_timer_program(u64 deadline)
{
	if (deadline == ~0ULL) {
		sysreg_write(cnthp_ctl_el2, 0);
	} else {
		sysreg_write(cnthp_cval_el2, deadline);
		sysreg_write(cnthp_ctl_el2, 1);
	}
	isb();
}

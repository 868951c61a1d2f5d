// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical interrupts. EL2 never takes one: it runs with interrupts masked,
 * and asks the controller when a guest was left for one, or after idle's WFI.
 */
#include <libfdt.h>

#include "arch/armcommon/arm.h"
#include "core/arch.h"
#include "core/sched.h"
#include "core/timer.h"
#include "drivers/irqchip.h"
#include "lib/fdt.h"
#include "lib/log.h"
#include "vmm/console.h"

/* The default, should the device tree leave it out. */
static unsigned int hyp_timer_irq = PORT_TIMER_PPI;

void irq_init(const void *fdt)
{
	static const char *const timer[] = {"arm,armv8-timer",
					   "arm,armv7-timer", NULL};
	int node = fdt_next_with(fdt, -1, "compatible", timer);
	bool level;
	int irq = node < 0 ? node : irq_of_node(fdt, node, 3, &level);

	if (irq >= 0)
		hyp_timer_irq = irq;
}

void irq_init_cpu(void)
{
	irqchip.ops->enable(hyp_timer_irq, true);
	irqchip.ops->enable(VTIMER_PPI, true);
	irqchip.ops->enable(irqchip.maintenance_irq, true);
	irqchip.ops->enable(SGI_KICK, true);
	irqchip.ops->enable(SGI_STOP, true);
}

static _Noreturn void stop_this_cpu(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

/* Returns false if the interrupt is to stay active: its guest ends it. */
static bool dispatch(unsigned int intid)
{
	struct vcpu *loaded = this_cpu()->loaded;

	if (intid == SGI_KICK) {
		sched_tick();
	} else if (intid == VTIMER_PPI) {
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

void irq_handle(void)
{
	u32 iar = irqchip.ops->ack();

	if ((iar & 0x3ff) >= 1020)
		return;
	irqchip.ops->drop(iar);
	if (dispatch(iar & 0x3ff))
		irqchip.ops->deactivate(iar);
}

/* ---- What core asks for -------------------------------------------------------- */

void arch_wait_for_interrupt(void)
{
	dsb(sy);
	__asm__ volatile("wfi" ::: "memory");
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
	return sysreg_read(cntfrq_el0);
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

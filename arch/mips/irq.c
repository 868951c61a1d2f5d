// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical interrupts and time.
 *
 * The hypervisor never takes an interrupt, but for the one that ends its idling:
 * it asks Cause which are pending, when a guest was left for one and after it
 * was idle. There are the CPU's own eight; a board's interrupt controller behind
 * them is not driven.
 */
#include "arch/mips/mips.h"
#include "core/sched.h"
#include "core/timer.h"
#include "drivers/irqchip.h"
#include "drivers/uart.h"
#include "lib/log.h"
#include "vmm/console.h"

struct mips_cpu mips_cpu;

/* ---- Time ---------------------------------------------------------------------- */

/*
 * Count has 32 bits. It is read at least once for each half of its round: the
 * timer fires that often, whatever it was set for.
 */
#define LONGEST (1ULL << 30)

u64 arch_counter(void)
{
	mips_cpu.counter += (u32)(cp0_read(count) - (u32)mips_cpu.counter);
	return mips_cpu.counter;
}

u64 arch_counter_hz(void)
{
	return features.count_hz;
}

/*
 * Compare acts when Count reaches it, not when Count is past it: what is written
 * must be ahead of Count still when it has been, or be matched already.
 */
void arch_timer_program(u64 deadline)
{
	u64 now = arch_counter(), ahead = 64, at;

	do {
		at = max(min(deadline, now + LONGEST), now + ahead);
		cp0_write(compare, (u32)at);
		ehb();
		now = arch_counter();
		ahead *= 2;
	} while (now >= at && !(cp0_read(cause) & CAUSE_TI));
}

/* ---- Interrupts ------------------------------------------------------------------ */

static unsigned int timer_ip(void)
{
	return INTCTL_IPTI(cp0_read(intctl));
}

/* After the features. */
void irq_init(void)
{
	arch_timer_program(~0ULL);
	irq_turn_on(timer_ip(), true);
}

void irq_turn_on(unsigned int irq, bool level)
{
	cp0_write(status, cp0_read(status) | ST_IM_OF(irq));
	ehb();
}

static u32 pending(void)
{
	return CAUSE_PENDING(cp0_read(cause) & cp0_read(status));
}

void irq_handle(void)
{
	u32 ip;

	while ((ip = pending())) {
		if (ip & BIT32(timer_ip()))
			timer_interrupt();
		if (console_uart.irq != IRQ_NONE &&
		    ip & BIT32(console_uart.irq))
			console_interrupt();
	}
}

/* ---- What core asks for ----------------------------------------------------------- */

void arch_wait_for_interrupt(void)
{
	if (!pending())
		idle_wait();
	irq_handle();
}

/* There is no other. */
void arch_kick_cpu(struct cpu *cpu)
{
	BUG();
}

struct cpu *this_cpu(void)
{
	return &cpus[0];
}

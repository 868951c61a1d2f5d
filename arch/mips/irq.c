// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical interrupts and time.
 *
 * The hypervisor never takes an interrupt, but for the one that ends its idling:
 * it asks Cause which are pending, when a guest was left for one and after it
 * was idle. There are the CPU's own eight; a board's interrupt controller behind
 * them is not driven.
 *
 * What is pending and does not go away when it is handled would keep guests from
 * their first instruction for ever. It is turned off: the board goes on without
 * that device.
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

/* As near as this a match is left to come. */
#define NEAR 2048

static unsigned int timer_ip(void)
{
	return INTCTL_IPTI(cp0_read(intctl));
}

/*
 * Compare acts when Count reaches it, not when Count is past it: what is written
 * must be ahead of Count still when it has been, or its interrupt be pending. The
 * interrupt itself: QEMU, where Count gets there while Compare is being written,
 * sets Cause.TI without it. A match that comes early enough is left alone, and who it
 * finds too early sets the next: deadlines move more often than they come. So is one
 * that is about to come.
 */
void arch_timer_program(u64 deadline)
{
	u64 now = arch_counter(), ahead = 64, at = mips_cpu.match;
	u32 cause;

	if (at > now && (at <= deadline || at - now < NEAR))
		return;
	do {
		at = max(min(deadline, now + LONGEST), now + ahead);
		cp0_write(compare, (u32)at);
		ehb();
		now = arch_counter();
		ahead *= 2;
		cause = cp0_read(cause);
	} while ((now >= at || cause & CAUSE_TI) &&
		 !(cause & ST_IM_OF(timer_ip())));
	mips_cpu.match = at;
}

/* ---- Interrupts ------------------------------------------------------------------ */

#define TRIES 1000

/* After the features. */
void irq_init(void)
{
	if (timer_ip() < 2)
		panic("CPU: its timer has no interrupt (IntCtl.IPTI)");
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

static void handle(u32 ip)
{
	/* The counters' may be the timer's, too (IntCtl.IPPCI). */
	if (ip & BIT32(timer_ip())) {
		if (cp0_read(cause) & CAUSE_PCI)
			cpu_stop_counters();
		timer_interrupt();
	}
	if (console_uart.irq != IRQ_NONE && ip & BIT32(console_uart.irq))
		console_interrupt();
}

void irq_handle(void)
{
	u32 ip;

	for (unsigned int i = 0; i < TRIES; i++) {
		ip = pending();
		if (!ip)
			return;
		handle(ip);
	}
	ip = pending();
	log_warn("interrupts that do not go away are turned off: Cause.IP %#x", ip);
	cp0_write(status, cp0_read(status) & ~(ip << ST_IM_SHIFT));
	ehb();
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

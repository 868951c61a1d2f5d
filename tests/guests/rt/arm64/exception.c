// SPDX-License-Identifier: BSD-2-Clause
/* Exceptions, and the instructions that are to raise them. */
#include "tests/guests/rt/rt.h"

void rt_exception(struct frame *f, unsigned int kind)
{
	struct trap t = {
		.serror = (kind & 3) == 3,
		.esr = f->esr,
		.far = f->far,
		.elr = f->elr,
	};
	unsigned int ec = ESR_EC(f->esr);

	if ((kind & 3) == 1) {
		gic_irq();
		return;
	}
	rt_trap(&t, (kind & 3) != 2, f->x[30]);
	if (t.serror)
		return;
	/* Illegal execution state lasts until the PSTATE bit is cleared. */
	if (ec == EC_ILLEGAL)
		f->spsr &= ~(1UL << 20);
	/* A call instruction's exception already points behind it. */
	if (!in_image(f->elr) || ec == EC_PC_ALIGN)
		f->elr = f->x[30];
	else if (ec != EC_SVC && ec != EC_HVC)
		f->elr += 4;
}

u64 load(u64 addr, unsigned int bytes)
{
	u64 v = 0;

	switch (bytes) {
	case 1:
		__asm__ volatile("ldrb %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 2:
		__asm__ volatile("ldrh %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 4:
		__asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(addr));
		break;
	case 8:
		__asm__ volatile("ldr %0, [%1]" : "+r"(v) : "r"(addr));
		break;
	}
	return v;
}

void store(u64 addr, unsigned int bytes, u64 v)
{
	switch (bytes) {
	case 1:
		__asm__ volatile("strb %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 2:
		__asm__ volatile("strh %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 4:
		__asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(addr)
				 : "memory");
		break;
	case 8:
		__asm__ volatile("str %0, [%1]" ::"r"(v), "r"(addr) : "memory");
		break;
	}
}

void call_at(u64 addr)
{
	/* What is called may be anything: keep nothing in registers over it
	 * that a called function may change. */
	__asm__ volatile("blr %0" ::"r"(addr)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8",
			   "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			   "x16", "x17", "x18", "x30", "cc", "memory");
}

void lose_stack(u64 sp)
{
	write_sysreg(vbar_el1, (u64)stuck_vectors);
	isb();
	__asm__ volatile("mov sp, %0\n\tstp x0, x1, [sp, #-16]!" ::"r"(sp)
			 : "memory");
}

/* ---- Registers that are a CPU's own ------------------------------------------------ */

void registers_fill(u64 seed)
{
	u64 v = seed * 0x1001001001001000UL;

	write_sysreg(tpidr_el0, v);
	write_sysreg(tpidrro_el0, v + 1);
	write_sysreg(contextidr_el1, (u32)v);
	write_sysreg(far_el1, v + 2);
	write_sysreg(afsr0_el1, 0UL);
	write_sysreg(sp_el0, v & ~15UL);
	write_sysreg(elr_el1, v & GENMASK64(47, 2));
	write_sysreg(par_el1, 0UL);
	write_sysreg(csselr_el1, 0UL);
	write_sysreg(cntkctl_el1, seed & 3);
	write_sysreg(ttbr1_el1, (seed & 15) << 12);
}

u64 registers_differ(u64 seed)
{
	u64 v = seed * 0x1001001001001000UL, bad = 0;

	bad |= read_sysreg(tpidr_el0) != v;
	bad |= (read_sysreg(tpidrro_el0) != v + 1) << 1;
	bad |= (read_sysreg(contextidr_el1) != (u32)v) << 2;
	bad |= (read_sysreg(far_el1) != v + 2) << 3;
	bad |= (read_sysreg(sp_el0) != (v & ~15UL)) << 4;
	bad |= (read_sysreg(elr_el1) != (v & GENMASK64(47, 2))) << 5;
	bad |= (read_sysreg(cntkctl_el1) != (seed & 3)) << 6;
	bad |= (read_sysreg(ttbr1_el1) != (seed & 15) << 12) << 7;
	return bad;
}

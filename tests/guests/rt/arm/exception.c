// SPDX-License-Identifier: BSD-2-Clause
/* Exceptions, and the instructions that are to raise them. */
#include "tests/guests/rt/rt.h"

u32 rt_resume;
struct undefined_notes rt_notes;

/* By vector. */
enum { UNDEFINED = 1, SUPERVISOR_CALL, PREFETCH_ABORT, DATA_ABORT, IRQ = 6, FIQ };

#define CPSR_T (1U << 5)
#define CPSR_IT 0x0600fc00U
#define FSR_LPAE (1U << 9)
#define FSR_WNR (1U << 11)
#define FSC_ASYNCHRONOUS 0x11
#define FSC_DEBUG 0x22
#define FSC_DOMAIN(l) (0x3c + (l))
#define FSC_ACCESS_FLAG(l) (8 + (l))

/* A fault status of short descriptors as LPAE says it (ARM DDI 0406C, tables
 * B3-23 and B3-24); 0x3f: none that this code knows. */
static unsigned int fault_status(u32 fsr)
{
	static const u8 from_short[32] = {
		[1] = FSC_ALIGNMENT,	  [2] = FSC_DEBUG,
		[3] = FSC_ACCESS_FLAG(1), [5] = FSC_TRANSLATION(1),
		[6] = FSC_ACCESS_FLAG(2), [7] = FSC_TRANSLATION(2),
		[8] = FSC_EXTERNAL,	  [9] = FSC_DOMAIN(1),
		[11] = FSC_DOMAIN(2),	  [12] = FSC_EXTERNAL_WALK(1),
		[13] = FSC_PERMISSION(1), [14] = FSC_EXTERNAL_WALK(2),
		[15] = FSC_PERMISSION(2), [22] = FSC_ASYNCHRONOUS,
	};
	unsigned int fs = (fsr & 15) | (fsr >> 6 & 16);

	if (fsr & FSR_LPAE)
		return fsr & 0x3f;
	return from_short[fs] ? from_short[fs] : 0x3f;
}

static u64 syndrome(unsigned int ec, u32 fsr)
{
	return (u64)fsr << 32 | ec << 26 | (fsr & FSR_WNR ? 1 << 6 : 0) |
	       fault_status(fsr);
}

/* Where the instruction is, and what it met. */
static struct trap what_came(struct frame *f, unsigned int kind)
{
	struct trap t = {0};

	switch (kind) {
	case UNDEFINED:
		f->pc -= f->cpsr & CPSR_T ? 2 : 4;
		break;
	case SUPERVISOR_CALL:
		t.esr = (u64)EC_SVC << 26;
		break;
	case PREFETCH_ABORT:
		f->pc -= 4;
		t.esr = syndrome(EC_IABT, read_sysreg(ifsr));
		t.far = read_sysreg(ifar);
		break;
	case DATA_ABORT:
		f->pc -= 8;
		t.esr = syndrome(EC_DABT, read_sysreg(dfsr));
		t.far = read_sysreg(dfar);
		t.serror = ESR_FSC(t.esr) == FSC_ASYNCHRONOUS;
		break;
	}
	t.elr = f->pc;
	return t;
}

/* Past the instruction, and on in an IT block. */
static void skip(struct frame *f)
{
	u32 it = (f->cpsr >> 8 & 0xfc) | (f->cpsr >> 25 & 3);

	f->pc += 4;
	if (!(f->cpsr & CPSR_T))
		return;
	if (read16(f->pc - 4) < 0xe800)
		f->pc -= 2;
	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	f->cpsr = (f->cpsr & ~CPSR_IT) | (it & 0xfc) << 8 | (it & 3) << 25;
}

static void go_on_at(struct frame *f, u32 at)
{
	f->pc = at & ~1U;
	f->cpsr = (f->cpsr & ~(CPSR_IT | CPSR_T)) | (at & 1 ? CPSR_T : 0);
}

static bool noted(struct frame *f, unsigned int kind)
{
	struct undefined_notes *n = &rt_notes;
	u32 at = f->pc - 4;

	if (kind != UNDEFINED || f->cpsr & CPSR_T || at < n->begin || at >= n->end)
		return false;
	n->was[(at - n->begin) / 4] = true;
	return true;
}

#define CPSR_RESUMED 0x1d3 /* Supervisor, all masked, Arm, little-endian */

void rt_exception(struct frame *f, unsigned int kind)
{
	struct trap t;
	u32 at = rt_resume;

	if (kind == IRQ) {
		f->pc -= 4;
		gic_irq();
		return;
	}
	if (noted(f, kind))
		return;
	t = what_came(f, kind);
	rt_trap(&t, kind != FIQ && kind, f->lr);
	rt_resume = 0;
	if (at) {
		f->cpsr = CPSR_RESUMED;
		go_on_at(f, at);
	} else if (!t.serror && kind != SUPERVISOR_CALL) {
		if (in_image(f->pc))
			skip(f);
		else
			go_on_at(f, f->lr);
	}
}

u64 load(u64 addr, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return read8(addr);
	case 2:
		return read16(addr);
	case 4:
		return read32(addr);
	}
	return read64(addr);
}

void store(u64 addr, unsigned int bytes, u64 v)
{
	switch (bytes) {
	case 1:
		write8(addr, v);
		break;
	case 2:
		write16(addr, v);
		break;
	case 4:
		write32(addr, v);
		break;
	case 8:
		write64(addr, v);
		break;
	}
}

void call_at(u64 addr)
{
	/* What is called may be anything: keep nothing in registers over it
	 * that a called function may change. */
	__asm__ volatile("blx %0" ::"r"((u32)addr)
			 : "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
}

void lose_stack(u64 sp)
{
	write_sysreg(vbar_el1, (u64)stuck_vectors);
	isb();
	__asm__ volatile("mov sp, %0\n\tpush {r0, r1}" ::"r"((u32)sp)
			 : "memory");
}

/* ---- Registers that are a CPU's own ------------------------------------------------ */

#define BANKED(X)                                                              \
	X(0, sp_usr) X(1, sp_abt) X(2, lr_abt) X(3, spsr_abt) X(4, sp_und)     \
	X(5, lr_und) X(6, spsr_und) X(7, sp_irq) X(8, r8_fiq) X(9, r9_fiq)     \
	X(10, r10_fiq) X(11, r11_fiq) X(12, r12_fiq) X(13, sp_fiq)             \
	X(14, lr_fiq) X(15, spsr_fiq)
#define SYSTEM(X)                                                              \
	X(16, tpidr_el0) X(17, tpidrro_el0) X(18, dfar) X(19, ifar)

/* MRS and MSR of another mode's come with the Virtualization Extensions, which a
 * bare board of QEMU's lacks. */
static bool has_banked_access(void)
{
	return !machine.bare;
}

void registers_fill(u64 seed)
{
	u32 v = seed * 0x01001000;

	/* IRQ mode's r14 and SPSR change with each interrupt. */
#define FILL(n, name)                                                          \
	__asm__ volatile("msr " #name ", %0" ::"r"(v + n) : "memory");
	if (has_banked_access()) {
		BANKED(FILL)
	}
#define FILL_SYSTEM(n, name) write_sysreg(name, v + n);
	SYSTEM(FILL_SYSTEM)
	write_sysreg(contextidr_el1, v & ~0xffU);
	write_sysreg(cntkctl_el1, seed & 3);
}

u64 registers_differ(u64 seed)
{
	u32 v = seed * 0x01001000, now;
	u64 bad = 0;

#define DIFFERS(n, name)                                                       \
	__asm__ volatile("mrs %0, " #name : "=r"(now)::"memory");              \
	bad |= (u64)(now != v + n) << n;
	if (has_banked_access()) {
		BANKED(DIFFERS)
	}
#define SYSTEM_DIFFERS(n, name) bad |= (u64)(read_sysreg(name) != v + n) << n;
	SYSTEM(SYSTEM_DIFFERS)
	bad |= (u64)(read_sysreg(contextidr_el1) != (v & ~0xffU)) << 20;
	bad |= (u64)(read_sysreg(cntkctl_el1) != (seed & 3)) << 21;
	return bad;
}

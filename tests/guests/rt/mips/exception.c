// SPDX-License-Identifier: BSD-2-Clause
/* Exceptions and interrupts, and the instructions that are to raise them. */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

u32 rt_resume;
struct frame rt_last;
bool (*rt_hook)(struct frame *f);

#define CAUSE_BD (1U << 31)
#define VECTOR_REFILL 0
#define FSC_MODIFIED FSC_PERMISSION(MMU_PAGE_LEVEL)

/* As an ESR would have it. */
static u64 syndrome(const struct frame *f)
{
	u32 code = f->cause >> 2 & 31;
	/* Of a fetch: at the instruction itself, in no delay slot. */
	bool fetch = f->badvaddr == f->pc;
	u32 abort = (fetch ? EC_IABT : EC_DABT) << 26;

	switch (code) {
	case EXC_MOD:
		return EC_DABT << 26 | 1 << 6 | FSC_MODIFIED;
	case EXC_TLBL:
		return abort | FSC_TRANSLATION(MMU_PAGE_LEVEL);
	case EXC_TLBS:
		return EC_DABT << 26 | 1 << 6 | FSC_TRANSLATION(MMU_PAGE_LEVEL);
	case EXC_ADEL:
		return abort | FSC_ALIGNMENT;
	case EXC_ADES:
		return EC_DABT << 26 | 1 << 6 | FSC_ALIGNMENT;
	case EXC_IBE:
		return (u64)EC_IABT << 26 | FSC_EXTERNAL;
	case EXC_DBE:
		return (u64)EC_DABT << 26 | FSC_EXTERNAL;
	case EXC_SYS:
		return EC_SVC << 26;
	case EXC_CPU:
		return EC_SYSREG << 26;
	case EXC_RI:
		return EC_UNKNOWN << 26;
	}
	return (u64)EC_ILLEGAL << 26;
}

/* ---- Interrupts ----------------------------------------------------------------- */

static irq_handler handlers[8];

void ip_on(unsigned int ip, irq_handler fn)
{
	handlers[ip] = fn;
}

void ip_enable(unsigned int ip)
{
	MTC0(MFC0(12, 0) | 0x100U << ip, 12, 0);
}

void ip_disable(unsigned int ip)
{
	MTC0(MFC0(12, 0) & ~(0x100U << ip), 12, 0);
}

/* The highest that is pending and let through. */
static void take_interrupt(const struct frame *f)
{
	u32 pending = f->cause & f->status & 0xff00;
	unsigned int ip;

	if (!pending)
		return;
	ip = 23 - __builtin_clz(pending);
	this_cpu()->irq_count[ip]++;
	if (handlers[ip])
		handlers[ip](ip);
}

/* ---- Exceptions ----------------------------------------------------------------- */

void rt_exception(struct frame *f, unsigned int kind);

void rt_exception(struct frame *f, unsigned int kind)
{
	struct trap t = {
		.esr = (u64)f->cause << 32 | syndrome(f),
		.far = f->badvaddr,
		.elr = f->pc,
	};
	u32 at = rt_resume;

	if (!(f->cause >> 2 & 31)) {
		take_interrupt(f);
		return;
	}
	rt_last = *f;
	if (rt_hook && rt_hook(f))
		return;
	/* What a branch goes on with in a delay slot, nobody here works out. */
	rt_trap(&t, at || !(f->cause & CAUSE_BD), f->r[31]);
	rt_resume = 0;
	if (at) {
		f->pc = at;
		f->status &= ~0x10U;
	} else if (in_image(f->pc)) {
		f->pc += 4;
	} else {
		f->pc = f->r[31];
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
	__asm__ volatile(".set push\n\t.set noreorder\n\tjalr %0\n\tnop\n\t.set pop"
			 :
			 : "r"((u32)addr)
			 : "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9",
			   "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25",
			   "$31", "hi", "lo", "memory");
}

/* ---- Running away ------------------------------------------------------------ */

void lose_stack(u64 sp)
{
	extern char stuck_vectors[];

	use_vectors((u32)stuck_vectors);
	__asm__ volatile("move $sp, %0\n\tsw $0, -4($sp)" ::"r"((u32)sp) : "memory");
}

void lose_vectors(u64 at)
{
	use_vectors(at);
	__asm__ volatile("syscall" ::: "memory");
}

void leave_often(void)
{
	MFC0(9, 0);
	__asm__ volatile("tlbp\n\ttlbr" ::: "memory");
	console_ready();
}

void abandon_cpu(void)
{
	irq_disable();
	for (;;)
		wfi();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The end: registers, a backtrace, every CPU stopped.
 */
#include <stdarg.h>

#include "arch/arm64/arm64.h"
#include "arch/arm64/layout.h"
#include "arch/arm64/registers.h"
#include "core/sched.h"
#include "drivers/irqchip.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "vmm/console.h"

struct exception_frame {
	u64 x[31];
	u64 sp, elr, spsr;
};

void panic_exception(const struct exception_frame *f, const char *what);

static u32 panicking;

static void stop_others(void)
{
	struct cpu *c;

	if (!irqchip.ops)
		return;
	for_each_cpu (c)
		if (c != this_cpu() && c->online)
			irqchip.ops->send_sgi(c, SGI_STOP);
}

/* Addresses are printed as offsets in the image: what addr2line wants. */
static void print_address(const char *what, u64 va)
{
	if (va - layout.image < (u64)(text_end - image_start))
		log_err("  %s %#llx (image + %#llx)", what,
			(unsigned long long)va,
			(unsigned long long)(va - layout.image));
	else
		log_err("  %s %#llx", what, (unsigned long long)va);
}

static void backtrace(u64 fp)
{
	for (int depth = 0; depth < 16; depth++) {
		const u64 *frame = (const u64 *)fp;

		if (!fp || (fp & 15) || !mmu_is_mapped(fp))
			break;
		print_address("called from", frame[1]);
		if (frame[0] <= fp)
			break;
		fp = frame[0];
	}
}

static void who(void)
{
	struct cpu *c = this_cpu();
	struct vcpu *v = c->current ? c->current->vcpu : NULL;

	log_err("  on CPU %u, thread %s%s%s", c->id,
		c->current ? c->current->name : "(none)",
		v ? ", VM " : "", v ? v->vm->name : "");
}

static _Noreturn void halt(void)
{
	log_err("the machine is stopped");
	for (;;)
		__asm__ volatile("wfi");
}

/* The first CPU speaks; others that fail meanwhile are silent. */
static void enter_panic(void)
{
	if (__atomic_exchange_n(&panicking, 1, __ATOMIC_RELAXED))
		for (;;)
			__asm__ volatile("wfi");
	stop_others();
	console_panic();
}

_Noreturn void panic(const char *fmt, ...)
{
	char text[192];
	va_list ap;

	enter_panic();
	va_start(ap, fmt);
	vscnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_err("PANIC: %s", text);
	who();
	backtrace((u64)__builtin_frame_address(0));
	halt();
}

void panic_exception(const struct exception_frame *f, const char *what)
{
	enter_panic();
	log_err("PANIC: exception at EL2: %s, ESR %#llx, FAR %#llx", what,
		(unsigned long long)sysreg_read(esr_el2),
		(unsigned long long)sysreg_read(far_el2));
	who();
	print_address("pc", f->elr);
	log_err("  sp %#llx pstate %#llx", (unsigned long long)f->sp,
		(unsigned long long)f->spsr);
	for (int i = 0; i < 30; i += 3)
		log_err("  x%-2d %016llx x%-2d %016llx x%-2d %016llx", i,
			(unsigned long long)f->x[i], i + 1,
			(unsigned long long)f->x[i + 1], i + 2,
			(unsigned long long)f->x[i + 2]);
	print_address("x30", f->x[30]);
	backtrace(f->x[29]);
	halt();
}

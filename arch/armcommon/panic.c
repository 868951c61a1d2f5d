// SPDX-License-Identifier: BSD-2-Clause
/*
 * The end: registers, a backtrace, every CPU stopped.
 */
#include <stdarg.h>

#include "arch/armcommon/arm.h"
#include "arch/armcommon/layout.h"
#include "core/sched.h"
#include "drivers/irqchip.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "vmm/console.h"

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

void panic_address(const char *what, uintptr_t va)
{
	if (va - layout.image < (size_t)(text_end - image_start))
		log_err("  %s %#llx (image + %#llx)", what,
			(u64)va, (u64)(va - layout.image));
	else
		log_err("  %s %#llx", what, (u64)va);
}

static void backtrace(uintptr_t fp)
{
	for (int depth = 0; depth < 16; depth++) {
		uintptr_t from = fp, next;

		if (!fp || fp % sizeof(fp) || !mmu_is_mapped(fp) ||
		    !mmu_is_mapped(fp - sizeof(fp)))
			break;
		panic_address("called from", port_frame(fp, &next));
		if (next <= from)
			break;
		fp = next;
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
	backtrace((uintptr_t)__builtin_frame_address(0));
	halt();
}

void panic_exception(const struct exception_frame *f, const char *what)
{
	u64 esr = sysreg_read(esr_el2);
	bool exec = esr >> ESR_EC_SHIFT == EC_IABT_SAME;

	enter_panic();
	log_err("PANIC: exception at " PORT_MODE ": %s, syndrome %#llx, at %#llx",
		what, esr, port_fault_address(exec));
	who();
	backtrace(panic_registers(f));
	halt();
}

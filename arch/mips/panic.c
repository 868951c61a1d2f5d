// SPDX-License-Identifier: BSD-2-Clause
/*
 * The end: registers, where the function was called from, everything stopped.
 */
#include <stdarg.h>

#include "arch/mips/asm_offsets.h"
#include "arch/mips/mips.h"
#include "core/sched.h"
#include "lib/log.h"
#include "lib/printf.h"
#include "vmm/console.h"

_Static_assert(sizeof(struct exception_frame) == FRAME_SIZE, "asm_offsets.h");
_Static_assert(offsetof(struct exception_frame, hi) == FRAME_HI &&
		       offsetof(struct exception_frame, lo) == FRAME_LO &&
		       offsetof(struct exception_frame, status) == FRAME_STATUS &&
		       offsetof(struct exception_frame, cause) == FRAME_CAUSE &&
		       offsetof(struct exception_frame, epc) == FRAME_EPC &&
		       offsetof(struct exception_frame, badvaddr) ==
			       FRAME_BADVADDR,
	       "asm_offsets.h");

static u32 panicking;

static bool in_text(uintptr_t pc)
{
	return pc >= (uintptr_t)image_start && pc < (uintptr_t)text_end;
}

/* In kseg0's RAM as far as the image and threads' stacks can be. */
static bool readable(uintptr_t va)
{
	return va % 4 == 0 && va - KSEG0 < KSEG_SIZE / 2;
}

/* ---- Where from --------------------------------------------------------------------- */

/* Instructions of a function's beginning: what it takes of the stack, and where
 * it keeps its return address. */
#define ADDIU_SP 0x27bd
#define SW_RA_SP 0xafbf

/*
 * There is no chain of frames: the beginning of a function is looked for, from
 * an address in it backwards, and says how its frame is made. *saved says where
 * the return address is kept. The frame's size; 0: it has none of its own.
 */
static u32 frame_of(uintptr_t pc, int *saved)
{
	*saved = -1;
	for (int i = 0; i < 4096 && in_text(pc); i++, pc -= 4) {
		u32 insn = *(const u32 *)pc;

		if (insn >> 16 == SW_RA_SP)
			*saved = (s16)insn;
		if (insn >> 16 == ADDIU_SP && (s16)insn < 0)
			return -(s16)insn;
	}
	return 0;
}

static void backtrace(uintptr_t pc, uintptr_t sp)
{
	for (int depth = 0; depth < 16; depth++) {
		int saved;
		u32 size = frame_of(pc, &saved);

		if (!size || saved < 0 || !readable(sp + saved))
			break;
		pc = *(const u32 *)(sp + saved);
		if (!in_text(pc))
			break;
		log_err("  called from %#x", (u32)pc);
		/* Its beginning is before the call, however it ends. */
		pc -= 8;
		sp += size;
	}
}

/* ---- Messages -------------------------------------------------------------------------- */

static void who(void)
{
	struct cpu *c = this_cpu();
	struct vcpu *v = c->current ? c->current->vcpu : NULL;

	log_err("  in thread %s%s%s", c->current ? c->current->name : "(none)",
		v ? ", VM " : "", v ? v->vm->name : "");
}

static _Noreturn void halt(void)
{
	log_err("the machine is stopped");
	cp0_write(status, cp0_read(status) & ~ST_IM);
	ehb();
	for (;;)
		idle_wait();
}

static void enter_panic(void)
{
	if (panicking++)
		for (;;)
			idle_wait();
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
	backtrace(program_counter(), stack_pointer());
	halt();
}

static const char *exception_name(const struct exception_frame *f)
{
	static const char *const name[] = {
		[EXC_INT] = "interrupt", [EXC_MOD] = "TLB modified",
		[EXC_TLBL] = "TLB miss, load or fetch",
		[EXC_TLBS] = "TLB miss, store",
		[EXC_ADEL] = "address error, load or fetch",
		[EXC_ADES] = "address error, store",
		[EXC_IBE] = "bus error, fetch", [EXC_DBE] = "bus error, data",
		[EXC_SYS] = "system call", [EXC_BP] = "breakpoint",
		[EXC_RI] = "reserved instruction",
		[EXC_CPU] = "coprocessor unusable", [EXC_OV] = "overflow",
		[EXC_TR] = "trap", [EXC_FPE] = "floating point",
		[EXC_TLBRI] = "read inhibited", [EXC_TLBXI] = "execute inhibited",
		[EXC_WATCH] = "watch", [EXC_MCHECK] = "machine check",
	};
	u32 code = CAUSE_EXC_OF(f->cause);

	if (f->r[0] == 0x100)
		return "cache error";
	return code < ARRAY_SIZE(name) && name[code] ? name[code] : "unknown";
}

static void print_registers(const struct exception_frame *f)
{
	static const char *const name[] = {
		"", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2",
		"t3", "t4", "t5", "t6", "t7", "s0", "s1", "s2", "s3", "s4", "s5",
		"s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "fp", "ra",
	};

	for (int i = 0; i < 32; i += 4)
		log_err("  %4s %08x  %4s %08x  %4s %08x  %4s %08x",
			i ? name[i] : "vec", f->r[i], name[i + 1], f->r[i + 1],
			name[i + 2], f->r[i + 2], name[i + 3], f->r[i + 3]);
	log_err("  hi %08x lo %08x status %08x cause %08x", f->hi, f->lo,
		f->status, f->cause);
}

_Noreturn void exception_fatal(const struct exception_frame *f)
{
	enter_panic();
	log_err("PANIC: exception of the hypervisor's own: %s, cause %#x, epc %#x, badvaddr %#x",
		exception_name(f), f->cause, f->epc, f->badvaddr);
	who();
	print_registers(f);
	backtrace(f->epc, f->r[29]);
	halt();
}

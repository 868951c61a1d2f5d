// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads: their stacks, and the change from one to another.
 *
 * Stacks are in kseg0, where nothing can be left out below them as a guard; a
 * pattern at the lowest end says at the next switch whether one was too small.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/mips.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "lib/log.h"
#include "lib/string.h"

#define STACK_ORDER 2 /* 16 KiB */
#define STACK_GUARD 0x5afe57acU
#define GUARD_WORDS 16

void thread_switch_sp(void **save_sp, void *sp);

/* What thread_switch_sp() pops. */
struct switch_frame {
	u32 s[9], ra;
};

_Static_assert(sizeof(struct switch_frame) == SWITCH_SIZE, "asm_offsets.h");
_Static_assert(offsetof(struct switch_frame, ra) == SWITCH_RA, "asm_offsets.h");

void stack_guard(u32 *stack)
{
	for (int i = 0; i < GUARD_WORDS; i++)
		stack[i] = STACK_GUARD;
}

void *arch_stack_alloc(size_t *size)
{
	u32 *stack = hyp_alloc_pages(STACK_ORDER, NULL);

	*size = PAGE_SIZE << STACK_ORDER;
	if (stack)
		stack_guard(stack);
	return stack;
}

void arch_stack_free(void *stack)
{
	hyp_free_pages(stack, STACK_ORDER, NULL);
}

void arch_thread_init(struct thread *t, void (*entry)(void))
{
	/* The argument area of `entry` stays free above. */
	char *top = (char *)t->sp - ARGUMENT_AREA;
	struct switch_frame *f = (struct switch_frame *)top - 1;

	memset(f, 0, sizeof(*f));
	f->ra = (u32)entry;
	t->sp = f;
}

/* The boot CPU's flow, which became a thread, has the boot stack. */
static void check_stack(const struct thread *t)
{
	const u32 *stack = t->stack ?: boot_stack;

	for (int i = 0; i < GUARD_WORDS; i++)
		if (stack[i] != STACK_GUARD)
			panic("the stack of thread %s was too small", t->name);
}

void arch_thread_switch(struct thread *from, struct thread *to)
{
	check_stack(from);
	thread_switch_sp(&from->sp, to->sp);
}

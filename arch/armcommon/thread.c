// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "core/sched.h"
#include "lib/string.h"

void thread_switch_sp(void **save_sp, void *sp);

void arch_thread_init(struct thread *t, void (*entry)(void))
{
	struct switch_frame *f = (struct switch_frame *)t->sp - 1;

	memset(f, 0, sizeof(*f));
	f->lr = (uintptr_t)entry;
	t->sp = f;
}

void arch_thread_switch(struct thread *from, struct thread *to)
{
	thread_switch_sp(&from->sp, to->sp);
}

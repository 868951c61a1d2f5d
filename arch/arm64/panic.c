// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "lib/log.h"

struct exception_frame {
	u64 x[31];
	u64 sp, elr, spsr;
};

uintptr_t port_frame(uintptr_t fp, uintptr_t *next)
{
	const u64 *frame = (const u64 *)fp;

	*next = frame[0];
	return frame[1];
}

uintptr_t panic_registers(const struct exception_frame *f)
{
	panic_address("pc", f->elr);
	log_err("  sp %#llx pstate %#llx", f->sp,
		f->spsr);
	for (int i = 0; i < 30; i += 3)
		log_err("  x%-2d %016llx x%-2d %016llx x%-2d %016llx", i,
			f->x[i], i + 1,
			f->x[i + 1], i + 2,
			f->x[i + 2]);
	panic_address("x30", f->x[30]);
	return f->x[29];
}

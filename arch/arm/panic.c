// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "lib/log.h"

/* vectors.S fills it in. */
struct exception_frame {
	u32 r[15];
	u32 pc, cpsr;
};

_Static_assert(offsetof(struct exception_frame, r) == FRAME_R &&
		       offsetof(struct exception_frame, pc) == FRAME_PC &&
		       offsetof(struct exception_frame, cpsr) == FRAME_CPSR &&
		       sizeof(struct exception_frame) <= FRAME_SIZE &&
		       FRAME_SIZE % 8 == 0,
	       "asm_offsets.h");

/* GCC lets r11 point at the saved r14, Clang at the r11 below it. */
uintptr_t port_frame(uintptr_t fp, uintptr_t *next)
{
	const u32 *frame = (const u32 *)fp;

#ifdef __clang__
	*next = frame[0];
	return frame[1];
#else
	*next = frame[-1];
	return frame[0];
#endif
}

uintptr_t panic_registers(const struct exception_frame *f)
{
	panic_address("pc", f->pc);
	log_err("  cpsr %#x", f->cpsr);
	for (int i = 0; i < 15; i += 3)
		log_err("  r%-2d %08x r%-2d %08x r%-2d %08x", i, f->r[i], i + 1,
			f->r[i + 1], i + 2, f->r[i + 2]);
	panic_address("r14", f->r[14]);
	return f->r[11];
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K43: what becomes of the hypervisor's own exceptions. Some of its code touches what
 * a guest has mapped (guest_access.S; the fetch in what world_code.h is about): what
 * is not there is no error of its own, and it goes on elsewhere. Whatever else is not
 * an interrupt is the end; a machine check is, there too: behind it the TLB would
 * still have an address twice.
 */
#ifndef ARCH_MIPS_FIXUP_CODE_H
#define ARCH_MIPS_FIXUP_CODE_H

#include "arch/mips/asm.h"

/* An exception by what is accessed (MD00090, Cause.ExcCode: Mod to DBE) at [begin,
 * begin + size) goes on at `to`, by ERET. size: up to 32767 bytes; 0: there is no
 * such code. */
struct mips_fixup {
	u32 begin, size, to;
};

#define MIPS_FIXUPS 4
#define MIPS_FIXUP_WORDS 48

/*
 * Where the general vector goes, with EXL set, for an exception of the hypervisor's own.
 * `interrupt`, `stop`: code that goes on in the same state, with EPC in k0 for the
 * former. k0 and k1 are changed, nothing else. Of ranges that overlap the first counts;
 * up to MIPS_FIXUPS of them.
 */
void mips_fixup_emit(struct mips_asm *a, const struct mips_fixup *f, unsigned int n,
		     u32 interrupt, u32 stop);

#endif

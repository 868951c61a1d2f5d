// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/fixup_code.h"

enum label { INTERRUPT, STOP, GO_ON, FIRST };

/* k1: 1, if k0 is in there. */
static void compare(struct mips_asm *a, const struct mips_fixup *f)
{
	mips_asm_li(a, K1, f->begin);
	mips_asm_subu(a, K1, K0, K1);
	mips_asm_sltiu(a, K1, K1, f->size);
}

void mips_fixup_emit(struct mips_asm *a, const struct mips_fixup *f, unsigned int n,
		     u32 interrupt, u32 stop)
{
	mips_asm_mfc0(a, K0, CP0_CAUSE);
	mips_asm_andi(a, K0, K0, CAUSE_EXC_MASK);
	mips_asm_beq(a, K0, ZERO, INTERRUPT);
	mips_asm_sltiu(a, K1, K0, CAUSE_EXC(EXC_DBE + 1)); /* in the delay slot */
	mips_asm_beq(a, K1, ZERO, STOP);
	mips_asm_mfc0(a, K0, CP0_EPC); /* in the delay slot */
	for (unsigned int i = 0; i < n; i++) {
		compare(a, &f[i]);
		mips_asm_bne(a, K1, ZERO, FIRST + i);
		mips_asm_lui(a, K1, MIPS_HI(f[i].to)); /* in the delay slot */
	}
	mips_asm_label(a, STOP);
	mips_asm_j(a, stop);
	mips_asm_nop(a);
	for (unsigned int i = 0; i < n; i++) {
		mips_asm_label(a, FIRST + i);
		mips_asm_beq(a, ZERO, ZERO, GO_ON);
		mips_asm_addiu(a, K1, K1, MIPS_LO(f[i].to)); /* in the delay slot */
	}
	mips_asm_label(a, GO_ON);
	mips_asm_mtc0(a, K1, CP0_EPC);
	mips_asm_barrier(a);
	mips_asm_eret(a);
	mips_asm_label(a, INTERRUPT);
	mips_asm_j(a, interrupt);
	mips_asm_mfc0(a, K0, CP0_EPC); /* in the delay slot */
}

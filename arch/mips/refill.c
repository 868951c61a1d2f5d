// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/refill.h"

enum label { LARGE, NONE };

/* An EntryLo of 1 MiB, from one to the next; PageMask of that size. */
#define MIB_LO   (0x100000 >> 6)
#define MIB_MASK 0x001fe000U

void mips_refill_places(struct mips_refill_cpu *cpu, u32 kscratch, u32 word)
{
	u8 found[3];
	unsigned int n = 0;

	for (unsigned int sel = 2; sel < 8 && n < 3; sel++)
		if (kscratch & BIT32(sel))
			found[n++] = CP0_KSCRATCH(sel);
	cpu->save[0] = n >= 2 ? found[0] : CP0_DDATALO;
	cpu->save[1] = n >= 2 ? found[1] : CP0_ERROREPC;
	cpu->place = MIPS_DIRECTORY_MEMORY;
	cpu->directory = word;
	if (n == 1 || n == 3) {
		cpu->place = MIPS_DIRECTORY_CP0;
		cpu->directory = found[n - 1];
	}
}

/* k1: the directory, but for what goes into the displacement of the load from it. */
static s32 load_directory(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	switch (cpu->place) {
	case MIPS_DIRECTORY_CP0:
		mips_asm_mfc0(a, K1, cpu->directory);
		return 0;
	case MIPS_DIRECTORY_MEMORY:
		mips_asm_lui(a, K1, MIPS_HI(cpu->directory));
		mips_asm_lw(a, K1, MIPS_LO(cpu->directory), K1);
		return 0;
	default:
		mips_asm_lui(a, K1, MIPS_HI(cpu->directory));
		return MIPS_LO(cpu->directory);
	}
}

/* An entry becomes an EntryLo. */
static void entry_lo(struct mips_asm *a, const struct mips_refill_cpu *cpu, u32 r)
{
	if (!cpu->rixi) {
		mips_asm_srl(a, r, r, PGT_MIPS32_SHIFT);
	} else if (cpu->software_bits) {
		mips_asm_srl(a, r, r, PGT_MIPS32_RIXI_SHIFT);
		mips_asm_rotr(a, r, r, PGT_MIPS32_RIXI_ROTATE);
	} else {
		/* Both in one, for what goes round at the bottom is 0. */
		mips_asm_rotr(a, r, r,
			      PGT_MIPS32_RIXI_SHIFT + PGT_MIPS32_RIXI_ROTATE);
	}
}

static void barrier(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	if (cpu->hazards)
		mips_asm_barrier(a);
}

static void leave(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_mfc0(a, K1, cpu->save[1]);
	mips_asm_eret(a);
}

/* The pair's table: k1, and k0 are the address's bits 21 to 13. */
static void walk(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	s32 offset;

	mips_asm_mtc0(a, K0, cpu->save[0]);
	mips_asm_mtc0(a, K1, cpu->save[1]);
	mips_asm_mfc0(a, K0, CP0_BADVADDR);
	offset = load_directory(a, cpu);
	mips_asm_rotr(a, K0, K0, 22);   /* bits 31 to 22 come down */
	mips_asm_ins(a, K1, K0, 2, 10);
	mips_asm_lw(a, K1, offset, K1);
	if (cpu->large)
		mips_asm_bgez(a, K1, LARGE);
	mips_asm_srl(a, K0, K0, 23);    /* in the delay slot, where there is one */
}

/*
 * A leaf of 4 MiB, or nothing. The 2 MiB of it that the address is in are a pair;
 * bit 21 of the leaf is 0. What is not valid is the general vector's: an entry of
 * 1 MiB without V would hide pages that come later.
 */
static void large(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	mips_asm_label(a, LARGE);
	mips_asm_srl(a, K0, K0, 8);
	mips_asm_ins(a, K1, K0, 21, 1);
	mips_asm_andi(a, K0, K1, PGT_MIPS32_V);
	mips_asm_beq(a, K0, ZERO, NONE);
	entry_lo(a, cpu, K1);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO0);
	mips_asm_addiu(a, K1, K1, MIB_LO);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO1);
	mips_asm_li(a, K0, MIB_MASK);
	mips_asm_mtc0(a, K0, CP0_PAGEMASK);
	barrier(a, cpu);
	mips_asm_tlbwr(a);
	mips_asm_mtc0(a, ZERO, CP0_PAGEMASK);
	leave(a, cpu);

	mips_asm_label(a, NONE);
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_j(a, cpu->general);
	mips_asm_mfc0(a, K1, cpu->save[1]); /* in the delay slot */
}

void mips_refill_emit(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	walk(a, cpu);
	mips_asm_ins(a, K1, K0, 3, 9); /* over the type, and what is below is 0 */
	mips_asm_lw(a, K0, 0, K1);
	mips_asm_lw(a, K1, 4, K1);
	entry_lo(a, cpu, K0);
	mips_asm_mtc0(a, K0, CP0_ENTRYLO0);
	entry_lo(a, cpu, K1);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO1);
	barrier(a, cpu);
	mips_asm_tlbwr(a);
	leave(a, cpu);
	if (cpu->large)
		large(a, cpu);
}

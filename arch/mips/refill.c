// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/refill.h"
#include "arch/mips/gva.h"

enum label { BLOCK };

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

/* k1: the directory. */
static void load_directory(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	if (cpu->place == MIPS_DIRECTORY_CP0) {
		mips_asm_mfc0(a, K1, cpu->directory);
	} else {
		mips_asm_lui(a, K1, MIPS_HI(cpu->directory));
		mips_asm_lw(a, K1, MIPS_LO(cpu->directory), K1);
	}
}

/* An entry becomes an EntryLo. */
static void entry_lo(struct mips_asm *a, const struct mips_refill_cpu *cpu, u32 r)
{
	if (cpu->shift)
		mips_asm_srl(a, r, r, cpu->shift);
}

static void write_and_leave(struct mips_asm *a, const struct mips_refill_cpu *cpu,
			    bool block)
{
	if (cpu->hazards)
		mips_asm_barrier(a);
	mips_asm_tlbwr(a);
	if (block)
		mips_asm_mtc0(a, ZERO, CP0_PAGEMASK);
	mips_asm_mfc0(a, K0, cpu->save[0]);
	mips_asm_mfc0(a, K1, cpu->save[1]);
	mips_asm_eret(a);
}

/* The pair's table, or a block: k1; and k0 has the address's bits 20 to 13. */
static void walk(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	mips_asm_mtc0(a, K0, cpu->save[0]);
	mips_asm_mtc0(a, K1, cpu->save[1]);
	mips_asm_mfc0(a, K0, CP0_BADVADDR);
	load_directory(a, cpu);
	mips_asm_rotr(a, K0, K0, GVA_BLOCK_SHIFT); /* bits 31 to 21 come down */
	mips_asm_ins(a, K1, K0, 2, 32 - GVA_BLOCK_SHIFT);
	mips_asm_lw(a, K1, 0, K1);
	mips_asm_bgez(a, K1, BLOCK);
	mips_asm_srl(a, K0, K0, 45 - GVA_BLOCK_SHIFT); /* in the delay slot */
}

/* One EntryLo, from that of its first half on. */
static void block(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	mips_asm_label(a, BLOCK);
	entry_lo(a, cpu, K1);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO0);
	mips_asm_addiu(a, K1, K1, MIB_LO);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO1);
	mips_asm_li(a, K0, MIB_MASK);
	mips_asm_mtc0(a, K0, CP0_PAGEMASK);
	write_and_leave(a, cpu, true);
}

void mips_refill_emit(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	walk(a, cpu);
	mips_asm_ins(a, K1, K0, 3, GVA_BLOCK_SHIFT - 13);
	mips_asm_lw(a, K0, 0, K1);
	mips_asm_lw(a, K1, 4, K1);
	entry_lo(a, cpu, K0);
	mips_asm_mtc0(a, K0, CP0_ENTRYLO0);
	entry_lo(a, cpu, K1);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO1);
	write_and_leave(a, cpu, false);
	block(a, cpu);
}

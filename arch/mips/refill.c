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

void mips_refill_shorten(struct mips_refill_cpu *cpu, u32 blocks)
{
	cpu->place = MIPS_DIRECTORY_CP0;
	cpu->directory = CP0_CONTEXT;
	cpu->blocks = blocks;
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

/* ---- The short form ------------------------------------------------------------ */

/* `entry` becomes the directory's, by Context. */
static void look_up(struct mips_asm *a, u32 blocks, u32 context, u32 entry)
{
	unsigned int p = __builtin_ctz(blocks - KSEG0 + GVA_BLOCK);

	mips_asm_sra(a, entry, context, GVA_CONTEXT_SHIFT);
	mips_asm_ins(a, entry, ZERO, 0, 2);
	mips_asm_ins(a, entry, ZERO, p, 31 - p);
	mips_asm_lw(a, entry, 0, entry);
}

static void walk_by_context(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	mips_asm_mtc0(a, K0, cpu->save[0]);
	mips_asm_mtc0(a, K1, cpu->save[1]);
	mips_asm_mfc0(a, K0, CP0_CONTEXT);
	look_up(a, cpu->blocks, K0, K1);
	mips_asm_ins(a, K1, K0, 0, 12);
}

/* EntryLo of a block's first half, of its entry's lowest 12 bits. */
static void block_lo(struct mips_asm *a, u32 lo, u32 entry)
{
	mips_asm_li(a, lo, LO_C(CCA_CACHED) | LO_V);
	mips_asm_ins(a, lo, entry, 15, 11);
	mips_asm_srl(a, entry, entry, 11);
	mips_asm_ins(a, lo, entry, 2, 1);
}

void mips_block_emit(struct mips_asm *a, u32 blocks, u32 cause, u32 first,
		     u32 second, unsigned int otherwise)
{
	/* TLBL and TLBS alone. */
	mips_asm_andi(a, first, cause, CAUSE_EXC_MASK & ~CAUSE_EXC(1));
	mips_asm_xori(a, first, first, CAUSE_EXC(EXC_TLBL));
	mips_asm_bne(a, first, ZERO, otherwise);
	mips_asm_mfc0(a, first, CP0_CONTEXT); /* in the delay slot */
	look_up(a, blocks, first, second);
	mips_asm_tlbp(a);
	mips_asm_lui(a, first, blocks >> 16);
	mips_asm_xor(a, second, second, first);
	mips_asm_srl(a, first, second, 12);
	mips_asm_bne(a, first, ZERO, otherwise);
	mips_asm_barrier(a); /* in the delay slot */
	mips_asm_mfc0(a, first, CP0_INDEX);
	mips_asm_srl(a, first, first, 31);
	mips_asm_bne(a, first, ZERO, otherwise);
	block_lo(a, first, second); /* the first of it in the delay slot */
	mips_asm_mtc0(a, first, CP0_ENTRYLO0);
	mips_asm_addiu(a, first, first, MIB_LO);
	mips_asm_mtc0(a, first, CP0_ENTRYLO1);
	mips_asm_li(a, first, MIB_MASK);
	mips_asm_mtc0(a, first, CP0_PAGEMASK);
	mips_asm_barrier(a);
	mips_asm_tlbwi(a);
	mips_asm_mtc0(a, ZERO, CP0_PAGEMASK);
}

/* ---- All of it --------------------------------------------------------------------- */

void mips_refill_emit(struct mips_asm *a, const struct mips_refill_cpu *cpu)
{
	if (cpu->blocks) {
		walk_by_context(a, cpu);
	} else {
		walk(a, cpu);
		mips_asm_ins(a, K1, K0, 3, GVA_BLOCK_SHIFT - 13);
	}
	mips_asm_lw(a, K0, 0, K1);
	mips_asm_lw(a, K1, 4, K1);
	entry_lo(a, cpu, K0);
	mips_asm_mtc0(a, K0, CP0_ENTRYLO0);
	entry_lo(a, cpu, K1);
	mips_asm_mtc0(a, K1, CP0_ENTRYLO1);
	write_and_leave(a, cpu, false);
	if (!cpu->blocks)
		block(a, cpu);
}

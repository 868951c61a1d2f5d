/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K41: the TLB refill handler, made for the CPU that is found. It walks the tree of
 * gva.h that is in use, writes the pair of pages with TLBWR, and returns into the
 * guest; no register of the guest's is changed, and nothing mapped is touched.
 *
 * There are two forms of it. The long one finds the directory in a register or a
 * word, and tells blocks from tables.
 *
 * The short one has directory and address at once from Context, of which PTEBase is
 * ours: Context is the directory's address moved up by 10. Moved down again, as a
 * signed number, it has the address's bits 31 to 21 where they count words, PTEBase
 * in bits 21 to 13, and above it ones, of which those from bit p to 30 are cleared:
 * so directories are at 2^p - 2 MiB and above, in kseg0. Tables have 16 bytes for a
 * pair, so the lowest 12 bits of Context are a pair's place in one. Blocks are not
 * told from tables: their entry leads to a table of what is not valid, the pair is
 * written so, and the TLB-invalid exception that comes of it is what
 * mips_block_emit() is for.
 *
 * What it relies on: EXL is set (no interrupt comes between the registers and
 * TLBWR, bugs.md 38), PageMask is 0, and a directory has no holes: where it has
 * nothing there is a table of what is not valid. (With 0 instead, the handler would
 * miss at an address of its own, and BadVAddr would not be the guest's any more.)
 */
#ifndef ARCH_MIPS_REFILL_H
#define ARCH_MIPS_REFILL_H

#include "arch/mips/asm.h"

struct mips_refill_cpu {
	u8 save[2];  /* CP0 registers, as CP0() makes them, for k0 and k1 */
	/*
	 * Where the directory's address in kseg0 is: in a CP0 register, or in
	 * memory, in a word in kseg0.
	 */
	enum mips_directory_place {
		MIPS_DIRECTORY_CP0,
		MIPS_DIRECTORY_MEMORY,
	} place;
	u32 directory; /* the register; the word's address */
	unsigned int shift; /* from EntryLo to an entry of the tables */
	u32 blocks; /* 0; or the short form, and it is gva_form.blocks */
	/* EHB between MTC0 and TLBWR (MD00090, "Hazards"). That a CPU can do without
	 * is said of this pair alone. */
	bool hazards;
};

#define MIPS_REFILL_WORDS 64 /* at most: half of a vector */

/*
 * The best places for a CPU with these KScratch registers (bit n: select n), else
 * DDataLo and ErrorEPC (which debug_vector.S uses as well, and nothing in between); the
 * directory in a third KScratch, else in memory at `word`.
 */
void mips_refill_places(struct mips_refill_cpu *cpu, u32 kscratch, u32 word);
/* Then, the short form: for a CPU that keeps both registers in KScratch. shift is 0. */
void mips_refill_shorten(struct mips_refill_cpu *cpu, u32 blocks);

/*
 * Assemble it. How many instructions it executes for a page in a table that is
 * there: 16 in the short form; in the long one 18, with the directory in memory 1
 * more; 2 more where entries are shifted; with EHB 1 more in both.
 *
 * 18 are: two registers put aside (2), the address and the directory (2), an index
 * into each of two levels, of two instructions because INS takes what it inserts
 * from the lowest bits (4), the table and both pages (3), whether it is a block (1),
 * both EntryLo and TLBWR (3), both registers again, and ERET (3). The short form has
 * the address and the directory in 1, the entry's place in the directory in 3, and
 * the pair's in the table in 1.
 */
void mips_refill_emit(struct mips_asm *a, const struct mips_refill_cpu *cpu);

/*
 * Of the short form: `cause` is Cause. If it is a TLB-invalid exception in a block,
 * the block is written over the pair that is not valid, and it goes on behind this; if
 * not, at the label `otherwise`. It changes two registers, of which the first may be
 * `cause`, EntryLo0, EntryLo1 and Index. EXL is set.
 *
 * It replaces the one pair that TLBP finds: there is no other of the block. For ERET of
 * the refill handler leads to the very access, and of what comes before its TLB-invalid
 * exception, an interrupt and a bus error of an access before lead elsewhere (MD00090,
 * "Exception Priority"): after one, pairs that are not valid go (gva_interrupted()).
 */
void mips_block_emit(struct mips_asm *a, u32 blocks, u32 cause, u32 first,
		     u32 second, unsigned int otherwise);

/* ---- The hardware's walker (Config3.PW) --------------------------------------------- */

/*
 * PWField, PWSize, PWCtl (MD00090): 11 bits of directory, from an odd one on, so that
 * a block becomes two pages of half its size; 9 of table; EntryLo where
 * pgtable_mips32 has it; and what has its V set in a directory is a block.
 */
#define MIPS_PWFIELD (21U << 24 | 12U << 6 | 6U)
#define MIPS_PWSIZE  (11U << 24 | 9U << 6)
#define MIPS_PWCTL_ENABLE 0x80000000U
#define MIPS_PWCTL_HUGE   0x40U
#define MIPS_PWCTL   (MIPS_PWCTL_ENABLE | MIPS_PWCTL_HUGE | 7U)

#endif

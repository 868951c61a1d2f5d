/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * K41: the TLB refill handler, made for the CPU that is found. It walks a tree of
 * pgtable_mips32 (pgtable/mips32.h), of whichever table is in use, writes the pair
 * of pages with TLBWR, and returns into the guest; no register of the guest's is
 * changed, and nothing mapped is touched.
 *
 * What it relies on: EXL is set (no interrupt comes between the registers and
 * TLBWR, bugs.md 38), PageMask is 0, and tables in the directory are named by their
 * address in kseg0: bit 31 tells a table from a leaf of 4 MiB, whose physical
 * address so lies below 2 GiB. A directory that is not the engine's own but made of
 * tables alone (mips_table_entry()) needs no such test, and serves the CPU's
 * walker as well.
 */
#ifndef ARCH_MIPS_REFILL_H
#define ARCH_MIPS_REFILL_H

#include "arch/mips/asm.h"
#include "pgtable/mips32.h"

struct mips_refill_cpu {
	u8 save[2];  /* CP0 registers, as CP0() makes them, for k0 and k1 */
	/*
	 * Where the directory's address in kseg0 is: in a CP0 register; in
	 * memory, in a word in kseg0; or in the code, which is made anew for
	 * another one.
	 */
	enum mips_directory_place {
		MIPS_DIRECTORY_CP0,
		MIPS_DIRECTORY_MEMORY,
		MIPS_DIRECTORY_FIXED,
	} place;
	u32 directory; /* the register; the word's address; its own */
	bool rixi;     /* PageGrain.RIE and XIE are set */
	bool software_bits; /* of leaves may be set: with RIXI, one instruction
			     * more for each page */
	bool hazards;  /* EHB between MTC0 and TLBWR, and between MFC0 and what
			* was written (MD00090, "Hazards") */
	/* The directory has leaves of 4 MiB, entered as pages of 1 MiB, and
	 * entries that are 0. Else all are tables. */
	bool large;
	u32 general;   /* the vector for what cannot be refilled; in kseg0 */
};

#define MIPS_REFILL_WORDS 64 /* at most: half of a vector */

/*
 * The best places for a CPU with these KScratch registers (bit n: select n), else
 * DDataLo and ErrorEPC, which have no other use while a guest runs; the directory
 * in a third KScratch, else in memory at `word`.
 */
void mips_refill_places(struct mips_refill_cpu *cpu, u32 kscratch, u32 word);

/*
 * Assemble it. How many instructions it executes for a page in a table that is
 * there: with nothing special, 20; less 1 without large leaves; more 1 each for the
 * directory in memory, for hazards; more 2 for RIXI with software bits.
 */
void mips_refill_emit(struct mips_asm *a, const struct mips_refill_cpu *cpu);

/* ---- The hardware's walker (Config3.PW) --------------------------------------------- */

/* PWField, PWSize, PWCtl (MD00090): 10 bits of directory, 10 of table, and G
 * where mips32.h has it. PWBase is a directory of mips_table_entry(). */
#define MIPS_PWFIELD (22U << 24 | 12U << 6 | 6U)
#define MIPS_PWSIZE  (10U << 24 | 10U << 6)
#define MIPS_PWCTL   0x80000000U

/*
 * What a directory of tables alone has for an entry of the engine's: the table's
 * address in kseg0; for a leaf or nothing `empty`, that of a page that is 0, whose
 * pages are not valid. (With 0 instead, the refill handler would miss at an address
 * of its own, and BadVAddr would not be the guest's any more.)
 */
static inline u32 mips_table_entry(u32 entry, u32 empty)
{
	return entry >> 31 ? entry - PGT_MIPS32_TABLE_TYPE : empty;
}

#endif

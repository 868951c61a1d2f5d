/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of pgtable_mips32: for whoever writes a TLB refill handler.
 *
 * Two levels, of 1024 entries of 4 bytes: the directory, indexed by address
 * bits 31 to 22, and page tables, by bits 21 to 12. A leaf is EntryLo (MIPS32
 * Architecture for Programmers, volume III, "EntryLo0, EntryLo1") moved up by
 * PGT_MIPS32_SHIFT, with what the hardware does not know in the bits below:
 *
 *   31      12 11  9  8   7   6   5    4   3    0
 *  |    PFN   |  C  | D | V | G | RI | XI |  SW  |
 *
 * One shift makes EntryLo of it, where the CPU has no RI and XI; with them, a
 * shift that drops the software bits, and a rotation:
 *
 *   srl   k0, k0, PGT_MIPS32_SHIFT
 *
 *   srl   k0, k0, PGT_MIPS32_RIXI_SHIFT
 *   rotr  k0, k0, PGT_MIPS32_RIXI_ROTATE
 *
 * V is young, D is writable. All leaves can be read: RI is 0. An entry that is
 * no leaf and no table has V clear. In the directory PGT_MIPS32_TABLE tells a
 * table: its address is the entry less PGT_MIPS32_TABLE_TYPE, which can go into
 * the displacement of a load. What is not a table is a leaf of 4 MiB: the pair
 * that it belongs to may have a table in its other half, so the TLB entry to
 * write is a pair of smaller pages, such as of 1 MiB, within the leaf.
 *
 * A TLB may hold what is not valid (V clear), so whoever handles a TLB-invalid
 * exception drops or rewrites the CPU's entry, even if the table's is valid.
 */
#ifndef PGTABLE_MIPS32_H
#define PGTABLE_MIPS32_H

#define PGT_MIPS32_SW(n) (1U << (n)) /* PGT_SW(0) to PGT_SW(3) */
#define PGT_MIPS32_XI    (1U << 4)
#define PGT_MIPS32_RI    (1U << 5)
#define PGT_MIPS32_G     (1U << 6)
#define PGT_MIPS32_V     (1U << 7)
#define PGT_MIPS32_D     (1U << 8)
#define PGT_MIPS32_C(n)  ((n) * (1U << 9))

/* What tells the entries apart: C[1], and G. */
#define PGT_MIPS32_VALID      PGT_MIPS32_C(2U)
#define PGT_MIPS32_TABLE      PGT_MIPS32_G
#define PGT_MIPS32_TABLE_TYPE (PGT_MIPS32_VALID | PGT_MIPS32_TABLE)

#define PGT_MIPS32_SHIFT       6
#define PGT_MIPS32_RIXI_SHIFT  4
#define PGT_MIPS32_RIXI_ROTATE 2

#endif

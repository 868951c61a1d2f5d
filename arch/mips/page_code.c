// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/page_code.h"

enum label { ZERO_LOOP, COPY_LOOP };

/* a0: the block; a1: the last; a2: what is copied. t8: the register that enables the
 * unit, as it was. Those of the unit that are used are of even numbers: so a pair of 32
 * bits each is the same as one of 64. */
typedef void access_fn(struct mips_asm *a, u32 r, s32 offset, u32 base);

static const struct way {
	access_fn *load, *store;
	u32 size;             /* bytes */
	u32 first, step, last; /* registers to copy by */
	u32 enable, bit;      /* a register of coprocessor 0, and the bit in it */
} ways[] = {
	[MIPS_PAGE_WORDS] = {mips_asm_lw, mips_asm_sw, 4, T0, 1, T7, 0, 0},
	[MIPS_PAGE_FPU] = {mips_asm_ldc1, mips_asm_sdc1, 8, 0, 2, 30, CP0_STATUS,
			   ST_CU1},
	[MIPS_PAGE_MSA] = {mips_asm_ld_d, mips_asm_st_d, 16, 0, 2, 30, CP0_CONFIG5,
			   CONFIG5_MSAEN},
};

/* Coprocessor instructions go by Status.CU and Config5.MSAEn from EHB on (MD00090,
 * "Hazards"). */
static void enable(struct mips_asm *a, const struct way *w)
{
	if (!w->bit)
		return;
	mips_asm_mfc0(a, T8, w->enable);
	mips_asm_lui(a, T9, w->bit >> 16);
	mips_asm_or(a, T9, T9, T8);
	mips_asm_mtc0(a, T9, w->enable);
	mips_asm_barrier(a);
}

static void disable(struct mips_asm *a, const struct way *w)
{
	if (w->bit) {
		mips_asm_mtc0(a, T8, w->enable);
		mips_asm_barrier(a);
	}
	mips_asm_jr(a, RA);
	mips_asm_nop(a);
}

/* Behind the last access to a block. */
static void next_block(struct mips_asm *a, enum label loop)
{
	mips_asm_bne(a, A0, A1, loop);
	mips_asm_addiu(a, A0, A0, MIPS_PAGE_BLOCK); /* in the delay slot */
}

/* In all of the unit's register, by loads of zeroes: how wide it is depends. */
static u32 zero_register(struct mips_asm *a, const struct way *w)
{
	if (!w->bit)
		return ZERO;
	for (u32 at = 0; at < w->size; at += 4)
		mips_asm_sw(a, ZERO, at, A0);
	w->load(a, w->first, 0, A0);
	return w->first;
}

static void zero(struct mips_asm *a, const struct way *w)
{
	u32 r;

	enable(a, w);
	r = zero_register(a, w);
	mips_asm_label(a, ZERO_LOOP);
	for (u32 at = 0; at < MIPS_PAGE_BLOCK; at += w->size)
		w->store(a, r, at, A0);
	next_block(a, ZERO_LOOP);
	disable(a, w);
}

/* As many loads as there are registers, and then the stores: the first of what they
 * load is there by then. */
static u32 copy_some(struct mips_asm *a, const struct way *w, u32 at)
{
	u32 n = min((w->last - w->first) / w->step + 1,
		    (MIPS_PAGE_BLOCK - at) / w->size);

	for (u32 i = 0; i < n; i++)
		w->load(a, w->first + i * w->step, at + i * w->size, A2);
	for (u32 i = 0; i < n; i++)
		w->store(a, w->first + i * w->step, at + i * w->size, A0);
	return at + n * w->size;
}

static void copy(struct mips_asm *a, const struct way *w)
{
	enable(a, w);
	mips_asm_label(a, COPY_LOOP);
	for (u32 at = 0; at < MIPS_PAGE_BLOCK;)
		at = copy_some(a, w, at);
	mips_asm_addiu(a, A2, A2, MIPS_PAGE_BLOCK);
	next_block(a, COPY_LOOP);
	disable(a, w);
}

void mips_page_emit(struct mips_asm *a, enum mips_page_by by,
		    struct mips_page_code *c)
{
	c->zero = mips_asm_here(a);
	zero(a, &ways[by]);
	c->copy = mips_asm_here(a);
	copy(a, &ways[by]);
}

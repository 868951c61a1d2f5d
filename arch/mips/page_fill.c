// SPDX-License-Identifier: BSD-2-Clause
/* The code of page_code.h as it is made for the CPU, and who calls it. */
#include "arch/mips/mips.h"
#include "arch/mips/page_code.h"
#include "lib/log.h"
#include "lib/string.h"

static u32 code[MIPS_PAGE_WORDS_MAX];
static void (*zero)(void *first, void *last);
static void (*copy)(void *first, void *last, const void *from);

static enum mips_page_by widest(void)
{
	if (features.msa)
		return MIPS_PAGE_MSA;
	return features.fpu ? MIPS_PAGE_FPU : MIPS_PAGE_WORDS;
}

void page_fill_init(void)
{
	u32 words[MIPS_PAGE_WORDS_MAX];
	struct mips_page_code c;
	struct mips_asm a;

	mips_asm_start(&a, words, ARRAY_SIZE(words), (u32)(uintptr_t)code);
	mips_page_emit(&a, widest(), &c);
	if (mips_asm_finish(&a) || mips_asm_install(&a, code, cache_publish))
		panic("what zeroes pages cannot be made");
	zero = (void *)(uintptr_t)c.zero;
	copy = (void *)(uintptr_t)c.copy;
}

void page_fill_zero(void *p, size_t size)
{
	zero(p, p + size - MIPS_PAGE_BLOCK);
}

void page_fill_copy(void *to, const void *from, size_t size)
{
	size_t n = ALIGN_DOWN(size, MIPS_PAGE_BLOCK);

	if (((uintptr_t)to | (uintptr_t)from) % MIPS_PAGE_ALIGN)
		n = 0;
	if (n)
		copy(to, to + n - MIPS_PAGE_BLOCK, from);
	memcpy(to + n, from + n, size - n);
}

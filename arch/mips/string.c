// SPDX-License-Identifier: BSD-2-Clause
/*
 * memset() and memcpy(): of much, by the code of page_code.h, which is made for the
 * CPU; else, and until then, lib/string.c's, which has other names here
 * (scripts/image.mk).
 */
#include "arch/mips/mips.h"
#include "arch/mips/page_code.h"
#include "lib/log.h"
#include "lib/string.h"

void *memset_words(void *dst, int c, size_t n);
void *memcpy_words(void *dst, const void *src, size_t n);

static u32 code[MIPS_PAGE_WORDS_MAX];
static void (*zero)(void *first, void *last);
static void (*copy)(void *first, void *last, const void *from);

static enum mips_page_by widest(void)
{
	if (features.msa)
		return MIPS_PAGE_MSA;
	return features.fpu ? MIPS_PAGE_FPU : MIPS_PAGE_WORDS;
}

void string_init(void)
{
	u32 words[MIPS_PAGE_WORDS_MAX];
	struct mips_page_code c;
	struct mips_asm a;

	mips_asm_start(&a, words, ARRAY_SIZE(words), (u32)(uintptr_t)code);
	mips_page_emit(&a, widest(), &c);
	if (mips_asm_finish(&a) || mips_asm_install(&a, code, cache_publish))
		panic("what copies memory cannot be made");
	zero = (void *)(uintptr_t)c.zero;
	copy = (void *)(uintptr_t)c.copy;
}

void *memset(void *dst, int c, size_t n)
{
	size_t rest = n % MIPS_PAGE_BLOCK;

	if (n < MIPS_PAGE_BLOCK || c || (uintptr_t)dst % MIPS_PAGE_ALIGN || !zero)
		return memset_words(dst, c, n);
	zero(dst, dst + n - rest - MIPS_PAGE_BLOCK);
	memset_words(dst + n - rest, 0, rest);
	return dst;
}

void *memcpy(void *dst, const void *src, size_t n)
{
	size_t rest = n % MIPS_PAGE_BLOCK;

	if (n < MIPS_PAGE_BLOCK || !copy ||
	    ((uintptr_t)dst | (uintptr_t)src) % MIPS_PAGE_ALIGN)
		return memcpy_words(dst, src, n);
	copy(dst, dst + n - rest - MIPS_PAGE_BLOCK, src);
	memcpy_words(dst + n - rest, src + n - rest, rest);
	return dst;
}

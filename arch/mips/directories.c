// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/directories.h"
#include "arch/mips/gva.h"
#include "lib/bitmap.h"
#include "lib/log.h"
#include "lib/string.h"

#define SIZE (PAGE_SIZE << GVA_DIRECTORY_ORDER)
#define MOST (CHUNK_SIZE / SIZE)
/* What is handed out before is no region: it is looked for in so many chunks. */
#define TRIES 64

_Static_assert(SIZE == GVA_BLOCKS * sizeof(u32), "a directory fills its place");

static u8 *region; /* NULL: there is none */
/* The lower half is for first spaces, and what is nobody's. */
static DECLARE_BITMAP(used, MOST);
/* Spaces, of two directories each, of the upper half that are set aside for nobody. */
static unsigned int spare;

static bool ends_at_a_power_of_2(u64 pa)
{
	u64 end = pa + CHUNK_SIZE;

	return end >= 2 * CHUNK_SIZE && !(end & (end - 1));
}

void *directories_reserve(void)
{
	pfn_t chunk[TRIES];
	unsigned int n = 0;

	while (!region && n < TRIES &&
	       !page_alloc(PAGE_HYP, CHUNK_ORDER, NULL, &chunk[n])) {
		if (ends_at_a_power_of_2(pfn_to_hpa(chunk[n]).v))
			region = arch_phys_to_virt(pfn_to_hpa(chunk[n]));
		else
			n++;
	}
	while (n--)
		page_put(chunk[n], CHUNK_ORDER, NULL);
	if (!region)
		return NULL;
	memset(region, 0, SIZE);
	memset(used, 0, sizeof(used));
	bitmap_set(used, 0);
	spare = MOST / 2 / MIPS_TABLES;
	return region;
}

void directories_exit(void)
{
	if (region)
		page_put(hpa_to_pfn(arch_virt_to_phys(region)), CHUNK_ORDER, NULL);
	region = NULL;
}

/* A part of what there is, so that something is left for those who come later. */
unsigned int directories_set_aside(void)
{
	unsigned int n = min(DIV_ROUND_UP(spare, 8U), GVA_SPACES - 1U);

	if (!region)
		return GVA_SPACES - 1;
	spare -= n;
	return n;
}

void directories_give_back(unsigned int spaces)
{
	if (region)
		spare += spaces;
}

u32 *directory_alloc(struct page_budget *budget, bool first)
{
	unsigned int end = first ? MOST / 2 : MOST, n;

	if (!region)
		return hyp_alloc_pages(GVA_DIRECTORY_ORDER, budget);
	n = bitmap_next_clear(used, end, end - MOST / 2);
	if (n >= end)
		return NULL;
	bitmap_set(used, n);
	return (u32 *)(region + n * SIZE);
}

void directory_free(u32 *directory, struct page_budget *budget)
{
	unsigned int n = ((u8 *)directory - region) / SIZE;

	if (!region) {
		hyp_free_pages(directory, GVA_DIRECTORY_ORDER, budget);
		return;
	}
	BUG_ON(!n || n >= MOST || !bitmap_test(used, n));
	bitmap_clear(used, n);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Caches: operations of CACHE by index and by address (MD00086, "CACHE"). Of the
 * first level only: coherent or not, the second is behind both.
 */
#include "arch/mips/mips.h"

/* CACHE's operations: what in bits 4 to 2, which cache in bits 1 and 0. */
#define INDEX_INVALIDATE_I 0x00
#define INDEX_WRITEBACK_INVALIDATE_D 0x01
#define INDEX_STORE_TAG_I 0x08
#define INDEX_STORE_TAG_D 0x09
#define HIT_INVALIDATE_I 0x10
#define HIT_WRITEBACK_INVALIDATE_D 0x15
#define HIT_WRITEBACK_D 0x19

/*
 * A cache as Config1 describes it: sets, line size and ways, in fields of three
 * bits from `low` on (MD00090, "Config1").
 */
static struct mips_cache describe(u32 config1, unsigned int low)
{
	u32 ways = (config1 >> low & 7) + 1, line = config1 >> (low + 3) & 7;
	u32 sets = 32U << (((config1 >> (low + 6)) + 1) & 7);

	if (!line)
		return (struct mips_cache){0};
	line = 2U << line;
	return (struct mips_cache){
		.line = line, .way = sets * line, .size = ways * sets * line};
}

struct mips_cache cache_describe_data(void)
{
	return describe(cp0_read(config1), 7);
}

struct mips_cache cache_describe_instruction(void)
{
	return describe(cp0_read(config1), 16);
}

/* In kseg0, uncached yet, without a variable of its own. */
void cache_init(void)
{
	struct mips_cache c = cache_describe_instruction();

	cp0_write(taglo, 0);
	cp0_write(taghi, 0);
	cp0_write(dtaglo, 0);
	ehb();
	for (u32 at = 0; at < c.size; at += c.line)
		cache_op(INDEX_STORE_TAG_I, KSEG0 + at);
	c = cache_describe_data();
	for (u32 at = 0; at < c.size; at += c.line)
		cache_op(INDEX_STORE_TAG_D, KSEG0 + at);
	sync();
}

static void data_op_each(uintptr_t va, size_t size, bool forget)
{
	u32 line = features.dcache.line;

	if (!line)
		return;
	for (uintptr_t at = ALIGN_DOWN(va, line); at < va + size; at += line)
		if (forget)
			cache_op(HIT_WRITEBACK_INVALIDATE_D, at);
		else
			cache_op(HIT_WRITEBACK_D, at);
	sync();
}

/*
 * What was written is fetched under addresses that are not this one: where a way
 * is larger than a page, its lines may be in sets of every colour, and a page has
 * as many as there are.
 */
static void instruction_invalidate(uintptr_t va, size_t size)
{
	const struct mips_cache *c = &features.icache;

	if (!c->line)
		return;
	if (c->way > PAGE_SIZE || size > c->size)
		for (u32 at = 0; at < c->size; at += c->line)
			cache_op(INDEX_INVALIDATE_I, KSEG0 + at);
	else
		for (uintptr_t at = ALIGN_DOWN(va, c->line); at < va + size;
		     at += c->line)
			cache_op(HIT_INVALIDATE_I, at);
	sync();
	instruction_hazard();
}

void cache_invalidate_instructions(void)
{
	instruction_invalidate(KSEG0, ~0U);
}

void cache_sync_instructions(void)
{
	const struct mips_cache *c = &features.dcache;

	if (c->line)
		for (u32 at = 0; at < c->size; at += c->line)
			cache_op(INDEX_WRITEBACK_INVALIDATE_D, KSEG0 + at);
	sync();
	cache_invalidate_instructions();
}

void cache_publish(uintptr_t va, size_t size)
{
	data_op_each(va, size, false);
	instruction_invalidate(va, size);
}

void cache_forget(uintptr_t va, size_t size)
{
	data_op_each(va, size, true);
	instruction_invalidate(va, size);
}

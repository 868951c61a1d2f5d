// SPDX-License-Identifier: BSD-2-Clause
/*
 * Caches: operations of CACHE by index and by address (MD00086, "CACHE"). Of the
 * first level only: coherent or not, the second is behind both.
 */
#include "arch/mips/mips.h"

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

/*
 * Lines of `line` bytes from `at` on, `n` bytes, which is a multiple. Pages are
 * published for each fault in new memory: eight lines go at once where the line is
 * one of those that CPUs have.
 */
#define eight_lines(op, at, line)                                              \
	do {                                                                   \
		cache_op_at(op, at, 0);                                        \
		cache_op_at(op, at, 1 * (line));                               \
		cache_op_at(op, at, 2 * (line));                               \
		cache_op_at(op, at, 3 * (line));                               \
		cache_op_at(op, at, 4 * (line));                               \
		cache_op_at(op, at, 5 * (line));                               \
		cache_op_at(op, at, 6 * (line));                               \
		cache_op_at(op, at, 7 * (line));                               \
	} while (0)
#define by_eight(op, at, end, line)                                            \
	for (; (end) - (at) >= 8 * (line); (at) += 8 * (line))                 \
	eight_lines(op, at, line)
#define each_line(op, from, n, line)                                           \
	do {                                                                   \
		uintptr_t at_ = (from), end_ = at_ + (n);                      \
		if ((line) == 32)                                              \
			by_eight(op, at_, end_, 32U);                          \
		else if ((line) == 16)                                         \
			by_eight(op, at_, end_, 16U);                          \
		for (; at_ < end_; at_ += (line))                              \
			cache_op(op, at_);                                     \
	} while (0)

/* The whole of a cache, or where its lines for [at, at + size) are, in each way. */
#define by_index(op, c) each_line(op, KSEG0, (c)->size, (c)->line)
#define by_place(op, c, va, n)                                                 \
	do {                                                                   \
		for (u32 way_ = (va) & ((c)->way - 1); way_ < (c)->size;       \
		     way_ += (c)->way)                                         \
			for (u32 i_ = 0; i_ < (n); i_ += (c)->line)            \
				cache_op(op, KSEG0 + way_ + i_);               \
	} while (0)
#define by_address(op, c, va, n)                                               \
	do {                                                                   \
		uintptr_t first_ = ALIGN_DOWN(va, (c)->line);                  \
		each_line(op, first_, ALIGN_UP((va) + (n), (c)->line) - first_, \
			  (c)->line);                                          \
	} while (0)

/* ---- At first -------------------------------------------------------------------- */

/* From kseg1, stack and all: there are no variables yet. */
void cache_start(u32 k0)
{
	struct mips_cache i = cache_describe_instruction();
	struct mips_cache d = cache_describe_data();

	if (k0 != CCA_UNCACHED && k0 != CCA_UNCACHED_ACCELERATED) {
		by_index(INDEX_WRITEBACK_INVALIDATE_D, &d);
		sync();
		return;
	}
	cp0_write(taglo, 0);
	cp0_write(taghi, 0);
	cp0_write(dtaglo, 0);
	ehb();
	by_index(INDEX_STORE_TAG_I, &i);
	by_index(INDEX_STORE_TAG_D, &d);
	sync();
}

/* ---- Data ------------------------------------------------------------------------ */

/* Of more than the cache can hold, by index. */
static void write_back(uintptr_t va, size_t size)
{
	const struct mips_cache *c = &features.dcache;

	if (!c->line)
		return;
	if (size > c->size)
		by_index(INDEX_WRITEBACK_INVALIDATE_D, c);
	else
		by_address(HIT_WRITEBACK_D, c, va, size);
	sync();
}

void cache_drop_data(void)
{
	const struct mips_cache *c = &features.dcache;

	if (c->line)
		by_index(INDEX_WRITEBACK_INVALIDATE_D, c);
	sync();
}

void cache_drop_data_at(uintptr_t va, size_t size)
{
	const struct mips_cache *c = &features.dcache;

	if (c->line)
		by_address(HIT_WRITEBACK_INVALIDATE_D, c, va, size);
	sync();
}

/* ---- Instructions ---------------------------------------------------------------- */

/*
 * What was written is fetched under addresses that are not this one: with aliases,
 * its lines may be in sets of every colour, and a page has as many as there are.
 */
static void instruction_invalidate(uintptr_t va, size_t size)
{
	const struct mips_cache *c = &features.icache;

	if (!c->line)
		return;
	if (features.icache_aliases || size > c->size)
		by_index(INDEX_INVALIDATE_I, c);
	else
		by_address(HIT_INVALIDATE_I, c, va, size);
	sync();
	instruction_hazard();
}

void cache_invalidate_instructions(void)
{
	instruction_invalidate(KSEG0, ~0U);
}

void cache_sync_instructions(void)
{
	cache_drop_data();
	cache_invalidate_instructions();
}

void cache_publish(uintptr_t va, size_t size)
{
	write_back(va, size);
	instruction_invalidate(va, size);
}

/* ---- For guests ------------------------------------------------------------------ */

static void drop_data_place(u32 va, u32 size)
{
	const struct mips_cache *c = &features.dcache;

	if (c->line)
		by_place(INDEX_WRITEBACK_INVALIDATE_D, c,
			 va & ~(c->line - 1), size);
	sync();
}

void cache_sync_place(u32 va, u32 size)
{
	const struct mips_cache *c = &features.icache;

	drop_data_place(va, size);
	if (c->line)
		by_place(INDEX_INVALIDATE_I, c, va & ~(c->line - 1), size);
	sync();
	instruction_hazard();
}

/*
 * Guests do not expect what they only execute in a data cache. The line of a colour
 * that is left from another load is not what the guest has written since in another.
 */
int cache_load_word(u32 va, u32 *word)
{
	int err;

	drop_data_place(va, sizeof(*word));
	err = guest_load_word(va, word);
	drop_data_place(va, sizeof(*word));
	return err;
}

int cache_load_words(u32 va, u32 *words)
{
	int err;

	drop_data_place(va, MIPS_FETCH_WORDS * sizeof(*words));
	err = guest_load_words(va, words);
	drop_data_place(va, MIPS_FETCH_WORDS * sizeof(*words));
	return err;
}

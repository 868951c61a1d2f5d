/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps in arrays of u64: bit n is bit n % 64 of word n / 64. */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include "lib/types.h"
#include "lib/util.h"

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)
#define DECLARE_BITMAP(name, bits) u64 name[BITMAP_WORDS(bits)]

static inline bool bitmap_test(const u64 *map, unsigned int n)
{
	return map[n / 64] >> (n % 64) & 1;
}

static inline void bitmap_set(u64 *map, unsigned int n)
{
	map[n / 64] |= BIT64(n % 64);
}

static inline void bitmap_clear(u64 *map, unsigned int n)
{
	map[n / 64] &= ~BIT64(n % 64);
}

static inline void bitmap_assign(u64 *map, unsigned int n, bool v)
{
	if (v)
		bitmap_set(map, n);
	else
		bitmap_clear(map, n);
}

/* First set bit at or after `from`, or `bits` when there is none. */
static inline unsigned int bitmap_next_set(const u64 *map, unsigned int bits,
					   unsigned int from)
{
	while (from < bits) {
		u64 w = map[from / 64] >> (from % 64);

		if (w) {
			from += __builtin_ctzll(w);
			return from < bits ? from : bits;
		}
		from = (from / 64 + 1) * 64;
	}
	return bits;
}

static inline unsigned int bitmap_next_clear(const u64 *map, unsigned int bits,
					     unsigned int from)
{
	while (from < bits) {
		u64 w = ~map[from / 64] >> (from % 64);

		if (w) {
			from += __builtin_ctzll(w);
			return from < bits ? from : bits;
		}
		from = (from / 64 + 1) * 64;
	}
	return bits;
}

#endif

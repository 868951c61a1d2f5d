/* SPDX-License-Identifier: BSD-2-Clause */
/* Small helpers that every room uses: alignment, bit fields, container_of. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include "lib/types.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define min(a, b)                                                              \
	({                                                                     \
		__typeof__(a) min_a_ = (a);                                    \
		__typeof__(b) min_b_ = (b);                                    \
		min_a_ < min_b_ ? min_a_ : min_b_;                             \
	})
#define max(a, b)                                                              \
	({                                                                     \
		__typeof__(a) max_a_ = (a);                                    \
		__typeof__(b) max_b_ = (b);                                    \
		max_a_ > max_b_ ? max_a_ : max_b_;                             \
	})

/* Bits counted from 0. GENMASK64(h, l): bits h down to l, both included. */
#define BIT64(n) (1ULL << (n))
#define BIT32(n) (1U << (n))
#define GENMASK64(h, l) ((~0ULL >> (63 - (h))) & (~0ULL << (l)))

/* Read and build a field given by its mask: FIELD_GET(GENMASK64(7, 4), x). */
#define FIELD_GET(mask, x) (((x) & (mask)) >> __builtin_ctzll(mask))
#define FIELD_PREP(mask, v) (((u64)(v) << __builtin_ctzll(mask)) & (mask))

/* Alignment to a power of two. ALIGN_UP wraps to 0 past the top of u64. */
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a) ALIGN_DOWN((x) + (__typeof__(x))(a)-1, a)
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* Does [base, base + size) lie wholly in [0, limit), without wrapping? */
static inline bool range_fits(u64 base, u64 size, u64 limit)
{
	return size <= limit && base <= limit - size;
}

static inline bool ranges_overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What compilers call for 64-bit values, by the names that GCC and Clang give it.
 *
 * MIPS32 has no atomic access to 64 bits. There is one CPU, and the hypervisor is
 * not interrupted, so that plain ones are as good.
 */
#include "lib/divide.h"

u64 __udivdi3(u64 n, u64 by);
u64 __umoddi3(u64 n, u64 by);
u64 __ashldi3(u64 v, int by);
u64 __lshrdi3(u64 v, int by);
int __ucmpdi2(u64 a, u64 b);

u64 __udivdi3(u64 n, u64 by)
{
	u64 rest;

	return divide_u64(n, by, &rest);
}

u64 __umoddi3(u64 n, u64 by)
{
	u64 rest;

	divide_u64(n, by, &rest);
	return rest;
}

/* ---- Shifts, by 0 to 63, and comparison ---------------------------------------- */

union halves {
	u64 v;
	struct {
		u32 low, high;
	};
};

u64 __ashldi3(u64 v, int by)
{
	union halves h = {.v = v};

	if (by >= 32)
		return (union halves){.high = h.low << (by - 32)}.v;
	if (by)
		h = (union halves){.low = h.low << by,
				   .high = h.high << by | h.low >> (32 - by)};
	return h.v;
}

u64 __lshrdi3(u64 v, int by)
{
	union halves h = {.v = v};

	if (by >= 32)
		return (union halves){.low = h.high >> (by - 32)}.v;
	if (by)
		h = (union halves){.low = h.low >> by | h.high << (32 - by),
				   .high = h.high >> by};
	return h.v;
}

/* 0, 1, 2: below, equal, above. */
int __ucmpdi2(u64 a, u64 b)
{
	union halves x = {.v = a}, y = {.v = b};

	if (x.high != y.high)
		return x.high < y.high ? 0 : 2;
	return x.low < y.low ? 0 : x.low == y.low ? 1 : 2;
}

/* ---- Atomic access ----------------------------------------------------------------- */

/* Under names of our own: compilers know the others as builtin functions. */
#define ATOMIC(type, name, ...)                                                \
	type atomic_##name##_8(__VA_ARGS__) __asm__("__atomic_" #name "_8");   \
	type atomic_##name##_8(__VA_ARGS__)

ATOMIC(u64, load, const volatile u64 *p, int order)
{
	return *p;
}

ATOMIC(void, store, volatile u64 *p, u64 v, int order)
{
	*p = v;
}

ATOMIC(u64, exchange, volatile u64 *p, u64 v, int order)
{
	u64 old = *p;

	*p = v;
	return old;
}

ATOMIC(bool, compare_exchange, volatile u64 *p, u64 *expected, u64 v, int order,
       int failed)
{
	u64 old = *p;

	if (old == *expected) {
		*p = v;
		return true;
	}
	*expected = old;
	return false;
}

#define FETCH(name, op)                                                        \
	ATOMIC(u64, fetch_##name, volatile u64 *p, u64 v, int order)           \
	{                                                                      \
		u64 old = *p;                                                  \
                                                                               \
		*p = old op v;                                                 \
		return old;                                                    \
	}

FETCH(add, +)
FETCH(sub, -)
FETCH(and, &)
FETCH(or, |)

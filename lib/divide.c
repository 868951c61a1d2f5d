// SPDX-License-Identifier: BSD-2-Clause
#include "lib/divide.h"

int __ctzdi2(u64 v);

/* By shifting and subtracting; by 0: all ones, as good as anything. */
u64 divide_u64(u64 n, u64 by, u64 *rest)
{
	u64 quotient = 0;
	int shift;

	if (!by || by > n) {
		*rest = n;
		return by ? 0 : ~0ULL;
	}
	if (!(n >> 32)) {
		*rest = (u32)n % (u32)by;
		return (u32)n / (u32)by;
	}
	shift = __builtin_clzll(by) - __builtin_clzll(n);
	for (by <<= shift; shift >= 0; shift--, by >>= 1) {
		quotient <<= 1;
		if (n >= by) {
			n -= by;
			quotient |= 1;
		}
	}
	*rest = n;
	return quotient;
}

int __ctzdi2(u64 v)
{
	u32 low = v;

	return low ? __builtin_ctz(low) : 32 + __builtin_ctz((u32)(v >> 32));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libfdt asks of its environment, in place of the header of this name that
 * comes with it: that one needs a C library, and the board has none. The build
 * puts this one beside libfdt's sources (scripts/toolchain.mk).
 *
 * fdtN_t is a number of N bits as it stands in a device tree, big-endian.
 */
#ifndef LIBFDT_ENV_H
#define LIBFDT_ENV_H

#include "lib/string.h"
#include "lib/types.h"

#if __STDC_HOSTED__
#include <limits.h>
#include <stdlib.h>
#else
#define INT_MAX __INT_MAX__
#define UINT_MAX (INT_MAX * 2U + 1U)
#endif

typedef u16 fdt16_t;
typedef u32 fdt32_t;
typedef u64 fdt64_t;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FDT_SWAP(bits, x) __builtin_bswap##bits(x)
#else
#define FDT_SWAP(bits, x) (x)
#endif

static inline u16 fdt16_to_cpu(fdt16_t x)
{
	return FDT_SWAP(16, x);
}

static inline fdt16_t cpu_to_fdt16(u16 x)
{
	return FDT_SWAP(16, x);
}

static inline u32 fdt32_to_cpu(fdt32_t x)
{
	return FDT_SWAP(32, x);
}

static inline fdt32_t cpu_to_fdt32(u32 x)
{
	return FDT_SWAP(32, x);
}

static inline u64 fdt64_to_cpu(fdt64_t x)
{
	return FDT_SWAP(64, x);
}

static inline fdt64_t cpu_to_fdt64(u64 x)
{
	return FDT_SWAP(64, x);
}

#endif

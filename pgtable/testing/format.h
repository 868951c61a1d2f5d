/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FORMAT=lpae in the environment: tests that have one stage 2 use ARMv7's tables
 * for it, and those that have many use ARMv7's alone. What fails without it fails
 * with it too (tests/seeded/README.md).
 */
#ifndef PGTABLE_TESTING_FORMAT_H
#define PGTABLE_TESTING_FORMAT_H

#include <stdlib.h>
#include <string.h>

#include "lib/types.h"
#include "pgtable/pgtable.h"

static inline bool format_is_lpae(void)
{
	const char *format = getenv("FORMAT");

	return format && !strcmp(format, "lpae");
}

/* Stage 2 in tables of 4 KiB, up to 40 bits. */
static inline const struct pgtable_format *format_stage2(void)
{
	return format_is_lpae() ? &pgtable_lpae_s2 : &pgtable_arm64_s2_4k;
}

#endif

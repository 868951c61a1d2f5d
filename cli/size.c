// SPDX-License-Identifier: BSD-2-Clause
/* Numbers and sizes as a user writes them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/size.h"

static int digits(const char *text, int base, u64 *value, const char **end)
{
	char *after;

	/* strtoull would take spaces and signs too. */
	if (base == 16 ? !isxdigit((unsigned char)*text) :
			 !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &after, base);
	*end = after;
	return errno == ERANGE ? -ERANGE : 0;
}

/* The power of two that a unit stands for, or -1. */
static int unit_shift(const char *unit)
{
	static const char units[] = "kmgt";
	const char *found;

	if (!*unit)
		return 20;
	found = strchr(units, tolower((unsigned char)*unit));
	if (!found)
		return -1;
	if (unit[1] && strcasecmp(unit + 1, "b") && strcasecmp(unit + 1, "ib"))
		return -1;
	return 10 * (int)(found - units + 1);
}

int size_parse(const char *text, u64 *bytes)
{
	const char *end;
	u64 value;
	int shift, err;

	if (!strncasecmp(text, "0x", 2)) {
		err = digits(text + 2, 16, &value, &end);
		if (err || *end)
			return err ? err : -EINVAL;
		*bytes = value;
		return 0;
	}
	err = digits(text, 10, &value, &end);
	if (err == -EINVAL)
		return err;
	shift = unit_shift(end);
	if (shift < 0)
		return -EINVAL;
	if (err || value > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = value << shift;
	return 0;
}

int number_parse(const char *text, u64 *number)
{
	const char *end;
	u64 value;
	int err = digits(text, 10, &value, &end);

	if (err == -EINVAL || *end)
		return -EINVAL;
	if (err)
		return err;
	*number = value;
	return 0;
}

const char *size_text(u64 bytes, char buf[SIZE_TEXT])
{
	static const char units[] = "TGMK";

	for (int i = 0; i < 4; i++) {
		int shift = 10 * (4 - i);

		if (bytes && !(bytes & ((1ULL << shift) - 1))) {
			snprintf(buf, SIZE_TEXT, "%llu%c",
				 (bytes >> shift), units[i]);
			return buf;
		}
	}
	snprintf(buf, SIZE_TEXT, "%llu bytes", bytes);
	return buf;
}

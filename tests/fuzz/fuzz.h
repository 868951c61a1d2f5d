/* SPDX-License-Identifier: BSD-2-Clause */
/* What fuzz targets share: libFuzzer's interface, and reading its input. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include "lib/types.h"
#include "lib/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* What holds for every input. */
#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__,     \
				__LINE__, #condition);                         \
			abort();                                               \
		}                                                              \
	} while (0)

/* An input that is read from the front; behind its end, all is 0. */
struct input {
	const uint8_t *data;
	size_t left;
};

static inline u64 input_number(struct input *in, unsigned int bytes)
{
	u64 n = 0;

	while (bytes--) {
		n = n << 8 | (in->left ? *in->data : 0);
		if (in->left) {
			in->data++;
			in->left--;
		}
	}
	return n;
}

/* One byte, or two where more than 256 values are asked for. */
static inline u64 input_below(struct input *in, u64 below)
{
	return input_number(in, below > 256 ? 2 : 1) % below;
}

#endif

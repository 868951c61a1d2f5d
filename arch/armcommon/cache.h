/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done line by line. */
#ifndef ARMCOMMON_CACHE_H
#define ARMCOMMON_CACHE_H

#define ONE_LINE(op) op("%0") "\n\tadd %0, %0, %1\n\t"
#define FOUR_LINES(op) ONE_LINE(op) ONE_LINE(op) ONE_LINE(op) ONE_LINE(op)

/* OP for each line of [va, va + size), eight at a time where they go in eight. */
#define EACH_LINE(op, va, size, line)                                          \
	do {                                                                   \
		uintptr_t line_ = (line), at_ = ALIGN_DOWN(va, line_);         \
		uintptr_t end_ = (va) + (size);                                \
		uintptr_t eights_ = ALIGN_DOWN(end_ - at_, 8 * line_) + at_;   \
                                                                               \
		while (at_ != eights_)                                         \
			__asm__ volatile(FOUR_LINES(op) FOUR_LINES(op)         \
					 : "+r"(at_)                           \
					 : "r"(line_)                          \
					 : "memory");                          \
		while (at_ < end_)                                             \
			__asm__ volatile(ONE_LINE(op)                          \
					 : "+r"(at_)                           \
					 : "r"(line_)                          \
					 : "memory");                          \
	} while (0)

#endif

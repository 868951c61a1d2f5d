/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done line by line. */
#ifndef ARMCOMMON_CACHE_H
#define ARMCOMMON_CACHE_H

/* OP for each line of [va, va + size), four at a time where they go in four. */
#define EACH_LINE(op, va, size, line)                                          \
	do {                                                                   \
		uintptr_t line_ = (line), at_ = ALIGN_DOWN(va, line_);               \
		uintptr_t end_ = (va) + (size);                                      \
                                                                               \
		for (; end_ - at_ >= 4 * line_ && at_ < end_; at_ += 4 * line_) \
			__asm__ volatile(op("%0") "\n\t" op("%1") "\n\t"     \
					 op("%2") "\n\t" op("%3")          \
					 :                                     \
					 : "r"(at_), "r"(at_ + line_),         \
					   "r"(at_ + 2 * line_),               \
					   "r"(at_ + 3 * line_)                \
					 : "memory");                          \
		for (; at_ < end_; at_ += line_)                               \
			__asm__ volatile(op("%0") : : "r"(at_) : "memory");   \
	} while (0)

#endif

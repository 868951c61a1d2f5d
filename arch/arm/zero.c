// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/arm.h"
#include "lib/string.h"

#define STEP 128

/* Eight registers at a time: a compiler stores one. */
void zero_range(uintptr_t va, size_t size)
{
	uintptr_t end = va + ALIGN_DOWN(size, STEP);

	if (va % 4 || va == end) {
		memset((void *)va, 0, size);
		return;
	}
	__asm__ volatile("mov r2, #0\n\tmov r3, #0\n\tmov r4, #0\n\t"
			 "mov r5, #0\n\tmov r6, #0\n\tmov r7, #0\n\t"
			 "mov r8, #0\n\tmov r9, #0\n"
			 "1:\tstm %0!, {r2-r9}\n\tstm %0!, {r2-r9}\n\t"
			 "stm %0!, {r2-r9}\n\tstm %0!, {r2-r9}\n\t"
			 "cmp %0, %1\n\tbne 1b"
			 : "+r"(va)
			 : "r"(end)
			 : "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "cc",
			   "memory");
	memset((void *)va, 0, size % STEP);
}

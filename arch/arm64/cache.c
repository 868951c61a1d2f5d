// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cache maintenance by address (Arm ARM DDI 0487, D7.5 "Cache maintenance
 * operations"). CTR_EL0 says what a CPU does not need.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/registers.h"

static u64 dcache_line(void)
{
	return 4UL << FIELD_GET(GENMASK64(19, 16), sysreg_read(ctr_el0));
}

static u64 icache_line(void)
{
	return 4UL << (sysreg_read(ctr_el0) & 0xf);
}

void dcache_clean_poc(u64 va, u64 size)
{
	u64 line = dcache_line(), end = va + size;

	for (va = ALIGN_DOWN(va, line); va < end; va += line)
		__asm__ volatile("dc cvac, %0" : : "r"(va) : "memory");
	dsb(sy);
}

void dcache_clean_inval_poc(u64 va, u64 size)
{
	u64 line = dcache_line(), end = va + size;

	for (va = ALIGN_DOWN(va, line); va < end; va += line)
		__asm__ volatile("dc civac, %0" : : "r"(va) : "memory");
	dsb(sy);
}

/*
 * Invalidate instruction caches of every CPU for what was just written at
 * [va, va + size). Where the instruction cache is virtually indexed (CTR.L1Ip
 * is not PIPT), an alias of our own does not reach the guest's lines: all of
 * it goes.
 */
void icache_sync(u64 va, u64 size)
{
	u64 line = dcache_line(), end = va + size, at;

	if (!features.idc) {
		for (at = ALIGN_DOWN(va, line); at < end; at += line)
			__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	}
	dsb(ish);
	if (!features.dic) {
		if (FIELD_GET(GENMASK64(15, 14), sysreg_read(ctr_el0)) == 3) {
			line = icache_line();
			for (at = ALIGN_DOWN(va, line); at < end; at += line)
				__asm__ volatile("ic ivau, %0"
						 :
						 : "r"(at)
						 : "memory");
		} else {
			__asm__ volatile("ic ialluis" ::: "memory");
		}
		dsb(ish);
	}
	isb();
}

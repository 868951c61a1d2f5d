// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cache maintenance by address (Arm ARM DDI 0487, D7.5 "Cache maintenance
 * operations"). CTR_EL0 says what a CPU does not need.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/registers.h"
#include "lib/string.h"

/* Past this, more lines than an instruction cache holds: all of it goes. */
#define ICACHE_ALL SZ_64K

static u64 dcache_line(void)
{
	return 4UL << FIELD_GET(GENMASK64(19, 16), sysreg_read(ctr_el0));
}

static u64 icache_line(void)
{
	return 4UL << (sysreg_read(ctr_el0) & 0xf);
}

/* Virtually indexed: an alias of ours does not reach the guest's lines. */
static bool icache_is_pipt(void)
{
	return FIELD_GET(GENMASK64(15, 14), sysreg_read(ctr_el0)) == 3;
}

/* OP for each line of [va, va + size), four at a time where they go in four. */
#define EACH_LINE(op, va, size, line)                                          \
	do {                                                                   \
		u64 line_ = (line), at_ = ALIGN_DOWN(va, line_);               \
		u64 end_ = (va) + (size);                                      \
                                                                               \
		for (; end_ - at_ >= 4 * line_ && at_ < end_; at_ += 4 * line_) \
			__asm__ volatile(op ", %0\n\t" op ", %1\n\t"         \
					 op ", %2\n\t" op ", %3"             \
					 :                                     \
					 : "r"(at_), "r"(at_ + line_),         \
					   "r"(at_ + 2 * line_),               \
					   "r"(at_ + 3 * line_)                \
					 : "memory");                          \
		for (; at_ < end_; at_ += line_)                               \
			__asm__ volatile(op ", %0" : : "r"(at_) : "memory");   \
	} while (0)

void dcache_clean_poc(u64 va, u64 size)
{
	EACH_LINE("dc cvac", va, size, dcache_line());
	dsb(sy);
}

static void icache_invalidate(u64 va, u64 size)
{
	if (features.dic)
		return;
	if (size >= ICACHE_ALL || !icache_is_pipt())
		__asm__ volatile("ic ialluis" ::: "memory");
	else
		EACH_LINE("ic ivau", va, size, icache_line());
	dsb(ish);
}

/*
 * To the point of coherency, which is behind that of unification: nothing more
 * is to be cleaned for instruction fetch. With FWB every guest access is
 * cacheable, whatever the guest says, and unification is far enough.
 */
void cache_publish(u64 va, u64 size)
{
	if (!features.fwb)
		EACH_LINE("dc civac", va, size, dcache_line());
	else if (!features.idc)
		EACH_LINE("dc cvau", va, size, dcache_line());
	dsb(sy);
	icache_invalidate(va, size);
	isb();
}

/* DC ZVA zeroes a line or more at a time, where it is allowed (DCZID_EL0). */
void zero_range(u64 va, u64 size)
{
	u64 dczid = sysreg_read(dczid_el0), block = 4UL << (dczid & 0xf);

	if (dczid & BIT64(4) || !IS_ALIGNED(va | size, block))
		memset((void *)va, 0, size);
	else
		EACH_LINE("dc zva", va, size, block);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cache maintenance by address (Arm ARM DDI 0487, D7.5 "Cache maintenance
 * operations"). CTR_EL0 says what a CPU does not need.
 */
#include "arch/armcommon/arm.h"
#include "arch/armcommon/cache.h"

/* Past this, more lines than an instruction cache holds: all of it goes. */
#define ICACHE_ALL SZ_64K

static uintptr_t dcache_line(void)
{
	return 4UL << FIELD_GET(GENMASK64(19, 16), sysreg_read(ctr_el0));
}

static uintptr_t icache_line(void)
{
	return 4UL << (sysreg_read(ctr_el0) & 0xf);
}

/* Virtually indexed: an alias of ours does not reach the guest's lines. */
static bool icache_is_pipt(void)
{
	return FIELD_GET(GENMASK64(15, 14), sysreg_read(ctr_el0)) == 3;
}

void dcache_clean_poc(uintptr_t va, size_t size)
{
	EACH_LINE(DC_CVAC, va, size, dcache_line());
	dsb(sy);
}

static void icache_invalidate(uintptr_t va, size_t size)
{
	if (features.dic)
		return;
	if (size >= ICACHE_ALL || !icache_is_pipt())
		ic(ialluis);
	else
		EACH_LINE(IC_IVAU, va, size, icache_line());
	bp_invalidate();
	dsb(ish);
}

/*
 * To the point of coherency, which is behind that of unification: nothing more
 * is to be cleaned for instruction fetch. With FWB every guest access is
 * cacheable, whatever the guest says, and unification is far enough.
 */
void cache_publish(uintptr_t va, size_t size)
{
	if (!features.fwb)
		EACH_LINE(DC_CIVAC, va, size, dcache_line());
	else if (!features.idc)
		EACH_LINE(DC_CVAU, va, size, dcache_line());
	dsb(sy);
	icache_invalidate(va, size);
	isb();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a boot loader may have left turned on in the CPU's registers beside those
 * that boot.S sets (MD00090, by the registers' names). A register that the Config
 * registers do not tell of is not touched.
 */
#include "arch/mips/mips.h"
#include "lib/log.h"

#define WATCH_MOST 8
#define COUNTERS_MOST 4

/* CONFIG_M of each says that there is one more. Addresses that raise exceptions. */
static void stop_watches(void)
{
	u32 more = CONFIG_M;

#define STOP(n)                                                                \
	if (more & CONFIG_M) {                                                 \
		cp0_write(watchlo##n, 0);                                      \
		more = cp0_read(watchhi##n);                                   \
	}
	STOP(0) STOP(1) STOP(2) STOP(3) STOP(4) STOP(5) STOP(6) STOP(7)
#undef STOP
}

void cpu_stop_counters(void)
{
	u32 more = CONFIG_M;

	if (!(cp0_read(config1) & CONFIG1_PC))
		return;
#define STOP(n)                                                                \
	if (more & CONFIG_M) {                                                 \
		more = cp0_read(perfctl##n);                                   \
		cp0_write(perfctl##n, 0);                                      \
	}
	STOP(0) STOP(1) STOP(2) STOP(3)
#undef STOP
	ehb();
}

/*
 * The second TLB, of one page size, of proAptiv and P5600: host_tlb.c goes through the
 * first alone. Config4 is that of a CPU without it then; features.c refuses one
 * that still has it.
 */
static void stop_ftlb(void)
{
	u32 prid = cp0_read(prid), kind = PRID_KIND(prid);

	if (prid >> 16 != 1 || (kind != KIND_PROAPTIV_UP && kind != KIND_PROAPTIV_MP &&
				kind != KIND_P5600))
		return;
	cp0_write(config6, cp0_read(config6) & ~CONFIG6_FTLB_EN);
	ehb();
}

/* Exceptions, and ERET, go on with the registers that there are. */
static void use_one_register_set(void)
{
	u32 srsctl = cp0_read(srsctl);

	if (SRSCTL_HSS(srsctl))
		cp0_write(srsctl, srsctl & ~(SRSCTL_ESS | SRSCTL_PSS));
}

/*
 * The map that the port is built for is that of a reset: kseg0 and kseg1 show
 * physical address 0 on, cached and not, for kernel mode alone; kseg2 is mapped; and
 * so is all below kseg0, for user mode too. NULL, or what is not so.
 */
static const char *segments_refused(u32 config5)
{
	u32 unmapped = cp0_read(segctl1), useg = cp0_read(segctl2);
	u32 kseg0 = unmapped >> 16, kseg1 = unmapped & 0xffff;
	u32 kseg2 = cp0_read(segctl0) >> 16;

	if (SEGMENT_MODE(kseg0) != SEGMENT_UK || SEGMENT_PA(kseg0) ||
	    (config5 & CONFIG5_K && SEGMENT_C(kseg0) != CCA_CACHED))
		return "kseg0";
	if (SEGMENT_MODE(kseg1) != SEGMENT_UK || SEGMENT_PA(kseg1) ||
	    SEGMENT_C(kseg1) == CCA_CACHED)
		return "kseg1";
	if (SEGMENT_MODE(kseg2) != SEGMENT_MK && SEGMENT_MODE(kseg2) != SEGMENT_MSK)
		return "kseg2";
	if (SEGMENT_MODE(useg >> 16) != SEGMENT_MUSK ||
	    SEGMENT_MODE(useg & 0xffff) != SEGMENT_MUSK)
		return "useg";
	return NULL;
}

void cpu_start(void)
{
	const struct mips_configs r = features_read_configs();
	const char *segment;

	cp0_write(intctl, 0);
	use_one_register_set();
	if (r.c[1] & CONFIG1_WR)
		stop_watches();
	cpu_stop_counters();
	stop_ftlb();
	/* Walks of nobody's tables; gva.c may turn it on again. */
	if (r.c[3] & CONFIG3_PW)
		cp0_write(pwctl, 0);
	/* Addresses of 32 bits, pages of 4 KiB, no RI nor XI, no MIPS16 or
	 * microMIPS behind exceptions. */
	if (r.c[3] & (CONFIG3_SP | CONFIG3_LPA | CONFIG3_RXI))
		cp0_write(pagegrain, 0);
	/* Context as MIPS32 has it. */
	if (r.c[3] & (CONFIG3_SM | CONFIG3_CTXTC))
		cp0_write(contextconfig, CONTEXTCONFIG_RESET);
	if (CONFIG3_ISA(r.c[3]) >= 2)
		cp0_write(config3, r.c[3] & ~CONFIG3_ISA_ON_EXC);
	/* Guests' user mode would have its registers (page_code.h). */
	if (r.c[5] & CONFIG5_MSAEN)
		cp0_write(config5, r.c[5] & ~CONFIG5_MSAEN);
	ehb();
	if (!(r.c[3] & CONFIG3_SC))
		return;
	segment = segments_refused(r.c[5]);
	if (segment)
		panic("CPU: segment control has %s not as after a reset", segment);
}

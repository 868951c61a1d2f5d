// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's CP0 registers: what it finds after a reset, what a write may
 * change, and what it does besides (MD00090: "Coprocessor 0 Registers"). A
 * MIPS32 release 2 CPU without supervisor mode, RI and XI, and vectored
 * interrupts; what else it has says its target (K13). Registers that there are
 * not read as what a guest put into the commpage: 0.
 */
#include <stddef.h>
#include "arch/mips/guest_internal.h"
#include "arch/mips/target_24k.h"

#define CAUSE_WRITABLE  (CAUSE_IP_SOFTWARE | CAUSE_IV)
#define HWRENA_WRITABLE (HWRENA_ULR | 0xf)

static u32 config1_sets(const struct mips_guest *g, u32 way)
{
	u32 least = max(TARGET_WAY, TARGET_SETS * g->line);

	return (__builtin_ctz(max(way, least) / g->line) - 6) & 7;
}

static u32 config1(const struct mips_guest *g)
{
	u32 l = __builtin_ctz(g->line) - 1;

	return TARGET_CONFIG1 |
	       config1_sets(g, g->icache_way) << TARGET_CONFIG1_IS |
	       config1_sets(g, g->dcache_way) << TARGET_CONFIG1_DS |
	       l << TARGET_CONFIG1_IL | l << TARGET_CONFIG1_DL;
}

u32 mips_cp0_constant(const struct mips_guest *g, unsigned int reg)
{
	switch (reg) {
	case CP0_RANDOM:
		return MIPS_TLB_ENTRIES - 1;
	case CP0_STATUS:
		return ST_BEV | ST_ERL;
	case CP0_INTCTL:
		return TARGET_INTCTL;
	case CP0_PRID:
		return TARGET_PRID;
	case CP0_EBASE:
		return g->layout.kseg0 | g->id;
	case CP0_CONFIG:
		return TARGET_CONFIG;
	case CP0_CONFIG1:
		return config1(g);
	case CP0_CONFIG2:
		return TARGET_CONFIG2;
	case CP0_CONFIG3:
		return TARGET_CONFIG3;
	case CP0_CONFIG4:
		return TARGET_CONFIG4 | (g->asid_mask > 0xff ? CONFIG4_AE : 0);
	case CP0_CONFIG5:
		return TARGET_CONFIG5;
	case CP0_CONFIG7:
		return TARGET_CONFIG7;
	}
	return 0;
}

void mips_guest_reset(struct mips_guest *g)
{
	u32 *cp0 = g->cp0;

	for (unsigned int i = 0; i < ARRAY_SIZE(g->gpr); i++)
		g->gpr[i] = 0;
	for (unsigned int i = 0; i < CP0_REGISTERS; i++)
		cp0[i] = mips_cp0_constant(g, i);
	g->hi = g->lo = 0;
	g->pc = mips_reset_vector(&g->layout);
	g->bd = false;
	g->asid = 0;
	g->table = MIPS_KERNEL;
	g->space = MIPS_SPACE_ERL;
	g->ll = g->in_pair = false;
	g->resumed = MIPS_NOWHERE;
	g->given_up = 0;
	for (unsigned int i = 0; i < MIPS_ALONE; i++)
		g->alone[i].times = 0;
	mips_guest_changed(g);
	mips_tlb_reset(g);
	mips_timer_reset(g);
	mips_update_cause(g);
}

u32 mips_read_cp0(struct mips_guest *g, unsigned int reg)
{
	switch (reg) {
	case CP0_COUNT:
		return mips_timer_count(g);
	case CP0_RANDOM:
		return mips_tlb_random(g);
	case CP0_CAUSE:
		mips_timer_update(g);
		mips_update_cause(g);
		break;
	}
	return g->cp0[reg];
}

/* Bits of a register that are written; the others stay. */
static void set_bits(struct mips_guest *g, unsigned int reg, u32 mask,
		     u32 value)
{
	g->cp0[reg] = (g->cp0[reg] & ~mask) | (value & mask);
}

static void set_cause(struct mips_guest *g, u32 value)
{
	set_bits(g, CP0_CAUSE, CAUSE_WRITABLE, value);
	mips_timer_stop(g, value & CAUSE_DC);
	mips_guest_changed(g);
	mips_update_cause(g);
}

u32 mips_cp0_writable(const struct mips_guest *g, unsigned int reg)
{
	switch (reg) {
	case CP0_INDEX:
	case CP0_WIRED:
		return MIPS_TLB_ENTRIES - 1;
	case CP0_ENTRYLO0:
	case CP0_ENTRYLO1:
		return LO_MASK;
	case CP0_CONTEXT:
		return CONTEXT_BASE;
	case CP0_PAGEMASK:
		return PAGEMASK_MASK;
	case CP0_HWRENA:
		return HWRENA_WRITABLE;
	case CP0_STATUS:
		return MIPS_STATUS_WRITABLE;
	case CP0_EBASE:
		return mips_ebase_mask(&g->layout);
	case CP0_CONFIG:
		return CONFIG_K0;
	case CP0_USERLOCAL:
	case CP0_EPC:
	case CP0_ERRCTL:
	case CP0_TAGLO:
	case CP0_DTAGLO:
	case CP0_TAGHI:
	case CP0_ERROREPC:
		return ~0U;
	}
	return 0;
}

void mips_write_cp0(struct mips_guest *g, unsigned int reg, u32 value)
{
	switch (reg) {
	case CP0_COUNT:
		mips_timer_set_count(g, value);
		return;
	case CP0_COMPARE:
		mips_timer_set_compare(g, value);
		mips_update_cause(g);
		return;
	case CP0_ENTRYHI:
		mips_write_entryhi(g, value);
		return;
	case CP0_CAUSE:
		set_cause(g, value);
		return;
	case CP0_EBASE:
		mips_guest_changed(g);
		break;
	}
	set_bits(g, reg, mips_cp0_writable(g, reg), value);
}

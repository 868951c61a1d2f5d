// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/middle.h"
#include "arch/mips/guest_tlb.h"
#include "arch/mips/gva_quick.h"
#include "arch/mips/insn.h"
#include "arch/mips/quick_internal.h"

/* ---- The trees ----------------------------------------------------------------------- */

#if __STDC_HOSTED__
#define drop mips_middle_drop
#define enter mips_middle_enter
#define fetch mips_middle_fetch
#define switch_space mips_middle_switch
#else
static inline bool drop(u32 asid, u32 va, u32 gone)
{
	return gva_quick_drop((struct mips_vcpu *)g, asid, va, gone);
}

static inline bool switch_space(u32 asid)
{
	return gva_quick_switch((struct mips_vcpu *)g, asid);
}

static inline bool fetch(u32 va, u32 *word)
{
	return gva_quick_fetch((struct mips_vcpu *)g, va, word);
}

static inline bool enter(enum mips_table t, const u32 *lo, u32 va, u32 need)
{
	return gva_quick_enter((struct mips_vcpu *)g, t, lo, va, need);
}
#endif

/* ---- Its registers -------------------------------------------------------------------- */

static inline bool is_in_memory(u32 n)
{
	return (QUICK_REGISTERS | MIDDLE_REGISTERS) >> n & 1;
}

static inline u32 get_register(u32 n)
{
	return is_in_memory(n) ? g->gpr[n] : get_gpr(n);
}

/* But K0 and K1, of which only behind mips_quick_trap() is known where they are. */
static inline void set_register(u32 n, u32 value)
{
	if (is_in_memory(n))
		g->gpr[n] = value;
	else if (n)
		set_gpr(n, value);
}

/* ---- The guest's TLB ------------------------------------------------------------------- */

/* For whom a handler writes the TLB: whoever is returned to; in no handler, it is a
 * kernel that has seen to a page of user mode's. */
static inline enum mips_table whom(u32 status)
{
	return (status & (ST_EXL | ST_UM)) == ST_EXL ? MIPS_KERNEL : MIPS_USER;
}

/*
 * As mips_tlb_write(), of pairs of 4 KiB; what is written is used at once, so it is
 * entered as well. False: it takes more, and nothing has changed.
 */
static bool write_tlb(u32 *cp0, u32 status, u32 n)
{
	struct mips_tlb_entry *e = &g->tlb[n % MIPS_TLB_ENTRIES];
	u32 hi = cp0[CP0_ENTRYHI] & (HI_VPN2 | g->asid_mask), moved = hi ^ e->hi;
	u32 lo0 = cp0[CP0_ENTRYLO0] & LO_MASK, lo1 = cp0[CP0_ENTRYLO1] & LO_MASK;
	u32 gone = 0;

	if (unlikely(cp0[CP0_PAGEMASK] | e->mask))
		return false;
	if (unlikely((lo0 ^ lo1) & LO_G)) {
		lo0 &= ~LO_G;
		lo1 &= ~LO_G;
	}
	if (e->lo[0] & LO_V && (moved | (e->lo[0] ^ lo0)))
		gone = 1;
	if (e->lo[1] & LO_V && (moved | (e->lo[1] ^ lo1)))
		gone |= 2;
	if (gone && (mips_tlb_is_global(e) ||
		     !drop(e->hi & g->asid_mask, e->hi & HI_VPN2, gone)))
		return false;
	if (moved & HI_VPN2)
		mips_tlb_index_remove(g, n % MIPS_TLB_ENTRIES);
	e->hi = hi;
	e->lo[0] = lo0;
	e->lo[1] = lo1;
	if (moved & HI_VPN2)
		mips_tlb_index_add(g, n % MIPS_TLB_ENTRIES);
	if ((lo0 | lo1) & LO_V && !((hi ^ g->asid) & g->asid_mask))
		enter(whom(status), e->lo, hi & HI_VPN2, 0);
	return true;
}

static bool write_random(u32 *cp0, u32 status)
{
	u32 random = g->random;

	if (write_tlb(cp0, status, mips_tlb_next_random(g, cp0[CP0_WIRED])))
		return true;
	g->random = random;
	return false;
}

static bool probe_tlb(u32 *cp0)
{
	u32 hi = cp0[CP0_ENTRYHI];
	int n;

	if (!take_alone(g->pc))
		return false;
	n = mips_tlb_search(g, hi, hi);
	cp0[CP0_INDEX] = n < 0 ? INDEX_P : (u32)n;
	return true;
}

/* EntryHi, with another ASID than the one in effect. */
static bool set_asid(u32 *cp0, u32 insn)
{
	u32 value = get_register(INSN_RT(insn)) & (HI_VPN2 | g->asid_mask);
	u32 asid = value & g->asid_mask;

	if (!switch_space(asid))
		return false;
	cp0[CP0_ENTRYHI] = value;
	g->asid = g->space = asid;
	walk(&g->walk[MIPS_KERNEL]);
	return true;
}

u32 mips_middle_trap(u32 insn)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];
	bool done = false;

	/* Else it is done already, and the guest goes on at 0. */
	if (unlikely(!g->trapped || !is_settled(status)))
		return MIPS_LONG_WAY;
	switch (insn) {
	case INSN_CO(CO_TLBP):
		done = probe_tlb(cp0);
		break;
	case INSN_CO(CO_TLBWI):
		done = write_tlb(cp0, status, cp0[CP0_INDEX]);
		break;
	case INSN_CO(CO_TLBWR):
		done = write_random(cp0, status);
		break;
	default:
		if ((insn & ~INSN_RT_MASK) == INSN_MTC0(0, CP0_ENTRYHI))
			done = set_asid(cp0, insn);
	}
	if (unlikely(!done))
		return MIPS_LONG_WAY;
	g->trapped = false;
	g->quick[0]++;
	return g->pc + 4;
}

/* ---- Its exceptions ---------------------------------------------------------------------- */

/* As mips_deliver_tlb() does then. */
static u32 deliver_tlb(u32 *cp0, u32 status, u32 cause, u32 code, u32 va, u32 offset)
{
	if (unlikely(!may_deliver(status)))
		return MIPS_LONG_WAY;
	cp0[CP0_BADVADDR] = va;
	cp0[CP0_CONTEXT] = (cp0[CP0_CONTEXT] & CONTEXT_BASE) | CONTEXT_BADVPN2(va);
	cp0[CP0_ENTRYHI] = (va & HI_VPN2) | g->asid;
	deliver(cp0, status, g->pc, (cause & CAUSE_BD) | CAUSE_EXC(code));
	return g->general - MIPS_GENERAL + offset;
}

/* A miss, in the CPU's TLB, on what the guest maps by its own. */
static inline u32 tlb_exception(u32 *cp0, u32 cause, u32 va)
{
	u32 status = cp0[CP0_STATUS], lo, code = EXC_TLBL, need = LO_V;
	const struct mips_tlb_entry *e;
	int n = mips_tlb_search(g, va, g->asid);

	if (CAUSE_EXC_OF(cause) != EXC_TLBL) {
		code = EXC_TLBS;
		need = LO_D;
	}
	if (n < 0)
		return deliver_tlb(cp0, status, cause, code, va, 0);
	e = &g->tlb[n];
	if (unlikely(e->mask))
		return MIPS_LONG_WAY;
	lo = e->lo[va >> PAGE_SHIFT & 1];
	if (!(lo & LO_V))
		return deliver_tlb(cp0, status, cause, code, va, MIPS_GENERAL);
	if (!(lo & need))
		return deliver_tlb(cp0, status, cause, EXC_MOD, va, MIPS_GENERAL);
	if (unlikely(!g->pc) || !enter(g->table, e->lo, va, need))
		return MIPS_LONG_WAY;
	g->quick[2]++;
	return g->pc;
}

/* ---- RDHWR ----------------------------------------------------------------------------- */

#define RDHWR_ULR (OP_SPECIAL3 << 26 | HWR_ULR << 11 | F3_RDHWR)

/* UserLocal, by which C libraries find what is a thread's own. */
static inline u32 read_user_local(u32 *cp0, u32 cause)
{
	u32 status = cp0[CP0_STATUS], insn, n;

	if (unlikely(cause & CAUSE_BD || status != g->settled || status & ST_ERL ||
		     g->pc & 3))
		return MIPS_LONG_WAY;
	if (unlikely(g->table == MIPS_KERNEL || !(cp0[CP0_HWRENA] & HWRENA_ULR)))
		return MIPS_LONG_WAY;
	if (!fetch(g->pc, &insn) || (insn & ~INSN_RT_MASK) != RDHWR_ULR)
		return MIPS_LONG_WAY;
	n = INSN_RT(insn);
	if (unlikely(n >> 1 == 13) || !take_alone(g->pc))
		return MIPS_LONG_WAY;
	set_register(n, cp0[CP0_USERLOCAL]);
	g->quick[1]++;
	return g->pc + 4;
}

u32 mips_middle_exception(u32 cause, u32 badvaddr)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS], code = CAUSE_EXC_OF(cause);

	if (code == EXC_RI)
		return read_user_local(cp0, cause);
	mips_call_missed(g);
	if (code - EXC_MOD > EXC_TLBS - EXC_MOD)
		return MIPS_LONG_WAY;
	/* The table is the mode's, and useg is mapped. */
	if (unlikely(status != g->settled || status & ST_ERL || g->pc & 3))
		return MIPS_LONG_WAY;
	if (unlikely(badvaddr >= g->layout.kseg0 ||
		     (g->table == MIPS_KERNEL &&
		      mips_in_commpage(&g->layout, badvaddr))))
		return MIPS_LONG_WAY;
	return tlb_exception(cp0, cause, badvaddr);
}

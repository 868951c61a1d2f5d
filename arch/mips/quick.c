// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/call.h"
#include "arch/mips/insn.h"
#include "arch/mips/mips.h"
#include "arch/mips/quick_internal.h"

#if __STDC_HOSTED__
struct mips_guest *mips_quick_guest;
u32 mips_quick_pc;
struct mips_walk mips_quick_walk;
#endif

/* ---- Coprocessor 0 ------------------------------------------------------------------ */

/* DI or EI: in halves, with constants that fit into an instruction. */
static inline bool masks_interrupts(u32 insn)
{
	return insn >> 21 == INSN_DI >> 21 &&
	       (insn & 0xffff & ~INSN_EI) == (INSN_DI & 0xffff);
}

/*
 * One in a few of them does, by the long way: what is executed often soon is one, and no
 * page is written, and so copied, for what is not.
 */
static inline bool becomes_a_call(void)
{
	return g->layout.calls && !(++g->no_calls % MIPS_CALL_AFTER);
}

/* Each: false, and nothing has changed. */

static inline bool mask_interrupts(u32 *cp0, u32 insn, u32 status)
{
	u32 next = status & ~ST_IE;

	if (becomes_a_call())
		return false;
	if (insn & INSN_EI) {
		if (unlikely(!quiet(status)))
			return false;
		next = status | ST_IE;
	}
	cp0[CP0_STATUS] = g->settled = next;
	if (INSN_RT(insn))
		set_gpr(INSN_RT(insn), status);
	return true;
}

/* The VPN2 of a probe or a write to the TLB to come: the same ASID. */
static inline bool set_entryhi(u32 *cp0, u32 insn)
{
	u32 value = get_gpr(INSN_RT(insn)) & (HI_VPN2 | g->asid_mask);

	if (unlikely((value ^ g->asid) & g->asid_mask))
		return false;
	cp0[CP0_ENTRYHI] = value;
	return true;
}

/* An entry of 4 KiB that had no valid page, for the same address: what that is found by
 * (mips_tlb_find()) stays as it is. */
static inline bool write_tlb(const u32 *cp0, u32 n)
{
	struct mips_tlb_entry *e = &g->tlb[n % MIPS_TLB_ENTRIES];
	u32 hi, lo0, lo1;

	/* Computed once, and not anew where it is used: registers are few. */
	__asm__("" : "+r"(e));
	if ((e->lo[0] | e->lo[1]) & LO_V || cp0[CP0_PAGEMASK] | e->mask)
		return false;
	hi = cp0[CP0_ENTRYHI] & (HI_VPN2 | g->asid_mask);
	if ((hi ^ e->hi) & HI_VPN2)
		return false;
	e->hi = hi;
	lo0 = cp0[CP0_ENTRYLO0] & LO_MASK;
	lo1 = cp0[CP0_ENTRYLO1] & LO_MASK;
	if (unlikely((lo0 ^ lo1) & LO_G)) {
		lo0 &= ~LO_G;
		lo1 &= ~LO_G;
	}
	e->lo[0] = lo0;
	e->lo[1] = lo1;
	return true;
}

/* From EXL: without ERL. */
static inline bool return_from_exception(u32 *cp0, u32 status)
{
	u32 next = status & ~ST_EXL;
	enum mips_table t = next & ST_UM ? MIPS_USER : MIPS_KERNEL;

	if (unlikely((next & ST_IE && !quiet(next)) || !is_ready(t)))
		return false;
	g->ll = false;
	g->resumed = cp0[CP0_EPC];
	settle(cp0, next, MIPS_KERNEL, t);
	return true;
}

/* Kernel mode stays kernel mode, and ERL, which useg hangs on, what it is. */
static inline bool set_status(u32 *cp0, u32 insn, u32 status)
{
	u32 next = get_gpr(INSN_RT(insn));

	next = status ^ ((next ^ status) & MIPS_STATUS_WRITABLE);
	if (unlikely(next & ST_ERL || !mips_kernel_mode(next)))
		return false;
	if ((next & (ST_IE | ST_EXL)) == ST_IE && !quiet(next))
		return false;
	cp0[CP0_STATUS] = g->settled = next;
	return true;
}

/* Not before Compare is reached, by what arch_counter() would say now. */
static inline bool is_due(u32 count)
{
	u64 left = g->timer.due - mips_cpu.counter;
	u32 high = left >> 32;

	if (likely(!high))
		return (u32)left <= count - (u32)mips_cpu.counter;
	return high >> 31;
}

/* Compare is ahead; or has been reached, and that is known. */
static inline bool get_count(u32 insn)
{
	u32 count;

	if (unlikely(g->timer.stopped || g->timer.held))
		return false;
	count = cp0_read(count);
	if (!g->timer.pending && is_due(count))
		return false;
	if (!take_alone(epc))
		return false;
	if (INSN_RT(insn))
		set_gpr(INSN_RT(insn), count + g->timer.bias);
	return true;
}

u32 mips_quick_trap(u32 insn)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];

	if (unlikely(!is_settled(status)))
		goto long_way;
	if (insn & COP0_CO << 21) {
		if (insn == INSN_CO(CO_TLBWI)) {
			if (write_tlb(cp0, cp0[CP0_INDEX]))
				goto done;
		} else if (insn == INSN_CO(CO_ERET)) {
			if (return_from_exception(cp0, status)) {
				g->quick[0]++;
				return cp0[CP0_EPC];
			}
		}
		goto long_way;
	}
	if (unlikely(masks_interrupts(insn))) {
		if (mask_interrupts(cp0, insn, status))
			goto done;
		goto long_way;
	}
	switch (insn & ~INSN_RT_MASK) {
	case INSN_MTC0(0, CP0_STATUS):
		if (set_status(cp0, insn, status))
			goto done;
		break;
	case INSN_MTC0(0, CP0_ENTRYHI):
		if (set_entryhi(cp0, insn))
			goto done;
		break;
	case INSN_MFC0(0, CP0_COUNT):
		if (get_count(insn))
			goto done;
		break;
	}
long_way:
	g->insn = insn;
	g->trapped = true;
	g->pc = epc;
	return MIPS_LONG_WAY;
done:
	g->quick[0]++;
	return epc + 4;
}

/* ---- Delay slots ------------------------------------------------------------------------ */

/* A branch over two, if a register is zero. In halves, as above. */
static inline bool is_beqz_over_two(u32 insn)
{
	return (insn >> 16 & 0xfc1f) == OP_BEQ << 10 && (insn & 0xffff) == 2;
}

/* K0 or K1, which are not where get_gpr() looks for them. */
static inline bool is_k(u32 n)
{
	return n >> 1 == 13;
}

/*
 * Linux restores interrupts with
 *
 *	beqz	flags, 1f
 *	 di
 *	ei
 * 1:
 *
 * which is done in one go: they are as flags says.
 */
u32 mips_quick_slot(u32 branch, u32 insn, u32 after)
{
	u32 *cp0, status;

	g->insn = insn;
	if (becomes_a_call())
		goto long_way;
	if (unlikely((insn ^ INSN_DI) | (after ^ insn ^ INSN_EI) ||
		     !is_beqz_over_two(branch)))
		goto long_way;
	branch = INSN_RS(branch);
	cp0 = g->cp0;
	status = cp0[CP0_STATUS];
	if (unlikely(is_k(branch) || !is_settled(status)))
		goto long_way;
	if (get_gpr(branch)) {
		if (unlikely(!quiet(status)))
			goto long_way;
		status |= ST_IE;
	} else {
		status &= ~ST_IE;
	}
	cp0[CP0_STATUS] = g->settled = status;
	g->quick[0]++;
	return epc + 12;
long_way:
	g->trapped = true;
	g->pc = epc;
	return MIPS_LONG_WAY;
}

/* ---- Other exceptions ------------------------------------------------------------------ */

/* The guest kernel's, whatever it is about: of its own code, or of a coprocessor that
 * there is not. What it is of in another encoding, MIPS16's, is an address error. */
static inline bool is_guests(u32 cause)
{
	u32 code = CAUSE_EXC_OF(cause);

	if (epc & 3)
		return false;
	return code == EXC_BP || code == EXC_OV || code == EXC_TR ||
	       (code == EXC_CPU && CAUSE_CE_OF(cause));
}

u32 mips_quick_exception(u32 cause)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];
	u32 what = CAUSE_BD | CAUSE_EXC_MASK;

	/* MIPS16 has no SYSCALL. */
	if (unlikely(CAUSE_EXC_OF(cause) != EXC_SYS)) {
		if (!is_guests(cause))
			goto long_way;
		if (CAUSE_EXC_OF(cause) == EXC_CPU)
			what |= CAUSE_CE_MASK;
	}
	if (likely(may_deliver(status))) {
		deliver(cp0, status, epc, cause & what);
		return g->general;
	}
long_way:
	g->pc = epc;
	return MIPS_LONG_WAY;
}

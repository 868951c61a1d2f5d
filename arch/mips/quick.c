// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/quick.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"
#include "arch/mips/world_code.h"

/*
 * The guest is in k1, and EPC in k0, which compilers leave alone. With GCC those are
 * variables, and two registers more to compute with.
 */
#if __STDC_HOSTED__
struct mips_guest *mips_quick_guest;
u32 mips_quick_pc;
struct mips_walk mips_quick_walk;
#define g mips_quick_guest
#define epc mips_quick_pc
#elif defined(__clang__)
static inline struct mips_guest *in_k1(void)
{
	struct mips_guest *v;

	__asm__("move %0, $27" : "=r"(v));
	return v;
}

static inline u32 in_k0(void)
{
	u32 v;

	__asm__("move %0, $26" : "=r"(v));
	return v;
}
#define g in_k1()
#define epc in_k0()
#else
register struct mips_guest *g __asm__("$27");
register u32 epc __asm__("$26");
#endif

/* ---- Its registers -------------------------------------------------------------- */

#if __STDC_HOSTED__
static inline u32 get_gpr(u32 n)
{
	return g->gpr[n];
}

static inline void set_gpr(u32 n, u32 v)
{
	g->gpr[n] = v;
	g->gpr[0] = 0;
}

static inline void walk(const struct mips_walk *w)
{
	mips_quick_walk = *w;
}
#else
/* The accessors of world_code.h, which return to v1. */
extern char world_code[];

#define CALL(at)                                                               \
	".set push\n\t.set noreorder\n\tjalr $3, " at "\n\tnop\n\t.set pop"

static inline u32 get_gpr(u32 n)
{
	register u32 v __asm__("$2") = (uintptr_t)world_code + MIPS_WORLD_GPR(n);

	__asm__ volatile(CALL("%0") : "+r"(v) : : "$3");
	return v;
}

static inline void set_gpr(u32 n, u32 value)
{
	register u32 v __asm__("$2") = value;
	u32 at = (uintptr_t)world_code + MIPS_WORLD_SET_GPR(n);

	__asm__ volatile(CALL("%0") : : "r"(at), "r"(v) : "$3");
}

static inline void walk(const struct mips_walk *w)
{
	register u32 asid __asm__("$2") = w->asid;
	register u32 directory __asm__("$4") = w->directory;
	u32 at = (uintptr_t)world_code + MIPS_WORLD_WALK;

	/* It may change k0 as well: EPC has been used by then. */
	__asm__ volatile(CALL("%1")
			 : "+r"(asid)
			 : "r"(at), "r"(directory)
			 : "$3");
}
#endif

/* ---- When it is simple ------------------------------------------------------------- */

/* With this Status, no interrupt comes. */
static inline bool quiet(u32 status)
{
	return !(g->pending & status & ST_IM);
}

/* The CPU can be told of the table. */
static inline bool is_ready(enum mips_table t)
{
	return g->table == t || g->walk[t].asid;
}

/* In the kernel, and Status is what was looked at. MIPS_UNSETTLED has ERL; and the
 * guest may have written that. */
static inline bool is_settled(u32 status)
{
	return !((status ^ g->settled) | (status & ST_ERL) |
		 (g->table ^ MIPS_KERNEL));
}

/* Status is what nothing else comes of, and the table is its, instead of `old`. */
static inline void settle(u32 *cp0, u32 status, enum mips_table old,
			  enum mips_table t)
{
	cp0[CP0_STATUS] = g->settled = status;
	if (old != t) {
		g->table = t;
		walk(&g->walk[t]);
	}
}

/* ---- Coprocessor 0 ------------------------------------------------------------------ */

/* DI or EI: in halves, with constants that fit into an instruction. */
static inline bool masks_interrupts(u32 insn)
{
	return insn >> 21 == INSN_DI >> 21 &&
	       (insn & 0xffff & ~INSN_EI) == (INSN_DI & 0xffff);
}

/* Each: false, and nothing has changed. */

static inline bool mask_interrupts(u32 *cp0, u32 insn, u32 status)
{
	u32 next = status & ~ST_IE;

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

/*
 * Known to be between no LL and SC, as what only reads has to be. Compare is ahead, by
 * what 32 bits can tell; or has been reached, and that is known.
 */
static inline bool get_count(u32 insn)
{
	u32 n = epc / 4 % MIPS_ALONE, count;

	if (unlikely(g->alone[n].va != epc || !g->alone[n].times ||
		     g->timer.stopped || g->timer.held))
		return false;
	count = cp0_read(count);
	if (!g->timer.pending && (s32)((u32)g->timer.due - count) <= 0)
		return false;
	g->alone[n].times--;
	if (INSN_RT(insn))
		set_gpr(INSN_RT(insn), count + g->timer.bias);
	return true;
}

u32 mips_quick_trap(u32 insn)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];

	if (unlikely(!is_settled(status)))
		goto long_way;
	if (likely(masks_interrupts(insn))) {
		if (mask_interrupts(cp0, insn, status))
			goto done;
		goto long_way;
	}
	if (insn & COP0_CO << 21) {
		if (insn == INSN_CO(CO_ERET)) {
			if (return_from_exception(cp0, status)) {
				g->quick[0]++;
				return cp0[CP0_EPC];
			}
		} else if (insn == INSN_CO(CO_TLBWI)) {
			if (write_tlb(cp0, cp0[CP0_INDEX]))
				goto done;
		}
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

/* No exception is being handled. BEV, as MIPS_UNSETTLED has it, is the long way's. */
static inline bool may_deliver(u32 status)
{
	if (unlikely(status != g->settled || status & ST_BEV))
		return false;
	if (likely(g->table != MIPS_KERNEL))
		return g->walk[MIPS_KERNEL].asid;
	return !(status & (ST_EXL | ST_ERL));
}

#define WHAT (CAUSE_BD | CAUSE_EXC_MASK | CAUSE_CE_MASK)

/* As mips_deliver() does then; `what` are the bits of Cause that are set. */
static inline u32 deliver(u32 *cp0, u32 status, u32 what)
{
	cp0[CP0_EPC] = epc;
	cp0[CP0_CAUSE] = (cp0[CP0_CAUSE] & ~WHAT) | what;
	settle(cp0, status | ST_EXL, g->table, MIPS_KERNEL);
	g->quick[1]++;
	return g->general;
}

/* The guest kernel's, whatever it is about: of its own code, or of a coprocessor that
 * there is not. */
static inline bool is_guests(u32 code)
{
	if (likely(code == EXC_SYS))
		return true;
	/* One of MIPS16 is an address error. */
	if (code == EXC_BP)
		return !(epc & 3);
	return code == EXC_OV || code == EXC_TR;
}

static inline bool is_of_a_coprocessor(u32 cause)
{
	return CAUSE_EXC_OF(cause) == EXC_CPU && CAUSE_CE_OF(cause);
}

u32 mips_quick_exception(u32 cause)
{
	u32 *cp0 = g->cp0, status = cp0[CP0_STATUS];

	if (likely(is_guests(CAUSE_EXC_OF(cause))))
		cause &= ~CAUSE_CE_MASK;
	else if (!is_of_a_coprocessor(cause))
		goto long_way;
	if (likely(may_deliver(status)))
		return deliver(cp0, status, cause & WHAT);
long_way:
	g->pc = epc;
	return MIPS_LONG_WAY;
}

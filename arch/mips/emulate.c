// SPDX-License-Identifier: BSD-2-Clause
/*
 * What traps: decoded, and carried out (MD00086; MD00090: "Coprocessor
 * Unusable", "Reserved Instruction", "Address Error Exception").
 *
 * Another CPU may have changed the instruction since it trapped. So one that
 * does not fit the trap is executed once more, and nothing is concluded from
 * it.
 */
#include "arch/mips/call.h"
#include "arch/mips/guest_internal.h"
#include "arch/mips/insn.h"

/* What mips_guest_trap() ends with is called last: it needs no frame then. */
#define NOINLINE __attribute__((noinline))

#define HWR_CPUNUM     0
#define HWR_SYNCI_STEP 1
#define HWR_CC         2
#define HWR_CCRES      3
#define CCRES          2 /* cycles of a tick of Count */

static enum mips_next reserved(struct mips_guest *g)
{
	mips_deliver(g, EXC_RI);
	return MIPS_RUN;
}

/* MIPS16, which the host may have and the guest has not: there is no instruction at
 * such an address, nor is a branch. */
static enum mips_next misaligned(struct mips_guest *g)
{
	g->bd = false;
	mips_deliver_address(g, EXC_ADEL, g->pc);
	return MIPS_RUN;
}

bool mips_fetch(struct mips_guest *g, const u32 *badinstr, u32 *insn,
		enum mips_next *next)
{
	u32 va = mips_trapped_at(g);

	if (unlikely(va & 3)) {
		*next = misaligned(g);
		return false;
	}
	if (badinstr) {
		*insn = *badinstr;
		return true;
	}
	if (likely(!mips_read_insn(g, va, insn)))
		return true;
	*next = mips_guest_fault(g, va, MIPS_FETCH);
	return false;
}

static bool behind_branch(struct mips_guest *g, enum mips_next *next)
{
	u32 insn;

	if (mips_read_insn(g, g->pc, &insn)) {
		g->bd = false;
		*next = mips_guest_fault(g, g->pc, MIPS_FETCH);
		return false;
	}
	*next = MIPS_RUN;
	switch (mips_branch(g, insn, g->pc, &g->next)) {
	case MIPS_BRANCH:
		return true;
	case MIPS_NULLIFIED:
		g->pc = g->next;
		return false;
	case MIPS_RESERVED:
		g->bd = false;
		*next = reserved(g);
		return false;
	default:
		/* The I-cache may have what stood there: it goes on with what
		 * does. */
		g->ops->sync_line(g, g->pc);
		return false;
	}
}

bool mips_find_next(struct mips_guest *g, enum mips_next *next)
{
	if (unlikely(g->bd))
		return behind_branch(g, next);
	g->next = g->pc + 4;
	return true;
}

/* ---- CP0 ----------------------------------------------------------------- */

static bool cp0_usable(const struct mips_guest *g)
{
	return mips_guest_kernel_mode(g) || g->cp0[CP0_STATUS] & ST_CU0;
}

static enum mips_next eret(struct mips_guest *g)
{
	u32 *cp0 = g->cp0;

	if (cp0[CP0_STATUS] & ST_ERL) {
		cp0[CP0_STATUS] &= ~ST_ERL;
		g->pc = cp0[CP0_ERROREPC];
	} else {
		cp0[CP0_STATUS] &= ~ST_EXL;
		g->pc = cp0[CP0_EPC];
	}
	mips_guest_unlink(g);
	return MIPS_RUN;
}

/* CO instructions behind which the guest goes on. */
static enum mips_next co(struct mips_guest *g, u32 insn)
{
	u32 va = mips_trapped_at(g);

	switch (INSN_FUNCT(insn)) {
	case CO_TLBWI:
		mips_tlb_write(g, g->cp0[CP0_INDEX]);
		return mips_done(g);
	case CO_TLBWR:
		mips_tlb_write(g, mips_tlb_random(g));
		return mips_done(g);
	case CO_TLBP:
		mips_tlb_probe(g);
		break;
	case CO_TLBR:
		mips_tlb_read(g);
		break;
	case CO_WAIT:
		mips_done(g);
		return MIPS_WAIT;
	case CO_HYPCALL:
		g->hypercall = insn >> 11 & 0x3ff;
		mips_done(g);
		return MIPS_HYPERCALL;
	default:
		return reserved(g);
	}
	mips_done(g);
	mips_finish_pair(g, va);
	return MIPS_RUN;
}

static enum mips_next mfc0(struct mips_guest *g, u32 insn)
{
	u32 va = mips_trapped_at(g);
	bool kernel = mips_guest_kernel_mode(g);

	mips_set_gpr(g, INSN_RT(insn),
		     mips_read_cp0(g, CP0(INSN_RD(insn), INSN_SEL(insn))));
	mips_done(g);
	if (!kernel)
		return MIPS_RUN;
	mips_patch(g, va, insn, 0);
	mips_finish_pair(g, va);
	return MIPS_RUN;
}

static enum mips_next mtc0(struct mips_guest *g, u32 insn)
{
	u32 va = mips_trapped_at(g);
	bool kernel = mips_guest_kernel_mode(g);

	mips_write_cp0(g, CP0(INSN_RD(insn), INSN_SEL(insn)),
		       g->gpr[INSN_RT(insn)]);
	mips_done(g);
	if (kernel)
		mips_patch(g, va, insn, 0);
	return MIPS_RUN;
}

static enum mips_next set_ie(struct mips_guest *g, u32 insn)
{
	u32 *status = &g->cp0[CP0_STATUS];

	mips_set_gpr(g, INSN_RT(insn), *status);
	*status = insn & INSN_EI ? *status | ST_IE : *status & ~ST_IE;
	return mips_done(g);
}

/*
 * DI and EI; what else has the encoding is the MT module's. It becomes a call, but in
 * a delay slot, where that would go the long way; and but behind the branch of one, of
 * which it is a part.
 */
static enum mips_next mfmc0(struct mips_guest *g, u32 insn)
{
	if (INSN_RD(insn) != 12 || INSN_SA(insn) || insn & 0x1f)
		return reserved(g);
	if (!mips_guest_kernel_mode(g) || !g->layout.calls)
		return set_ie(g, insn);
	if (!g->bd && !mips_in_restore(g, g->pc))
		mips_patch(g, g->pc, insn, 0);
	else if (g->bd && insn == INSN_DI && mips_patch_restore(g, g->pc))
		return MIPS_RUN;
	return set_ie(g, insn);
}

/* ---- Calls ----------------------------------------------------------------- */

static u32 call_address(const struct mips_guest *g, u32 n)
{
	return g->layout.calls + 4 * n;
}

/* That is where this store of the guest's own goes. */
static bool stores_to(const struct mips_guest *g, u32 insn, u32 va)
{
	return INSN_OP(insn) >= OP_SB &&
	       g->gpr[INSN_RS(insn)] + INSN_IMM(insn) == va;
}

/* The sequence is no longer what it was: the branch becomes one again. */
static enum mips_next undo_call(struct mips_guest *g, u32 n)
{
	u32 va = mips_trapped_at(g), insn;

	switch (g->ops->patch(g, va, mips_call_word(&g->layout, n),
			      mips_call_insn(n))) {
	case 0:
		return MIPS_RUN;
	case -EFAULT:
		g->bd = false;
		return mips_guest_fault(g, va, MIPS_FETCH);
	}
	/* The I-cache may have what stood there: it goes on with what does. */
	if (mips_read_insn(g, va, &insn) ||
	    !stores_to(g, insn, call_address(g, n)))
		g->ops->sync_line(g, va);
	else
		mips_deliver_address(g, EXC_ADES, call_address(g, n));
	return MIPS_RUN;
}

static enum mips_next call_restore(struct mips_guest *g, u32 n)
{
	u32 slot, after;

	if (g->bd || mips_read_insn(g, g->pc + 4, &slot) || slot != INSN_DI ||
	    mips_read_insn(g, g->pc + 8, &after) || after != (INSN_DI | INSN_EI))
		return undo_call(g, n);
	g->next = g->pc + MIPS_RESTORE_SIZE;
	return set_ie(g, g->gpr[n - MIPS_CALL_EI] ? after : slot);
}

/* In the guest's kernel; what call_code.c leaves. */
static enum mips_next call(struct mips_guest *g, u32 n)
{
	enum mips_next next;

	if (mips_is_restore(n))
		return call_restore(g, n);
	return mips_find_next(g, &next) ? set_ie(g, mips_call_insn(n)) : next;
}

static enum mips_next cop0(struct mips_guest *g, u32 insn)
{
	u32 rs = INSN_RS(insn);
	enum mips_next next;

	if (!cp0_usable(g)) {
		mips_deliver_cpu(g, 0);
		return MIPS_RUN;
	}
	if (insn == INSN_CO(CO_ERET))
		return eret(g);
	if (!mips_find_next(g, &next))
		return next;
	if (rs & COP0_CO)
		return co(g, insn);
	switch (rs) {
	case COP0_MFC0:
		return mfc0(g, insn);
	case COP0_MTC0:
		return mtc0(g, insn);
	case COP0_MFMC0:
		return mfmc0(g, insn);
	case COP0_RDPGPR: /* of the one set that there is */
	case COP0_WRPGPR:
		mips_set_gpr(g, INSN_RD(insn), g->gpr[INSN_RT(insn)]);
		return mips_done(g);
	}
	return reserved(g);
}

static enum mips_next unusable(struct mips_guest *g, unsigned int ce,
			       const u32 *badinstr)
{
	enum mips_next next;
	u32 insn;

	if (ce) {
		mips_deliver_cpu(g, ce);
		return MIPS_RUN;
	}
	if (!mips_fetch(g, badinstr, &insn, &next))
		return next;
	switch (INSN_OP(insn)) {
	case OP_COP0:
		return cop0(g, insn);
	case OP_CACHE:
		if (!cp0_usable(g)) {
			mips_deliver_cpu(g, 0);
			return MIPS_RUN;
		}
		return mips_find_next(g, &next) ? mips_emulate_cache(g, insn)
						: next;
	case OP_SPECIAL3: /* loads and stores of EVA's, which the guest has not
			   */
		return reserved(g);
	}
	return MIPS_RUN;
}

/* ---- Reserved instructions ----------------------------------------------- */

static bool hardware_register(struct mips_guest *g, unsigned int n, u32 *value)
{
	if (!cp0_usable(g) && !(g->cp0[CP0_HWRENA] >> n & 1))
		return false;
	switch (n) {
	case HWR_CPUNUM:
		*value = g->id;
		return true;
	case HWR_SYNCI_STEP:
		*value = g->line;
		return true;
	case HWR_CC:
		*value = mips_timer_count(g);
		return true;
	case HWR_CCRES:
		*value = CCRES;
		return true;
	case HWR_ULR:
		*value = g->cp0[CP0_USERLOCAL];
		return true;
	}
	return false;
}

/* Of whose instructions it is, none of which the guest can use; or 0. */
static unsigned int coprocessor(u32 insn)
{
	switch (INSN_OP(insn)) {
	case OP_COP1:
	case OP_COP1X:
	case OP_LWC1:
	case OP_LDC1:
	case OP_SWC1:
	case OP_SDC1:
		return 1;
	case OP_COP2:
	case OP_LWC2:
	case OP_LDC2:
	case OP_SWC2:
	case OP_SDC2:
		return 2;
	}
	return 0;
}

/* What there is not (MD00090: "Exception Priority"). */
static enum mips_next not_there(struct mips_guest *g, u32 insn)
{
	if (!coprocessor(insn))
		return reserved(g);
	mips_deliver_cpu(g, coprocessor(insn));
	return MIPS_RUN;
}

/* Of a unit that the guest has not: FPU, DSP, MSA. */
static enum mips_next of_another_unit(struct mips_guest *g, const u32 *badinstr)
{
	enum mips_next next;
	u32 insn;

	return mips_fetch(g, badinstr, &insn, &next) ? not_there(g, insn) : next;
}

static enum mips_next rdhwr(struct mips_guest *g, const u32 *badinstr)
{
	u32 insn, value, va = mips_trapped_at(g);
	enum mips_next next;

	if (!mips_fetch(g, badinstr, &insn, &next))
		return next;
	if (INSN_OP(insn) != OP_SPECIAL3 || INSN_FUNCT(insn) != F3_RDHWR ||
	    INSN_RS(insn) || INSN_SA(insn) ||
	    !hardware_register(g, INSN_RD(insn), &value))
		return not_there(g, insn);
	if (!mips_find_next(g, &next))
		return next;
	mips_set_gpr(g, INSN_RT(insn), value);
	mips_done(g);
	mips_finish_pair(g, va);
	return MIPS_RUN;
}

/* ---- Address errors ------------------------------------------------------ */

static bool is_fetch(const struct mips_guest *g, u32 va)
{
	return va == mips_trapped_at(g);
}

static bool is_address_error(u32 code)
{
	return code == EXC_ADEL || code == EXC_ADES;
}

/* Of memory and devices, for its kernel, where they are behind its segments. */
static NOINLINE enum mips_next address_error(struct mips_guest *g, u32 code, u32 va,
					     const u32 *badinstr)
{
	u32 insn, n = mips_call_at(&g->layout, va);
	enum mips_next next;

	if (n < MIPS_CALLS && code == EXC_ADES && mips_guest_kernel_mode(g))
		return call(g, n);
	if (!mips_guest_kernel_mode(g) || !mips_emulated(&g->layout, va) ||
	    is_fetch(g, va)) {
		mips_deliver_address(g, code, va);
		return MIPS_RUN;
	}
	if (!mips_fetch(g, badinstr, &insn, &next))
		return next;
	g->map = (struct mips_mapping){
		.fault = va,
		.access = code == EXC_ADES ? MIPS_STORE : MIPS_LOAD,
		.va = va & ~(u32)(PAGE_SIZE - 1),
		.size = PAGE_SIZE,
		.gpa = va & MIPS_SEGMENT_MASK & ~(u32)(PAGE_SIZE - 1),
		.writable = true,
	};
	return mips_emulate_access(g, insn);
}

/* ---- All ----------------------------------------------------------------- */

static NOINLINE enum mips_next any_trap(struct mips_guest *g, u32 cause,
					u32 badvaddr, const u32 *insn)
{
	u32 code = CAUSE_EXC_OF(cause);

	if (unlikely(g->pc & 3) && code != EXC_INT)
		return misaligned(g);
	switch (code) {
	case EXC_CPU:
		return unusable(g, CAUSE_CE_OF(cause), insn);
	case EXC_MOD:
	case EXC_TLBS:
		return mips_guest_fault(g, badvaddr, MIPS_STORE);
	case EXC_TLBL:
	case EXC_TLBRI:
	case EXC_TLBXI:
		return mips_guest_fault(g, badvaddr,
					is_fetch(g, badvaddr) ? MIPS_FETCH
							      : MIPS_LOAD);
	case EXC_RI:
		return rdhwr(g, insn);
	case EXC_INT:
		return MIPS_RUN;
	case EXC_IBE:
	case EXC_DBE:
	case EXC_BP:
	case EXC_OV:
	case EXC_TR:
		mips_deliver(g, code);
		return MIPS_RUN;
	}
	return of_another_unit(g, insn);
}

static NOINLINE enum mips_next tlb_write(struct mips_guest *g, bool random)
{
	g->pc += 4;
	mips_tlb_write(g, random ? mips_tlb_random(g) : g->cp0[CP0_INDEX]);
	return MIPS_RUN;
}

static NOINLINE enum mips_next tlb_probe(struct mips_guest *g)
{
	u32 va = g->pc;

	mips_tlb_probe(g);
	g->pc += 4;
	mips_finish_pair(g, va);
	return MIPS_RUN;
}

static NOINLINE enum mips_next syscall(struct mips_guest *g)
{
	mips_deliver(g, EXC_SYS);
	return MIPS_RUN;
}

/*
 * What a kernel executes most, where nothing about it is special: it is not in a
 * delay slot, and in kernel mode. What else there is goes the long way, which does
 * the same.
 */
static inline enum mips_next quick(struct mips_guest *g, const u32 *insn,
				   u32 cause, u32 badvaddr)
{
	u32 word = *insn;

	if ((word & ~INSN_RT_MASK) == INSN_MTC0(0, CP0_ENTRYHI)) {
		mips_write_entryhi(g, g->gpr[INSN_RT(word)]);
		g->pc += 4;
		return MIPS_RUN;
	}
	switch (word) {
	case INSN_CO(CO_ERET):
		return eret(g);
	case INSN_CO(CO_TLBWI):
	case INSN_CO(CO_TLBWR):
		return tlb_write(g, word == INSN_CO(CO_TLBWR));
	case INSN_CO(CO_TLBP):
		return tlb_probe(g);
	}
	return any_trap(g, cause, badvaddr, insn);
}

/* The same, on a CPU that has no BadInstr. */
static NOINLINE enum mips_next fetched(struct mips_guest *g, u32 cause, u32 badvaddr)
{
	u32 word;

	if (mips_read_insn(g, g->pc, &word))
		return any_trap(g, cause, badvaddr, NULL);
	return quick(g, &word, cause, badvaddr);
}

enum mips_next mips_guest_trap(struct mips_guest *g, u32 cause, u32 badvaddr,
			       const u32 *insn)
{
	u32 what = cause & (CAUSE_BD | CAUSE_CE_MASK | CAUSE_EXC_MASK);

	g->bd = cause & CAUSE_BD;
	if (likely(what == CAUSE_EXC(EXC_CPU) && mips_guest_kernel_mode(g)))
		return insn ? quick(g, insn, cause, badvaddr)
			    : fetched(g, cause, badvaddr);
	if (likely(CAUSE_EXC_OF(cause) == EXC_SYS))
		return syscall(g);
	if (is_address_error(CAUSE_EXC_OF(cause)) && likely(!(g->pc & 3)))
		return address_error(g, CAUSE_EXC_OF(cause), badvaddr, insn);
	return any_trap(g, cause, badvaddr, insn);
}

enum mips_next mips_guest_access_device(struct mips_guest *g)
{
	enum mips_next next;
	u32 insn;

	if (g->map.access == MIPS_FETCH) {
		mips_guest_bus_error(g);
		return MIPS_RUN;
	}
	if (!mips_fetch(g, NULL, &insn, &next))
		return next;
	return mips_emulate_access(g, insn);
}

void mips_guest_bus_error(struct mips_guest *g)
{
	mips_deliver(g, g->map.access == MIPS_FETCH ? EXC_IBE : EXC_DBE);
}

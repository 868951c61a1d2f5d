// SPDX-License-Identifier: BSD-2-Clause
/*
 * Into the guest, and what is done when it is left.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/gva.h"
#include "arch/mips/insn.h"
#include "arch/mips/mips.h"
#include "arch/mips/segments.h"
#include "core/arch.h"
#include "core/sched.h"
#include "lib/errno.h"
#include "lib/log.h"

_Static_assert(offsetof(struct mips_vcpu, guest) == 0 &&
		       offsetof(struct mips_guest, gpr) == GUEST_R(0) &&
		       offsetof(struct mips_guest, hi) == GUEST_HI &&
		       offsetof(struct mips_guest, lo) == GUEST_LO &&
		       offsetof(struct mips_guest, pc) == GUEST_PC,
	       "asm_offsets.h");

#define V0 2
#define NO_HYPERCALL (-38) /* -ENOSYS, as Linux numbers it */

/* mips_exit(), for world.S: into the guest again, or out of mips_enter(). */
enum { AGAIN, OUT };

int mips_exit(struct mips_guest *g);

/* ---- What there is to do ------------------------------------------------------- */

/* The exit that arch_vcpu_enter() returns with. */
static int out(struct mips_vcpu *v, int result)
{
	v->result = result;
	return OUT;
}

static bool ended(struct mips_vcpu *v)
{
	enum system_event event;

	if (likely(!vm_to_mips(v->vcpu.vm)->power.value) ||
	    !guest_power_asked(v->vcpu.vm, &event))
		return false;
	v->vcpu.exit.reason = EXIT_SYSTEM_EVENT;
	v->vcpu.exit.event = event;
	return true;
}

/* What the guest does next, or -1: with vcpu.exit. */
static int do_mmio(struct mips_vcpu *v)
{
	struct mips_guest *g = &v->guest;
	struct mmio_access a = {
		.value = g->mmio.value,
		.size = g->mmio.size,
		.write = g->mmio.write,
	};
	enum mips_next next;
	int err = mmio_access(&v->vcpu.vm->bus, &v->vcpu, GPA(g->mmio.gpa), &a);

	vcpu_count_exit(&v->vcpu, CAUSE_MMIO);
	if (err == -ENOENT) {
		v->vcpu.exit.reason = EXIT_MMIO;
		v->vcpu.exit.mmio.gpa = GPA(g->mmio.gpa);
		v->vcpu.exit.mmio.gva = GVA(g->map.fault);
		v->vcpu.exit.mmio.access = a;
		v->next = MIPS_RUN;
		return -1;
	}
	if (err) {
		mips_guest_bus_error(g);
		return MIPS_RUN;
	}
	g->mmio.value = a.value;
	next = mips_guest_complete_mmio(g);
	if (likely(!ended(v)))
		return next;
	v->next = next;
	return -1;
}

/* Other threads may have run meanwhile. */
static int wait(struct mips_vcpu *v)
{
	vcpu_count_exit(&v->vcpu, CAUSE_WFX);
	if (!mips_guest_interrupted(&v->guest))
		vcpu_wait(&v->vcpu);
	return out(v, 0);
}

static int act(struct mips_vcpu *v, enum mips_next what)
{
	struct mips_guest *g = &v->guest;
	int next = what;

	while (unlikely(next != MIPS_RUN)) {
		switch (next) {
		case MIPS_MAP:
			vcpu_count_exit(&v->vcpu, CAUSE_FAULT);
			next = gva_fault(v);
			break;
		case MIPS_MMIO:
			next = do_mmio(v);
			break;
		case MIPS_HYPERCALL:
			vcpu_count_exit(&v->vcpu, CAUSE_HVC);
			g->gpr[V0] = (u32)NO_HYPERCALL;
			next = MIPS_RUN;
			break;
		case MIPS_WAIT:
			return wait(v);
		default:
			return out(v, 1);
		}
	}
	return AGAIN;
}

/* Set on this CPU, the only one, since the guest was left. */
static bool look_elsewhere(const struct mips_vcpu *v)
{
	return __atomic_load_n(&v->vcpu.requests, __ATOMIC_RELAXED) ||
	       __atomic_load_n(&this_cpu()->need_resched, __ATOMIC_RELAXED);
}

static int before_entry(struct mips_vcpu *v)
{
	mips_guest_before_entry(&v->guest);
	if (v->stale)
		gva_activate(v);
	return unlikely(look_elsewhere(v)) ? out(v, 0) : AGAIN;
}

/* ---- Exits --------------------------------------------------------------------- */

/* Nothing is pending, let through or not. */
static bool quiet(const struct mips_guest *g)
{
	return !((g->cp0[CP0_CAUSE] & CAUSE_IP_SOFTWARE) | g->timer.pending |
		 __atomic_load_n(&g->lines, __ATOMIC_RELAXED) |
		 __atomic_load_n(&g->changed, __ATOMIC_RELAXED));
}

/* What trapped: BadInstr, or fetched where there is none. False: it is not mapped
 * any more, or where no guest can have it. */
static bool trapped_instruction(const struct mips_guest *g, u32 cause, u32 *insn)
{
	u32 va = g->pc + (cause & CAUSE_BD ? 4 : 0);

	if (features.bad_instr) {
		*insn = cp0_read(badinstr);
		return true;
	}
	return va <= g->layout.last && !(va & 3) && !guest_fetch_word(va, insn);
}

/*
 * DI and EI are four of five exits of Linux. Where there is nothing about them, they
 * are carried out here: as mips_guest_trap() and mips_guest_before_entry() would.
 */
static bool masks_interrupts(struct mips_guest *g, u32 insn)
{
	u32 status = g->cp0[CP0_STATUS];

	if ((insn & ~(INSN_RT_MASK | INSN_EI)) != INSN_DI ||
	    !mips_kernel_mode(status) || status != g->settled ||
	    (insn & INSN_EI && !quiet(g)))
		return false;
	g->gpr[INSN_RT(insn)] = status;
	g->gpr[0] = 0;
	status = insn & INSN_EI ? status | ST_IE : status & ~ST_IE;
	g->cp0[CP0_STATUS] = g->settled = status;
	g->pc += 4;
	return true;
}

int mips_exit(struct mips_guest *g)
{
	struct mips_vcpu *v = container_of(g, struct mips_vcpu, guest);
	/* A fetch may change them. */
	u32 cause = cp0_read(cause), badvaddr = cp0_read(badvaddr);
	u32 code = CAUSE_EXC_OF(cause), insn;
	bool have = false;
	enum mips_next next;

	if (likely(code == EXC_CPU)) {
		have = trapped_instruction(g, cause, &insn);
		vcpu_count_exit(&v->vcpu, CAUSE_SYSREG);
		if (have && !(cause & (CAUSE_BD | CAUSE_CE_MASK)) &&
		    masks_interrupts(g, insn))
			return AGAIN;
	} else if (code == EXC_INT) {
		vcpu_count_exit(&v->vcpu, CAUSE_IRQ);
		irq_handle();
		return out(v, 0);
	} else if (unlikely(code == EXC_MCHECK)) {
		panic("machine check in a guest: its TLB has an address twice");
	} else if (features.bad_instr) {
		insn = cp0_read(badinstr);
		have = true;
	}
	next = mips_guest_trap(g, cause, badvaddr, have ? &insn : NULL);
	if (likely(next == MIPS_RUN)) {
		if (code != EXC_CPU)
			vcpu_count_exit(&v->vcpu, CAUSE_OTHER);
	} else if (act(v, next) != AGAIN) {
		return OUT;
	}
	return before_entry(v);
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);
	enum mips_next next = v->next;

	v->next = MIPS_RUN;
	segments_use(&v->guest.layout);
	gva_activate(v);
	if (v->mmio_done) {
		v->mmio_done = false;
		next = mips_guest_complete_mmio(&v->guest);
	}
	v->result = 0;
	if (act(v, next) == AGAIN && before_entry(v) == AGAIN)
		mips_enter(&v->guest);
	gva_deactivate();
	return v->result;
}

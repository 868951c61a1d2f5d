// SPDX-License-Identifier: BSD-2-Clause
/*
 * Into the guest, and what is done when it is left.
 */
#include "arch/mips/asm_offsets.h"
#include "arch/mips/call.h"
#include "arch/mips/debug.h"
#include "arch/mips/fixup_code.h"
#include "arch/mips/gva.h"
#include "arch/mips/insn.h"
#include "arch/mips/middle.h"
#include "arch/mips/mips.h"
#include "arch/mips/refill.h"
#include "arch/mips/segments.h"
#include "arch/mips/world_code.h"
#include "core/arch.h"
#include "core/sched.h"
#include "lib/errno.h"
#include "lib/log.h"

_Static_assert(offsetof(struct mips_vcpu, guest) == 0 &&
		       offsetof(struct mips_guest, gpr) == GUEST_R(0) &&
		       offsetof(struct mips_guest, hi) == GUEST_HI &&
		       offsetof(struct mips_guest, lo) == GUEST_LO &&
		       offsetof(struct mips_guest, pc) == GUEST_PC &&
		       offsetof(struct mips_guest, insn) == GUEST_INSN &&
		       offsetof(struct mips_guest, trapped) == GUEST_TRAPPED,
	       "asm_offsets.h");
/* On a PC pointers are longer. */
_Static_assert(sizeof(void *) != 4 ||
		       (offsetof(struct mips_guest, cp0) == GUEST_CP0 &&
			offsetof(struct mips_guest, settled) == GUEST_SETTLED &&
			offsetof(struct mips_guest, table) == GUEST_TABLE &&
			offsetof(struct mips_guest, pending) == GUEST_PENDING &&
			offsetof(struct mips_guest, quick) == GUEST_QUICK &&
			offsetof(struct mips_guest, flags) == GUEST_FLAGS &&
			offsetof(struct mips_guest, kept) == GUEST_KEPT(0) &&
			offsetof(struct mips_guest, reading) == GUEST_READING &&
			!MIPS_KERNEL),
	       "asm_offsets.h");

/* What world_code.h emits, and its words. */
u32 world_code[MIPS_WORLD_WORDS] __attribute__((aligned(128)));
static u32 fixup_code[MIPS_FIXUP_WORDS] __attribute__((aligned(128)));
static u32 call_code[MIPS_CALLS_WORDS]
	__attribute__((aligned(MIPS_CALLS_ALIGN)));
static u32 guest_now, host_stack;
static void (*mips_enter)(struct mips_guest *g);
extern char vectors[], host_interrupt[], host_stop[];
extern char guest_access_begin[], guest_access_end[], guest_access_failed[];

#define V0 2
#define GENERAL_VECTOR 0x180
#define NO_HYPERCALL (-38) /* -ENOSYS, as Linux numbers it */

/* mips_exit(), for world_code.c: into the guest again, or out of mips_enter(). */
enum { AGAIN, OUT, ELSEWHERE };

int mips_exit(struct mips_guest *g, u32 cause, u32 badvaddr, const u32 *insn);

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
			next = gva_fault(v);
			break;
		case MIPS_MMIO:
			next = do_mmio(v);
			break;
		case MIPS_HYPERCALL:
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

static void settle(struct mips_vcpu *v)
{
	mips_guest_before_entry(&v->guest);
	if (v->stale)
		gva_activate(v);
}

/* Interrupts that came, here: who goes out for them may lose the CPU. */
static void take_irq_request(struct mips_vcpu *v)
{
	struct vcpu *vcpu = &v->vcpu;

	if (!(__atomic_load_n(&vcpu->requests, __ATOMIC_RELAXED) & REQ_IRQ) ||
	    !__atomic_load_n(&vcpu->powered, __ATOMIC_RELAXED))
		return;
	__atomic_fetch_and(&vcpu->requests, ~REQ_IRQ, __ATOMIC_SEQ_CST);
	arch_vcpu_handle_irq_request(vcpu);
	settle(v);
}

/* It goes on, if it is another thread alone that wants the CPU. */
static bool goes_on(struct mips_vcpu *v)
{
	u32 requests;

	take_irq_request(v);
	requests = __atomic_load_n(&v->vcpu.requests, __ATOMIC_RELAXED);
	return !look_elsewhere(v) ||
	       (!(requests & ~REQ_SCHED) && spin_goes_on(v));
}

static int before_entry(struct mips_vcpu *v)
{
	settle(v);
	return unlikely(look_elsewhere(v)) && !goes_on(v) ? out(v, 0) : AGAIN;
}

/* ---- Exits --------------------------------------------------------------------- */

/*
 * Its TLB has an address twice, which no table that it walks can bring about: what
 * there is in the TLB goes, and the VM ends. Others go on.
 */
static int machine_check(struct mips_vcpu *v)
{
	cp0_write(status, cp0_read(status) & ~ST_TS);
	ehb();
	host_tlb_drop_all();
	v->vcpu.exit.reason = EXIT_ERROR;
	v->vcpu.exit.error.code = -EIO;
	v->vcpu.exit.error.what = "a machine check: the TLB has an address twice";
	v->vcpu.exit.error.fault = (struct guest_fault){.gva = GVA(v->guest.pc)};
	return out(v, -1);
}

/* A call is the instruction of coprocessor 0 that it stands for, as in call_code.c. */
static u32 as_counted(const struct mips_guest *g, u32 cause, u32 va)
{
	if (unlikely(CAUSE_EXC_OF(cause) == EXC_ADES) && g->table == MIPS_KERNEL &&
	    mips_call_at(&g->layout, va) < MIPS_CALLS)
		return CAUSE_EXC(EXC_CPU);
	return cause;
}

/* Each exit is counted once, by what the guest asked for: as quick.c's are. */
static enum exit_cause cause_of(u32 cause, enum mips_next what)
{
	switch (what) {
	case MIPS_RUN:
		return (cause & (CAUSE_EXC_MASK | CAUSE_CE_MASK)) == CAUSE_EXC(EXC_CPU)
			       ? CAUSE_SYSREG
			       : CAUSE_OTHER;
	case MIPS_MMIO:
		return CAUSE_MMIO;
	case MIPS_WAIT:
		return CAUSE_WFX;
	case MIPS_HYPERCALL:
		return CAUSE_HVC;
	default:
		return CAUSE_FAULT;
	}
}

/* What drivers do all the time, of the device that was accessed last. ELSEWHERE: that
 * is not what the guest asks for. */
static __attribute__((noinline)) int
access_last_device(struct mips_vcpu *v, u32 cause, u32 va, const u32 *insn)
{
	u32 gpa = va & MIPS_SEGMENT_MASK, offset;
	struct mmio_device *dev = mmio_last(&v->vcpu.vm->bus, GPA(gpa));
	struct mips_guest *g = &v->guest;
	struct mips_plain p;
	struct mmio_access a;

	if (!dev || !mips_plain_access(g, cause, va, insn, &p))
		return ELSEWHERE;
	offset = gpa - (u32)dev->base.v;
	a = (struct mmio_access){.offset = offset, .value = p.value,
				 .size = p.size, .write = p.write};
	if (likely(p.size <= (u32)dev->size - offset &&
		   !dev->ops->access(dev, &v->vcpu, &a))) {
		mips_plain_done(g, &p, a.value);
	} else {
		g->map.access = p.write ? MIPS_STORE : MIPS_LOAD;
		mips_guest_bus_error(g);
	}
	vcpu_count_exit(&v->vcpu, CAUSE_MMIO);
	if (likely(!ended(v)))
		return before_entry(v);
	v->next = MIPS_RUN;
	return out(v, 1);
}

/*
 * `insn` is the one that trapped, where it is known. BadInstr has been read for
 * those of coprocessor 0 outside of delay slots.
 */
int mips_exit(struct mips_guest *g, u32 cause, u32 badvaddr, const u32 *insn)
{
	struct mips_vcpu *v = container_of(g, struct mips_vcpu, guest);
	enum mips_next what;
	u32 code, word, counted;
	int next;

	if (insn && unlikely(!g->trapped)) {
		/* It was carried out, and goes on at what MIPS_LONG_WAY is. */
		g->pc = MIPS_LONG_WAY;
		return AGAIN;
	}
	g->trapped = false;
	if (unlikely(debug_trapped(g, &cause))) {
		insn = NULL; /* nor has BadInstr it */
	} else if (!insn && features.bad_instr) {
		word = cp0_read(badinstr);
		insn = &word;
	}
	code = CAUSE_EXC_OF(cause);
	if (unlikely(code == EXC_INT || code == EXC_DBE))
		gva_interrupted();
	if (code == EXC_INT) {
		vcpu_count_exit(&v->vcpu, CAUSE_IRQ);
		irq_handle();
		spin_look(v);
		return before_entry(v);
	} else if (unlikely(code == EXC_MCHECK)) {
		return machine_check(v);
	} else if (code == EXC_ADEL || code == EXC_ADES) {
		next = access_last_device(v, cause, badvaddr, insn);
		if (likely(next != ELSEWHERE))
			return next;
	}
	counted = as_counted(g, cause, badvaddr);
	what = next = mips_guest_trap(g, cause, badvaddr, insn);
	if (unlikely(what == MIPS_MAP)) {
		next = gva_fault(v);
		if (next == MIPS_MMIO)
			what = MIPS_MMIO;
	}
	vcpu_count_exit(&v->vcpu, cause_of(counted, what));
	if (unlikely(next != MIPS_RUN) && act(v, next) != AGAIN)
		return OUT;
	return before_entry(v);
}

/* ---- The world switch ------------------------------------------------------------ */

static bool install_fixups(const struct mips_world *w)
{
	const struct mips_fixup f[] = {
		{(u32)(uintptr_t)guest_access_begin,
		 guest_access_end - guest_access_begin,
		 (u32)(uintptr_t)guest_access_failed},
		{w->fetch, w->fetch ? QUICK_FETCH_SIZE : 0, w->fetch_failed},
		{w->fetch_slot, QUICK_FETCH_SLOT_SIZE, w->fetch_failed},
	};
	struct mips_asm a;

	mips_asm_start(&a, fixup_code, MIPS_FIXUP_WORDS, (u32)(uintptr_t)fixup_code);
	mips_fixup_emit(&a, f, ARRAY_SIZE(f), (u32)(uintptr_t)host_interrupt,
			(u32)(uintptr_t)host_stop);
	return !mips_asm_finish(&a) &&
	       !mips_asm_install(&a, fixup_code, cache_publish);
}

/* Of no use to anybody before the vector is there. */
static bool install_calls(const struct mips_world_cpu *cpu,
			  const struct mips_world *w)
{
	struct mips_asm a;

	for (u32 n = 0; n <= MIPS_CALLS; n++) {
		u32 *code = &call_code[n * MIPS_CALL_WORDS];

		mips_asm_start(&a, code,
			       n < MIPS_CALLS ? MIPS_CALL_WORDS :
						2 * MIPS_CALL_WORDS,
			       (u32)(uintptr_t)code);
		mips_call_emit(&a, cpu, w, n);
		if (mips_asm_finish(&a))
			return false;
	}
	cache_publish((uintptr_t)call_code, sizeof(call_code));
	return true;
}

static bool install(const struct mips_world_cpu *cpu)
{
	u32 words[MIPS_VECTOR_WORDS], *vector = (u32 *)(vectors + GENERAL_VECTOR);
	struct mips_world w;
	struct mips_asm a;

	mips_asm_start(&a, world_code, MIPS_WORLD_WORDS,
		       (u32)(uintptr_t)world_code);
	mips_world_emit(&a, cpu, &w);
	if (mips_asm_finish(&a) || mips_asm_install(&a, world_code, cache_publish))
		return false;
	if (!install_fixups(&w))
		return false;
	mips_enter = (void (*)(struct mips_guest *))(uintptr_t)w.enter;
	if (!install_calls(cpu, &w))
		return false;
	mips_asm_start(&a, words, ARRAY_SIZE(words), (u32)(uintptr_t)vector);
	mips_vector_emit(&a, cpu, &w);
	return !mips_asm_finish(&a) && !mips_asm_install(&a, vector, cache_publish);
}

void world_init(void)
{
	struct mips_refill_cpu refill;
	struct mips_world_cpu cpu = {
		.bad_instr = features.bad_instr,
		.eva = features.eva,
		.aliases = features.aliases,
		.changed = QUICK_REGISTERS,
		.middle = MIDDLE_REGISTERS,
		.guest = (u32)(uintptr_t)&guest_now,
		.stack = (u32)(uintptr_t)&host_stack,
		.host = (u32)(uintptr_t)fixup_code,
		.quick_trap = (u32)(uintptr_t)mips_quick_trap,
		.quick_slot = (u32)(uintptr_t)mips_quick_slot,
		.quick_exception = (u32)(uintptr_t)mips_quick_exception,
		.middle_trap = (u32)(uintptr_t)mips_middle_trap,
		.middle_exception = (u32)(uintptr_t)mips_middle_exception,
		.exit = (u32)(uintptr_t)mips_exit,
		.calls = (u32)(uintptr_t)call_code,
	};

	cpu.walker = gva_how(&refill);
	cpu.save[0] = refill.save[0];
	cpu.save[1] = refill.save[1];
	cpu.place = refill.place;
	cpu.directory = refill.directory;
	cpu.blocks = refill.blocks;
	if (!install(&cpu))
		panic("the world switch cannot be made");
}

/* What the quick way has done since counts now. */
static void count_quick_exits(struct mips_vcpu *v)
{
	struct mips_guest *g = &v->guest;

	vcpu_count_exits(&v->vcpu, CAUSE_SYSREG, g->quick[0]);
	vcpu_count_exits(&v->vcpu, CAUSE_OTHER, g->quick[1]);
	vcpu_count_exits(&v->vcpu, CAUSE_FAULT, g->quick[2]);
	g->quick[0] = g->quick[1] = g->quick[2] = 0;
}

int arch_vcpu_enter(struct vcpu *vcpu)
{
	struct mips_vcpu *v = to_mips(vcpu);
	enum mips_next next = v->next;

	v->next = MIPS_RUN;
	segments_use(&v->guest.layout);
	gva_forget_walks(v);
	gva_activate(v);
	if (v->mmio_done) {
		v->mmio_done = false;
		next = mips_guest_complete_mmio(&v->guest);
	}
	v->result = 0;
	if (act(v, next) == AGAIN) {
		/* It may be due since another thread ran, when nobody looked. */
		spin_look(v);
		if (before_entry(v) == AGAIN)
			mips_enter(&v->guest);
	}
	gva_deactivate();
	count_quick_exits(v);
	return v->result;
}

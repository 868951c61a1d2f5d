// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/exit.c arch/mips/debug.c
/*
 * K11: what mips_exit() makes of SDBBP, whatever the exception after it is; how exits
 * are counted; and when a guest has to come out (K24).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/asm.h"
#include "arch/mips/debug.h"
#include "arch/mips/fixup_code.h"
#include "arch/mips/mips.h"
#include "arch/mips/middle.h"
#include "arch/mips/segments.h"
#include "arch/mips/world_code.h"
#include "core/arch.h"
#include "core/sched.h"
#include "lib/errno.h"
#include "lib/log.h"

enum { AGAIN, OUT };

int mips_exit(struct mips_guest *g, u32 cause, u32 badvaddr, const u32 *insn);

/* ---- The rooms around it -------------------------------------------------------- */

struct mips_features features;
char vectors[1], host_interrupt[1], host_stop[1];
char guest_access_begin[1], guest_access_end[1], guest_access_failed[1];
char debug_vector[1], debug_vector_end[1];

static struct mips_vm machine;
static struct mips_vcpu vcpus[2];
static u32 commpage[CP0_REGISTERS];
static struct cpu cpu;
static unsigned int irqs, traps, drops, interrupted, looks, handled;
static bool keeps; /* its CPU, if another thread wants it */
static bool waits; /* which a look finds out */
static u32 trap_pc, trap_cause;
static bool trap_insn;
/* What the trap asks for, and the fault. */
static enum mips_next trap_next;
static int fault_next;

struct cpu *this_cpu(void)
{
	return &cpu;
}

enum mips_next mips_guest_trap(struct mips_guest *g, u32 cause, u32 badvaddr,
			       const u32 *insn)
{
	traps++;
	trap_pc = g->pc;
	trap_cause = cause;
	trap_insn = insn;
	return trap_next;
}

void gva_interrupted(void)
{
	/* A handler, and whoever gets the CPU, finds none of the guest's pairs. */
	assert_int_equal(interrupted++, irqs);
}

void irq_handle(void)
{
	irqs++;
}

u32 test_cp0_read(const char *name)
{
	return 0;
}

void test_cp0_write(const char *name, u32 v)
{
}

void host_tlb_drop_all(void)
{
	drops++;
}

int gva_fault(struct mips_vcpu *v)
{
	return fault_next;
}

int mmio_access(struct mmio_bus *bus, struct vcpu *vcpu, gpa_t gpa,
		struct mmio_access *a)
{
	return 0;
}

enum mips_next mips_guest_complete_mmio(struct mips_guest *g)
{
	/* One more word, once. */
	return g->mmio.left-- ? MIPS_MMIO : MIPS_RUN;
}

bool mips_guest_interrupted(struct mips_guest *g)
{
	return true;
}

/* A device of 16 bytes, and what the guest does with it. */
static struct mips_plain plain;
static bool is_plain, power_off;
static struct mmio_access accessed;
static unsigned int accesses, bus_errors;
static u32 done_with;
static int answer;

static int device_access(struct mmio_device *dev, struct vcpu *vcpu,
			 struct mmio_access *a)
{
	accesses++;
	accessed = *a;
	a->value = 0x1234;
	return answer;
}

static const struct mmio_ops device_ops = {.access = device_access};
static struct mmio_device device = {
	.ops = &device_ops, .base = {0x1f000900}, .size = 16};

bool mips_plain_access(struct mips_guest *g, u32 cause, u32 va, const u32 *badinstr,
		       struct mips_plain *p)
{
	*p = plain;
	return is_plain;
}

void mips_plain_done(struct mips_guest *g, const struct mips_plain *p, u32 value)
{
	done_with = value;
}

void mips_guest_bus_error(struct mips_guest *g)
{
	bus_errors++;
}

bool guest_power_asked(struct vm *vm, enum system_event *event)
{
	return power_off;
}

void spin_look(struct mips_vcpu *v)
{
	looks++;
	cpu.need_resched |= waits;
}

bool spin_goes_on(struct mips_vcpu *v)
{
	return keeps;
}

void arch_vcpu_handle_irq_request(struct vcpu *vcpu)
{
	handled++;
}

void gva_activate(struct mips_vcpu *v)
{
}

void gva_deactivate(void)
{
}

void gva_forget_walks(struct mips_vcpu *v)
{
}

void segments_use(const struct mips_layout *l)
{
}

#define UNUSED(type, name, ...)                                                \
	type name(__VA_ARGS__)                                                 \
	{                                                                      \
		abort();                                                       \
	}
UNUSED(void, cache_publish, uintptr_t va, size_t size)
UNUSED(bool, gva_how, struct mips_refill_cpu *c)
UNUSED(int, mips_asm_finish, struct mips_asm *a)
UNUSED(int, mips_asm_install, const struct mips_asm *a, u32 *to,
       void (*publish)(uintptr_t va, size_t size))
UNUSED(void, mips_asm_start, struct mips_asm *a, u32 *words, unsigned int max,
       u32 va)
UNUSED(void, mips_fixup_emit, struct mips_asm *a, const struct mips_fixup *f,
       unsigned int n, u32 interrupt, u32 stop)
UNUSED(void, mips_call_emit, struct mips_asm *a, const struct mips_world_cpu *c,
       const struct mips_world *w, u32 n)
UNUSED(void, mips_guest_settle, struct mips_guest *g)
UNUSED(u32, mips_quick_exception, u32 cause)
UNUSED(u32, mips_quick_trap, u32 insn)
UNUSED(u32, mips_quick_slot, u32 branch, u32 insn, u32 after)
UNUSED(u32, mips_middle_trap, u32 insn)
UNUSED(u32, mips_middle_exception, u32 cause, u32 badvaddr)
UNUSED(void, mips_vector_emit, struct mips_asm *a, const struct mips_world_cpu *c,
       const struct mips_world *w)
UNUSED(void, mips_world_emit, struct mips_asm *a, const struct mips_world_cpu *c,
       struct mips_world *w)
UNUSED(void, panic, const char *fmt, ...)
UNUSED(void, vcpu_wait, struct vcpu *v)

/* ---- Tests ------------------------------------------------------------------------- */

static int setup(void **state)
{
	memset(&features, 0, sizeof(features));
	memset(vcpus, 0, sizeof(vcpus));
	for (unsigned int i = 0; i < ARRAY_SIZE(vcpus); i++) {
		vcpus[i].vcpu.vm = &machine.vm;
		vcpus[i].guest.cp0 = commpage;
	}
	memset(&cpu, 0, sizeof(cpu));
	irqs = traps = drops = interrupted = looks = handled = 0;
	keeps = waits = false;
	trap_next = MIPS_RUN;
	memset(&machine, 0, sizeof(machine));
	machine.vm.bus.dev[0] = &device;
	machine.vm.bus.count = 1;
	is_plain = power_off = false;
	accesses = bus_errors = answer = 0;
	return 0;
}

/* As debug_vector.S does; and an exception comes then. */
static int after_sdbbp(struct mips_guest *g, u32 depc, u32 debug, u32 cause)
{
	debug_state[0] = depc;
	debug_state[1] = debug;
	g->pc = (u32)DEBUG_RETURN;
	return mips_exit(g, cause, (u32)DEBUG_RETURN, NULL);
}

static void was_reserved(u32 pc, u32 bd)
{
	assert_int_equal(traps, 1);
	assert_int_equal(trap_pc, pc);
	assert_int_equal(trap_cause, CAUSE_EXC(EXC_RI) | bd);
	/* BadInstr, which has another, is not asked. */
	assert_false(trap_insn);
	traps = 0;
}

static void sdbbp_is_a_reserved_instruction(void **state)
{
	struct mips_guest *g = &vcpus[0].guest;

	for (int bad_instr = 0; bad_instr < 2; bad_instr++) {
		features.bad_instr = bad_instr;
		assert_int_equal(after_sdbbp(g, 0x40001000, 0, CAUSE_EXC(EXC_ADEL)),
				 AGAIN);
		was_reserved(0x40001000, 0);
		after_sdbbp(g, 0x40001000, CAUSE_BD, CAUSE_EXC(EXC_ADEL));
		was_reserved(0x40001000, CAUSE_BD);
		/* Where an emulated CPU looks at the page first. */
		after_sdbbp(g, 0x80001000, 0, CAUSE_EXC(EXC_TLBL));
		was_reserved(0x80001000, 0);
	}
}

/* One that was pending comes before the fetch: it does not take the CPU from the guest
 * with its PC still in the one word that there is. */
static void an_interrupt_between_does_not_lose_the_pc(void **state)
{
	struct mips_guest *a = &vcpus[0].guest, *b = &vcpus[1].guest;

	assert_int_equal(after_sdbbp(a, 0x40001000, 0, CAUSE_EXC(EXC_INT) | 0x8000),
			 AGAIN);
	was_reserved(0x40001000, 0);
	assert_int_equal(irqs, 0);
	/* It is pending still, and comes again. */
	a->pc = 0x40000180;
	cpu.need_resched = true;
	assert_int_equal(mips_exit(a, CAUSE_EXC(EXC_INT) | 0x8000, 0, NULL), OUT);
	assert_int_equal(irqs, 1);
	after_sdbbp(b, 0x40002000, 0, CAUSE_EXC(EXC_INT));
	was_reserved(0x40002000, 0);
	assert_int_equal(a->pc, 0x40000180);
	assert_int_equal(b->pc, 0x40002000);
}

static void what_jumps_to_where_sdbbp_returns_is_told_nothing(void **state)
{
	struct mips_guest *a = &vcpus[0].guest, *b = &vcpus[1].guest;

	after_sdbbp(a, 0x40001000, 0, CAUSE_EXC(EXC_TLBL));
	was_reserved(0x40001000, 0);
	b->pc = (u32)DEBUG_RETURN;
	mips_exit(b, CAUSE_EXC(EXC_ADEL), (u32)DEBUG_RETURN, NULL);
	assert_int_equal(traps, 1);
	assert_int_equal(trap_pc, (u32)DEBUG_RETURN);
	assert_int_equal(trap_cause, CAUSE_EXC(EXC_ADEL));
}

static void a_machine_check_after_sdbbp_is_one(void **state)
{
	struct mips_guest *g = &vcpus[0].guest;

	assert_int_equal(after_sdbbp(g, 0x40001000, 0, CAUSE_EXC(EXC_MCHECK)), OUT);
	assert_int_equal(vcpus[0].vcpu.exit.reason, EXIT_ERROR);
	assert_int_equal(vcpus[0].vcpu.exit.error.fault.gva.v, 0x40001000);
	assert_int_equal(drops, 1);
	assert_int_equal(debug_state[0], (u32)DEBUG_RETURN);
}

/* Each exit once, by what it was for, whatever else was done for it. */
static void an_exit_is_counted_once(void **state)
{
	static const struct {
		u32 cause;
		enum mips_next trap;
		int fault;
		enum exit_cause counts;
	} row[] = {
		{CAUSE_EXC(EXC_CPU), MIPS_RUN, 0, CAUSE_SYSREG},
		{CAUSE_EXC(EXC_CPU) | CAUSE_BD, MIPS_RUN, 0, CAUSE_SYSREG},
		{CAUSE_EXC(EXC_CPU) | CAUSE_CE(1), MIPS_RUN, 0, CAUSE_OTHER},
		{CAUSE_EXC(EXC_CPU), MIPS_WAIT, 0, CAUSE_WFX},
		{CAUSE_EXC(EXC_CPU), MIPS_HYPERCALL, 0, CAUSE_HVC},
		{CAUSE_EXC(EXC_CPU), MIPS_MAP, MIPS_RUN, CAUSE_FAULT},
		{CAUSE_EXC(EXC_SYS), MIPS_RUN, 0, CAUSE_OTHER},
		{CAUSE_EXC(EXC_TLBL), MIPS_RUN, 0, CAUSE_OTHER},
		{CAUSE_EXC(EXC_TLBL), MIPS_MAP, MIPS_RUN, CAUSE_FAULT},
		{CAUSE_EXC(EXC_TLBL), MIPS_MAP, -1, CAUSE_FAULT},
		{CAUSE_EXC(EXC_TLBS), MIPS_MAP, MIPS_MMIO, CAUSE_MMIO},
		{CAUSE_EXC(EXC_ADES), MIPS_MMIO, 0, CAUSE_MMIO},
		{CAUSE_EXC(EXC_INT), MIPS_RUN, 0, CAUSE_IRQ},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		trap_next = row[i].trap;
		fault_next = row[i].fault;
		vcpus[0].guest.mmio.left = 1;
		mips_exit(&vcpus[0].guest, row[i].cause, 0, NULL);
		for (unsigned int c = 0; c < CAUSES; c++)
			assert_int_equal(vcpus[0].vcpu.exits[c], c == row[i].counts);
	}
}

/* As call_code.c counts it, whoever carries it out. */
static void a_call_is_a_privileged_instruction(void **state)
{
	static const struct {
		u32 code, va, layout;
		enum mips_table table;
		enum exit_cause counts;
	} row[] = {
		{EXC_ADES, 0, 0, MIPS_KERNEL, CAUSE_SYSREG},
		{EXC_ADES, 4 * 63, 0, MIPS_KERNEL, CAUSE_SYSREG},
		{EXC_ADES, 4 * 26, 0, MIPS_KERNEL, CAUSE_OTHER}, /* none */
		{EXC_ADES, 4 * 64, 0, MIPS_KERNEL, CAUSE_OTHER},
		{EXC_ADES, 2, 0, MIPS_KERNEL, CAUSE_OTHER},
		{EXC_ADEL, 0, 0, MIPS_KERNEL, CAUSE_OTHER},
		{EXC_ADES, 0, 0, MIPS_USER, CAUSE_OTHER},
		{EXC_ADES, 0, 1, MIPS_KERNEL, CAUSE_OTHER},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		setup(NULL);
		trap_next = MIPS_RUN;
		vcpus[0].guest.layout = row[i].layout ? MIPS_ARCHITECTURAL
						      : MIPS_DEPRIVILEGED;
		vcpus[0].guest.table = row[i].table;
		mips_exit(&vcpus[0].guest, CAUSE_EXC(row[i].code),
			  MIPS_CALLS_WINDOW + row[i].va, NULL);
		for (unsigned int c = 0; c < CAUSES; c++)
			assert_int_equal(vcpus[0].vcpu.exits[c], c == row[i].counts);
	}
}

/* ---- Devices ------------------------------------------------------------------------ */

#define DEVICE_VA 0xbf000900U

static int address_error(u32 code, u32 va)
{
	return mips_exit(&vcpus[0].guest, CAUSE_EXC(code), va, NULL);
}

static void what_drivers_do_goes_to_the_device_at_once(void **state)
{
	is_plain = true;
	plain = (struct mips_plain){.size = 4};
	assert_int_equal(address_error(EXC_ADEL, DEVICE_VA + 12), AGAIN);
	assert_true(accessed.offset == 12 && accessed.size == 4 && !accessed.write);
	assert_int_equal(done_with, 0x1234);
	plain = (struct mips_plain){.size = 1, .write = true, .value = 0x77};
	assert_int_equal(address_error(EXC_ADES, DEVICE_VA), AGAIN);
	assert_true(accessed.offset == 0 && accessed.write && accessed.value == 0x77);
	assert_int_equal(accesses, 2);
	assert_int_equal(traps + bus_errors, 0);
	assert_int_equal(vcpus[0].vcpu.exits[CAUSE_MMIO], 2);
}

static void other_accesses_and_other_places_go_the_long_way(void **state)
{
	plain = (struct mips_plain){.size = 4};
	address_error(EXC_ADEL, DEVICE_VA);
	assert_int_equal(traps, 1);
	is_plain = true;
	address_error(EXC_ADEL, DEVICE_VA + 16);
	address_error(EXC_ADEL, DEVICE_VA - 4);
	mips_exit(&vcpus[0].guest, CAUSE_EXC(EXC_TLBL), DEVICE_VA, NULL);
	assert_int_equal(traps, 4);
	assert_int_equal(accesses, 0);
}

static void what_the_device_has_not_is_a_bus_error(void **state)
{
	is_plain = true;
	device.size = 14;
	plain = (struct mips_plain){.size = 4};
	assert_int_equal(address_error(EXC_ADEL, DEVICE_VA + 12), AGAIN);
	device.size = 16;
	assert_int_equal(accesses, 0);
	assert_int_equal(bus_errors, 1);
	assert_int_equal(vcpus[0].guest.map.access, MIPS_LOAD);
	answer = -EFAULT;
	plain.write = true;
	assert_int_equal(address_error(EXC_ADES, DEVICE_VA), AGAIN);
	assert_int_equal(bus_errors, 2);
	assert_int_equal(vcpus[0].guest.map.access, MIPS_STORE);
}

static void the_machine_may_be_off_by_it(void **state)
{
	is_plain = power_off = true;
	machine.power.value = 1;
	plain = (struct mips_plain){.size = 4, .write = true};
	assert_int_equal(address_error(EXC_ADES, DEVICE_VA), OUT);
	assert_int_equal(vcpus[0].result, 1);
	assert_int_equal(vcpus[0].vcpu.exit.reason, EXIT_SYSTEM_EVENT);
}

/* ---- When it comes out -------------------------------------------------------- */

static int interrupt(void)
{
	return mips_exit(&vcpus[0].guest, CAUSE_EXC(EXC_INT), 0, NULL);
}

/* It is looked at after each interrupt; and goes on where nothing else is to be done. */
static void an_interrupt_takes_the_cpu_from_nobody(void **state)
{
	assert_int_equal(interrupt(), AGAIN);
	assert_int_equal(irqs, 1);
	assert_int_equal(looks, 1);
	cpu.need_resched = true;
	assert_int_equal(interrupt(), OUT);
	keeps = true;
	assert_int_equal(interrupt(), AGAIN);
	vcpus[0].vcpu.requests = REQ_SCHED;
	assert_int_equal(interrupt(), AGAIN);
	assert_int_equal(vcpus[0].vcpu.requests, REQ_SCHED);
	vcpus[0].vcpu.requests = REQ_SCHED | REQ_STOP;
	assert_int_equal(interrupt(), OUT);
}

/* The look's timer may have come while another thread had the CPU. */
static void it_is_looked_at_before_it_is_entered(void **state)
{
	waits = true;
	assert_int_equal(arch_vcpu_enter(&vcpus[0].vcpu), 0);
	assert_int_equal(looks, 1);
	assert_true(cpu.need_resched);
}

/* Who is out for it may lose the CPU. */
static void its_own_timer_is_no_reason_to_come_out(void **state)
{
	struct vcpu *vcpu = &vcpus[0].vcpu;

	vcpu->powered = true;
	vcpu->requests = REQ_IRQ;
	assert_int_equal(interrupt(), AGAIN);
	assert_int_equal(handled, 1);
	assert_int_equal(vcpu->requests, 0);
	vcpu->requests = REQ_IRQ | REQ_STOP;
	assert_int_equal(interrupt(), OUT);
	assert_int_equal(vcpu->requests, REQ_STOP);
	/* It has turned itself off. */
	vcpu->powered = false;
	vcpu->requests = REQ_IRQ;
	keeps = true;
	assert_int_equal(interrupt(), OUT);
	assert_int_equal(vcpu->requests, REQ_IRQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(f) cmocka_unit_test_setup(f, setup)
		CASE(sdbbp_is_a_reserved_instruction),
		CASE(an_interrupt_between_does_not_lose_the_pc),
		CASE(what_jumps_to_where_sdbbp_returns_is_told_nothing),
		CASE(a_machine_check_after_sdbbp_is_one),
		CASE(an_exit_is_counted_once),
		CASE(a_call_is_a_privileged_instruction),
		CASE(what_drivers_do_goes_to_the_device_at_once),
		CASE(other_accesses_and_other_places_go_the_long_way),
		CASE(what_the_device_has_not_is_a_bus_error),
		CASE(the_machine_may_be_off_by_it),
		CASE(an_interrupt_takes_the_cpu_from_nobody),
		CASE(it_is_looked_at_before_it_is_entered),
		CASE(its_own_timer_is_no_reason_to_come_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
/*
 * Random operations on four vCPUs of two CPUs, beside an ideal GIC that has no
 * list registers: a few lines of state for each interrupt. After every step,
 * for every vCPU: an interrupt is signalled exactly when the ideal one signals,
 * a loaded guest acknowledges one that the ideal one may give, and the pending
 * and active registers agree. So nothing is lost, nothing comes twice, and
 * priorities hold, with any number of list registers (K22, K24).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arch/armcommon/testing/fake_gic.h"

#define VCPUS 4
#define STEPS 6000
#define FIRST_SPI 32
#define SPIS 10        /* the even ones edges */
#define SGIS 4
#define PPI 20
#define NOWHERE VCPUS
#define SGI_FRAME(v) (FAKE_GICR + (v)*VGIC_REDIST_SIZE + SZ_64K)

struct ideal {
	bool enabled, group1, edge, latched, line, active;
	unsigned int priority, target, owner;
	unsigned int sources; /* SGIs of GICv2 */
};

static struct fake_vm *vm;
static struct ideal spi[SPIS], private[VCPUS][32];
static u32 stack[VCPUS][64]; /* what each is handling */
static unsigned int depth[VCPUS];
static struct vgic_cpu_hw_state face[VCPUS]; /* the guest's own settings */
static u32 ctlr;
static u64 seed;

static unsigned int pick(unsigned int n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

static struct vcpu *vcpu(unsigned int n)
{
	return vm->vm.vcpus[n];
}

static struct vcpu *here(void)
{
	return fake_this_cpu->current->vcpu;
}

static bool is_loaded(unsigned int v)
{
	return vcpu(v)->thread == cpus[v % FAKE_CPUS].current;
}

/* ---- The ideal GIC -------------------------------------------------------------- */

static struct ideal *ideal_of(unsigned int v, unsigned int intid)
{
	return intid < 32 ? &private[v][intid] : &spi[intid - FIRST_SPI];
}

/* The level of a vCPU's virtual timer, wherever it stands. */
static bool timer_level(unsigned int v)
{
	struct vtimer *t = vtimer_of(vcpu(v));
	struct fake_cpu_if *f = &fake_if[v % FAKE_CPUS];
	u32 ctl = is_loaded(v) ? f->cntv_ctl : t->ctl;
	u64 cval = is_loaded(v) ? f->cntv_cval : t->cval;

	return (ctl & 3) == 1 && fake_now - vm->vtimer.offset >= cval;
}

static bool is_pending(unsigned int v, unsigned int intid)
{
	const struct ideal *i = ideal_of(v, intid);

	if (intid == VTIMER_PPI)
		return timer_level(v);
	return i->latched || i->sources || (i->line && !i->edge);
}

static unsigned int running(unsigned int v)
{
	const struct vgic_cpu_hw_state *s =
		is_loaded(v) ? &fake_if[v % FAKE_CPUS].s :
			       &vgic_cpu_of(vcpu(v))->hw;
	u32 active = s->ap0r[0] | s->ap1r[0];

	return active ? (unsigned int)__builtin_ctz(active) << 3 : 0x100;
}

static bool is_deliverable(unsigned int v, unsigned int intid)
{
	const struct ideal *i = ideal_of(v, intid);
	u32 group = i->group1 ? VMCR_ENG1 : VMCR_ENG0;

	return i->enabled && is_pending(v, intid) && !i->active &&
	       (intid < 32 || i->target == v) && ctlr & group &&
	       face[v].vmcr & group &&
	       i->priority < face[v].vmcr >> VMCR_PMR_SHIFT &&
	       i->priority < running(v);
}

/* The priority of the most urgent, or 0x100. */
static unsigned int best_priority(unsigned int v)
{
	unsigned int best = 0x100, intid;

	for (intid = 0; intid < FIRST_SPI + SPIS; intid++)
		if (is_deliverable(v, intid) &&
		    ideal_of(v, intid)->priority < best)
			best = ideal_of(v, intid)->priority;
	return best;
}

static void ideal_ack(unsigned int v, u32 iar)
{
	unsigned int intid = iar & 0x3ff, source = iar >> 10;
	struct ideal *i = ideal_of(v, intid);

	assert_true(intid < FIRST_SPI + SPIS);
	assert_true(is_deliverable(v, intid));
	assert_int_equal(i->priority, best_priority(v));
	if (vm->vgic.version == 2 && intid < 16) {
		assert_true(i->sources >> source & 1);
		i->sources &= ~(1U << source);
	}
	i->latched = false;
	i->active = true;
	i->owner = v;
}

/* ---- Comparing ------------------------------------------------------------------- */

static u32 ideal_word(unsigned int v, unsigned int b, bool active)
{
	unsigned int n = b ? SPIS : 32, i;
	u32 word = 0;

	for (i = 0; i < n; i++)
		if (active ? ideal_of(v, b * 32 + i)->active :
			     is_pending(v, b * 32 + i))
			word |= BIT32(i);
	return word;
}

static u64 bank_address(unsigned int v, unsigned int b, unsigned int offset)
{
	if (b == 0 && vm->vgic.version == 3)
		return SGI_FRAME(v) + offset;
	return FAKE_GICD + offset + 4 * b;
}

static void compare_registers(unsigned int v, unsigned int b)
{
	/* The timer's pending bit says that it came: high while it is active,
	 * it has not come again. */
	u32 mask = b == 0 && private[v][VTIMER_PPI].active ?
			   ~BIT32(VTIMER_PPI) :
			   ~0U;

	/* What another CPU holds may be old once. */
	fake_on_cpu(v % FAKE_CPUS);
	fake_read(vcpu(v), bank_address(v, b, 0x200), 4);
	fake_read(vcpu(v), bank_address(v, b, 0x300), 4);
	fake_settle();
	assert_int_equal(fake_read(vcpu(v), bank_address(v, b, 0x200), 4) &
				 mask,
			 ideal_word(v, b, false) & mask);
	assert_int_equal(fake_read(vcpu(v), bank_address(v, b, 0x300), 4),
			 ideal_word(v, b, true));
}

/* For whoever looks into a failure. */
static void explain(unsigned int v, bool expected)
{
	const struct vgic_cpu *vc = vgic_cpu_of(vcpu(v));
	unsigned int intid;

	print_message("vCPU %u, %s, to be signalled: %u. Deliverable:", v,
		      is_loaded(v) ? "loaded" : "not loaded", expected);
	for (intid = 0; intid < FIRST_SPI + SPIS; intid++)
		if (is_deliverable(v, intid))
			print_message(" %u", intid);
	print_message("\nvmcr %x, running %x, hcr %x, stale %u, listed %x %x\n",
		      face[v].vmcr, running(v), vc->hcr, vc->stale,
		      vc->private.listed, vm->vgic.spi[0].listed);
}

static void compare(void)
{
	struct cpu *was = fake_this_cpu;
	unsigned int v;

	fake_settle();
	for (v = 0; v < VCPUS; v++) {
		bool expected = best_priority(v) < 0x100;

		fake_on_cpu(v % FAKE_CPUS);
		if (vgic_pending(vcpu(v)) != expected)
			explain(v, expected);
		assert_int_equal(vgic_pending(vcpu(v)), expected);
		if (!is_loaded(v))
			continue;
		if (fake_signalled() != expected)
			explain(v, expected);
		assert_int_equal(fake_signalled(), expected);
		if (pick(8) == 0) {
			compare_registers(v, 0);
			compare_registers(v, 1);
		}
	}
	fake_this_cpu = was;
}

/* ---- Operations: on the hardware and on the ideal -------------------------------- */

static unsigned int any_intid(void)
{
	unsigned int n = pick(SPIS + SGIS + 2);

	if (n < SPIS)
		return FIRST_SPI + n;
	if (n < SPIS + SGIS)
		return n - SPIS;
	return n == SPIS + SGIS ? PPI : VTIMER_PPI;
}

static bool is_v2_sgi(unsigned int intid)
{
	return vm->vgic.version == 2 && intid < 16;
}

/* Whose private interrupt an access by the current vCPU means. */
static unsigned int any_whose(void)
{
	return vm->vgic.version == 3 ? pick(VCPUS) : here()->id;
}

static void write_bit(unsigned int v, unsigned int intid, unsigned int offset)
{
	fake_write(here(), bank_address(v, intid / 32, offset), 4,
		   BIT32(intid % 32));
}

static void op_take(void)
{
	struct vgic_cpu_hw_state *face_now = &fake_if[fake_this_cpu->id].s;
	struct vgic_cpu_hw_state before = *face_now, after;
	unsigned int v = here()->id;
	u32 iar;

	iar = fake_ack();
	if (iar == FAKE_NONE) {
		assert_int_equal(best_priority(v), 0x100);
		return;
	}
	/* The ideal decides by the running priority of before. */
	after = *face_now;
	*face_now = before;
	ideal_ack(v, iar);
	*face_now = after;
	assert_true(depth[v] < ARRAY_SIZE(stack[v]));
	stack[v][depth[v]++] = iar;
	/* Handlers serve their devices, mostly. */
	if ((iar & 0x3ff) == VTIMER_PPI && pick(4))
		fake_if[fake_this_cpu->id].cntv_cval =
			fake_now - vm->vtimer.offset + 1 + pick(50);
}

static void op_end(void)
{
	unsigned int v = here()->id, intid;
	u32 iar;

	if (!depth[v])
		return;
	iar = stack[v][--depth[v]];
	intid = iar & 0x3ff;
	fake_eoi(iar);
	if (ideal_of(v, intid)->owner == v)
		ideal_of(v, intid)->active = false;
}

static void op_line(void)
{
	unsigned int intid = pick(8) ? FIRST_SPI + pick(SPIS) : PPI;
	unsigned int v = pick(VCPUS);
	struct ideal *i = ideal_of(v, intid);
	bool level = pick(2);

	if (level && !i->line && i->edge)
		i->latched = true;
	i->line = level;
	vgic_set_line(&vm->vm, intid < 32 ? vcpu(v) : NULL, intid, level);
}

static void op_sgi(void)
{
	unsigned int me = here()->id, sgi = pick(SGIS), to = pick(1 << VCPUS);
	bool group1 = pick(2);
	unsigned int v;

	for (v = 0; v < VCPUS; v++) {
		if (!(to >> v & 1))
			continue;
		if (vm->vgic.version == 2)
			private[v][sgi].sources |= 1 << me;
		else if (private[v][sgi].group1 == group1)
			private[v][sgi].latched = true;
	}
	if (vm->vgic.version == 2)
		fake_write(here(), FAKE_GICD + 0xf00, 4, to << 16 | sgi);
	else
		vgic_send_sgi_reg(here(), to | sgi << 24, group1);
}

static void op_enable(void)
{
	unsigned int v = any_whose(), intid = any_intid();
	bool on = pick(3);

	if (!is_v2_sgi(intid))
		ideal_of(v, intid)->enabled = on;
	write_bit(v, intid, on ? 0x100 : 0x180);
}

static void op_pending(void)
{
	unsigned int v = any_whose(), intid = any_intid();
	bool on = pick(2);

	if (intid == VTIMER_PPI)
		return;
	if (!is_v2_sgi(intid))
		ideal_of(v, intid)->latched = on;
	write_bit(v, intid, on ? 0x200 : 0x280);
}

/* Not where active interrupts can spill: an end that hits nothing listed counts
 * as the end of a spilled one. */
static void op_active(void)
{
	unsigned int v = any_whose(), intid = any_intid();
	struct ideal *i = ideal_of(v, intid);
	bool on = pick(4) == 0;

	if (vgic_hw.lrs < VGIC_MAX_LRS || intid == VTIMER_PPI)
		return;
	if (on && !i->active)
		i->owner = NOWHERE; /* in nobody's handler */
	i->active = on;
	write_bit(v, intid, on ? 0x300 : 0x380);
}

static void op_priority(void)
{
	unsigned int v = any_whose(), intid = any_intid();
	unsigned int priority = pick(8) * 0x20;

	if (ideal_of(v, intid)->active)
		return;
	ideal_of(v, intid)->priority = priority;
	fake_write(here(), bank_address(v, 0, 0x400) + intid, 1, priority);
	if (intid >= 32 && vm->vgic.version == 3)
		fake_write(here(), FAKE_GICD + 0x400 + intid, 1, priority);
}

static void op_target(void)
{
	unsigned int n = pick(SPIS), target = pick(VCPUS + 1);

	if (vm->vgic.version == 2) {
		unsigned int mask = pick(1 << VCPUS);

		target = mask ? __builtin_ctz(mask) : NOWHERE;
		fake_write(here(), FAKE_GICD + 0x800 + FIRST_SPI + n, 1, mask);
	} else {
		fake_write(here(), FAKE_GICD + 0x6000 + 8 * (FIRST_SPI + n), 8,
			   target);
	}
	spi[n].target = target;
}

static void op_group(void)
{
	unsigned int v = any_whose(), intid = any_intid();
	u64 at = bank_address(v, intid / 32, 0x80);
	u32 word = fake_read(here(), at, 4);

	if (ideal_of(v, intid)->active)
		return;
	ideal_of(v, intid)->group1 ^= 1;
	fake_write(here(), at, 4, word ^ BIT32(intid % 32));
}

static void op_ctlr(void)
{
	ctlr = pick(4) ? 3 : pick(4);
	fake_write(here(), FAKE_GICD, 4, ctlr);
}

static void op_face(void)
{
	unsigned int v = here()->id;

	fake_set_pmr(pick(3) ? 0xf8 : pick(256));
	fake_enable_groups(pick(8), pick(8));
	face[v] = fake_if[fake_this_cpu->id].s;
}

static void op_switch(void)
{
	fake_load(vcpu(pick(VCPUS)));
}

static void op_timer(void)
{
	struct fake_cpu_if *f = &fake_if[fake_this_cpu->id];

	/* A line that falls outside its handler leaves a spurious interrupt,
	 * here as in hardware: not a matter for this test. */
	if (!timer_level(here()->id)) {
		f->cntv_ctl = 1;
		f->cntv_cval = fake_now - vm->vtimer.offset + pick(40);
	}
}

static void op_time(void)
{
	fake_advance(fake_now + pick(20));
}

static const struct {
	void (*op)(void);
	unsigned int weight;
} ops[] = {
	{ op_take, 30 }, { op_end, 25 },	  { op_line, 25 },
	{ op_sgi, 8 },	 { op_enable, 6 },	  { op_pending, 6 },
	{ op_active, 4 }, { op_priority, 4 }, { op_target, 5 },
	{ op_group, 3 }, { op_ctlr, 1 },	  { op_face, 3 },
	{ op_switch, 8 }, { op_timer, 6 },	  { op_time, 8 },
};

static void any_op(void)
{
	unsigned int total = 0, i, n;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		total += ops[i].weight;
	n = pick(total);
	for (i = 0; n >= ops[i].weight; i++)
		n -= ops[i].weight;
	ops[i].op();
}

static void set_up(unsigned int version, bool soft, unsigned int lrs)
{
	unsigned int v, n;

	fake_now = 1000;
	fake_machine_init(version, lrs);
	vgic_hw.soft_deactivate = soft;
	vm = fake_vm_new(VCPUS);
	memset(spi, 0, sizeof(spi));
	memset(private, 0, sizeof(private));
	memset(depth, 0, sizeof(depth));
	for (v = 0; v < VCPUS; v++) {
		for (n = 0; n < 32; n++) {
			private[v][n].edge = n < 16;
			private[v][n].enabled = version == 2 && n < 16;
			private[v][n].group1 = version == 3;
		}
	}
	for (v = VCPUS; v-- > 0;) {
		fake_load(vcpu(v));
		fake_set_pmr(0xf8);
		fake_enable_groups(true, true);
		face[v] = fake_if[fake_this_cpu->id].s;
	}
	for (n = 0; n < SPIS; n++) {
		spi[n].edge = n % 2 == 0;
		spi[n].group1 = version == 3;
		spi[n].target = version == 3 ? 0 : NOWHERE;
	}
	fake_write(vcpu(0), FAKE_GICD + 0xc08, 4, 0x22222222);
	ctlr = 3;
	fake_write(vcpu(0), FAKE_GICD, 4, 3);
	fake_load(vcpu(1));
}

static void run(unsigned int version, bool soft, unsigned int lrs, u64 from)
{
	unsigned int i;

	seed = from;
	set_up(version, soft, lrs);
	for (i = 0; i < STEPS; i++) {
		any_op();
		compare();
		if (pick(4) == 0) {
			fake_on_cpu(pick(FAKE_CPUS));
			if (!fake_this_cpu->current)
				fake_load(vcpu(fake_this_cpu->id));
		}
	}
	fake_vm_free(vm);
}

static void run_all(unsigned int version, bool soft)
{
	static const unsigned int lrs[] = { 1, 2, 3, 4, 16 };
	unsigned int i, s;

	for (i = 0; i < ARRAY_SIZE(lrs); i++) {
		for (s = 1; s <= 3; s++) {
			print_message("GICv%u, %u list registers, seed %u\n",
				      version, lrs[i], s);
			run(version, soft, lrs[i], s);
		}
	}
}

static void a_gicv2_delivers_as_the_ideal_one(void **state)
{
	run_all(2, false);
}

static void a_gicv2_of_qemus_delivers_as_the_ideal_one(void **state)
{
	run_all(2, true);
}

static void a_gicv3_delivers_as_the_ideal_one(void **state)
{
	run_all(3, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gicv2_delivers_as_the_ideal_one),
		cmocka_unit_test(a_gicv2_of_qemus_delivers_as_the_ideal_one),
		cmocka_unit_test(a_gicv3_delivers_as_the_ideal_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

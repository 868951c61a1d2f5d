// SPDX-License-Identifier: BSD-2-Clause
#include "arch/armcommon/vtimer.h"
#include "arch/armcommon/vgic.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/errno.h"
#include "lib/util.h"

unsigned int vtimer_irq = VTIMER_PPI;

/* ---- CNTV ------------------------------------------------------------------- */

static bool is_armed(u32 ctl)
{
	return (ctl & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK)) ==
	       TIMER_CTL_ENABLE;
}

/* set_count() may change it at any time. */
static u64 offset_of(const struct vcpu *vcpu)
{
	return __atomic_load_n(&vtimer_vm_of(vcpu->vm)->offset, __ATOMIC_RELAXED);
}

static u64 virtual_count(struct vcpu *vcpu)
{
	return arch_counter() - offset_of(vcpu);
}

/* The level of CNTV's line: in hardware, or as it would be there. */
static bool vtimer_level(struct vcpu *vcpu, unsigned int intid)
{
	struct vtimer *t = vtimer_of(vcpu);
	u32 ctl;

	if (!t->loaded)
		return is_armed(t->ctl) && virtual_count(vcpu) >= t->cval;
	ctl = vtimer_ops.read_ctl();
	return is_armed(ctl) && ctl & TIMER_CTL_ISTATUS;
}

/* The vCPU is not loaded, and its virtual timer would fire now. */
static void wake_fired(struct timer *timer)
{
	struct vtimer *t = container_of(timer, struct vtimer, wake);

	vgic_set_line(t->vcpu->vm, t->vcpu, VTIMER_PPI, true);
}

void vtimer_load(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);

	timer_cancel(&t->wake);
	vtimer_ops.write_offset(offset_of(vcpu));
	vtimer_ops.write_cval(t->cval);
	/* Synchronizes the two: else it may fire for an old comparator. */
	vtimer_ops.write_ctl(0);
	if (t->ctl)
		vtimer_ops.write_ctl(t->ctl);
	t->loaded = true;
}

/*
 * Armed whether or not the thread is about to block: a vCPU that was woken for
 * nothing may block again without having been loaded.
 */
static void stand_in(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);
	u64 offset = offset_of(vcpu);

	if (!is_armed(t->ctl))
		return;
	if (virtual_count(vcpu) >= t->cval)
		vgic_set_line(vcpu->vm, vcpu, VTIMER_PPI, true);
	else if (t->cval + offset >= t->cval) /* else beyond all time */
		timer_set(&t->wake, t->cval + offset);
}

void vtimer_put(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);

	t->ctl = vtimer_ops.read_ctl() & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK);
	t->cval = vtimer_ops.read_cval();
	vtimer_ops.write_ctl(0);
	t->loaded = false;
	stand_in(vcpu);
}

bool vtimer_interrupt(struct vcpu *vcpu)
{
	if (!vtimer_level(vcpu, VTIMER_PPI))
		return false;
	vgic_raise_hw(vcpu, VTIMER_PPI);
	return true;
}

/* ---- CNTP ------------------------------------------------------------------- */

/* Raise or drop the line, or see to it that it will rise. */
static void ptimer_update(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);
	bool armed = is_armed(t->phys_ctl);
	bool level = armed && arch_counter() >= t->phys_cval;

	if (armed && !level)
		timer_set(&t->phys, t->phys_cval);
	else
		timer_cancel(&t->phys);
	vgic_set_line(vcpu->vm, vcpu, PTIMER_PPI, level);
}

/* Set again only for a deadline that lies ahead. */
static void ptimer_fired(struct timer *timer)
{
	ptimer_update(container_of(timer, struct vtimer, phys)->vcpu);
}

u64 ptimer_read(struct vcpu *vcpu, enum ptimer_register reg)
{
	struct vtimer *t = vtimer_of(vcpu);
	u64 now = arch_counter();

	switch (reg) {
	case PTIMER_CTL:
		if (t->phys_ctl & TIMER_CTL_ENABLE && now >= t->phys_cval)
			return t->phys_ctl | TIMER_CTL_ISTATUS;
		return t->phys_ctl;
	case PTIMER_CVAL:
		return t->phys_cval;
	default:
		return (u32)(t->phys_cval - now);
	}
}

void ptimer_write(struct vcpu *vcpu, enum ptimer_register reg, u64 value)
{
	struct vtimer *t = vtimer_of(vcpu);

	switch (reg) {
	case PTIMER_CTL:
		t->phys_ctl = value & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK);
		break;
	case PTIMER_CVAL:
		t->phys_cval = value;
		break;
	case PTIMER_TVAL:
		t->phys_cval = arch_counter() + (u64)(s64)(s32)value;
		break;
	}
	ptimer_update(vcpu);
}

/* ---- By id ------------------------------------------------------------------ */

u64 vtimer_get(struct vcpu *vcpu, enum vtimer_register reg)
{
	struct vtimer *t = vtimer_of(vcpu);
	u64 now = virtual_count(vcpu);

	switch (reg) {
	case VTIMER_CTL:
		return t->ctl | (t->ctl & TIMER_CTL_ENABLE && now >= t->cval ?
					 TIMER_CTL_ISTATUS : 0);
	case VTIMER_CVAL:
		return t->cval;
	case VTIMER_CNT:
		return now;
	case VTIMER_PHYS_CTL:
		return ptimer_read(vcpu, PTIMER_CTL);
	default:
		return ptimer_read(vcpu, PTIMER_CVAL);
	}
}

/* Every timer of the VM is now too early or too late: the vCPUs wake, and are
 * loaded before they wait again. */
static void set_count(struct vm *vm, u64 count)
{
	struct vcpu *v;
	unsigned int i;

	__atomic_store_n(&vtimer_vm_of(vm)->offset, arch_counter() - count,
			 __ATOMIC_RELAXED);
	for_each_vcpu(i, v, vm)
		vcpu_request(v, REQ_IRQ);
}

int vtimer_set(struct vcpu *vcpu, enum vtimer_register reg, u64 value)
{
	struct vtimer *t = vtimer_of(vcpu);

	if ((reg == VTIMER_CTL || reg == VTIMER_PHYS_CTL) &&
	    value & ~(u64)(TIMER_CTL_ENABLE | TIMER_CTL_IMASK |
			   TIMER_CTL_ISTATUS))
		return -EINVAL;
	if (reg == VTIMER_PHYS_CTL) {
		ptimer_write(vcpu, PTIMER_CTL, value);
		return 0;
	}
	if (reg == VTIMER_PHYS_CVAL) {
		ptimer_write(vcpu, PTIMER_CVAL, value);
		return 0;
	}
	timer_cancel(&t->wake);
	if (reg == VTIMER_CTL)
		t->ctl = value & (TIMER_CTL_ENABLE | TIMER_CTL_IMASK);
	else if (reg == VTIMER_CVAL)
		t->cval = value;
	else
		set_count(vcpu->vm, value);
	stand_in(vcpu);
	return 0;
}

/* ---- Both -------------------------------------------------------------------- */

void vtimer_vm_init(struct vm *vm)
{
	vtimer_vm_of(vm)->offset = arch_counter();
}

void vtimer_vcpu_init(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);

	t->vcpu = vcpu;
	timer_init(&t->wake, wake_fired);
	timer_init(&t->phys, ptimer_fired);
	vgic_map_hw(vcpu, VTIMER_PPI, vtimer_irq);
	vgic_set_hw_level(vcpu, vtimer_level);
}

void vtimer_vcpu_reset(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);

	timer_cancel(&t->wake);
	timer_cancel(&t->phys);
	t->ctl = 0;
	t->phys_ctl = 0;
	t->cval = 0;
	t->phys_cval = 0;
	if (t->loaded) {
		vtimer_ops.write_ctl(0);
		vtimer_ops.write_cval(0);
	}
	vgic_set_line(vcpu->vm, vcpu, PTIMER_PPI, false);
}

void vtimer_vcpu_destroy(struct vcpu *vcpu)
{
	struct vtimer *t = vtimer_of(vcpu);

	timer_cancel_sync(&t->wake);
	timer_cancel_sync(&t->phys);
}

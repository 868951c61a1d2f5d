/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual timers of both Arm ports (the generic timer, DDI 0487 D11, DDI 0406
 * B8).
 *
 * The virtual timer (CNTV, PPI 27) is the CPU's own: the guest programs it
 * without an exit, and its interrupt is tied to the physical PPI 27, which the
 * guest's end of interrupt deactivates. The physical timer (CNTP, PPI 30) is
 * emulated: its registers are trapped, a software timer raises the line. The
 * physical counter is shown as it is; the virtual one counts from the VM's
 * creation, the same on all its vCPUs.
 *
 * While a vCPU is not loaded, a software timer of its CPU stands in for its
 * virtual timer and raises PPI 27. A vCPU that waits with its state still in the
 * CPU's registers is woken by the physical interrupt itself: vtimer_interrupt().
 *
 * No locks: a vCPU's timers belong to the CPU that its thread lives on, and
 * run with interrupts masked.
 */
#ifndef ARMCOMMON_VTIMER_H
#define ARMCOMMON_VTIMER_H

#include "core/timer.h"
#include "lib/types.h"

struct vm;
struct vcpu;

#define VTIMER_PPI 27 /* INTIDs */
extern unsigned int vtimer_irq; /* CNTV's on the physical side; irq.c finds it */
#define PTIMER_PPI 30

/* CNTV_CTL and CNTP_CTL. */
#define TIMER_CTL_ENABLE (1U << 0)
#define TIMER_CTL_IMASK (1U << 1)
#define TIMER_CTL_ISTATUS (1U << 2)

/*
 * The CPU's virtual timer, from the hypervisor's side. write_ctl ends with a
 * context synchronization event (an ISB): when it returns it has taken effect,
 * and so has every write before it. The others need not.
 */
struct vtimer_ops {
	u32 (*read_ctl)(void);          /* CNTV_CTL */
	void (*write_ctl)(u32 v);
	u64 (*read_cval)(void);         /* CNTV_CVAL */
	void (*write_cval)(u64 v);
	void (*write_offset)(u64 v);    /* CNTVOFF */
};

/* In each VM: port's structure. */
struct vtimer_vm {
	u64 offset; /* CNTVOFF: physical count when the virtual one was 0 */
};

/* In each vCPU: port's structure. */
struct vtimer {
	struct vcpu *vcpu;
	bool loaded;
	u32 ctl;            /* of CNTV, while it is not loaded */
	u64 cval;
	u32 phys_ctl;       /* of CNTP: ENABLE and IMASK */
	u64 phys_cval;
	struct timer wake;  /* stands in for CNTV while it is not loaded */
	struct timer phys;
};

/* Supplied by the port. */
struct vtimer *vtimer_of(struct vcpu *vcpu);
struct vtimer_vm *vtimer_vm_of(struct vm *vm);
extern const struct vtimer_ops vtimer_ops;

/* At the VM's creation: its virtual count is 0 now. */
void vtimer_vm_init(struct vm *vm);
/* After vgic_vcpu_init(): ties PPI 27 to the physical interrupt. */
void vtimer_vcpu_init(struct vcpu *vcpu);
/* Both timers off. On the vCPU's own CPU, or before it ever ran. */
void vtimer_vcpu_reset(struct vcpu *vcpu);
/* The vCPU is freed: no timer of its may fire any more. Its CPU. */
void vtimer_vcpu_destroy(struct vcpu *vcpu);

/* The vCPU comes to this CPU, or leaves it. Interrupts masked; vgic_load()
 * and vgic_put() may come before or after. */
void vtimer_load(struct vcpu *vcpu);
void vtimer_put(struct vcpu *vcpu);

/*
 * The physical vtimer_irq came on this CPU and `vcpu` is the one loaded. The
 * caller has acknowledged it and dropped its priority. True: it is raised in
 * the vCPU, and the caller does not deactivate it: the guest will. False: the
 * timer's line is low (the interrupt may be the last of the vCPU that was
 * loaded before), nothing is raised, and the caller deactivates it, as it does
 * with no vCPU loaded; a line that has risen by then brings it again.
 */
bool vtimer_interrupt(struct vcpu *vcpu);

/* The trapped registers of the guest's physical timer: CNTP_TVAL, CNTP_CTL and
 * CNTP_CVAL, as op2 numbers them. In the vCPU's own thread. */
enum ptimer_register { PTIMER_TVAL, PTIMER_CTL, PTIMER_CVAL };
u64 ptimer_read(struct vcpu *vcpu, enum ptimer_register reg);
void ptimer_write(struct vcpu *vcpu, enum ptimer_register reg, u64 value);

/*
 * Both timers by id (core/vcpu_regs.h), not loaded. VTIMER_CNT is the VM's: the
 * virtual count now, on every vCPU; none is loaded. -EINVAL: a control that
 * there is not.
 */
enum vtimer_register {
	VTIMER_CTL,
	VTIMER_CVAL,
	VTIMER_CNT,
	VTIMER_PHYS_CTL,
	VTIMER_PHYS_CVAL,
};
u64 vtimer_get(struct vcpu *vcpu, enum vtimer_register reg);
int vtimer_set(struct vcpu *vcpu, enum vtimer_register reg, u64 value);

#endif

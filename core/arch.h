/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What core/ asks of an architecture (the second seam). Each arch/ implements
 * all of it; arch/sim on a PC. More that arch supplies: core/page_alloc.h,
 * core/page_access.h, core/cpu.h, core/sched.h, core/timer.h.
 */
#ifndef CORE_ARCH_H
#define CORE_ARCH_H

#include "core/fault.h"
#include "lib/types.h"
#include "pgtable/pgtable.h"

struct vm;
struct vm_config;
struct vcpu;
struct mmio_access;

/* ---- Virtual machines -------------------------------------------------- */

/* Zeroed; the port's structure with a struct vm in it. NULL: no memory. */
struct vm *arch_vm_alloc(void);
void arch_vm_free(struct vm *vm);
/* What of a VM's configuration cannot be done, and a phrase that says why; it
 * stands until the next one. */
struct stage2_refusal {
	enum {
		STAGE2_IPA_BITS,
		STAGE2_GRANULE,
		STAGE2_FEATURES_OFF,
		STAGE2_ANY, /* whatever is said, there is no VM here */
	} what;
	const char *why;
};
/*
 * Stage 2's shape for this CPU: format, sizes, features. -EINVAL: the CPU, or a
 * device that guests drive themselves, cannot do it; *no (may be NULL) says why.
 */
int arch_stage2_config(const struct vm_config *config,
		       struct pgtable_config *s2, struct stage2_refusal *no);
/* The environment of a VM's stage 2; env is the struct vm. */
extern const struct pgtable_ops arch_stage2_ops;
/* After s2 is there: virtual interrupt controller and the like; it may add
 * memslots for devices that the guest drives itself. */
int arch_vm_init(struct vm *vm, const struct vm_config *config);
/* Safe when arch_vm_init() failed or was never called. */
void arch_vm_destroy(struct vm *vm);
/* Nothing a CPU holds of the VM's old code may be executed (bugs.md 13). */
void arch_vm_invalidate_icache(struct vm *vm);
/* The port's devices as after power-on: interrupt controller, power control.
 * The vCPUs are out, and reset themselves. */
void arch_vm_reset(struct vm *vm);
/* The level of an input line of the VM's interrupt controller, numbered as the
 * controller numbers it (Arm: the INTID of an SPI); one that is not there is
 * ignored. Any CPU; calls for one line are serialised by its owner. */
void arch_vm_set_irq(struct vm *vm, unsigned int irq, bool level);

/* ---- vCPUs --------------------------------------------------------------- */

struct vcpu *arch_vcpu_alloc(struct vm *vm, unsigned int id);
void arch_vcpu_free(struct vcpu *vcpu);
/* vm NULL: of any. */
unsigned int arch_max_vcpus(const struct vm *vm);
/* -ENODEV: unknown physical CPU. */
int arch_vcpu_init(struct vcpu *vcpu);
/* Architectural reset state, then pc and its first argument; secondary vCPUs
 * too. At once, in the vCPU's own thread, loaded or not: none of its timers is
 * armed any more. */
void arch_vcpu_reset(struct vcpu *vcpu, gva_t pc, u64 arg);

/* The vCPU's state goes into this CPU's registers, or comes out of them;
 * this_cpu()->loaded, which core sets, is the vCPU in both. */
void arch_vcpu_load(struct vcpu *vcpu);
void arch_vcpu_put(struct vcpu *vcpu);

/*
 * Enter the guest and stay, resolving every exit that the port and core can
 * resolve, until vcpu->exit is filled in (returns 1), a request must be looked
 * at or it is time to reschedule (returns 0). Loaded; interrupts masked.
 */
int arch_vcpu_enter(struct vcpu *vcpu);
/* Complete the access that left as EXIT_MMIO: a load's value goes to its
 * register, and the guest goes on behind the instruction. */
void arch_vcpu_complete_mmio(struct vcpu *vcpu, const struct mmio_access *a);
/* A deliverable interrupt is pending: WFI ends. Loaded or not. */
bool arch_vcpu_interrupt_pending(struct vcpu *vcpu);
/* Take requests into account before entering: REQ_IRQ. */
void arch_vcpu_handle_irq_request(struct vcpu *vcpu);

/* ---- Exceptions ------------------------------------------------------------ */

enum guest_exception {
	GUEST_UNDEFINED,
	GUEST_EXTERNAL_ABORT, /* synchronous; at f->gva */
	GUEST_ADDRESS_SIZE,   /* address size fault at f->gva */
};
/* f: what was accessed; NULL for GUEST_UNDEFINED. The exception is taken when
 * the guest is next entered. */
void arch_inject(struct vcpu *vcpu, enum guest_exception what,
		 const struct guest_fault *f);

/* For the fatal message about a vCPU: one line, its own pc and mode. */
void arch_vcpu_describe(const struct vcpu *vcpu, char *buf, size_t size);

#endif

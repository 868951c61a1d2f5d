/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine for unit tests of armcommon, on a PC: CPUs with a virtual
 * CPU interface made from its specification (IHI 0048B 5, IHI 0069 12.4), VMs
 * with vCPUs, a scheduler that is the test, and a clock that the test moves.
 */
#ifndef ARMCOMMON_TESTING_FAKE_GIC_H
#define ARMCOMMON_TESTING_FAKE_GIC_H

#include "arch/armcommon/psci.h"
#include "arch/armcommon/vgic_internal.h"
#include "arch/armcommon/vtimer.h"
#include "core/sched.h"

#define FAKE_CPUS 2
#define FAKE_GICD 0x08000000UL
#define FAKE_GICR 0x080a0000UL
#define FAKE_NONE 1023 /* acknowledge: nothing is signalled */
#define FAKE_IDLE_PRIORITY 0x100

/* The virtual CPU interface of one CPU, and its physical PPIs. */
struct fake_cpu_if {
	u64 lr[VGIC_MAX_LRS];
	u32 hcr;                  /* with EOIcount */
	struct vgic_cpu_hw_state s;
	bool phys_active[32];
	bool eoi_mode;            /* EOI only drops the priority */
	unsigned int maintenances, lr_writes;
	/* The CPU's virtual timer. */
	u32 cntv_ctl;
	u64 cntv_cval, cntvoff;
	bool cntv_unsettled;      /* since the last write to CNTV_CTL */
};

struct fake_vcpu {
	struct vcpu vcpu;
	struct thread thread;
	struct vgic_cpu vgic;
	struct vtimer vtimer;
	struct psci_cpu psci;
	u64 affinity;
	unsigned int requested;   /* calls of vcpu_request() */
	unsigned int resets;
	u64 reset_pc, reset_arg;
};

struct fake_vm {
	struct vm vm;
	struct vgic vgic;
	struct vtimer_vm vtimer;
};

extern struct fake_cpu_if fake_if[FAKE_CPUS];
extern struct cpu *fake_this_cpu;
extern u64 fake_now;

/* A machine with this GIC; every CPU's interface is empty. */
void fake_machine_init(unsigned int version, unsigned int lrs);
/* A VM with `n` vCPUs, that of id i living on CPU i % FAKE_CPUS. */
struct fake_vm *fake_vm_new(unsigned int n);
void fake_vm_free(struct fake_vm *vm);
struct fake_vcpu *fake_vcpu(struct vcpu *v);

/* What runs from here on runs on this CPU. */
void fake_on_cpu(unsigned int n);
/* Load `v` on its CPU, in place of what is there; its thread runs. */
void fake_load(struct vcpu *v);
/* Take what is loaded off CPU n. */
void fake_unload(unsigned int n);
/* All CPUs take their maintenance interrupts, timers' and requests, until
 * nothing is left. The CPU we are on stays. */
void fake_settle(void);
/* Move the clock, firing software timers and virtual timers on the way. */
void fake_advance(u64 to);

/* The guest of the vCPU loaded on the CPU we are on. */
u32 fake_ack(void);               /* IAR: INTID, source in 12:10 */
void fake_eoi(u32 iar);
void fake_deactivate(u32 iar);    /* DIR */
void fake_set_pmr(u8 pmr);
void fake_enable_groups(bool group0, bool group1);
bool fake_signalled(void);
unsigned int fake_running_priority(void);
int fake_mmio(struct vcpu *v, u64 gpa, unsigned int size, bool write, u64 *val);
u64 fake_read(struct vcpu *v, u64 gpa, unsigned int size);
void fake_write(struct vcpu *v, u64 gpa, unsigned int size, u64 val);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated machine as an architecture of core/: it implements core/arch.h,
 * core/page_access.h and the linear map. Threads and CPUs are those of
 * core/testing/fake_sched.c: a vCPU's thread is a pthread, and acts as its CPU.
 *
 * A vCPU runs a script of accesses, through the MMU and its CPU's TLB; what
 * faults goes to fault_handle(), as on a board.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "arch/sim/env.h"
#include "arch/sim/sim.h"
#include "core/arch.h"
#include "core/cpu.h"
#include "core/vcpu.h"
#include "core/vm.h"

struct sim_machine_config {
	struct sim_config sim;
	const struct pgtable_format *format; /* NULL: 4K */
	unsigned int oa_bits;                /* 0: 40 */
	unsigned int default_ipa_bits;       /* 0: 40 */
	bool no_blocks;
	/* RAM at the end that page_alloc() has none of: boot modules. */
	u64 modules;
};

/* sim_init(), CPUs, the page allocator, VMIDs. */
void sim_machine_init(const struct sim_machine_config *config);
void sim_machine_exit(void);
/* Where the modules' RAM starts. */
u64 sim_machine_modules(void);
/* Pages that page_alloc() has handed out. */
u64 sim_machine_pages_used(void);

/*
 * What the port is to do wrong, to see that it is found. All are for every VM
 * but `env`, which is in struct sim_vm.
 */
struct sim_machine_faults {
	bool no_rollover_flush; /* vmid_use() said so, and it is not done */
	bool no_vcpu_flush;     /* when another vCPU of a VM comes to a CPU */
	bool vmid_zero;
	bool no_publish;        /* arch_page_publish() does nothing */
};
extern struct sim_machine_faults sim_machine_faults;

/* Of the machine that there is. */
const struct sim_machine_config *sim_machine(void);
/* stage2.c, once: VMIDs, as many as CPUs have. */
void sim_stage2_init(unsigned int ncpus);
/* Before a guest is entered: VMID, VTTBR_EL2, and what the vCPU that
 * was here before left in the TLB. */
void sim_stage2_load(struct vcpu *vcpu);
/* An access met two entries for its address. */
void sim_stage2_conflict(void);

struct sim_vm {
	struct vm vm;
	struct sim_env env; /* vmid: as flushed last */
	s8 last_vcpu[SIM_CPUS];
	unsigned long icache_invalidations;
};

static inline struct sim_vm *sim_vm(struct vm *vm)
{
	return container_of(vm, struct sim_vm, vm);
}

enum sim_op { SIM_OP_READ, SIM_OP_WRITE, SIM_OP_EXEC };

/* Eight bytes at `gpa`, which is aligned to them. */
struct sim_step {
	enum sim_op op;
	u64 gpa;
	u64 value; /* written, or read */
	/* Out: how it ended. */
	bool aborted;      /* an exception was injected */
	enum guest_exception exception;
	unsigned int faults; /* that were handled for it */
};

struct sim_vcpu {
	struct vcpu vcpu;
	struct sim_step *script;
	unsigned int steps, pc;
	unsigned long faults;
};

static inline struct sim_vcpu *sim_vcpu(struct vcpu *v)
{
	return container_of(v, struct sim_vcpu, vcpu);
}

/* What vcpu_run() runs next: it returns EXIT_SYSTEM_EVENT at its end. */
void sim_vcpu_script(struct vcpu *vcpu, struct sim_step *steps,
		     unsigned int count);

#endif

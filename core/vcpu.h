/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vCPUs, and the fourth seam: vcpu_run() returns an exit to its caller.
 */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include "core/fault.h"
#include "core/memcache.h"
#include "core/mmio.h"
#include "lib/types.h"

struct thread;
struct vm;

enum exit_reason {
	EXIT_STOPPED,      /* vm_stop() */
	EXIT_MMIO,         /* an access that no device of the bus answers */
	EXIT_SYSTEM_EVENT, /* the guest asked for power-off or reset */
	EXIT_ERROR,        /* this vCPU cannot go on */
};

enum system_event { SYSTEM_EVENT_OFF, SYSTEM_EVENT_RESET };

struct vcpu_exit {
	enum exit_reason reason;
	union {
		struct {
			gpa_t gpa;
			gva_t gva; /* for vcpu_abort_mmio() */
			struct mmio_access access;
		} mmio;
		enum system_event event;
		struct {
			int code;         /* -ENOMEM and the like */
			const char *what; /* for the message */
			struct guest_fault fault;
		} error;
	};
};

/* Why a guest was left, for the statistics. */
enum exit_cause {
	CAUSE_IRQ,
	CAUSE_FAULT,    /* stage-2 fault on RAM */
	CAUSE_MMIO,
	CAUSE_HVC,
	CAUSE_SMC,
	CAUSE_SYSREG,
	CAUSE_WFX,
	CAUSE_OTHER,
	CAUSES
};
extern const char *const exit_cause_name[CAUSES];

/* Set in vcpu->requests by anyone, taken by the vCPU before it enters. */
enum vcpu_request {
	REQ_IRQ = 1 << 0,   /* interrupt state changed: arch recomputes */
	REQ_STOP = 1 << 1,  /* leave vcpu_run() */
	REQ_SCHED = 1 << 2, /* the CPU is to be given up (cpu->need_resched); or
			     * others wait for it now: enter anew, so that
			     * arch traps the guest's waiting */
};

/* What its faults did. Written by its own thread alone. */
struct vcpu_stats {
	u64 pages_mapped;  /* leaves of a granule entered */
	u64 blocks_mapped; /* larger leaves */
	u64 pages_copied;  /* copy-on-write */
};

/* Allocated by arch_vcpu_alloc() inside the port's own structure. */
struct vcpu {
	struct vm *vm;
	unsigned int id;
	u32 requests;       /* enum vcpu_request; atomic */
	/*
	 * Inside arch_vcpu_enter() on thread->cpu, and not waiting. Core sets
	 * it, then looks at `requests`; whoever sets a request looks at it
	 * after; all sequentially consistent. So either the vCPU sees the
	 * request or the requester sees it in the guest.
	 */
	bool in_guest;
	bool powered;       /* PSCI: on; else vcpu_run() waits. Atomic; who
			     * sets it calls vcpu_request(REQ_IRQ) after */
	bool mmio_pending;  /* EXIT_MMIO was returned and is not completed */
	struct thread *thread;
	struct memcache memcache;
	struct vcpu_exit exit;
	u64 exits[CAUSES];
	struct vcpu_stats stats;
};

/* By the vCPU's own thread alone; others may look at any time. */
static inline void vcpu_count_exits(struct vcpu *v, enum exit_cause cause, u32 n)
{
	__atomic_store_n(&v->exits[cause], v->exits[cause] + n, __ATOMIC_RELAXED);
}

static inline void vcpu_count_exit(struct vcpu *v, enum exit_cause cause)
{
	vcpu_count_exits(v, cause, 1);
}

/*
 * Powered off and without a thread: the caller makes one and puts it into
 * vcpu->thread before the first vcpu_run() or vcpu_request(). Not concurrently
 * with itself for one VM. -EINVAL: id past the target's maximum or taken (K13);
 * -ENOMEM; -ENODEV: unknown CPU. On an error nothing is left behind.
 */
int vcpu_create(struct vm *vm, unsigned int id, struct vcpu **out);
/*
 * Its thread is gone or never was. Takes itself out of vm->vcpus. The state is
 * in no other CPU's registers: what vcpu_run() returned last was not EXIT_MMIO,
 * or vcpu_unload() was called after it.
 */
void vcpu_destroy(struct vcpu *vcpu);
/* On the thread's CPU: the registers of the CPU hold the vCPU no more. */
void vcpu_unload(struct vcpu *vcpu);

/*
 * Run the guest until something happens that the caller must see; returns
 * &vcpu->exit. Blocks while the vCPU is powered off or waits for an interrupt.
 * Only the vCPU's own thread calls it. After EXIT_MMIO the caller fills in
 * access.value for a read (or calls vcpu_abort_mmio()) and calls again. After
 * every other exit the vCPU's state is in memory.
 */
const struct vcpu_exit *vcpu_run(struct vcpu *vcpu);
/* Instead of completing the EXIT_MMIO: inject an external abort. */
void vcpu_abort_mmio(struct vcpu *vcpu);

/* Make the vCPU look at `request` soon: leaves the guest, wakes from WFI. Any
 * CPU, under any lock. */
void vcpu_request(struct vcpu *vcpu, u32 request);
/*
 * Wait until a request, an interrupt or power-on may have come. In the vCPU's
 * thread, with no lock held; arch calls it for WFI from inside
 * arch_vcpu_enter() and returns 0 after it. Other threads may have run
 * meanwhile, and the CPU may hold another vCPU.
 */
void vcpu_wait(struct vcpu *vcpu);

#endif

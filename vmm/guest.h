/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest: a VM with the machine around it, from its description to its end.
 *
 * Everything here is called by the machine monitor's thread, but for the
 * vCPUs' own threads, which run inside of guest.c. Those live as long as the
 * VM, through all its resets: a timer or a device may wake a vCPU's thread at
 * any moment. When the last of a guest's vCPUs has left a run, the monitor's
 * thread is woken and calls guest_service().
 */
#ifndef VMM_GUEST_H
#define VMM_GUEST_H

#include "core/vm.h"
#include "vmm/console.h"
#include "vmm/description.h"
#include "vmm/image.h"
#include "vmm/machine.h"

struct thread;
struct shared;
struct guest;

enum guest_end {
	GUEST_RUNS,
	GUEST_OFF,   /* it powered itself off */
	GUEST_RESET, /* it asked for a reset */
	GUEST_ERROR, /* it was stopped */
};

#define GUEST_QUIT (~0U)

struct guest_vcpu {
	struct guest *guest;
	struct vcpu *vcpu;
	struct thread *thread;
};

struct guest {
	const struct vm_description *description;
	struct thread *monitor; /* to be woken */
	struct vm *vm;
	u32 granule; /* bytes; of its stage 2 */
	struct shared *shared[DESCRIPTION_MAX_SHARED];
	struct image image;
	struct image_layout layout;
	union machine_uart uart;
	struct console_port port;
	struct guest_vcpu vcpus[VM_MAX_VCPUS];
	u32 round;              /* runs begun; GUEST_QUIT: no more. Atomic */
	unsigned int live;      /* vCPUs that are in this run; atomic */
	u32 end;                /* enum guest_end; atomic, set once a run */
	u64 ended_at;           /* counter when it was set */
	u32 unanswered;         /* accesses to nothing */
	bool done;
};

/*
 * Look into the modules: the image is one that can run, and everything fits
 * into the VM's memory. Allocates nothing. -EINVAL with the reason in why.
 */
int guest_plan(struct guest *g, const void *board_fdt,
	       const struct vm_description *d, char *why, size_t size);
/* Build the planned VM, its memory filled, ready to start. -ENOMEM and the
 * like; nothing is left behind then. */
int guest_build(struct guest *g);
void guest_start(struct guest *g);
/* Act if its vCPUs are out: reset it and run it again, or mark it done. True:
 * it runs. */
bool guest_service(struct guest *g);
/* It is done, or was never started: give everything back. */
void guest_destroy(struct guest *g);

#endif

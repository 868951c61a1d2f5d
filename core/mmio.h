/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MMIO bus: device models that answer guest accesses inside the
 * hypervisor. What no device answers leaves vcpu_run() as an exit.
 */
#ifndef CORE_MMIO_H
#define CORE_MMIO_H

#include "lib/types.h"
#include "lib/util.h"

struct vm;
struct vcpu;

struct mmio_access {
	u64 offset;    /* from the start of the device's range */
	u64 value;     /* written; or to be returned, zero-extended */
	u8 size;       /* 1, 2, 4 or 8 bytes */
	bool write;
};

struct mmio_device;

struct mmio_ops {
	/*
	 * Perform the access. An access of a size or at an offset that the
	 * device does not have is the device's to answer as hardware would:
	 * reads as zero, writes ignored, or -EFAULT for an external abort.
	 * No lock held; several vCPUs may be in here at once.
	 */
	int (*access)(struct mmio_device *dev, struct vcpu *vcpu,
		      struct mmio_access *a);
};

struct mmio_device {
	const struct mmio_ops *ops;
	const char *name;
	gpa_t base;
	u64 size;
};

#define VM_MAX_MMIO 32

struct mmio_bus {
	struct mmio_device *dev[VM_MAX_MMIO]; /* sorted by base */
	unsigned int count;
	unsigned int last;  /* where mmio_find() looks first */
};

/* Before the VM runs. -EINVAL: empty, or wraps; -EEXIST: overlaps a device;
 * -ENOSPC. That no memslot overlaps it is the caller's to see to: which of them has
 * the access then is the port's to choose. The device stays its owner's, who keeps it
 * until the VM is gone. */
int mmio_register(struct mmio_bus *bus, struct mmio_device *dev);
struct mmio_device *mmio_find(const struct mmio_bus *bus, gpa_t gpa);
/* The device that was found last, if it holds `gpa`: for an exit's fast path. */
static inline struct mmio_device *mmio_last(const struct mmio_bus *bus,
					    gpa_t gpa)
{
	struct mmio_device *dev = bus->dev[READ_ONCE(bus->last)];

	return dev && gpa.v - dev->base.v < dev->size ? dev : NULL;
}
/* -ENOENT: no device there. An access that crosses a device's end: -EFAULT. */
int mmio_access(struct mmio_bus *bus, struct vcpu *vcpu, gpa_t gpa,
		struct mmio_access *a);

#endif

// SPDX-License-Identifier: BSD-2-Clause
#include "core/mmio.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/util.h"

static bool holds(const struct mmio_device *d, gpa_t gpa)
{
	return gpa.v >= d->base.v && gpa.v - d->base.v < d->size;
}

/* Number of devices whose base is at or below `gpa`. */
static unsigned int devices_below(const struct mmio_bus *bus, gpa_t gpa)
{
	unsigned int low = 0, high = bus->count;

	/* Devices under low start at or below gpa, those from high on above. */
	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (bus->dev[mid]->base.v <= gpa.v)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int mmio_register(struct mmio_bus *bus, struct mmio_device *dev)
{
	unsigned int n = devices_below(bus, dev->base);

	if (!dev->size || dev->base.v + (dev->size - 1) < dev->base.v)
		return -EINVAL;
	if ((n && holds(bus->dev[n - 1], dev->base)) ||
	    (n < bus->count && holds(dev, bus->dev[n]->base)))
		return -EEXIST;
	if (bus->count == VM_MAX_MMIO)
		return -ENOSPC;
	memmove(&bus->dev[n + 1], &bus->dev[n],
		(bus->count - n) * sizeof(bus->dev[0]));
	bus->dev[n] = dev;
	bus->count++;
	return 0;
}

struct mmio_device *mmio_find(const struct mmio_bus *bus, gpa_t gpa)
{
	unsigned int n = __atomic_load_n(&bus->last, __ATOMIC_RELAXED);

	if (likely(n < bus->count && holds(bus->dev[n], gpa)))
		return bus->dev[n];
	n = devices_below(bus, gpa);
	if (!n || !holds(bus->dev[n - 1], gpa))
		return NULL;
	/* A hint, and the one thing here that a reader of the bus writes. */
	__atomic_store_n(&((struct mmio_bus *)bus)->last, n - 1,
			 __ATOMIC_RELAXED);
	return bus->dev[n - 1];
}

int mmio_access(struct mmio_bus *bus, struct vcpu *vcpu, gpa_t gpa,
		struct mmio_access *a)
{
	struct mmio_device *dev = mmio_find(bus, gpa);

	if (!dev)
		return -ENOENT;
	a->offset = gpa.v - dev->base.v;
	if (a->size > dev->size - a->offset)
		return -EFAULT;
	return dev->ops->access(dev, vcpu, a);
}

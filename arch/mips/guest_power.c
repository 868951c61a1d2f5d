// SPDX-License-Identifier: BSD-2-Clause
/*
 * How a guest turns its machine off or resets it: a register of 32 bits, which the
 * device tree has as a syscon. What is written otherwise is only kept.
 */
#include "arch/mips/mips.h"
#include "vmm/guest_machine.h"

static int power_access(struct mmio_device *dev, struct vcpu *vcpu,
			struct mmio_access *a)
{
	struct guest_power *p = container_of(dev, struct guest_power, dev);

	if (!a->write) {
		a->value = 0;
		return 0;
	}
	if (!a->offset)
		p->value = a->value;
	return 0;
}

int guest_power_init(struct vm *vm)
{
	static const struct mmio_ops ops = {.access = power_access};
	struct guest_power *p = &vm_to_mips(vm)->power;

	p->dev = (struct mmio_device){
		.ops = &ops,
		.name = "power",
		.base = GPA(MIPS_GUEST_POWER_BASE),
		.size = MIPS_GUEST_POWER_SIZE,
	};
	return mmio_register(&vm->bus, &p->dev);
}

bool guest_power_asked(struct vm *vm, enum system_event *event)
{
	struct guest_power *p = &vm_to_mips(vm)->power;
	u32 value = p->value;

	if (likely(!value))
		return false;
	p->value = 0;
	*event = value == MIPS_GUEST_POWER_RESET ? SYSTEM_EVENT_RESET
						 : SYSTEM_EVENT_OFF;
	return value == MIPS_GUEST_POWER_RESET || value == MIPS_GUEST_POWER_OFF;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits of an Arm port, for its fuzz target: the input is what the guest's
 * registers hold, then exits, each with its syndrome, its addresses, what memory and
 * devices answer. None reaches a BUG(), and the guest goes on where it stood, behind
 * the instruction, or at a vector of its own (K3, K22, K31; bugs.md 30).
 */
#ifndef TESTS_FUZZ_EXIT_FUZZ_H
#define TESTS_FUZZ_EXIT_FUZZ_H

#include <string.h>
#include "arch/armcommon/smccc.h"
#include "arch/armcommon/testing/fake_cpu.h"
#include "core/arch.h"
#include "lib/errno.h"
#include "tests/fuzz/fuzz.h"

static struct arm_vcpu v;
static struct arm_vm vm;

/* The port's: a CPU; the vCPU's state from the input; what one exit may be. */
static void port_start(struct input *in);
static void port_exit(struct input *in);
/* After an exit of syndrome `esr`, which came with `old`. */
static void port_check(u64 esr, const struct arm_vcpu *old, int left);

/* What the world answers. */
static void answers(struct input *in)
{
	static const int faults[] = {FAULT_HANDLED, FAULT_MMIO, FAULT_MMIO,
				     FAULT_ABORT, FAULT_SIZE, -ENOMEM, -EFAULT};
	static const int devices[] = {0, 0, -ENOENT, -EFAULT};
	static const enum smccc_result calls[] = {
		SMCCC_RESUME, SMCCC_WAIT, SMCCC_OFF, SMCCC_EXIT};
	u64 bits = input_number(in, 1);

	fake_fault_result = faults[bits % ARRAY_SIZE(faults)];
	fake_mmio_result = devices[bits >> 3 & 3];
	fake_smccc_result = calls[bits >> 5 & 3];
	fake_ipa_lost = bits >> 7;
	/* In the device, across its end, or nowhere. */
	fake_ipa = GPA(fake_device.base.v - 8 + input_below(in, 0x1010));
	fake_mmio_value = input_number(in, 2) * 0x0001000100010001ULL;
	fake_flush_steps = bits == 0x55;
	memset(&fake_mmio, 0, sizeof(fake_mmio));
	fake_set_reg("cptr_el2", bits & 4 ? CPTR_TFP : 0);
}

static void check_device(void)
{
	MUST(fake_mmio.offset + fake_mmio.size <= fake_device.size);
	MUST(!(fake_mmio.size & (fake_mmio.size - 1)) && fake_mmio.size <= 8);
	MUST(!fake_mmio.size || !(fake_mmio.offset & (fake_mmio.size - 1)));
	MUST(!fake_mmio.write || fake_mmio.size == 8 ||
	     !(fake_mmio.value >> (8 * fake_mmio.size)));
}

/* Who ran the guest completes the access, or stops it. */
static void leave(struct input *in, int left)
{
	struct vcpu_exit *e = &v.vcpu.exit;

	MUST(left >= 0 && left <= LEAVE_EXIT);
	if (left != LEAVE_EXIT || fake_smccc_result == SMCCC_EXIT)
		return;
	MUST(e->reason == EXIT_MMIO || e->reason == EXIT_ERROR);
	if (e->reason != EXIT_MMIO)
		return;
	e->mmio.access.value = input_number(in, 2) * 0x0001000100010001ULL;
	arch_vcpu_complete_mmio(&v.vcpu, &e->mmio.access);
}

static void one_exit(struct input *in)
{
	struct arm_vcpu old;
	u64 esr = input_number(in, 4);
	int left;

	answers(in);
	port_exit(in);
	v.vcpu.requests = 0;
	this_cpu()->need_resched = false;
	v.vcpu.exit.reason = EXIT_ERROR;
	old = v;
	left = guest_exit_sync(&v, esr);
	check_device();
	leave(in, left);
	port_check(esr, &old, left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	fake_cpu_reset(&v, &vm);
	vm.vm.vcpu_count = 1;
	if (input_below(&in, 2))
		vm.vm.bus.dev[0] = &fake_device;
	port_start(&in);
	while (in.left)
		one_exit(&in);
	return 0;
}

#endif

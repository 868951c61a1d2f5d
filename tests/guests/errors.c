// SPDX-License-Identifier: BSD-2-Clause
/*
 * K11: a guest that errs gets the exception that hardware gives, and the
 * hypervisor goes on. Where hardware leaves the outcome open, or a virtual
 * machine may differ, the test only asks that the guest goes on.
 */
#include "tests/guests/errors.h"
#include "lib/string.h"

const char guest_name[] = "errors";

void guest_hello(void)
{
}

static const unsigned int sizes[] = {1, 2, 4, 8};

/* ---- Where nothing is -------------------------------------------------------- */

static void hole(void)
{
	struct trap t;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		t = TRAP(load(HOLE + 64, sizes[i]));
		check(is_abort(t, EC_DABT, FSC_EXTERNAL),
		      "%u-byte read: ESR %#llx", sizes[i], t.esr);
		check(t.far == HOLE + 64, "FAR %#llx", t.far);
		t = TRAP(store(HOLE + 64, sizes[i], 1));
		check(is_abort(t, EC_DABT, FSC_EXTERNAL),
		      "%u-byte write: ESR %#llx", sizes[i], t.esr);
		check(t.far == HOLE + 64, "FAR %#llx", t.far);
	}
}

static void hole_with_mmu_off(void)
{
	struct trap t = TRAP(load(HOLE, 4));

	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "read: ESR %#llx", t.esr);
	t = TRAP(store(HOLE, 4, 0));
	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "write: ESR %#llx", t.esr);
	t = TRAP(call_at(HOLE));
	check(is_abort(t, EC_IABT, FSC_EXTERNAL), "fetch: ESR %#llx", t.esr);
	check(t.elr == HOLE && t.far == HOLE, "ELR %#llx, FAR %#llx", t.elr,
	      t.far);
}

/* Below RAM, above RAM, and at the far end of the physical address space. */
static void many_holes(void)
{
	u64 at[] = {HOLE, machine.ram_base + machine.ram_size,
		    machine.ram_base + machine.ram_size + SZ_1G,
		    (1ULL << min(address_bits(), 48U)) - SZ_4K};
	unsigned int i;
	struct trap t;

	/* QEMU's boards may have a PCI window up there. */
	for (i = 0; i < ARRAY_SIZE(at) - machine.bare; i++) {
		mmu_map(MMU_WINDOW, at[i], MEM_NORMAL, true, true);
		t = TRAP(load(MMU_WINDOW, 8));
		check(is_abort(t, EC_DABT, FSC_EXTERNAL),
		      "read of %#llx: ESR %#llx", at[i], t.esr);
		t = TRAP(call_at(MMU_WINDOW));
		check(is_abort(t, EC_IABT, FSC_EXTERNAL),
		      "fetch from %#llx: ESR %#llx", at[i], t.esr);
		mmu_unmap(MMU_WINDOW);
	}
}

/* Fetching from a device is the guest's mistake: QEMU's own boards run the
 * device's registers as code, a hypervisor cannot. */
static void fetch_from_device(void)
{
	u64 at[] = {machine.uart, machine.gicd, machine.gicd + 0x8000};
	unsigned int i;
	struct trap t;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		mmu_map(MMU_WINDOW, at[i], MEM_NORMAL, true, true);
		t = TRAP(call_at(MMU_WINDOW));
		mmu_unmap(MMU_WINDOW);
		check(is_abort(t, EC_IABT, FSC_EXTERNAL),
		      "fetch from %#llx: ESR %#llx", at[i], t.esr);
	}
}

/* ---- Calls ------------------------------------------------------------------- */

#define VALUE(n) ((unsigned long)0x1111111111111111 * ((n)&15))

static void unknown_hypercalls(void)
{
	static const u64 ids[] = {0x84000099, 0xc400dead, 0x8600ffff,
				  0xc6000000, 0xffffffff, 0x80007fff,
				  0x00000000, 0xdeadbeefcafef00d};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		u64 r[SMCCC_REGS];
		struct trap t;

		for (n = 0; n < SMCCC_REGS; n++)
			r[n] = VALUE(n);
		r[0] = ids[i];
		t = TRAP(smccc_hvc(r));
		check(!t.taken, "%#llx: ESR %#llx", ids[i], t.esr);
		check((s32)r[0] == NOT_SUPPORTED, "%#llx: %#llx", ids[i], r[0]);
		for (n = 4; n < SMCCC_REGS; n++)
			check(r[n] == VALUE(n),
			      "%#llx: register %u changed to %#llx", ids[i], n, r[n]);
	}
}

static void mpidr_is_the_trees(void)
{
	u64 v = read_sysreg(mpidr_el1);

	check((v & 0xff00ffffffULL) == machine.mpidr[0], "%#llx, not %#llx", v,
	      machine.mpidr[0]);
	check(v >> 31 & 1, "RES1 bit 31: %#llx", v);
}

static void unaligned_device(void)
{
	static const u64 offsets[] = {0x19, 0x1a, 0x1b, 0xffd, 0xfff};
	unsigned int i, s;
	struct trap t;

	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		for (s = 1; s < 4; s++) {
			t = TRAP(load(machine.uart + offsets[i], sizes[s]));
			check(!t.taken || is_ec(t, EC_DABT),
			      "UART + %#llx: ESR %#llx", offsets[i], t.esr);
			t = TRAP(load(machine.gicd + offsets[i], sizes[s]));
			check(!t.taken || is_ec(t, EC_DABT),
			      "GICD + %#llx: ESR %#llx", offsets[i], t.esr);
		}
}

/* ---- Every offset of every device ------------------------------------------- */

/* Reads, then writes of `value`, of all sizes over a register frame. A FAIL is
 * any exception but an external or alignment abort. */
static bool sweep(u64 base, u64 size, bool write, u64 value)
{
	u64 a;
	unsigned int s;

	for (s = 0; s < 4; s++)
		for (a = base; a < base + size; a += max(sizes[s], 4U)) {
			struct trap t;

			if (write)
				t = TRAP(store(a, sizes[s], value));
			else
				t = TRAP(load(a, sizes[s]));
			if (t.taken && !is_abort(t, EC_DABT, FSC_EXTERNAL) &&
			    !is_abort(t, EC_DABT, FSC_ALIGNMENT)) {
				rt_fail("%u bytes at %#llx: ESR %#llx", sizes[s],
					a, t.esr);
				return false;
			}
		}
	return true;
}

static void gic_distributor(void)
{
	static const u64 values[] = {0, ~0ULL, 0x5555555555555555};
	u64 size = machine.gic_version == 2 ? 0x1000 : 0x10000;
	unsigned int i;

	gic_init();
	if (!sweep(machine.gicd, size, false, 0))
		return;
	/* CTLR is left alone at first, so that the rest is done while on. */
	for (i = 0; i < ARRAY_SIZE(values); i++)
		if (!sweep(machine.gicd + 8, size - 8, true, values[i]) ||
		    !sweep(machine.gicd, 8, true, values[i]))
			return;
	gic_init();
	check(read32(machine.gicd) & 3, "the distributor does not come back");
}

static void gic_redistributor(void)
{
	u64 frames = machine.cpus * 0x20000ULL;

	check(sweep(machine.gicr, 0x20000, false, 0), "reads");
	check(sweep(machine.gicr + 0x10000, 0x10000, true, 0), "writes");
	if (machine.bare)
		return; /* LPIs on, with tables anywhere: QEMU's own affair */
	check(sweep(machine.gicr, frames, true, ~0ULL), "writes of ones");
	check(sweep(machine.gicr, frames, true, 0), "writes of zeros");
}

static void gic_any_version(void)
{
	gic_distributor();
	if (!rt_failed() && machine.gic_version == 3)
		gic_redistributor();
	gic_init();
	gic_init_cpu();
}

/* Not the data register, which would print. */
static void uart_offsets(void)
{
	check(sweep(machine.uart + 4, 0xffc, false, 0), "reads");
	check(sweep(machine.uart + 4, 0xffc, true, 0), "writes of zeros");
	check(sweep(machine.uart + 4, 0xffc, true, ~0ULL), "writes of ones");
	check(sweep(machine.uart + 4, 0xffc, true, 0), "writes of zeros");
	/* Transmit and receive on, FIFOs off, no interrupts. */
	write32(machine.uart + 0x30, 0x301);
}

/* ---- A lost stack and other ruins ----------------------------------------- */

/* No vectors, no stack: exceptions without end, on a CPU of its own. */
static void ruin(void *arg)
{
	lose_stack((u64)arg);
}

static void ruin_vectors(void *arg)
{
	write_sysreg(vbar_el1, (u64)arg);
	isb();
	__asm__ volatile("svc #0" ::: "memory", LINK_REGISTER);
}

static void keep_going(const char *what)
{
	u64 start = now();

	delay(300);
	check(now() - start >= ms(300), "%s: the counter stands", what);
	check(psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0, 0) == 0,
	      "%s: CPU 1 is off", what);
}

static void stack_lost_for_good(void)
{
	smp_run(1, ruin, (void *)(HOLE + 0x800));
	keep_going("stack in a hole");
}

static void vectors_lost_for_good(void)
{
	smp_run(2, ruin_vectors, (void *)HOLE);
	keep_going("vectors in a hole");
}

static void stack_in_device_for_good(void)
{
	smp_run(3, ruin, (void *)(machine.gicd + 0x900));
	keep_going("stack in the interrupt controller");
}

const struct test guest_tests[] = {
	{"K11.hole-with-MMU-off", hole_with_mmu_off, 1, CACHES_OFF},
	{"K11.hole", hole},
	{"K11.holes-all-over", many_holes},
	{"K11.fetch-from-a-device", fetch_from_device, 1, ON_HYP},
	{"K11.unknown-hypercalls", unknown_hypercalls},
	{"K23.MPIDR-is-the-tree's", mpidr_is_the_trees},
	{"K11.unaligned-device-access", unaligned_device},
	{.more = errors_of_arch},
};

/* Last: what is written all over an interrupt controller may stay (in a bare board's,
 * of QEMU 7.2), and the CPUs of the others are lost. */
const struct test errors_for_good[] = {
	{"K11.every-GIC-offset", gic_any_version},
	{"K11.every-UART-offset", uart_offsets},
	{"K11.stack-lost-for-good", stack_lost_for_good, 2},
	{"K11.vectors-lost-for-good", vectors_lost_for_good, 3},
	{"K11.stack-in-a-device-for-good", stack_in_device_for_good, 4},
	{NULL},
};

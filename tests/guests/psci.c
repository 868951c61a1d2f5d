// SPDX-License-Identifier: BSD-2-Clause
/* K22: PSCI 1.1 (DEN 0022) and SMCCC 1.1 (DEN 0028) as a guest sees them. */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "psci";

void guest_hello(void)
{
	s32 v = psci(PSCI_VERSION, 0, 0, 0);

	print("psci: version %d.%d\n", v >> 16, v & 0xffff);
}

/* For callers of either width. */
#define AFFINITY_INFO32 0x84000004U
#define CPU_ON32 0x84000003U
#define CPU_SUSPEND32 0x84000001U
#define AFF_ON 0
#define AFF_OFF 1
#define AFF_ON_PENDING 2

static void version(void)
{
	s32 v = psci(PSCI_VERSION, 0, 0, 0);

	check(v >> 16 == 1 && (v & 0xffff) >= 1, "%#x", v);
}

static void features(void)
{
	static const u32 must[] = {PSCI_VERSION, PSCI_CPU_SUSPEND,
				   CPU_SUSPEND32, PSCI_CPU_OFF, PSCI_CPU_ON,
				   CPU_ON32, PSCI_AFFINITY_INFO,
				   AFFINITY_INFO32, PSCI_SYSTEM_OFF,
				   PSCI_SYSTEM_RESET, PSCI_FEATURES};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(must); i++)
		check(psci(PSCI_FEATURES, must[i], 0, 0) >= 0, "%#x: %d",
		      must[i], psci(PSCI_FEATURES, must[i], 0, 0));
	check(psci(PSCI_FEATURES, 0x84000099, 0, 0) == NOT_SUPPORTED,
	      "unknown function");
	check(psci(PSCI_FEATURES, 0xdeadbeef, 0, 0) == NOT_SUPPORTED,
	      "no function");
}

static void unknown_function(void)
{
	check(psci(0x8400001f, 0, 0, 0) == NOT_SUPPORTED, "0x8400001f");
	check(psci(0xc400001f, 0, 0, 0) == NOT_SUPPORTED, "0xc400001f");
}

static void smccc_version(void)
{
	s32 f = psci(PSCI_FEATURES, SMCCC_VERSION, 0, 0), v;

	check(f >= 0, "PSCI_FEATURES(SMCCC_VERSION): %d", f);
	v = psci(SMCCC_VERSION, 0, 0, 0);
	check(v >= 0x10001, "%#x", v);
	/* SMCCC_ARCH_FEATURES of itself, and of nothing. */
	check(psci(0x80000001, 0x80000001, 0, 0) >= 0, "ARCH_FEATURES");
	check(psci(0x80000001, 0x80001234, 0, 0) == NOT_SUPPORTED,
	      "ARCH_FEATURES of nothing");
}

static void migrate_info(void)
{
	s32 v = psci(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0);

	check(v == 2 || v == NOT_SUPPORTED, "%d", v);
}

static void affinity_info(void)
{
	s32 v = psci(PSCI_AFFINITY_INFO, machine.mpidr[0], 0, 0);

	check(v == AFF_ON, "own: %d", v);
	v = psci(PSCI_AFFINITY_INFO, 0x00ffffff, 0, 0);
	check(v == INVALID_PARAMETERS, "no such CPU: %d", v);
	if (machine.cpus > 1) {
		v = psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0, 0);
		check(v == AFF_OFF, "CPU 1: %d", v);
	}
}

static void on_bad_arguments(void)
{
	u64 entry = (u64)_secondary_start;
	s32 v = psci(PSCI_CPU_ON, 0x00ffffff, entry, 0);

	check(v == INVALID_PARAMETERS, "no such CPU: %d", v);
	v = psci(PSCI_CPU_ON, machine.mpidr[0], entry, 0);
	check(v == ALREADY_ON, "itself: %d", v);
	v = psci(PSCI_CPU_ON, 1ULL << 63 | machine.mpidr[0], entry, 0);
	check(v == INVALID_PARAMETERS || v == ALREADY_ON,
	      "reserved bits: %d", v);
}

/* CPU 1 on, off, on again, many times; its context argument comes along. */
static u64 context_seen;
static bool may_go_off;

static void go_off(void *arg)
{
	/* Nothing may be left in a cache that is then switched off. */
	cpus[1].up = false;
	WRITE_ONCE(context_seen, (u64)arg);
	dcache_clean_invalidate(cpus, sizeof(cpus));
	while (!READ_ONCE(may_go_off))
		cpu_relax();
	psci(PSCI_CPU_OFF, 0, 0, 0);
	WRITE_ONCE(context_seen, ~0ULL);
}

static void on_and_off(void)
{
	unsigned int i;
	s32 v;

	for (i = 1; i <= 20; i++) {
		if (!smp_start(2)) {
			rt_fail("round %u: CPU 1 did not start", i);
			return;
		}
		v = psci(PSCI_CPU_ON, machine.mpidr[1],
			 (u64)_secondary_start, 1);
		check(v == ALREADY_ON, "on twice: %d", v);
		v = psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0, 0);
		check(v == AFF_ON, "affinity info while on: %d", v);
		WRITE_ONCE(may_go_off, false);
		smp_run(1, go_off, (void *)(u64)i);
		check(wait_for(READ_ONCE(context_seen) == i, 10000),
		      "round %u: no sign", i);
		WRITE_ONCE(may_go_off, true);
		check(wait_for(psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0,
				    0) == AFF_OFF,
			       10000),
		      "round %u: did not go off", i);
		check(context_seen == i, "CPU_OFF returned");
	}
}

/* Reset state of a CPU that is switched on: MMU off, the context in its first
 * register. */
#define CONTEXT 0x1122334455667788ULL

static void reset_state(void)
{
	WRITE_ONCE(may_go_off, true);
	check(smp_start(2), "CPU 1 did not start");
	smp_run(1, go_off, (void *)99UL);
	check(wait_for(psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0, 0) ==
			       AFF_OFF,
		       10000),
	      "did not go off");
	check(psci(PSCI_CPU_ON, machine.mpidr[1], (u64)_report_state,
		   CONTEXT) == 0,
	      "CPU_ON");
	check(wait_for((dcache_invalidate(reported_state, 64),
			READ_ONCE(reported_state[7]) == 1),
		       10000),
	      "did not report");
	check(reported_state[0] == (unsigned long)CONTEXT, "argument %#llx",
	      reported_state[0]);
	check(!(reported_state[1] & 5), "SCTLR %#llx", reported_state[1]);
	check(reported_state[2] == RESET_MASKS, "masks %#llx",
	      reported_state[2]);
	check(reported_state[3] == RESET_MODE, "mode %#llx", reported_state[3]);
	check((reported_state[4] & 0xff00ffffff) == machine.mpidr[1],
	      "MPIDR %#llx", reported_state[4]);
	check(wait_for(psci(PSCI_AFFINITY_INFO, machine.mpidr[1], 0, 0) ==
			       AFF_OFF,
		       10000),
	      "did not go off again");
	cpus[1].up = false;
}

/*
 * Switched on where nothing is, or, if PSCI refuses that, where there is no
 * code: it gets its exception, over and over, and the others go on.
 */
static void on_without_code(void)
{
	unsigned int i = machine.cpus - 1;
	u64 mpidr = machine.mpidr[i];
	s32 v;

	if (cpus[i].up) {
		rt_skip("needs a CPU that is off");
		return;
	}
	v = psci(PSCI_CPU_ON, mpidr, HOLE, 0);
	check(v == 0 || v == INVALID_ADDRESS, "CPU_ON: %d", v);
	if (v)
		v = psci(PSCI_CPU_ON, mpidr, fresh_ram(SZ_4K, SZ_4K), 0);
	check(v == 0, "CPU_ON in RAM: %d", v);
	check(wait_for(psci(PSCI_AFFINITY_INFO, mpidr, 0, 0) == AFF_ON,
		       10000),
	      "not on");
	delay(50);
}

/* Suspend: to standby, until an interrupt; may also return at once. */
static void suspend(void)
{
	s32 v;

	gic_init();
	gic_init_cpu();
	gic_enable(INTID_VTIMER);
	write_sysreg(cntv_tval_el0, ms(5));
	write_sysreg(cntv_ctl_el0, 1UL);
	isb();
	v = psci(PSCI_CPU_SUSPEND, 0, 0, 0);
	check(v == 0, "%d", v);
	check(wait_for(gic_is_pending(INTID_VTIMER), 10000), "no timer");
	write_sysreg(cntv_ctl_el0, 0UL);
	isb();
}

const struct test guest_tests[] = {
	{"K22.PSCI-version", version},
	{"K22.PSCI-features", features},
	{"K22.PSCI-unknown-function", unknown_function},
	{"K22.SMCCC-version", smccc_version, 1, ON_HYP},
	{"K22.PSCI-migrate-info", migrate_info},
	{"K22.PSCI-affinity-info", affinity_info},
	{"K22.PSCI-CPU_ON-bad-arguments", on_bad_arguments},
	{"K22.PSCI-CPU_SUSPEND", suspend},
	{"K22.PSCI-CPU_ON-and-OFF", on_and_off, 2},
	{"K13.PSCI-reset-state", reset_state, 2},
	{"K11.PSCI-CPU_ON-without-code", on_without_code},
	{NULL},
};

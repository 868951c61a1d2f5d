// SPDX-License-Identifier: BSD-2-Clause
/*
 * K24: every CPU the VM has, whether or not the board has as many; K23: FP and
 * SIMD registers survive every switch between vCPUs and VMs.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

const char guest_name[] = "smp";

void guest_hello(void)
{
	print("smp: %u CPUs\n", machine.cpus);
}

#define LONG_MS 60000

/* Run on every CPU, this one included; false: one did not come back. */
static bool on_all(void (*fn)(void *), void *arg)
{
	unsigned int i;
	bool ok = true;

	for (i = 1; i < machine.cpus; i++)
		smp_run(i, fn, arg);
	fn(arg);
	for (i = 1; i < machine.cpus; i++)
		if (!smp_wait(i, LONG_MS)) {
			rt_fail("CPU %u did not finish", i);
			ok = false;
		}
	return ok;
}

static u32 identity_errors;

static void look_at_self(void *arg)
{
	u64 m = read_sysreg(mpidr_el1) & 0xff00ffffffULL;

	if (m != machine.mpidr[this_cpu()->index])
		__atomic_fetch_add(&identity_errors, 1, __ATOMIC_RELAXED);
}

static void all_start(void)
{
	check(smp_start(machine.cpus), "not all CPUs started");
	identity_errors = 0;
	if (on_all(look_at_self, NULL))
		check(!identity_errors, "%u CPUs have another's MPIDR",
		      identity_errors);
}

/* ---- Shared memory --------------------------------------------------------- */

#define ROUNDS 2000U

static struct spinlock lock = SPINLOCK_INIT;
static u64 guarded[2];
static u64 atomic_sum;

static void count_under_lock(void *arg)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&lock);
		guarded[0]++;
		guarded[1] += guarded[0] & 1;
		spin_unlock(&lock);
		__atomic_fetch_add(&atomic_sum, 3, __ATOMIC_RELAXED);
	}
}

static void spin_locks(void)
{
	u64 n = (u64)ROUNDS * machine.cpus;

	guarded[0] = guarded[1] = atomic_sum = 0;
	if (!on_all(count_under_lock, NULL))
		return;
	check(guarded[0] == n && guarded[1] == n / 2, "counted %llu of %llu",
	      guarded[0], n);
	check(atomic_sum == 3 * n, "atomics: %llu of %llu", atomic_sum, 3 * n);
}

static u32 at_barrier[40];

static void barriers(void *arg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at_barrier); i++) {
		__atomic_fetch_add(&at_barrier[i], 1, __ATOMIC_ACQ_REL);
		while (__atomic_load_n(&at_barrier[i], __ATOMIC_ACQUIRE) <
		       machine.cpus)
			cpu_relax();
	}
}

static void forty_barriers(void)
{
	memset(at_barrier, 0, sizeof(at_barrier));
	on_all(barriers, NULL);
}

/* The token goes round; all but its holder sleep in WFE. */
static u32 token;

static void pass_token(void *arg)
{
	u32 me = this_cpu()->index, i;

	for (i = 0; i < 20; i++) {
		while (__atomic_load_n(&token, __ATOMIC_ACQUIRE) !=
		       i * machine.cpus + me)
			wfe();
		__atomic_store_n(&token, token + 1, __ATOMIC_RELEASE);
		dsb(ish);
		sev();
	}
}

static void wfe_and_sev(void)
{
	token = 0;
	if (on_all(pass_token, NULL))
		check(token == 20 * machine.cpus, "%u", token);
}

/* ---- Interrupts between CPUs -------------------------------------------------- */

static u32 ticked[MAX_CPUS];

static void tick(unsigned int intid)
{
	ticked[this_cpu()->index]++;
	write_sysreg(cntv_tval_el0, ms(3));
	isb();
}

static u32 relays;

/* SGI 1 goes from CPU to CPU in a ring. */
static void relay(unsigned int intid)
{
	u32 next = (this_cpu()->index + 1) % machine.cpus;

	if (__atomic_add_fetch(&relays, 1, __ATOMIC_ACQ_REL) <
	    10 * machine.cpus)
		gic_send_sgi(next, 1);
}

static u32 ready;

static void sleep_and_relay(void *arg)
{
	u64 end = now() + ms(LONG_MS / 2);

	gic_init_cpu();
	__atomic_fetch_add(&ready, 1, __ATOMIC_ACQ_REL);
	if (this_cpu()->index == 0) {
		wait_for(__atomic_load_n(&ready, __ATOMIC_ACQUIRE) ==
				 machine.cpus,
			 LONG_MS / 4);
		gic_send_sgi(1, 1);
	}
	/* With a timer, so that nobody sleeps over the end. */
	gic_enable(INTID_VTIMER);
	write_sysreg(cntv_tval_el0, ms(3));
	write_sysreg(cntv_ctl_el0, 1UL);
	while (__atomic_load_n(&relays, __ATOMIC_ACQUIRE) <
		       10 * machine.cpus &&
	       now() < end)
		idle();
	write_sysreg(cntv_ctl_el0, 0UL);
	isb();
}

static void sgi_ring(void)
{
	gic_init();
	gic_on(1, relay);
	gic_on(INTID_VTIMER, tick);
	relays = ready = 0;
	if (on_all(sleep_and_relay, NULL))
		check(relays >= 10 * machine.cpus, "%u of %u", relays,
		      10 * machine.cpus);
}

/* Every CPU with a timer of its own, in WFI between its ticks. */
static void tick_away(void *arg)
{
	u32 me = this_cpu()->index;
	u64 end = now() + ms(LONG_MS / 2);

	gic_init_cpu();
	gic_enable(INTID_VTIMER);
	write_sysreg(cntv_tval_el0, ms(3));
	write_sysreg(cntv_ctl_el0, 1UL);
	while (READ_ONCE(ticked[me]) < 30 && now() < end)
		idle();
	write_sysreg(cntv_ctl_el0, 0UL);
	isb();
	gic_disable(INTID_VTIMER);
}

static void timers_everywhere(void)
{
	unsigned int i;

	gic_init();
	gic_on(INTID_VTIMER, tick);
	memset(ticked, 0, sizeof(ticked));
	if (!on_all(tick_away, NULL))
		return;
	for (i = 0; i < machine.cpus; i++)
		check(ticked[i] >= 30, "CPU %u: %u ticks", i, ticked[i]);
}

/* ---- FP and SIMD -------------------------------------------------------------- */

static u64 fp_lost[MAX_CPUS];

/* Registers filled, then time for others to run and to fill theirs. */
static void keep_fp(void *arg)
{
	u32 me = this_cpu()->index, i;
	u64 seed = (me + 1) * 0x0123456789abcdULL, end;

	for (i = 0; i < 20 && !fp_lost[me]; i++) {
		fp_fill(seed + i);
		end = now() + ms(3);
		while (now() < end)
			if (i & 1)
				cpu_relax();
			else
				__asm__ volatile("yield");
		fp_lost[me] = fp_differ(seed + i);
	}
}

static void fp_is_kept(void)
{
	unsigned int i;

	memset(fp_lost, 0, sizeof(fp_lost));
	if (!on_all(keep_fp, NULL))
		return;
	for (i = 0; i < machine.cpus; i++)
		check(!fp_lost[i], "CPU %u: registers %#llx changed", i,
		      fp_lost[i]);
}

/* Over exits of every kind: MMIO, a hypercall, WFI, a fault. */
static void fp_over_exits(void)
{
	u64 lost = 0, page = fresh_ram(64 * SZ_4K, SZ_4K);
	unsigned int i;

	gic_init();
	gic_init_cpu();
	for (i = 0; i < 64 && !lost; i++) {
		fp_fill(i * 77);
		write32(page + i * SZ_4K, i);
		read32(machine.gicd + 4);
		psci(PSCI_VERSION, 0, 0, 0);
		gic_send_sgi(0, 1);
		wfi();
		irq_enable();
		isb();
		irq_disable();
		lost = fp_differ(i * 77);
	}
	check(!lost, "round %u: registers %#llx changed", i, lost);
}

/* All other per-CPU registers that a guest may set. */
static void keep_registers(void *arg)
{
	u64 me = this_cpu()->index + 1, i, bad = 0, end;

	for (i = 0; i < 20; i++) {
		registers_fill(me * 20 + i);
		end = now() + ms(3);
		while (now() < end)
			cpu_relax();
		bad |= registers_differ(me * 20 + i);
	}
	registers_fill(0);
	if (bad)
		rt_fail("CPU %llu: registers %#llx changed", me - 1, bad);
}

static void registers_are_kept(void)
{
	on_all(keep_registers, NULL);
}

/* ---- K8: translations --------------------------------------------------------- */

/*
 * Each CPU its own page behind one virtual address: with tables of its own
 * and the same ASID. Two vCPUs on one physical CPU must not see each other's.
 */
static u64 own_pages[MAX_CPUS][512] __attribute__((aligned(4096)));

static void look_at_own_page(void *arg)
{
	u32 me = this_cpu()->index, i, bad = 0;
	u64 end;

	own_pages[me][0] = 1000 + me;
	mmu_enter_own((u64)own_pages[me]);
	for (i = 0; i < 50; i++) {
		end = now() + ms(1);
		while (now() < end)
			bad += read64(MMU_OWN) != 1000 + me;
	}
	mmu_leave_own();
	if (bad)
		rt_fail("CPU %u saw another's page %u times", me, bad);
}

static void own_translations(void)
{
	on_all(look_at_own_page, NULL);
}

/* A page unmapped on one CPU is gone on all others. */
static u64 seen_fault;

static void expect_unmapped(void *arg)
{
	struct trap t = TRAP(load((u64)arg, 8));

	WRITE_ONCE(seen_fault, t.taken ? t.esr : 1);
}

static void unmap_reaches_all(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K), va = MMU_WINDOW + 0x5000;
	unsigned int i;

	for (i = 1; i < machine.cpus; i++) {
		mmu_map(va, page, MEM_NORMAL, true, false);
		smp_run(i, expect_unmapped, (void *)va);
		check(smp_wait(i, LONG_MS) && seen_fault == 1, "not mapped");
		mmu_unmap(va);
		smp_run(i, expect_unmapped, (void *)va);
		check(smp_wait(i, LONG_MS), "CPU %u hangs", i);
		check(ESR_FSC(seen_fault) == FSC_TRANSLATION(MMU_PAGE_LEVEL),
		      "CPU %u: still there, ESR %#llx", i, seen_fault);
	}
}

const struct test guest_tests[] = {
	{"K24.all-CPUs-start", all_start, 2},
	{"K24.spin-locks-and-atomics", spin_locks, 2},
	{"K24.barriers", forty_barriers, 2},
	{"K24.WFE-and-SEV", wfe_and_sev, 2},
	{"K24.SGI-ring", sgi_ring, 2},
	{"K24.timers-everywhere", timers_everywhere, 2},
	{"K23.FP-over-exits", fp_over_exits},
	{"K23.FP-is-kept", fp_is_kept},
	{"K23.registers-are-kept", registers_are_kept},
	{"K8.own-translations", own_translations, 2},
	{"K8.unmap-reaches-all", unmap_reaches_all, 2},
	{NULL},
};

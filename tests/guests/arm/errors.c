// SPDX-License-Identifier: BSD-2-Clause
/* Errors that are ARMv7's (K11, K31, K32): see tests/guests/errors.c. */
#include "tests/guests/arm/errors.h"

/* ---- Entry, and calls -------------------------------------------------------------- */

/* The boot protocol of Linux: r0 is 0, r1 all ones where there is a tree. */
static void boot_protocol(void)
{
	check(boot_registers[0] == 0, "r0 %#x", boot_registers[0]);
	check(boot_registers[1] == ~0U, "r1 %#x", boot_registers[1]);
}

/* r0 before and after. */
#define CALL(insn, fn)                                                         \
	({                                                                     \
		u32 v_ = (fn);                                                 \
		__asm__ volatile(".arch_extension virt\n\t"                    \
				 ".arch_extension sec\n\tmov r0, %0\n\t"       \
				 insn "\n\tmov %0, r0"                         \
				 : "+r"(v_)                                    \
				 :                                             \
				 : "r0", "r1", "r2", "r3", "cc", "memory");    \
		v_;                                                            \
	})

static void calls_with_an_immediate(void)
{
	u32 v = 0;
	struct trap t = TRAP(v = CALL("hvc #0x1234", PSCI_VERSION));

	check(!t.taken && (s32)v == NOT_SUPPORTED, "HVC: %#x, ESR %#llx", v,
	      t.esr);
	t = TRAP(v = CALL("hvc #0xffff", PSCI_VERSION));
	check(!t.taken && (s32)v == NOT_SUPPORTED, "HVC: %#x, ESR %#llx", v,
	      t.esr);
	/* Its immediate is nowhere to be read: HSR has none for SMC. */
	t = TRAP(v = CALL("smc #0xf", PSCI_VERSION));
	check(!t.taken && (v == 0x10001 || (s32)v == NOT_SUPPORTED),
	      "SMC: %#x, ESR %#llx", v, t.esr);
}

static void smc(void)
{
	u64 r[SMCCC_REGS] = {PSCI_VERSION};
	struct trap t = TRAP(smccc_smc(r));

	check(!t.taken && r[0] == 0x10001, "%#llx, ESR %#llx", r[0], t.esr);
}

/* One whose condition fails is no call. */
static void smc_not_executed(void)
{
	u32 v = 0;
	struct trap t = TRAP(v = CALL("cmp r0, r0\n\tsmcne #0", PSCI_VERSION));

	check(!t.taken && v == PSCI_VERSION, "%#x, ESR %#llx", v, t.esr);
}

/* ---- Registers of a target (K32) ------------------------------------------------------ */

/* L2CTLR's value is in exit_test.c: QEMU 7.2 does not trap it (HCR.TIDCP). */
static void targets_registers(void)
{
	u32 l2ctlr = 0, actlr = 0;
	struct trap t =
		TRAP(__asm__ volatile("mrc p15, 1, %0, c9, c0, 2" : "=r"(l2ctlr));
		     __asm__ volatile("mrc p15, 0, %0, c1, c0, 1" : "=r"(actlr)));

	check(!t.taken, "at %#llx", t.elr);
	check(actlr == (machine.cpus > 1 ? 1 << 6 : 0), "ACTLR %#x", actlr);
	/* They may be written, to no effect. */
	t = TRAP(__asm__ volatile("mcr p15, 1, %0, c9, c0, 2" ::"r"(~l2ctlr));
		 __asm__ volatile("mcr p15, 0, %0, c1, c0, 1" ::"r"(~actlr));
		 __asm__ volatile("mrc p15, 0, %0, c1, c0, 1" : "=r"(actlr)));
	check(!t.taken, "write at %#llx", t.elr);
	check(actlr == (machine.cpus > 1 ? 1 << 6 : 0), "ACTLR %#x", actlr);
}

/* ---- Exclusive accesses ---------------------------------------------------------------- */

/* The hypervisor may have used the local monitor itself: an exit clears it. */
static void exclusive_over_an_exit(void)
{
	static u32 word;
	u32 failed = 0, v = PSCI_VERSION;
	struct trap t = TRAP(
		__asm__ volatile(".arch_extension virt\n\tmov r0, %1\n\t"
				 "ldrex r1, [%2]\n\thvc #0\n\t"
				 "mov r1, #1\n\tstrex %0, r1, [%2]"
				 : "=&r"(failed)
				 : "r"(v), "r"(&word)
				 : "r0", "r1", "r2", "r3", "memory"));

	check(!t.taken, "ESR %#llx at %#llx", t.esr, t.elr);
	check(failed == 1 && !word, "STREX: %u, the word %u", failed, word);
}

/* ---- Caches and TLBs ----------------------------------------------------------------- */

#define CP15(op, v)                                                            \
	__asm__ volatile("mcr p15, 0, %0, " op ::"r"(v) : "memory")

static void set_and_way(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K);
	u32 level, set, way;

	write64(page, 42);
	for (level = 0; level < 2; level++)
		for (set = 0; set < 4; set++)
			for (way = 0; way < 2; way++) {
				u32 at = level << 1 | set << 6 | way << 31;

				CP15("c7, c10, 2", at);
				CP15("c7, c14, 2", at);
			}
	dsb(sy);
	check(read64(page) == 42, "a cached value is gone: %#llx", read64(page));
}

/* Every TLB, instruction cache and branch predictor operation of PL1. */
static void tlb_operations(void)
{
	struct trap t =
		TRAP(CP15("c8, c7, 0", ~0); CP15("c8, c7, 1", ~0);
		     CP15("c8, c7, 2", ~0); CP15("c8, c7, 3", ~0);
		     CP15("c8, c3, 0", ~0); CP15("c8, c3, 1", ~0);
		     CP15("c8, c3, 2", ~0); CP15("c8, c3, 3", ~0);
		     CP15("c8, c5, 0", ~0); CP15("c8, c6, 0", ~0);
		     CP15("c7, c5, 0", 0); CP15("c7, c1, 0", 0);
		     CP15("c7, c5, 6", 0); CP15("c7, c1, 6", 0); dsb(sy);
		     isb());

	check(!t.taken, "at %#llx: ESR %#llx", t.elr, t.esr);
}

const struct test errors_of_arch[] = {
	{"K31.boot-protocol", boot_protocol, 1, ON_HYP},
	{"K11.calls-with-an-immediate", calls_with_an_immediate, 1, ON_HYP},
	{"K11.SMC", smc, 1, ON_HYP},
	{"K11.SMC-that-is-not-executed", smc_not_executed, 1, ON_HYP},
	{"K32.target's-registers", targets_registers, 1, ON_HYP},
	{"K31.exclusive-access-over-an-exit", exclusive_over_an_exit, 1, ON_HYP},
	{"K10.set-and-way", set_and_way},
	{"K11.TLB-operations", tlb_operations},
	{.more = errors_of_access},
};

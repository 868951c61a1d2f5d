// SPDX-License-Identifier: BSD-2-Clause
/* Errors that are AArch64's (K11): see tests/guests/errors.c. */
#include "tests/guests/errors.h"
#include "lib/string.h"

/* MMU off: an address past the size that the CPU says it has. */
static void beyond_address_size(void)
{
	u64 range = read_sysreg(id_aa64mmfr0_el1) & 7;
	u64 at = (u64[]){1UL << 32, 1UL << 36, 1UL << 40, 1UL << 42, 1UL << 44,
			 1UL << 48, 1UL << 52, 1UL << 52}[range];
	struct trap t = TRAP(load(at, 8));

	check(is_abort(t, EC_DABT, FSC_SIZE(0)), "read of %#llx: ESR %#llx", at,
	      t.esr);
	check(t.far == at, "FAR %#llx", t.far);
	t = TRAP(store(at, 8, 0));
	check(is_abort(t, EC_DABT, FSC_SIZE(0)), "write: ESR %#llx", t.esr);
	t = TRAP(call_at(at));
	check(is_abort(t, EC_IABT, FSC_SIZE(0)), "fetch: ESR %#llx", t.esr);
	at |= 1UL << 47 | 0x3000;
	t = TRAP(load(at, 4));
	check(is_ec(t, EC_DABT), "read of %#llx: ESR %#llx", at, t.esr);
}

/* ---- Calls --------------------------------------------------------------------- */

static void hvc_with_immediate(void)
{
	register u64 x0 __asm__("x0") = 0x84000000;
	struct trap t = TRAP(__asm__ volatile("hvc #0x1234" : "+r"(x0)::"x1",
					      "x2", "x3", "memory"));

	check(!t.taken || is_ec(t, EC_UNKNOWN), "ESR %#llx", t.esr);
}

/* Undefined where there is no EL3; a hypervisor may answer NOT_SUPPORTED. */
static void smc(void)
{
	u64 r[18] = {0xdead0000};
	struct trap t = TRAP(smccc_smc(r));

	if (t.taken)
		check(is_ec(t, EC_UNKNOWN), "ESR %#llx", t.esr);
	else
		check((s32)r[0] == NOT_SUPPORTED, "x0 %#llx", r[0]);
}

/* ---- Instructions and system registers --------------------------------------- */

static void unknown_registers(void)
{
	expect_undefined("S3_0_C5_C7_7", read_sysreg(S3_0_C5_C7_7));
	expect_undefined("S3_0_C5_C7_7 write", write_sysreg(S3_0_C5_C7_7, 0UL));
	expect_undefined("S3_7_C15_C15_7", read_sysreg(S3_7_C15_C15_7));
	expect_undefined("S3_3_C11_C7_6", read_sysreg(S3_3_C11_C7_6));
	expect_undefined("write of an ID register",
			 write_sysreg(S3_0_C0_C0_0, 0UL));
}

static void higher_levels(void)
{
	expect_undefined("hcr_el2", read_sysreg(S3_4_C1_C1_0));
	expect_undefined("vttbr_el2", write_sysreg(S3_4_C2_C1_0, 0UL));
	expect_undefined("scr_el3", read_sysreg(S3_6_C1_C1_0));
	expect_undefined("tlbi alle1", __asm__ volatile("sys #4, c8, c7, #4"));
	expect_undefined("at s12e1r",
			 __asm__ volatile("sys #4, c7, c8, #4, xzr"));
}

static void instructions(void)
{
	struct trap t;

	expect_undefined("udf", __asm__ volatile(".inst 0x0000dead"));
	expect_undefined("hlt", __asm__ volatile("hlt #1"));
	t = TRAP(__asm__ volatile("svc #5"));
	check(is_ec(t, EC_SVC), "svc: ESR %#llx", t.esr);
	t = TRAP(__asm__ volatile("brk #7"));
	check(is_ec(t, 0x3c) && (t.esr & 0xffff) == 7, "brk: ESR %#llx", t.esr);
}

static void fp_disabled(void)
{
	struct trap t;

	write_sysreg(cpacr_el1, 0UL);
	isb();
	t = TRAP(__asm__ volatile(".inst 0x9e670000")); /* fmov d0, x0 */
	write_sysreg(cpacr_el1, 3UL << 20);
	isb();
	check(is_ec(t, EC_FP), "ESR %#llx", t.esr);
	t = TRAP(__asm__ volatile(".inst 0x9e670000"));
	check(!t.taken, "FP on again: ESR %#llx", t.esr);
}

#define field(reg, shift) (read_sysreg(reg) >> (shift) & 15)

/* What the ID registers deny is undefined; what they grant works. */
static void id_registers_tell_the_truth(void)
{
	u64 cpacr = read_sysreg(cpacr_el1);
	struct trap t;

	write_sysreg(cpacr_el1, cpacr | 3UL << 16 | 3UL << 24);
	isb();
	t = TRAP(read_sysreg(S3_0_C1_C2_0)); /* ZCR_EL1 */
	write_sysreg(cpacr_el1, cpacr);
	check(t.taken == !field(S3_0_C0_C4_0, 32), "SVE: ESR %#llx", t.esr);
	t = TRAP(read_sysreg(pmcr_el0));
	check(t.taken == !field(id_aa64dfr0_el1, 8), "PMU: ESR %#llx", t.esr);
	t = TRAP(read_sysreg(S3_0_C2_C1_0)); /* APIAKeyLo_EL1 */
	check(t.taken == !(read_sysreg(S3_0_C0_C6_1) & 0xff0),
	      "pointer authentication: ESR %#llx", t.esr);
	t = TRAP(read_sysreg(S3_0_C1_C0_6)); /* GCR_EL1 */
	check(t.taken == (field(S3_0_C0_C4_1, 8) < 2), "MTE: ESR %#llx", t.esr);
	t = TRAP(read_sysreg(S3_0_C9_C9_7)); /* PMSIDR_EL1 */
	check(t.taken || field(id_aa64dfr0_el1, 32), "statistical profiling");
	t = TRAP(read_sysreg(S3_0_C12_C12_5)); /* ICC_SRE_EL1 */
	check(t.taken == !field(id_aa64pfr0_el1, 24), "GIC registers: ESR %#llx",
	      t.esr);
	t = TRAP(read_sysreg(S3_3_C2_C4_0)); /* RNDR */
	check(t.taken == !field(id_aa64isar0_el1, 60), "RNDR: ESR %#llx", t.esr);
	check(field(id_aa64pfr0_el1, 24) == (machine.gic_version == 3),
	      "the tree has GICv%u", machine.gic_version);
}

/* K23: what a guest does not get, it does not see. */
static void id_registers_hide(void)
{
	check(!field(id_aa64pfr0_el1, 8), "EL2");
	check(!field(id_aa64pfr0_el1, 12), "EL3");
	check(!field(id_aa64pfr0_el1, 32), "SVE");
	check(!field(id_aa64pfr0_el1, 40), "MPAM");
	check(!field(id_aa64pfr0_el1, 44), "AMU");
	check(!field(id_aa64pfr1_el1, 8), "MTE");
	check(!field(id_aa64pfr1_el1, 24), "SME");
	check(!field(id_aa64dfr0_el1, 8), "PMU");
	check(!field(id_aa64dfr0_el1, 32), "SPE");
	check(!field(id_aa64dfr0_el1, 40), "trace filter");
	check(!field(id_aa64dfr0_el1, 44), "TRBE");
	check(!field(id_aa64mmfr1_el1, 8), "VHE");
	check((read_sysreg(id_aa64mmfr0_el1) & 15) <= 2,
	      "a physical address size over the 40 bits of the IPA");
}

/* op0 3, op1 0, CRn 0, CRm 1 to 7: none of these may ever trap to the guest. */
#define READ_ROW(m)                                                            \
	do {                                                                   \
		read_sysreg(S3_0_C0_C##m##_0);                                 \
		read_sysreg(S3_0_C0_C##m##_1);                                 \
		read_sysreg(S3_0_C0_C##m##_2);                                 \
		read_sysreg(S3_0_C0_C##m##_3);                                 \
		read_sysreg(S3_0_C0_C##m##_4);                                 \
		read_sysreg(S3_0_C0_C##m##_5);                                 \
		read_sysreg(S3_0_C0_C##m##_6);                                 \
		read_sysreg(S3_0_C0_C##m##_7);                                 \
	} while (0)

static void every_id_register(void)
{
	struct trap t = TRAP(READ_ROW(1); READ_ROW(2); READ_ROW(3); READ_ROW(4);
			     READ_ROW(5); READ_ROW(6); READ_ROW(7));

	check(!t.taken, "at %#llx: ESR %#llx", t.elr, t.esr);
	t = TRAP(read_sysreg(midr_el1); read_sysreg(mpidr_el1);
		 read_sysreg(revidr_el1); read_sysreg(aidr_el1);
		 read_sysreg(clidr_el1); read_sysreg(ctr_el0);
		 read_sysreg(dczid_el0));
	check(!t.taken, "ESR %#llx", t.esr);
}

/* Linux does all of this at boot: real, or read-as-zero. */
static void debug_registers(void)
{
	struct trap t = TRAP(read_sysreg(mdscr_el1);
			     write_sysreg(mdscr_el1, 0UL);
			     write_sysreg(S2_0_C1_C0_4, 0UL); /* OSLAR */
			     read_sysreg(S2_0_C1_C1_4);       /* OSLSR */
			     write_sysreg(S2_0_C1_C3_4, 0UL); /* OSDLR */
			     read_sysreg(dbgbvr0_el1);
			     write_sysreg(dbgbcr0_el1, 0UL);
			     read_sysreg(dbgwvr0_el1);
			     write_sysreg(dbgwcr0_el1, 0UL);
			     read_sysreg(mdccsr_el0));

	check(!t.taken, "at %#llx: ESR %#llx", t.elr, t.esr);
}

/* Whatever is there, the guest goes on. */
static void other_registers(void)
{
	/* Every guest's; and the CPU maker's own, which EL2 traps (HCR_EL2.TIDCP)
	 * where the CPU lets it: QEMU 7.2 does not. */
	struct trap seen = TRAP(read_sysreg(actlr_el1); read_sysreg(afsr0_el1);
				read_sysreg(amair_el1); read_sysreg(isr_el1));
	struct trap maker = TRAP(read_sysreg(S3_1_C15_C2_0);  /* CPUACTLR */
				 read_sysreg(S3_1_C11_C0_2)); /* L2CTLR */
	struct trap hidden =
		TRAP(read_sysreg(S3_3_C13_C2_3);       /* AMUSERENR */
		     write_sysreg(S3_3_C9_C14_0, 0UL); /* PMUSERENR */
		     read_sysreg(S2_2_C0_C0_0);	       /* TEECR32 */
		     read_sysreg(S2_1_C7_C14_6));      /* TRCAUTHSTATUS */

	check(seen.count == 0, "%u exceptions", seen.count);
	check(maker.count == 0 || maker.count == 2, "%u of two", maker.count);
	/* A bare CPU has its performance monitors. */
	check(machine.bare || hidden.count == 4, "%u of four", hidden.count);
}

/* ---- Odd accesses to devices ---------------------------------------------- */

#define UART_ID1 (machine.uart + 0xfe4) /* 0x10 on every PL011 */
#define UART_CELL3 (machine.uart + 0xffc) /* 0xb1 */

static void sign_extension(void)
{
	u64 a, b, c, d;

	__asm__ volatile("ldrsb %0, [%4]\n\tldrsb %w1, [%4]\n\t"
			 "ldrsw %2, [%4]\n\tldrb %w3, [%4]"
			 : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d)
			 : "r"(UART_CELL3));
	check(a == 0xffffffffffffffb1, "ldrsb x: %#llx", a);
	check(b == 0xffffffb1, "ldrsb w: %#llx", b);
	check(c == 0xb1, "ldrsw: %#llx", c);
	check(d == 0xb1, "ldrb: %#llx", d);
}

static void zero_register(void)
{
	u64 v = 1;

	__asm__ volatile("ldr wzr, [%1]\n\tmov %0, xzr"
			 : "=r"(v)
			 : "r"(UART_CELL3));
	check(!v, "xzr reads %#llx", v);
	__asm__ volatile("str wzr, [%0]" ::"r"(machine.uart + 0x38)
			 : "memory");
}

/* A big-endian guest: the bytes come the other way round. */
static void big_endian(void)
{
	u64 sctlr = read_sysreg(sctlr_el1), v;

	__asm__ volatile("msr sctlr_el1, %2\n\tisb\n\tldr %w0, [%3]\n\t"
			 "msr sctlr_el1, %1\n\tisb"
			 : "=&r"(v)
			 : "r"(sctlr), "r"(sctlr | 1UL << 25), "r"(UART_CELL3)
			 : "memory");
	check(v == 0xb1000000, "%#llx", v);
}

/*
 * Loads and stores whose syndrome does not describe them (ISV = 0): emulated
 * as hardware does them, or an external abort and nothing changed.
 */
static void no_syndrome(void)
{
	u64 a = 0x5a, b = 0x5a, base = UART_CELL3;
	struct trap t;

	t = TRAP(__asm__ volatile("ldp %w0, %w1, [%2]"
				  : "+r"(a), "+r"(b)
				  : "r"(machine.uart + 0xff8)));
	if (!t.taken)
		check(a == 5 && b == 0xb1, "ldp: %#llx, %#llx", a, b);
	else
		check(is_abort(t, EC_DABT, FSC_EXTERNAL) && a == 0x5a,
		      "ldp: ESR %#llx", t.esr);
	a = 0x5a;
	t = TRAP(__asm__ volatile("ldr %w0, [%1], #4" : "+r"(a), "+r"(base)));
	if (!t.taken)
		check(a == 0xb1 && base == UART_CELL3 + 4, "post-index: %#llx",
		      a);
	else
		check(is_abort(t, EC_DABT, FSC_EXTERNAL) && a == 0x5a &&
			      base == UART_CELL3,
		      "post-index: ESR %#llx, base %#llx", t.esr, base);
	base = machine.uart + 0x34;
	t = TRAP(__asm__ volatile("str wzr, [%0, #4]!" : "+r"(base)));
	check(!t.taken ? base == machine.uart + 0x38 :
			 is_abort(t, EC_DABT, FSC_EXTERNAL),
	      "pre-index: ESR %#llx, base %#llx", t.esr, base);
	t = TRAP(__asm__ volatile("stp wzr, wzr, [%0]" ::"r"(machine.uart +
							     0xfe0)));
	check(!t.taken || is_abort(t, EC_DABT, FSC_EXTERNAL), "stp: ESR %#llx",
	      t.esr);
	t = TRAP(__asm__ volatile(".inst 0x3dc00000 | 0 | %0 << 5" ::"i"(31)
				  : "memory")); /* ldr q0, [sp]: harmless */
	check(!t.taken, "ldr q0: ESR %#llx", t.esr);
}

static void exclusive_and_more(void)
{
	u64 a = 0, at = UART_CELL3;
	register u64 x9 __asm__("x9") = at;
	struct trap t;

	t = TRAP(__asm__ volatile("ldxr %w0, [%1]" : "+r"(a) : "r"(at)));
	check(!t.taken || is_ec(t, EC_DABT), "ldxr: ESR %#llx", t.esr);
	t = TRAP(__asm__ volatile("ldar %w0, [%1]" : "+r"(a) : "r"(at)));
	check(!t.taken ? a == 0xb1 : is_ec(t, EC_DABT), "ldar: ESR %#llx",
	      t.esr);
	/* ldr q0, [x9]; str q0, [x9]; ld1 {v0.16b}, [x9] */
	t = TRAP(__asm__ volatile(".inst 0x3dc00120\n\t.inst 0x3d800120\n\t"
				  ".inst 0x4c407120" ::"r"(x9)
				  : "memory"));
	check(!t.taken || is_ec(t, EC_DABT), "vector: ESR %#llx", t.esr);
	t = TRAP(__asm__ volatile("dc zva, %0" ::"r"(at) : "memory"));
	check(!t.taken || is_ec(t, EC_DABT), "dc zva: ESR %#llx", t.esr);
	t = TRAP(__asm__ volatile("dc civac, %0\n\tdc ivac, %0\n\tic ivau, %0"
				  "\n\tprfm pldl1keep, [%0]" ::"r"(HOLE)
				  : "memory"));
	check(!t.taken || is_ec(t, EC_DABT), "maintenance: ESR %#llx", t.esr);
}

/* ---- Caches ----------------------------------------------------------------- */

#define EACH_LINE(op)                                                          \
	do {                                                                   \
		for (set = 0; set < 4; set++)                                  \
			for (way = 0; way < 2; way++)                          \
				__asm__ volatile(op ", %0" ::"r"(              \
					(u64)level << 1 | set << 6 |           \
					way << 31)                             \
						 : "memory");                  \
	} while (0)

static void set_and_way(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K), set, way;
	unsigned int level;

	write64(page, 42);
	for (level = 0; level < 3; level++) {
		write_sysreg(csselr_el1, (u64)level << 1);
		isb();
		read_sysreg(ccsidr_el1);
		EACH_LINE("dc csw");
		EACH_LINE("dc cisw");
	}
	dsb(sy);
	check(read64(page) == 42, "a cached value is gone: %#llx", read64(page));
	__asm__ volatile("ic iallu\n\tic ialluis\n\tdsb sy\n\tisb" ::: "memory");
}

/* Every TLB operation of EL1 that ARMv8.0 has. */
static void tlb_operations(void)
{
	struct trap t =
		TRAP(__asm__ volatile("tlbi vmalle1\n\ttlbi vmalle1is\n\t"
				      "tlbi vae1, %0\n\ttlbi vae1is, %0\n\t"
				      "tlbi aside1, %0\n\ttlbi aside1is, %0\n\t"
				      "tlbi vaae1, %0\n\ttlbi vaae1is, %0\n\t"
				      "tlbi vale1, %0\n\ttlbi vale1is, %0\n\t"
				      "tlbi vaale1, %0\n\ttlbi vaale1is, %0\n\t"
				      "dsb sy\n\tisb" ::"r"(~0UL)
				      : "memory"));

	check(!t.taken, "ESR %#llx", t.esr);
}

/* On SP_EL0, so that the handler's own stack stays good. */
#define with_sp0(sp, insn)                                                     \
	__asm__ volatile("msr spsel, #0\n\tmov x9, sp\n\tmov sp, %0\n\t" insn  \
			 "\n\tmov sp, x9\n\tmsr spsel, #1" ::"r"(sp)           \
			 : "x9", "x10", "memory")

static void stack_in_a_hole(void)
{
	struct trap t = TRAP(with_sp0(HOLE + 0x100, "ldr x10, [sp]"));

	check(is_abort(t, EC_DABT, FSC_EXTERNAL), "read: ESR %#llx", t.esr);
	t = TRAP(with_sp0(HOLE + 0x100, "stp x10, x10, [sp, #-16]!"));
	check(is_ec(t, EC_DABT), "push: ESR %#llx", t.esr);
	check(t.far == HOLE + 0xf0, "FAR %#llx", t.far);
}

/* QEMU does not check the alignment of SP; hardware does. */
static void stack_unaligned(void)
{
	u64 page = fresh_ram(SZ_4K, SZ_4K);
	struct trap t;

	write_sysreg(sctlr_el1, read_sysreg(sctlr_el1) | 8);
	isb();
	t = TRAP(with_sp0(page + 8, "ldr x10, [sp]"));
	check(!t.taken || is_ec(t, EC_SP_ALIGN), "ESR %#llx", t.esr);
}

static void pc_unaligned(void)
{
	struct trap t = TRAP(call_at((u64)_head + 2));

	check(is_ec(t, EC_PC_ALIGN), "ESR %#llx", t.esr);
}

/* A return to EL2 sets PSTATE.IL: an exception at the next instruction. */
static void illegal_return(void)
{
	struct trap t = TRAP(__asm__ volatile(
		"adr x9, 1f\n\tmsr elr_el1, x9\n\tmov x9, #0x3c9\n\t"
		"msr spsr_el1, x9\n\teret\n1:\tnop" ::
			: "x9", "memory"));

	check(is_ec(t, EC_ILLEGAL), "ESR %#llx", t.esr);
}

const struct test errors_of_arch[] = {
	{"K11.beyond-the-address-size", beyond_address_size, 1, CACHES_OFF},
	{"K11.big-endian-device-access", big_endian, 1, CACHES_OFF},
	{"K11.hypercall-with-an-immediate", hvc_with_immediate},
	{"K11.SMC", smc},
	{"K11.unknown-system-registers", unknown_registers},
	{"K11.registers-of-higher-levels", higher_levels},
	{"K11.instructions", instructions},
	{"K23.FP-disabled-by-the-guest", fp_disabled},
	{"K23.ID-registers-tell-the-truth", id_registers_tell_the_truth},
	{"K23.ID-registers-hide", id_registers_hide, 1, ON_HYP},
	{"K23.every-ID-register-reads", every_id_register},
	{"K23.debug-registers", debug_registers},
	{"K11.other-registers", other_registers},
	{"K11.sign-extension-from-a-device", sign_extension},
	{"K11.zero-register-and-a-device", zero_register},
	{"K11.device-access-without-syndrome", no_syndrome},
	{"K11.exclusive-and-vector-device-access", exclusive_and_more},
	{"K10.set-and-way", set_and_way},
	{"K11.TLB-operations", tlb_operations},
	{"K11.stack-in-a-hole", stack_in_a_hole},
	{"K11.stack-unaligned", stack_unaligned},
	{"K11.PC-unaligned", pc_unaligned},
	{"K11.illegal-return", illegal_return},
	{.more = errors_for_good},
};

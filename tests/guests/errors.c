// SPDX-License-Identifier: BSD-2-Clause
/*
 * K11: a guest that errs gets the exception that hardware gives, and the
 * hypervisor goes on. Where hardware leaves the outcome open, or a virtual
 * machine may differ, the test only asks that the guest goes on.
 */
#include "tests/guests/rt/rt.h"
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
	u64 bits = (u64[]){32, 36, 40, 42, 44, 48, 52, 52}
		[read_sysreg(id_aa64mmfr0_el1) & 7];
	u64 at[] = {HOLE, machine.ram_base + machine.ram_size,
		    machine.ram_base + machine.ram_size + SZ_1G,
		    (1UL << min(bits, (u64)48)) - SZ_4K};
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

static void unknown_hypercalls(void)
{
	static const u64 ids[] = {0x84000099, 0xc400dead, 0x8600ffff,
				  0xc6000000, 0xffffffff, 0x80007fff,
				  0x00000000, 0xdeadbeefcafef00d};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		u64 r[18];
		struct trap t;

		for (n = 0; n < 18; n++)
			r[n] = 0x1111111111111111 * (n & 15);
		r[0] = ids[i];
		t = TRAP(smccc_hvc(r));
		check(!t.taken, "%#llx: ESR %#llx", ids[i], t.esr);
		check((s32)r[0] == NOT_SUPPORTED, "%#llx: %#llx", ids[i], r[0]);
		for (n = 4; n < 18; n++)
			check(r[n] == 0x1111111111111111 * (n & 15),
			      "%#llx: x%u changed to %#llx", ids[i], n, r[n]);
	}
}

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

#define expect_undefined(what, ...)                                            \
	do {                                                                   \
		struct trap u_ = TRAP(__VA_ARGS__);                            \
		check(is_ec(u_, EC_UNKNOWN), "%s: %s, ESR %#llx", what,         \
		      u_.taken ? "other exception" : "no exception", u_.esr);  \
	} while (0)

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

static void mpidr_is_the_trees(void)
{
	u64 v = read_sysreg(mpidr_el1);

	check((v & 0xff00ffffffUL) == machine.mpidr[0], "%#llx, not %#llx", v,
	      machine.mpidr[0]);
	check(v >> 31 & 1, "RES1 bit 31: %#llx", v);
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
	static const u64 values[] = {0, ~0UL, 0x5555555555555555};
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
	u64 frames = machine.cpus * 0x20000UL;

	check(sweep(machine.gicr, 0x20000, false, 0), "reads");
	check(sweep(machine.gicr + 0x10000, 0x10000, true, 0), "writes");
	if (machine.bare)
		return; /* LPIs on, with tables anywhere: QEMU's own affair */
	check(sweep(machine.gicr, frames, true, ~0UL), "writes of ones");
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
	check(sweep(machine.uart + 4, 0xffc, true, ~0UL), "writes of ones");
	check(sweep(machine.uart + 4, 0xffc, true, 0), "writes of zeros");
	/* Transmit and receive on, FIFOs off, no interrupts. */
	write32(machine.uart + 0x30, 0x301);
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

/* ---- A lost stack and other ruins ----------------------------------------- */

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

/* No vectors, no stack: exceptions without end, on a CPU of its own. */
static void ruin(void *arg)
{
	write_sysreg(vbar_el1, (u64)stuck_vectors);
	isb();
	__asm__ volatile("mov sp, %0\n\tstp x0, x1, [sp, #-16]!" ::"r"(arg)
			 : "memory");
}

static void ruin_vectors(void *arg)
{
	write_sysreg(vbar_el1, (u64)arg);
	isb();
	__asm__ volatile("svc #0" ::: "memory");
}

static void keep_going(const char *what)
{
	u64 start = now();

	delay(300);
	check(now() - start >= ms(300), "%s: the counter stands", what);
	check(psci(PSCI_AFFINITY_INFO64, machine.mpidr[1], 0, 0) == 0,
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
	{"K11.beyond-the-address-size", beyond_address_size, 1, CACHES_OFF},
	{"K11.big-endian-device-access", big_endian, 1, CACHES_OFF},
	{"K11.hole", hole},
	{"K11.holes-all-over", many_holes},
	{"K11.fetch-from-a-device", fetch_from_device, 1, ON_HYP},
	{"K11.unknown-hypercalls", unknown_hypercalls},
	{"K11.hypercall-with-an-immediate", hvc_with_immediate},
	{"K11.SMC", smc},
	{"K11.unknown-system-registers", unknown_registers},
	{"K11.registers-of-higher-levels", higher_levels},
	{"K11.instructions", instructions},
	{"K23.FP-disabled-by-the-guest", fp_disabled},
	{"K23.ID-registers-tell-the-truth", id_registers_tell_the_truth},
	{"K23.ID-registers-hide", id_registers_hide, 1, ON_HYP},
	{"K23.every-ID-register-reads", every_id_register},
	{"K23.MPIDR-is-the-tree's", mpidr_is_the_trees},
	{"K23.debug-registers", debug_registers},
	{"K11.other-registers", other_registers},
	{"K11.sign-extension-from-a-device", sign_extension},
	{"K11.zero-register-and-a-device", zero_register},
	{"K11.device-access-without-syndrome", no_syndrome},
	{"K11.exclusive-and-vector-device-access", exclusive_and_more},
	{"K11.unaligned-device-access", unaligned_device},
	{"K11.every-GIC-offset", gic_any_version},
	{"K11.every-UART-offset", uart_offsets},
	{"K10.set-and-way", set_and_way},
	{"K11.TLB-operations", tlb_operations},
	{"K11.stack-in-a-hole", stack_in_a_hole},
	{"K11.stack-unaligned", stack_unaligned},
	{"K11.PC-unaligned", pc_unaligned},
	{"K11.illegal-return", illegal_return},
	{"K11.stack-lost-for-good", stack_lost_for_good, 2},
	{"K11.vectors-lost-for-good", vectors_lost_for_good, 3},
	{"K11.stack-in-a-device-for-good", stack_in_device_for_good, 4},
	{NULL},
};

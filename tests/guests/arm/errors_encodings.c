// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every encoding of a coprocessor access: those that are to be undefined are, and
 * none harms anybody (K31, K32). What is there is ARM DDI 0406C, B3.17 and C11.
 */
#include "tests/guests/arm/errors.h"
#include "lib/string.h"

#define A32_CLEAR_R0 0xe3a00000U
#define A32_CLEAR_R1 0xe3a01000U
#define READ (1U << 20)
#define MCR(cp, op1, crn, crm, op2)                                            \
	(0xee000010U | (op1) << 21 | (crn) << 16 | (cp) << 8 | (op2) << 5 |    \
	 (crm))
#define MRC(cp, op1, crn, crm, op2) (MCR(cp, op1, crn, crm, op2) | READ)
#define MCRR(cp, op1, crm) (0xec410000U | (cp) << 8 | (op1) << 4 | (crm))
#define MRRC(cp, op1, crm) (MCRR(cp, op1, crm) | READ)

/*
 * What is defined: for each group of eight encodings, by op2, what may be read and
 * written by PL1, and what by User mode. `open`: what is one implementation's and
 * not another's, either way.
 */
static const struct group {
	u8 cp, op1, crn, crm;
	u8 reads, writes, user_reads, user_writes, open;
} groups[] = {
	{15, 0, 0, 0, .reads = 0xff},
	{15, 0, 0, 1, .reads = 0xff}, {15, 0, 0, 2, .reads = 0xff},
	{15, 0, 0, 3, .reads = 0xff}, {15, 0, 0, 4, .reads = 0xff},
	{15, 0, 0, 5, .reads = 0xff}, {15, 0, 0, 6, .reads = 0xff},
	{15, 0, 0, 7, .reads = 0xff},
	{15, 1, 0, 0, .reads = 0x83}, /* CCSIDR, CLIDR, AIDR */
	{15, 2, 0, 0, .reads = 0x01, .writes = 0x01}, /* CSSELR */
	{15, 0, 1, 0, .reads = 0x07, .writes = 0x07}, /* SCTLR, ACTLR, CPACR */
	{15, 0, 1, 1, .open = 0x04},                  /* NSACR may be read */
	{15, 0, 2, 0, .reads = 0x07, .writes = 0x07}, /* TTBR0, TTBR1, TTBCR */
	{15, 0, 3, 0, .reads = 0x01, .writes = 0x01}, /* DACR */
	{15, 0, 5, 0, .reads = 0x03, .writes = 0x03}, /* DFSR, IFSR */
	{15, 0, 5, 1, .reads = 0x03, .writes = 0x03}, /* ADFSR, AIFSR */
	/* DFAR, IFAR; once WFAR between them */
	{15, 0, 6, 0, .reads = 0x05, .writes = 0x05, .open = 0x02},
	/* Caches, barriers, address translation. */
	{15, 0, 7, 1, .writes = 0x41},
	{15, 0, 7, 4, .reads = 0x01, .writes = 0x01}, /* PAR */
	{15, 0, 7, 5, .writes = 0xd3, .user_writes = 0x10},
	{15, 0, 7, 6, .writes = 0x06},
	{15, 0, 7, 8, .writes = 0x0f},
	{15, 0, 7, 10, .writes = 0x36, .user_writes = 0x30},
	{15, 0, 7, 11, .writes = 0x02},
	{15, 0, 7, 14, .writes = 0x06},
	{15, 0, 8, 3, .writes = 0x0f}, {15, 0, 8, 5, .writes = 0x07},
	{15, 0, 8, 6, .writes = 0x07}, {15, 0, 8, 7, .writes = 0x0f},
	{15, 1, 9, 0, .reads = 0x0c, .writes = 0x0c}, /* L2CTLR, L2ECTLR */
	{15, 0, 10, 2, .reads = 0x03, .writes = 0x03}, /* PRRR, NMRR */
	{15, 0, 10, 3, .reads = 0x03, .writes = 0x03}, /* AMAIR0, AMAIR1 */
	{15, 0, 12, 0, .reads = 0x01, .writes = 0x01}, /* VBAR */
	{15, 0, 12, 1, .reads = 0x01},                 /* ISR */
	/* FCSEIDR, CONTEXTIDR, TPIDRURW, TPIDRURO, TPIDRPRW */
	{15, 0, 13, 0, .reads = 0x1f, .writes = 0x1f, .user_reads = 0x0c,
	 .user_writes = 0x04},
	{15, 0, 14, 0, .reads = 0x01},                 /* CNTFRQ */
	{15, 0, 14, 1, .reads = 0x01, .writes = 0x01}, /* CNTKCTL */
	{15, 0, 14, 2, .reads = 0x03, .writes = 0x03}, /* CNTP_ */
	{15, 0, 14, 3, .reads = 0x03, .writes = 0x03}, /* CNTV_ */
	{14, 0, 0, 0, .reads = 0x01, .user_reads = 0x01}, /* DBGDIDR */
	/* TEECR, TEEHBR; JIDR, JOSCR, JMCR: ThumbEE and Jazelle */
	{14, 6, 0, 0, .open = 0x01}, {14, 6, 1, 0, .open = 0x01},
	{14, 7, 0, 0, .open = 0x01}, {14, 7, 1, 0, .open = 0x01},
	{14, 7, 2, 0, .open = 0x01},
};

/*
 * Unallocated, and no concern of a hypervisor's: c7 may be anything; QEMU 7.2 finds
 * DACR all over c3, and does nothing in some of c10, which hardware would trap
 * (HCR.TIDCP).
 */
static bool is_unpredictable(u8 op1, u8 crn, u8 crm)
{
	return crn == 3 || (crn == 7 && op1 == 0) ||
	       (crn == 10 && crm < 9 && 0x113 >> crm & 1);
}

static struct group group_of(u8 cp, u8 op1, u8 crn, u8 crm)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].cp == cp && groups[i].op1 == op1 &&
		    groups[i].crn == crn && groups[i].crm == crm)
			return groups[i];
	return (struct group){0};
}

/* Undefined instructions in the code are noted from here on, until notes_end(). */
static void notes_begin(u32 code, unsigned int words)
{
	memset(rt_notes.was, 0, sizeof(rt_notes.was));
	rt_notes.begin = code;
	rt_notes.end = code + words * 4;
}

static void notes_end(void)
{
	rt_notes.begin = rt_notes.end = 0;
}

static struct trap run_noting(const u32 *code, unsigned int words, bool user)
{
	struct registers r = {{0}};
	u32 at = put_a32(code, words);
	struct trap t;

	notes_begin(at, words);
	t = TRAP(if (user) run_user(at, &r); else run(at, &r));
	notes_end();
	return t;
}

/* ---- MRC and MCR ----------------------------------------------------------------- */

#define PER_ACCESS 3

/*
 * All 128 with this op1 and CRn: read, and what was read (else 0) written back if
 * it is about writing.
 */
static void try_128(u8 cp, u8 op1, u8 crn, bool write, bool user)
{
	static u32 code[128 * PER_ACCESS + 1];
	unsigned int i;
	struct trap t;

	for (i = 0; i < 128; i++) {
		u32 *c = &code[i * PER_ACCESS], crm = i >> 3, op2 = i & 7;

		c[0] = A32_CLEAR_R0;
		c[1] = MRC(cp, op1, crn, crm, op2);
		c[2] = write ? MCR(cp, op1, crn, crm, op2) : A32_NOP;
	}
	code[128 * PER_ACCESS] = A32_RETURN;
	t = run_noting(code, ARRAY_SIZE(code), user);
	check(!t.taken || (user && ESR_EC(t.esr) == EC_SVC),
	      "p%u, %u, c%u: ESR %#llx at %#llx", cp, op1, crn, t.esr, t.elr);
	for (i = 0; i < 128; i++) {
		struct group g = group_of(cp, op1, crn, i >> 3);
		bool undefined = rt_notes.was[i * PER_ACCESS + 1 + write];
		u8 set = user ? (write ? g.user_writes : g.user_reads) :
				(write ? g.writes : g.reads);
		bool defined = set >> (i & 7) & 1;

		if (g.open >> (i & 7) & 1 ||
		    (!defined && !user && cp == 15 &&
		     is_unpredictable(op1, crn, i >> 3)))
			continue;
		check(undefined != defined,
		      "%s p%u, %u, c%u, c%u, %u%s: %s", write ? "MCR" : "MRC",
		      cp, op1, crn, i >> 3, i & 7, user ? " in User mode" : "",
		      undefined ? "undefined" : "not undefined");
	}
}

static void try_all(bool write, bool user)
{
	u8 cp, op1, crn;

	/* Whatever is CP15's WFI to somebody ends at once. */
	write_sysreg(cntv_cval_el0, 0ULL);
	write_sysreg(cntv_ctl_el0, 1ULL);
	for (cp = 14; cp < 16; cp++)
		for (op1 = 0; op1 < 8; op1++)
			for (crn = 0; crn < 16 && !rt_failed(); crn++)
				try_128(cp, op1, crn, write, user);
	write_sysreg(cntv_ctl_el0, 0ULL);
}

static void every_read(void)
{
	try_all(false, false);
}

static void every_write(void)
{
	try_all(true, false);
}

static void every_user_read(void)
{
	try_all(false, true);
}

static void every_user_write(void)
{
	try_all(true, true);
}

/* ---- MRRC and MCRR ---------------------------------------------------------------- */

/* By op1: TTBR0, TTBR1; PAR; CNTPCT, CNTVCT, CNTP_CVAL, CNTV_CVAL. */
static bool is_defined_64(u8 cp, u8 op1, u8 crm, bool write)
{
	if (cp != 15)
		return false;
	switch (crm) {
	case 2:
		return op1 < 2;
	case 7:
		return op1 == 0;
	case 14:
		return op1 < 4 && (op1 > 1 || !write);
	}
	return false;
}

#define PER_ACCESS_64 4

static void try_64(u8 cp, bool user)
{
	static u32 code[256 * PER_ACCESS_64 + 1];
	unsigned int i, w;
	struct trap t;

	for (i = 0; i < 256; i++) {
		u32 *c = &code[i * PER_ACCESS_64];

		c[0] = A32_CLEAR_R0;
		c[1] = A32_CLEAR_R1;
		c[2] = MRRC(cp, i >> 4, i & 15);
		c[3] = MCRR(cp, i >> 4, i & 15);
	}
	code[256 * PER_ACCESS_64] = A32_RETURN;
	t = run_noting(code, ARRAY_SIZE(code), user);
	check(!t.taken || (user && ESR_EC(t.esr) == EC_SVC),
	      "p%u: ESR %#llx at %#llx", cp, t.esr, t.elr);
	for (i = 0; i < 512; i++) {
		w = i & 1;
		/* DBGDRAR and DBGDSAR: QEMU 7.2 traps them in 32 bits alone. */
		if (cp == 14 && !w && (i >> 1 == 1 || i >> 1 == 2))
			continue;
		check(rt_notes.was[i / 2 * PER_ACCESS_64 + 2 + w] ==
			      (user || !is_defined_64(cp, i >> 5, i >> 1 & 15, w)),
		      "%s p%u, %u, c%u%s", w ? "MCRR" : "MRRC", cp, i >> 5,
		      i >> 1 & 15, user ? " in User mode" : "");
	}
}

static void every_64(void)
{
	u8 cp;

	for (cp = 14; cp < 16 && !rt_failed(); cp++) {
		try_64(cp, false);
		try_64(cp, true);
	}
}

/* ---- Everything else of coprocessors ------------------------------------------------- */

/* CDP, LDC and STC, and each of the second space (CDP2 and so on, `cond` 0xf), of
 * any coprocessor but VFP's. r1 is an address in RAM. Half-precision loads of
 * ARMv8 are p9's, and QEMU 7.2 has them on every CPU. */
static void try_coprocessor(u32 cp, u32 cond)
{
	static const u32 insn[] = {
		0x0e000000, 0x0e0f0000, 0x0ef0f0e0, /* CDP */
		0x0d910000, 0x0d810000,		    /* LDC, STC [r1] */
		0x0d915000, 0x0d815000,		    /* DBGDTRTX, DBGDTRRX */
		0x0d900004, 0x0cb10004,		    /* LDC literal, [r1], #16 */
		0x0e100010, 0x0e000010,		    /* MRC, MCR */
		0x0c510000, 0x0c410000,		    /* MRRC, MCRR */
	};
	u32 code[ARRAY_SIZE(insn) + 1];
	unsigned int i, n = cp >= 14 && cond != 15 ? 9 : ARRAY_SIZE(insn);
	struct registers r = {{[1] = (u32)_head}};
	struct trap t;
	u32 at;

	for (i = 0; i < n; i++)
		code[i] = cond << 28 | insn[i] | cp << 8;
	code[n] = A32_RETURN;
	at = put_a32(code, n + 1);
	notes_begin(at, n);
	t = TRAP(run(at, &r));
	notes_end();
	check(!t.taken, "p%u: ESR %#llx", cp, t.esr);
	for (i = 0; i < n; i++)
		check(rt_notes.was[i], "%#x is not undefined", code[i]);
}

static void other_coprocessors(void)
{
	u64 cpacr = read_sysreg(cpacr_el1);
	u32 cp;

	/* The guest lets itself do everything. */
	write_sysreg(cpacr_el1, 0x0fffffffULL);
	isb();
	for (cp = 0; cp < 16 && !rt_failed(); cp++) {
		if (cp >= 9 && cp <= 11)
			continue;
		try_coprocessor(cp, 14);
		try_coprocessor(cp, 15);
	}
	write_sysreg(cpacr_el1, cpacr);
	isb();
}

/* ---- VFP --------------------------------------------------------------------------- */

#define CPACR_VFP (0xfU << 20)
#define VMOV_D0 0xec410b10U    /* vmov d0, r0, r1 */
#define VADD_I32 0xf2200800U   /* vadd.i32 d0, d0, d0 */
#define VMRS_MVFR0 0xeef70a10U /* vmrs r0, mvfr0 */
#define VMRS_FPSCR 0xeef10a10U

static bool vfp_is_undefined(u32 insn)
{
	u32 code[] = {insn, A32_RETURN};

	run_noting(code, 2, false);
	return rt_notes.was[0];
}

static void set_fpexc(u32 v)
{
	u32 code[] = {0xeee80a10U, A32_RETURN}; /* vmsr fpexc, r0 */
	struct registers r = {{v}};

	run(put_a32(code, 2), &r);
}

static void vfp_off(void)
{
	static const u32 insn[] = {VMOV_D0, VADD_I32, VMRS_FPSCR};
	u64 cpacr = read_sysreg(cpacr_el1);
	bool undefined[2][4];
	unsigned int i;

	set_fpexc(0);
	for (i = 0; i < 3; i++)
		undefined[0][i] = vfp_is_undefined(insn[i]);
	undefined[0][3] = vfp_is_undefined(VMRS_MVFR0);
	set_fpexc(1U << 30);
	write_sysreg(cpacr_el1, cpacr & ~(u64)CPACR_VFP);
	isb();
	for (i = 0; i < 3; i++)
		undefined[1][i] = vfp_is_undefined(insn[i]);
	undefined[1][3] = vfp_is_undefined(VMRS_MVFR0);
	write_sysreg(cpacr_el1, cpacr);
	isb();
	for (i = 0; i < 3; i++) {
		check(undefined[0][i], "%#x with FPEXC.EN clear", insn[i]);
		check(undefined[1][i], "%#x with CPACR clear", insn[i]);
		check(!vfp_is_undefined(insn[i]), "%#x when on again", insn[i]);
	}
	check(!undefined[0][3], "MVFR0 with FPEXC.EN clear");
	check(undefined[1][3], "MVFR0 with CPACR clear");
}

const struct test errors_of_encodings[] = {
	{"K32.every-MRC", every_read, 1, ON_HYP},
	{"K32.every-MCR", every_write, 1, ON_HYP},
	{"K32.every-MRC-in-User-mode", every_user_read, 1, ON_HYP},
	{"K32.every-MCR-in-User-mode", every_user_write, 1, ON_HYP},
	{"K32.every-MRRC-and-MCRR", every_64, 1, ON_HYP},
	{"K31.other-coprocessors", other_coprocessors},
	{"K31.VFP-off", vfp_off},
	{.more = errors_for_good},
};

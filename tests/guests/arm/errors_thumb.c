// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is trapped in Thumb state and on a condition: the hypervisor goes on behind
 * an instruction of two or four bytes, and moves ITSTATE on (ARM DDI 0406C, A2.5.2
 * and B1.8.3).
 */
#include "tests/guests/arm/errors.h"

#define CMP_EQ 0x4280 /* cmp r0, r0 */
#define IT_EQ 0xbf08
#define IT_NE 0xbf18
#define ITTE_EQ 0xbf06
#define ITE_NE 0xbf14
#define LDR_R2 0x680a /* ldr r2, [r1] */
#define ADD_R3 0x3301 /* adds r3, #1; in an IT block without the flags */
#define ADD_R4 0x3401
#define ADD_R5 0x3501
#define WFE 0xbf20
#define WFI 0xbf30
#define SEV 0xbf40
#define T32(insn) (insn) >> 16, (insn)&0xffff
#define LDR_W_R2 T32(0xf8d12000U)
#define MRC_ACTLR T32(0xee112f30U) /* mrc p15, 0, r2, c1, c0, 1 */
#define MRC_PMCR T32(0xee192f1cU)
#define SMC T32(0xf7f08000U)
#define HVC T32(0xf7e08000U)
#define ENTERX T32(0xf3bf8f1fU)
#define LEAVEX T32(0xf3bf8f0fU)

static struct registers fresh(u64 at)
{
	return (struct registers){{PSCI_VERSION, at, 0x5a, 30, 40, 50}};
}

/* Run after `cmp`: r2 as it should be, and these many added to r3, r4, r5. */
#define expect_t16(r2, a3, a4, a5, ...)                                        \
	do {                                                                   \
		struct registers r_ = fresh(UART_ID0);                         \
		struct trap t_ = TRAP(RUN_T16(&r_, CMP_EQ, __VA_ARGS__));      \
		check(!t_.taken, #__VA_ARGS__ ": ESR %#llx at %#llx", t_.esr,  \
		      t_.elr);                                                 \
		check(r_.r[2] == (r2) && r_.r[3] == 30 + (a3) &&               \
			      r_.r[4] == 40 + (a4) && r_.r[5] == 50 + (a5),    \
		      #__VA_ARGS__ ": %#x, %u, %u, %u", r_.r[2], r_.r[3],      \
		      r_.r[4], r_.r[5]);                                       \
	} while (0)

static void loads_in_it_blocks(void)
{
	expect_t16(0x11, 1, 0, 1, LDR_R2, ADD_R3, ADD_R5);
	expect_t16(0x11, 1, 0, 1, ITTE_EQ, LDR_R2, ADD_R3, ADD_R4, ADD_R5);
	expect_t16(0x11, 1, 0, 1, ITTE_EQ, LDR_W_R2, ADD_R3, ADD_R4, ADD_R5);
	expect_t16(0x11, 1, 0, 1, ITTE_EQ, ADD_R3, LDR_R2, ADD_R4, ADD_R5);
	expect_t16(0x5a, 1, 0, 1, ITE_NE, LDR_R2, ADD_R3, ADD_R5);
	expect_t16(0x5a, 1, 0, 1, ITE_NE, LDR_W_R2, ADD_R3, ADD_R5);
	expect_t16(0x11, 0, 0, 1, ITE_NE, ADD_R3, LDR_R2, ADD_R5);
}

static void traps_in_it_blocks(void)
{
	u32 actlr = 0;

	__asm__ volatile("mrc p15, 0, %0, c1, c0, 1" : "=r"(actlr));
	expect_t16(actlr, 1, 0, 1, MRC_ACTLR, ADD_R3, ADD_R5);
	expect_t16(actlr, 1, 0, 1, ITTE_EQ, MRC_ACTLR, ADD_R3, ADD_R4, ADD_R5);
	expect_t16(0x5a, 1, 0, 1, ITE_NE, MRC_ACTLR, ADD_R3, ADD_R5);
}

/* Undefined, by the hypervisor: the runtime leaves it out, and goes on with the
 * ITSTATE that it found. */
static void undefined_in_it_blocks(void)
{
	struct registers r = fresh(UART_ID0);
	struct trap t = TRAP(RUN_T16(&r, CMP_EQ, ITTE_EQ, MRC_PMCR, ADD_R3,
				     ADD_R4, ADD_R5));

	check(is_ec(t, EC_UNKNOWN), "ESR %#llx", t.esr);
	check(r.r[2] == 0x5a && r.r[3] == 31 && r.r[4] == 40 && r.r[5] == 51,
	      "%#x, %u, %u, %u", r.r[2], r.r[3], r.r[4], r.r[5]);
	expect_t16(0x5a, 1, 0, 1, ITE_NE, MRC_PMCR, ADD_R3, ADD_R5);
}

static void calls(void)
{
	static const u16 hvc[] = {HVC, ADD_R5, T16_RETURN};
	static const u16 smc[] = {CMP_EQ, IT_EQ, SMC, ADD_R5, T16_RETURN};
	static const u16 not[] = {CMP_EQ, IT_NE, SMC, ADD_R5, T16_RETURN};
	struct registers r = fresh(0);
	struct trap t = TRAP(run(put_t16(hvc, ARRAY_SIZE(hvc)), &r));

	check(!t.taken && r.r[0] == 0x10001 && r.r[5] == 51,
	      "HVC: %#x, %u, ESR %#llx", r.r[0], r.r[5], t.esr);
	r = fresh(0);
	t = TRAP(run(put_t16(smc, ARRAY_SIZE(smc)), &r));
	check(!t.taken && r.r[0] == 0x10001 && r.r[5] == 51,
	      "SMC: %#x, %u, ESR %#llx", r.r[0], r.r[5], t.esr);
	r = fresh(0);
	t = TRAP(run(put_t16(not, ARRAY_SIZE(not)), &r));
	check(!t.taken && r.r[0] == PSCI_VERSION && r.r[5] == 51,
	      "SMCNE: %#x, %u, ESR %#llx", r.r[0], r.r[5], t.esr);
}

/* ---- WFI and WFE ---------------------------------------------------------------------- */

/* Not executed, they wait for nothing: with nothing to come, that would be long. */
static void waits_that_are_not_executed(void)
{
	u32 code[] = {0xe1500000,	       /* cmp r0, r0 */
		      0x1320f003, 0x1320f002,  /* wfine, wfene */
		      0xe2855001, A32_RETURN}; /* add r5, r5, #1 */
	struct registers r = fresh(0);
	unsigned int i;

	gic_init();
	gic_init_cpu();
	for (i = 0; i < 20; i++)
		run(put_a32(code, ARRAY_SIZE(code)), &r);
	check(r.r[5] == 70, "%u", r.r[5]);
	for (i = 0; i < 20; i++)
		expect_t16(0x5a, 1, 0, 0, ITE_NE, WFI, ADD_R3);
	for (i = 0; i < 20; i++)
		expect_t16(0x5a, 1, 0, 0, ITE_NE, WFE, ADD_R3);
}

/* At an IT block's end: QEMU 7.2 saves, of a WFI that is trapped, the ITSTATE of what
 * follows. */
static void waits_that_are(void)
{
	unsigned int i;

	gic_init();
	gic_init_cpu();
	gic_enable(INTID_VTIMER);
	for (i = 0; i < 5; i++) {
		write_sysreg(cntv_tval_el0, ms(2));
		write_sysreg(cntv_ctl_el0, 1ULL);
		isb();
		expect_t16(0x5a, 0, 0, 1, IT_EQ, WFI, ADD_R5);
		write_sysreg(cntv_ctl_el0, 0ULL);
		expect_t16(0x5a, 0, 0, 1, SEV, IT_EQ, WFE, ADD_R5);
	}
	gic_disable(INTID_VTIMER);
}

/* ---- Loads of a device ------------------------------------------------------------------ */

static void loads_extend(void)
{
	static const u16 loads[][3] = {
		{LDR_R2, T16_RETURN, 0},
		{0x780a, T16_RETURN, 0}, /* ldrb */
		{0x880a, T16_RETURN, 0}, /* ldrh */
		{0x578a, T16_RETURN, 0}, /* ldrsb r2, [r1, r6] */
		{0x5f8a, T16_RETURN, 0}, /* ldrsh */
		{0xf991, 0x2000, T16_RETURN}, /* ldrsb.w */
		{LDR_W_R2, T16_RETURN},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		struct registers r = fresh(UART_CELL3);
		struct trap t = TRAP(run(put_t16(loads[i], 3), &r));
		bool sign = i == 3 || i == 5;

		check(!t.taken && r.r[2] == (sign ? 0xffffffb1 : 0xb1),
		      "number %u: %#x, ESR %#llx", i, r.r[2], t.esr);
	}
}

/* Of a device and of nothing: as hardware does it, or an abort and nothing moves. */
static void undescribed(void)
{
	static const u16 insn[][3] = {
		{0xc93c, T16_RETURN, 0},      /* ldm r1!, {r2-r5} */
		{0xc13c, T16_RETURN, 0},      /* stm r1!, {r2-r5} */
		{0xe9d1, 0x2300, T16_RETURN}, /* ldrd r2, r3, [r1] */
		{0xe9c1, 0x2300, T16_RETURN}, /* strd */
		{0xe851, 0x2f00, T16_RETURN}, /* ldrex */
		{0xf841, 0x2b04, T16_RETURN}, /* str r2, [r1], #4 */
		{0xf851, 0x2f04, T16_RETURN}, /* ldr r2, [r1, #4]! */
		{0xe891, 0x003c, T16_RETURN}, /* ldm.w */
		{0xe8d1, 0xf006, T16_RETURN}, /* tbb [r1, r6] */
		{0xe8d1, 0xf016, T16_RETURN}, /* tbh */
		{0xf8d1, 0xf000, T16_RETURN}, /* ldr.w pc, [r1] */
	};
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(insn); i++) {
		u64 at = i & 1 ? HOLE : UART_ID0;
		struct registers r = fresh(at);
		struct trap t = TRAP(run(put_t16(insn[i / 2], 3), &r));

		check(i & 1 ? is_abort(t, EC_DABT, FSC_EXTERNAL) :
			      !t.taken || is_abort(t, EC_DABT, FSC_EXTERNAL),
		      "%#x %#x: ESR %#llx", insn[i / 2][0], insn[i / 2][1],
		      t.esr);
		check(!t.taken || (r.r[1] == at && r.r[2] == 0x5a),
		      "%#x %#x: r1 %#x, r2 %#x", insn[i / 2][0], insn[i / 2][1],
		      r.r[1], r.r[2]);
	}
}

/* ---- Jazelle, ThumbEE, byte order ---------------------------------------------------------- */

/* Jazelle is not there; bare, BXJ is BX. ThumbEE may be there or not. */
static void other_states(void)
{
	struct registers r = fresh(UART_ID0);
	struct trap t = TRAP(RUN_A32(0xe12fff2e, &r));

	check(machine.bare ? !t.taken : is_ec(t, EC_UNKNOWN), "bxj: ESR %#llx",
	      t.esr);
	t = TRAP(RUN_T16(&r, T32(0xf3ce8f00U)));
	check(machine.bare ? !t.taken : is_ec(t, EC_UNKNOWN),
	      "Thumb bxj: ESR %#llx", t.esr);
	t = TRAP(RUN_T16(&r, ENTERX, LDR_R2, ADD_R3, LEAVEX));
	check(!t.taken || is_ec(t, EC_UNKNOWN), "ThumbEE: ESR %#llx", t.esr);
	check(r.r[2] == 0x11 && r.r[3] == 31, "ThumbEE: %#x, %u", r.r[2], r.r[3]);
}

static void big_endian(void)
{
	struct registers r = fresh(UART_CELL3);
	/* setend be, the load, setend le */
	struct trap t = TRAP(RUN_T16(&r, 0xb658, LDR_R2, 0xb650));

	check(!t.taken && r.r[2] == 0xb1000000, "%#x, ESR %#llx", r.r[2], t.esr);
}

const struct test errors_of_thumb[] = {
	{"K31.loads-in-IT-blocks", loads_in_it_blocks},
	{"K31.traps-in-IT-blocks", traps_in_it_blocks},
	{"K31.undefined-in-IT-blocks", undefined_in_it_blocks, 1, ON_HYP},
	{"K31.calls-in-Thumb-state", calls, 1, ON_HYP},
	{"K31.waits-not-executed", waits_that_are_not_executed},
	{"K31.waits-in-IT-blocks", waits_that_are},
	{"K31.Thumb-loads-extend", loads_extend},
	{"K31.Thumb-accesses-undescribed", undescribed, 1, ON_HYP},
	{"K31.Jazelle-and-ThumbEE", other_states},
	{"K31.Thumb-big-endian", big_endian},
	{.more = errors_of_modes},
};

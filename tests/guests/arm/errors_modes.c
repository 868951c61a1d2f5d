// SPDX-License-Identifier: BSD-2-Clause
/*
 * Modes that there are not, or that are not a guest's, by MSR, by the returns from
 * an exception, and by SRS (K31). What becomes of them is the CPU's affair (most is
 * UNPREDICTABLE); the guest takes its next exception, and the hypervisor goes on.
 */
#include "tests/guests/arm/errors.h"

#define MODE_MASK 0x1fU
#define MASKED 0x1c0U
#define CPSR_T (1U << 5)
#define CPSR_E (1U << 9)
#define CPSR_J (1U << 24)
#define CPSR_RESERVED 0x00f00000U

static bool is_a_guests(u32 mode)
{
	return mode == 0x10 || mode == 0x11 || mode == 0x12 || mode == 0x13 ||
	       mode == 0x17 || mode == 0x1b || mode == 0x1f;
}

/*
 * With that CPSR, read the device some times and call. The SVC, or whatever comes
 * before it, resumes behind. `state` is for what loads its PC and CPSR.
 */
typedef void entry(u32 psr, u32 device, u32 state[2], u32 *resume);
entry enter_by_msr, enter_by_movs, enter_by_rfe, enter_by_ldm, enter_by_eret;

__asm__(".text\n"
	".syntax unified\n"
	".arch_extension virt\n"
	".arm\n"
	".macro enter name, how:vararg\n"
	".globl \\name\n"
	".balign 4\n"
	"\\name:\n"
	"	push	{r4-r11, lr}\n"
	"	adr	r4, 9f\n"
	"	str	r4, [r3]\n"
	"	adr	r4, 1f\n"
	"	tst	r0, #0x20\n"
	"	adrne	r4, 2f\n"
	"	stm	r2, {r4}\n"
	"	str	r0, [r2, #4]\n"
	"	mov	lr, r4\n"
	"	msr	spsr_cxsf, r0\n"
	"	\\how\n"
	"1:	ldr	r0, [r1]\n"
	"	svc	#0\n"
	/* ITSTATE may leave out the first four. */
	"	.thumb\n"
	"2:	ldr	r0, [r1]\n"
	"	ldr	r0, [r1]\n"
	"	ldr	r0, [r1]\n"
	"	ldr	r0, [r1]\n"
	"	svc	#0\n"
	"	nop\n"
	"	.arm\n"
	"9:	pop	{r4-r11, pc}\n"
	".endm\n"
	"	enter	enter_by_msr, msr cpsr_fsxc, r0\n"
	"	enter	enter_by_movs, movs pc, lr\n"
	"	enter	enter_by_rfe, rfeia r2\n"
	"	enter	enter_by_ldm, ldm r2, {pc}^\n"
	"	enter	enter_by_eret, eret\n");

static const struct {
	const char *name;
	entry *by;
} entries[] = {
	{"MSR", enter_by_msr}, {"MOVS", enter_by_movs}, {"RFE", enter_by_rfe},
	{"LDM", enter_by_ldm}, {"ERET", enter_by_eret},
};

/* It came back to here at all; and where that is a guest's mode, by its own SVC. */
static void try_psr(u32 psr, unsigned int how)
{
	u32 state[2];
	struct trap t = TRAP(entries[how].by(psr, UART_ID0, state, &rt_resume));

	rt_resume = 0;
	check(t.taken, "%s of %#x: nothing came", entries[how].name, psr);
	check(!is_a_guests(psr & MODE_MASK) || psr & (CPSR_T | CPSR_J | CPSR_RESERVED) ||
		      is_ec(t, EC_SVC),
	      "%s of %#x: ESR %#llx at %#llx", entries[how].name, psr, t.esr,
	      t.elr);
}

/* In A32, T32, Jazelle and ThumbEE state; either byte order; with an ITSTATE; with
 * what is reserved. */
static void every_mode(void)
{
	static const u32 state[] = {0, CPSR_E, CPSR_T, CPSR_J, CPSR_T | CPSR_J,
				    0x0600fc00 | CPSR_T, CPSR_RESERVED,
				    0xf8ff0000};
	u32 mode, i, how;

	for (how = 0; how < ARRAY_SIZE(entries); how++)
		for (mode = 0; mode < 32; mode++)
			for (i = 0; i < ARRAY_SIZE(state) && !rt_failed(); i++)
				try_psr(mode | MASKED | state[i], how);
}

/* Registers of another mode by number (MRS and MSR of a banked register): those of
 * Monitor and Hyp mode, and numbers that are nobody's. */
static void banked_by_number(void)
{
	struct registers r = {{0}};
	u32 n, defined = 0;
	struct trap t;

	for (n = 0; n < 64; n++) {
		/* mrs r0, R:m m1: R in bit 22, m in bit 8, m1 in 19:16. */
		u32 mrs = 0xe1000200 | (n >> 5) << 22 | (n >> 4 & 1) << 8 |
			  (n & 15) << 16;

		t = TRAP(RUN_A32(mrs, &r));
		check(!t.taken || is_ec(t, EC_UNKNOWN), "mrs %u: ESR %#llx", n,
		      t.esr);
		defined += !t.taken;
		/* Written back: nothing changes. */
		if (t.taken)
			continue;
		t = TRAP(RUN_A32((mrs & ~0xf000U) | 0x0020f000, &r));
		check(!t.taken, "msr %u: ESR %#llx", n, t.esr);
	}
	check(defined > 10, "%u defined", defined);
}

/* SRS to the stack of a mode that is not there, or not a guest's. */
static void state_to_another_stack(void)
{
	static const u32 modes[] = {0x16, 0x1a, 0x15, 0x00, 0x1f};
	struct registers r = {{0}};
	unsigned int i;
	struct trap t;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		t = TRAP(RUN_A32(0xf96d0500 | modes[i], &r)); /* srsdb sp!, */
		check(!t.taken || is_ec(t, EC_UNKNOWN) || is_ec(t, EC_DABT),
		      "mode %#x: ESR %#llx", modes[i], t.esr);
	}
}

/* Calls and returns that User mode does not have: undefined. */
static void privileged_in_user_mode(void)
{
	static const u32 insn[] = {0xe1400070, 0xe1600070, /* hvc #0, smc #0 */
				   0xe160006e, 0xe10e0300, /* eret, mrs elr_hyp */
				   0xe14f0000};		   /* mrs r0, spsr */
	struct registers r = {{0}};
	unsigned int i;
	struct trap t;

	for (i = 0; i < ARRAY_SIZE(insn); i++) {
		t = TRAP(run_user(put_a32((u32[]){insn[i], A32_RETURN}, 2), &r));
		check(is_ec(t, EC_UNKNOWN), "%#x: ESR %#llx", insn[i], t.esr);
	}
}

const struct test errors_of_modes[] = {
	{"K31.every-mode-by-every-way", every_mode},
	{"K31.banked-registers-by-number", banked_by_number, 1, ON_HYP},
	{"K31.state-to-another-stack", state_to_another_stack},
	{"K31.privileged-in-User-mode", privileged_in_user_mode, 1, ON_HYP},
	{.more = errors_of_encodings},
};

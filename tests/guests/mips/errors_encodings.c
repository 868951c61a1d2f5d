// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every encoding of coprocessor 0 and of CACHE, and every opcode that a CPU of the
 * port's kind has not: in kernel mode, in user mode, and in delay slots.
 */
#include "tests/guests/mips/errors.h"

#define OP_COP0 16
#define OP_CACHE 47
#define JALX (29U << 26)
#define SCRATCH ((u32)scratch + sizeof(scratch) / 2)

/* What MD00090 lets a kernel do; those that change where exceptions go, or which
 * segments there are, are not executed by chance. */
static bool has_effect(u32 insn)
{
	u32 rs = insn >> 21 & 31, rd = insn >> 11 & 31, f = insn & 63;

	if (rs & 16)
		return f == 1 || f == 2 || f == 6 || f == 8 || f == 24 || f == 32 ||
		       f == 40;
	switch (rs) {
	case 0:
	case 4:
	case 10:
	case 14:
		return true;
	case 11:
		return rd == 12 && !(insn & 0x7df);
	}
	return false;
}

/* What is given to registers that would lead astray. */
static u32 harmless(u32 rd, u32 sel)
{
	if (rd == 12 && !sel)
		return MFC0(12, 0);
	if (rd == 15 && sel == 1)
		return (u32)vectors;
	return 0x5a5a5a50;
}

/* As before: what an encoding may have changed. */
static void restore(void)
{
	MTC0(0, 13, 0);
	MTC0(0, 6, 0);
	MTC0(0, 10, 0);
	MTC0(0, 5, 0);
	MTC0(0, 7, 0);
	MTC0(MFC0(9, 0) - 1, 11, 0);
	write_sysreg(tpidr_el1, (u64)(u32)&cpus[0]);
}

static unsigned int execute(u32 status, u32 insn, bool slot)
{
	u32 at = status & STATUS_UM ? USER_CODE : (u32)code;

	registers_to_scratch();
	/* ERET goes on behind itself; a timer is pending for WAIT. */
	if (!(status & STATUS_UM)) {
		run.r[2] = at + (slot ? 8 : 4);
		run.r[3] = 0;
	}
	if (slot)
		return run_words(status, (u32[]){INSN_B(1), insn}, 2);
	return run_words(status, (u32[]){insn}, 1);
}

static void pend(void)
{
	/* A software interrupt, let through but for Status.IE. */
	MTC0(0x100, 13, 0);
	MTC0(0x100, 12, 0);
}

static void kernel_encoding(u32 insn, bool slot)
{
	u32 rs = insn >> 21 & 31, rd = insn >> 11 & 31, sel = insn & 7;
	unsigned int want = has_effect(insn) ? NOTHING : EXC_RI, got;
	u32 words[4] = {0}, n = 0;

	registers_to_scratch();
	run.r[5] = harmless(rd, sel);
	if (rd == 15 && sel == 1)
		return; /* EBase: errors_tlb.c */
	/* ERET: to what follows it. */
	run.r[6] = (u32)code + (slot ? 16 : 12);
	words[n++] = CP0_MOVE(4, 6, 14, 0);
	words[n++] = CP0_MOVE(4, 6, 30, 0);
	if (slot)
		words[n++] = INSN_B(1);
	words[n++] = insn;
	if (rs == 4 && rd == 12 && !sel)
		run.r[5] = 0x100;
	if (rs != 11)
		pend();
	got = run_words(0x100, words, n);
	check(got == want, "%#x%s: ExcCode %u, not %u; EPC %#x", insn,
	      slot ? " in a delay slot" : "", got, want, run.epc);
	if (want == EXC_RI)
		check(run.epc == (u32)code + 8 && !!(run.cause & CAUSE_BD) == slot,
		      "%#x: EPC %#x, Cause %#x", insn, run.epc, run.cause);
}

static void all_kernel(bool slot)
{
	for (u32 rs = 0; rs < 32; rs++)
		for (u32 n = 0; n < 256; n++) {
			u32 rd = n >> 3, f = rs & 16 ? n & 63 : n & 7;

			/* In a slot, or with other bits set, it may do anything. */
			if (rs & 16 && f == 24 && (slot || rs != 16))
				continue;
			if (rs & 16 && n >= 64)
				break;
			kernel_encoding(R(OP_COP0, rs, rs & 16 ? 0 : 5,
					  rs & 16 ? 0 : rd, 0, f),
					slot);
			if (rs == 11)
				kernel_encoding(R(OP_COP0, rs, 5, rd, 0, 32 + f),
						slot);
			restore();
			if (rt_failed())
				return;
		}
}

static void cop0_in_kernel_mode(void)
{
	all_kernel(false);
}

static void cop0_in_delay_slots(void)
{
	all_kernel(true);
}

/* Whatever it is: coprocessor 0 is not usable. */
static void cop0_in_user_mode(void)
{
	for (u32 n = 0; n < 2 * 32 * 256; n++) {
		u32 rs = n >> 9, rd = n >> 4 & 31, f = (n & 7) | (n & 8) << 2;
		bool slot = rd & 1;
		u32 insn = R(OP_COP0, rs, n & 31, rd, rs & 16 ? rd : 0,
			     rs & 16 ? n & 63 : f);

		check(execute(STATUS_UM, insn, slot) == EXC_CPU &&
			      !CAUSE_CE(run.cause) && run.epc == USER_CODE &&
			      !!(run.cause & CAUSE_BD) == slot &&
			      run.after & STATUS_UM,
		      "%#x: Cause %#x, EPC %#x", insn, run.cause, run.epc);
	}
	/* But where Status.CU0 says that it is. */
	check(execute(STATUS_UM | STATUS_CU0, CP0_MOVE(0, 2, 15, 0), false) == NOTHING &&
		      run.r[2] == MFC0(15, 0),
	      "CU0: Cause %#x", run.cause);
	check(execute(STATUS_UM | STATUS_CU0, CP0_CO(0x3f), true) == EXC_RI,
	      "CU0: Cause %#x", run.cause);
}

static void cache_operations(void)
{
	for (u32 op = 0; op < 32; op++) {
		u32 insn = I(OP_CACHE, 5, op, op * 4);

		check(execute(0, insn, false) == NOTHING, "%u: %#x", op, run.cause);
		check(execute(0, insn, true) == NOTHING, "%u in a slot: %#x", op,
		      run.cause);
		check(execute(STATUS_UM, insn, op & 1) == EXC_CPU, "%u: %#x", op,
		      run.cause);
		registers_to_scratch();
		run.r[5] = 0x20000000; /* nobody's */
		run_kernel(insn);
		/* What 12 and 13 are is the implementation's affair; and QEMU's SYNCI,
		 * which stands for those by address, never misses. */
		if ((run.cause >> 2 & 31) == EXC_TLBL)
			check(!run.vector && run.badvaddr == 0x20000000 + op * 4 &&
				      op >= 12 && !(op & 2),
			      "%u: %#x at %#x", op, run.cause, run.badvaddr);
		else
			check((run.cause >> 2 & 31) == EXC_SYS, "%u: %#x", op,
			      run.cause);
	}
}

/* Reserved, or a coprocessor's that is not there: by major opcode. */
static unsigned int opcode_gives(u32 op)
{
	switch (op) {
	case 17: /* COP1 */
	case 19: /* COP1X */
	case 49: /* LWC1 */
	case 53: /* LDC1 */
	case 57: /* SWC1 */
	case 61: /* SDC1 */
		return EXC_CPU << 8 | 1;
	case 18: /* COP2 */
	case 50:
	case 54:
	case 58:
	case 62:
		return EXC_CPU << 8 | 2;
	case 24 ... 27: /* those of 64 bits */
	case 39:
	case 44:
	case 45:
	case 52:
	case 55:
	case 59:
	case 60:
	case 63:
		return EXC_RI << 8;
	}
	return NOTHING << 8;
}

static void one_opcode(u32 insn, unsigned int want)
{
	for (unsigned int i = 0; i < 4; i++) {
		u32 status = i & 1 ? STATUS_UM : 0;
		u32 at = status ? USER_CODE : (u32)code;
		unsigned int got = execute(status, insn, i & 2);

		check(got == want >> 8 && run.epc == at &&
			      (got != EXC_CPU || CAUSE_CE(run.cause) == (want & 3)),
		      "%#x%s%s: Cause %#x, EPC %#x", insn, status ? ", user" : "",
		      i & 2 ? ", in a slot" : "", run.cause, run.epc);
	}
}

static void what_is_not_there(void)
{
	for (u32 op = 0; op < 64; op++) {
		unsigned int want = opcode_gives(op);

		if (want >> 8 == NOTHING)
			continue;
		for (u32 n = 0; n < 256 && !rt_failed(); n++)
			one_opcode(op << 26 | n * 0x0103f1f3 % 0x3ffffff, want);
	}
}

/* Of SPECIAL, SPECIAL2 and SPECIAL3, and of REGIMM. */
static void what_is_not_there_in_tables(void)
{
	static const u32 insns[] = {
		/* 5 is PMON's, which QEMU has. */
		R(0, 1, 2, 3, 0, 14), R(0, 1, 2, 3, 0, 20),
		R(0, 1, 2, 3, 0, 22), R(0, 1, 2, 3, 0, 23), R(0, 1, 2, 3, 0, 28),
		R(0, 1, 2, 3, 0, 29), R(0, 1, 2, 3, 0, 30), R(0, 1, 2, 3, 0, 31),
		R(0, 1, 2, 3, 0, 40), R(0, 1, 2, 3, 0, 41), R(0, 1, 2, 3, 0, 44),
		R(0, 1, 2, 3, 0, 45), R(0, 1, 2, 3, 0, 46), R(0, 1, 2, 3, 0, 47),
		R(0, 1, 2, 3, 0, 53), R(0, 1, 2, 3, 0, 55), R(0, 1, 2, 3, 0, 56),
		R(0, 1, 2, 3, 0, 58), R(0, 1, 2, 3, 0, 59), R(0, 1, 2, 3, 0, 60),
		R(0, 1, 2, 3, 0, 62), R(0, 1, 2, 3, 0, 63),
		R(28, 1, 2, 3, 0, 3), R(28, 1, 2, 3, 0, 6), R(28, 1, 2, 3, 0, 7),
		R(28, 1, 2, 3, 0, 8), R(28, 1, 2, 3, 0, 36), R(28, 1, 2, 3, 0, 37),
		INSN_SDBBP, R(28, 31, 31, 31, 31, 63), /* SDBBP */
		R(31, 1, 2, 3, 4, 1), R(31, 1, 2, 3, 4, 2), R(31, 1, 2, 3, 4, 3),
		R(31, 1, 2, 3, 4, 5), R(31, 1, 2, 3, 4, 6), R(31, 1, 2, 3, 4, 7),
		/* DSP: LWX, ADDU.QB, SHLL.QB, ADDUH.QB, EXTR.W, INSV */
		R(31, 1, 2, 3, 0, 10), R(31, 1, 2, 3, 0, 16), R(31, 1, 2, 3, 0, 19),
		R(31, 1, 2, 3, 0, 24), R(31, 1, 2, 3, 0, 56), R(31, 1, 2, 0, 0, 12),
		/* EVA: LWE, SWE, CACHEE, PREFE, LLE, SCE */
		R(31, 5, 2, 0, 0, 47), R(31, 5, 2, 0, 0, 31), R(31, 5, 2, 0, 0, 27),
		R(31, 5, 2, 0, 0, 46), R(31, 5, 2, 0, 0, 30),
		/* RDHWR of what there is not, and not so */
		R(31, 0, 2, 4, 0, 59), R(31, 0, 2, 5, 0, 59), R(31, 0, 2, 30, 0, 59),
		R(31, 0, 2, 31, 0, 59), R(31, 0, 2, 2, 1, 59), R(31, 1, 2, 2, 0, 59),
		/* REGIMM: BPOSGE32, and what is nothing */
		I(1, 5, 28, 1), I(1, 5, 4, 1), I(1, 5, 15, 1), I(1, 5, 24, 1),
		I(1, 5, 30, 1),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insns) && !rt_failed(); i++)
		one_opcode(insns[i], EXC_RI << 8);
}

/* Where the host has them, they may be executed: the MT module's, which user mode
 * has, and MDMX, which QEMU does not decode. It goes on. */
static void what_may_be_there(void)
{
	static const u32 insns[] = {
		R(31, 1, 2, 3, 0, 8), /* FORK */
		R(31, 0, 0, 3, 0, 9), /* YIELD, of every kind */
		R(31, 1, 0, 3, 0, 9), R(31, 2, 0, 3, 0, 9), R(31, 3, 0, 0, 0, 9),
		0x78000000, 0x7bffffff,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(insns); i++)
		for (unsigned int k = 0; k < 2; k++) {
			registers_to_scratch();
			run.r[2] = ~0U;
			run.r[3] = ~1U;
			run_words(k ? STATUS_UM : 0, &insns[i], 1);
		}
}

/* The hypervisor may use its registers, and has something in them: they are not the
 * guest's to store. Where the CPU has none QEMU takes it for MDMX, and does nothing. */
static void msa_stores_nothing(void)
{
	static const u32 st_d[] = {0x78002827, 0x78002fe7}; /* w0 and w31, at 5 */

	for (unsigned int i = 0; i < 4; i++) {
		u32 *word = (u32 *)SCRATCH, status = i & 1 ? STATUS_UM : 0;
		unsigned int got;

		for (unsigned int k = 0; k < 4; k++)
			word[k] = 0x5a5a5a50 + k;
		got = execute(status, st_d[i / 2], false);
		check(got == EXC_RI || got == NOTHING, "%#x%s: Cause %#x", st_d[i / 2],
		      status ? ", user" : "", run.cause);
		for (unsigned int k = 0; k < 4; k++)
			check(word[k] == 0x5a5a5a50 + k, "%#x: word %u: %#x",
			      st_d[i / 2], k, word[k]);
	}
}

static void rdhwr_as_hwrena_says(void)
{
	static const u8 regs[] = {0, 1, 2, 3, 29};

	for (unsigned int i = 0; i < ARRAY_SIZE(regs); i++) {
		u32 insn = R(31, 0, 2, regs[i], 0, 59);

		MTC0(0, 7, 0);
		check(execute(0, insn, i & 1) == NOTHING, "%u: %#x", regs[i],
		      run.cause);
		check(execute(STATUS_UM, insn, i & 1) == EXC_RI, "%u: %#x",
		      regs[i], run.cause);
		MTC0(1U << regs[i], 7, 0);
		check(execute(STATUS_UM, insn, !(i & 1)) == NOTHING, "%u: %#x",
		      regs[i], run.cause);
		MTC0(~(1U << regs[i]), 7, 0);
		check(execute(STATUS_UM, insn, false) == EXC_RI, "%u: %#x",
		      regs[i], run.cause);
	}
	MTC0(0, 7, 0);
}

static const u32 branches[] = {
	I(4, 5, 5, 1),	 I(5, 5, 0, 1),	  I(6, 0, 0, 1),   I(7, 6, 0, 1),
	I(1, 7, 0, 1),	 I(1, 6, 1, 1),	  I(1, 7, 16, 1),  I(1, 6, 17, 1),
	I(20, 5, 5, 1),	 I(21, 5, 0, 1),  I(22, 0, 0, 1),  I(23, 6, 0, 1),
	I(1, 7, 2, 1),	 I(1, 6, 3, 1),	  I(1, 7, 18, 1),  I(1, 6, 19, 1),
	R(0, 8, 0, 0, 0, 8), R(0, 8, 0, 31, 0, 9), R(0, 8, 0, 4, 0, 9),
	R(0, 8, 0, 0, 16, 8), R(0, 8, 0, 31, 16, 9), 2U << 26, 3U << 26,
};

/* One that is not taken runs its slot, too; but a likely one. */
static const u32 not_taken[] = {
	I(4, 5, 0, 7), I(5, 5, 5, 7), I(6, 6, 0, 7), I(7, 0, 0, 7), I(1, 6, 0, 7),
	I(1, 7, 1, 7), I(1, 6, 16, 7), I(1, 7, 17, 7),
};
static const u32 likely_not_taken[] = {
	I(20, 5, 0, 7), I(21, 5, 5, 7), I(22, 6, 0, 7), I(23, 0, 0, 7),
	I(1, 6, 2, 7), I(1, 7, 3, 7), I(1, 6, 18, 7), I(1, 7, 19, 7),
};

/*
 * The slot is carried out, and the branch goes where it should: all of
 * emulation's kinds, each in the slot of each branch.
 */
static void slot_of(u32 branch, u32 insn, u32 wanted)
{
	u32 at = (u32)code;

	registers_to_scratch();
	run.r[6] = 1;
	run.r[7] = ~0U;
	run.r[8] = at + 8;
	run.r[9] = 0xbf000900 + 7 * 8; /* the UART's scratch register */
	run.r[10] = 0xa5;
	if (branch >> 26 == 2 || branch >> 26 == 3)
		branch |= (at + 8) >> 2 & 0x3ffffff;
	check(run_words(0, (u32[]){branch, insn}, 2) == NOTHING,
	      "%#x behind %#x: Cause %#x, EPC %#x", insn, branch, run.cause,
	      run.epc);
	check(run.r[2] == wanted, "%#x behind %#x: %#x, not %#x", insn, branch,
	      run.r[2], wanted);
	if (branch >> 26 == 3 || (branch >> 26 == 1 && branch & 0x100000) ||
	    (branch & 0xfc00003f) == 9)
		check(run.r[branch >> 26 || (branch >> 11 & 31) == 31 ? 31 : 4] ==
			      at + 8,
		      "%#x: its link", branch);
}

static void delay_slots_of_every_branch(void)
{
	u32 step;

	/* What RDHWR gives is the same always. */
	execute(0, R(31, 0, 2, 1, 0, 59), false);
	step = run.r[2];
	for (unsigned int i = 0; i < ARRAY_SIZE(branches) && !rt_failed(); i++)
		slot_of(branches[i], R(31, 0, 2, 1, 0, 59), step);
	write8(0xbf000900 + 7 * 8, 0x5a);
	for (unsigned int i = 0; i < ARRAY_SIZE(branches) && !rt_failed(); i++) {
		slot_of(branches[i], CP0_MOVE(0, 2, 15, 0), MFC0(15, 0));
		slot_of(branches[i], I(36, 9, 2, 0), 0x5a);
		slot_of(branches[i], I(40, 9, 10, 0), SCRATCH);
		check(read8(0xbf000900 + 7 * 8) == 0xa5, "%#x: not stored",
		      branches[i]);
		write8(0xbf000900 + 7 * 8, 0x5a);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(not_taken) && !rt_failed(); i++)
		slot_of(not_taken[i], I(36, 9, 2, 0), 0x5a);
	for (unsigned int i = 0; i < ARRAY_SIZE(likely_not_taken) && !rt_failed(); i++)
		slot_of(likely_not_taken[i], I(36, 9, 2, 0), SCRATCH);
}

/* UNPREDICTABLE. */
static void branches_in_delay_slots(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(branches); i++)
		for (unsigned int k = 0; k < 16; k++) {
			registers_to_scratch();
			run.r[8] = (u32)code + 8;
			run_words(k & 1 ? STATUS_UM : 0,
				  (u32[]){branches[i], branches[k],
					  CP0_MOVE(0, 2, 9, 0), INSN_NOP, INSN_NOP},
				  5);
		}
	/* JALX, which leads to what the guest has not, before what traps: reserved
	 * where it stands. */
	MTC0(1U << 1, 7, 0);
	for (unsigned int k = 0; k < 2; k++) {
		registers_to_scratch();
		check(run_words(k ? STATUS_UM : 0,
				(u32[]){JALX | ((u32)code >> 2 & 0x3ffffff),
					R(31, 0, 2, 1, 0, 59)},
				2) == EXC_RI && !(run.cause & CAUSE_BD) &&
			      run.epc == (k ? USER_CODE : (u32)code),
		      "JALX: Cause %#x, EPC %#x", run.cause, run.epc);
	}
	MTC0(0, 7, 0);
	/* ERET, and what goes elsewhere, in a slot. */
	registers_to_scratch();
	run.r[2] = (u32)code + 12;
	run_kernel(CP0_MOVE(4, 2, 14, 0), INSN_B(1), CP0_CO(24), INSN_NOP);
	check(run_kernel(INSN_B(1), INSN_SYSCALL) == EXC_SYS &&
		      run.cause & CAUSE_BD && run.epc == (u32)code,
	      "syscall: Cause %#x, EPC %#x", run.cause, run.epc);
	check(run_user(INSN_B(1), INSN_SYSCALL) == EXC_SYS && run.cause & CAUSE_BD &&
		      run.epc == USER_CODE,
	      "user's: Cause %#x, EPC %#x", run.cause, run.epc);
}

/*
 * The timer's interrupt comes at any moment of it, also while debug mode masks those
 * of the host: where it is taken, and what SDBBP is, is always the same instruction.
 */
static void sdbbp_and_interrupts(void)
{
	static const u32 sdbbp[] = {INSN_SDBBP};
	unsigned int reserved = 0, interrupted = 0;
	u32 start, length;

	start = MFC0(9, 0);
	run_words(0, sdbbp, 1);
	length = MFC0(9, 0) - start;
	for (u32 n = 0; n < 1000 && !rt_failed(); n++) {
		unsigned int got;

		MTC0(MFC0(9, 0) + length * n / 900, 11, 0);
		got = run_words(STATUS_IE | 0x8000, sdbbp, 1);
		check((got == EXC_RI || !got) && run.epc == (u32)code,
		      "round %u: Cause %#x, EPC %#x", n, run.cause, run.epc);
		reserved += got == EXC_RI;
		interrupted += !got;
	}
	check(reserved && interrupted, "%u reserved, %u interrupts", reserved,
	      interrupted);
	MTC0(MFC0(9, 0) - 1, 11, 0);
}

static u32 seed;

static u32 dice(void)
{
	return seed = seed * 1664525 + 1013904223;
}

/* Of two VMs that do this at once, each wakes up amidst of what the other does: what is
 * kept for one of them is not the other's. */
static void sdbbp_and_sleep(void)
{
	u32 due;

	for (unsigned int i = 0; i < CODE_WORDS; i++)
		code[i] = INSN_SDBBP;
	code_changed(code, CODE_WORDS * 4);
	seed = MFC0(9, 0);
	run.status = 0;
	for (u32 n = 0; n < 4000 && !rt_failed(); n++) {
		run.pc = (u32)&code[dice() >> 16 & (CODE_WORDS - 1)];
		run_now();
		check((run.cause >> 2 & 31) == EXC_RI && run.epc == run.pc,
		      "round %u: Cause %#x, EPC %#x, not %#x", n, run.cause, run.epc,
		      run.pc);
		if (n % 4)
			continue;
		MTC0(0x8000, 12, 0);
		due = MFC0(9, 0) + (u32)ms(1) / 16 + dice() % ((u32)ms(1) / 8);
		MTC0(due, 11, 0);
		if ((s32)(due - MFC0(9, 0)) > 0)
			__asm__ volatile("wait" ::: "memory");
	}
	MTC0(0, 12, 0);
	MTC0(MFC0(9, 0) - 1, 11, 0);
}

/* Any word at all, in user mode, where nothing can go wrong for longer than until
 * the timer ends it. */
static void noise_in_user_mode(void)
{
	seed = 1;
	for (unsigned int i = 0; i < 6000; i++) {
		u32 words[8];

		for (unsigned int k = 0; k < 8; k++)
			words[k] = dice() ^ dice() >> 15;
		for (unsigned int k = 1; k < 32; k++)
			run.r[k] = dice();
		MTC0(MFC0(9, 0) + (u32)ms(1), 11, 0);
		run_words(STATUS_UM | STATUS_IE | 0x8000, words, 8);
		check(run.after & STATUS_UM, "round %u: Status %#x", i, run.after);
	}
	MTC0(MFC0(9, 0) - 1, 11, 0);
}

const struct test errors_encodings[] = {
	{"K44.coprocessor-0-in-kernel-mode", cop0_in_kernel_mode},
	{"K44.coprocessor-0-in-delay-slots", cop0_in_delay_slots},
	{"K44.coprocessor-0-in-user-mode", cop0_in_user_mode},
	{"K44.cache-operations", cache_operations},
	{"K44.opcodes-that-are-not-there", what_is_not_there},
	{"K44.functions-that-are-not-there", what_is_not_there_in_tables},
	{"K11.what-may-be-there", what_may_be_there},
	{"K44.MSA-stores-nothing", msa_stores_nothing},
	{"K44.RDHWR-as-HWREna-says", rdhwr_as_hwrena_says},
	{"K44.delay-slots-of-every-branch", delay_slots_of_every_branch},
	{"K11.branches-in-delay-slots", branches_in_delay_slots},
	{"K11.SDBBP-and-interrupts", sdbbp_and_interrupts},
	{"K11.SDBBP-and-sleep", sdbbp_and_sleep},
	{"K11.noise-in-user-mode", noise_in_user_mode},
	{.more = errors_tlb},
};

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a guest's kernel may jump and access, and what it may write into its TLB and
 * its registers.
 */
#include "tests/guests/mips/errors.h"

#define COMMPAGE 0x7000U
#define CALLS 0xffff9000U /* what a hypervisor may have for stores alone */
#define UART 0xbf000900U
#define SCR (UART + 7 * 8) /* a register that keeps what is written */
#define VA 0x10000000U
#define CAUSE_DC (1U << 27)
#define CAUSE_OF(c) ((c) >> 2 & 31)

static u32 ram_end(void)
{
	return machine.ram_base + machine.ram_size;
}

/* ---- Jumps --------------------------------------------------------------------- */

static void jump(u32 to, u32 want, u32 vector)
{
	registers_to_scratch();
	run.r[4] = to;
	run_kernel(R(0, 4, 0, 0, 0, 8), INSN_NOP);
	check(CAUSE_OF(run.cause) == want && run.epc == to && run.vector == vector,
	      "to %#x: Cause %#x, EPC %#x, vector %#x", to, run.cause, run.epc,
	      run.vector);
	if (want == EXC_ADEL || want == EXC_TLBL)
		check(run.badvaddr == to, "to %#x: BadVAddr %#x", to, run.badvaddr);
	registers_to_scratch();
	run.r[4] = to;
	run_user(R(0, 4, 0, 0, 0, 8), INSN_NOP);
	check(run.epc == to && CAUSE_OF(run.cause) == (to < KSEG0 && !(to & 3) ?
							       EXC_TLBL :
							       EXC_ADEL),
	      "user, to %#x: Cause %#x, EPC %#x", to, run.cause, run.epc);
}

static void jumps_into_holes(void)
{
	tlb_clear();
	jump(HOLE, EXC_IBE, 0x180);
	jump(ram_end(), EXC_IBE, 0x180);
	jump(0x5fffffe0, EXC_IBE, 0x180);
	jump(0x5f000900, EXC_IBE, 0x180); /* a device, cached */
	jump(0x5fc00000, EXC_IBE, 0x180);
	jump(0x20000000, EXC_TLBL, 0);
	jump(0x3ffffffc, EXC_TLBL, 0);
	jump(0x60000000, EXC_TLBL, 0);
	jump(0x7ffffffc, EXC_TLBL, 0);
	jump(0x80000000, EXC_ADEL, 0x180);
	jump(0x80100000, EXC_ADEL, 0x180);
	jump(UART, EXC_ADEL, 0x180);
	jump(0xc0000000, EXC_ADEL, 0x180);
	jump(CALLS + 4, EXC_ADEL, 0x180);
	jump(CALLS + 0x84, EXC_ADEL, 0x180);
	jump(0xfffffff8, EXC_ADEL, 0x180);
	jump(0xfffffffc, EXC_ADEL, 0x180);
	jump(0x20000002, EXC_ADEL, 0x180);
	jump((u32)code + 2, EXC_ADEL, 0x180);
	jump(0xbf000902, EXC_ADEL, 0x180);
}

/* Whatever the kernel's stores of its own words do there. SYNCI may do nothing. */
static void nothing_to_read_in_the_window_of_calls(void)
{
	for (u32 n = 0; n < 64; n++) {
		u32 va = CALLS + 4 * n, got;

		registers_to_scratch();
		run.r[4] = va;
		got = run_kernel(I(35, 4, 2, 0));
		check(got == EXC_ADEL && run.badvaddr == va, "lw %#x: %u", va, got);
		got = run_kernel(I(1, 4, 31, 0));
		check(got == NOTHING || (got == EXC_ADEL && run.badvaddr == va),
		      "synci %#x: %u", va, got);
		got = run_user(I(1, 4, 31, 0));
		check(got == NOTHING || (got == EXC_ADEL && run.badvaddr == va),
		      "user, synci %#x: %u", va, got);
		got = run_user(I(43, 4, 2, 0));
		check(got == EXC_ADES && run.badvaddr == va, "user, sw %#x: %u", va,
		      got);
		for (u32 r = 2; r < 26; r++)
			check(r == 4 || run.r[r] == run.r[28], "register %u", r);
	}
}

/* Odd addresses are MIPS16's, which the host may have. What is executed there ends
 * with an address error of a fetch, whatever it is. */
static void jumps_into_mips16(void)
{
	static const u16 words[][2] = {
		{0xe8a5, 0xe8a5}, /* break */
		{0xe801, 0xe801}, /* sdbbp */
		{0xef5f, 0xffff}, /* nothing */
		{0xb700, 0x9cff}, /* lw from its own page, and from elsewhere */
	};
	u32 at = (u32)code + 0x800 + 1;

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		for (unsigned int k = 0; k < 2; k++) {
			for (u32 n = 0; n < 64; n += 2)
				write16(at - 1 + n, words[i][n / 2 & 1]);
			code_changed(&code[0x200], 64);
			for (unsigned int n = 1; n < 32; n++)
				run.r[n] = 0x20000000;
			run.r[4] = k ? USER_CODE + 0x801 : at;
			run_words(k ? STATUS_UM : 0,
				  (u32[]){R(0, 4, 0, 0, 0, 8), INSN_NOP}, 2);
			check(CAUSE_OF(run.cause) == EXC_ADEL && run.epc & 1 &&
				      run.badvaddr == run.epc,
			      "%#x: Cause %#x, EPC %#x, BadVAddr %#x", words[i][0],
			      run.cause, run.epc, run.badvaddr);
		}
}

/* ---- Accesses ------------------------------------------------------------------- */

enum { LB = 32, LH, LWL, LW, LBU, LHU, LWR, SB = 40, SH, SWL, SW, SWR = 46, LL = 48, SC = 56 };
static const u8 ops[] = {LB, LH, LWL, LW, LBU, LHU, LWR, SB, SH, SWL, SW, SWR, LL, SC};

static bool is_store(u32 op)
{
	return (op >= SB && op <= SWR) || op == SC;
}

static u32 alignment(u32 op)
{
	if (op == LW || op == SW || op == LL || op == SC)
		return 3;
	return op == LH || op == LHU || op == SH ? 1 : 0;
}

/* By every kind of load and store, in a slot and not. */
static void accesses(u32 va, u32 code_if_aligned)
{
	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(ops); i++) {
		u32 op = ops[i / 2], want = code_if_aligned;
		u32 insn = I(op, 4, 5, 0);

		if (va & alignment(op))
			want = EXC_ADEL;
		if (want == EXC_ADEL || want == EXC_TLBL)
			want += is_store(op);
		registers_to_scratch();
		run.r[4] = va;
		run_words(0, (u32[]){INSN_B(1), insn}, 2);
		/* SC without LL need not look. */
		if (op == SC && CAUSE_OF(run.cause) == EXC_SYS)
			continue;
		check(CAUSE_OF(run.cause) == want &&
			      (want == EXC_SYS || (run.epc == (u32)code &&
						   run.cause & CAUSE_BD)),
		      "%#x of %#x: Cause %#x, not %u, EPC %#x", insn, va, run.cause,
		      want, run.epc);
		if (want < EXC_IBE)
			check(run.badvaddr == va, "%#x: BadVAddr %#x", va,
			      run.badvaddr);
		if (want == EXC_TLBL || want == EXC_TLBS)
			check(run.entryhi >> 13 == va >> 13 &&
				      (run.context >> 4 & 0x7ffff) == va >> 13,
			      "EntryHi %#x, Context %#x", run.entryhi, run.context);
	}
}

static void accesses_everywhere(void)
{
	u32 offset;

	tlb_clear();
	for (offset = 0; offset < 4; offset++) {
		accesses((u32)scratch + 64 + offset, EXC_SYS);
		accesses((u32)scratch + 64 + offset + KSEG1 - KSEG0, EXC_SYS);
		accesses(SCR + offset, EXC_SYS);
		accesses(HOLE + 64 + offset, EXC_DBE);
		accesses(HOLE + 64 + offset + KSEG1 - KSEG0, EXC_DBE);
		accesses(ram_end() + offset, EXC_DBE);
		accesses(ram_end() + KSEG1 - KSEG0 + offset, EXC_DBE);
		accesses(0x20000000 + offset, EXC_TLBL);
		accesses(0x60000000 + offset, EXC_TLBL);
		accesses(0xc0000000 + offset, EXC_ADEL);
		accesses(0xfffffffc + offset, EXC_ADEL);
	}
	for (offset = 0; offset < 4; offset++) {
		accesses(ram_end() - 4 + offset, EXC_SYS);
		accesses(ram_end() + KSEG1 - KSEG0 - 4 + offset, EXC_SYS);
	}
}

/* Interrupts off, FIFOs off, no divisor. */
static void restore_console(void)
{
	write8(UART + 3 * 8, 3);
	write8(UART + 1 * 8, 0);
	write8(UART + 2 * 8, 0);
	write8(UART + 4 * 8, 0);
}

/* Of every device's every place, all sizes. */
static void every_place_of_devices(void)
{
	static const u32 values[] = {0, ~0U, 0x5a5a5a5a};

	for (u32 at = 0xbf000480; at < 0xbf000a00; at++) {
		if (at - UART < 8 || at - 0xbf000500 < 4)
			continue; /* it would print, or end */
		for (unsigned int i = 0; i < 3; i++)
			for (unsigned int k = 0; k < 3; k++) {
				u32 op = (u8[]){SB, SH, SW}[k];

				registers_to_scratch();
				run.r[4] = at;
				run.r[5] = values[i];
				run_kernel(I(op, 4, 5, 0), I(op - 8, 4, 6, 0));
				restore_console();
				check(CAUSE_OF(run.cause) == EXC_SYS ||
					      CAUSE_OF(run.cause) == EXC_DBE ||
					      CAUSE_OF(run.cause) == EXC_ADES,
				      "%#x: Cause %#x", at, run.cause);
			}
	}
	/* What is written at its power has not ended anything. */
	write32(0xbf000500, 0x12345678);
	write16(0xbf000502, 0x4f);
}

static void flood_the_console(void)
{
	for (unsigned int i = 0; i < 640; i++)
		write8(UART, i % 64 == 63 ? '\n' : '.');
}

/* ---- The TLB ----------------------------------------------------------------------- */

static u32 page(unsigned int n)
{
	return (u32)scratch + n * SZ_4K;
}

static u32 twice(u32 first, u32 second, u32 mask)
{
	tlb_clear();
	write32(page(0), 1);
	write32(page(1), 2);
	tlb_write(first, VA, 0, LO(page(0), LO_V | LO_D | LO_G), LO_G | LO_V | LO_D);
	tlb_write(second, VA, mask, LO(page(1), LO_V | LO_D | LO_G), LO_G | LO_V);
	return read32(VA);
}

/* UNPREDICTABLE: one of both, and what is left when one of them goes. */
static void mapped_twice(void)
{
	u32 v;

	for (u32 mask = 0; mask <= 0x6000; mask += 0x6000)
		for (u32 n = 0; n < 64; n++) {
			v = twice(n, 63 - n, mask);
			check(v == 1 || v == 2, "%u: %u", n, v);
			write32(VA, 7);
			tlb_write(63 - n, 0x80000000, 0, 0, 0);
			v = read32(VA);
			check(v == 1 || v == 7, "%u, the second gone: %u", n, v);
			tlb_write(n, 0x80000000, 0, 0, 0);
			registers_to_scratch();
			run.r[4] = VA;
			check(run_kernel(I(LW, 4, 5, 0)) == EXC_TLBL && !run.vector,
			      "%u, both gone: Cause %#x", n, run.cause);
		}
	/* All the same. */
	for (u32 n = 0; n < 64; n++)
		tlb_write(n, VA, 0, LO(page(n & 7), LO_V | LO_D | LO_G), LO_G);
	v = read32(VA);
	check(v == read32(page(0)) || v == read32(page(1)), "all: %#x", v);
	tlb_clear();
}

static u32 written(u32 rd, u32 v)
{
	registers_to_scratch();
	run.r[5] = v;
	run.r[6] = 0;
	/* Into r7, and back to 0. */
	run_words(0,
		  (u32[]){CP0_MOVE(4, 5, rd, 0), INSN_EHB, CP0_MOVE(0, 7, rd, 0),
			  CP0_MOVE(4, 6, rd, 0), INSN_EHB},
		  5);
	return run.r[7];
}

static void nonsense_in_registers(void)
{
	u32 config = MFC0(16, 0);

	for (u32 n = 0; n < 32; n++) {
		u32 v = 1U << n, all = v - 1;

		check(written(0, v) == (v & 0x3f), "Index %#x", v);
		check(written(6, v) == (v & 0x3f), "Wired %#x", v);
		check(!(written(5, v) & ~0x1fffe000), "PageMask %#x", v);
		check(!(written(10, v) & 0x1f00), "EntryHi %#x", v);
		check(!(written(4, v) & 0xf) &&
			      (written(4, v) & 0xff800000) == (v & 0xff800000),
		      "Context %#x: %#x", v, written(4, v));
		check(!(written(7, all) & ~0x2000000fU), "HWREna %#x", all);
		/* IP0, IP1, IV; what is pending, and the last exception, stay. */
		check((written(13, v & ~CAUSE_DC) & 0x07ffff83 & ~0xfc00) ==
			      (v & 0x800300),
		      "Cause %#x: %#x", v, written(13, v & ~CAUSE_DC));
		check(((written(16, v) ^ config) & ~7) == 0, "Config %#x", v);
	}
	/* RP, FR, RE, MX, TS, NMI, and the other half of KSU are not there. */
	check(written(12, 0x0fbf00e8) == 0, "Status: %#x", written(12, 0x0fbf00e8));
	tlb_clear();
	/* Masks that are no page's, in every entry. */
	for (u32 n = 0; n < 32; n++) {
		u32 mask = 1U << n | 1U << (n * 7 & 31);

		tlb_write(n, VA + n * 0x100000, mask, LO(page(0), 7), LO(page(1), 7));
		tlb_write(n + 32, VA | mask, ~0U, LO(page(2), 7), LO(page(3), 7));
		registers_to_scratch();
		run.r[4] = VA + n * 0x100000 + 64;
		run_kernel(I(LW, 4, 5, 0), I(SW, 4, 5, 0));
		for (u32 k = 0; k < 64; k++) {
			MTC0(k, 0, 0);
			__asm__ volatile("ehb\n\ttlbr\n\tehb" ::: "memory");
			check(!(MFC0(5, 0) & ~0x1fffe000), "entry %u: PageMask %#x",
			      k, MFC0(5, 0));
		}
		MTC0(0, 10, 0);
	}
	tlb_clear();
}

/* Any entry at all, and accesses all over: it goes on, and its memory is its own. */
static void entries_of_noise(void)
{
	u32 seed = 1;

	write32(page(9), 0x600d);
	for (unsigned int i = 0; i < 2000; i++) {
		u32 r[4];

		for (unsigned int k = 0; k < 4; k++)
			r[k] = seed = (seed * 1664525 + 1013904223) ^ seed >> 17;
		/* No RAM of this guest's below 16 MiB, where it stands itself. */
		tlb_write(r[0] & 63, r[0], i & 1 ? 0 : r[1],
			  (r[2] & 0x3fffffff) | 0x40000, (r[3] & 0x3fffffff) | 0x40000);
		registers_to_scratch();
		run.r[4] = (r[0] & 0x7fffffff) + (r[1] & 0x1ffc);
		if (run.r[4] - KSEG0 < 0x20000000)
			run.r[4] -= KSEG0;
		if (run.r[4] - COMMPAGE < SZ_4K)
			continue;
		run_kernel(I(i & 2 ? LW : SW, 4, 5, 0));
		run.r[4] &= 0x3ffffffc;
		run.r[4] |= 0x2000000;
		run_user(I(i & 4 ? LW : SW, 4, 5, 0));
	}
	tlb_clear();
	check(read32(page(9)) == 0x600d, "%#x", read32(page(9)));
}

/* ---- The commpage ----------------------------------------------------------------- */

static void commpage_overwritten(void)
{
	static u32 kept[SZ_4K / 4];
	u32 seed = 7;

	tlb_clear();
	for (u32 n = 0; n < SZ_4K / 4; n++)
		kept[n] = read32(COMMPAGE + n * 4);
	irq_disable();
	for (u32 round = 0; round < 8; round++)
		for (u32 n = 0; n < SZ_4K / 4; n++) {
			u32 v = round == 0 ? 0 : round == 1 ? ~0U : seed;

			seed = seed * 1664525 + 1013904223;
			/* Status may hide everything, EBase its vectors. */
			if (n == 12 * 8 || n == 15 * 8 + 1 || n == 4 * 8 + 2)
				continue;
			write32(COMMPAGE + n * 4, v);
			if (n % 16)
				continue;
			/* What looks at it. */
			__asm__ volatile("ehb\n\ttlbr\n\ttlbp\n\ttlbwr\n\tehb"
					 ::: "memory");
			read32((u32)scratch + KSEG1 - KSEG0);
			MFC0(1, 0);
			MFC0(13, 0);
			MTC0(MFC0(9, 0) - 1, 11, 0);
		}
	for (u32 n = 0; n < SZ_4K / 4; n++)
		write32(COMMPAGE + n * 4, kept[n]);
	MTC0(0, 13, 0);
	MTC0(0, 10, 0);
	MTC0(0, 6, 0);
	MTC0(0, 5, 0);
	tlb_clear();
	check(this_cpu() == &cpus[0], "UserLocal is lost");
}

/* In user mode the page there is the TLB's; in kernel mode it never is. */
static void commpage_mapped_over(void)
{
	u32 epc;

	tlb_clear();
	tlb_write(5, 0x6000, 0, LO(page(1), 7), LO(page(2), 7));
	tlb_write(9, 0, 0x1e000, LO(page(1), 7), LO(page(2), 7));
	write32(page(2) + 14 * 32, 0x11111111);
	MTC0(0x22222222, 14, 0);
	epc = read32(COMMPAGE + 14 * 32);
	check(epc == 0x22222222, "kernel: %#x", epc);
	registers_to_scratch();
	check(run_user(I(LW, 0, 5, COMMPAGE + 14 * 32)) == NOTHING &&
		      run.r[5] == 0x11111111,
	      "user: %#x, Cause %#x", run.r[5], run.cause);
	/* A mode that is left by a store: still the right one of both. */
	for (unsigned int i = 0; i < 4; i++) {
		MTC0(i & 1, 10, 0);
		MTC0(0x33333330 + i, 14, 0);
		epc = read32(COMMPAGE + 14 * 32);
		check(epc == 0x33333330 + i, "again: %#x", epc);
	}
	MTC0(0, 10, 0);
	tlb_clear();
}

/* ---- Modes ------------------------------------------------------------------------ */

/* EXL: EPC and BD stay, and a miss takes the general vector; ERL besides has useg
 * unmapped. */
static void exceptions_within_exceptions(void)
{
	tlb_clear();
	registers_to_scratch();
	run.r[4] = 0x20000000;
	run.r[5] = STATUS_EXL;
	run.r[6] = 0x1234;
	run_kernel(CP0_MOVE(4, 6, 14, 0), CP0_MOVE(4, 5, 12, 0), INSN_EHB,
		   INSN_B(1), I(LW, 4, 7, 8));
	check(CAUSE_OF(run.cause) == EXC_TLBL && run.epc == 0x1234 &&
		      !(run.cause & CAUSE_BD) && run.vector == 0x180 &&
		      run.badvaddr == 0x20000008 &&
		      run.entryhi >> 13 == 0x20000000 >> 13,
	      "EXL: Cause %#x, EPC %#x, vector %#x", run.cause, run.epc, run.vector);
	registers_to_scratch();
	run.r[4] = (u32)scratch - KSEG0;
	run.r[5] = STATUS_ERL;
	write32((u32)scratch, 0xabcd);
	run_kernel(CP0_MOVE(4, 5, 12, 0), INSN_EHB, I(LW, 4, 7, 0));
	check(run.r[7] == 0xabcd && run.after & STATUS_ERL, "ERL: %#x, Status %#x",
	      run.r[7], run.after);
	/* Both: ERET leaves ERL first, by ErrorEPC. */
	registers_to_scratch();
	run.r[5] = STATUS_ERL | STATUS_EXL;
	run.r[6] = (u32)code + 20;
	run_kernel(CP0_MOVE(4, 6, 30, 0), CP0_MOVE(4, 5, 12, 0), INSN_EHB,
		   CP0_CO(24), INSN_SYSCALL, INSN_NOP);
	check(run.after == STATUS_EXL, "ERET: Status %#x", run.after);
	/* EPC where no instruction is; and itself, for ever, until the timer. */
	registers_to_scratch();
	run.r[5] = STATUS_EXL;
	run.r[6] = (u32)code + 2;
	run_kernel(CP0_MOVE(4, 6, 14, 0), CP0_MOVE(4, 5, 12, 0), CP0_CO(24));
	check(CAUSE_OF(run.cause) == EXC_ADEL && run.epc == (u32)code + 2 &&
		      run.badvaddr == run.epc,
	      "misaligned: Cause %#x, EPC %#x", run.cause, run.epc);
	run.r[6] = (u32)code + 8;
	MTC0(MFC0(9, 0) + (u32)ms(2), 11, 0);
	run_words(STATUS_IE | 0x8000,
		  (u32[]){CP0_MOVE(4, 6, 14, 0), INSN_NOP, CP0_CO(24)}, 3);
	check(!CAUSE_OF(run.cause) && run.epc <= (u32)code + 8,
	      "ERET for ever: Cause %#x, EPC %#x", run.cause, run.epc);
	MTC0(MFC0(9, 0) - 1, 11, 0);
}

/* Whatever may be written into Status, from kernel mode, and then something happens. */
static void every_status(void)
{
	for (u32 n = 0; n < 512; n++) {
		/* IE, EXL, ERL, R0, UM, and CU0; not BEV, where no vectors are. */
		u32 status = (n & 31) | (n >> 5 & 1 ? STATUS_CU0 : 0) |
			     (n >> 6 & 1 ? 0x8300 : 0) | (n >> 7) << 24;

		registers_to_scratch();
		run.r[5] = status;
		run_kernel(CP0_MOVE(4, 5, 12, 0), INSN_EHB, CP0_MOVE(0, 7, 9, 0));
		check(CAUSE_OF(run.cause) == EXC_SYS ||
			      CAUSE_OF(run.cause) == EXC_ADEL ||
			      CAUSE_OF(run.cause) == EXC_INT,
		      "%#x: Cause %#x", status, run.cause);
	}
}

static volatile u32 storms;

static void storm_handler(unsigned int ip)
{
	if (++storms == 20000)
		MTC0(0, 13, 0);
}

/* An interrupt that nobody acknowledges. */
static void interrupt_storm(void)
{
	storms = 0;
	ip_on(0, storm_handler);
	ip_enable(0);
	MTC0(0x100, 13, 0);
	irq_enable();
	check(wait_for(storms >= 20000, 20000), "%u of them", storms);
	irq_disable();
	ip_disable(0);
}

const struct test errors_tlb[] = {
	{"K11.jumps-into-holes", jumps_into_holes},
	{"K44.nothing-to-read-in-the-window-of-calls",
	 nothing_to_read_in_the_window_of_calls},
	{"K11.jumps-into-MIPS16", jumps_into_mips16},
	{"K11.accesses-everywhere", accesses_everywhere},
	{"K11.every-place-of-devices", every_place_of_devices},
	{"K11.floods-the-console", flood_the_console},
	{"K42.mapped-twice", mapped_twice},
	{"K42.nonsense-in-registers", nonsense_in_registers},
	{"K42.entries-of-noise", entries_of_noise},
	{"K42.commpage-overwritten", commpage_overwritten},
	{"K42.commpage-mapped-over", commpage_mapped_over},
	{"K44.exceptions-within-exceptions", exceptions_within_exceptions},
	{"K44.every-Status", every_status},
	{"K44.interrupt-storm", interrupt_storm},
	{.more = errors_code},
};

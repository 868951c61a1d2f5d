// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores of devices and of nothing, by every kind of instruction and
 * with every register that one may name (ARM DDI 0406C, B3.13.6).
 */
#include "tests/guests/arm/errors.h"

/* ---- Registers of the mode (K31) ------------------------------------------------------- */

/* r8 of FIQ mode, and nobody else's. */
static void fiq_registers(void)
{
	register u32 v __asm__("r0");
	register u32 at __asm__("r1") = UART_ID0;
	register u32 other __asm__("r2");

	__asm__ volatile("mov r8, #0x34\n\tcps #0x11\n\tmov r8, #0\n\t"
			 "ldr r8, [r1]\n\tmov r0, r8\n\tcps #0x13\n\tmov r2, r8"
			 : "=r"(v), "=r"(other)
			 : "r"(at)
			 : "r8", "memory");
	check(v == 0x11 && other == 0x34, "%#x, %#x", v, other);
}

/* To r13, and from r14 of another mode. */
static void stack_pointer_and_link(void)
{
	register u32 v __asm__("r0");
	register u32 at __asm__("r1") = UART_ID0;
	register u32 out __asm__("r2") = machine.uart + 0x24; /* IBRD */

	__asm__ volatile("mov r3, sp\n\tldr sp, [r1]\n\tmov r0, sp\n\tmov sp, r3"
			 : "=r"(v)
			 : "r"(at)
			 : "r3", "memory");
	check(v == 0x11, "r13: %#x", v);
	__asm__ volatile("cps #0x1b\n\tmov r14, #0x55\n\tstr r14, [r2]\n\t"
			 "cps #0x13\n\tldr r0, [r2]"
			 : "=r"(v)
			 : "r"(out)
			 : "memory");
	check(v == 0x55, "r14 of Undefined mode: %#x", v);
}

/* ---- Every kind of load and store -------------------------------------------------- */

/* Encodings with the address in r1; r2 to r5 are data, r6 an offset of 0. */
static const struct {
	const char *name;
	u32 insn;
	enum {
		OTHER,
		DESCRIBED, /* by a syndrome: emulated */
		PRELOAD,   /* no access */
		EXCLUSIVE, /* a store that has lost it: aborts or does nothing */
		UNDEFINED, /* or may be */
	} kind;
} accesses[] = {
	{"ldr", 0xe5912000, DESCRIBED}, {"ldrb", 0xe5d12000, DESCRIBED},
	{"ldrh", 0xe1d120b0, DESCRIBED}, {"ldrsb", 0xe1d120d0, DESCRIBED},
	{"ldrsh", 0xe1d120f0, DESCRIBED}, {"str", 0xe5812000, DESCRIBED},
	{"strb", 0xe5c12000, DESCRIBED}, {"strh", 0xe1c120b0, DESCRIBED},
	{"ldr reg", 0xe7912006, DESCRIBED}, {"ldrt", 0xe4b12000},
	{"strt", 0xe4a12000}, {"ldrd", 0xe1c120d0}, {"strd", 0xe1c120f0},
	{"ldr post", 0xe4912004}, {"ldr pre", 0xe5b12000},
	{"str post", 0xe4812004}, {"str pre", 0xe5a12000},
	{"ldr post reg", 0xe6912006}, {"ldm", 0xe891003c},
	{"ldm!", 0xe8b1003c}, {"ldmdb", 0xe911003c}, {"stm", 0xe881003c},
	{"stm!", 0xe8a1003c}, {"stmib", 0xe981003c}, {"ldm ^", 0xe8d1003c},
	{"stm ^", 0xe8c1003c}, {"ldrex", 0xe1912f9f},
	{"strex", 0xe1813f92, EXCLUSIVE}, {"ldrexd", 0xe1b14f9f},
	{"strexd", 0xe1a13f94, EXCLUSIVE}, {"ldrexb", 0xe1d12f9f},
	{"strexh", 0xe1e13f92, EXCLUSIVE}, {"swp", 0xe1013092, UNDEFINED},
	{"swpb", 0xe1413092, UNDEFINED}, {"rfe", 0xf8910a00},
	{"ldc p14", 0xed915e00, UNDEFINED}, {"vldr", 0xed910a00},
	{"vstr", 0xed810a00}, {"vldm", 0xec910b08}, {"vstm", 0xec810b08},
	{"vld1", 0xf421070f}, {"vst1", 0xf401070f}, {"vld4", 0xf421000f},
	{"vld1 lane", 0xf4a1000f}, {"ldr pc", 0xe591f000},
	{"ldm pc", 0xe8918004}, {"ldr pc post", 0xe491f004},
	{"pld", 0xf5d1f000, PRELOAD}, {"pldw", 0xf591f000, PRELOAD},
	{"pli", 0xf4d1f000, PRELOAD},
};

#define DATA(n) (0x5a5a0000U + (n))

static struct registers with_address(u64 at)
{
	struct registers r = {{0, at, DATA(2), DATA(3), DATA(4), DATA(5)}};

	return r;
}

static bool same_but(const struct registers *a, const struct registers *b,
		     unsigned int except)
{
	unsigned int i;

	for (i = 0; i < 7; i++)
		if (!(except >> i & 1) && a->r[i] != b->r[i])
			return false;
	return true;
}

/* Where nothing is: an abort, and no register has changed. */
static void accesses_of_nothing(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct registers before = with_address(HOLE + 64), r = before;
		struct trap t = TRAP(RUN_A32(accesses[i].insn, &r));

		if (!t.taken) {
			check(accesses[i].kind == PRELOAD ||
				      accesses[i].kind == EXCLUSIVE,
			      "%s: no abort", accesses[i].name);
			continue;
		}
		check((is_abort(t, EC_DABT, FSC_EXTERNAL) &&
		       accesses[i].kind != PRELOAD) ||
			      (is_ec(t, EC_UNKNOWN) &&
			       accesses[i].kind == UNDEFINED),
		      "%s: ESR %#llx", accesses[i].name, t.esr);
		check(same_but(&r, &before, 0), "%s: a register has changed",
		      accesses[i].name);
	}
}

/*
 * Of a device's register that may be read: those that are described are emulated;
 * any other as hardware does it, or an external abort and nothing has changed. At
 * an odd address it may be an alignment fault too.
 */
static void accesses_of_a_device(void)
{
	unsigned int i, odd;

	for (i = 0; i < 2 * ARRAY_SIZE(accesses); i++) {
		const char *name = accesses[i / 2].name;
		struct registers before, r;
		struct trap t;

		odd = i & 1;
		before = r = with_address(UART_ID0 + odd);
		t = TRAP(RUN_A32(accesses[i / 2].insn, &r));
		check(!t.taken || is_ec(t, EC_UNKNOWN) ||
			      is_abort(t, EC_DABT, FSC_EXTERNAL) ||
			      is_abort(t, EC_DABT, FSC_ALIGNMENT),
		      "%s + %u: ESR %#llx", name, odd, t.esr);
		check(odd || accesses[i / 2].kind != DESCRIBED || !t.taken,
		      "%s: ESR %#llx", name, t.esr);
		check(!t.taken || same_but(&r, &before, 0),
		      "%s: a register has changed", name);
	}
}

static void loads_extend(void)
{
	static const struct {
		u32 insn, value;
	} loads[] = {{0xe5912000, 0xb1},       {0xe5d12000, 0xb1},
		     {0xe1d120b0, 0xb1},       {0xe1d120d0, 0xffffffb1},
		     {0xe1d120f0, 0xb1},       {0xe7912006, 0xb1}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		struct registers before = with_address(UART_CELL3), r = before;
		struct trap t = TRAP(RUN_A32(loads[i].insn, &r));

		check(!t.taken && r.r[2] == loads[i].value &&
			      same_but(&r, &before, 1 << 2),
		      "%#x: %#x, ESR %#llx", loads[i].insn, r.r[2], t.esr);
	}
}

/* One whose condition fails is none. */
static void condition_fails(void)
{
	u32 code[] = {0xe1500000, 0, A32_RETURN}; /* cmp r0, r0 */
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		struct registers before = with_address(HOLE), r = before;
		struct trap t;

		if (accesses[i].insn >> 28 == 15)
			continue;
		code[1] = (accesses[i].insn & 0x0fffffff) | 0x10000000; /* NE */
		t = TRAP(run(put_a32(code, 3), &r));
		check(!t.taken && same_but(&r, &before, 0), "%s: ESR %#llx",
		      accesses[i].name, t.esr);
	}
}

/* SETEND: the bytes of a device come the other way round; SVC returns to little. */
static void big_endian(void)
{
	static const struct {
		u32 insn, value;
	} loads[] = {{0xe5912000, 0xb1000000},
		     {0xe5d12000, 0xb1},
		     {0xe1d120b0, 0xb100},
		     {0xe1d120f0, 0xffffb100},
		     {0xe1d120d0, 0xffffffb1}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		/* setend be; the load; setend le */
		u32 code[] = {0xf1010200, loads[i].insn, 0xf1010000, A32_RETURN};
		struct registers r = with_address(UART_CELL3);
		struct trap t = TRAP(run(put_a32(code, 4), &r));

		check(!t.taken && r.r[2] == loads[i].value,
		      "%#x: %#x, ESR %#llx", loads[i].insn, r.r[2], t.esr);
	}
}

/* From the last words of RAM on into nothing. */
static void over_the_end_of_ram(void)
{
	static const u8 before_end[] = {1, 2, 3, 4, 5, 7, 8, 12};
	u64 end = machine.ram_base + machine.ram_size;
	unsigned int i, n;

	if (end > 1ULL << 32) {
		rt_skip("beyond 32 bits");
		return;
	}
	for (n = 0; n < ARRAY_SIZE(before_end); n++)
		for (i = 0; i < ARRAY_SIZE(accesses); i++) {
			struct registers before =
				with_address(end - before_end[n]);
			struct registers r = before;
			struct trap t;

			/* What is in RAM is no address to go to. */
			if ((accesses[i].insn & 0xf000) == 0xf000 ||
			    (accesses[i].insn & 0x0e108000) == 0x08108000 ||
			    accesses[i].insn == 0xf8910a00)
				continue;
			t = TRAP(RUN_A32(accesses[i].insn, &r));
			check(!t.taken || is_ec(t, EC_UNKNOWN) ||
				      is_abort(t, EC_DABT, FSC_EXTERNAL) ||
				      is_abort(t, EC_DABT, FSC_ALIGNMENT),
			      "%s at the end - %u: ESR %#llx",
			      accesses[i].name, before_end[n], t.esr);
			check(!t.taken || r.r[1] == before.r[1],
			      "%s at the end - %u: base moved",
			      accesses[i].name, before_end[n]);
		}
}

const struct test errors_of_access[] = {
	{"K31.FIQ-mode's-registers", fiq_registers},
	{"K31.r13-and-r14", stack_pointer_and_link},
	{"K11.loads-extend", loads_extend},
	{"K11.every-access-of-nothing", accesses_of_nothing, 1, ON_HYP},
	{"K11.every-access-of-a-device", accesses_of_a_device, 1, ON_HYP},
	{"K31.condition-that-fails", condition_fails},
	{"K31.big-endian-device-access", big_endian},
	{"K11.accesses-over-the-end-of-RAM", over_the_end_of_ram},
	{.more = errors_of_thumb},
};

// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/asm.c arch/mips/call_code.c arch/mips/refill.c
// link: arch/mips/world_code.c arch/mips/testing/interpreter.c
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
/*
 * K44: the code for each call, from the vector on, for each kind of CPU, on random states
 * of a guest: it does what the long way does, or leaves everything to that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/testing/disassemble.h"
#include "arch/mips/asm_offsets.h"
#include "arch/mips/call.h"
#include "arch/mips/testing/fake_guest.h"
#include "arch/mips/testing/interpreter.h"
#include "arch/mips/world_code.h"
#include "arch/sim/testing/property.h"

/* Where things are. The halves of their addresses are of both signs. */
#define VECTOR    0x80000180U
#define CALLS     0x8013e000U
#define LEFT      0x80040000U
#define HOST      0x80041000U
#define GUEST     0x8010f000U
#define GUEST_NOW 0x80207ffcU
#define COMMPAGE  0x8030a000U
#define DIRECTORY 0x80209004U
#define STATES    4000

#define DI INSN_DI
#define EI (INSN_DI | INSN_EI)
#define USER (ST_UM | ST_EXL | ST_IE)

static u32 code[MIPS_CALLS_WORDS], vector[MIPS_VECTOR_WORDS], vector_words;
static u32 words[GUEST_READING / 4 + 1], now = GUEST;
static struct mips_world_cpu kind;
static unsigned int misses; /* the nth load */
static unsigned int loads, forgotten, missed;

static u32 bits(void)
{
	return (u32)dice(1 << 16) << 16 | (u32)dice(1 << 16);
}

/* ---- The CPU ------------------------------------------------------------------------ */

static u32 fetch(u32 pc)
{
	if (pc - VECTOR < 4 * vector_words)
		return vector[(pc - VECTOR) / 4];
	assert_true(pc - CALLS < sizeof(code));
	return code[(pc - CALLS) / 4];
}

/* Of the guest's memory the words behind the branch, of which either may miss. */
static u32 *at(u32 va)
{
	if (va == GUEST_NOW)
		return &now;
	if (va - GUEST < sizeof(words))
		return &words[(va - GUEST) / 4];
	if (va - COMMPAGE < 4 * CP0_REGISTERS)
		return &fake_commpage[(va - COMMPAGE) / 4];
	HOLDS(va == guest.pc + 8 || va == guest.pc + 4, "it reads 0x%x", va);
	HOLDS(!((va ^ guest.pc) & ~(PAGE_SIZE - 1)), "of the next page");
	return ++loads == misses ? NULL : &fake_ram[(va - MIPS_KSEG0) / 4];
}

/* With EXL set: EPC and BD stay. */
static void no_page(u32 va)
{
	missed++;
	cpu.cp0[CP0_CAUSE] = (cpu.cp0[CP0_CAUSE] & CAUSE_BD) | CAUSE_EXC(EXC_TLBL);
	cpu.cp0[CP0_BADVADDR] = va;
	cpu.pc = VECTOR;
}

static void cache(u32 op, u32 va)
{
	assert_true(kind.aliases && op == 0x15);
	forgotten++;
}

static bool outside(u32 pc)
{
	return pc == LEFT || pc == HOST;
}

static const struct {
	u32 kscratch;
	bool aliases;
} row[] = {{0x00, false}, {0x00, true}, {0x1c, false}, {0x04, true}, {0x0c, false}};

static void make(unsigned int i)
{
	const struct mips_world w = {.left = LEFT, .host = HOST};
	struct mips_refill_cpu refill = {0};
	struct mips_asm a;

	mips_refill_places(&refill, row[i].kscratch, DIRECTORY);
	kind = (struct mips_world_cpu){
		.save = {refill.save[0], refill.save[1]},
		.aliases = row[i].aliases,
		.guest = GUEST_NOW,
		.calls = CALLS,
	};
	for (u32 n = 0; n <= MIPS_CALLS; n++) {
		u32 at = n * MIPS_CALL_WORDS;

		mips_asm_start(&a, &code[at],
			       (n < MIPS_CALLS ? 1 : 2) * MIPS_CALL_WORDS,
			       CALLS + 4 * at);
		mips_call_emit(&a, &kind, &w, n);
		assert_int_equal(mips_asm_finish(&a), 0);
	}
	mips_asm_start(&a, vector, MIPS_VECTOR_WORDS, VECTOR);
	mips_vector_emit(&a, &kind, &w);
	assert_int_equal(mips_asm_finish(&a), 0);
	vector_words = a.count;
}

/* ---- The guest ------------------------------------------------------------------------- */

static u32 some_status(void)
{
	u32 modes[] = {0, 0, 0, ST_EXL, ST_UM | ST_EXL, ST_ERL, ST_UM, ST_BEV};

	return modes[dice(ARRAY_SIZE(modes))] | (dice(2) ? ST_IE : 0) |
	       (bits() & (ST_IM | ST_CU0));
}

static void some_state(void)
{
	fake_reset();
	for (unsigned int i = 1; i < 32; i++)
		guest.gpr[i] = dice(3) ? bits() : 0;
	if (!dice(3))
		mips_guest_set_line(&guest, 2 + dice(5), true);
	CP0_OF(CP0_STATUS) = some_status();
	mips_guest_before_entry(&guest);
	/* What may have changed since. */
	if (!dice(10))
		mips_guest_set_line(&guest, 2 + dice(5), dice(2));
	if (!dice(10))
		CP0_OF(CP0_STATUS) = some_status();
	guest.pc = FAKE_CODE + (dice(8) ? 4 * dice(16) : PAGE_SIZE - 4 * (1 + dice(4)));
}

/* What the code works on is at other places than a PC's compiler has it. */
static void load(void)
{
	memset(words, 0, sizeof(words));
	memcpy(words, guest.gpr, sizeof(guest.gpr));
	for (unsigned int n = 0; n < 32; n++)
		words[n] ^= 0x5a5a5a5a; /* older */
	words[GUEST_CP0 / 4] = COMMPAGE;
	words[GUEST_SETTLED / 4] = guest.settled;
	words[GUEST_TABLE / 4] = guest.table;
	words[GUEST_PENDING / 4] = guest.pending;
	memcpy(cpu.gpr, guest.gpr, sizeof(guest.gpr));
}

static void take(u32 cause, u32 badvaddr)
{
	cpu.cp0[CP0_STATUS] = USER | (bits() & ST_IM);
	cpu.cp0[CP0_CAUSE] = cause | (bits() & 0x7000ff00); /* CE, TI, IP */
	cpu.cp0[CP0_BADVADDR] = badvaddr;
	cpu.cp0[CP0_EPC] = guest.pc;
	loads = forgotten = missed = 0;
	interpret(VECTOR, outside, 200);
}

/* All is as it was, but for what the long way writes as well. */
static void is_left(u32 status, u32 written)
{
	u32 cause = cpu.cp0[CP0_CAUSE];

	HOLDS(cpu.pc == LEFT && cpu.gpr[K1] == GUEST, "0x%x", cpu.pc);
	HOLDS(cpu.gpr[K0] == (cause >> 28 | cause << 4), "k0 0x%x", cpu.gpr[K0]);
	HOLDS(cpu.cp0[CP0_EPC] == guest.pc, "EPC");
	HOLDS(CP0_OF(CP0_STATUS) == status &&
		      words[GUEST_SETTLED / 4] == guest.settled &&
		      !words[GUEST_QUICK / 4], "something was done");
	for (u32 n = 0; n < 32; n++)
		HOLDS(n == K0 || n == K1 || n == written || (n == V0 && missed) ||
			      cpu.gpr[n] == guest.gpr[n], "register %u", n);
	HOLDS(cpu.cp0[kind.save[0]] == (missed ? GUEST : guest.gpr[K0]) &&
		      cpu.cp0[kind.save[1]] == (missed ? guest.pc : guest.gpr[K1]),
	      "k0, k1");
	HOLDS(!words[GUEST_READING / 4] == !missed, "an exception of its own");
	if (missed)
		HOLDS(cpu.cp0[CP0_BADVADDR] - guest.pc <= 8 &&
			      words[GUEST_KEPT(0) / 4] == guest.gpr[K0] &&
			      words[GUEST_KEPT(1) / 4] == guest.gpr[K1] &&
			      words[GUEST_KEPT(2) / 4] == guest.gpr[V0],
		      "what is put away");
}

/* It was carried out: as the long way does. */
static void is_done(u32 cause, u32 va, u32 was)
{
	u32 status = CP0_OF(CP0_STATUS);

	HOLDS(!cpu.unread, "no EHB before ERET");
	HOLDS(words[GUEST_QUICK / 4] == 1, "it counts");
	CP0_OF(CP0_STATUS) = was;
	HOLDS(mips_guest_trap(&guest, cause, va, NULL) == MIPS_RUN, "more to do");
	mips_guest_before_entry(&guest);
	HOLDS(CP0_OF(CP0_STATUS) == status, "Status 0x%x, not 0x%x", status,
	      CP0_OF(CP0_STATUS));
	HOLDS(words[GUEST_SETTLED / 4] == guest.settled, "settled");
	HOLDS(!words[GUEST_READING / 4], "reading");
	HOLDS(cpu.cp0[CP0_EPC] == guest.pc, "EPC 0x%x, not 0x%x", cpu.cp0[CP0_EPC],
	      guest.pc);
	for (u32 n = 0; n < 32; n++)
		HOLDS(cpu.gpr[n] == guest.gpr[n], "register %u", n);
}

static void put_code(u32 n)
{
	if (guest.pc >= MIPS_KSEG2)
		return;
	fake_put(guest.pc, mips_call_word(&fake_layout, n % MIPS_CALLS));
	fake_put(guest.pc + 4, dice(10) ? DI : EI);
	fake_put(guest.pc + 8, dice(10) ? EI : dice(2) ? DI : EI | 2 << 16);
}

/* True: it was quick. */
static bool one(u32 n)
{
	u32 va = fake_layout.calls + 4 * n, cause = CAUSE_EXC(EXC_ADES), was;
	bool kernel, aligned = dice(10);

	some_state();
	if (!dice(10))
		cause = dice(2) ? cause | CAUSE_BD : CAUSE_EXC(EXC_ADEL);
	if (!dice(20)) { /* a fetch from there */
		guest.pc = va;
		cause = CAUSE_EXC(EXC_ADEL);
		aligned = true;
	} else if (!aligned) {
		va += 1 + dice(3);
	}
	put_code(n);
	misses = !dice(6) ? 1 + dice(2) : 0;
	load();
	was = CP0_OF(CP0_STATUS);
	kernel = guest.table == MIPS_KERNEL;
	take(cause, va);
	if (cpu.returned) {
		HOLDS(aligned && cause == CAUSE_EXC(EXC_ADES) && kernel &&
			      mips_call_exists(n), "0x%x is no call", va);
		HOLDS(forgotten == (kind.aliases && mips_is_restore(n) ? 2 : 0),
		      "%u lines", forgotten);
		is_done(cause, va, was);
		return true;
	}
	is_left(was, aligned && kernel && n < MIPS_CALL_EI && guest.pc != va ? n : 0);
	return false;
}

static void calls_do_what_the_long_way_does(void **state)
{
	unsigned long step = 0;

	while (property_next(&step, 2))
		for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
			unsigned int done[MIPS_CALLS + 8] = {0};

			make(i);
			cpu = (struct interpreter){.fetch = fetch, .at = at,
						   .exception = no_page,
						   .cache = cache};
			for (u32 k = 0; k < STATES; k++) {
				u32 n = k % (MIPS_CALLS + 8);

				done[n] += property_step(k) && one(n);
			}
			for (u32 n = 0; n < MIPS_CALLS + 8; n++)
				HOLDS(mips_call_exists(n) ==
					      (done[n] > STATES / MIPS_CALLS / 10),
				      "call %u: %u were quick", n, done[n]);
		}
}

/* An exception of the guest's, and one of the code's own. */
static void a_miss_of_the_codes_own_gives_registers_back(void **state)
{
	fake_reset();
	guest.gpr[V0] = guest.gpr[K0] = guest.gpr[K1] = 7;
	for (u32 i = 0; i < 3; i++)
		guest.kept[i] = 1 + i;
	mips_call_missed(&guest);
	assert_int_equal(guest.gpr[V0] + guest.gpr[K0] + guest.gpr[K1], 21);
	guest.reading = 1;
	mips_call_missed(&guest);
	assert_int_equal(guest.gpr[V0], 3);
	assert_int_equal(guest.gpr[K0], 1);
	assert_int_equal(guest.gpr[K1], 2);
	assert_int_equal(guest.reading, 0);
}

static void binutils_reads_every_word(void **state)
{
	static char text[MIPS_CALL_WORDS][64];

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		memset(code, 0, sizeof(code));
		make(i);
		for (u32 n = 0; n < MIPS_CALLS + 2; n++) {
			disassemble(&code[n * MIPS_CALL_WORDS], MIPS_CALL_WORDS,
				    CALLS + n * MIPS_CALL_SIZE, text);
			for (unsigned int k = 0; k < MIPS_CALL_WORDS; k++)
				assert_in_range(text[k][0], 'a', 'z');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binutils_reads_every_word),
		cmocka_unit_test(calls_do_what_the_long_way_does),
		cmocka_unit_test(a_miss_of_the_codes_own_gives_registers_back),
	};

	property_init(2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

struct property property;

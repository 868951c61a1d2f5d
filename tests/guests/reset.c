// SPDX-License-Identifier: BSD-2-Clause
/*
 * Boots, looks whether memory is as after power-on, spoils it, and does what it
 * reads from the console: `r` resets, anything else powers off. A bare board
 * keeps its RAM over a reset; a VM must not (bugs.md 13: nor its code).
 */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "reset";
static volatile u64 initialized = 0x600d;
static u64 zeroed;

void guest_hello(void)
{
	print("BOOT\n");
}

__attribute__((noinline, aligned(64))) static unsigned long code(void)
{
	unsigned long v;

	__asm__ volatile(ASM_MOV_1 : "=r"(v));
	return v;
}

/* The `mov` above says 2 from now on. */
static void spoil_code(void)
{
	u32 *insn = (u32 *)code;
	unsigned int i;

	for (i = 0; i < 8; i++)
		if ((insn[i] & ~INSN_MOV_REGISTER) == INSN_MOV(1)) {
			WRITE_ONCE(insn[i], insn[i] ^ INSN_MOV(1) ^ INSN_MOV(2));
			code_changed(&insn[i], 4);
			return;
		}
}

static void as_after_power_on(void)
{
	u64 page = fresh_ram(SZ_2M, SZ_2M), a;

	check(initialized == 0x600d, "data: %#llx", initialized);
	check(!zeroed, "bss: %#llx", zeroed);
	check(code() == 1, "code: %lu", code());
	for (a = page; a < page + SZ_2M && !machine.bare; a += 8)
		check(!read64(a), "%#llx holds %#llx", a, read64(a));
	for (a = page; a < page + SZ_2M; a += 8)
		write64(a, ~a);
	initialized = 0xbad;
	zeroed = 0xbad;
	spoil_code();
	check(code() == 2, "spoilt code: %lu", code());
}

static void obey(void)
{
	/* What is not for this boot stays outside. */
	console_set_fifos(false);
	if (console_getc() == 'r') {
		print("RESET\n");
		power_reset();
		rt_fail("the reset returned");
	}
}

const struct test guest_tests[] = {
	{"K22.as-after-power-on", as_after_power_on},
	{"K22.command", obey},
	{NULL},
};

// SPDX-License-Identifier: BSD-2-Clause
#include "tests/guests/mips/bare.h"

#define POWER 0xbf000500U
#define POWER_OFF 0x4f

static unsigned int passed, failed;

void put(const char *s)
{
	for (; *s; s++)
		*(volatile u8 *)UART = *s;
}

void put_number(u32 n)
{
	char s[12];
	int i = sizeof(s);

	s[--i] = 0;
	do
		s[--i] = '0' + n % 10;
	while (n /= 10);
	put(s + i);
}

void expect(const char *name, bool good)
{
	put(good ? "PASS " : "FAIL ");
	put(name);
	put("\n");
	*(good ? &passed : &failed) += 1;
}

_Noreturn void done(const char *guest)
{
	put("DONE ");
	put(guest);
	put(": ");
	put_number(passed);
	put(" passed, ");
	put_number(failed);
	put(" failed\n");
	power_off();
}

_Noreturn void power_off(void)
{
	*at(POWER) = POWER_OFF;
	for (;;)
		__asm__ volatile("wait");
}

void tlb_write(u32 index, u32 hi, u32 lo0, u32 lo1)
{
	MTC0(hi, 10);
	MTC0(lo0, 2);
	MTC0(lo1, 3);
	MTC0(0, 5);
	MTC0(index, 0);
	__asm__ volatile("tlbwi\n\tehb" ::: "memory");
}

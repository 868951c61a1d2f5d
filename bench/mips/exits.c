// SPDX-License-Identifier: BSD-2-Clause
/*
 * What exits of the mips port cost: each operation many times over, in ticks of
 * Count, which under `-icount` are executed instructions. Prints, as
 * bench/exits_guest.c does, BENCH name repetitions ticks empty.
 */
#include "lib/types.h"
#include "lib/util.h"

#define UART 0xbf000900U
#define POWER 0xbf000500U
#define POWER_OFF 0x4f
#define TIMES 20000U
#define PAIRS 1024U
#define KSEG0 0x40000000U
#define KSEG2 0x60000000U

/* Of tests/guests/mips/start.S, of which the vectors and the stack are used. */
struct seen {
	u32 count, cause, epc, badvaddr, entryhi, context, vector, resume, status;
};
volatile struct seen seen;
void in_user_mode(u32 pc);
void guest_main(void);

static void put(const char *s)
{
	for (; *s; s++)
		*(volatile u8 *)UART = *s;
}

static void put_number(u32 n)
{
	char s[12];
	int i = sizeof(s);

	s[--i] = 0;
	do
		s[--i] = '0' + n % 10;
	while (n /= 10);
	put(s + i);
	put(" ");
}

static u32 now(void)
{
	u32 v;

	__asm__ volatile("mfc0 %0, $9" : "=r"(v) : : "memory");
	return v;
}

static void row(const char *name, u32 n, u32 ticks, u32 empty)
{
	put("BENCH ");
	put(name);
	put(" ");
	put_number(n);
	put_number(ticks);
	put_number(empty);
	put("\n");
}

/* All of it twice, and the second time counts: what is to be translated, or mapped,
 * has been. */
#define TIME(what)                                                             \
	({                                                                     \
		u32 ticks_ = 0;                                                \
		for (int pass_ = 0; pass_ < 2; pass_++) {                      \
			ticks_ = now();                                        \
			for (u32 n_ = TIMES; n_; n_--)                         \
				__asm__ volatile(what : : "r"(KSEG0)           \
						 : "$2", "memory");            \
			ticks_ = now() - ticks_;                               \
		}                                                              \
		ticks_;                                                        \
	})

#define OPERATION(name, what) row(name, TIMES, TIME(what), empty)

/* ERET to the next instruction. */
#define RETURN                                                                 \
	"lui $2, %%hi(1f)\n\taddiu $2, $2, %%lo(1f)\n\tmtc0 $2, $14\n\t"      \
	"ehb\n\teret\n1:"
#define NO_RETURN                                                              \
	"lui $2, %%hi(1f)\n\taddiu $2, $2, %%lo(1f)\n\tmtc0 $2, $14\n\tehb\n1:"

/* Code in each page that goes on `step` bytes behind, and back after `n` pages: no
 * other page is used meanwhile. */
static void write_chain(u32 va)
{
	static const u32 code[] = {
		0x01054021, /* addu $8, $8, $5 */
		0x24c6ffff, /* addiu $6, $6, -1 */
		0x03e6400a, /* movz $8, $31, $6 */
		0x01000008, /* jr $8 */
		0,
	};

	for (u32 i = 0; i < PAIRS; i++, va += 0x2000) {
		for (u32 n = 0; n < ARRAY_SIZE(code); n++)
			((volatile u32 *)va)[n] = code[n];
		__asm__ volatile("synci 0(%0)\n\tsync" : : "r"(va) : "memory");
	}
}

static __attribute__((noinline)) u32 walk(u32 va, u32 step, u32 n)
{
	register u32 to __asm__("$8") = va;
	register u32 by __asm__("$5") = step;
	register u32 left __asm__("$6") = n;
	u32 ticks = now();

	__asm__ volatile("jalr.hb %0\n\tnop"
			 : "+r"(to), "+r"(left) : "r"(by) : "$31", "memory");
	return now() - ticks;
}

/* A pair of pages of 1 MiB of the guest's. */
static void map(u32 index, u32 va, u32 lo)
{
	__asm__ volatile("mtc0 %0, $5\n\tmtc0 %1, $10\n\tmtc0 %2, $2\n\t"
			 "mtc0 %3, $3\n\tmtc0 %4, $0\n\tehb\n\ttlbwi\n\t"
			 "mtc0 $0, $5\n\tehb"
			 :
			 : "r"(0x1fe000), "r"(va), "r"(lo), "r"(lo + 0x4000),
			   "r"(index));
}

/* Pages of 4 KiB in the tables, and not in the TLB: others have been in between, and
 * have gone. (So has what TLBWR replaced, with which QEMU goes on else.) */
static void misses(void)
{
	u32 va = KSEG2, other = KSEG2 + 0x800000, ticks;

	for (u32 i = 0; i < 4; i++) {
		map(i, va + i * 0x200000, (0x400000 + i * 0x200000) >> 6 | 0x1f);
		map(i + 4, other + i * 0x200000,
		    (0x400000 + i * 0x200000) >> 6 | 0x1f);
	}
	write_chain(KSEG0 + 0x400000);
	walk(va, 0x2000, PAIRS);
	walk(other, 0x2000, PAIRS);
	for (u32 i = 4; i < 8; i++)
		map(i, other + (i - 4) * 0x200000, 1);
	ticks = walk(va, 0x2000, PAIRS);
	row("tlb-miss", PAIRS, ticks, walk(va, 0, PAIRS));
}

void guest_main(void)
{
	/* One NOP in each round: bench/mips/table.awk adds it again. */
	u32 empty = TIME("nop");

	put("BENCH-HZ 160000000\n");
	OPERATION("mfc0-epc", "mfc0 $2, $14");
	OPERATION("mtc0-epc", "mtc0 $2, $14");
	OPERATION("mtc0-entryhi", "mtc0 $0, $10");
	OPERATION("mfc0-count", "mfc0 $2, $9");
	OPERATION("di", "di");
	OPERATION("ei", "ei");
	OPERATION("tlbp", "tlbp");
	OPERATION("tlbwi", "tlbwi");
	row("eret", TIMES, TIME(RETURN), TIME(NO_RETURN));
	OPERATION("cached-load", "lw $2, 0(%0)");
	/* The guest's handler has 27 instructions, and an ERET. */
	OPERATION("syscall-and-back", "syscall");
	misses();
	*(volatile u32 *)POWER = POWER_OFF;
	for (;;)
		__asm__ volatile("wait");
}

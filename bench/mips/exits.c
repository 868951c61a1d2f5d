// SPDX-License-Identifier: BSD-2-Clause
/*
 * What exits of the mips port cost: each operation many times over, in ticks of
 * Count, which under `-icount` are executed instructions. Prints, as
 * bench/exits_guest.c does, BENCH name repetitions ticks empty.
 */
#include "tests/guests/mips/bare.h"

#define TIMES 20000U
#define PAIRS 1024U
#define KSEG2 0x60000000U
#define USEG 0x10000000U /* where processes have pages */
#define UNMAPPED 0x90000000U

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
	put(" ");
	put_number(ticks);
	put(" ");
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

/* ---- The TLB, entry by entry --------------------------------------------------- */

#define ENTRIES 48U
#define FIRST 8U

/* `what` on all entries, with Index on each before. */
#define EACH_ENTRY(what)                                                       \
	({                                                                     \
		u32 ticks_ = now();                                            \
		for (u32 n_ = FIRST; n_ < FIRST + ENTRIES; n_++)               \
			__asm__ volatile("mtc0 %0, $0\n\t" what : : "r"(n_)); \
		now() - ticks_;                                                \
	})

/* Pairs that are there, and the guest has touched. */
static void fill_tlb(void)
{
	for (u32 i = 0; i < ENTRIES; i++) {
		u32 va = USEG + i * 0x2000;

		__asm__ volatile("mtc0 %0, $10\n\tmtc0 %1, $2\n\tmtc0 %2, $3\n\t"
				 "mtc0 %3, $0\n\tehb\n\ttlbwi\n\tehb"
				 :
				 : "r"(va), "r"((0x400000 + i * 0x2000) >> 6 | 0x1e),
				   "r"((0x401000 + i * 0x2000) >> 6 | 0x1e),
				   "r"(FIRST + i));
		*(volatile u32 *)va;
		*(volatile u32 *)(va + 0x1000);
	}
}

/* An entry that no page comes of. */
#define EMPTY "mtc0 %0, $10\n\tmtc0 $0, $2\n\tmtc0 $0, $3"

static void tlb_writes(void)
{
	u32 index, ticks;

	/* Of 4 KiB. */
	__asm__ volatile("mtc0 $0, $5");
	__asm__ volatile(EMPTY : : "r"(UNMAPPED));
	index = EACH_ENTRY("nop");
	index = EACH_ENTRY("nop");
	for (int pass = 0; pass < 2; pass++) {
		fill_tlb();
		__asm__ volatile(EMPTY : : "r"(UNMAPPED));
		ticks = EACH_ENTRY("tlbwi");
	}
	row("tlbwi-live", ENTRIES, ticks, index);
	row("tlbwi-other", ENTRIES, EACH_ENTRY("tlbwi"), index);
	__asm__ volatile("mtc0 %0, $6" : : "r"(FIRST));
	ticks = EACH_ENTRY("tlbwr");
	row("tlbwr", ENTRIES, EACH_ENTRY("tlbwr"), index);
	for (int pass = 0; pass < 2; pass++) {
		fill_tlb();
		__asm__ volatile(EMPTY : : "r"(UNMAPPED));
		/* Most of them are others, as TLBWR takes them. */
		ticks = EACH_ENTRY("tlbwr");
	}
	row("tlbwr-live", ENTRIES, ticks, index);
	__asm__ volatile("mtc0 $0, $6");
}

/* All but entry 0, as a kernel has it that uses pages of 4 KiB. */
static void empty_tlb(void)
{
	for (u32 n = 1; n < 64; n++)
		__asm__ volatile("mtc0 $0, $5\n\tmtc0 %1, $0\n\t" EMPTY
				 "\n\tehb\n\ttlbwi"
				 :
				 : "r"(UNMAPPED + n * 0x2000), "r"(n));
}

/* ---- User mode ------------------------------------------------------------------- */

/*
 * Vectors that do no more than to go on behind the instruction; but BREAK ends user
 * mode. Loops in user mode: what is counted, and three instructions.
 */
__asm__(".pushsection .text.user, \"ax\"\n"
	"	.set push\n	.set noreorder\n	.set noat\n"
	/* Nothing comes here that is counted. */
	".globl handle\nhandle:\n"
	"	mfc0 $26, $14\n	addiu $26, $26, 4\n	mtc0 $26, $14\n"
	"	ehb\n	eret\n"
	"	.balign 4096\n"
	"user_vectors:\n"
	"	mfc0 $26, $14\n	addiu $26, $26, 4\n	mtc0 $26, $14\n"
	"	ehb\n	eret\n"
	"	.org user_vectors + 0x180\n"
	"	mfc0 $26, $13\n	andi $26, $26, 0x7c\n"
	"	xori $26, $26, 0x24\n	beqz $26, 1f\n"
	"	 mfc0 $26, $14\n	addiu $26, $26, 4\n"
	"	mtc0 $26, $14\n	ehb\n	eret\n"
	"1:	mtc0 $0, $12\n	ehb\n	lui $26, %hi(user_return)\n"
	"	lw $26, %lo(user_return)($26)\n	jr $26\n	 nop\n"
	"user_syscalls:\n"
	"	syscall\n	addiu $4, $4, -1\n	bnez $4, user_syscalls\n"
	"	 nop\n	break\n"
	"user_misses:\n"
	"	lw $2, 0($0)\n	addiu $4, $4, -1\n	bnez $4, user_misses\n"
	"	 nop\n	break\n"
	/* u32 user_loop(u32 pc, u32 n, u32 status) */
	"user_loop:\n"
	"	lui $8, %hi(user_return)\n	sw $31, %lo(user_return)($8)\n"
	"	mtc0 $6, $12\n	ehb\n	mtc0 $4, $14\n	move $4, $5\n"
	"	ehb\n	eret\n"
	"	.set pop\n	.popsection\n");

extern const u8 user_vectors[], user_syscalls[], user_misses[];
void user_loop(u32 pc, u32 n, u32 status);
u32 user_return;

#define KERNEL 2 /* EXL, for ERET to clear */
#define USER 0x12
#define USER_VA 0x800000U /* where user mode has the 2 MiB from IMAGE on */
#define IMAGE 0x200000U   /* where this program is (guest.ld) */

static u32 time_loop(const u8 *loop, u32 status)
{
	u32 pc = (u32)(uintptr_t)loop -
		 (status == USER ? KSEG0 + IMAGE - USER_VA : 0);
	u32 ticks = 0;

	for (int pass = 0; pass < 2; pass++) {
		ticks = now();
		user_loop(pc, TIMES, status);
		ticks = now() - ticks;
	}
	return ticks;
}

/* What the handlers execute but for ERET, with what a loop has besides. */
#define GENERAL_HANDLER                                                        \
	"mfc0 $2, $13\n\tandi $2, $2, 0x7c\n\txori $2, $2, 0x24\n\tnop\n\t"    \
	"mfc0 $2, $14\n\taddiu $2, $2, 4\n\tmtc0 $2, $14\n\tehb"
#define REFILL_HANDLER "mfc0 $2, $14\n\taddiu $2, $2, 4\n\tmtc0 $2, $14\n\tehb"

static void user_mode(void)
{
	u32 general = TIME(GENERAL_HANDLER), refill = TIME(REFILL_HANDLER);

	map(0, USER_VA, IMAGE >> 6 | 0x1f);
	empty_tlb();
	__asm__ volatile("mtc0 %0, $15, 1\n\tehb" : : "r"(user_vectors));
	row("syscall-kernel", TIMES, time_loop(user_syscalls, KERNEL), general);
	row("syscall-user", TIMES, time_loop(user_syscalls, USER), general);
	row("miss-user", TIMES, time_loop(user_misses, USER), refill);
	__asm__ volatile("mtc0 %0, $15, 1\n\tehb" : : "r"(vectors));
}

void guest_main(void)
{
	/* One NOP in each round: bench/mips/table.awk adds it again. */
	u32 empty = TIME("nop");

	put("BENCH-HZ 160000000\n");
	OPERATION("mfc0-epc", "mfc0 $2, $14");
	OPERATION("mtc0-epc", "mtc0 $2, $14");
	OPERATION("mtc0-entryhi", "mtc0 $0, $10");
	/* As timers are set: far away, and not too far for 32 bits. */
	__asm__ volatile("mtc0 %0, $11" : : "r"(now() + (1U << 30)));
	OPERATION("mfc0-count", "mfc0 $2, $9");
	OPERATION("di", "di");
	OPERATION("ei", "ei");
	OPERATION("restore", ".set push\n\t.set noreorder\n\t"
			     "beqz %0, .+12\n\tdi\n\tei\n\t.set pop");
	OPERATION("tlbp", "tlbp");
	OPERATION("tlbwi", "tlbwi");
	row("eret", TIMES, TIME(RETURN), TIME(NO_RETURN));
	OPERATION("cached-load", "lw $2, 0(%0)");
	OPERATION("mtc0-status", "mtc0 $0, $12");
	OPERATION("mtc0-compare", "mtc0 $0, $11");
	tlb_writes();
	user_mode();
	misses();
	power_off();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * K40 to K46 from inside: what a guest's kernel in user mode finds is what a CPU
 * of its own would do. Prints PASS or FAIL for each case, and turns its machine off.
 * UPPER: linked as for hardware, for CPUs with segment control.
 */
#include "tests/guests/mips/bare.h"

#ifdef UPPER
#define COMMPAGE 0xffff8000U
#define USER 0x7f000000U /* an address of user mode's */
#else
#define COMMPAGE 0x7000U
#define USER 0x00400000U
#endif
#define BESIDE (COMMPAGE ^ 0x1000) /* the other page of its pair */
#define KSEG1 0xa0000000U

enum { MOD = 1, TLBL, TLBS, ADEL, ADES, DBE = 7, SYS, BP, RI, CPU };

struct seen {
	u32 count, cause, epc, badvaddr, entryhi, context, vector, resume, status;
};

volatile struct seen seen;

u32 keeps_registers(u32 va);
void in_user_mode(u32 pc);
bool pair_with_probe(volatile u32 *word);

/* ---- Memory ------------------------------------------------------------------- */

/* Pages of guest-physical memory: 0x400000 and on. */
static u32 page(unsigned int n)
{
	return 0x400000 + n * 0x1000;
}

/* Did this access take one exception of that code, and only one? */
static bool excepted(u32 before, u32 code)
{
	return seen.count == before + 1 && (seen.cause >> 2 & 31) == code;
}

static void linear(void)
{
	*at(KSEG0 + page(0)) = 0x12345678;
	expect("linear.cached-and-uncached-are-one",
	       *at(KSEG1 + page(0)) == 0x12345678);
	*at(KSEG1 + page(0)) = 0x9abcdef0;
	expect("linear.uncached-write", *at(KSEG0 + page(0)) == 0x9abcdef0);
	expect("linear.uncached-byte",
	       *(volatile u8 *)(KSEG1 + page(0) + 1) == 0xde);
}

static void pairs(void)
{
	u32 va = 0x10000000, before;

	for (u32 n = 0; n < 4; n++)
		*at(KSEG0 + page(n)) = 100 + n;
	tlb_write(1, va, LO(page(0), V | D), LO(page(1), V | D));
	expect("pair.even", *at(va) == 100);
	expect("pair.odd", *at(va + 0x1000) == 101);
	/* Bugs.md 31, 35: both halves of what is replaced go. */
	tlb_write(1, va, LO(page(2), V | D), LO(page(3), V | D));
	expect("pair.even-replaced", *at(va) == 102);
	expect("pair.odd-replaced", *at(va + 0x1000) == 103);
	tlb_write(1, va, LO(page(2), V | D), LO(page(3), D));
	before = seen.count;
	(void)*at(va + 0x1004);
	expect("pair.half-invalid", excepted(before, TLBL) &&
	       seen.vector == 0x180 && seen.badvaddr == va + 0x1004);
	expect("pair.entryhi", seen.entryhi == va);
	expect("pair.context", (seen.context & 0x7ffff0) == (va >> 13) << 4);
	expect("pair.other-half-stays", *at(va) == 102);
	tlb_write(1, va, LO(page(2), V), LO(page(3), V));
	before = seen.count;
	*at(va) = 7;
	expect("pair.modified", excepted(before, MOD) && *at(va) == 102);
	before = seen.count;
	*at(0x20000000) = 7;
	expect("pair.refill-of-a-store",
	       excepted(before, TLBS) && seen.vector == 0);
}

static void asids(void)
{
	u32 va = 0x10000000;

	tlb_write(2, va | 1, LO(page(0), V | D), LO(page(0), V | D));
	tlb_write(3, va | 2, LO(page(1), V | D), LO(page(1), V | D));
	tlb_write(4, 0x11000000, LO(page(2), V | D | G), LO(page(2), V | D | G));
	MTC0(1, 10);
	expect("asid.one", *at(va) == 100);
	MTC0(2, 10);
	expect("asid.two", *at(va) == 101);
	expect("asid.global", *at(0x11000000) == 102);
	MTC0(1, 10);
	expect("asid.one-again", *at(va) == 100);
	expect("asid.global-again", *at(0x11000000) == 102);
	/* Bugs.md 33: around the commpage, and over it. */
	tlb_write(5, (COMMPAGE & ~0x1fffU) | 1, LO(page(3), V | D),
		  LO(page(3), V | D));
	MTC0(0x13579bdf, 14);
	*at(BESIDE) = 0xffffffff;
	*at(BESIDE + 0xffc) = 0xffffffff;
	expect("commpage.neighbour", MFC0(14) == 0x13579bdf &&
	       *at(KSEG0 + page(3)) == 0xffffffff);
	MTC0(0, 10);
}

/* Larger pages, devices, and what is nowhere (bugs.md 32). */
static void places(void)
{
	u32 va = 0x14000000, before;

	MTC0(va, 10);
	MTC0(LO(page(0), V | D | G), 2);
	MTC0(LO(page(4), V | D | G), 3);
	MTC0(0x6000, 5); /* 16 KiB */
	MTC0(8, 0);
	__asm__ volatile("tlbwi\n\tehb" ::: "memory");
	*at(KSEG0 + page(3) + 8) = 303;
	*at(KSEG0 + page(7) + 8) = 307;
	expect("place.large-even", *at(va + 0x3008) == 303);
	expect("place.large-odd", *at(va + 0x7008) == 307);
	tlb_write(9, 0x15000000, LO(0x1f000000, V | D | G),
		  LO(0x1e000000, V | D | G));
	before = seen.count;
	for (const char *c = "PASS place.mapped-device\n"; *c; c++)
		*(volatile u8 *)0x15000900 = *c;
	expect("place.device-is-quiet", seen.count == before);
	(void)*at(0x15001000);
	expect("place.nothing-there", excepted(before, DBE));
	tlb_write(10, 0x16000000, 0x3fffffc0 | V | D | G, 0x3fffffc0 | V | D | G);
	before = seen.count;
	*at(0x16000000) = 1;
	expect("place.beyond-what-is-physical", excepted(before, DBE));
	before = seen.count;
	(void)*at(0xc0000000);
#ifdef UPPER
	expect("place.kseg2", excepted(before, TLBL) && !seen.vector &&
	       seen.badvaddr == 0xc0000000);
	tlb_write(11, 0xc0000000, LO(page(3), V | D | G), LO(page(7), V | D | G));
	expect("place.kseg2-mapped", *at(0xc0000008) == 303 &&
	       *at(0xc0001008) == 307);
	tlb_write(12, 0xffffe000, LO(page(3), V | D | G), LO(page(7), V | D | G));
	expect("place.last-page", *at(0xfffff008) == 307);
	tlb_write(12, 0xffffe000, LO(page(7), V | D | G), LO(page(3), V | D | G));
	expect("place.last-page-replaced", *at(0xfffff008) == 303);
#else
	expect("place.above-the-segments", excepted(before, ADEL) &&
	       seen.badvaddr == 0xc0000000);
#endif
	before = seen.count;
	__asm__ volatile("lw $0, 2(%0)" : : "r"(KSEG0 + page(0)) : "memory");
	expect("place.unaligned", excepted(before, ADEL));
}

/* Below kseg0 by an entry of its own, all global. */
static void user(void)
{
	static const u32 code[][2] = {
		{0x0000000c, SYS},  /* syscall */
		{0x40024800, CPU},  /* mfc0 v0, Count */
		{0x42000002, CPU},  /* tlbwi */
		{0x42000018, CPU},  /* eret */
		{0xbc000000, CPU},  /* cache */
		{0x7c02e83b, RI},   /* rdhwr v0, $29 */
		{0x0000000d, BP},   /* break */
		{0x8c027010, TLBL}, /* lw v0, 0x7010($0): no commpage here */
#ifdef UPPER
		{0x8c028010, ADEL}, /* lw v0, -0x7ff0($0): nor here */
#endif
		{0x8f620000, ADEL}, /* lw v0, 0($k1): the kernel's */
		{0xaf620000, ADES},
		{0xfc000000, RI},
	};
	volatile u32 *at_kernel = at(KSEG0 + page(8));
	u32 wrong = 0, before;

	tlb_write(6, USER, LO(page(8), V | G), LO(page(9), V | G));
	for (unsigned int i = 0; i < ARRAY_SIZE(code); i++) {
		at_kernel[0] = 0x3c1b0000 | KSEG0 >> 16; /* lui k1 */
		at_kernel[1] = code[i][0];
		__asm__ volatile("synci 0(%0)\n\tsync\n\tehb" : : "r"(at_kernel));
		before = seen.count;
		in_user_mode(USER);
		if (!excepted(before, code[i][1]) || seen.epc != USER + 4 ||
		    !(seen.status & 0x10))
			wrong |= 1U << i;
	}
	expect("user.exceptions", !wrong);
	if (wrong) {
		put("  cases ");
		put_number(wrong);
		put("\n");
	}
}

/* Code that changes is what is executed (bugs.md 38). */
static void code(void)
{
	volatile u32 *text = at(KSEG0 + page(12));
	bool good = true;

	for (u32 n = 0; n < 50; n++) {
		text[0] = 0x03e00008;     /* jr ra */
		text[1] = 0x24020000 | n; /* li v0, n */
		__asm__ volatile("synci 0(%0)\n\tsync" : : "r"(text) : "memory");
		good &= ((u32(*)(void))(u32)text)() == n;
	}
	expect("code.changes", good);
	good = true;
	for (u32 n = 0; n < 50; n++) {
		text[1] = 0x24020000 | n;
		__asm__ volatile("cache 0x19, 0(%0)\n\tsync\n\tcache 0x10, 0(%0)\n\t"
				 "sync" : : "r"(text) : "memory");
		good &= ((u32(*)(void))(u32)text)() == n;
	}
	expect("code.changes-by-cache", good);
}

/* K43: the hypervisor reads instructions where the kernel has them mapped, and does
 * CACHE there; what is not mapped is the kernel's affair. */
static void mapped_code(void)
{
	u32 va = 0x18000000, before;
	volatile u32 *one = at(KSEG0 + page(14)), *other = at(KSEG0 + page(15));

	tlb_write(13, va, LO(page(15), V | D | G), LO(page(14), V | D | G));
	/* A branch is the last word of a page, and what traps the first of the next:
	 * mfc0 v0, PRId behind jr ra, in both orders of the pages. */
	tlb_write(14, va + 0x2000, LO(page(15), V | G), LO(page(14), V | G));
	one[1023] = 0x03e00008;
	other[0] = 0x40027800;
	__asm__ volatile("synci 0(%0)\n\tsynci 0(%1)\n\tsync" : :
			 "r"(&one[1023]), "r"(other) : "memory");
	expect("mapped.slot-on-the-next-page",
	       ((u32(*)(void))(va + 0x1ffc))() == MFC0(15));
	other[0] = 0x03e00008;
	other[1] = 0x40024800; /* mfc0 v0, Count: traps each time */
	__asm__ volatile("synci 0(%0)\n\tsync" : : "r"(other) : "memory");
	before = ((u32(*)(void))va)();
	expect("mapped.trap-in-a-page", ((u32(*)(void))va)() > before);
	before = seen.count;
	__asm__ volatile("cache 0x10, 0(%0)" : : "r"(va) : "memory");
	expect("mapped.cache", seen.count == before);
	__asm__ volatile("cache 0x15, 8(%0)" : : "r"(va + 0x10000) : "memory");
	expect("mapped.cache-misses", excepted(before, TLBL) && !seen.vector &&
	       seen.badvaddr == va + 0x10008);
	tlb_write(13, va, LO(page(15), D | G), LO(page(14), V | D | G));
	before = seen.count;
	__asm__ volatile("cache 0x15, 8(%0)" : : "r"(va) : "memory");
	expect("mapped.cache-on-an-invalid-page", excepted(before, TLBL) &&
	       seen.vector == 0x180 && seen.badvaddr == va + 8);
	/* A device has nothing in a cache, whatever its page says. */
	before = seen.count;
	__asm__ volatile("cache 0x15, 8(%0)" : : "r"(KSEG0 + 0x1f000900) : "memory");
	__asm__ volatile("cache 0x15, 8(%0)" : : "r"(UART) : "memory");
	expect("mapped.cache-of-a-device", seen.count == before);
}

static void timer(void)
{
	u32 before, resume;

	MTC0(0x8000, 12); /* IM7 */
	MTC0(MFC0(9) + 100000, 11);
	before = seen.count;
	__asm__ volatile("lui %0, %%hi(1f)\n\taddiu %0, %0, %%lo(1f)\n\t"
			 "sw %0, 28(%1)\n\tei\n\tehb\n2:\twait\n\tb 2b\n\tnop\n1:"
			 : "=&r"(resume) : "r"(&seen) : "memory");
	seen.resume = 0;
	expect("timer.ends-a-wait", excepted(before, 0) &&
	       seen.cause & 0x40000000 && seen.cause & 0x8000);
	MTC0(MFC0(9) - 1, 11);
	expect("timer.acknowledged", !(MFC0(13) & 0x40008000));
	MTC0(0, 12);
}

static void delay_slots(void)
{
	u32 v, w;

	MTC0(0x2468ace0, 30);
	__asm__ volatile(".set push\n\t.set noreorder\n\tb 1f\n\tmfc0 %0, $30\n\t"
			 "li %0, 0\n1:\tli %1, 5\n\t.set pop"
			 : "=&r"(v), "=&r"(w));
	expect("slot.mfc0", v == 0x2468ace0 && w == 5);
	__asm__ volatile(".set push\n\t.set noreorder\n\tmtc0 $0, $12\n\tbal 1f\n\t"
			 "di %0\n\tli %1, 0\n\tb 2f\n\tnop\n1:\tjr $31\n\t"
			 "ei\n2:\t.set pop"
			 : "=&r"(v), "=&r"(w) : : "$31");
	expect("slot.di-and-ei", !v && !w && MFC0(12) == 1);
	MTC0(0, 12);
}

static volatile u32 word;

void guest_main(void)
{
	u32 kept = 0;

	put("Hello from a guest in user mode.\n");
	linear();
	pairs();
	asids();
	tlb_write(7, 0x12000000, LO(page(0), V | D | G), LO(page(0), V | D | G));
	for (int i = 0; i < 3; i++)
		kept |= keeps_registers(0x12000000 + i * 0x400);
	expect("registers.are-kept", !kept);
	places();
	user();
	code();
	mapped_code();
	delay_slots();
	word = 41;
	expect("llsc.with-a-trap-between", pair_with_probe(&word) && word == 42);
	timer();
	done("world");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What of the runtime is the mips port's: see tests/guests/rt/rt.h. Everything is in
 * the unmapped segment, which begins at 1 GiB and shows guest-physical memory from 0
 * on. Registers have AArch64's names and read as u64, as there.
 */
#ifndef TESTS_GUESTS_RT_ARCH_H
#define TESTS_GUESTS_RT_ARCH_H

#define KSEG0 0x40000000U
#define KSEG1 0xa0000000U

/* Where guest-physical memory is found, and devices. */
#define ram_at(physical) ((physical) + KSEG0)
#define device_at(physical) ((physical) + KSEG1)
/* An address in which the machine has neither memory nor a device. */
#define HOLE 0x5e000000UL

/* Aborts do not say at which address: BadVAddr is of TLB and address errors. */
#define ABORTS_HAVE_FAR 0

/* ---- Registers and barriers -------------------------------------------------- */

#define MFC0(rd, sel)                                                          \
	({                                                                     \
		u32 v_;                                                        \
		__asm__ volatile("mfc0 %0, $" #rd ", " #sel                    \
				 : "=r"(v_)::"memory");                        \
		v_;                                                            \
	})
#define MTC0(v, rd, sel)                                                       \
	__asm__ volatile("mtc0 %z0, $" #rd ", " #sel "\n\tehb" ::"Jr"((u32)(v)) \
			 : "memory")

#define read_sysreg(r) read_##r()
#define write_sysreg(r, v) write_##r(v)

/* UserLocal. */
static inline u64 read_tpidr_el1(void)
{
	return MFC0(4, 2);
}

static inline void write_tpidr_el1(u64 v)
{
	MTC0(v, 4, 2);
}

static inline u64 read_midr_el1(void)
{
	return MFC0(15, 0); /* PRId */
}

/* Count, carried on to 64 bits: to be read more often than it wraps. */
u64 read_cntvct_el0(void);

static inline u64 read_cntfrq_el0(void)
{
	return machine.counter_hz;
}

static inline unsigned int address_bits(void)
{
	return 32;
}

#define UART_NAME "NS16550A"
static inline void print_interrupt_controller(void)
{
}

#define irq_enable() __asm__ volatile("ei\n\tehb" ::: "memory")
#define irq_disable() __asm__ volatile("di\n\tehb" ::: "memory")
#define isb() __asm__ volatile("ehb" ::: "memory")
#define dsb(o) __asm__ volatile("sync" ::: "memory")
#define wfi() __asm__ volatile("wait" ::: "memory")
#define wfe() __asm__ volatile("" ::: "memory")
#define sev() __asm__ volatile("" ::: "memory")

/* ---- Loads and stores ---------------------------------------------------------- */

/* Two instructions: a compiler does not put them into a delay slot, from where no
 * handler knows how to go on. */
#define MMIO_OPS(bits, l, s)                                                   \
	static inline u##bits read##bits(u64 a)                                \
	{                                                                      \
		u32 v_;                                                        \
		__asm__ volatile(l " %0, 0(%1)\n\tnop"                         \
				 : "=r"(v_)                                    \
				 : "r"((u32)a)                                 \
				 : "memory");                                  \
		return v_;                                                     \
	}                                                                      \
	static inline void write##bits(u64 a, u##bits v)                       \
	{                                                                      \
		__asm__ volatile(s " %0, 0(%1)\n\tnop" ::"r"((u32)v),          \
				 "r"((u32)a)                                   \
				 : "memory");                                  \
	}
MMIO_OPS(8, "lbu", "sb")
MMIO_OPS(16, "lhu", "sh")
MMIO_OPS(32, "lw", "sw")

/* By two. */
static inline u64 read64(u64 a)
{
	return read32(a) | (u64)read32(a + 4) << 32;
}

static inline void write64(u64 a, u64 v)
{
	write32(a, v);
	write32(a + 4, v >> 32);
}

/* No instruction stores two words, but those that store a part of one. */
static inline void store_pair(u64 a, unsigned long lo, unsigned long hi)
{
	__asm__ volatile("swr %0, 0(%1)\n\tswl %0, 3(%1)" ::"r"(lo), "r"((u32)a)
			 : "memory");
	write32(a + 4, hi);
}

static inline u64 store_and_advance(u64 a, unsigned long v)
{
	write32(a, v);
	return a + 4;
}

/* False: there is no such instruction. */
static inline bool zero_line(u64 a)
{
	return false;
}

/* ---- Instructions --------------------------------------------------------------- */

#define INSN_UDF 0xfc000000U
#define ZEROS_DO_NOTHING 1
#define ASM_MOV_1 "li %0, 1"
#define INSN_MOV(n) (0x24000000U | (n)) /* to any register: addiu, from $0 */
#define INSN_MOV_REGISTER (31U << 16)
/* A function that returns n. */
static inline void put_function(u64 at, unsigned int n)
{
	write32(at, 0x03e00008);     /* jr ra */
	write32(at + 4, 0x24020000U | n); /* in its delay slot: li v0, n */
}

/* ---- Exceptions ----------------------------------------------------------------- */

/* Cause.ExcCode. */
enum {
	EXC_INT,
	EXC_MOD,
	EXC_TLBL,
	EXC_TLBS,
	EXC_ADEL,
	EXC_ADES,
	EXC_IBE,
	EXC_DBE,
	EXC_SYS,
	EXC_BP,
	EXC_RI,
	EXC_CPU,
	EXC_OV,
	EXC_TR
};

struct frame {
	u32 r[32]; /* k0 and k1 are nobody's */
	u32 hi, lo, pc, status, cause, badvaddr, vector;
};

/* The upper half of a trap's `esr`. */
#define ESR_CAUSE(esr) ((u32)((esr) >> 32))
#define is_exception(t, code)                                                  \
	((t).taken && (ESR_CAUSE((t).esr) >> 2 & 31) == (code))

/*
 * Where the next exception that is expected goes on, in kernel mode with
 * interrupts as they were, rather than behind its instruction; one exception uses it
 * up.
 */
extern u32 rt_resume;
/* The last one, as it came. */
extern struct frame rt_last;
/* Asked first, if there is one: true, and it goes on as *f says. */
extern bool (*rt_hook)(struct frame *f);
/* The stack of exceptions of user mode, which somebody else lets it enter. */
extern u32 user_stack;

/* EBase is written under BEV; a guest of ours may at any time. */
#define DEVICE_FOR_STACK (machine.uart + 0x3c)
static inline void use_vectors(u64 at)
{
	MTC0(at, 15, 1);
}

/* Interrupts, by their bit in Cause.IP. */
void ip_on(unsigned int ip, irq_handler fn);
void ip_enable(unsigned int ip);
void ip_disable(unsigned int ip);

/* ---- MMU ------------------------------------------------------------------------ */

/* The TLB's: there are no tables, and every page can be executed. */
#define MMU_HAS_XN 0
#define MMU_WINDOW 0x60000000ULL
#define MMU_PAGE_LEVEL 3
#define MMU_OWN 0x10000000ULL
extern char vectors[];

#endif

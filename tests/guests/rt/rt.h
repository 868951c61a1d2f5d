/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runtime of the test guests: bare-metal programs for an Armv8-A, ARMv7-A or
 * MIPS32 virtual machine. For Arm, the same binary runs inside a VM of Twofold and at
 * EL1 (PL1) of a bare QEMU board: wherever hardware decides, the bare board is the
 * oracle.
 *
 * A guest's source is the same for all: registers have AArch64's names, and an
 * address, always virtual, is a u64. What differs is in rt/arm64, rt/arm and rt/mips:
 * start.S, mmu.c, exception.c, and rt_arch.h, which is included below. What both
 * Arms have in common is in rt/armcommon.
 *
 * A guest prints one line a test,
 *
 *	PASS name
 *	FAIL name: why
 *	SKIP name: why
 *
 * then `DONE guest: P passed, F failed`, and powers itself off.
 */
#ifndef TESTS_GUESTS_RT_H
#define TESTS_GUESTS_RT_H

#include "lib/lock.h"
#include "lib/types.h"
#include "lib/util.h"

#define MAX_CPUS 8

/* ---- What a guest supplies --------------------------------------------- */

enum {
	ON_BARE = 1,   /* only where no hypervisor stands below */
	ON_HYP = 2,    /* only under the hypervisor */
	CACHES_OFF = 4 /* runs before the MMU is switched on */
};

struct test {
	const char *name;
	void (*fn)(void);
	unsigned int cpus; /* needs at least so many; they are started */
	unsigned int flags;
	const struct test *more; /* of an end: the table goes on there */
};

extern const char guest_name[];
extern const struct test guest_tests[]; /* ends without a name */
/* Before the first test: facts to print and the like. */
void guest_hello(void);

/* ---- Results -------------------------------------------------------------- */

void rt_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void rt_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool rt_failed(void); /* has the test that runs now failed? */

/* In a test: fail and return. */
#define check(cond, ...)                                                       \
	do {                                                                   \
		if (!(cond)) {                                                 \
			rt_fail(__VA_ARGS__);                                  \
			return;                                                \
		}                                                              \
	} while (0)

/* One line or a part of one; whole calls of several CPUs do not mix. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int console_getc(void); /* waits */
bool console_ready(void); /* is there something to get? */
void console_putc(char c);
/* Without FIFOs, what is not for this boot stays outside. */
void console_set_fifos(bool on);
/* Interrupts for input: the handler gets all there is. */
void console_listen(void (*fn)(void));

/* ---- The machine ------------------------------------------------------------ */

struct machine {
	const void *fdt;
	u64 entry_counter;   /* CNTVCT_EL0 at the first instruction */
	u64 ram_base, ram_size; /* where the first word is found */
	unsigned int cpus;
	u64 mpidr[MAX_CPUS]; /* as `reg` in the device tree */
	u64 uart;
	unsigned int uart_intid; /* MIPS: the bit in Cause.IP */
	u32 counter_hz;          /* MIPS */
	unsigned int gic_version;
	u64 gicd, gicc, gicr;
	bool hvc;            /* PSCI conduit */
	bool bare;           /* no hypervisor: `bare` in the command line */
	const char *model, *bootargs;
};
extern struct machine machine;

void machine_init(const void *fdt);
/* The architecture's part of it. Before the tree is known: defaults that let a
 * message out. The tree, where it is not passed. */
void machine_default(void);
const void *machine_find_fdt(void);
void machine_find_devices(void);
/* Range `index` of a node's `reg`, as it stands there; 0 when there is none. */
u64 machine_reg(int node, int index, u64 *size);
/* A property that is a string; "" when it is none. */
const char *machine_string(const char *path, const char *name);
/* Is the word in the command line? */
bool machine_option(const char *word);

extern char _head[], _data_end[], __bss_start[], _image_end[];

/* Where the image ends, 2 MiB aligned. What a loader has put there may follow. */
u64 free_ram(void);
/* The next `size` bytes behind it that nobody has touched, nor the device tree
 * is in, aligned to `align`. */
u64 fresh_ram(u64 size, u64 align);

typedef void (*irq_handler)(unsigned int intid);

/* ---- CPUs ------------------------------------------------------------------ */

struct trap {
	bool armed, taken, serror;
	u64 esr, far, elr;
	unsigned int count;
};

struct cpu {
	unsigned int index;
	struct trap trap;
	bool mmu_on;
	/* Work for a secondary CPU, and how much it has done. */
	void (*fn)(void *arg);
	void *arg;
	u32 asked, done;
	bool up;
	/* Interrupts taken, in order. */
	u32 irq_count[1024 + 1];
	u32 irq_log[64];     /* IAR values */
	u32 irq_logged;
};
extern struct cpu cpus[MAX_CPUS];

/* The machine's end, by its firmware or a device. power_reset() does not return, where
 * it works. */
_Noreturn void power_off(void);
void power_reset(void);

#include <rt_arch.h>

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)read_sysreg(tpidr_el1);
}

/*
 * read8() to read64(), write8() to write64(): instructions whose syndrome
 * describes them whole (ISV = 1), but those of 64 bits on ARMv7. A compiler left
 * to itself may choose one with writeback, which a hypervisor cannot emulate from
 * its syndrome.
 */

/* ---- Exceptions that are expected -------------------------------------------- */

/*
 * What came, as an ESR of AArch64 has it; rt/arm makes one of what it finds in
 * DFSR and IFSR, rt/mips of Cause.
 */
#define EC_UNKNOWN 0x00
#define EC_FP 0x07
#define EC_ILLEGAL 0x0e
#define EC_SVC 0x15
#define EC_HVC 0x16
#define EC_SMC 0x17
#define EC_SYSREG 0x18
#define EC_IABT 0x21
#define EC_PC_ALIGN 0x22
#define EC_DABT 0x25
#define EC_SP_ALIGN 0x26
#define FSC_SIZE(l) (l)
#define FSC_TRANSLATION(l) (4 + (l))
#define FSC_PERMISSION(l) (12 + (l))
#define FSC_EXTERNAL 0x10
#define FSC_EXTERNAL_WALK(l) (0x14 + (l))
#define FSC_ALIGNMENT 0x21
#define ESR_EC(esr) ((unsigned int)((esr) >> 26 & 0x3f))
#define ESR_FSC(esr) ((unsigned int)((esr)&0x3f))
#define ESR_WNR(esr) ((esr) >> 6 & 1)

void trap_begin(void);
struct trap trap_end(void);
/*
 * Run statements; a synchronous exception in them is recorded and its
 * instruction left out (a bad branch: returned from). Its value says what came.
 */
#define TRAP(...)                                                              \
	({                                                                     \
		trap_begin();                                                  \
		__VA_ARGS__;                                                   \
		trap_end();                                                    \
	})

/* One load or store instruction each, so that what is skipped is known. */
u64 load(u64 addr, unsigned int bytes);
void store(u64 addr, unsigned int bytes, u64 value);
/* Branch there and come back. */
void call_at(u64 addr);
/* Exceptions without end from here: a stack that is not there; vectors. */
void lose_stack(u64 sp);
void lose_vectors(u64 at);
/* What leaves a guest, of every kind, some times. */
void leave_often(void);
/* Nothing more happens on this CPU. */
void abandon_cpu(void);

/* Is it this exception? For aborts the fault status too. */
#define is_ec(t, ec) ((t).taken && ESR_EC((t).esr) == (ec))
#define is_abort(t, ec, fsc) (is_ec(t, ec) && ESR_FSC((t).esr) == (fsc))

/* ---- MMU ------------------------------------------------------------------- */

enum mem_type { MEM_DEVICE, MEM_NORMAL, MEM_UNCACHED };

/*
 * Everything one to one: the first GiB Device, the rest Normal write-back. On
 * ARMv7 the tables have the long format (LPAE), or the short one where the command
 * line says `short`; and MMU_WINDOW to MMU_OWN lie in the first GiB, above any
 * board's devices.
 */
void mmu_on(void);
void mmu_off(void);
/* One more page at `va`, above MMU_WINDOW; invalidates what stood there. Its
 * entry is of level MMU_PAGE_LEVEL. */
void mmu_map(u64 va, u64 pa, enum mem_type type, bool writable, bool exec);
void mmu_unmap(u64 va);
/* What AT S1E1R (or W) says: PAR_EL1. */
u64 mmu_translate(u64 va, bool write);

/* MMU_SPARE is translated through a table at `pa`, whose entries are of level
 * MMU_SPARE_LEVEL; 0: by none. */
void mmu_set_spare(u64 pa);

/* Tables of this CPU's own, in which alone there is a page at MMU_OWN, not
 * global: this one. And back to everybody's. */
void mmu_enter_own(u64 page);
void mmu_leave_own(void);

void dcache_clean(const void *p, size_t n);      /* DC CVAC */
void dcache_clean_invalidate(const void *p, size_t n);
void dcache_invalidate(void *p, size_t n);
void code_changed(const void *p, size_t n);      /* to PoU, IC IVAU, ISB */

/* ---- Time ------------------------------------------------------------------- */

static inline u64 now(void)
{
	isb();
	return read_sysreg(cntvct_el0);
}

static inline u64 ms(u64 n)
{
	return read_sysreg(cntfrq_el0) * n / 1000;
}

/* Sleep until an interrupt, and take it. Interrupts are masked before and
 * after, so that none slips in between a caller's check and the WFI. */
static inline void idle(void)
{
	wfi();
	irq_enable();
	isb();
	irq_disable();
}

/* Wait for a condition, at most so long: false when the time is over. */
#define wait_for(cond, milliseconds)                                           \
	({                                                                     \
		u64 end_ = now() + ms(milliseconds);                           \
		bool ok_;                                                      \
		while (!(ok_ = !!(cond)) && now() < end_)                      \
			cpu_relax();                                           \
		ok_ || (cond);                                                 \
	})
void delay(u64 milliseconds);

/* ---- SMP ------------------------------------------------------------------ */

/* Start it at _secondary_start; false, and a message: it cannot be. */
bool cpu_start(unsigned int cpu);
/* CPUs 1 to n - 1 up, each waiting for work. False: one did not come. */
bool smp_start(unsigned int n);
/* Start work on a secondary; wait until it is done. */
void smp_run(unsigned int cpu, void (*fn)(void *), void *arg);
bool smp_wait(unsigned int cpu, u64 milliseconds);
void _secondary_start(void);
/* Vectors that push on a stack that is not there, for ever. */
extern char stuck_vectors[];

/*
 * Every FP/SIMD register from the seed; which (by bit) no longer hold what was
 * written. The same for the system registers that a guest may set freely.
 */
void fp_fill(u64 seed);
u64 fp_differ(u64 seed);
void registers_fill(u64 seed);
u64 registers_differ(u64 seed);

/* ---- For the part that is an architecture's ---------------------------------- */

void rt_exception(struct frame *f, unsigned int kind);
/* Record what came, or end here if nobody expects it. `lr`: to be printed. */
void rt_trap(const struct trap *now, bool may_be_expected, u64 lr);
/*
 * Outside the image something was called that is not code of ours, or not there
 * at all: whoever branched there finds it returned.
 */
static inline bool in_image(u64 pc)
{
	return pc >= (u64)_head && pc < (u64)_image_end;
}
_Noreturn void rt_start(const void *fdt, u64 entry_counter);
_Noreturn void rt_secondary(u64 index);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MIPS port: what its files share.
 *
 * The hypervisor lives in kseg0, unmapped, with interrupts masked, on one CPU.
 * RAM below 512 MiB is where kseg0 shows it, and all of its own memory is there;
 * RAM above is for guests, and reached through windows (page_access.c).
 */
#ifndef MIPS_H
#define MIPS_H

#include "arch/mips/guest.h"
#include "arch/mips/gva.h"
#include "arch/mips/registers.h"
#include "arch/mips/spin_loop.h"
#include "core/cpu.h"
#include "core/timer.h"
#include "core/vcpu.h"
#include "core/vm.h"
#include "lib/types.h"
#include "lib/util.h"

struct uart;

/* ---- The CPU ---------------------------------------------------------------- */

struct mips_cache {
	u32 line, way, size; /* bytes; line 0: there is none */
};

/* What the CPU can do; features.c. */
struct mips_features {
	u32 prid;
	const char *name;       /* "24K"; NULL: nobody we know */
	unsigned int tlb_entries;
	struct mips_cache icache, dcache;
	/* A way of the cache is larger than a page, and it counts which of its
	 * addresses a page is accessed at: its colour. */
	bool aliases, icache_aliases;
	bool ri_xi, bad_instr, user_local, segments, eva, fpu, msa, walker;
	bool wait_masked;       /* WAIT ends for an interrupt that is masked */
	u8 kscratch;            /* bit n: KScratch register of select n */
	unsigned int count_hz;
};

extern struct mips_features features;

/* The largest way: of so many colours the commpage has the right one. */
#define MIPS_WAY_MAX 0x8000U

/* The Config registers, 0 where there is none. */
struct mips_configs {
	u32 c[6];
};
struct mips_configs features_read_configs(void);
/* What a boot loader may have left on is off; panic() where the address space is
 * not that of a reset (cpu_start.c). Before all else. */
void cpu_start(void);
/* Performance counters count nothing, and interrupt nobody. */
void cpu_stop_counters(void);

/* From coprocessor 0 and the device tree; refuses, by panic(), a CPU that the
 * port cannot use. The boot CPU, once. */
void features_detect(const void *fdt);
void features_print(void);

/* What the one CPU has beside core's struct cpu. */
struct mips_cpu {
	u64 counter;            /* Count as it was last read, carried on */
	u64 match;              /* when it is what was written to Compare */
	unsigned int windows;   /* that are open: page_access.c */
	u32 entryhi, pwctl;     /* as they were before the first of them was */
};

extern struct mips_cpu mips_cpu;

/* ---- Guests ----------------------------------------------------------------- */

/* Behind the devices of vmm/guest_machine.h, the one of guest_smp.c. */
#define MIPS_GUEST_SMP_BASE 0x1f001000ULL
#define MIPS_GUEST_SMP_SIZE 0x100ULL
#define MIPS_GUEST_IPI_IP 3 /* and the one after it */
#define MIPS_GUEST_IPIS 2

#define GUEST_SMP_RESULT_LAST 3 /* of those that it has for a command */
struct guest_start {
	u32 pc, sp, gp, arg;
};

/* Of a vCPU's: what guest_smp.c has of it. */
struct guest_cpu {
	struct guest_start given; /* what its registers say */
	struct guest_start start; /* what they said when it was turned on */
	u32 result;          /* of the last command that it gave: guest_smp.c */
	u32 ahead;           /* Count of who started it */
	bool starting;       /* it is on, and has not begun */
};

struct mips_vcpu {
	struct mips_guest guest; /* its registers; first, for the world switch */
	struct vcpu vcpu;
	struct mips_gva gva;
	struct timer timer;      /* Compare */
	/* spin.c: does it wait for another of its VM? */
	struct timer look;
	u64 look_after;          /* ticks to the next look */
	u32 spin_pc;             /* where it was at the last one */
	bool look_due;
	bool spins;              /* it did, when it had the CPU last: for `spin` */
	u8 kept;                 /* for so many looks it may keep the CPU */
	struct mips_spin spin;
	enum mips_next next;     /* what is still to be done before it is entered */
	bool stale;              /* gva_activate() before it is */
	bool mmio_done;          /* the access that vcpu.exit told of */
	struct guest_cpu cpu;
	int result;              /* of arch_vcpu_enter() */
};

/* A register of the guest machine's that turns it off or resets it. */
struct guest_power {
	struct mmio_device dev;
	u32 value; /* that was written, and not looked at yet; else 0 */
};

struct mips_vm {
	struct vm vm;
	struct guest_power power;
	struct mmio_device smp;
};

extern const struct mips_guest_ops guest_ops;

/* vcpu.c: its segments, from the next entry on; what it has mapped is dropped, and its
 * CP0 registers are where it sees them then. EBase is of the new segments. The vCPU is
 * out. */
void guest_set_layout(struct mips_vcpu *v, const struct mips_layout *layout);

/* machine.c */
int guest_power_init(struct vm *vm);
/* Has the guest asked for its end, and which? Once. */
bool guest_power_asked(struct vm *vm, enum system_event *event);

/* The world switch is made for this CPU, and put in its place. Once; before the
 * first guest. */
void world_init(void);

/*
 * guest_access.S: a word at a guest's address, in a segment of its layout, or a line
 * of the caches there. -EFAULT: its table in use, which is active, does not have it;
 * or has it read-only.
 */
int guest_load_word_plain(u32 va, u32 *word);
int guest_load_word_eva(u32 va, u32 *word);
int guest_patch_word_plain(u32 va, u32 old, u32 new);
int guest_patch_word_eva(u32 va, u32 old, u32 new);
int guest_sync_line_plain(u32 va);
int guest_sync_line_eva(u32 va);

/* MIPS_FETCH_WORDS of them, and none else. */
int guest_load_words_plain(u32 va, u32 *words);
int guest_load_words_eva(u32 va, u32 *words);
/* -EAGAIN: the word was not `old`. A full barrier. */
int guest_exchange_word_plain(u32 va, u32 old, u32 new);
int guest_exchange_word_eva(u32 va, u32 old, u32 new);

static inline int guest_load_word(u32 va, u32 *word)
{
	return features.eva ? guest_load_word_eva(va, word) :
			      guest_load_word_plain(va, word);
}

static inline int guest_load_words(u32 va, u32 *words)
{
	return features.eva ? guest_load_words_eva(va, words) :
			      guest_load_words_plain(va, words);
}

static inline int guest_exchange_word(u32 va, u32 old, u32 new)
{
	return features.eva ? guest_exchange_word_eva(va, old, new) :
			      guest_exchange_word_plain(va, old, new);
}

/* Replace `old` by `new`, and let this CPU fetch it. -EAGAIN: it was another. */
static inline int guest_patch_word(u32 va, u32 old, u32 new)
{
	return features.eva ? guest_patch_word_eva(va, old, new) :
			      guest_patch_word_plain(va, old, new);
}

/* What was stored in the line is what this CPU fetches there; va: of a word. */
static inline int guest_sync_line(u32 va)
{
	return features.eva ? guest_sync_line_eva(va) : guest_sync_line_plain(va);
}

/*
 * guest_smp.c: the device by which a guest turns its CPUs on and off, and sends
 * interrupts from one to another.
 */
int guest_smp_init(struct vm *vm);
/* As after power-on; the vCPUs are out. */
void guest_smp_reset(struct vm *vm);
/* In the vCPU's own thread, before it is entered: begin, if it was turned on. */
void guest_smp_settle(struct vcpu *vcpu);

/* spin.c: vCPUs that wait for each other. The timer v->look is the vCPU's. */
void spin_init(struct mips_vcpu *v);
/* It has neither run nor waited. */
void spin_reset(struct mips_vcpu *v);
/* It has got the CPU from another vCPU; and may have to give it away at once
 * (cpu.need_resched). */
void spin_start(struct mips_vcpu *v);
/* Interrupts have been handled, or it is about to be entered; its table in use is
 * active. It may have to give the CPU away (cpu.need_resched). */
void spin_look(struct mips_vcpu *v);
/* Another thread wants the CPU: may the vCPU go on nevertheless? Then it comes out
 * when it enables its interrupts, or soon. */
bool spin_goes_on(struct mips_vcpu *v);

static inline struct mips_vcpu *to_mips(const struct vcpu *v)
{
	return container_of(v, struct mips_vcpu, vcpu);
}

static inline struct mips_vm *vm_to_mips(const struct vm *vm)
{
	return container_of(vm, struct mips_vm, vm);
}

/* ---- The TLB (host_tlb.c) ------------------------------------------------------ */

/*
 * A walk of the CPU's (gva_form.shift: it walks) begins at any time, with what the
 * registers have then, and enters what it has read a while ago: so it is off while
 * EntryHi has another value, and while a pair is looked for (MD00090, "Hardware Page
 * Table Walking"). PWCtl as it was, for walker_start(). Both have their EHB.
 */
static inline u32 walker_stop(void)
{
	u32 was;

	if (!gva_form.shift)
		return 0;
	was = cp0_read(pwctl);
	cp0_write(pwctl, 0);
	ehb();
	return was;
}

static inline void walker_start(u32 was)
{
	if (was) {
		cp0_write(pwctl, was);
		ehb();
	}
}

/* What is there of [va, va + size), any of it, by this ASID. */
void host_tlb_drop(u32 va, u32 size, u32 asid);
/* All but what is wired. */
void host_tlb_drop_all(void);
/* Pairs of guests', of 4 KiB, of which neither page is valid. */
void host_tlb_drop_invalid(void);
/* A pair of 4 KiB, if it is there, is this one from now on. PageMask is 0; `asid` is
 * the one in use, and EntryHi is left with the pair's address. */
void host_tlb_refresh(u32 va, u32 asid, u32 lo0, u32 lo1);

/* ---- Start ------------------------------------------------------------------ */

/* string.c: memset() and memcpy() go by what the CPU has. After the features, once. */
void string_init(void);
extern char image_start[], text_end[], image_end[];
extern u32 boot_stack[]; /* its lowest word */
/* thread.c: what a stack's lowest words have until it has been too small. */
void stack_guard(u32 *stack);
extern struct uart console_uart;

/* Of an entry in the way of YAMON: the size of the RAM from address 0 on; 0:
 * not said. */
extern u64 firmware_memory;

/* Registers of a device, in kseg1. NULL: kseg1 does not reach them. */
volatile void *mips_map_io(hpa_t pa, u64 size);

/* ---- Interrupts (irq.c) ------------------------------------------------------- */

void irq_init(void);
/* Handle every interrupt that is pending. */
void irq_handle(void);
/* vectors.S: sleep until an interrupt is pending. */
void idle_wait(void);

/* ---- Pages (page_access.c) --------------------------------------------------------- */

/* The TLB is empty then; `above`: there is RAM that kseg0 does not show. Before
 * any page is mapped. */
void page_access_init(bool above);

/* ---- Caches (cache.c) ---------------------------------------------------------- */

/* By Config1. */
struct mips_cache cache_describe_data(void);
struct mips_cache cache_describe_instruction(void);
/*
 * Before kseg0 has the attribute that the port uses: make the caches empty. `k0` is
 * the one it has: where that is uncached, they may hold anything, and it is lost;
 * else they are written back. Runs in kseg1.
 */
void cache_start(u32 k0);
/* Of all addresses, on this CPU. */
void cache_invalidate_instructions(void);
/* Whatever was stored, anywhere, is what this CPU fetches from now on. */
void cache_sync_instructions(void);
/* Write data caches back, and let instruction fetch see what was written:
 * [va, va + size), which is mapped. */
void cache_publish(uintptr_t va, size_t size);
/* Write the data cache back, and empty it: of all addresses, or of
 * [va, va + size), which is mapped, in its own colour. */
void cache_drop_data(void);
void cache_drop_data_at(uintptr_t va, size_t size);
/*
 * Where `va` is in either cache, whatever is there, of whatever page: `size` bytes,
 * a power of two that `va` is a multiple of and that is no more than a page. Data is
 * written back, and nothing is left. It need not be mapped.
 */
void cache_sync_place(u32 va, u32 size);
/* guest_load_word() and guest_load_words(), which leave no trace in a data cache that
 * has aliases. */
int cache_load_word(u32 va, u32 *word);
int cache_load_words(u32 va, u32 *words);
static inline int guest_fetch_word(u32 va, u32 *word)
{
	return unlikely(features.aliases) ? cache_load_word(va, word) :
					    guest_load_word(va, word);
}

/* MIPS_FETCH_WORDS of them; va is a multiple of their size. */
static inline int guest_fetch_words(u32 va, u32 *words)
{
	return unlikely(features.aliases) ? cache_load_words(va, words) :
					    guest_load_words(va, words);
}

/* ---- The end ------------------------------------------------------------------- */

/* As vectors.S stores it. */
struct exception_frame {
	u32 r[32]; /* r[0]: which vector */
	u32 hi, lo;
	u32 status, cause, epc, badvaddr;
};

_Noreturn void exception_fatal(const struct exception_frame *f);

#endif

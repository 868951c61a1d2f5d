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
#include "arch/mips/registers.h"
#include "core/cpu.h"
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
	bool aliases;           /* a page's colour in the data cache counts */
	bool ri_xi, bad_instr, user_local, segments, eva, fpu, walker;
	bool wait_masked;       /* WAIT ends for an interrupt that is masked */
	u8 kscratch;            /* bit n: KScratch register of select n */
	unsigned int count_hz;
};

extern struct mips_features features;

/* From coprocessor 0 and the device tree; refuses, by panic(), a CPU that the
 * port cannot use. The boot CPU, once. */
void features_detect(const void *fdt);
void features_print(void);

/* What the one CPU has beside core's struct cpu. */
struct mips_cpu {
	u64 counter;            /* Count as it was last read, carried on */
	unsigned int windows;   /* that are open: page_access.c */
};

extern struct mips_cpu mips_cpu;

/* ---- Guests ----------------------------------------------------------------- */

struct mips_vcpu {
	struct mips_guest guest; /* its registers; first, for the world switch */
	struct vcpu vcpu;
};

struct mips_vm {
	struct vm vm;
};

static inline struct mips_vcpu *to_mips(const struct vcpu *v)
{
	return container_of(v, struct mips_vcpu, vcpu);
}

static inline struct mips_vm *vm_to_mips(const struct vm *vm)
{
	return container_of(vm, struct mips_vm, vm);
}

/* ---- Start ------------------------------------------------------------------ */

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
/* Before the caches are in use: make them empty. Runs uncached. */
void cache_init(void);
/* Of all addresses, on this CPU. */
void cache_invalidate_instructions(void);
/* Write data caches back, and let instruction fetch see what was written:
 * [va, va + size), which is mapped. */
void cache_publish(uintptr_t va, size_t size);
/* The same, and the data caches forget it. */
void cache_forget(uintptr_t va, size_t size);

/* ---- The end ------------------------------------------------------------------- */

/* As vectors.S stores it. */
struct exception_frame {
	u32 r[32]; /* r[0]: which vector */
	u32 hi, lo;
	u32 status, cause, epc, badvaddr;
};

_Noreturn void exception_fatal(const struct exception_frame *f);

#endif

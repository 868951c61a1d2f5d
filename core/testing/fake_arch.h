/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An architecture for unit tests of core/, on a PC.
 *
 * fake_memory.c   host-physical memory, the linear map, page access, panic()
 * fake_sched.c    this_cpu(), and threads that are pthreads
 * fake_vcpu.c     arch_vm_* and arch_vcpu_*, entering a function of the test's
 * fake_stage2.c   the stage-2 environment, counting TLB invalidations
 *
 * A test links those it needs. A board's memory is one memory file seen twice:
 * as the linear map, where a chunk that arch_linear_map_chunk() did not map
 * faults, and as the window that arch_page_map() gives out.
 */
#ifndef CORE_TESTING_FAKE_ARCH_H
#define CORE_TESTING_FAKE_ARCH_H

#include <pthread.h>
#include <setjmp.h>
#include "core/arch.h"
#include "core/cpu.h"
#include "core/page_alloc.h"
#include "core/sched.h"
#include "core/vcpu.h"
#include "core/vm.h"

/* ---- Memory ------------------------------------------------------------------ */

#define FAKE_RAM 0x40000000UL

/* Memory that can be looked at in [lowest, highest); no allocator yet. */
void fake_memory_open(u64 lowest, u64 highest);
/* The above, and an allocator with `size` bytes of RAM at FAKE_RAM. */
void fake_memory_init(u64 size);
/* Take both down. Nothing may be mapped through arch_page_map(). */
void fake_memory_exit(void);
/* Pages that the allocator has handed out. */
u64 fake_pages_used(void);
/* A page's bytes, mapped at EL2 or not. */
u8 *fake_bytes(pfn_t pfn);
/* Written through arch_page_map() or zeroed, and not cleaned since. */
bool fake_page_dirty(pfn_t pfn);
/* What the data caches have of it goes to memory. */
void fake_page_clean(pfn_t pfn);
/* Bytes that arch_page_publish_part() was called for. */
extern u64 fake_published;
/* Cleaned, but the I-cache not synchronised since it was written. */
bool fake_page_icache_stale(pfn_t pfn);
extern int fake_linear_map_error; /* what arch_linear_map_chunk() returns */
extern unsigned long fake_linear_maps; /* chunks mapped at this moment */

/*
 * Run a statement that is to end in panic(): true if it did. Locks that were
 * held then stay held.
 */
extern __thread jmp_buf *fake_panic_to;
#define fake_panics(statement)                                                 \
	({                                                                     \
		jmp_buf here_;                                                 \
		volatile bool panicked_ = true;                                \
		fake_panic_to = &here_;                                        \
		if (!setjmp(here_)) {                                          \
			statement;                                             \
			panicked_ = false;                                     \
		}                                                              \
		fake_panic_to = NULL;                                          \
		panicked_;                                                     \
	})

/* ---- CPUs and threads ----------------------------------------------------------- */

/* cpu_count CPUs, none of which has anything loaded. */
void fake_cpus_init(unsigned int count);
/* The calling pthread is CPU `n` from now on. */
void fake_be_cpu(unsigned int n);

struct fake_thread {
	struct thread t;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool wake;
	unsigned long blocks; /* calls of thread_block() */
};

void fake_thread_init(struct fake_thread *t, unsigned int cpu);
/* The calling pthread is this thread, on its CPU. */
void fake_be_thread(struct fake_thread *t);
extern unsigned long fake_kicks[MAX_CPUS];
extern unsigned long fake_yields;
/* Called by thread_yield(), as if another thread ran then. */
extern void (*fake_on_yield)(void);

/* ---- Virtual machines ----------------------------------------------------------- */

struct fake_vm {
	struct vm vm;
	bool initialised;
	unsigned long icache_invalidations, resets;
	u32 irq_lines; /* 0 to 31, as they stand */
};

struct fake_vcpu {
	struct vcpu vcpu;
	unsigned long loads, puts, enters, completions, irq_requests;
	unsigned long injections;
	enum guest_exception injected;
	struct guest_fault injected_at;
	u64 completed;      /* value of the last load */
	bool irq_pending;
};

static inline struct fake_vcpu *fake_vcpu(struct vcpu *v)
{
	return container_of(v, struct fake_vcpu, vcpu);
}

static inline struct fake_vm *fake_vm(struct vm *vm)
{
	return container_of(vm, struct fake_vm, vm);
}

/* The guest: what arch_vcpu_enter() does. */
extern int (*fake_enter)(struct vcpu *vcpu);
/* NULL: arch_vcpu_init() returns fake_vcpu_init_error. */
extern int (*fake_vcpu_init)(struct vcpu *vcpu);
extern int fake_vm_init_error, fake_vcpu_init_error;
extern unsigned int fake_max_vcpus;

/* ---- Stage 2 ---------------------------------------------------------------------- */

extern unsigned long fake_flushes_addr, fake_flushes_range, fake_flushes_all;
/* All of them together. */
unsigned long fake_flushes(void);
extern bool fake_no_blocks;
extern u32 fake_features; /* enum pgtable_feature, of VMs made from now on */
/* Called by each invalidation, as if another CPU ran then; or NULL. */
extern void (*fake_on_flush)(void);

#endif

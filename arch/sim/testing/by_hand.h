/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small guest made by hand: tables written entry by entry, so that a test can
 * do right or wrong what it is about, and see which rule is reported.
 */
#ifndef SIM_TESTING_BY_HAND_H
#define SIM_TESTING_BY_HAND_H

#include <string.h>
#include "arch/sim/sim.h"

/* Descriptors, in numbers of their own: see D8.3. */
#define TABLE 3ULL
#define BLOCK 1ULL
#define PAGE 3ULL
#define AF BIT64(10)
#define READ BIT64(6)
#define WRITE BIT64(7)
#define NORMAL (h.normal << 2) /* FEAT_S2FWB has another */
#define UNCACHED (5ULL << 2)
#define INNER (3ULL << 8)
#define DBM BIT64(51)
#define XN BIT64(54)
#define LEAF (AF | READ | WRITE | NORMAL | INNER)

#define BLOCK_SIZE 0x200000UL
#define FAR 0x900000000UL /* output addresses that are no RAM */
#define VMID 7

/* A root of level 2, for 30 bits, with one table of pages at 0. */
static struct {
	u64 vtcr;
	u64 normal;
	u64 *root, *pages;
} h;

static inline u64 *new_table(void)
{
	u64 *t = sim_pages_alloc(PAGE_SIZE);

	memset(t, 0, PAGE_SIZE);
	sim_table_alloc(t, PAGE_SIZE);
	sim_table_sync(t, PAGE_SIZE);
	return t;
}

static inline void set(u64 *entry, u64 value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
	sim_table_sync(entry, 8);
}

static inline void enter_as(unsigned int cpu, u16 vmid, unsigned int vcpu)
{
	sim_be_cpu(cpu);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(sim_phys(h.root), vmid));
	sim_enter(&h, sim_phys(h.root), vcpu);
	sim_be_cpu(0);
}

static inline void leave(unsigned int cpu)
{
	sim_be_cpu(cpu);
	sim_leave();
	sim_be_cpu(0);
}

/* CPU 1 is in the guest; CPU 0 is ours, with the VMID selected. */
static inline void set_up(u32 features)
{
	struct sim_config config = {
		.cpus = 3, .ram = 4 << 20, .features = features, .seed = 1,
		.quiet = true, .serial = true,
	};

	sim_init(&config);
	h.normal = features & SIM_FWB ? 6 : 0xf;
	h.vtcr = sim_make_vtcr(12, 30, 2, 40);
	h.root = new_table();
	h.pages = new_table();
	set(&h.root[0], sim_phys(h.pages) | TABLE);
	sim_write_vttbr(h.vtcr, sim_make_vttbr(sim_phys(h.root), VMID));
	enter_as(1, VMID, 0);
	set(&h.pages[0], FAR | LEAF | PAGE);
	set(&h.pages[1], (FAR + 0x1000) | LEAF | PAGE);
	set(&h.root[1], (FAR + BLOCK_SIZE) | LEAF | BLOCK);
}

static inline void by_address(u64 ia)
{
	sim_dsb();
	sim_tlbi(SIM_IPAS2E1IS, ia >> 12);
	sim_dsb();
	sim_tlbi(SIM_VMALLE1IS, 0);
	sim_dsb();
}

static inline void whole(void)
{
	sim_dsb();
	sim_tlbi(SIM_VMALLS12E1IS, 0);
	sim_dsb();
}

/* Only this rule was broken. */
static inline void only(enum sim_rule rule)
{
	for (int n = 0; n < SIM_RULES; n++) {
		unsigned long times = sim_broken(n);

		if ((times != 0) != (n == (int)rule))
			fail_msg("%s was broken %lu times", sim_rule_name[n],
				 times);
	}
	sim_exit();
}

static inline void none(void)
{
	sim_quiet();
	only(SIM_RULES);
}

#endif

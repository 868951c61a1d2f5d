/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMs on the simulated machine against an oracle that knows what each word of
 * guest memory holds: with images, shared and read-only slots, taken back, aged,
 * moved, logged, reset, out of memory and out of VMIDs. Stage 2 is that of
 * arch/sim/stage2.c, or a real port's (port_stage2.c beside this).
 */
#ifndef SIM_TESTING_CORE_PROPERTY_H
#define SIM_TESTING_CORE_PROPERTY_H

#include "arch/sim/machine.h"
#include "arch/sim/testing/property.h"

struct core_shape {
	const struct pgtable_format *format;
	u32 granule; /* of the format; 0: 4K */
	u64 shared_base; /* in pages; not as aligned as the backing */
	u64 image; /* pages */
	bool limits; /* pages run out */
	u32 features; /* that CPUs have; others are drawn */
	unsigned int ipa_bits, oa_bits; /* 0: 40 */
};

/* `runs` of them, or as many as there is time for. */
void core_property_run(const struct core_shape *shape, unsigned long runs);

#endif

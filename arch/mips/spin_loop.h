/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does a guest's CPU go round in a loop that comes to nothing, until another CPU
 * stores something or an interrupt comes? Nobody tells: Linux's spin locks on MIPS
 * are plain loops of loads and branches. So the loop is gone through here.
 */
#ifndef ARCH_MIPS_SPIN_LOOP_H
#define ARCH_MIPS_SPIN_LOOP_H

#include "lib/types.h"

struct mips_guest;

#define MIPS_SPIN_WORDS 4

/* What the loop looks at. */
struct mips_spin {
	unsigned int words;
	struct {
		u64 gpa;
		u32 value;
		u8 size; /* 1, 2 or 4 */
	} word[MIPS_SPIN_WORDS];
};

/*
 * From pc on there are only loads of memory, computations and branches, and they lead
 * back to pc with all registers as they were; then *s is what was loaded. The guest
 * stays as it is. It is out, and its table in use is active. False too where that
 * would take more than a few dozen instructions.
 */
bool mips_spins(struct mips_guest *g, struct mips_spin *s);
/* And it would again: what it looks at has not changed. No table need be active. */
bool mips_still_spins(struct mips_guest *g, const struct mips_spin *s);

#endif

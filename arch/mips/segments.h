/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segment control (Config3.SC; MD00090, "Programmable Memory Segmentation"): while a
 * guest runs that has the architecture's layout, the host's user mode has the upper
 * segments as well, mapped.
 */
#ifndef ARCH_MIPS_SEGMENTS_H
#define ARCH_MIPS_SEGMENTS_H

#include "arch/mips/guest.h"

/* SegCtl: two segments each, the upper half for the one at lower addresses. */
struct segctl {
	u32 upper; /* SegCtl0: from 0xe0000000 on; from 0xc0000000 on */
	u32 lower; /* SegCtl1: from 0xa0000000 on; from 0x80000000 on */
};

/*
 * The values for such a guest, out of those of a reset, and with Config.K0.
 *
 *                        reset                    guest
 *   0x80000000, kseg0    UK, as K0                MUSUK: kernel mode unmapped
 *   0xa0000000, kseg1    UK, uncached             MUSUK: as ever; others mapped
 *   0xc0000000, kseg2    MSK                      MUSK: mapped in all modes
 *   0xe0000000, kseg3    MK                       MUSK
 *
 * Kernel mode's own view is the same with both: so are exception vectors and what
 * the hypervisor executes meanwhile.
 */
struct segctl segctl_for_guests(struct segctl reset, u32 config);

/* Can guests of this CPU have the architecture's layout? Accesses to what they have
 * there need EVA; and on the quick way of world_code.h, which has none, BadInstr. */
bool segments_available(void);
/* The layout of a guest that starts at `pc`. */
struct mips_layout segments_layout(u32 pc);
/* NULL: a guest may start at `pc`; else what is wrong. */
const char *segments_check_entry(u64 pc);
/* The segments are those for a guest of this layout, from the next entry and the
 * next access by user mode's view on. */
void segments_use(const struct mips_layout *l);

#endif

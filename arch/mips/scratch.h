/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of coprocessor 0 that keep a word for software: DDataLo, ErrorEPC,
 * KScratch 2 to 7, and of Context a part, as CP0() (cp0.h) numbers them.
 */
#ifndef ARCH_MIPS_SCRATCH_H
#define ARCH_MIPS_SCRATCH_H

#include "lib/types.h"

void scratch_write(u32 reg, u32 value);
/* Does it have all bits of `mask`? What it had is lost. Not while a guest's is in it. */
bool scratch_keeps(u32 reg, u32 mask);

#endif

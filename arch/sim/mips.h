/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MIPS32 CPUs, whose TLBs software fills: pairs of pages, even and odd, by a
 * refill handler that reads a tree of pgtable_mips32 as pgtable/mips32.h tells
 * it to (MIPS32 Architecture For Programmers, volume III: "TLB", "EntryLo0,
 * EntryLo1", "TLBP", "TLBWR").
 *
 * A pair may be held until it is invalidated: when nothing is under way, each half
 * of one that is valid must be what the tables say, or SIM_STALE_ENTRY is broken. A
 * half that is not valid may be held for ever; its exception reads the tables anew.
 *
 * One tree at a time, walked by all CPUs; with sim_config.features SIM_MIPS. The
 * machine's lock and its memory serve here as well.
 */
#ifndef SIM_MIPS_H
#define SIM_MIPS_H

#include "arch/sim/sim.h"

/* All CPUs walk the tree at `root` from now on; their TLBs are empty. */
void sim_mips_use(u64 root);
/* An access by this CPU: its TLB, the refill handler, and what the exceptions of
 * a half that is not valid or may not be written find in the tables. */
struct sim_result sim_mips_access(u64 va, enum sim_access access);
/* By the tables alone. */
struct sim_result sim_mips_translate(u64 va, enum sim_access access);
/* On every CPU: TLBP, and TLBWI over what it finds; or all. */
void sim_mips_flush_addr(u64 va);
void sim_mips_flush_all(void);
/* Nothing is under way. */
void sim_mips_quiet(void);

#endif

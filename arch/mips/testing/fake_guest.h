/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: a guest's memory, tables and time. RAM is at guest-physical 0; the GVA
 * tables hold pages that fake_touch() entered, and drop them as they are told; a few
 * spaces have some.
 */
#ifndef ARCH_MIPS_TESTING_FAKE_GUEST_H
#define ARCH_MIPS_TESTING_FAKE_GUEST_H

#include "arch/mips/guest.h"
#include "arch/mips/insn.h"

#define FAKE_RAM 0x400000U
#define FAKE_PAGES 0x100000U            /* that a table has */
#define FAKE_SPACES 4                   /* that have tables at a time */
#define FAKE_CODE (MIPS_KSEG0 + 0x1000) /* where tests put instructions */

/* The layout under test, which fake_reset() gives the guest: that for hosts without
 * segment control, if the test does not say another. */
extern struct mips_layout fake_layout;
extern int fake_failed;
#define MIPS_KSEG0    (fake_layout.kseg0)
#define MIPS_KSEG2    (fake_layout.kseg2)
#define MIPS_COMMPAGE (fake_layout.commpage)
/* What differs. */
#define FAKE_BY_LAYOUT(deprivileged, architectural)                            \
	(fake_layout.emulated ? (deprivileged) : (architectural))
/* All tests of a group, with each layout, one after the other. */
#define fake_run_with_both_layouts(tests)                                      \
	(fake_layout = MIPS_DEPRIVILEGED,                                      \
	 fake_failed = cmocka_run_group_tests_name("de-privileged layout",     \
						   tests, NULL, NULL),         \
	 fake_layout = MIPS_ARCHITECTURAL,                                     \
	 fake_failed + cmocka_run_group_tests_name("the architecture's layout",\
						   tests, NULL, NULL))

struct fake_page {
	bool there, writable, global, commpage;
	u32 gfn;
};

extern struct mips_guest guest;
extern u32 fake_commpage[CP0_REGISTERS];
extern u32 fake_ram[FAKE_RAM / 4];
extern struct fake_page fake_tables[FAKE_SPACES][MIPS_TABLES][FAKE_PAGES];
extern u32 fake_space[FAKE_SPACES]; /* whose they are; MIPS_SPACE_ANY: nobody's */
extern unsigned int fake_now;       /* in use */
#define fake_table (fake_tables[fake_now])
/* Numbers of pages that were entered since the reset, into any. */
extern u32 fake_page[FAKE_PAGES];
extern u32 fake_entered;
extern u64 fake_time, fake_due;
/* By ops->sync_place(): how many, and the last. */
extern unsigned int fake_places;
extern u32 fake_place;
extern unsigned int fake_syncs, fake_patches, fake_drops;
/* fetch() fails, as if the page had just been taken back. */
extern bool fake_unmapped;
/* So does patch(): every instruction goes on trapping. */
extern bool fake_unpatched;
/* Who else writes, in the middle of exchange(). */
extern void (*fake_race)(void);

/* All as after power-on, in guest kernel mode with ERL clear, pc at FAKE_CODE. */
void fake_reset(void);
void fake_put(u32 va, u32 insn); /* kseg0 */
u32 fake_get(u32 va);
void fake_user_mode(void);

/* The instruction at pc traps, as a privileged one does, or in the delay slot. */
enum mips_next fake_trap(u32 insn);
enum mips_next fake_trap_in_slot(u32 branch, u32 insn);
enum mips_next fake_exception(u32 code, u32 badvaddr);

/*
 * The guest accesses `va` as a CPU does with the table in use: entered if it is not
 * there. 0: it may; or an exception was delivered. *page (may be NULL).
 */
enum mips_next fake_touch(u32 va, enum mips_access access,
			  struct fake_page *page);

#define CP0_OF(reg) (guest.cp0[reg])
#define MFC0 INSN_MFC0
#define MTC0 INSN_MTC0
#define RDHWR(rt, rd) INSN_R(OP_SPECIAL3, 0, rt, rd, 0, F3_RDHWR)
#define CACHE(op, base, offset) INSN_I(OP_CACHE, base, op, offset)
#define BEQ(a, b, n) INSN_I(OP_BEQ, a, b, n)

#endif

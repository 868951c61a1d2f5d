// SPDX-License-Identifier: BSD-2-Clause
// link: arch/mips/branch.c arch/mips/emulate_cache.c arch/mips/emulate.c
// link: arch/mips/guest_cp0.c arch/mips/guest_exception.c arch/mips/guest_map.c
// link: arch/mips/guest_timer.c arch/mips/guest_tlb.c arch/mips/llsc.c
// link: arch/mips/loadstore.c arch/mips/simple.c arch/mips/translate.c
// link: arch/mips/testing/fake_guest.c
// flags: -fsanitize=fuzzer
// fuzz: -max_len=400 -len_control=20
/*
 * The MIPS port's emulated CPU: the input is a list of traps with any instruction
 * word, cause and registers, of writes into the commpage, of accesses, and of time
 * that passes. Whatever it is, each ends with one of enum mips_next; register 0 is 0;
 * the guest is in the mode that its Status says; and a page of a GVA table is one
 * that an entry of the guest's TLB has for that table's ASID, or kseg0's (K42, K44,
 * bugs.md 31 to 33, 35 and 37).
 */
#include <string.h>
#include "arch/mips/testing/fake_guest.h"
#include "tests/fuzz/fuzz.h"

/* Any value, or one of those that matter. */
static u32 some_value(struct input *in)
{
	const u32 known[] = {
		0, 1, ~0U, MIPS_COMMPAGE, MIPS_COMMPAGE - 0x1000, MIPS_KSEG0,
		FAKE_CODE, FAKE_CODE + 0x10, MIPS_KSEG2, fake_layout.last + 1,
		0xa0000000, 0xbf000900, 0xbffffffc, 0xc0000000, 0x1fffe000,
		0x7fffe000, ST_EXL, ST_ERL, ST_UM, ST_UM | ST_CU0 | ST_IE | ST_IM,
		LO_V | LO_D | LO_G, 0x2000 | LO_V, 0x3fffffff,
	};
	u8 n = input_number(in, 1);

	if (n < ARRAY_SIZE(known))
		return known[n];
	return n < 128 ? n * 0x1000U : input_number(in, 4);
}

/* Any word, or more often one that traps. */
static u32 some_insn(struct input *in)
{
	u32 insn = input_number(in, 4);

	switch (input_below(in, 8)) {
	case 0:
	case 1:
		return (u32)OP_COP0 << 26 | (insn & 0x00dff807);
	case 2:
		return INSN_CO(insn & 63);
	case 3:
		return (u32)OP_CACHE << 26 | (insn & 0x3ffffff);
	case 4:
		return (u32)OP_SPECIAL3 << 26 | (insn & 0x3fff800) | F3_RDHWR;
	case 5: /* a load or store */
		return BIT32(31) | (insn & ~BIT32(30));
	}
	return insn;
}

static void trap(struct input *in)
{
	u32 cause = CAUSE_EXC(input_below(in, 32)), insn;
	bool known = input_below(in, 2);
	enum mips_next next;

	cause |= input_below(in, 4) ? 0 : CAUSE_BD;
	cause |= input_below(in, 8) ? 0 : CAUSE_CE(input_below(in, 4));
	if (input_below(in, 4))
		guest.pc = FAKE_CODE + 4 * input_below(in, 16);
	else
		guest.pc = some_value(in);
	insn = some_insn(in);
	if (guest.pc - FAKE_CODE < 0x1000 && !(guest.pc & 3))
		fake_put(guest.pc + (cause & CAUSE_BD ? 4 : 0), insn);
	next = mips_guest_trap(&guest, cause, some_value(in),
			       known ? &insn : NULL);
	MUST(next <= MIPS_HYPERCALL);
	if (next == MIPS_MAP && input_below(in, 2))
		next = mips_guest_access_device(&guest);
	for (unsigned int n = 0; next == MIPS_MMIO; n++) {
		u8 size = guest.mmio.size;

		MUST(n < 4 && (size == 1 || size == 2 || size == 4));
		MUST(!(guest.mmio.gpa & (size - 1)));
		guest.mmio.value = input_number(in, size);
		next = mips_guest_complete_mmio(&guest);
	}
}

static void step(struct input *in)
{
	switch (input_below(in, 8)) {
	case 0:
		guest.cp0[input_below(in, CP0_REGISTERS)] = some_value(in);
		break;
	case 1:
		guest.gpr[1 + input_below(in, 31)] = some_value(in);
		break;
	case 2:
		fake_time += input_number(in, 1 + input_below(in, 4));
		mips_guest_interrupted(&guest);
		break;
	case 3:
		mips_guest_set_line(&guest, input_below(in, 8),
				    input_below(in, 2));
		break;
	case 4: {
		u32 va = some_value(in);

		if (va <= fake_layout.last)
			fake_touch(va, input_below(in, 3), NULL);
		break;
	}
	case 5:
		fake_put(FAKE_CODE + 4 * input_below(in, 16), some_insn(in));
		break;
	default:
		trap(in);
	}
}

/* ---- What holds -------------------------------------------------------------- */

static bool has_page(const struct mips_tlb_entry *e, u32 va, u32 asid,
		     const struct fake_page *p)
{
	u32 size = (e->mask | 0x1fff) / 2 + 1, lo = e->lo[!!(va & size)];

	if ((e->hi ^ va) & HI_VPN2 & ~e->mask)
		return false;
	if ((e->hi ^ asid) & guest.asid_mask && !(e->lo[0] & e->lo[1] & LO_G))
		return false;
	return lo & LO_V && (lo & LO_D || !p->writable) &&
	       p->gfn == ((lo >> 6 & 0xffffff & ~(size / 4096 - 1)) +
			  (va & (size - 1)) / 4096);
}

static void check_page(u32 space, enum mips_table t, u32 va,
		       const struct fake_page *p)
{
	bool found = false;

	MUST(p->commpage == (t == MIPS_KERNEL && va == MIPS_COMMPAGE));
	if (p->commpage)
		return;
	if (va >= MIPS_KSEG0 && va < MIPS_KSEG2) {
		MUST(t == MIPS_KERNEL && p->gfn == (va & 0x1fffffff) / 4096);
		return;
	}
	MUST(t == MIPS_KERNEL || va < MIPS_KSEG0);
	if (t == MIPS_KERNEL && space & MIPS_SPACE_ERL && va < MIPS_KSEG0) {
		MUST(p->gfn == va / 4096);
		return;
	}
	for (unsigned int n = 0; !found && n < MIPS_TLB_ENTRIES; n++)
		found = has_page(&guest.tlb[n], va, space, p);
	MUST(found);
}

static void check(void)
{
	mips_guest_before_entry(&guest);
	MUST(!guest.gpr[0]);
	MUST(guest.table ==
	     (mips_guest_kernel_mode(&guest) ? MIPS_KERNEL : MIPS_USER));
	MUST((guest.space & ~MIPS_SPACE_ERL) == guest.asid &&
	     fake_space[fake_now] == guest.space);
	for (unsigned int s = 0; s < FAKE_SPACES; s++)
		for (unsigned int t = 0; t < MIPS_TABLES; t++)
			for (u32 i = 0; i < fake_entered; i++)
				if (fake_tables[s][t][fake_page[i]].there)
					check_page(fake_space[s], t,
						   fake_page[i] * 4096,
						   &fake_tables[s][t][fake_page[i]]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	fake_layout = input_below(&in, 2) ? MIPS_DEPRIVILEGED
					  : MIPS_ARCHITECTURAL;
	fake_reset();
	memset(fake_ram, 0, sizeof(fake_ram));
	guest.asid_mask = input_below(&in, 2) ? 0xff : 0x3ff;
	while (in.left) {
		step(&in);
		check();
	}
	return 0;
}

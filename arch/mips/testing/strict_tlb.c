// SPDX-License-Identifier: BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>
#include <cmocka.h>
#include "arch/mips/testing/strict_tlb.h"

struct strict_entry strict_tlb[STRICT_TLB_MOST];
unsigned int strict_tlb_entries, strict_tlb_wired;
unsigned int strict_probes, strict_writes;

/* Written, or found, and there was no EHB since. */
enum { INDEX, ENTRYHI, ENTRYLO0, ENTRYLO1, PAGEMASK, WIRED, PWBASE, PWCTL, REGISTERS };
static const char *const name_of[] = {"index", "entryhi", "entrylo0", "entrylo1",
				      "pagemask", "wired", "pwbase", "pwctl"};
static struct {
	u32 value;
	bool written, found;
} reg[REGISTERS];

static int number(const char *name)
{
	for (int i = 0; i < REGISTERS; i++)
		if (!strcmp(name, name_of[i]))
			return i;
	return -1;
}

bool strict_tlb_walks(void)
{
	return reg[PWCTL].value >> 31;
}

static void must_not_walk(const char *what)
{
	if (strict_tlb_walks())
		fail_msg("%s, and the walker is on", what);
	if (reg[PWCTL].written)
		fail_msg("%s, and no EHB since the walker was stopped", what);
}

u32 test_cp0_read(const char *name)
{
	int n = number(name);

	if (n < 0)
		fail_msg("%s is read", name);
	if (reg[n].found || reg[n].written)
		fail_msg("%s is read without an EHB", name);
	return n == WIRED ? strict_tlb_wired : reg[n].value;
}

void test_cp0_write(const char *name, u32 v)
{
	int n = number(name);

	if (n < 0 || n == WIRED)
		fail_msg("%s is written", name);
	if (n == PWBASE || (n == ENTRYHI && v != reg[n].value))
		must_not_walk(name);
	reg[n].value = v;
	reg[n].written = true;
	reg[n].found = false;
}

void test_ehb(void)
{
	for (int i = 0; i < REGISTERS; i++)
		reg[i].written = reg[i].found = false;
}

/* ---- Entries ------------------------------------------------------------------- */

static u32 size_of(const struct strict_entry *e)
{
	return (e->mask | 0x1fff) + 1;
}

static bool is_global(const struct strict_entry *e)
{
	return e->lo[0] & e->lo[1] & LO_G;
}

/* kseg0 is never looked for. */
static bool is_nowhere(u32 hi)
{
	return hi >> 29 == 4;
}

struct strict_entry *strict_tlb_find(u32 va, u32 asid)
{
	struct strict_entry *e = strict_tlb;

	for (; e < strict_tlb + strict_tlb_entries; e++)
		if (va - (e->hi & HI_VPN2) < size_of(e) &&
		    (is_global(e) || (e->hi & HI_ASID) == asid))
			return e;
	return NULL;
}

static void write(unsigned int n, const struct strict_entry *new)
{
	if (n >= strict_tlb_entries)
		fail_msg("entry %u is written", n);
	if ((new->hi & HI_VPN2 & new->mask))
		fail_msg("0x%x is no address for PageMask 0x%x", new->hi, new->mask);
	for (unsigned int i = 0; i < strict_tlb_entries; i++) {
		const struct strict_entry *e = &strict_tlb[i];

		if (i != n && ranges_overlap(e->hi & HI_VPN2, size_of(e),
					     new->hi & HI_VPN2, size_of(new)) &&
		    (is_global(e) || is_global(new) ||
		     (is_nowhere(e->hi) && is_nowhere(new->hi)) ||
		     !((e->hi ^ new->hi) & HI_ASID)))
			fail_msg("0x%x is there twice: machine check", new->hi);
	}
	strict_tlb[n] = *new;
}

static void must_count(int n, const char *op)
{
	if (reg[n].written)
		fail_msg("%s, and no EHB since %s was written", op, name_of[n]);
}

static void find(int n, u32 value)
{
	reg[n].value = value;
	reg[n].found = true;
}

static void probe(void)
{
	const struct strict_entry *e =
		strict_tlb_find(reg[ENTRYHI].value & HI_VPN2,
				reg[ENTRYHI].value & HI_ASID);

	must_count(ENTRYHI, "tlbp");
	strict_probes++;
	find(INDEX, e ? (u32)(e - strict_tlb) : INDEX_P);
}

static void read_entry(void)
{
	const struct strict_entry *e;

	must_count(INDEX, "tlbr");
	assert_true(reg[INDEX].value < strict_tlb_entries);
	e = &strict_tlb[reg[INDEX].value];
	find(ENTRYHI, e->hi);
	find(PAGEMASK, e->mask);
	find(ENTRYLO0, e->lo[0]);
	find(ENTRYLO1, e->lo[1]);
}

void test_tlb(const char *op)
{
	struct strict_entry e = {reg[ENTRYHI].value, reg[PAGEMASK].value,
				 {reg[ENTRYLO0].value, reg[ENTRYLO1].value}};

	must_not_walk(op);
	if (!strcmp(op, "tlbp")) {
		probe();
		return;
	}
	if (!strcmp(op, "tlbr")) {
		read_entry();
		return;
	}
	assert_string_equal(op, "tlbwi");
	for (int i = 0; i < WIRED; i++)
		must_count(i, op);
	if (reg[INDEX].found)
		fail_msg("tlbwi, and no EHB since tlbp");
	if (reg[INDEX].value < strict_tlb_wired)
		fail_msg("entry %u is wired", reg[INDEX].value);
	strict_writes++;
	write(reg[INDEX].value, &e);
}

/* ---- The guest ------------------------------------------------------------------- */

void strict_tlb_reset(unsigned int entries, unsigned int wired)
{
	strict_tlb_entries = entries;
	strict_tlb_wired = wired;
	memset(reg, 0, sizeof(reg));
	for (unsigned int i = 0; i < entries; i++)
		strict_tlb[i] = (struct strict_entry){.hi = KSEG0 + i * 0x2000};
}

u32 strict_tlb_asid(void)
{
	return reg[ENTRYHI].value & HI_ASID;
}

void strict_tlb_refill(unsigned int n, u32 va, u32 mask, u32 lo0, u32 lo1)
{
	struct strict_entry e = {
		(va & HI_VPN2 & ~mask) | strict_tlb_asid(), mask, {lo0, lo1}};

	write(n, &e);
}

void strict_tlb_settled(void)
{
	for (int i = 0; i < REGISTERS; i++)
		if (reg[i].written)
			fail_msg("the guest goes on, and no EHB since %s was written",
				 name_of[i]);
	if (reg[PAGEMASK].value)
		fail_msg("the guest goes on with PageMask 0x%x", reg[PAGEMASK].value);
}

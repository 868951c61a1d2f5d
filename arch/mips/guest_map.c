// SPDX-License-Identifier: BSD-2-Clause
/* Guest-virtual to guest-physical, as the guest's mode and its TLB have it. */
#include "arch/mips/guest_internal.h"

static u32 address_error(enum mips_access access)
{
	return access == MIPS_STORE ? EXC_ADES : EXC_ADEL;
}

static u32 through_tlb(const struct mips_guest *g, u32 va,
		       enum mips_access access, struct mips_mapping *m,
		       bool *refill)
{
	const struct mips_tlb_entry *e = mips_tlb_find(g, va);
	u32 lo;

	*refill = !e;
	if (!e)
		return access == MIPS_STORE ? EXC_TLBS : EXC_TLBL;
	m->size = (e->mask | 0x1fff) / 2 + 1;
	m->va = va & ~(m->size - 1);
	lo = e->lo[!!(va & m->size)];
	if (!(lo & LO_V))
		return access == MIPS_STORE ? EXC_TLBS : EXC_TLBL;
	if (access == MIPS_STORE && !(lo & LO_D))
		return EXC_MOD;
	m->gpa = (u64)LO_PFN_OF(lo) << PAGE_SHIFT & ~(u64)(m->size - 1);
	m->writable = lo & LO_D;
	m->global = lo & LO_G;
	return 0;
}

static void linear(struct mips_mapping *m, u32 va, u32 size)
{
	m->va = va;
	m->size = size;
	m->gpa = va & MIPS_SEGMENT_MASK;
	m->writable = true;
	m->global = true;
}

/* The largest part of the mapping, around the fault, that leaves the commpage
 * alone (bugs.md 33). */
static void spare_commpage(const struct mips_layout *l, struct mips_mapping *m)
{
	u32 old = m->va;

	while (m->size > PAGE_SIZE &&
	       ranges_overlap(m->va, m->size, l->commpage,
			      MIPS_COMMPAGE_SIZE)) {
		m->size /= 2;
		m->va = m->fault & ~(m->size - 1);
	}
	m->gpa += m->va - old;
}

static u32 kernel_mode(const struct mips_guest *g, u32 va,
		       enum mips_access access, struct mips_mapping *m,
		       bool *refill)
{
	const struct mips_layout *l = &g->layout;
	u32 code = 0;

	if (mips_in_commpage(l, va)) {
		m->commpage = true;
		return 0;
	}
	if (va > l->last)
		return address_error(access);
	if (mips_unmapped(l, va)) {
		linear(m, va & ~MIPS_SEGMENT_MASK, MIPS_SEGMENT_MASK + 1);
		return 0;
	}
	if (va < l->kseg0 && g->cp0[CP0_STATUS] & ST_ERL) {
		linear(m, va & ~MIPS_SEGMENT_MASK, MIPS_SEGMENT_MASK + 1);
		m->gpa = m->va;
	} else {
		code = through_tlb(g, va, access, m, refill);
	}
	if (!code)
		spare_commpage(l, m);
	return code;
}

u32 mips_guest_translate(const struct mips_guest *g, u32 va,
			 enum mips_access access, struct mips_mapping *m,
			 bool *refill)
{
	*m = (struct mips_mapping){.fault = va, .access = access};
	*refill = false;
	if (mips_guest_kernel_mode(g))
		return kernel_mode(g, va, access, m, refill);
	if (va >= g->layout.kseg0)
		return address_error(access);
	return through_tlb(g, va, access, m, refill);
}

/* Is the table in use that of the mode? The guest may have written Status by itself;
 * mips_guest_before_entry() sees to it. */
static bool table_is_of_mode(const struct mips_guest *g)
{
	u32 status = g->cp0[CP0_STATUS];

	return (g->table == MIPS_KERNEL) == mips_kernel_mode(status) &&
	       !(g->space & MIPS_SPACE_ERL) == !(status & ST_ERL);
}

enum mips_next mips_guest_fault(struct mips_guest *g, u32 va,
				enum mips_access access)
{
	u32 code;
	bool refill;

	/* It accesses again, in the mode that it has now. */
	if (unlikely(!table_is_of_mode(g)))
		return MIPS_RUN;
	code = mips_guest_translate(g, va, access, &g->map, &refill);
	if (!code)
		return MIPS_MAP;
	if (code == EXC_ADEL || code == EXC_ADES)
		mips_deliver_address(g, code, va);
	else
		mips_deliver_tlb(g, code, va, refill);
	return MIPS_RUN;
}

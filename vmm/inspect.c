// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/inspect.h"

#include "core/backing.h"
#include "core/vm.h"
#include "vmm/guest.h"

#define MEMBER(type, member) (((type *)NULL)->member)
#define FIELD(type, member)                                                    \
	{                                                                      \
		offsetof(type, member), sizeof(MEMBER(type, member))           \
	}

_Static_assert(sizeof(MEMBER(struct vm, slots)) ==
		       VM_MAX_MEMSLOTS * sizeof(struct memslot),
	       "the record says: an array");

struct inspect_record inspect_record = {
	.magic = INSPECT_MAGIC,
	.version = INSPECT_VERSION,
	.size = sizeof(inspect_record),
	.slot_size = sizeof(struct memslot),
	.guest = {
		.vm = FIELD(struct guest, vm),
		.granule = FIELD(struct guest, granule),
	},
	.vm = {
		.name = FIELD(struct vm, name),
		.slots = FIELD(struct vm, slots),
		.slot_count = FIELD(struct vm, slot_count),
		.root = FIELD(struct vm, s2.root_pa.v),
		.ipa_bits = FIELD(struct vm, s2.ia_bits),
		.pa_bits = FIELD(struct vm, s2.oa_bits),
		.start_level = FIELD(struct vm, s2.start_level),
		.features = FIELD(struct vm, s2.features),
		.table_limit = FIELD(struct vm, table_budget.limit),
		.table_used = FIELD(struct vm, table_budget.used),
		.page_limit = FIELD(struct vm, page_budget.limit),
		.page_used = FIELD(struct vm, page_budget.used),
	},
	.slot = {
		.base = FIELD(struct memslot, base),
		.pages = FIELD(struct memslot, pages),
		.offset = FIELD(struct memslot, backing_offset),
		.backing = FIELD(struct memslot, backing),
		.flags = FIELD(struct memslot, flags),
	},
	.backing = {
		.ops = FIELD(struct backing, ops),
		.resident = FIELD(struct backing, resident),
	},
	.backing_name = FIELD(struct backing_ops, name),
};

void inspect_open(struct guest **guests, unsigned int count)
{
	struct inspect_record *r = &inspect_record;

	r->self = (uintptr_t)r;
	r->linear = (uintptr_t)guests - arch_virt_to_phys(guests).v;
	r->guest_count = count;
	WRITE_ONCE(r->guests, arch_virt_to_phys(guests).v);
}

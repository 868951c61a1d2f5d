// SPDX-License-Identifier: BSD-2-Clause
/* Reading the VMs and their stage 2 from physical memory. */
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"
#include "cli/stage2.h"
#include "cli/tree.h"
#include "lib/util.h"
#include "vmm/description.h"
#include "vmm/image.h"
#include "vmm/inspect.h"

#define HEADER_SIZE 96
/* An arm64 Image is at a multiple of this (Documentation/arm64/booting.rst); others
 * may be anywhere, and are looked for at each page of a file. */
#define IMAGE_STEP SZ_2M
#define SLOTS_MAX 4096

/* ---- The hypervisor ------------------------------------------------------ */

struct reader {
	struct memory *m;
	struct inspect_record r;
	u64 record; /* its physical address */
	enum image_arch arch;
};

static u64 little_endian(const u8 *at, size_t size)
{
	u64 v = 0;

	while (size--)
		v = v << 8 | at[size];
	return v;
}

/* An image for any CPU, as the boot loaders of it know it, and the hypervisor's. */
static bool is_image(const u8 header[HEADER_SIZE], enum image_arch *arch)
{
	if (memcmp(header + INSPECT_MAGIC_AT, INSPECT_MAGIC, 8))
		return false;
	if (memcmp(header + INSPECT_MIPS_AT, INSPECT_MIPS, 8))
		return image_names_arch(header, HEADER_SIZE, arch);
	*arch = IMAGE_MIPS;
	return true;
}

static bool looks_right(const struct inspect_record *r)
{
	return !memcmp(r->magic, INSPECT_MAGIC, 8) && r->guests &&
	       r->guest_count && r->guest_count <= DESCRIPTION_MAX_VMS &&
	       r->slot_size && r->slot_size <= SZ_4K;
}

/* A copy that never ran has no guests. */
static bool try_image(struct reader *rd, u64 image)
{
	u8 header[HEADER_SIZE];

	if (!memory_read(rd->m, image, header, sizeof(header)) ||
	    !is_image(header, &rd->arch))
		return false;
	rd->record = image + little_endian(header + INSPECT_MAGIC_AT + 8, 4);
	return memory_read(rd->m, rd->record, &rd->r, sizeof(rd->r)) &&
	       looks_right(&rd->r);
}

static int refuse_memory(const struct memory *m)
{
	if (m->status)
		return m->status;
	if (m->fd < 0)
		return failed("no VM runs on that board: it has not got that far, or the last has ended");
	return refuse("--memory: %s: there is no Twofold with VMs in it; all of its memory must be there, and ADDRESS be where the file's first byte was: 0x40000000 is where the RAM of the boards virt and virt-arm begins, 0x80000000 that of vexpress-a15, 0 that of zcu102 and malta",
		      m->title);
}

static int find_hypervisor(struct reader *rd, u64 first, u64 *image)
{
	struct memory *m = rd->m;
	u64 step = m->fd < 0 ? IMAGE_STEP : SZ_4K;
	u64 at;

	*image = first;
	if (try_image(rd, first))
		return 0;
	for (at = ALIGN_UP(m->base, step);
	     !m->status && at >= m->base && at - m->base < m->size;
	     at += step) {
		*image = at;
		if (at != first && try_image(rd, at))
			return 0;
	}
	return refuse_memory(m);
}

static int check_version(const struct inspect_record *r, u64 image)
{
	if (r->version == INSPECT_VERSION && r->size == sizeof(*r))
		return 0;
	return refuse("the Twofold at 0x%llx is another version than this command (record %u, %u bytes; %u, %zu bytes are known)",
		      image, r->version, r->size,
		      INSPECT_VERSION, sizeof(*r));
}

/* ---- Its structures ------------------------------------------------------ */

/* A field of the structure at `at`; 0 when it is not there. */
static u64 number(struct reader *rd, u64 at, struct inspect_field f)
{
	u8 bytes[8];

	if (!f.size || f.size > sizeof(bytes) ||
	    !memory_read(rd->m, at + f.offset, bytes, f.size))
		return 0;
	return little_endian(bytes, f.size);
}

static void text(struct reader *rd, u64 at, size_t size, char *buf, size_t room)
{
	size = min(size, room - 1);
	buf[0] = 0;
	if (memory_read(rd->m, at, buf, size))
		buf[size] = 0;
	for (char *c = buf; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* A pointer to memory of the hypervisor's, or into its image. */
static u64 linear(const struct reader *rd, u64 pointer)
{
	return pointer - rd->r.linear;
}

static u64 in_image(const struct reader *rd, u64 pointer)
{
	return pointer - rd->r.self + rd->record;
}

static void read_slot(struct reader *rd, u64 at, struct stage2_slot *s)
{
	const struct inspect_record *r = &rd->r;
	u64 ops, name;

	*s = (struct stage2_slot){
		.address = number(rd, at, r->slot.base) << PAGE_SHIFT,
		.size = number(rd, at, r->slot.pages) << PAGE_SHIFT,
		.offset = number(rd, at, r->slot.offset) << PAGE_SHIFT,
		.flags = number(rd, at, r->slot.flags),
		.backing = linear(rd, number(rd, at, r->slot.backing)),
	};
	s->resident = number(rd, s->backing, r->backing.resident) << PAGE_SHIFT;
	ops = in_image(rd, number(rd, s->backing, r->backing.ops));
	name = in_image(rd, number(rd, ops, r->backing_name));
	text(rd, name, sizeof(s->kind), s->kind, sizeof(s->kind));
}

static int read_slots(struct reader *rd, u64 at, struct stage2_vm *vm)
{
	u64 count = number(rd, at, rd->r.vm.slot_count);

	if (count > SLOTS_MAX)
		return refuse("%s: %llu memslots: this memory is damaged",
			      vm->name, count);
	vm->slots = calloc(count + 1, sizeof(*vm->slots));
	if (!vm->slots)
		return out_of_memory();
	for (vm->slot_count = 0; vm->slot_count < count; vm->slot_count++)
		read_slot(rd,
			  at + rd->r.vm.slots.offset +
				  vm->slot_count * rd->r.slot_size,
			  &vm->slots[vm->slot_count]);
	return rd->m->status;
}

static int read_vm(struct reader *rd, u64 guest, struct stage2_vm *vm)
{
	const struct inspect_record *r = &rd->r;
	u64 at = linear(rd, number(rd, guest, r->guest.vm));

	*vm = (struct stage2_vm){
		.arch = rd->arch,
		.granule = number(rd, guest, r->guest.granule),
		.root = number(rd, at, r->vm.root),
		.ipa_bits = number(rd, at, r->vm.ipa_bits),
		.pa_bits = number(rd, at, r->vm.pa_bits),
		.start_level = (s8)number(rd, at, r->vm.start_level),
		.features = number(rd, at, r->vm.features),
		.table_limit = number(rd, at, r->vm.table_limit),
		.table_used = number(rd, at, r->vm.table_used),
		.page_limit = number(rd, at, r->vm.page_limit),
		.page_used = number(rd, at, r->vm.page_used),
	};
	text(rd, at + r->vm.name.offset, r->vm.name.size, vm->name,
	     sizeof(vm->name));
	return read_slots(rd, at, vm);
}

static int read_vms(struct reader *rd, struct stage2_board *b)
{
	u32 i, count = rd->r.guest_count;
	/* A pointer of the hypervisor's, as one to a VM is. */
	struct inspect_field pointer = { .size = rd->r.guest.vm.size };
	int status = 0;
	u64 guest;

	b->vms = calloc(count, sizeof(*b->vms));
	if (!b->vms)
		status = out_of_memory();
	for (i = 0; i < count && !status; i++) {
		guest = number(rd, rd->r.guests + (u64)i * pointer.size,
			       pointer);
		if (guest)
			status = read_vm(rd, linear(rd, guest),
					 &b->vms[b->vm_count++]);
	}
	if (!status && !b->vm_count)
		status = refuse_memory(rd->m);
	return status;
}

int stage2_open(struct memory *m, u64 image, struct stage2_board *out)
{
	struct reader rd = { .m = m };
	int status;

	*out = (struct stage2_board){ 0 };
	status = find_hypervisor(&rd, image, &out->hypervisor);
	if (!status)
		status = check_version(&rd.r, out->hypervisor);
	return status ? status : read_vms(&rd, out);
}

void stage2_free(struct stage2_board *b)
{
	for (size_t i = 0; i < b->vm_count; i++) {
		free(b->vms[i].slots);
		free(b->vms[i].runs);
	}
	free(b->vms);
	*b = (struct stage2_board){ 0 };
}

bool stage2_slot_shared(const struct stage2_board *b,
			const struct stage2_vm *vm,
			const struct stage2_slot *s, size_t other)
{
	const struct stage2_vm *o = &b->vms[other];

	for (size_t i = 0; o != vm && i < o->slot_count; i++)
		if (o->slots[i].backing == s->backing)
			return true;
	return false;
}

/* ---- Walking ------------------------------------------------------------- */

struct collect {
	struct stage2_vm *vm;
	struct tree *tree;
	size_t room;
	u64 leaves;
	u64 first, end; /* what was asked for */
};

static bool continues(const struct stage2_run *run,
		      const struct pgtable_leaf *leaf)
{
	return run->address + run->size == leaf->ia.v &&
	       run->host + run->size == leaf->pa.v &&
	       run->leaf == leaf->size && run->attr == leaf->attr;
}

static int collect(const struct pgtable_leaf *leaf, void *arg)
{
	struct collect *c = arg;
	struct stage2_vm *vm = c->vm;
	struct stage2_run *last = vm->runs + vm->run_count;

	/* Each table is in the tree once, or the tree is none. */
	if (tree_damaged(c->tree, ++c->leaves))
		return STATUS_REFUSED;
	if (vm->run_count && continues(last - 1, leaf)) {
		last[-1].size += leaf->size;
		return 0;
	}
	if (vm->run_count == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		last = realloc(vm->runs, c->room * sizeof(*last));
		if (!last)
			return out_of_memory();
		vm->runs = last;
		last += vm->run_count;
	}
	*last = (struct stage2_run){ leaf->ia.v, leaf->size, leaf->pa.v,
				     leaf->size, leaf->attr, leaf->level };
	vm->run_count++;
	return 0;
}

int stage2_walk(struct memory *m, struct stage2_vm *vm, u64 address, u64 size)
{
	struct collect c = { .vm = vm };
	struct tree t;
	u64 space, end;
	int status = tree_open(&t, m, vm);

	if (status)
		return status;
	c.tree = &t;
	free(vm->runs);
	vm->runs = NULL;
	vm->run_count = 0;
	space = BIT64(vm->ipa_bits);
	end = size > space || address > space - size ? space : address + size;
	address = ALIGN_DOWN(address, (u64)vm->granule);
	end = ALIGN_UP(end, (u64)vm->granule);
	if (address < end)
		status = pgtable_visit(&t.pt, IA(address), end - address,
				       collect, &c);
	vm->damaged = tree_damaged(&t, c.leaves);
	vm->tables = t.tables;
	if (status == STATUS_REFUSED && vm->damaged)
		status = 0;
	tree_close(&t);
	return m->status ? m->status : status;
}

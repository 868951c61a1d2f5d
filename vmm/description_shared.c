// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/description_shared.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/string.h"
#include "lib/util.h"

#define ID_MAX 63 /* Xen's MAX_SHM_ID_LENGTH, less the 0 */

typedef unsigned long long ull;

static const char *const properties[] = {
	"compatible", "xen,shm-id",    "xen,shared-mem", "role",
	"phandle",    "linux,phandle", "name",		 "twofold,read-only",
};

static bool known(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (!strcmp(name, properties[i]))
			return true;
	return false;
}

static int check_properties(const void *fdt, int node, char *why, size_t size)
{
	const char *name;
	int prop;

	fdt_for_each_property_offset(prop, fdt, node) {
		if (!fdt_getprop_by_offset(fdt, prop, &name, NULL))
			return description_refuse(fdt, node, NULL, why, size,
						  "the device tree is damaged here");
		if (!known(name))
			return description_refuse(
				fdt, node, name, why, size,
				"unknown property: shared memory has xen,shm-id, "
				"xen,shared-mem, role, twofold,read-only");
	}
	return 0;
}

/* One string of up to `max` characters; NULL: none, or not that. */
static const char *text(const void *fdt, int node, const char *name, int max)
{
	int len;
	const char *s = fdt_getprop(fdt, node, name, &len);

	return s && len > 1 && len <= max + 1 &&
			       strnlen(s, len) == (size_t)len - 1 ?
		       s :
		       NULL;
}

static int read_role(const void *fdt, int node, struct description_shared *s,
		     char *why, size_t size)
{
	const char *role = text(fdt, node, "role", 8);

	s->owner = role && !strcmp(role, "owner");
	if (s->owner || (role && !strcmp(role, "borrower")) ||
	    !fdt_getprop(fdt, node, "role", NULL))
		return 0;
	return description_refuse(fdt, node, "role", why, size,
				  "must be owner or borrower");
}

static u64 read_cells(const fdt32_t **at, int n)
{
	u64 v = 0;

	while (n-- > 0)
		v = v << 32 | fdt32_to_cpu(*(*at)++);
	return v;
}

static int read_range(const void *fdt, int node, int ac, int sc, u64 granule,
		      struct description_shared *s, char *why, size_t size)
{
	static const char name[] = "xen,shared-mem";
	int len;
	const fdt32_t *at = fdt_getprop(fdt, node, name, &len);

	if (at && len == 4 * (2 * ac + sc))
		return description_refuse(
			fdt, node, name, why, size,
			"a host address is not supported: leave it out");
	if (!at || len != 4 * (ac + sc))
		return description_refuse(
			fdt, node, name, why, size,
			"must be the guest's address, %d cells, and the size "
			"in bytes, %d",
			ac, sc);
	s->address = read_cells(&at, ac);
	s->size = read_cells(&at, sc);
	if (s->size && s->address + s->size - 1 < s->address)
		return description_refuse(
			fdt, node, name, why, size,
			"%#llx bytes at %#llx: beyond the last address",
			(ull)s->size, (ull)s->address);
	if (!s->size || !IS_ALIGNED(s->address | s->size, granule))
		return description_refuse(
			fdt, node, name, why, size,
			"%#llx bytes at %#llx: must be whole granules of %#llx",
			(ull)s->size, (ull)s->address, (ull)granule);
	return 0;
}

int description_read_shared(const void *fdt, int node, int ac, int sc,
			    struct vm_description *vm, char *why, size_t size)
{
	struct description_shared *s = &vm->shared[vm->shared_count];
	u32 granule = vm->granule ? vm->granule : PAGE_SIZE;
	int err;

	if (vm->shared_count == DESCRIPTION_MAX_SHARED)
		return description_refuse(
			fdt, node, NULL, why, size,
			"a VM has at most %d regions of shared memory",
			DESCRIPTION_MAX_SHARED);
	*s = (struct description_shared){.node = node, .granule = granule};
	s->id = text(fdt, node, "xen,shm-id", ID_MAX);
	if (!s->id)
		return description_refuse(
			fdt, node, "xen,shm-id", why, size,
			"must be a name of 1 to %d characters", ID_MAX);
	err = check_properties(fdt, node, why, size);
	if (!err)
		err = description_flag(fdt, node, "twofold,read-only",
				       &s->read_only, why, size);
	if (!err)
		err = read_role(fdt, node, s, why, size);
	if (!err)
		err = read_range(fdt, node, ac, sc, granule, s, why, size);
	if (!err)
		vm->shared_count++;
	return err;
}

/* ---- Regions against each other ------------------------------------------- */

static int check_one(const void *fdt, const struct description_shared *a,
		     const struct description_shared *b, char *why, size_t size)
{
	if (strcmp(a->id, b->id))
		return 0;
	if (a->size != b->size)
		return description_refuse(
			fdt, a->node, "xen,shared-mem", why, size,
			"%#llx bytes: another VM's %s has %#llx", (ull)a->size,
			a->id, (ull)b->size);
	if (a->owner && b->owner)
		return description_refuse(fdt, a->node, "role", why, size,
					  "%s has an owner already", a->id);
	return 0;
}

/* Of one VM. */
static int check_apart(const void *fdt, const struct description_shared *a,
		       const struct description_shared *b, char *why,
		       size_t size)
{
	if (!strcmp(a->id, b->id))
		return description_refuse(fdt, a->node, "xen,shm-id", why, size,
					  "the VM has %s already", a->id);
	if (ranges_overlap(a->address, a->size, b->address, b->size))
		return description_refuse(
			fdt, a->node, "xen,shared-mem", why, size,
			"%#llx bytes at %#llx overlap %s", (ull)a->size,
			(ull)a->address, b->id);
	return 0;
}

int description_check_shared(const void *fdt, const struct vm_description *vm,
			     const struct vm_description *other, char *why,
			     size_t size)
{
	unsigned int i, j;
	int err = 0;

	for (i = 0; i < vm->shared_count; i++) {
		unsigned int n = vm == other ? i : other->shared_count;

		for (j = 0; j < n && !err; j++)
			err = (vm == other ? check_apart : check_one)(
				fdt, &vm->shared[i], &other->shared[j], why,
				size);
	}
	return err;
}

static void join(struct vm_description *vm, struct vm_description *other)
{
	for (unsigned int i = 0; i < vm->shared_count; i++) {
		struct description_shared *a = &vm->shared[i];

		for (unsigned int j = 0; j < other->shared_count; j++) {
			struct description_shared *b = &other->shared[j];

			if (!strcmp(a->id, b->id))
				a->granule = b->granule =
					max(a->granule, b->granule);
		}
	}
}

/* Those before a VM have one granule for a region already, or are given its. */
void description_join_shared(struct vm_description *vms, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < i; j++)
			join(&vms[i], &vms[j]);
}

bool description_shared_is_new(const struct vm_description *vms,
			       const struct vm_description *vm,
			       const struct description_shared *s)
{
	unsigned int i;

	for (; vms < vm; vms++)
		for (i = 0; i < vms->shared_count; i++)
			if (!strcmp(vms->shared[i].id, s->id))
				return false;
	return true;
}

// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/description.h"
#include "vmm/description_shared.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"

#define BOOTARGS_MAX 2047 /* Linux's COMMAND_LINE_SIZE on arm64, less the 0 */
#define TOKEN_MAX 64
#define MAX_MEMORY_KIB BIT64(38) /* 256 TiB: 48 bits */
/* With less no guest comes far enough to tell what it lacks. */
#define MIN_MAX_MEMORY SZ_1M
#define MIN_MAX_TABLE_MEMORY SZ_64K

struct parser {
	const void *fdt;
	u64 board_memory;
	u64 memory_used; /* by the VMs read so far */
	const struct vm_description *vms;
	char *why;
	size_t why_size;
};

/* ---- Messages ----------------------------------------------------------- */

const char *description_size(char buf[DESCRIPTION_SIZE_LEN], u64 bytes)
{
	const char *unit = "bytes";

	if (bytes && IS_ALIGNED(bytes, SZ_1M)) {
		bytes /= SZ_1M;
		unit = "MiB";
	} else if (IS_ALIGNED(bytes, 1024)) {
		bytes /= 1024;
		unit = "KiB";
	}
	scnprintf(buf, DESCRIPTION_SIZE_LEN, "%llu %s",
		  bytes, unit);
	return buf;
}

static size_t put_path(const void *fdt, int node, char *why, size_t size)
{
	const char *name;

	if (!fdt_get_path(fdt, node, why, (int)size))
		return strlen(why);
	/* Too deep for the buffer, or a tree that is broken further up. */
	name = fdt_get_name(fdt, node, NULL);
	return scnprintf(why, size, "%s", name ? name : "?");
}

static int refuse_va(const void *fdt, int node, const char *property, char *why,
		     size_t size, const char *fmt, va_list ap)
{
	size_t n = 0, i;

	if (!size)
		return -EINVAL;
	why[0] = '\0';
	if (node >= 0)
		n = put_path(fdt, node, why, size);
	if (property)
		n += scnprintf(why + n, size - n, ": %s", property);
	n += scnprintf(why + n, size - n, ": ");
	n += vscnprintf(why + n, size - n, fmt, ap);
	for (i = 0; i < n; i++) {
		if (why[i] < ' ' || why[i] > '~')
			why[i] = '?';
	}
	return -EINVAL;
}

int description_refuse(const void *fdt, int node, const char *property,
		       char *why, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse_va(fdt, node, property, why, size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int refuse(struct parser *p, int node, const char *property,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static int refuse(struct parser *p, int node, const char *property,
		  const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse_va(p->fdt, node, property, p->why, p->why_size, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A walk over nodes or properties ended with `err`: was that the end of the
 * list, or damage? */
static int check_walk(struct parser *p, int node, int err)
{
	if (err == -FDT_ERR_NOTFOUND)
		return 0;
	return refuse(p, node, NULL, "the device tree is damaged here (%s)",
		      fdt_strerror(err));
}

/* ---- Which properties a node may have ----------------------------------- */

/*
 * A rule is three strings one behind the other: the property, why it is refused
 * (empty: it is accepted), the value that is accepted all the same. A list of
 * them ends with an empty one. Pointers would have to be relocated.
 */
#define RULE(name, unsupported, harmless) name "\0" unsupported "\0" harmless "\0"
#define ACCEPT(name) RULE(name, "", "")
#define REFUSE(name, why) RULE(name, why, "")
#define REFUSE_UNLESS(name, value, why) RULE(name, why, value)

static const char chosen_rules[] =
	ACCEPT("twofold,stats")
	ACCEPT("twofold,icount")
	ACCEPT("twofold,no-walker")
	ACCEPT("twofold,status-token");

static const char vm_rules[] =
	ACCEPT("compatible")
	ACCEPT("memory")
	ACCEPT("cpus")
	ACCEPT("twofold,max-memory")
	ACCEPT("twofold,max-table-memory")
	ACCEPT("#address-cells")
	ACCEPT("#size-cells")
	ACCEPT("phandle")
	ACCEPT("linux,phandle")
	ACCEPT("name")
	/* A guest always has a PL011, and its SPIs; there are no grant tables
	 * and no pool of table memory, so their sizes do no harm. */
	ACCEPT("vpl011")
	ACCEPT("nr_spis")
	ACCEPT("max_grant_version")
	ACCEPT("max_grant_frames")
	ACCEPT("max_maptrack_frames")
	ACCEPT("xen,domain-p2m-mem-mb")
	ACCEPT("twofold,stage2-granule")
	ACCEPT("twofold,ipa-bits")
	ACCEPT("twofold,cpu-features-off")
	REFUSE_UNLESS("passthrough", "disabled",
		      "device assignment is not supported")
	REFUSE_UNLESS("xen,enhanced", "disabled",
		      "Xen's own interfaces are not supported")
	REFUSE("xen,static-mem", "RAM at a fixed host address is not supported")
	REFUSE("direct-map", "RAM at a fixed host address is not supported")
	REFUSE("viommu", "a virtual IOMMU is not supported")
	REFUSE("sve", "SVE for guests is not supported")
	REFUSE("llc-colors", "cache colouring is not supported")
	REFUSE("domain-cpupool", "CPU pools are not supported")
	REFUSE("capabilities", "privileged domains are not supported");

static const char kernel_rules[] =
	ACCEPT("compatible") ACCEPT("reg") ACCEPT("bootargs")
	ACCEPT("twofold,file") ACCEPT("phandle") ACCEPT("linux,phandle")
	ACCEPT("name");

static const char ramdisk_rules[] =
	ACCEPT("compatible") ACCEPT("reg") ACCEPT("twofold,file")
	ACCEPT("phandle") ACCEPT("linux,phandle") ACCEPT("name")
	REFUSE("bootargs", "the command line belongs to the kernel's module");

struct ruleset {
	const char *rules;
	const char *prefix; /* judge only properties that begin so */
	const char *known;  /* what the node may have, for the message */
};

static const struct ruleset chosen_set = {
	chosen_rules, "twofold,",
	"/chosen has twofold,stats, twofold,icount, twofold,no-walker, "
	"twofold,status-token"};
static const struct ruleset vm_set = {
	vm_rules, "",
	"a VM has memory, cpus, twofold,max-memory, twofold,max-table-memory, "
	"twofold,stage2-granule, twofold,ipa-bits, twofold,cpu-features-off"};
static const struct ruleset kernel_set = {
	kernel_rules, "",
	"a kernel's module has reg and bootargs"};
static const struct ruleset ramdisk_set = {
	ramdisk_rules, "",
	"a ramdisk's module has reg"};

static int check_property(struct parser *p, int node,
			  const struct ruleset *set, const char *name,
			  const char *value, int len)
{
	const char *rule, *unsupported, *harmless;

	if (strncmp(name, set->prefix, strlen(set->prefix)))
		return 0;
	for (rule = set->rules; *rule; rule = harmless + strlen(harmless) + 1) {
		unsupported = rule + strlen(rule) + 1;
		harmless = unsupported + strlen(unsupported) + 1;
		if (strcmp(rule, name))
			continue;
		if (!*unsupported ||
		    (*harmless && len == (int)strlen(harmless) + 1 &&
		     !memcmp(value, harmless, len)))
			return 0;
		return refuse(p, node, name, "%s", unsupported);
	}
	return refuse(p, node, name, "unknown property: %s", set->known);
}

static int check_properties(struct parser *p, int node,
			    const struct ruleset *set)
{
	int prop, err;

	fdt_for_each_property_offset(prop, p->fdt, node) {
		const char *name;
		int len;
		const char *value =
			fdt_getprop_by_offset(p->fdt, prop, &name, &len);

		if (!value)
			return check_walk(p, node,
					  len < 0 ? len : -FDT_ERR_BADSTRUCTURE);
		err = check_property(p, node, set, name, value, len);
		if (err)
			return err;
	}
	return check_walk(p, node, prop);
}

/* ---- Values ------------------------------------------------------------- */

/* A string that ends within its property. *out NULL: no such property. */
static int read_string(struct parser *p, int node, const char *name, size_t max,
		       const char **out)
{
	int len;
	const char *s = fdt_getprop(p->fdt, node, name, &len);

	*out = NULL;
	if (!s)
		return 0;
	if (len < 1 || strnlen(s, len) != (size_t)len - 1)
		return refuse(p, node, name, "must be one string");
	if ((size_t)len - 1 > max)
		return refuse(p, node, name,
			      "%d characters: at most %u are possible", len - 1,
			      (unsigned int)max);
	*out = s;
	return 0;
}

int description_flag(const void *fdt, int node, const char *name, bool *out,
		     char *why, size_t size)
{
	int len;

	*out = fdt_getprop(fdt, node, name, &len);
	if (!*out || !len)
		return 0;
	return description_refuse(fdt, node, name, why, size,
				  "must be without a value; leave it out for no");
}

static u64 read_cells(const fdt32_t *cells, int n)
{
	u64 v = 0;

	while (n-- > 0)
		v = v << 32 | fdt32_to_cpu(*cells++);
	return v;
}

/* #address-cells or #size-cells that hold for the children of a VM's node.
 * Like Xen, take them from the node above where the VM's has none. */
static int cells_for_children(const void *fdt, int chosen, int vm,
			      const char *name)
{
	return fdt_u32(fdt, vm, name, fdt_u32(fdt, chosen, name, 2));
}

/* ---- Modules ------------------------------------------------------------ */

/* The end of the board's RAM range that holds `at`, or `at`: none does. */
static u64 ram_until(const void *fdt, u64 at)
{
	static const char *const memory[] = {"memory", NULL};
	int node = -1, i;
	u64 base, size;

	while ((node = fdt_next_with(fdt, node, "device_type", memory)) >= 0) {
		for (i = 0; !fdt_reg(fdt, node, i, &base, &size); i++) {
			if (at >= base && at - base < size &&
			    size <= UINT64_MAX - base)
				return base + size;
		}
	}
	return at;
}

/* Does [base, base + size) lie in RAM, be it in several ranges that touch? */
static bool in_ram(const void *fdt, u64 base, u64 size)
{
	u64 at = base, next;

	if (size > UINT64_MAX - base)
		return false;
	while (at < base + size) {
		next = ram_until(fdt, at);
		if (next == at)
			return false;
		at = next;
	}
	return true;
}

/* Both, of the VM's children. */
static int read_child_cells(struct parser *p, int chosen, int vm, int *ac,
			    int *sc)
{
	*ac = cells_for_children(p->fdt, chosen, vm, "#address-cells");
	*sc = cells_for_children(p->fdt, chosen, vm, "#size-cells");
	if (*ac < 1 || *ac > 2)
		return refuse(p, vm, "#address-cells", "%d: must be 1 or 2",
			      *ac);
	if (*sc < 1 || *sc > 2)
		return refuse(p, vm, "#size-cells", "%d: must be 1 or 2", *sc);
	return 0;
}

static int read_module_range(struct parser *p, int chosen, int vm, int node,
			     struct description_module *m)
{
	int ac, sc, err = read_child_cells(p, chosen, vm, &ac, &sc);
	const fdt32_t *reg;
	int len;

	if (err)
		return err;
	reg = fdt_getprop(p->fdt, node, "reg", &len);
	if (!reg && fdt_getprop(p->fdt, node, "twofold,file", NULL))
		return refuse(p, node, "reg",
			      "missing: twofold,file has not been loaded; "
			      "start the description with `twofold run`");
	if (!reg)
		return refuse(p, node, "reg",
			      "missing: where the module is, and its size");
	if (len != 4 * (ac + sc))
		return refuse(p, node, "reg",
			      "%d bytes: one address of %d cells and a size of "
			      "%d make %d",
			      len, ac, sc, 4 * (ac + sc));
	m->node = node;
	m->pa = HPA(read_cells(reg, ac));
	m->size = read_cells(reg + ac, sc);
	if (!m->size)
		return refuse(p, node, "reg", "the module is empty");
	if (!in_ram(p->fdt, m->pa.v, m->size))
		return refuse(p, node, "reg",
			      "0x%llx bytes at 0x%llx are not in the board's RAM",
			      m->size,
			      m->pa.v);
	return 0;
}

static int read_kernel(struct parser *p, int chosen, int node,
		       struct vm_description *vm)
{
	const char *bootargs;
	int err;

	if (vm->kernel.size)
		return refuse(p, node, "compatible",
			      "a second multiboot,kernel: a VM has one");
	err = check_properties(p, node, &kernel_set);
	if (!err)
		err = read_string(p, node, "bootargs", BOOTARGS_MAX, &bootargs);
	if (!err)
		err = read_module_range(p, chosen, vm->node, node, &vm->kernel);
	if (err)
		return err;
	vm->bootargs = bootargs ? bootargs : "";
	return 0;
}

static int read_ramdisk(struct parser *p, int chosen, int node,
			struct vm_description *vm)
{
	int err;

	if (vm->ramdisk.size)
		return refuse(p, node, "compatible",
			      "a second multiboot,ramdisk: a VM has one");
	err = check_properties(p, node, &ramdisk_set);
	if (err)
		return err;
	return read_module_range(p, chosen, vm->node, node, &vm->ramdisk);
}

static bool compatible(const void *fdt, int node, const char *what)
{
	return !fdt_node_check_compatible(fdt, node, what);
}

/* What the VMs read so far may use of the board's memory together. */
static int use_memory(struct parser *p, int node, const char *property,
		      u64 bytes)
{
	char size[DESCRIPTION_SIZE_LEN], limit[DESCRIPTION_SIZE_LEN];

	description_size(size, bytes);
	description_size(limit, p->board_memory);
	if (bytes > p->board_memory)
		return refuse(p, node, property,
			      "%llu KiB: the board has only %s for VMs",
			      bytes / 1024, limit);
	if (bytes > p->board_memory - p->memory_used)
		return refuse(p, node, property,
			      "%s: too much beside the VMs before it: the "
			      "board has only %s for VMs",
			      size, limit);
	p->memory_used += bytes;
	return 0;
}

static int read_shared(struct parser *p, int chosen, int node,
		       struct vm_description *vm)
{
	const struct description_shared *s = &vm->shared[vm->shared_count];
	int ac, sc, err = read_child_cells(p, chosen, vm->node, &ac, &sc);

	if (!err)
		err = description_read_shared(p->fdt, node, ac, sc, vm, p->why,
					      p->why_size);
	if (!err && description_shared_is_new(p->vms, vm, s))
		err = use_memory(p, node, "xen,shared-mem", s->size);
	return err;
}

static int read_child(struct parser *p, int chosen, int node,
		      struct vm_description *vm)
{
	if (compatible(p->fdt, node, "multiboot,kernel"))
		return read_kernel(p, chosen, node, vm);
	if (compatible(p->fdt, node, "multiboot,ramdisk"))
		return read_ramdisk(p, chosen, node, vm);
	if (compatible(p->fdt, node, "xen,domain-shared-memory-v1"))
		return read_shared(p, chosen, node, vm);
	if (compatible(p->fdt, node, "multiboot,device-tree"))
		return refuse(p, node, "compatible",
			      "multiboot,device-tree: device assignment is not "
			      "supported");
	return refuse(p, node, "compatible",
		      "no module: must be multiboot,kernel, "
		      "multiboot,ramdisk or xen,domain-shared-memory-v1");
}

/* A module larger than the VM's whole memory can be refused before anybody
 * looks into it. */
static int check_module_fits(struct parser *p, const struct vm_description *vm,
			     const struct description_module *m,
			     const char *what)
{
	char size[DESCRIPTION_SIZE_LEN], memory[DESCRIPTION_SIZE_LEN];

	if (m->size <= vm->memory)
		return 0;
	return refuse(p, m->node, "reg",
		      "the %s has %s, more than the VM's memory of %s", what,
		      description_size(size, m->size),
		      description_size(memory, vm->memory));
}

/* ---- VMs ---------------------------------------------------------------- */

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(",._+-@", c));
}

static int read_name(struct parser *p, struct vm_description *vm)
{
	int len, i;
	const char *name = fdt_get_name(p->fdt, vm->node, &len);

	if (!name)
		return check_walk(p, vm->node, len);
	if (len < 1 || len >= VM_NAME_LEN)
		return refuse(p, vm->node, NULL,
			      "a VM's name has 1 to %d characters",
			      VM_NAME_LEN - 1);
	for (i = 0; i < len; i++) {
		if (!name_char(name[i]))
			return refuse(p, vm->node, NULL,
				      "a VM's name has letters, digits and "
				      ",._+-@ only");
	}
	memcpy(vm->name, name, len);
	vm->name[len] = '\0';
	return 0;
}

/* An optional limit in KiB. */
static int read_limit(struct parser *p, int node, const char *name, u64 least,
		      u64 *bytes)
{
	char text[DESCRIPTION_SIZE_LEN];
	u64 kib = 0;
	int err = fdt_number(p->fdt, node, name, &kib);

	if (err == -ENOENT)
		return 0;
	if (err || kib < least / 1024 || kib > UINT64_MAX / 1024 || kib % 4)
		return refuse(p, node, name,
			      "must be a limit in KiB, one or two cells: at "
			      "least %s, a multiple of 4 KiB",
			      description_size(text, least));
	*bytes = kib * 1024;
	return 0;
}

static int read_limits(struct parser *p, struct vm_description *vm)
{
	static const char name[] = "twofold,max-memory";
	char size[DESCRIPTION_SIZE_LEN];
	int err = read_limit(p, vm->node, name, MIN_MAX_MEMORY,
			     &vm->max_memory);

	if (!err && vm->max_memory > vm->memory)
		err = refuse(p, vm->node, name,
			     "%s: more than the VM's memory",
			     description_size(size, vm->max_memory));
	if (!err)
		err = read_limit(p, vm->node, "twofold,max-table-memory",
				 MIN_MAX_TABLE_MEMORY, &vm->max_table_memory);
	return err;
}

static int read_memory(struct parser *p, struct vm_description *vm)
{
	char size[DESCRIPTION_SIZE_LEN];
	u64 kib;
	int err = fdt_number(p->fdt, vm->node, "memory", &kib);

	if (err == -ENOENT)
		return refuse(p, vm->node, "memory",
			      "missing: the VM's RAM in KiB, such as "
			      "<0x0 0x80000> for 512 MiB");
	if (err)
		return refuse(p, vm->node, "memory",
			      "must be one or two cells: the VM's RAM in KiB");
	if (kib > MAX_MEMORY_KIB)
		return refuse(p, vm->node, "memory",
			      "%llu KiB: no VM can have that much",
			      kib);
	vm->memory = kib * 1024;
	description_size(size, vm->memory);
	if (vm->memory < DESCRIPTION_MIN_MEMORY)
		return refuse(p, vm->node, "memory",
			      "%s: a VM needs at least 16 MiB", size);
	if (!IS_ALIGNED(vm->memory, PAGE_SIZE))
		return refuse(p, vm->node, "memory",
			      "%s: must be a multiple of 4 KiB", size);
	err = read_limits(p, vm);
	if (!err)
		err = use_memory(p, vm->node, "memory",
				 vm->max_memory ? vm->max_memory : vm->memory);
	return err;
}

static int read_cpus(struct parser *p, struct vm_description *vm)
{
	u64 n;
	int err = fdt_number(p->fdt, vm->node, "cpus", &n);

	if (err == -ENOENT)
		return refuse(p, vm->node, "cpus",
			      "missing: how many vCPUs the VM has, 1 to %d",
			      VM_MAX_VCPUS);
	if (err)
		return refuse(p, vm->node, "cpus",
			      "must be one cell: a VM has 1 to %d vCPUs",
			      VM_MAX_VCPUS);
	if (n < 1 || n > VM_MAX_VCPUS)
		return refuse(p, vm->node, "cpus",
			      "%llu: a VM has 1 to %d vCPUs",
			      n, VM_MAX_VCPUS);
	vm->cpus = n;
	return 0;
}

/* A string of three characters would be a number too: no message shows it. */
static int read_granule(struct parser *p, struct vm_description *vm)
{
	static const char name[] = "twofold,stage2-granule";
	u64 granule;
	int err = fdt_number(p->fdt, vm->node, name, &granule);

	if (err == -ENOENT)
		return 0;
	if (err || (granule != SZ_4K && granule != SZ_16K && granule != SZ_64K))
		return refuse(p, vm->node, name,
			      "must be <4096>, <16384> or <65536>");
	vm->granule = granule;
	if (!IS_ALIGNED(vm->memory, vm->granule))
		return refuse(p, vm->node, "memory",
			      "must be a multiple of the granule, %u bytes",
			      vm->granule);
	return 0;
}

/* How many there can be is the CPU's to say; a string's end makes no bits. */
static int read_ipa_bits(struct parser *p, struct vm_description *vm)
{
	static const char name[] = "twofold,ipa-bits";
	u64 bits;
	int err = fdt_number(p->fdt, vm->node, name, &bits);

	if (err == -ENOENT)
		return 0;
	if (err || !bits || bits > 64)
		return refuse(p, vm->node, name,
			      "must be one cell, such as <40>");
	vm->ipa_bits = bits;
	return 0;
}

static int read_features_off(struct parser *p, struct vm_description *vm)
{
	static const char name[] = "twofold,cpu-features-off";
	int len;

	vm->features_off = fdt_getprop(p->fdt, vm->node, name, &len);
	if (!vm->features_off)
		return 0;
	if (!len || vm->features_off[len - 1])
		return refuse(p, vm->node, name, "must be strings");
	vm->features_off_size = len;
	return 0;
}

/* What the board can do of it is asked when the VM is planned. */
static int read_stage2(struct parser *p, struct vm_description *vm)
{
	int err = read_granule(p, vm);

	if (!err)
		err = read_ipa_bits(p, vm);
	if (!err)
		err = read_features_off(p, vm);
	return err;
}

static int read_children(struct parser *p, int chosen,
			 struct vm_description *vm)
{
	int node, err;

	fdt_for_each_subnode(node, p->fdt, vm->node) {
		err = read_child(p, chosen, node, vm);
		if (err)
			return err;
	}
	err = check_walk(p, vm->node, node);
	if (!err && !vm->kernel.size)
		err = refuse(p, vm->node, NULL,
			     "no kernel: a VM needs a module that is "
			     "compatible with multiboot,kernel");
	if (!err)
		err = check_module_fits(p, vm, &vm->kernel, "kernel");
	if (!err)
		err = check_module_fits(p, vm, &vm->ramdisk, "ramdisk");
	return err;
}

static int read_vm(struct parser *p, int chosen, int node,
		   struct vm_description *vm)
{
	int err;

	*vm = (struct vm_description){.node = node, .bootargs = ""};
	err = read_name(p, vm);
	if (!err)
		err = check_properties(p, node, &vm_set);
	if (!err)
		err = read_memory(p, vm);
	if (!err)
		err = read_cpus(p, vm);
	if (!err)
		err = read_stage2(p, vm);
	if (!err)
		err = read_children(p, chosen, vm);
	return err;
}

/* ---- VMs against each other --------------------------------------------- */

/* VMs may start from the very same module; anything else that overlaps is a
 * mistake of whoever placed them. */
static int check_overlap(struct parser *p, const struct description_module *a,
			 const struct description_module *b)
{
	if (!a->size || !b->size || a == b ||
	    (a->pa.v == b->pa.v && a->size == b->size) ||
	    !ranges_overlap(a->pa.v, a->size, b->pa.v, b->size))
		return 0;
	return refuse(p, a->node, "reg",
		      "0x%llx bytes at 0x%llx overlap another module, at 0x%llx",
		      a->size, a->pa.v,
		      b->pa.v);
}

static int check_pair(struct parser *p, const struct vm_description *vm,
		      const struct vm_description *other)
{
	int err;

	if (vm != other && !strcmp(vm->name, other->name))
		return refuse(p, vm->node, NULL,
			      "two VMs have this name: each needs its own");
	err = description_check_shared(p->fdt, vm, other, p->why, p->why_size);
	if (!err)
		err = check_overlap(p, &vm->kernel, &other->kernel);
	if (!err)
		err = check_overlap(p, &vm->kernel, &other->ramdisk);
	if (!err)
		err = check_overlap(p, &vm->ramdisk, &other->kernel);
	if (!err)
		err = check_overlap(p, &vm->ramdisk, &other->ramdisk);
	return err;
}

static int check_pairs(struct parser *p, const struct vm_description *vms,
		       unsigned int count)
{
	unsigned int i, j;
	int err;

	for (i = 0; i < count; i++) {
		for (j = 0; j <= i; j++) {
			err = check_pair(p, &vms[i], &vms[j]);
			if (err)
				return err;
		}
	}
	return 0;
}

/* ---- /chosen ------------------------------------------------------------ */

static int read_options(struct parser *p, int chosen, struct description *d)
{
	int err;
	const char *s;

	err = read_string(p, chosen, "twofold,status-token", TOKEN_MAX,
			  &d->status_token);
	if (err)
		return err;
	for (s = d->status_token; s && *s; s++) {
		if (*s <= ' ' || *s > '~') {
			d->status_token = NULL;
			return refuse(p, chosen, "twofold,status-token",
				      "must be one printable word");
		}
	}
	err = description_flag(p->fdt, chosen, "twofold,stats", &d->stats,
			       p->why, p->why_size);
	if (!err)
		err = description_flag(p->fdt, chosen, "twofold,icount",
				       &d->icount, p->why, p->why_size);
	if (!err)
		err = check_properties(p, chosen, &chosen_set);
	return err;
}

/* A child of /chosen that is no VM: is it one that somebody meant as such? */
static int check_other(struct parser *p, int node)
{
	if (compatible(p->fdt, node, "multiboot,module") ||
	    compatible(p->fdt, node, "multiboot,kernel") ||
	    compatible(p->fdt, node, "multiboot,ramdisk"))
		return refuse(p, node, "compatible",
			      "a module outside of a VM: put it into a node "
			      "that is compatible with xen,domain");
	if (!fdt_getprop(p->fdt, node, "compatible", NULL) &&
	    (fdt_getprop(p->fdt, node, "memory", NULL) ||
	     fdt_getprop(p->fdt, node, "cpus", NULL)))
		return refuse(p, node, "compatible",
			      "missing: a VM's node says xen,domain");
	return 0;
}

unsigned int description_count(const void *fdt)
{
	int chosen = fdt_node_at(fdt, "/chosen"), node;
	unsigned int count = 0;

	if (chosen < 0)
		return 0;
	fdt_for_each_subnode(node, fdt, chosen) {
		if (compatible(fdt, node, "xen,domain") &&
		    ++count > DESCRIPTION_MAX_VMS)
			break;
	}
	return count;
}

void description_for_each_module(const void *fdt,
				 void (*fn)(hpa_t pa, u64 size, void *arg),
				 void *arg)
{
	int chosen = fdt_node_at(fdt, "/chosen"), vm, node;
	char why[DESCRIPTION_WHY_SIZE];
	struct parser p = {.fdt = fdt, .why = why, .why_size = sizeof(why)};

	if (chosen < 0)
		return;
	fdt_for_each_subnode(vm, fdt, chosen) {
		if (!compatible(fdt, vm, "xen,domain"))
			continue;
		fdt_for_each_subnode(node, fdt, vm) {
			struct description_module m;

			if (!read_module_range(&p, chosen, vm, node, &m))
				fn(m.pa, m.size, arg);
		}
	}
}

static int read_vms(struct parser *p, int chosen, struct description *d,
		    struct vm_description *vms, unsigned int max)
{
	int node, err;

	fdt_for_each_subnode(node, p->fdt, chosen) {
		if (!compatible(p->fdt, node, "xen,domain")) {
			err = check_other(p, node);
		} else if (d->vm_count == max) {
			err = refuse(p, node, NULL,
				     "one VM too many: at most %u are possible",
				     max);
		} else {
			err = read_vm(p, chosen, node, &vms[d->vm_count]);
			d->vm_count++;
		}
		if (err)
			return err;
	}
	err = check_walk(p, chosen, node);
	if (!err && !d->vm_count)
		err = refuse(p, chosen, NULL,
			     "no VM: there is no node that is compatible with "
			     "xen,domain");
	return err;
}

int description_parse(const void *fdt, u64 board_memory, struct description *d,
		      struct vm_description *vms, unsigned int max, char *why,
		      size_t why_size)
{
	struct parser p = {
		.fdt = fdt,
		.board_memory = board_memory,
		.vms = vms,
		.why = why,
		.why_size = why_size,
	};
	int chosen = fdt_node_at(fdt, "/chosen"), err;

	*d = (struct description){0};
	if (chosen < 0)
		return refuse(&p, 0, NULL,
			      "no node /chosen: it says which VMs to run");
	err = read_options(&p, chosen, d);
	if (!err)
		err = read_vms(&p, chosen, d, vms, max);
	if (!err)
		err = check_pairs(&p, vms, d->vm_count);
	if (!err)
		description_join_shared(vms, d->vm_count);
	return err;
}

/* ---- Shared memory ------------------------------------------------------ */

int description_check_machine(const void *fdt, u64 ram_base, u64 vcpu_tables,
			      const struct vm_description *vms,
			      unsigned int count, char *why, size_t why_size)
{
	const struct vm_description *vm;
	unsigned int i;

	for (vm = vms; vm < vms + count; vm++) {
		u64 least = MIN_MAX_TABLE_MEMORY + vcpu_tables * vm->cpus;

		if (vm->max_table_memory && vm->max_table_memory < least)
			return description_refuse(
				fdt, vm->node, "twofold,max-table-memory", why,
				why_size,
				"must be at least %llu KiB with cpus = <%u>",
				least / 1024, vm->cpus);
		for (i = 0; i < vm->shared_count; i++) {
			const struct description_shared *s = &vm->shared[i];

			if (s->address < ram_base + vm->memory)
				return description_refuse(
					fdt, s->node, "xen,shared-mem", why,
					why_size,
					"%#llx: devices and RAM of the VM "
					"reach up to %#llx",
					s->address,
					ram_base +
						vm->memory);
		}
	}
	return 0;
}

int description_check_space(const void *fdt, const struct vm_description *d,
			    u64 ram_base, unsigned int ipa_bits, char *why,
			    size_t size)
{
	static const char beyond[] =
		"%s: beyond the %u bits of guest-physical addresses";
	char text[DESCRIPTION_SIZE_LEN];

	if (d->memory > BIT64(ipa_bits) - ram_base)
		return description_refuse(fdt, d->node, "memory", why, size,
					  beyond,
					  description_size(text, d->memory),
					  ipa_bits);
	for (unsigned int i = 0; i < d->shared_count; i++) {
		const struct description_shared *s = &d->shared[i];

		if (range_fits(s->address, s->size, BIT64(ipa_bits)))
			continue;
		scnprintf(text, sizeof(text), "%#llx",
			  s->address);
		return description_refuse(fdt, s->node, "xen,shared-mem", why,
					  size, beyond, text, ipa_bits);
	}
	return 0;
}

int description_check_below(const void *fdt, const struct vm_description *d,
			    u64 ram_base, u64 ram_end, char *why, size_t size)
{
	static const char reach[] =
		"it reaches %#llx: the machine's devices begin at %#llx";

	if (d->memory > ram_end - ram_base)
		return description_refuse(fdt, d->node, "memory", why, size,
					  reach,
					  ram_base + d->memory, ram_end);
	for (unsigned int i = 0; i < d->shared_count; i++) {
		const struct description_shared *s = &d->shared[i];

		if (!range_fits(s->address, s->size, ram_end))
			return description_refuse(fdt, s->node,
						  "xen,shared-mem", why, size,
						  reach, s->address + s->size, ram_end);
	}
	return 0;
}

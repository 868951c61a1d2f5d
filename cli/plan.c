// SPDX-License-Identifier: BSD-2-Clause
/* What is to be loaded for a description. */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board.h"
#include "cli/file.h"
#include "cli/gunzip.h"
#include "cli/kernel.h"
#include "cli/plan.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/size.h"
#include "lib/fdt.h"
#include "lib/util.h"
#include "vmm/guest_machine.h"

#define PATH_TEXT 512
/* For what is unpacked for a VM whose memory is not known. */
#define UNPACK_MAX (4 * SZ_1G)

static const char *const role_names[] = { "kernel", "initrd" };
static const char *const role_options[] = { "", "--initrd " };

static const char *path_of(const struct plan *p, int node,
			   char path[PATH_TEXT])
{
	if (fdt_get_path(p->description, node, path, PATH_TEXT))
		return "(a deep node)";
	return path;
}

/* "--initrd FILE", or "two.dts: /chosen/debian/kernel: FILE". To be freed. */
static char *name_of(const struct plan *p, int node, enum role role,
		     const char *file)
{
	char path[PATH_TEXT], *text;
	int n;

	if (p->settings->is_description)
		n = asprintf(&text, "%s: %s: %s", p->settings->operand,
			     path_of(p, node, path), file);
	else
		n = asprintf(&text, "%s%s", role_options[role], file);
	if (n < 0)
		exit(out_of_memory());
	return text;
}

static int refuse_node(const struct plan *p, int node, const char *property,
		       const char *why)
{
	char path[PATH_TEXT];

	return refuse("%s: %s: %s%s%s", p->settings->operand,
		      path_of(p, node, path), property ? property : "", property ? ": " : "", why);
}

/* ---- Files --------------------------------------------------------------- */

static int look_at_kernel(const char *what, int fd, u64 max,
			  enum image_arch arch, struct payload *f)
{
	unsigned char head[4];
	ssize_t n = file_read_at(fd, 0, head, sizeof(head));
	const char *unpacked;
	struct stat st;
	int status;

	if (n > 0 && is_gzip(head, n)) {
		status = gunzip_to_temporary(what, fd, max, &unpacked);
		if (status)
			return status;
		free(f->file);
		f->file = strdup(unpacked);
		if (!f->file)
			return out_of_memory();
		status = file_open(what, f->file, &fd, &st);
		if (status)
			return status;
		f->size = st.st_size;
		status = kernel_recognise(what, fd, f->size, arch, &f->image);
		close(fd);
	} else {
		status = kernel_recognise(what, fd, f->size, arch, &f->image);
	}
	if (!status)
		f->offset = kernel_block_offset(&f->image);
	return status;
}

static int look_at_ramdisk(const char *what, int fd, struct payload *f)
{
	unsigned char head[4];
	ssize_t n = file_read_at(fd, 0, head, sizeof(head));

	return n > 0 && is_gzip(head, n) ? gunzip_check(what, fd) : 0;
}

static struct payload *find_payload(struct plan *p, enum role role,
				    const struct stat *st)
{
	for (unsigned int i = 0; i < p->payload_count; i++) {
		struct payload *f = &p->payloads[i];

		if (f->role == role && f->device == st->st_dev &&
		    f->inode == st->st_ino)
			return f;
	}
	return NULL;
}

/* Takes `path`. */
static int add_payload(struct plan *p, enum role role, const char *what,
		       char *path, u64 max, unsigned int *index)
{
	struct payload *f;
	struct stat st;
	int fd, status = file_open(what, path, &fd, &st);

	f = status ? NULL : find_payload(p, role, &st);
	if (status || f) {
		free(path);
		*index = f ? f - p->payloads : 0;
		if (!status)
			close(fd);
		return status;
	}
	f = &p->payloads[p->payload_count];
	*f = (struct payload){ .role = role,
			       .device = st.st_dev,
			       .inode = st.st_ino,
			       .file = path,
			       .size = st.st_size };
	*index = p->payload_count++;
	if (role == ROLE_KERNEL)
		status = look_at_kernel(what, fd, max, p->settings->board->arch, f);
	else
		status = look_at_ramdisk(what, fd, f);
	close(fd);
	return status;
}

/* ---- Nodes ---------------------------------------------------------------- */

/* "--memory", or "two.dts: /chosen/debian: memory". */
static const char *memory_name(const struct plan *p, const struct plan_vm *vm,
			       char *buf, size_t size)
{
	char path[PATH_TEXT];

	if (!p->settings->is_description)
		return "--memory";
	snprintf(buf, size, "%s: memory", path_of(p, vm->node, path));
	return buf;
}

/* What a module takes of its VM's RAM, counted from the start of it. */
static u64 memory_taken(const struct payload *f)
{
	return f->role == ROLE_KERNEL ? f->image.least : f->size;
}

/* One module, alone, in the memory of its VM. */
static int check_fits(const struct plan *p, struct plan_vm *vm,
		      const struct payload *f, const char *what)
{
	enum image_arch arch = p->settings->board->arch;
	char need[SIZE_TEXT], have[SIZE_TEXT], name[PATH_TEXT];
	bool fits = !vm->memory || memory_taken(f) <= vm->memory;

	if (f->role == ROLE_KERNEL && vm->memory)
		fits = vm->has_kernel = kernel_fits(f->file, f->size, arch,
						    vm->memory, &vm->kernel);
	if (fits)
		return 0;
	return refuse("%s: the %s takes %s of memory; %s gives only %s", what,
		      role_names[f->role],
		      size_text(ALIGN_UP(memory_taken(f), SZ_1M), need),
		      memory_name(p, vm, name, sizeof(name)),
		      size_text(vm->memory, have));
}

static int check_entry(const struct plan *p, const struct payload *f,
		       const char *what)
{
	const struct settings *s = p->settings;

	if (f->role != ROLE_KERNEL || !s->board->check_entry)
		return 0;
	return s->board->check_entry(s, what, f->image.entry);
}

static int read_module(struct plan *p, int node, enum role role)
{
	struct plan_module *m = &p->modules[p->module_count];
	unsigned int vm = p->vm_count - 1;
	u64 memory = p->vms[vm].memory;
	char *path, *what;
	const char *file;
	int len, status;

	if (fdt_getprop(p->description, node, "reg", NULL))
		return refuse_node(p, node, "reg",
				   "is for boot loaders; name the file: twofold,file = \"FILE\"");
	file = fdt_getprop(p->description, node, "twofold,file", &len);
	if (!file)
		return refuse_node(p, node, "twofold,file",
				   "is missing; it names the file to load");
	if (len < 2 || strnlen(file, len) != len - 1)
		return refuse_node(p, node, "twofold,file",
				   "must be one file name");
	*m = (struct plan_module){ .node = node, .vm = vm };
	path = p->settings->is_description ?
		       path_beside(p->settings->operand, file) :
		       strdup(file);
	if (!path)
		return out_of_memory();
	what = name_of(p, node, role, file);
	status = add_payload(p, role, what, path,
			     memory ? memory : UNPACK_MAX, &m->payload);
	if (!status) {
		p->module_count++;
		status = check_entry(p, &p->payloads[m->payload], what);
	}
	if (!status)
		status = check_fits(p, &p->vms[vm], &p->payloads[m->payload],
				    what);
	free(what);
	return status;
}

/* The modules of the VM read last, together, as the hypervisor will place
 * them. Which of them are there, and how often, is the parser's to say. */
static int check_all_fit(const struct plan *p)
{
	const struct plan_vm *vm = &p->vms[p->vm_count - 1];
	const struct payload *kernel = NULL, *ramdisk = NULL;
	char need[2][SIZE_TEXT], have[SIZE_TEXT], name[PATH_TEXT];
	struct image_layout layout;

	for (unsigned int i = 0; i < p->module_count; i++) {
		const struct payload *f = &p->payloads[p->modules[i].payload];

		if (p->modules[i].vm != p->vm_count - 1)
			continue;
		if (f->role == ROLE_KERNEL)
			kernel = f;
		else
			ramdisk = f;
	}
	if (!kernel || !vm->has_kernel ||
	    !image_place(&vm->kernel,
			 guest_ram_base(p->settings->board->arch), vm->memory,
			 HPA(0),
			 ramdisk ? ramdisk->size : 0, &layout))
		return 0;
	size_text(ALIGN_UP(memory_taken(kernel), SZ_1M), need[0]);
	size_text(ramdisk ? ALIGN_UP(ramdisk->size, SZ_1M) : 0, need[1]);
	return refuse("%s: the kernel (%s)%s%s%s and a device tree do not fit together; %s gives only %s",
		      p->settings->operand, need[0],
		      ramdisk ? ", the initrd (" : "", ramdisk ? need[1] : "",
		      ramdisk ? ")" : "",
		      memory_name(p, vm, name, sizeof(name)),
		      size_text(vm->memory, have));
}

static u32 cells_of(const struct plan *p, int vm, const char *name)
{
	const void *fdt = p->description;

	return fdt_u32(fdt, vm, name,
		       fdt_u32(fdt, fdt_parent_offset(fdt, vm), name, 2));
}

/* How much more of the board's memory the VMs' shared memory is. Whether it is
 * as it should be is the parser's to say, unless no board could have it. */
static int count_shared(struct plan *p, int vm, int node)
{
	const void *fdt = p->description;
	u32 ac = cells_of(p, vm, "#address-cells");
	u32 sc = cells_of(p, vm, "#size-cells");
	int len, idlen;
	const char *id = fdt_getprop(fdt, node, "xen,shm-id", &idlen);
	const u8 *v = fdt_getprop(fdt, node, "xen,shared-mem", &len);
	u64 size = 0;

	if (!id || !v || ac > 2 || sc > 2 || len != 4 * (int)(ac + sc) ||
	    strnlen(id, idlen) == (size_t)idlen)
		return 0;
	for (unsigned int i = 0; i < p->shared_count; i++)
		if (!strcmp(p->shared_ids[i], id))
			return 0;
	p->shared_ids[p->shared_count++] = id;
	for (int i = 4 * ac; i < len; i++)
		size = size << 8 | v[i];
	if (size > p->settings->board->max_memory)
		return refuse_node(p, node, "xen,shared-mem",
				   "its size is more than the board can have");
	if (__builtin_add_overflow(p->shared, size, &p->shared))
		p->shared = UINT64_MAX;
	return 0;
}

/* A number of bytes is the likely mistake: the text says what it counts. */
static int refuse_memory(const struct plan *p, int node, u64 kib)
{
	const struct board *board = p->settings->board;
	char size[SIZE_TEXT] = "more than 16E", most[SIZE_TEXT], why[256];

	if (kib <= UINT64_MAX / 1024)
		size_text(kib * 1024, size);
	snprintf(why, sizeof(why),
		 "%llu KiB (%s): memory counts KiB; the board %s can have %llu KiB (%s)",
		 kib, size, board->name, board->max_memory / 1024,
		 size_text(board->max_memory, most));
	return refuse_node(p, node, "memory", why);
}

static int read_vm(struct plan *p, int node)
{
	struct plan_vm *vm = &p->vms[p->vm_count++];
	const void *fdt = p->description;
	int child, status = 0;
	u64 kib, most, cpus;

	*vm = (struct plan_vm){ .node = node, .cpus = 1 };
	if (!fdt_number(fdt, node, "memory", &kib)) {
		if (fdt_number(fdt, node, "twofold,max-memory", &most))
			most = kib;
		if (min(kib, most) > p->settings->board->max_memory / 1024)
			return refuse_memory(p, node, min(kib, most));
		vm->memory = min(kib, (u64)UINT64_MAX / 1024) * 1024;
		vm->most = min(kib, most) * 1024;
	}
	if (!fdt_number(fdt, node, "cpus", &cpus) && cpus)
		vm->cpus = min(cpus, (u64)UINT32_MAX);
	fdt_for_each_subnode(child, fdt, node) {
		if (!fdt_node_check_compatible(fdt, child, "multiboot,kernel"))
			status = read_module(p, child, ROLE_KERNEL);
		else if (!fdt_node_check_compatible(fdt, child,
						    "multiboot,ramdisk"))
			status = read_module(p, child, ROLE_RAMDISK);
		else
			status = count_shared(p, node, child);
		if (status)
			return status;
	}
	return check_all_fit(p);
}

/* A description is /chosen; anything else would silently do nothing. */
static int check_root(const struct plan *p)
{
	int node, len;
	const char *name;

	fdt_for_each_subnode(node, p->description, 0) {
		name = fdt_get_name(p->description, node, &len);
		if (strcmp(name, "chosen") && strncmp(name, "__", 2))
			return refuse_node(p, node, NULL,
					   "has no meaning here; a description has /chosen, with a node for each VM");
	}
	return 0;
}

static unsigned int count_nodes(const void *fdt)
{
	unsigned int count = 0;

	for (int node = 0; node >= 0; node = fdt_next_node(fdt, node, NULL))
		count++;
	return count;
}

int plan_read(const void *description, const struct settings *s,
	      struct plan *p)
{
	/* No more of anything than there are nodes. */
	unsigned int nodes = count_nodes(description);
	int chosen, node, status;

	*p = (struct plan){ .description = description, .settings = s };
	p->vms = calloc(nodes, sizeof(*p->vms));
	p->modules = calloc(nodes, sizeof(*p->modules));
	p->payloads = calloc(nodes, sizeof(*p->payloads));
	p->shared_ids = calloc(nodes, sizeof(*p->shared_ids));
	if (!p->vms || !p->modules || !p->payloads || !p->shared_ids)
		return out_of_memory();
	status = check_root(p);
	if (status)
		return status;
	chosen = fdt_path_offset(description, "/chosen");
	if (chosen < 0)
		return refuse("%s: has no node /chosen, where the VMs are described",
			      s->operand);
	if (fdt_getprop(description, chosen, "twofold,status-token", NULL))
		return refuse_node(p, chosen, "twofold,status-token",
				   "is set by `twofold run` itself");
	fdt_for_each_subnode(node, description, chosen) {
		/* The parser leaves alone what boot loaders may put there for
		 * others. In a description it is a mistake. */
		if (fdt_node_check_compatible(description, node, "xen,domain"))
			return refuse_node(p, node, "compatible",
					   "a VM's node has \"xen,domain\"");
		status = read_vm(p, node);
		if (status)
			return status;
	}
	return 0;
}

void plan_free(struct plan *p)
{
	for (unsigned int i = 0; i < p->payload_count; i++)
		free(p->payloads[i].file);
	free(p->payloads);
	free(p->shared_ids);
	free(p->modules);
	free(p->vms);
}

u64 plan_memory(const struct plan *p)
{
	u64 sum = p->shared;

	for (unsigned int i = 0; i < p->vm_count; i++)
		if (__builtin_add_overflow(sum, p->vms[i].most, &sum))
			return UINT64_MAX;
	return sum;
}

unsigned int plan_cpus(const struct plan *p)
{
	unsigned int most = 1;

	for (unsigned int i = 0; i < p->vm_count; i++)
		most = max(most, p->vms[i].cpus);
	return most;
}

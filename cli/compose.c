// SPDX-License-Identifier: BSD-2-Clause
/* The device tree that the hypervisor gets. */
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/any_cpu.h"
#include "cli/board.h"
#include "cli/child.h"
#include "cli/compose.h"
#include "cli/file.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "lib/util.h"
#include "vmm/description.h"
#include "vmm/guest_machine.h"

/*
 * QEMU doubles the tree, and a tree beyond 2 MiB is against the boot
 * protocol (Linux Documentation/arm64/booting.rst).
 */
#define COMPOSED_MAX (SZ_1M - SZ_64K)
/* reg, its tags and its share of the strings, for one module. */
#define MODULE_ROOM 64

/*
 * Everything is written sequentially, so that nodes keep their order: the
 * first VM is the one that gets the console's input. The writer remembers
 * its first error, so only the end asks.
 */
struct composer {
	void *out;
	const struct plan *plan;
	const struct token *token;
};

int token_make(struct token *t)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-.";
	unsigned char random[TOKEN_LENGTH];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return failed("no random numbers: %s", strerror(errno));
	for (size_t i = 0; i < TOKEN_LENGTH; i++)
		t->text[i] = letters[random[i] % 64];
	t->text[TOKEN_LENGTH] = 0;
	return 0;
}

static const struct plan_module *module_of(const struct plan *p, int node)
{
	for (unsigned int i = 0; i < p->module_count; i++)
		if (p->modules[i].node == node)
			return &p->modules[i];
	return NULL;
}

/* The properties of `node` but those named; NULL ends the names. */
static void copy_properties(void *out, const void *fdt, int node,
			    const char *const *except)
{
	int prop, len;

	fdt_for_each_property_offset(prop, fdt, node) {
		const char *name;
		const void *value = fdt_getprop_by_offset(fdt, prop, &name,
							  &len);
		const char *const *e = except;

		while (e && *e && strcmp(*e, name))
			e++;
		if (value && !(e && *e))
			fdt_property(out, name, value, len);
	}
}

static void copy_tree(void *out, const void *fdt, int node)
{
	int child;

	fdt_begin_node(out, fdt_get_name(fdt, node, NULL));
	copy_properties(out, fdt, node, NULL);
	fdt_for_each_subnode(child, fdt, node)
		copy_tree(out, fdt, child);
	fdt_end_node(out);
}

static void put_module(struct composer *c, int node)
{
	static const char *const except[] = { "twofold,file", NULL };
	const struct plan_module *m = module_of(c->plan, node);
	const void *from = c->plan->description;
	fdt64_t reg[2];

	if (!m) {
		copy_tree(c->out, from, node);
		return;
	}
	reg[0] = cpu_to_fdt64(c->plan->payloads[m->payload].address);
	reg[1] = cpu_to_fdt64(c->plan->payloads[m->payload].size);
	fdt_begin_node(c->out, fdt_get_name(from, node, NULL));
	copy_properties(c->out, from, node, except);
	fdt_property(c->out, "reg", reg, sizeof(reg));
	fdt_end_node(c->out);
}

static void put_vm(struct composer *c, int node)
{
	static const char *const except[] = { "#address-cells", "#size-cells",
					      NULL };
	const void *from = c->plan->description;
	int child;

	fdt_begin_node(c->out, fdt_get_name(from, node, NULL));
	copy_properties(c->out, from, node, except);
	fdt_property_u32(c->out, "#address-cells", 2);
	fdt_property_u32(c->out, "#size-cells", 2);
	fdt_for_each_subnode(child, from, node)
		put_module(c, child);
	fdt_end_node(c->out);
}

/* The flags and VMs of the description, in the open node /chosen. */
static void put_description(struct composer *c)
{
	const struct settings *s = c->plan->settings;
	const void *from = c->plan->description;
	int chosen = fdt_path_offset(from, "/chosen");
	bool stats = s->stats, icount = s->icount;
	int prop, node, len;

	fdt_for_each_property_offset(prop, from, chosen) {
		const char *name;
		const void *value = fdt_getprop_by_offset(from, prop, &name,
							  &len);

		if (!value || strncmp(name, "twofold,", 8))
			continue;
		stats = stats && strcmp(name, "twofold,stats");
		icount = icount && strcmp(name, "twofold,icount");
		fdt_property(c->out, name, value, len);
	}
	if (stats)
		fdt_property(c->out, "twofold,stats", "", 0);
	if (icount)
		fdt_property(c->out, "twofold,icount", "", 0);
	fdt_property_string(c->out, "twofold,status-token", c->token->text);
	fdt_for_each_subnode(node, from, chosen)
		put_vm(c, node);
}

static void put_chosen(struct composer *c, const void *board, int node)
{
	static const char *const except[] = { "#address-cells", "#size-cells",
					      NULL };
	int child;

	fdt_begin_node(c->out, "chosen");
	if (node >= 0)
		copy_properties(c->out, board, node, except);
	fdt_property_u32(c->out, "#address-cells", 2);
	fdt_property_u32(c->out, "#size-cells", 2);
	put_description(c);
	if (node >= 0)
		fdt_for_each_subnode(child, board, node)
			copy_tree(c->out, board, child);
	fdt_end_node(c->out);
}

static int put_all(struct composer *c, const void *board)
{
	int chosen = fdt_path_offset(board, "/chosen");
	int node;

	for (int i = 0; i < fdt_num_mem_rsv(board); i++) {
		uint64_t base, size;

		if (!fdt_get_mem_rsv(board, i, &base, &size))
			fdt_add_reservemap_entry(c->out, base, size);
	}
	fdt_finish_reservemap(c->out);
	fdt_begin_node(c->out, "");
	copy_properties(c->out, board, 0, NULL);
	fdt_for_each_subnode(node, board, 0)
		if (node != chosen)
			copy_tree(c->out, board, node);
	put_chosen(c, board, chosen);
	fdt_end_node(c->out);
	fdt_set_boot_cpuid_phys(c->out, fdt_boot_cpuid_phys(board));
	return fdt_finish(c->out);
}

int compose(const void *board, const struct plan *p, const struct token *token,
	    void **out)
{
	size_t size = fdt_totalsize(board) + fdt_totalsize(p->description) +
		      MODULE_ROOM * (p->module_count + p->vm_count) + SZ_64K;
	struct composer c = { .plan = p, .token = token };
	int err;

	c.out = malloc(size);
	if (!c.out)
		return out_of_memory();
	err = fdt_create(c.out, size);
	if (!err)
		err = put_all(&c, board);
	if (!err && fdt_totalsize(c.out) <= COMPOSED_MAX) {
		*out = c.out;
		return 0;
	}
	free(c.out);
	if (err)
		return failed("the device tree cannot be composed: %s",
			      fdt_strerror(err));
	return refuse("%s: the device tree with all VMs is larger than %lu bytes; there are too many VMs",
		      p->settings->operand, COMPOSED_MAX);
}

int compose_check(const void *fdt, const struct plan *p, u64 board_memory)
{
	enum image_arch arch = p->settings->board->arch;
	unsigned int count = description_count(fdt);
	char why[DESCRIPTION_WHY_SIZE];
	struct vm_description *vms;
	struct description d;
	int err;

	vms = calloc(count + 1, sizeof(*vms));
	if (!vms)
		return out_of_memory();
	err = description_parse(fdt, board_memory, &d, vms,
				min(count, (unsigned int)DESCRIPTION_MAX_VMS),
				why, sizeof(why));
	if (!err)
		err = description_check_machine(fdt, guest_ram_base(arch),
						guest_vcpu_tables(arch), vms,
						d.vm_count, why, sizeof(why));
	for (unsigned int i = 0; i < d.vm_count && !err; i++)
		err = any_cpu_check(fdt, &vms[i], arch, why, sizeof(why));
	free(vms);
	if (err)
		return refuse("%s: %s", p->settings->operand, why);
	return 0;
}

/* A tree of nothing but /chosen. */
static void *only_chosen(const void *fdt)
{
	size_t size = fdt_totalsize(fdt);
	void *out = malloc(size);
	int chosen = fdt_path_offset(fdt, "/chosen");

	if (!out)
		return NULL;
	fdt_create(out, size);
	fdt_finish_reservemap(out);
	fdt_begin_node(out, "");
	copy_tree(out, fdt, chosen);
	fdt_end_node(out);
	if (fdt_finish(out)) {
		free(out);
		return NULL;
	}
	return out;
}

int compose_print(const void *fdt)
{
	void *chosen = only_chosen(fdt);
	struct args a = { 0 };
	const char *path;
	char *text;
	int code, status;

	if (!chosen)
		return out_of_memory();
	path = file_write_temporary("chosen.dtb", chosen, fdt_totalsize(chosen));
	free(chosen);
	if (!path)
		return STATUS_FAILED;
	args_add(&a, "dtc");
	args_add(&a, "-q");
	args_add(&a, "-I");
	args_add(&a, "dtb");
	args_add(&a, "-O");
	args_add(&a, "dts");
	args_add(&a, path);
	status = child_run(&a, &code, &text);
	args_free(&a);
	if (status)
		return status;
	if (code)
		status = failed("dtc: %s", text);
	else
		puts(text);
	free(text);
	return status;
}

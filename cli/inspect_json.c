// SPDX-License-Identifier: BSD-2-Clause
/* What a stage 2 maps, for programs. */
#include "cli/inspect_json.h"

#include <stdarg.h>
#include <string.h>

#include "core/fault.h"
#include "core/memslot.h"
#include "lib/util.h"

#define SCHEMA 1

/* A writer: it knows the depth, and whether a comma is due. */
struct json {
	FILE *to;
	unsigned int depth;
	bool first;
};

static void begin(struct json *j, const char *key)
{
	if (!j->first)
		fputc(',', j->to);
	j->first = false;
	if (j->depth)
		fprintf(j->to, "\n%*s", 2 * j->depth, "");
	if (key)
		fprintf(j->to, "\"%s\": ", key);
}

static void open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	fputc(bracket, j->to);
	j->depth++;
	j->first = true;
}

static void close(struct json *j, char bracket)
{
	j->depth--;
	if (!j->first)
		fprintf(j->to, "\n%*s", 2 * j->depth, "");
	j->first = false;
	fputc(bracket, j->to);
}

static void number(struct json *j, const char *key, u64 v)
{
	begin(j, key);
	fprintf(j->to, "%llu", v);
}

/* Addresses: JSON's numbers are not sure to hold 64 bits. */
static void address(struct json *j, const char *key, u64 v)
{
	begin(j, key);
	fprintf(j->to, "\"0x%llx\"", v);
}

static void boolean(struct json *j, const char *key, bool v)
{
	begin(j, key);
	fputs(v ? "true" : "false", j->to);
}

/* ASCII: what is not comes out byte by byte, as Latin-1. */
static void string(struct json *j, const char *key, const char *s)
{
	begin(j, key);
	fputc('"', j->to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(j->to, "\\%c", *s);
		else if (*s < ' ' || *s > '~')
			fprintf(j->to, "\\u%04x", (u8)*s);
		else
			fputc(*s, j->to);
	}
	fputc('"', j->to);
}

/* The names of the bits that are set. */
struct bit_name {
	u32 bit;
	const char *name;
};

static void bits(struct json *j, const char *key, u32 value,
		 const struct bit_name *names, size_t count)
{
	open(j, key, '[');
	for (size_t i = 0; i < count; i++)
		if (value & names[i].bit)
			string(j, NULL, names[i].name);
	close(j, ']');
}

static void totals(struct json *j, const struct map_totals *t)
{
	open(j, "totals", '{');
	number(j, "mapped", t->mapped);
	number(j, "pages", t->pages);
	number(j, "blocks", t->blocks);
	number(j, "page_bytes", t->page_bytes);
	number(j, "block_bytes", t->block_bytes);
	number(j, "young", t->young);
	number(j, "dirty", t->dirty);
	number(j, "shared", t->shared);
	number(j, "common", t->common);
	number(j, "read_only", t->readonly);
	number(j, "device", t->device);
	close(j, '}');
}

static void slot(struct json *j, const struct stage2_board *b,
		 const struct stage2_vm *vm, const struct stage2_slot *s,
		 const struct map_style *style)
{
	static const struct bit_name flags[] = {
		{ MEMSLOT_READONLY, "read-only" },
		{ MEMSLOT_LOG_DIRTY, "dirty-log" },
	};
	u64 at = s->address, size = s->size;
	struct map_totals t = { 0 };

	open(j, NULL, '{');
	address(j, "address", s->address);
	number(j, "size", s->size);
	string(j, "backing", s->kind);
	number(j, "offset", s->offset);
	number(j, "resident", s->resident);
	bits(j, "flags", s->flags, flags, ARRAY_SIZE(flags));
	open(j, "shared_with", '[');
	for (size_t i = 0; i < b->vm_count; i++)
		if (stage2_slot_shared(b, vm, s, i))
			string(j, NULL, b->vms[i].name);
	close(j, ']');
	if (map_clip(style, &at, &size))
		map_count(b, vm, s, at, size, &t);
	totals(j, &t);
	close(j, '}');
}

static void leaf_runs(struct json *j, const struct stage2_vm *vm)
{
	static const struct bit_name names[] = {
		{ PGT_R, "read" },	   { PGT_W, "write" },
		{ PGT_X, "execute" },	   { PGT_YOUNG, "young" },
		{ PGT_DIRTY, "dirty" },	   { LEAF_SHARED, "shared" },
		{ PGT_DEVICE, "device" },  { PGT_NOCACHE, "uncached" },
	};

	open(j, "leaves", '[');
	for (size_t i = 0; i < vm->run_count; i++) {
		const struct stage2_run *r = &vm->runs[i];
		u32 attr = r->attr | (map_is_dirty(vm, r->attr) ? PGT_DIRTY : 0);

		open(j, NULL, '{');
		address(j, "address", r->address);
		number(j, "size", r->size);
		address(j, "host", r->host);
		number(j, "leaf", r->leaf);
		number(j, "count", r->size / r->leaf);
		number(j, "level", r->level);
		bits(j, "attributes", attr, names, ARRAY_SIZE(names));
		close(j, '}');
	}
	close(j, ']');
}

static void shape(struct json *j, const struct stage2_vm *vm)
{
	static const struct bit_name features[] = {
		{ PGT_FEAT_XNX, "xnx" },   { PGT_FEAT_FWB, "fwb" },
		{ PGT_FEAT_HAFDBS, "hafdbs" }, { PGT_FEAT_BBM2, "bbm2" },
		{ PGT_FEAT_LPA, "lpa" },   { PGT_FEAT_LPA2, "lpa2" },
	};

	static const char *const formats[] = {
		[IMAGE_ARM64] = "arm64",
		[IMAGE_ARM] = "lpae",
		[IMAGE_MIPS] = "mips32",
	};

	open(j, "stage2", '{');
	string(j, "format", formats[vm->arch]);
	number(j, "granule", vm->granule);
	number(j, "ipa_bits", vm->ipa_bits);
	number(j, "pa_bits", vm->pa_bits);
	number(j, "start_level", vm->start_level);
	address(j, "root", vm->root);
	bits(j, "features", vm->features, features, ARRAY_SIZE(features));
	boolean(j, "damaged", vm->damaged);
	number(j, "tables", vm->tables);
	number(j, "table_bytes", vm->tables * vm->granule);
	close(j, '}');
}

/* What the hypervisor itself keeps count of. */
static void accounts(struct json *j, const struct stage2_vm *vm)
{
	open(j, "budgets", '{');
	number(j, "table_memory", vm->table_used << PAGE_SHIFT);
	number(j, "table_memory_limit", vm->table_limit << PAGE_SHIFT);
	number(j, "private_memory", vm->page_used << PAGE_SHIFT);
	number(j, "private_memory_limit", vm->page_limit << PAGE_SHIFT);
	close(j, '}');
}

static void one_vm(struct json *j, const struct stage2_board *b,
		   const struct stage2_vm *vm, const struct map_style *style,
		   bool leaves)
{
	struct map_totals t = { 0 };

	open(j, NULL, '{');
	string(j, "name", vm->name);
	shape(j, vm);
	accounts(j, vm);
	open(j, "memslots", '[');
	for (size_t i = 0; i < vm->slot_count; i++) {
		u64 at = vm->slots[i].address, size = vm->slots[i].size;

		slot(j, b, vm, &vm->slots[i], style);
		if (map_clip(style, &at, &size))
			map_count(b, vm, &vm->slots[i], at, size, &t);
	}
	close(j, ']');
	totals(j, &t);
	if (leaves)
		leaf_runs(j, vm);
	close(j, '}');
}

void inspect_json(FILE *to, const struct json_source *source,
		  const struct stage2_board *b, const bool *chosen,
		  const struct map_style *style, bool leaves)
{
	struct json j = { .to = to, .first = true };

	open(&j, NULL, '{');
	number(&j, "schema", SCHEMA);
	number(&j, "board", source->board);
	string(&j, "source", source->title);
	address(&j, "hypervisor", b->hypervisor);
	open(&j, "vms", '[');
	for (size_t i = 0; i < b->vm_count; i++)
		if (chosen[i])
			one_vm(&j, b, &b->vms[i], style, leaves);
	close(&j, ']');
	close(&j, '}');
	fputc('\n', to);
}

// SPDX-License-Identifier: BSD-2-Clause
/* What a stage 2 maps, for people. */
#include "cli/map.h"

#include <stdlib.h>
#include <string.h>

#include "arch/armcommon/machine.h"
#include "core/fault.h"
#include "core/memslot.h"
#include "lib/util.h"

#define INDENT 14 /* of a row: its address in front */
#define ROWS_MAX 4
#define LEGEND_WIDTH 72
#define MARKS "cydsmrv"
#define UNMAPPED '.'
#define MIXED '+'

const char *const map_kind_names[MAP_KINDS] = {
	"cold", "young", "dirty", "shared", "common", "read-only", "device",
};

/* Select graphic rendition, ECMA-48: backgrounds that both light and dark
 * letters of a terminal's own stand out from. */
static const char *const colours[MAP_KINDS] = {
	"\033[30;47m", "\033[30;46m", "\033[30;42m", "\033[30;43m",
	"\033[30;45m", "\033[30;44m", "\033[30;41m",
};

const char *map_size(u64 bytes, char buf[MAP_SIZE_TEXT])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double v = bytes / 1024.0;
	char *end;
	int n;
	size_t i = 0;

	while (v >= 1024 && i + 1 < ARRAY_SIZE(units)) {
		v /= 1024;
		i++;
	}
	/* 138 MiB is written so, whether or not some pages more are there. */
	n = snprintf(buf, MAP_SIZE_TEXT, "%.1f", v);
	end = buf + n - 2;
	if (strcmp(end, ".0"))
		end += 2;
	snprintf(end, buf + MAP_SIZE_TEXT - end, " %s", units[i]);
	return buf;
}

#define ADDRESS_TEXT 20

/* Of 0 too: printf's # leaves out the prefix there. */
static const char *address_text(u64 address, char buf[ADDRESS_TEXT])
{
	snprintf(buf, ADDRESS_TEXT, "0x%llx", address);
	return buf;
}

/* ---- Lines ---------------------------------------------------------------- */

/* Between words, but not in "20 MiB". */
static bool may_break(const char *at)
{
	return *at == ' ' && strncmp(at + 2, "iB", 2);
}

/* A line of text; what is too wide goes on, so far indented, below. */
static void put_line(FILE *to, const struct map_style *style,
		     unsigned int indent, const char *text)
{
	unsigned int column = 0;

	while (*text) {
		size_t spaces = strspn(text, " "), n = spaces;

		while (text[n] && !may_break(text + n))
			n++;
		if (column && column + n > style->width) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
			text += spaces;
			n -= spaces;
		}
		fwrite(text, 1, n, to);
		column += n;
		text += n;
	}
	fputc('\n', to);
}

/* Text for put_line(), piece by piece: begin, print, end. */
struct line {
	FILE *to;
	char *text;
	size_t size;
};

static FILE *line_begin(struct line *l)
{
	*l = (struct line){ 0 };
	l->to = open_memstream(&l->text, &l->size);
	return l->to ? l->to : stderr;
}

static void line_end(struct line *l, FILE *to, const struct map_style *style,
		     unsigned int indent)
{
	if (!l->to || fclose(l->to)) {
		fputc('\n', to);
		return;
	}
	put_line(to, style, indent, l->text);
	free(l->text);
}

bool map_clip(const struct map_style *style, u64 *address, u64 *size)
{
	u64 start = max(*address, style->address);
	u64 last = min(*address + *size - 1, style->address + style->size - 1);

	if (!*size || start > last)
		return false;
	*address = start;
	*size = last - start + 1;
	return true;
}

/* ---- Kinds --------------------------------------------------------------- */

bool map_is_dirty(const struct stage2_vm *vm, u32 attr)
{
	/* Where hardware does not set it, what is clean is not writable. */
	u32 dirty = vm->features & PGT_FEAT_HAFDBS ? PGT_DIRTY :
						     PGT_DIRTY | PGT_W;

	return attr & dirty && !(attr & PGT_DEVICE);
}

static bool common(const struct stage2_board *b, const struct stage2_vm *vm,
		   const struct stage2_slot *s)
{
	for (size_t i = 0; i < b->vm_count; i++)
		if (stage2_slot_shared(b, vm, s, i))
			return true;
	return false;
}

static enum map_kind kind_of(const struct stage2_vm *vm,
			     const struct stage2_slot *s, bool in_common,
			     u32 attr)
{
	if (attr & PGT_DEVICE)
		return MAP_DEVICE;
	if (s->flags & MEMSLOT_READONLY)
		return MAP_READONLY;
	if (in_common)
		return MAP_COMMON;
	if (attr & LEAF_SHARED)
		return MAP_SHARED;
	if (map_is_dirty(vm, attr))
		return MAP_DIRTY;
	return attr & PGT_YOUNG ? MAP_YOUNG : MAP_COLD;
}

/* ---- Counting ------------------------------------------------------------ */

/* The first run that reaches beyond `address`. */
static const struct stage2_run *first_run(const struct stage2_vm *vm,
					  u64 address)
{
	size_t low = 0, high = vm->run_count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct stage2_run *r = &vm->runs[mid];

		if (r->address + r->size - 1 < address)
			low = mid + 1;
		else
			high = mid;
	}
	return vm->runs + low;
}

/* How much of the run is in [address, last]; 0: it is behind. */
static u64 part_of(const struct stage2_run *r, u64 address, u64 last)
{
	u64 start = max(r->address, address);
	u64 end = min(r->address + r->size - 1, last);

	return start > end ? 0 : end - start + 1;
}

#define for_each_part(r, n, vm, address, last)                                 \
	for ((r) = first_run(vm, address);                                     \
	     (r) < (vm)->runs + (vm)->run_count &&                             \
	     ((n) = part_of(r, address, last));                                \
	     (r)++)

void map_count(const struct stage2_board *b, const struct stage2_vm *vm,
	       const struct stage2_slot *s, u64 address, u64 size,
	       struct map_totals *t)
{
	const struct stage2_run *r;
	bool in_common = common(b, vm, s);
	u64 n, leaves;

	for_each_part(r, n, vm, address, address + size - 1) {
		leaves = DIV_ROUND_UP(n, r->leaf);
		t->mapped += n;
		if (r->leaf == vm->granule) {
			t->pages += leaves;
			t->page_bytes += n;
		} else {
			t->blocks += leaves;
			t->block_bytes += n;
		}
		t->young += r->attr & PGT_YOUNG ? n : 0;
		t->dirty += map_is_dirty(vm, r->attr) ? n : 0;
		t->shared += r->attr & LEAF_SHARED ? n : 0;
		t->common += in_common ? n : 0;
		t->readonly += s->flags & MEMSLOT_READONLY ? n : 0;
		t->device += r->attr & PGT_DEVICE ? n : 0;
	}
}

/* ---- The map ------------------------------------------------------------- */

struct cell {
	u64 bytes[MAP_KINDS], mapped;
	bool pages;
};

static int cell_kind(const struct cell *c)
{
	for (int k = 0; k < MAP_KINDS; k++)
		if (c->bytes[k] >= c->mapped - c->mapped / 4)
			return k;
	return MAP_KINDS;
}

static char cell_mark(const struct cell *c, u64 size)
{
	int kind = cell_kind(c);
	char mark;

	if (!c->mapped)
		return UNMAPPED;
	if (kind == MAP_KINDS)
		return MIXED;
	mark = MARKS[kind];
	return c->pages || c->mapped < size ? mark : mark - 'a' + 'A';
}

static void count_cell(const struct stage2_vm *vm, const struct stage2_slot *s,
		       bool in_common, u64 address, u64 size, struct cell *c)
{
	const struct stage2_run *r;
	u64 n;

	*c = (struct cell){ 0 };
	for_each_part(r, n, vm, address, address + size - 1) {
		c->bytes[kind_of(vm, s, in_common, r->attr)] += n;
		c->mapped += n;
		c->pages |= r->leaf == vm->granule;
	}
}

static void print_cell(FILE *to, const struct cell *c, u64 size,
		       const struct map_style *style, int *colour)
{
	int wanted = c->mapped ? cell_kind(c) : MAP_KINDS;

	if (style->colour && wanted != *colour) {
		fputs(wanted < MAP_KINDS ? colours[wanted] : "\033[0m", to);
		*colour = wanted;
	}
	fputc(cell_mark(c, size), to);
}

static void print_row(FILE *to, const struct stage2_vm *vm,
		      const struct stage2_slot *s, bool in_common,
		      const struct map_style *style, u64 address, u64 end,
		      u64 step, unsigned int columns)
{
	int colour = MAP_KINDS;
	char text[ADDRESS_TEXT];
	struct cell c;
	u64 n;

	fprintf(to, "%*s  ", INDENT - 2, address_text(address, text));
	for (; columns && address < end; columns--, address += n) {
		n = min(step - address % step, end - address);
		count_cell(vm, s, in_common, address, n, &c);
		print_cell(to, &c, n, style, &colour);
	}
	fputs(style->colour && colour != MAP_KINDS ? "\033[0m\n" : "\n", to);
}

/* The size of the smallest block: what one last-level table maps. */
static u64 block_size(const struct stage2_vm *vm)
{
	return (u64)vm->granule * stage2_entries(vm);
}

/*
 * Bytes that a character stands for: a power of two, a granule or more. One row
 * is enough, unless more of them show what each block is.
 */
static u64 step_for(const struct stage2_vm *vm, u64 size, unsigned int columns)
{
	u64 step = vm->granule;

	while (DIV_ROUND_UP(size, step) > columns)
		step *= 2;
	while (step > block_size(vm) &&
	       DIV_ROUND_UP(size, step / 2) <= (u64)columns * ROWS_MAX)
		step /= 2;
	return step;
}

/* ", in common with b, c" */
static void print_sharers(FILE *to, const struct stage2_board *b,
			  const struct stage2_vm *vm,
			  const struct stage2_slot *s)
{
	const char *before = ", in common with ";

	for (size_t i = 0; i < b->vm_count; i++) {
		if (!stage2_slot_shared(b, vm, s, i))
			continue;
		fprintf(to, "%s%s", before, b->vms[i].name);
		before = ", ";
	}
}

/* What is at a fixed place of the board, and what of that guests are shown. */
static const char *kind_text(const struct stage2_vm *vm,
			     const struct stage2_slot *s)
{
	if (strcmp(s->kind, "static"))
		return s->kind;
	return vm->arch != IMAGE_MIPS && s->address == GUEST_GICC_BASE ?
		       "the GIC's CPU interface" :
		       "the board's own (static)";
}

static void print_slot(FILE *to, const struct stage2_board *b,
		       const struct stage2_vm *vm, const struct stage2_slot *s,
		       const struct map_style *style)
{
	unsigned int columns = max(style->width, INDENT + 16U) - INDENT;
	u64 address = s->address, size = s->size, step;
	char whole[MAP_SIZE_TEXT], each[MAP_SIZE_TEXT];
	struct line l;
	FILE *line;

	if (!map_clip(style, &address, &size))
		return;
	columns -= columns % 16;
	step = step_for(vm, size, columns);
	fputc('\n', to);
	line = line_begin(&l);
	fprintf(line, "  %s of %s", map_size(s->size, whole), kind_text(vm, s));
	if (s->flags & MEMSLOT_READONLY)
		fputs(", read-only", line);
	if (s->flags & MEMSLOT_LOG_DIRTY)
		fputs(", dirty log", line);
	print_sharers(line, b, vm, s);
	fprintf(line, "; a character is %s", map_size(step, each));
	line_end(&l, to, style, 4);
	for (u64 at = address; at - address < size;
	     at = ALIGN_DOWN(at, step) + step * columns)
		print_row(to, vm, s, common(b, vm, s), style, at,
			  address + size, step, columns);
}

/* ---- The VM -------------------------------------------------------------- */

#define LABEL 11 /* columns: "  mapped   " */

/* "young 20 MiB, dirty 14 MiB", as many to a line as fit. */
static void print_amounts(FILE *to, const struct map_style *style,
			  const struct map_totals *t)
{
	const struct {
		const char *what;
		u64 bytes;
	} rows[] = {
		{ "young", t->young },	      { "dirty", t->dirty },
		{ "shared", t->shared },      { "common", t->common },
		{ "read-only", t->readonly }, { "device", t->device },
	};
	unsigned int column = 0;
	char size[MAP_SIZE_TEXT], item[2 * MAP_SIZE_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int n;

		if (!rows[i].bytes)
			continue;
		n = snprintf(item, sizeof(item), "%s %s", rows[i].what,
			     map_size(rows[i].bytes, size));
		if (!column || column + n + 2 > style->width) {
			fprintf(to, "%s%*s%s", column ? ",\n" : "", LABEL, "",
				item);
			column = LABEL + n;
		} else {
			fprintf(to, ", %s", item);
			column += n + 2;
		}
	}
	if (column)
		fputc('\n', to);
}

static const char *plural(u64 n)
{
	return n == 1 ? "" : "s";
}

static void print_totals(FILE *to, const struct stage2_vm *vm,
			 const struct map_style *style, u64 size,
			 const struct map_totals *t)
{
	char a[MAP_SIZE_TEXT], b[MAP_SIZE_TEXT];
	struct line l;
	FILE *line;

	fputc('\n', to);
	line = line_begin(&l);
	fprintf(line, "  mapped   %s of %s: %llu block%s, %llu page%s",
		map_size(t->mapped, a), map_size(size, b),
		t->blocks, plural(t->blocks),
		t->pages, plural(t->pages));
	line_end(&l, to, style, LABEL);
	print_amounts(to, style, t);
	line = line_begin(&l);
	fprintf(line, "  tables   %llu page%s, %s",
		vm->tables, plural(vm->tables),
		map_size(vm->tables * vm->granule, a));
	fprintf(line, "; with caches %s",
		map_size(vm->table_used << PAGE_SHIFT, a));
	if (vm->table_limit)
		fprintf(line, " of at most %s",
			map_size(vm->table_limit << PAGE_SHIFT, a));
	line_end(&l, to, style, LABEL);
	line = line_begin(&l);
	fprintf(line, "  private  %s",
		map_size(vm->page_used << PAGE_SHIFT, a));
	if (vm->page_limit)
		fprintf(line, " of at most %s",
			map_size(vm->page_limit << PAGE_SHIFT, a));
	line_end(&l, to, style, LABEL);
}

void map_print(FILE *to, const struct stage2_board *b,
	       const struct stage2_vm *vm, const struct map_style *style)
{
	static const char *const formats[] = {
		[IMAGE_ARM64] = "",
		[IMAGE_ARM] = " (LPAE)",
		[IMAGE_MIPS] = " (MIPS)",
	};
	struct map_totals t = { 0 };
	char granule[MAP_SIZE_TEXT];
	struct line l;
	u64 sum = 0;

	fprintf(line_begin(&l),
		"%s: stage 2 of %u bits, %s granule%s, walked from level %d",
		vm->name, vm->ipa_bits, map_size(vm->granule, granule),
		formats[vm->arch], vm->start_level);
	line_end(&l, to, style, 2);
	if (vm->damaged)
		put_line(to, style, 4,
			 "  DAMAGED: a table is outside of memory, or in the tree twice; what follows is not all");
	for (size_t i = 0; i < vm->slot_count; i++) {
		u64 address = vm->slots[i].address, size = vm->slots[i].size;

		print_slot(to, b, vm, &vm->slots[i], style);
		if (!map_clip(style, &address, &size))
			continue;
		sum += size;
		map_count(b, vm, &vm->slots[i], address, size, &t);
	}
	print_totals(to, vm, style, sum, &t);
}

void map_print_legend(FILE *to, const struct map_style *style)
{
	static const char *const words[MAP_KINDS] = {
		"neither read nor written lately",
		"young: used lately",
		"dirty: may have been written",
		"shared: an image's until written",
		"common: another VM's too",
		"read-only",
		"a device",
	};

	/* Two to a line where there is room for it. */
	bool two = style->width >= LEGEND_WIDTH;

	fprintf(to, two ? "  %c %-32s" : "  %c %s\n", UNMAPPED, "unmapped");
	for (int k = 0; k < MAP_KINDS; k++)
		fprintf(to, two && k % 2 ? "  %s%c%s %-32s" : "  %s%c%s %s\n",
			style->colour ? colours[k] : "", MARKS[k],
			style->colour ? "\033[0m" : "", words[k]);
	fprintf(to, "  %c several of these\n  A capital: all of it, in blocks.\n",
		MIXED);
}

/* ---- Leaves -------------------------------------------------------------- */

#define LEAF_INDENT 34 /* of what does not fit: below the numbers of leaves */

static void print_attributes(FILE *to, const struct stage2_vm *vm, u32 attr)
{
	fprintf(to, "%c%c%c", attr & PGT_R ? 'r' : '-', attr & PGT_W ? 'w' : '-',
		attr & PGT_X ? 'x' : '-');
	if (attr & PGT_YOUNG)
		fputs(" young", to);
	if (map_is_dirty(vm, attr))
		fputs(" dirty", to);
	if (attr & LEAF_SHARED)
		fputs(" shared", to);
	if (attr & PGT_DEVICE)
		fputs(" device", to);
	if (attr & PGT_NOCACHE)
		fputs(" uncached", to);
}

void map_print_leaves(FILE *to, const struct stage2_vm *vm,
		      const struct map_style *style)
{
	char each[MAP_SIZE_TEXT], guest[ADDRESS_TEXT], host[ADDRESS_TEXT];
	struct line l;
	FILE *line;

	if (!vm->run_count) {
		fputs("\n  no leaves\n", to);
		return;
	}
	fprintf(to, "\n  %14s  %14s  leaves        attributes\n", "guest",
		"host");
	for (size_t i = 0; i < vm->run_count; i++) {
		const struct stage2_run *r = &vm->runs[i];

		line = line_begin(&l);
		fprintf(line, "  %14s  %14s  %5llu x %-6s  ",
			address_text(r->address, guest),
			address_text(r->host, host), r->size / r->leaf,
			map_size(r->leaf, each));
		print_attributes(line, vm, r->attr);
		line_end(&l, to, style, LEAF_INDENT);
	}
}

// SPDX-License-Identifier: BSD-2-Clause
#include "lib/fdt.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/util.h"

/* Nodes between the root and any node that we look at. */
#define MAX_DEPTH 16

/* An unaligned-safe, big-endian cell. */
static u32 cell_at(const void *cells, int n)
{
	return fdt32_ld((const fdt32_t *)cells + n);
}

/* A number of 0 to 2 cells; the caller has checked the count. */
static u64 number_at(const void *cells, int n, int count)
{
	u64 v = 0;

	while (count-- > 0)
		v = v << 32 | cell_at(cells, n++);
	return v;
}

/*
 * Check the tags of the structure block one by one: nothing runs past its
 * end, nodes nest, names and strings lie inside. libfdt checks bounds again
 * whenever it reads, but a reader that finds the tree cut short in the middle
 * of the machine's description should not have started.
 */
static int check_structure(const char *p, u32 size, u32 strings)
{
	u32 at = 0, depth = 0;
	bool seen_root = false;

	while (size - at >= 4) {
		u32 tag = cell_at(p + at, 0), len;

		at += 4;
		switch (tag) {
		case FDT_BEGIN_NODE:
			if (depth == 0 && seen_root)
				return -FDT_ERR_BADSTRUCTURE;
			seen_root = true;
			depth++;
			len = strnlen(p + at, size - at);
			if (len == size - at)
				return -FDT_ERR_TRUNCATED;
			at += ALIGN_UP(len + 1, 4);
			break;
		case FDT_PROP:
			if (depth == 0 || size - at < 8)
				return -FDT_ERR_BADSTRUCTURE;
			len = cell_at(p + at, 0);
			if (cell_at(p + at, 1) >= strings)
				return -FDT_ERR_BADSTRUCTURE;
			at += 8;
			if (len > size - at)
				return -FDT_ERR_TRUNCATED;
			at += ALIGN_UP(len, 4);
			break;
		case FDT_END_NODE:
			if (depth-- == 0)
				return -FDT_ERR_BADSTRUCTURE;
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return depth || !seen_root ? -FDT_ERR_BADSTRUCTURE : 0;
		default:
			return -FDT_ERR_BADSTRUCTURE;
		}
		/* Padding may have been counted past an unaligned end. */
		if (at > size)
			return -FDT_ERR_TRUNCATED;
	}
	return -FDT_ERR_TRUNCATED;
}

int fdt_validate(const void *fdt, size_t max)
{
	int err;

	if ((uintptr_t)fdt & 7)
		return -FDT_ERR_ALIGNMENT;
	if (max < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	err = fdt_check_header(fdt);
	if (err)
		return err;
	if (fdt_totalsize(fdt) > max)
		return -FDT_ERR_TRUNCATED;
	if (fdt_version(fdt) < 17)
		return -FDT_ERR_BADVERSION;
	/* Entries and tags are read as they lie. */
	if (fdt_off_mem_rsvmap(fdt) % 8 || fdt_off_dt_struct(fdt) % 4)
		return -FDT_ERR_ALIGNMENT;
	return check_structure((const char *)fdt + fdt_off_dt_struct(fdt),
			       fdt_size_dt_struct(fdt),
			       fdt_size_dt_strings(fdt));
}

/*
 * A walk over the tags of the structure block. libfdt looks at every bound
 * anew for each tag, which over the tens of searches of a boot comes to
 * millions of instructions; this walk checks each tag once.
 */
struct walk {
	const char *p, *strings;
	u32 at, size, strings_size;
	int node;          /* the one that was begun last, or -1 */
	const char *name;  /* of a property */
	const void *value; /* of a property */
	u32 len;
};

static struct walk walk_from(const void *fdt, int node)
{
	return (struct walk){
		.p = (const char *)fdt + fdt_off_dt_struct(fdt),
		.strings = (const char *)fdt + fdt_off_dt_strings(fdt),
		.at = node < 0 ? 0 : node,
		.size = fdt_size_dt_struct(fdt),
		.strings_size = fdt_size_dt_strings(fdt),
		.node = -1,
	};
}

/* The next tag; FDT_END at the end, or where the tree is broken. */
static u32 walk_next(struct walk *w)
{
	u32 tag, name;

	if (w->size < 4 || w->at > w->size - 4)
		return FDT_END;
	tag = cell_at(w->p + w->at, 0);
	if (tag == FDT_BEGIN_NODE) {
		u32 room = w->size - w->at - 4;
		u32 len = strnlen(w->p + w->at + 4, room);

		if (len == room)
			return FDT_END;
		w->node = w->at;
		w->at += 4 + ALIGN_UP(len + 1, 4);
	} else if (tag == FDT_PROP) {
		if (w->size - w->at < 12)
			return FDT_END;
		w->len = cell_at(w->p + w->at, 1);
		name = cell_at(w->p + w->at, 2);
		if (w->len > w->size - w->at - 12 || name >= w->strings_size)
			return FDT_END;
		w->name = w->strings + name;
		w->value = w->p + w->at + 12;
		w->at += 12 + ALIGN_UP(w->len, 4);
	} else {
		w->at += 4;
	}
	return tag;
}

static bool list_has(const char *list, u32 len, const char *const *values)
{
	for (; *values; values++)
		if (fdt_stringlist_contains(list, len, *values))
			return true;
	return false;
}

int fdt_next_with(const void *fdt, int from, const char *property,
		  const char *const *values)
{
	struct walk w = walk_from(fdt, from);
	u32 tag;

	while ((tag = walk_next(&w)) != FDT_END)
		if (tag == FDT_PROP && w.node >= 0 && w.node != from &&
		    w.name[0] == property[0] && !strcmp(w.name, property) &&
		    list_has(w.value, w.len, values))
			return w.node;
	return -ENOENT;
}

/* Is `name` the first component of `path`? Then the rest of it, else NULL. */
static const char *match_component(const char *path, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(path, name, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len + (path[len] == '/');
}

int fdt_node_at(const void *fdt, const char *path)
{
	struct walk w = walk_from(fdt, -1);
	int depth = -1, want = 1; /* the depth of path's first component */
	u32 tag;

	if (*path++ != '/')
		return -ENOENT;
	while ((tag = walk_next(&w)) != FDT_END) {
		const char *rest;

		if (tag == FDT_END_NODE && --depth < want - 1)
			break;
		if (tag != FDT_BEGIN_NODE)
			continue;
		depth++;
		if (!*path)
			return w.node;
		if (depth != want)
			continue;
		rest = match_component(path, w.p + w.node + 4);
		if (rest && !*rest)
			return w.node;
		if (rest) {
			path = rest;
			want++;
		}
	}
	return -ENOENT;
}

static int node_by_phandle(const void *fdt, u32 phandle)
{
	struct walk w = walk_from(fdt, -1);
	u32 tag;

	while ((tag = walk_next(&w)) != FDT_END)
		if (tag == FDT_PROP && w.len == 4 && w.node >= 0 &&
		    w.name[0] == 'p' && !strcmp(w.name, "phandle") &&
		    cell_at(w.value, 0) == phandle)
			return w.node;
	return -ENOENT;
}

/*
 * The nodes on the way to `node`: path[0] is the root, path[n - 1] the node,
 * n is returned. One pass from the front, where a search for the parent of
 * each parent would walk the tree once for every level.
 */
static int node_path(const void *fdt, int node, int *path)
{
	struct walk w = walk_from(fdt, -1);
	int depth = 0;
	u32 tag;

	while ((tag = walk_next(&w)) != FDT_END) {
		if (tag == FDT_END_NODE && --depth < 0)
			break;
		if (tag != FDT_BEGIN_NODE)
			continue;
		if (depth < MAX_DEPTH)
			path[depth] = w.node;
		depth++;
		if (w.node == node)
			return depth <= MAX_DEPTH ? depth : -EINVAL;
		if (w.node > node)
			break;
	}
	return -EINVAL;
}

/* An entry of `ranges`: child address, parent address, size, in cells. */
struct range_cells {
	int child, parent, size;
};

/* Does [base, base + size) lie in this entry? Then translate base. */
static bool translate(const void *entry, const struct range_cells *c, u64 *base,
		      u64 size)
{
	u64 child = number_at(entry, 0, c->child);
	u64 parent = number_at(entry, c->child, c->parent);
	u64 len = number_at(entry, c->child + c->parent, c->size);

	if (*base < child || !range_fits(*base - child, size, len) ||
	    *base - child >= len || parent > ~0ULL - (*base - child))
		return false;
	*base = parent + (*base - child);
	return true;
}

static bool bad_cells(int n, int least)
{
	return n < least || n > 2;
}

/* From the addresses of `bus` to those of its parent. */
static int translate_up(const void *fdt, int bus, int parent, u64 *base,
			u64 size)
{
	struct range_cells c = {
		.child = fdt_address_cells(fdt, bus),
		.parent = fdt_address_cells(fdt, parent),
		.size = fdt_size_cells(fdt, bus),
	};
	int len, entry, at;
	const char *ranges = fdt_getprop(fdt, bus, "ranges", &len);

	if (!ranges)
		return -EINVAL;
	if (len == 0)
		return 0;
	if (bad_cells(c.child, 1) || bad_cells(c.parent, 1) ||
	    bad_cells(c.size, 1))
		return -EINVAL;
	entry = (c.child + c.parent + c.size) * 4;
	if (len % entry)
		return -EINVAL;
	for (at = 0; at < len; at += entry)
		if (translate(ranges + at, &c, base, size))
			return 0;
	return -EINVAL;
}

/* As fdt_reg_local(), and the path from the root to the node. */
static int read_reg(const void *fdt, int node, int index, u64 *base, u64 *size,
		    int *path, int *depth, int *size_cells)
{
	const char *reg;
	int ac, sc, len;

	reg = fdt_getprop(fdt, node, "reg", &len);
	if (!reg)
		return -ENOENT;
	*depth = node_path(fdt, node, path);
	if (*depth < 2)
		return -EINVAL;
	ac = fdt_address_cells(fdt, path[*depth - 2]);
	sc = fdt_size_cells(fdt, path[*depth - 2]);
	if (bad_cells(ac, 1) || bad_cells(sc, 0) || len % ((ac + sc) * 4))
		return -EINVAL;
	if (index < 0 || index >= len / ((ac + sc) * 4))
		return -ENOENT;
	reg += index * (ac + sc) * 4;
	*base = number_at(reg, 0, ac);
	*size = number_at(reg, ac, sc);
	*size_cells = sc;
	return sc && *base > ~0ULL - *size ? -EINVAL : 0;
}

int fdt_reg_local(const void *fdt, int node, int index, u64 *base, u64 *size)
{
	int path[MAX_DEPTH], depth, sc;

	return read_reg(fdt, node, index, base, size, path, &depth, &sc);
}

int fdt_reg(const void *fdt, int node, int index, u64 *base, u64 *size)
{
	int path[MAX_DEPTH], depth, sc, i, err;

	err = read_reg(fdt, node, index, base, size, path, &depth, &sc);
	if (err || sc == 0)
		return err;
	for (i = depth - 2; i > 0; i--) {
		err = translate_up(fdt, path[i], path[i - 1], base, *size);
		if (err)
			return err;
	}
	return 0;
}

u32 fdt_u32(const void *fdt, int node, const char *name, u32 def)
{
	int len;
	const void *p = fdt_getprop(fdt, node, name, &len);

	return p && len == 4 ? cell_at(p, 0) : def;
}

int fdt_number(const void *fdt, int node, const char *name, u64 *out)
{
	int len;
	const void *p = fdt_getprop(fdt, node, name, &len);

	if (!p)
		return -ENOENT;
	if (len != 4 && len != 8)
		return -EINVAL;
	*out = number_at(p, 0, len / 4);
	return 0;
}

bool fdt_enabled(const void *fdt, int node)
{
	int len;
	const char *s = fdt_getprop(fdt, node, "status", &len);

	if (!s)
		return true;
	return (len == 5 && !memcmp(s, "okay", 5)) ||
	       (len == 3 && !memcmp(s, "ok", 3));
}

bool fdt_compatible_any(const void *fdt, int node, const char *const *list)
{
	int len;
	const char *c = fdt_getprop(fdt, node, "compatible", &len);

	if (!c)
		return false;
	for (; *list; list++)
		if (fdt_stringlist_contains(c, len, *list))
			return true;
	return false;
}

/*
 * The node that gives the interrupts of `node` their meaning: the one that
 * the nearest interrupt-parent names, or an ancestor, whichever has
 * #interrupt-cells first (Devicetree Specification 0.4, 2.4). -ENOENT.
 */
static int interrupt_parent(const void *fdt, int node)
{
	int path[MAX_DEPTH], depth = node_path(fdt, node, path), up;

	for (up = 0; depth > 0 && up < MAX_DEPTH; up++) {
		int len, to;
		const void *p = fdt_getprop(fdt, path[depth - 1],
					    "interrupt-parent", &len);

		if (p && len == 4) {
			to = node_by_phandle(fdt, cell_at(p, 0));
			if (to < 0)
				return -ENOENT;
			depth = node_path(fdt, to, path);
		} else {
			depth--;
		}
		if (depth > 0 &&
		    fdt_getprop(fdt, path[depth - 1], "#interrupt-cells", NULL))
			return path[depth - 1];
	}
	return -ENOENT;
}

/* A specifier of three cells out of the nexus's interrupt-map, or NULL. The
 * unit address is not looked at: the mask must leave it out. */
static const u32 *map_interrupt(const void *fdt, int nexus, const void *spec,
				int cells)
{
	int len, mask_len, ac = fdt_address_cells(fdt, nexus), i, to, up_ac;
	const fdt32_t *map = fdt_getprop(fdt, nexus, "interrupt-map", &len);
	const fdt32_t *mask =
		fdt_getprop(fdt, nexus, "interrupt-map-mask", &mask_len);

	if (!map || !mask || ac < 0 || mask_len != (ac + cells) * 4)
		return NULL;
	for (i = 0; i < ac; i++)
		if (cell_at(mask, i))
			return NULL;
	for (len /= 4; len > ac + cells; len -= i, map += i) {
		bool match = true;

		for (i = 0; i < cells; i++)
			if ((cell_at(map, ac + i) ^ cell_at(spec, i)) &
			    cell_at(mask, ac + i))
				match = false;
		to = node_by_phandle(fdt, cell_at(map, ac + cells));
		if (to < 0)
			return NULL;
		up_ac = fdt_u32(fdt, to, "#address-cells", 0);
		i = ac + cells + 1 + up_ac + 3;
		if (up_ac < 0 || up_ac > 2 || i > len ||
		    fdt_u32(fdt, to, "#interrupt-cells", 0) != 3)
			return NULL;
		if (match)
			return (const u32 *)(map + i - 3);
	}
	return NULL;
}

/* Specifier number `index` of interrupts-extended, where every entry names
 * its controller and has as many cells as that one asks for. */
static const u32 *extended_interrupt(const void *fdt, const fdt32_t *p, int len,
				     int index)
{
	for (len /= 4; len > 1; index--) {
		int to = node_by_phandle(fdt, cell_at(p, 0));
		u32 cells = to < 0 ? 0
				   : fdt_u32(fdt, to, "#interrupt-cells", 0);

		if (cells == 0 || cells > len - 1)
			return NULL;
		if (index == 0)
			return cells == 3 ? (const u32 *)(p + 1) : NULL;
		p += 1 + cells;
		len -= 1 + cells;
	}
	return NULL;
}

const u32 *fdt_interrupt(const void *fdt, int node, int index)
{
	int len, parent;
	u32 cells = 3;
	const fdt32_t *p;

	if (index < 0)
		return NULL;
	p = fdt_getprop(fdt, node, "interrupts-extended", &len);
	if (p)
		return extended_interrupt(fdt, p, len, index);
	p = fdt_getprop(fdt, node, "interrupts", &len);
	if (!p)
		return NULL;
	parent = interrupt_parent(fdt, node);
	if (parent >= 0)
		cells = fdt_u32(fdt, parent, "#interrupt-cells", 0);
	if (cells == 0 || cells > 3 || len % (cells * 4) ||
	    index >= len / (int)(cells * 4))
		return NULL;
	p += index * cells;
	if (parent >= 0 && fdt_getprop(fdt, parent, "interrupt-map", NULL))
		return map_interrupt(fdt, parent, p, cells);
	return cells == 3 ? (const u32 *)p : NULL;
}

// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/fdt_writer.h"

#include <libfdt.h>

#include "lib/printf.h"
#include "lib/string.h"
#include "lib/util.h"

void fdtw_begin(struct fdt_writer *w, const char *name)
{
	if (!w->err)
		w->err = fdt_begin_node(w->fdt, name);
}

void fdtw_begin_at(struct fdt_writer *w, const char *name, u64 at)
{
	char buf[40];

	scnprintf(buf, sizeof(buf), "%s@%llx", name, at);
	fdtw_begin(w, buf);
}

void fdtw_end(struct fdt_writer *w)
{
	if (!w->err)
		w->err = fdt_end_node(w->fdt);
}

void fdtw_bytes(struct fdt_writer *w, const char *name, const void *v,
		size_t len)
{
	if (!w->err)
		w->err = fdt_property(w->fdt, name, v, (int)len);
}

void fdtw_empty(struct fdt_writer *w, const char *name)
{
	fdtw_bytes(w, name, "", 0);
}

void fdtw_cell(struct fdt_writer *w, const char *name, u32 v)
{
	if (!w->err)
		w->err = fdt_property_u32(w->fdt, name, v);
}

void fdtw_number(struct fdt_writer *w, const char *name, u64 v)
{
	if (!w->err)
		w->err = fdt_property_u64(w->fdt, name, v);
}

void fdtw_string(struct fdt_writer *w, const char *name, const char *s)
{
	fdtw_bytes(w, name, s, strlen(s) + 1);
}

void fdtw_cells(struct fdt_writer *w, const char *name, const u32 *v,
		unsigned int n)
{
	fdt32_t be[16];
	unsigned int i;

	for (i = 0; i < n; i++)
		be[i] = cpu_to_fdt32(v[i]);
	fdtw_bytes(w, name, be, n * sizeof(be[0]));
}

void fdtw_reg(struct fdt_writer *w, u64 base, u64 size)
{
	u32 v[] = {base >> 32, (u32)base, size >> 32, (u32)size};

	fdtw_cells(w, "reg", v, ARRAY_SIZE(v));
}

void fdtw_reg2(struct fdt_writer *w, u64 base, u64 size, u64 base2, u64 size2)
{
	u32 v[] = {base >> 32,  (u32)base,  size >> 32,  (u32)size,
		   base2 >> 32, (u32)base2, size2 >> 32, (u32)size2};

	fdtw_cells(w, "reg", v, ARRAY_SIZE(v));
}

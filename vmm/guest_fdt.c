// SPDX-License-Identifier: BSD-2-Clause
#include "vmm/guest_fdt.h"

#include <libfdt.h>

#include "lib/errno.h"
#include "vmm/description.h"
#include "vmm/machine.h"

static void write_chosen(struct fdt_writer *w, const struct guest_fdt_config *c)
{
	fdtw_begin(w, "chosen");
	fdtw_string(w, "bootargs", c->bootargs);
	fdtw_string(w, "stdout-path", machine.uart_path);
	if (c->ramdisk_size) {
		fdtw_number(w, "linux,initrd-start", c->ramdisk);
		fdtw_number(w, "linux,initrd-end", c->ramdisk + c->ramdisk_size);
	}
	fdtw_end(w);
}

static void write_memory(struct fdt_writer *w, const struct guest_fdt_config *c)
{
	fdtw_begin_at(w, "memory", machine.ram_base);
	fdtw_string(w, "device_type", "memory");
	fdtw_reg(w, machine.ram_base, c->ram_size);
	fdtw_end(w);
}

/* As Xen describes it, and Linux' xen,shared-memory.txt. */
static void write_shared(struct fdt_writer *w, const struct guest_fdt_config *c)
{
	unsigned int i;

	if (!c->shared_count)
		return;
	fdtw_begin(w, "reserved-memory");
	fdtw_cell(w, "#address-cells", 2);
	fdtw_cell(w, "#size-cells", 2);
	fdtw_empty(w, "ranges");
	for (i = 0; i < c->shared_count; i++) {
		const struct description_shared *s = &c->shared[i];

		fdtw_begin_at(w, "xen-shmem", s->address);
		fdtw_string(w, "compatible", "xen,shared-memory-v1");
		fdtw_reg(w, s->address, s->size);
		fdtw_string(w, "xen,id", s->id);
		if (!s->owner)
			fdtw_number(w, "xen,offset", 0);
		fdtw_end(w);
	}
	fdtw_end(w);
}

static void write_root(struct fdt_writer *w, const struct guest_fdt_config *c)
{
	fdtw_begin(w, "");
	fdtw_cell(w, "interrupt-parent", machine.intc_phandle);
	fdtw_cell(w, "#address-cells", 2);
	fdtw_cell(w, "#size-cells", 2);
	fdtw_string(w, "compatible", machine.compatible);
	fdtw_string(w, "model", machine.compatible);
	write_chosen(w, c);
	write_memory(w, c);
	write_shared(w, c);
	machine.write_nodes(w, c->cpus, c->granule);
	fdtw_end(w);
}

int guest_fdt_write(const struct guest_fdt_config *config, void *buf,
		    size_t size)
{
	struct fdt_writer w = {.fdt = buf};

	/* Looking for a property's name among those written costs more than
	 * the few bytes that it saves. */
	w.err = fdt_create_with_flags(buf, (int)size,
				      FDT_CREATE_FLAG_NO_NAME_DEDUP);
	if (!w.err)
		w.err = fdt_finish_reservemap(buf);
	write_root(&w, config);
	if (!w.err)
		w.err = fdt_finish(buf);
	return w.err ? -ENOSPC : (int)fdt_totalsize(buf);
}

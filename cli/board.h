/* SPDX-License-Identifier: BSD-2-Clause */
/* The boards that QEMU emulates for us. */
#ifndef CLI_BOARD_H
#define CLI_BOARD_H

#include "cli/child.h"
#include "cli/settings.h"
#include "lib/types.h"
#include "lib/util.h"
#include "vmm/image.h"

/* The board to start: what the settings and the VMs' needs came to. */
struct board_config {
	const struct settings *settings;
	unsigned int cpus;
	u64 memory;
};

struct board {
	const char *name;
	enum image_arch arch;    /* of the hypervisor and its guests */
	const char *image;       /* the hypervisor for it */
	const char *qemu;        /* the program */
	const char *cpu_model;   /* unless --cpu says another */
	bool fixed_model;        /* it does not: no other can be had */
	const char *models;      /* those that it can have, with a space between; NULL:
				  * QEMU knows */
	const char *untested_models; /* and those that should do; with `models` only */
	u64 ram_base;
	u64 image_offset; /* where QEMU puts the hypervisor, from ram_base on */
	u64 max_memory;
	u64 low_memory; /* of it from ram_base on, if the rest is elsewhere; 0: all */
	/* It is entered with a command line and no device tree: an argument says
	 * where that was loaded. */
	bool tree_by_name;
	unsigned int console; /* which of its serial ports, from 0 on */
	unsigned int icount_shift; /* ns of an instruction, as a power of two */
	unsigned int fixed_cpus; /* 0: as many as wanted */
	unsigned int max_cpus;   /* 0: as its interrupt controller has */
	unsigned int default_gic; /* 0: it has none */
	bool gicv2_only;
	/*
	 * Its device tree, in memory of its own, to be freed after an error
	 * as well; /memory says what the board is given. 0 or a status.
	 */
	int (*device_tree)(const struct board_config *c, void **fdt);
	/*
	 * Can the CPU of the settings run a guest's kernel, called `what`, that is
	 * entered there? 0 or a status. NULL: it can. Of any_cpu, a note that not all can.
	 */
	int (*check_entry)(const struct settings *s, const char *what, u64 entry);
	/* QEMU's options for machine, CPUs and memory. */
	void (*qemu_machine)(const struct board_config *c, struct args *a);
};

/* QEMU 7.2, hw/arm/boot.c: an Image that wants no offset, and a zImage. */
#define BOARD_IMAGE_ARM64 SZ_2M
#define BOARD_IMAGE_ARM SZ_64K

/* malta.c in QEMU 7.2: an ELF file's own physical address. */
#define BOARD_IMAGE_MIPS SZ_1M

extern const struct board board_virt, board_virt_arm, board_zcu102, board_vexpress,
	board_malta;
#define BOARD_CHOICE "virt|virt-arm|zcu102|vexpress-a15|malta"
#define BOARD_NAMES "virt, virt-arm, zcu102, vexpress-a15 and malta"

const struct board *board_find(const char *name); /* NULL: none */
/* The board for kernels that are for this. */
const struct board *board_for(enum image_arch arch);

/* Is the model, without properties, which may follow a comma, among these (NULL:
 * none)? */
bool model_in(const char *models, const char *model);

/* The most CPUs it can have: a GICv2 reaches 8. */
unsigned int board_max_cpus(const struct board *b, unsigned int gic);

/*
 * The path of a file that is built together with this executable and stands
 * beside it, under this name. It need not be there. To be freed.
 */
char *beside_executable(const char *name);

/* QEMU's options for a board of its own: `machine` with its properties, CPUs, memory.
 * Such boards have sound, and QEMU would look for a sound card. */
void real_board_machine(const struct board_config *c, const char *machine,
			struct args *a);

/*
 * A real board's device tree, from the file `name` beside this executable, with
 * #address-cells and #size-cells of 2 and `room` bytes to add nodes in. Its
 * memory is what the board is given, in one range. In memory of its own, to be
 * freed after an error as well.
 */
int real_board_tree(const struct board_config *c, const char *name,
		    size_t room, void **fdt);

/*
 * A device tree from a file, sane to read; `what` names it. In memory of its
 * own; NULL after an error.
 */
int device_tree_read(const char *what, const char *path, void **fdt);

#endif

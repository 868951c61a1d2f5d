// SPDX-License-Identifier: BSD-2-Clause
// link: drivers/irqchip.c drivers/gicv2.c drivers/gicv3.c drivers/why.c
// link: lib/fdt.c lib/printf.c libfdt
// flags: -DIO_MODEL -DGICV3_SYSREG_MODEL
/*
 * The board's interrupt controller, against a model of the registers that the
 * architecture gives it (IHI 0048B, IHI 0069). Rows: K22, K9 (where GICV is).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "core/cpu.h"
#include "drivers/gicv3_sysreg.h"
#include "drivers/io.h"
#include "drivers/irqchip.h"
#include "lib/errno.h"
#include "lib/testing/tree.h"
#include "lib/util.h"

#define CPUS 4
#define LINES 96

/* ---- Physical memory: addresses only, nothing stands in it --------------------- */

static u8 space[0x400000];
static u64 space_base;
static unsigned int maps;

static volatile void *map(hpa_t pa, u64 size)
{
	maps++;
	if (pa.v < space_base ||
	    !range_fits(pa.v - space_base, size, sizeof(space)))
		return NULL;
	return space + (pa.v - space_base);
}

static struct cpu machine[CPUS];
static unsigned int running; /* the CPU that the code under test is on */

struct cpu *this_cpu(void)
{
	return &machine[running];
}

/* ---- The board -------------------------------------------------------------------- */

static struct {
	int version;
	u64 dist, gicc, gich, gicv;
	bool aliased; /* each 4 KiB page of GICC and GICV repeated over 64 KiB */
} board;

/* ---- Distributor: one bit each for enable, pending, active, group -------------- */

enum { ENABLE, PENDING, ACTIVE, GROUP, KINDS };

static struct {
	u32 ctlr;
	bool has_security; /* IGROUPR ignores us */
	u32 shared[KINDS][LINES / 32];
	u32 banked[CPUS][KINDS];
	u8 priority[LINES], banked_priority[CPUS][32];
	u8 targets[LINES];
	u32 cfg[LINES / 16];
	u64 route[LINES];
	u32 sgir;
	u8 sgi_pending[CPUS];
	unsigned int rwp; /* reads until a disable has taken effect */
} dist;

static u32 *bits(unsigned int kind, unsigned int word)
{
	return word ? &dist.shared[kind][word] : &dist.banked[running][kind];
}

static u8 *priority_of(unsigned int intid)
{
	return intid < 32 ? &dist.banked_priority[running][intid]
			  : &dist.priority[intid];
}

/* Offsets that hold bits: which kind, and whether ones set or clear. */
static bool find_bits(unsigned int offset, unsigned int *kind, int *op)
{
	static const struct {
		unsigned int start, kind;
		int op; /* 0 plain, 1 set, -1 clear */
	} map_of[] = {
		{0x080, GROUP, 0},   {0x100, ENABLE, 1},  {0x180, ENABLE, -1},
		{0x200, PENDING, 1}, {0x280, PENDING, -1}, {0x300, ACTIVE, 1},
		{0x380, ACTIVE, -1},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(map_of); i++)
		if (offset >= map_of[i].start &&
		    offset < map_of[i].start + 0x80) {
			*kind = map_of[i].kind;
			*op = map_of[i].op;
			return true;
		}
	return false;
}

static void write_bits(unsigned int kind, int op, unsigned int word, u32 v)
{
	u32 *b;

	assert_true(word < LINES / 32);
	b = bits(kind, word);
	if (op > 0)
		*b |= v;
	else if (op < 0)
		*b &= ~v;
	else if (!dist.has_security)
		*b = v;
}

static u32 dist_read(unsigned int offset)
{
	unsigned int i = offset - 0x800, kind;
	int op;

	if (offset == 0x000)
		return dist.ctlr;
	if (offset == 0x004)
		return LINES / 32 - 1;
	if (offset == 0x008 && board.version == 2)
		return 0x0200143b; /* GIC-400 */
	if (find_bits(offset, &kind, &op))
		return *bits(kind, offset % 0x80 / 4);
	if (offset >= 0x800 && offset < 0x800 + 32)
		return BIT32(running) * 0x01010101U;
	if (offset >= 0x800 && offset < 0x800 + LINES)
		return dist.targets[i] | dist.targets[i + 1] << 8 |
		       dist.targets[i + 2] << 16 |
		       (u32)dist.targets[i + 3] << 24;
	if (offset >= 0xc00 && offset < 0xc00 + LINES / 4)
		return dist.cfg[(offset - 0xc00) / 4];
	fail_msg("distributor read at %#x", offset);
	return 0;
}

static void dist_write(unsigned int offset, u32 v)
{
	unsigned int kind, i;
	int op;

	if (offset == 0x000) {
		dist.ctlr = v;
	} else if (find_bits(offset, &kind, &op)) {
		write_bits(kind, op, offset % 0x80 / 4, v);
	} else if (offset >= 0x400 && offset < 0x400 + LINES) {
		for (i = 0; i < 4; i++, v >>= 8)
			*priority_of(offset - 0x400 + i) = v;
	} else if (offset >= 0x820 && offset < 0x800 + LINES) {
		for (i = 0; i < 4; i++, v >>= 8)
			dist.targets[offset - 0x800 + i] = v;
	} else if (offset >= 0xc00 && offset < 0xc00 + LINES / 4) {
		dist.cfg[(offset - 0xc00) / 4] = v;
	} else if (offset == 0xf00) {
		dist.sgir = v;
	} else if (offset >= 0xf10 && offset < 0xf20) {
		dist.sgi_pending[running] = 0;
	} else {
		fail_msg("distributor write at %#x", offset);
	}
}

/* ---- CPU interface: acknowledge, drop and deactivate as EOImode 1 has them ----- */

static struct {
	u32 ctlr, pmr, bpr, apr;
	u32 next;      /* what IAR gives, once */
	u32 running;   /* acknowledged, priority not dropped */
	u32 dropped;   /* dropped, not deactivated */
} iface[CPUS];

static u32 ack(void)
{
	u32 iar = iface[running].next;

	iface[running].next = 1023;
	if ((iar & 0x3ff) < 1020)
		iface[running].running = iar;
	return iar;
}

static void drop(u32 iar)
{
	assert_int_equal(iface[running].running, iar);
	iface[running].running = 1023;
	iface[running].dropped = iar;
}

static void deactivate(u32 iar)
{
	assert_int_equal(iface[running].dropped, iar);
	iface[running].dropped = 1023;
}

static u32 gicc_read(unsigned int offset)
{
	switch (offset) {
	case 0x00:
		return iface[running].ctlr;
	case 0x0c:
		return ack();
	case 0xfc:
		return 0x0202143b;
	}
	fail_msg("GICC read at %#x", offset);
	return 0;
}

static void gicc_write(unsigned int offset, u32 v)
{
	if (offset == 0x00)
		iface[running].ctlr = v;
	else if (offset == 0x04)
		iface[running].pmr = v;
	else if (offset == 0x08)
		iface[running].bpr = v;
	else if (offset == 0x10)
		drop(v);
	else if (offset >= 0xd0 && offset < 0xe0)
		iface[running].apr = v;
	else if (offset == 0x1000)
		deactivate(v);
	else
		fail_msg("GICC write at %#x", offset);
}

/* ---- Redistributors ------------------------------------------------------------- */

static struct {
	u64 base, stride;
	unsigned int count;
	u64 affinity[CPUS];
	u32 waker[CPUS];
	bool deaf; /* never wakes up */
	bool busy; /* for ever */
	unsigned int rwp[CPUS]; /* as dist.rwp, in GICR_CTLR */
} redist;

/* The next reads of RWP say that a disable is under way, and until it is over
 * nothing may be configured (IHI 0069 12.9.4, 12.11.2). */
static u32 read_rwp(unsigned int *rwp, u32 bit)
{
	if (*rwp == 0)
		return 0;
	*rwp -= !redist.busy;
	return bit;
}

static void check_settled(unsigned int *rwp, u64 offset, u32 v)
{
	if (offset >= 0x180 && offset < 0x200)
		*rwp = v == ~0U ? 3 : 0; /* all, at the start, or a driver's */
	else
		assert_int_equal(*rwp, 0);
}

static u64 redist_read(u64 at)
{
	unsigned int n = at / redist.stride;
	u64 aff = redist.affinity[n];

	at %= redist.stride;
	switch (at) {
	case 0x00:
		return read_rwp(&redist.rwp[n], 8);
	case 0x08:
		return (aff >> 32 << 24 | (aff & 0xffffff)) << 32 | n << 8 |
		       (redist.stride == 0x40000 ? 2 : 0) |
		       (n == redist.count - 1 ? 16 : 0);
	case 0x14:
		return redist.waker[n];
	}
	assert_true(at >= 0x10000);
	assert_int_equal(n, running); /* only one's own private interrupts */
	return dist_read(at - 0x10000);
}

static void redist_write(u64 at, u32 v)
{
	unsigned int n = at / redist.stride;

	at %= redist.stride;
	assert_int_equal(redist.affinity[n], machine[running].hw_id);
	if (at == 0x14) {
		redist.waker[n] = redist.deaf ? v | 4 : v & 2 ? v | 4 : v & ~4U;
		return;
	}
	assert_true(at >= 0x10080);
	check_settled(&redist.rwp[n], at - 0x10000, v);
	if (at == 0x10d00) {
		assert_int_equal(v, 0);
		assert_int_equal(dist.banked[running][ENABLE], 0);
		return;
	}
	dist_write(at - 0x10000, v);
}

/* ---- The bus ---------------------------------------------------------------------- */

/* The offset in a GICC or GICV, or -1 when `at` is in neither. */
static int page_offset(u64 at, u64 base)
{
	u64 size = board.aliased ? 0x20000 : 0x2000;

	if (base == 0 || at < base || at - base >= size)
		return -1;
	at -= base;
	return board.aliased ? at / 0x10000 * 0x1000 + at % 0x1000 : at;
}

u64 io_model_read(const volatile void *reg, unsigned int size)
{
	u64 at = (const volatile u8 *)reg - space + space_base;

	if (redist.count && at >= redist.base)
		return redist_read(at - redist.base);
	assert_int_equal(size, 4);
	if (page_offset(at, board.gicc) >= 0)
		return gicc_read(page_offset(at, board.gicc));
	if (page_offset(at, board.gicv) >= 0) {
		assert_int_equal(page_offset(at, board.gicv), 0xfc);
		return 0x0202143b;
	}
	if (at == board.gicc + 0xf0fc || at == board.gicv + 0xf0fc)
		return 0; /* 128 KiB, but nothing repeated in it */
	if (board.version == 3 && at - board.dist == 0xffe8)
		return 0x3b;
	if (board.version == 3 && at == board.dist)
		return dist.ctlr | read_rwp(&dist.rwp, BIT32(31));
	if (board.version == 2 && at - board.dist == 0xffe8)
		return 0;
	return dist_read(at - board.dist);
}

void io_model_write(volatile void *reg, u64 v, unsigned int size)
{
	u64 at = (volatile u8 *)reg - space + space_base;

	if (redist.count && at >= redist.base) {
		redist_write(at - redist.base, v);
	} else if (page_offset(at, board.gicc) >= 0) {
		gicc_write(page_offset(at, board.gicc), v);
	} else if (at - board.dist >= 0x6000) {
		assert_int_equal(size, 8);
		assert_true(dist.ctlr & BIT32(4)); /* needs ARE */
		dist.route[(at - board.dist - 0x6000) / 8] = v;
	} else {
		if (board.version == 3)
			check_settled(&dist.rwp, at - board.dist, v);
		dist_write(at - board.dist, v);
	}
}

/* What was acknowledged before memory that its sender wrote may be read. */
static u32 received;

void io_model_receive(void)
{
	received = iface[running].running;
}

/* System registers of the running CPU. */
static struct {
	u64 sre, pmr, bpr, ctlr, grpen, sgi1r;
	bool sre_stuck; /* firmware has not let us have them */
} icc;

u64 icc_model_read(const char *reg)
{
	if (!strcmp(reg, "IAR1"))
		return ack();
	if (!strcmp(reg, "CTLR"))
		return icc.ctlr | 4 << 8; /* 5 priority bits */
	if (!strcmp(reg, "SRE_EL2"))
		return icc.sre;
	fail_msg("read of ICC_%s", reg);
	return 0;
}

void icc_model_write(const char *reg, u64 v)
{
	if (!strcmp(reg, "SRE_EL2"))
		icc.sre = icc.sre_stuck ? v & ~1ULL : v;
	else if (!strcmp(reg, "PMR"))
		icc.pmr = v;
	else if (!strcmp(reg, "BPR1"))
		icc.bpr = v;
	else if (!strcmp(reg, "CTLR"))
		icc.ctlr = v;
	else if (!strcmp(reg, "IGRPEN1"))
		icc.grpen = v;
	else if (!strcmp(reg, "SGI1R"))
		icc.sgi1r = v;
	else if (!strcmp(reg, "EOIR1"))
		drop(v);
	else if (!strcmp(reg, "DIR"))
		deactivate(v);
	else /* with 5 priority bits there is one active-priority register */
		assert_string_equal(reg, "AP1R0");
}

static int fresh(void **state)
{
	unsigned int i;

	memset(&dist, 0, sizeof(dist));
	memset(&iface, 0, sizeof(iface));
	memset(&redist, 0, sizeof(redist));
	memset(&board, 0, sizeof(board));
	memset(&icc, 0, sizeof(icc));
	memset(&irqchip, 0, sizeof(irqchip));
	running = 0;
	received = IRQ_NONE;
	for (i = 0; i < CPUS; i++) {
		machine[i] = (struct cpu){.id = i, .hw_id = i};
		iface[i].next = iface[i].running = iface[i].dropped = 1023;
	}
	/* What firmware may leave behind. */
	memset(dist.shared, 0xff, sizeof(dist.shared));
	memset(dist.banked, 0xff, sizeof(dist.banked));
	memset(dist.cfg, 0xff, sizeof(dist.cfg));
	memset(redist.waker, 6, sizeof(redist.waker));
	return 0;
}

static const char *why;

static int init(void)
{
	why = NULL;
	maps = 0;
	return irqchip_init(tree, map, &why);
}

/* QEMU virt with GICv2, and the ZCU102, whose pages are repeated. */
static void build_v2(bool zcu102, const char *compatible)
{
	fresh(NULL);
	board.version = 2;
	board.aliased = zcu102;
	space_base = zcu102 ? 0xf9000000 : 0x08000000;
	board.dist = space_base + (zcu102 ? 0x10000 : 0);
	board.gicc = space_base + (zcu102 ? 0x20000 : 0x10000);
	board.gich = space_base + (zcu102 ? 0x40000 : 0x30000);
	board.gicv = space_base + (zcu102 ? 0x60000 : 0x40000);
	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("gpio");
	set_empty("interrupt-controller");
	SET_STRINGS("compatible", "arm,pl061");
	close_node();
	open_node("intc");
	set_empty("interrupt-controller");
	assert_int_equal(fdt_property_string(tree, "compatible", compatible),
			 0);
	SET("#interrupt-cells", 3);
	SET("reg", 0, board.dist, 0, 0x10000, 0, board.gicc, 0,
	    zcu102 ? 0x20000 : 0x10000, 0, board.gich, 0,
	    zcu102 ? 0x20000 : 0x10000, 0, board.gicv, 0,
	    zcu102 ? 0x20000 : 0x10000);
	SET("interrupts", 1, 9, 4);
	close_node();
	close_node();
	tree_finish();
}

/* Everything but the SGIs off and idle, as init_cpu() and init leave it. */
static void expect_quiet(u32 group)
{
	unsigned int i;

	assert_int_equal(dist.banked[running][ENABLE], 0xffff);
	assert_int_equal(dist.banked[running][ACTIVE], 0);
	assert_int_equal(dist.banked[running][PENDING], 0);
	assert_int_equal(dist.banked[running][GROUP], group);
	for (i = 1; i < LINES / 32; i++) {
		assert_int_equal(dist.shared[ENABLE][i], 0);
		assert_int_equal(dist.shared[ACTIVE][i], 0);
		assert_int_equal(dist.shared[PENDING][i], 0);
		assert_int_equal(dist.shared[GROUP][i], group);
	}
	for (i = 0; i < LINES; i++)
		assert_int_equal(*priority_of(i), 0xa0);
	for (i = 2; i < LINES / 16; i++)
		assert_int_equal(dist.cfg[i], 0);
}

/* ---- Version 2 --------------------------------------------------------------------- */

static void v2_is_set_up(void **state)
{
	unsigned int i;

	build_v2(false, "arm,cortex-a15-gic");
	assert_int_equal(init(), 0);
	assert_int_equal(irqchip.version, 2);
	assert_int_equal(irqchip.spis, LINES - 32);
	assert_int_equal(irqchip.maintenance_irq, 25);
	assert_int_equal(irqchip.gich.v, board.gich);
	assert_ptr_equal(irqchip.gich_regs, space + 0x30000);
	assert_int_equal(irqchip.gicv.v, board.gicv);
	assert_int_equal(irqchip.gicv_size, 0x2000);
	assert_int_equal(irqchip.iidr, 0x0200143b);
	expect_quiet(0);
	assert_int_equal(dist.ctlr, 1);
	for (i = 32; i < LINES; i++)
		assert_int_equal(dist.targets[i], 1);
	assert_int_equal(iface[0].ctlr, 0x201); /* enabled, EOImode 1 */
	assert_int_equal(iface[0].pmr, 0xff);
}

static void v2_keeps_the_bypass_bits_of_firmware(void **state)
{
	build_v2(false, "arm,gic-400");
	iface[0].ctlr = 0x1ff;
	assert_int_equal(init(), 0);
	assert_int_equal(iface[0].ctlr, 0x3e1);
}

/* K9: what a guest gets as its GICC must have DIR at offset 0x1000. */
static void v2_finds_the_second_page_where_pages_are_repeated(void **state)
{
	build_v2(true, "arm,gic-400");
	assert_int_equal(init(), 0);
	assert_int_equal(irqchip.gicv.v, 0xf906f000);
	assert_int_equal(irqchip.gicv_size, 0x2000);
	iface[0].next = 53;
	assert_int_equal(irqchip.ops->ack(), 53);
	irqchip.ops->drop(53);
	irqchip.ops->deactivate(53); /* the model knows DIR at 0x10000 only */
	assert_int_equal(iface[0].dropped, 1023);
}

static void v2_128k_without_repeats_is_two_pages_at_the_start(void **state)
{
	build_v2(true, "arm,gic-400");
	board.aliased = false;
	assert_int_equal(init(), 0);
	assert_int_equal(irqchip.gicv.v, board.gicv);
	iface[0].next = 53;
	irqchip.ops->drop(irqchip.ops->ack());
	irqchip.ops->deactivate(53);
	assert_int_equal(iface[0].dropped, 1023);
}

static void v2_acknowledges_drops_and_deactivates(void **state)
{
	build_v2(false, "arm,gic-400");
	assert_int_equal(init(), 0);
	assert_int_equal(irqchip.ops->ack(), IRQ_NONE);
	iface[0].next = 1022;
	assert_int_equal(irqchip.ops->ack(), IRQ_NONE);
	/* An SGI comes with its source CPU, which EOIR and DIR want back. */
	iface[0].next = 2 << 10 | SGI_STOP;
	assert_int_equal(irqchip.ops->ack(), 2 << 10 | SGI_STOP);
	assert_int_equal(received, 2 << 10 | SGI_STOP);
	irqchip.ops->drop(2 << 10 | SGI_STOP);
	assert_int_equal(iface[0].dropped, 2 << 10 | SGI_STOP);
	irqchip.ops->deactivate(2 << 10 | SGI_STOP);
	assert_int_equal(iface[0].dropped, 1023);
}

static void v2_sends_sgis_to_the_target_it_learnt(void **state)
{
	unsigned int order[CPUS] = {2, 0, 3, 1}, i;

	build_v2(false, "arm,gic-400");
	running = order[0];
	machine[running].id = 0;
	assert_int_equal(init(), 0);
	for (i = 1; i < CPUS; i++) {
		running = order[i];
		machine[running].id = i;
		assert_int_equal(irqchip.ops->init_cpu(), 0);
		expect_quiet(0);
	}
	for (i = 0; i < CPUS; i++) {
		irqchip.ops->send_sgi(&machine[order[i]], 5);
		assert_int_equal(dist.sgir, BIT32(order[i]) << 16 | 5);
	}
	/* Shared interrupts go to the CPU that booted. */
	assert_int_equal(dist.targets[40], BIT32(order[0]));
}

/* K30: its number is not known, and it waits for an interrupt to start by. */
static void v2_wakes_everybody_for_a_cpu_not_up_yet(void **state)
{
	struct cpu late = {.id = CPUS, .hw_id = 7};

	build_v2(false, "arm,gic-400");
	assert_int_equal(init(), 0);
	irqchip.ops->send_sgi(&late, SGI_KICK);
	assert_int_equal(dist.sgir, 0xff << 16 | SGI_KICK);
}

static void check_enable_level_and_active(void)
{
	const struct irqchip_ops *ops = irqchip.ops;

	ops->enable(33, true);
	ops->enable(64, true);
	ops->enable(27, true);
	assert_int_equal(dist.shared[ENABLE][1], 2);
	assert_int_equal(dist.shared[ENABLE][2], 1);
	assert_int_equal(dist.banked[running][ENABLE], 0xffff | 1 << 27);
	ops->enable(33, false);
	ops->enable(27, false);
	assert_int_equal(dist.shared[ENABLE][1], 0);
	assert_int_equal(dist.banked[running][ENABLE], 0xffff);
	ops->enable(LINES, true); /* not there: the model would complain */
	ops->enable(IRQ_NONE, true);
	ops->set_level(LINES, false);
	ops->set_level(IRQ_NONE, false);
	ops->set_level(47, false);
	ops->set_level(33, false);
	assert_int_equal(dist.cfg[2], 0x80000008);
	ops->set_level(47, true);
	assert_int_equal(dist.cfg[2], 8);
	ops->set_active(27, true);
	ops->set_active(30, true);
	assert_int_equal(dist.banked[running][ACTIVE], 9 << 27);
	ops->set_active(27, false);
	assert_int_equal(dist.banked[running][ACTIVE], 1 << 30);
}

static void v2_enables_and_configures(void **state)
{
	build_v2(false, "arm,gic-400");
	assert_int_equal(init(), 0);
	check_enable_level_and_active();
}

static void v2_without_virtualization_is_refused(void **state)
{
	build_v2(false, "arm,cortex-a9-gic");
	assert_int_equal(init(), -EOPNOTSUPP);
	assert_non_null(strstr(why, "/intc: compatible"));

	tree_start();
	open_node("");
	cells_of(1, 1);
	open_node("intc");
	set_empty("interrupt-controller");
	SET_STRINGS("compatible", "arm,cortex-a15-gic");
	SET("reg", 0x08000000, 0x10000, 0x08010000, 0x10000);
	close_node();
	close_node();
	tree_finish();
	assert_int_equal(init(), -EOPNOTSUPP);
	assert_non_null(strstr(why, "/intc: reg"));
}

static void v2_broken_nodes_are_refused(void **state)
{
	static const struct {
		u32 gicd, gicc_at, gicc, gich, gicv, type;
		const char *what;
	} rows[] = {
		{0x100, 0x10000, 0x2000, 0x1000, 0x2000, 1, "reg: range 0 is"},
		{0x1000, 0x10000, 0x1000, 0x1000, 0x2000, 1, "reg: range 1 is"},
		{0x1000, 0x10800, 0x2000, 0x1000, 0x2000, 1, "reg: range 1 is"},
		{0x1000, 0x10000, 0x2000, 0x100, 0x2000, 1, "reg: range 2 is"},
		{0x1000, 0x10000, 0x2000, 0x1000, 0x1000, 1, "reg: range 3 is"},
		{0x1000, 0x10000, 0x2000, 0x1000, 0x800000, 1,
		 "reg: range 3 cannot be mapped"},
		{0x1000, 0x10000, 0x2000, 0x1000, 0x2000, 0, "interrupts: no"},
		{0x1000, 0x10000, 0x2000, 0x1000, 0x2000, 9, "interrupts: no"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		build_v2(false, "arm,gic-400");
		tree_start();
		open_node("");
		cells_of(1, 1);
		open_node("intc");
		set_empty("interrupt-controller");
		SET_STRINGS("compatible", "arm,gic-400");
		SET("reg", 0x08000000, rows[i].gicd,
		    0x08000000 + rows[i].gicc_at, rows[i].gicc, 0x08030000,
		    rows[i].gich, 0x08040000, rows[i].gicv);
		SET("interrupts", rows[i].type, 9, 4);
		close_node();
		close_node();
		tree_finish();
		assert_int_equal(init(), -EINVAL);
		if (!strstr(why, rows[i].what))
			fail_msg("row %u: %s", i, why);
	}
}

/* ---- Version 3 --------------------------------------------------------------------- */

/* `regions` regions with all the redistributors in the last one. */
static void build_v3(u64 stride, unsigned int regions, bool said)
{
	u32 reg[64], n = 0, i;

	fresh(NULL);
	board.version = 3;
	space_base = board.dist = 0x08000000;
	redist.base = 0x080a0000;
	redist.stride = stride;
	redist.count = CPUS;
	for (i = 0; i < CPUS; i++)
		redist.affinity[i] = i;
	tree_start();
	open_node("");
	cells_of(2, 2);
	open_node("intc");
	set_empty("interrupt-controller");
	SET_STRINGS("compatible", "arm,gic-v3");
	SET("#redistributor-regions", regions);
	if (said)
		SET("redistributor-stride", 0, stride);
	reg[n++] = 0;
	reg[n++] = 0x08000000;
	reg[n++] = 0;
	reg[n++] = 0x10000;
	for (i = 0; i < regions; i++) {
		reg[n++] = 0;
		reg[n++] = 0x080a0000 + i * stride;
		reg[n++] = 0;
		reg[n++] = i == regions - 1 ? (CPUS - i) * stride : stride;
	}
	set_cells("reg", reg, n);
	SET("interrupts", 1, 9, 4);
	close_node();
	close_node();
	tree_finish();
}

static void v3_is_set_up_on_every_cpu(void **state)
{
	static const struct {
		u64 stride;
		unsigned int regions;
		bool said;
	} rows[] = {
		{0x20000, 1, false},
		{0x40000, 1, false}, /* GICv4: four frames each */
		{0x30000, 1, true},  /* a stride of the board's own */
		{0x20000, 3, false},
	};
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		build_v3(rows[i].stride, rows[i].regions, rows[i].said);
		assert_int_equal(init(), 0);
		assert_int_equal(irqchip.version, 3);
		assert_int_equal(irqchip.spis, LINES - 32);
		assert_int_equal(irqchip.maintenance_irq, 25);
		assert_int_equal(irqchip.gicv_size, 0);
		assert_int_equal(dist.ctlr, 0x13);
		for (running = 0; running < CPUS; running++) {
			if (running) {
				memset(&icc, 0, sizeof(icc));
				assert_int_equal(irqchip.ops->init_cpu(), 0);
			}
			expect_quiet(~0U);
			assert_int_equal(redist.waker[running] & 6, 0);
			assert_int_equal(icc.sre, 0xf);
			assert_int_equal(icc.pmr, 0xff);
			assert_int_equal(icc.ctlr, 2);
			assert_int_equal(icc.grpen, 1);
		}
		running = 0;
		for (n = 32; n < LINES; n++)
			assert_int_equal(dist.route[n], 0);
	}
}

static void v3_finds_redistributors_by_affinity(void **state)
{
	static const u64 affinity[CPUS] = {0x0, 0x100, 0x10000, 0x1200000301};
	unsigned int i;

	build_v3(0x20000, 1, false);
	for (i = 0; i < CPUS; i++) {
		redist.affinity[i] = affinity[i];
		machine[i].hw_id = affinity[i];
	}
	running = 3;
	assert_int_equal(init(), 0);
	assert_int_equal(dist.route[40], 0x1200000301);
	for (running = 0; running < 3; running++)
		assert_int_equal(irqchip.ops->init_cpu(), 0);
	running = 1;
	check_enable_level_and_active();
}

static void v3_cpu_without_a_redistributor_is_refused(void **state)
{
	build_v3(0x20000, 1, false);
	assert_int_equal(init(), 0);
	running = 1;
	machine[1].hw_id = 0x700;
	assert_int_equal(irqchip.ops->init_cpu(), -ENODEV);
}

static void v3_hardware_that_does_not_answer_is_refused(void **state)
{
	build_v3(0x20000, 1, false);
	redist.deaf = true;
	assert_int_equal(init(), -ENODEV);
	build_v3(0x20000, 1, false);
	icc.sre_stuck = true;
	assert_int_equal(init(), -ENODEV);
	build_v3(0x20000, 1, false);
	assert_int_equal(init(), 0);
	redist.busy = true;
	running = 1;
	assert_int_equal(irqchip.ops->init_cpu(), -ENODEV);
}

static void v3_sends_sgis_by_affinity(void **state)
{
	static const struct {
		u64 hw_id, sgi1r;
	} rows[] = {
		{0x0, 0x0000000005000001},
		{0x3, 0x0000000005000008},
		{0xf, 0x0000000005008000},
		{0x10, 0x0000100005000001}, /* range selector 1 */
		{0x102, 0x0000000005010004},
		{0x20000, 0x0000000205000001},
		{0x4400030201, 0x0044000305020002},
	};
	unsigned int i;
	struct cpu c = {0};

	build_v3(0x20000, 1, false);
	assert_int_equal(init(), 0);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		c.hw_id = rows[i].hw_id;
		irqchip.ops->send_sgi(&c, 5);
		assert_int_equal(icc.sgi1r, rows[i].sgi1r);
	}
}

static void v3_acknowledges_drops_and_deactivates(void **state)
{
	build_v3(0x20000, 1, false);
	assert_int_equal(init(), 0);
	assert_int_equal(irqchip.ops->ack(), IRQ_NONE);
	iface[0].next = 1020;
	assert_int_equal(irqchip.ops->ack(), IRQ_NONE);
	iface[0].next = 33;
	assert_int_equal(irqchip.ops->ack(), 33);
	irqchip.ops->drop(33);
	assert_int_equal(iface[0].dropped, 33);
	irqchip.ops->deactivate(33);
	assert_int_equal(iface[0].dropped, 1023);
}

static void v3_broken_nodes_are_refused(void **state)
{
	static const struct {
		u32 gicd, regions, gicr, stride, type;
		int version;
		const char *what;
	} rows[] = {
		{0x1000, 1, 0x80000, 0, 1, 3, "reg: range 0 is too small"},
		{0x10000, 1, 0x10000, 0, 1, 3, "reg: range 1 is too small"},
		{0x10000, 2, 0x80000, 0, 1, 3, "reg: range 2 is missing"},
		{0x10000, 0, 0x80000, 0, 1, 3, "#redistributor-regions"},
		{0x10000, 33, 0x80000, 0, 1, 3, "#redistributor-regions"},
		{0x10000, 1, 0x80000, 0x10000, 1, 3, "redistributor-stride"},
		{0x10000, 1, 0x80000, 0x20800, 1, 3, "redistributor-stride"},
		{0x10000, 1, 0x80000, 0, 0, 3, "interrupts: no maintenance"},
		{0x10000, 1, 0x80000, 0, 1, 2, "is no GICv3 distributor"},
		{0x10000, 1, 0xf0000000, 0, 1, 3, "range 1 cannot be mapped"},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		build_v3(0x20000, 1, false);
		board.version = rows[i].version;
		tree_start();
		open_node("");
		cells_of(1, 1);
		open_node("intc");
		set_empty("interrupt-controller");
		SET_STRINGS("compatible", "arm,gic-v3");
		SET("reg", 0x08000000, rows[i].gicd, 0x080a0000, rows[i].gicr);
		SET("#redistributor-regions", rows[i].regions);
		if (rows[i].stride)
			SET("redistributor-stride", rows[i].stride);
		SET("interrupts", rows[i].type, 9, 4);
		close_node();
		close_node();
		tree_finish();
		assert_int_equal(init(), -EINVAL);
		if (!strstr(why, rows[i].what))
			fail_msg("row %u: %s", i, why);
	}
}

/* ---- Either ------------------------------------------------------------------------ */

static void no_controller_is_said_with_what_is_missing(void **state)
{
	build_v2(false, "xlnx,intc");
	assert_int_equal(init(), -ENODEV);
	assert_non_null(strstr(why, "arm,gic-v3"));
	assert_int_equal(maps, 0);
}

static void specifiers_become_intids(void **state)
{
	static const struct {
		u32 type, number, flags;
		int intid;
		bool level;
	} rows[] = {
		{0, 0, 4, 32, true},      {0, 1, 1, 33, false},
		{0, 987, 4, 1019, true},  {0, 988, 4, -EINVAL, true},
		{1, 9, 0xf04, 25, true},  {1, 15, 8, 31, true},
		{1, 14, 2, 30, false},    {1, 16, 4, -EINVAL, true},
		{2, 0, 4, -EINVAL, true}, {0, ~0U, 4, -EINVAL, true},
		{0, 5, 0, 37, true},
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fdt32_t be[3] = {cpu_to_fdt32(rows[i].type),
				 cpu_to_fdt32(rows[i].number),
				 cpu_to_fdt32(rows[i].flags)};
		bool level;

		assert_int_equal(irq_from_cells((const u32 *)be, &level),
				 rows[i].intid);
		if (rows[i].intid > 0)
			assert_int_equal(level, rows[i].level);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_is_set_up),
		cmocka_unit_test(v2_keeps_the_bypass_bits_of_firmware),
		cmocka_unit_test(
			v2_finds_the_second_page_where_pages_are_repeated),
		cmocka_unit_test(
			v2_128k_without_repeats_is_two_pages_at_the_start),
		cmocka_unit_test(v2_acknowledges_drops_and_deactivates),
		cmocka_unit_test(v2_sends_sgis_to_the_target_it_learnt),
		cmocka_unit_test(v2_wakes_everybody_for_a_cpu_not_up_yet),
		cmocka_unit_test(v2_enables_and_configures),
		cmocka_unit_test(v2_without_virtualization_is_refused),
		cmocka_unit_test(v2_broken_nodes_are_refused),
		cmocka_unit_test(v3_is_set_up_on_every_cpu),
		cmocka_unit_test(v3_finds_redistributors_by_affinity),
		cmocka_unit_test(v3_cpu_without_a_redistributor_is_refused),
		cmocka_unit_test(v3_hardware_that_does_not_answer_is_refused),
		cmocka_unit_test(v3_sends_sgis_by_affinity),
		cmocka_unit_test(v3_acknowledges_drops_and_deactivates),
		cmocka_unit_test(v3_broken_nodes_are_refused),
		cmocka_unit_test(no_controller_is_said_with_what_is_missing),
		cmocka_unit_test(specifiers_become_intids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

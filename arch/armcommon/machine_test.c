// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/machine.c dev/pl011.c vmm/guest_fdt.c vmm/fdt_writer.c core/vm.c
// link: core/vcpu.c core/memslot.c core/backing.c core/backing_static.c
// link: core/notifier.c core/memcache.c core/page_alloc.c core/hyp_alloc.c
// link: core/testing/fake_memory.c core/testing/fake_sched.c
// link: core/testing/fake_vcpu.c core/testing/fake_stage2.c pgtable/build.c
// link: pgtable/format_arm64.c pgtable/gather.c pgtable/lookup.c pgtable/map.c
// link: pgtable/pgtable.c pgtable/protect.c pgtable/unmap.c lib/fdt.c
// link: lib/log.c lib/printf.c libfdt core/rwlock.c core/stage2_tables.c
// link: core/dirty_log.c pgtable/dirty.c pgtable/split.c pgtable/collapse.c
// link: pgtable/step.c pgtable/flush.c
// flags: -pthread
/*
 * The Arm guest machine: its device tree, read back as a guest would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "arch/armcommon/machine.h"
#include "arch/armcommon/vgic.h"
#include "core/testing/fake_arch.h"
#include "lib/errno.h"
#include "lib/fdt.h"
#include "lib/util.h"
#include "vmm/description.h"
#include "vmm/guest_fdt.h"

struct vgic_hw vgic_hw;
static u64 granule = SZ_4K;

static u8 buf[GUEST_FDT_MAX] __attribute__((aligned(8)));

static const void *tree(unsigned int cpu_nodes, unsigned int gic, u64 ramdisk_size)
{
	struct guest_fdt_config c = {
		.ram_size = 0x120000000,
		.cpus = cpu_nodes,
		.granule = granule,
		.bootargs = "console=ttyAMA0 quiet",
		.ramdisk = 0x48000000,
		.ramdisk_size = ramdisk_size,
	};
	int n;

	vgic_hw.version = gic;
	n = guest_fdt_write(&c, buf, sizeof(buf));
	assert_true(n > 0);
	assert_int_equal(fdt_validate(buf, n), 0);
	return buf;
}

static int node(const void *fdt, const char *path)
{
	int n = fdt_path_offset(fdt, path);

	assert_true(n >= 0);
	return n;
}

static void check_string(const void *fdt, const char *path, const char *name,
			 const char *want)
{
	int len;
	const char *s = fdt_getprop(fdt, node(fdt, path), name, &len);

	assert_non_null(s);
	assert_int_equal(len, strlen(want) + 1);
	assert_string_equal(s, want);
}

static void check_reg(const void *fdt, const char *path, int index, u64 base,
		      u64 size)
{
	u64 b, s;

	assert_int_equal(fdt_reg(fdt, node(fdt, path), index, &b, &s), 0);
	assert_int_equal(b, base);
	assert_int_equal(s, size);
}

static void check_cells(const void *fdt, const char *path, const char *name,
			const u32 *want, int n)
{
	int len, i;
	const fdt32_t *v = fdt_getprop(fdt, node(fdt, path), name, &len);

	assert_non_null(v);
	assert_int_equal(len, n * 4);
	for (i = 0; i < n; i++)
		assert_int_equal(fdt32_to_cpu(v[i]), want[i]);
}

static void memory_and_command_line_are_told(void **state)
{
	const void *fdt = tree(1, 3, 0x1234);
	u64 v;

	check_string(fdt, "/memory@40000000", "device_type", "memory");
	check_reg(fdt, "/memory@40000000", 0, 0x40000000, 0x120000000);
	check_string(fdt, "/chosen", "bootargs", "console=ttyAMA0 quiet");
	assert_int_equal(fdt_number(fdt, node(fdt, "/chosen"),
				    "linux,initrd-start", &v), 0);
	assert_int_equal(v, 0x48000000);
	assert_int_equal(fdt_number(fdt, node(fdt, "/chosen"),
				    "linux,initrd-end", &v), 0);
	assert_int_equal(v, 0x48001234);
}

static void without_a_ramdisk_none_is_told(void **state)
{
	const void *fdt = tree(1, 3, 0);

	assert_null(fdt_getprop(fdt, node(fdt, "/chosen"),
				"linux,initrd-start", NULL));
}

/* K24 */
static void every_cpu_is_started_by_psci_through_hvc(void **state)
{
	unsigned int n, i;

	for (n = 1; n <= 8; n++) {
		const void *fdt = tree(n, 3, 0);
		char path[32];

		for (i = 0; i < n; i++) {
			snprintf(path, sizeof(path), "/cpus/cpu@%u", i);
			assert_int_equal(fdt_u32(fdt, node(fdt, path), "reg",
						 99), i);
			check_string(fdt, path, "device_type", "cpu");
			check_string(fdt, path, "enable-method", "psci");
		}
		snprintf(path, sizeof(path), "/cpus/cpu@%u", n);
		assert_int_equal(fdt_path_offset(fdt, path),
				 -FDT_ERR_NOTFOUND);
		assert_int_equal(fdt_node_check_compatible(
					 fdt, node(fdt, "/psci"),
					 "arm,psci-1.0"), 0);
		check_string(fdt, "/psci", "method", "hvc");
	}
}

/* K32: MPIDR's affinity where a CPU's clusters have four. */
static void a_cpus_number_is_its_affinity(void **state)
{
	static const u32 reg[] = {0, 1, 2, 3, 0x100, 0x101, 0x102, 0x103};
	const void *fdt;
	char path[32];

	machine_cluster_shift = 2;
	fdt = tree(8, 2, 0);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(machine_affinity(i), reg[i]);
		snprintf(path, sizeof(path), "/cpus/cpu@%x", reg[i]);
		assert_int_equal(fdt_u32(fdt, node(fdt, path), "reg", 99),
				 reg[i]);
	}
	machine_cluster_shift = 4;
	assert_int_equal(machine_affinity(7), 7);
}

static void the_counters_frequency_is_said_where_cntfrq_may_not(void **state)
{
	const void *fdt = tree(1, 2, 0);

	assert_null(fdt_getprop(fdt, node(fdt, "/timer"), "clock-frequency",
				NULL));
	machine_timer_hz = 24000000;
	fdt = tree(1, 2, 0);
	assert_int_equal(fdt_u32(fdt, node(fdt, "/timer"), "clock-frequency", 0),
			 24000000);
	machine_timer_hz = 0;
}

/* K22 */
static void a_gicv2_has_a_cpu_interface_and_ppis_with_their_cpus(void **state)
{
	static const u32 timer[] = {1, 13, 0xf04, 1, 14, 0xf04,
				    1, 11, 0xf04, 1, 10, 0xf04};
	const void *fdt = tree(4, 2, 0);

	check_string(fdt, "/intc@8000000", "compatible", "arm,cortex-a15-gic");
	check_reg(fdt, "/intc@8000000", 0, 0x08000000, 0x10000);
	check_reg(fdt, "/intc@8000000", 1, 0x08010000, 0x10000);
	check_cells(fdt, "/timer", "interrupts", timer, ARRAY_SIZE(timer));
	assert_non_null(fdt_getprop(fdt, node(fdt, "/timer"), "always-on",
				    NULL));
}

static void a_gicv3_has_a_redistributor_for_each_cpu(void **state)
{
	static const u32 timer[] = {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4};
	const void *fdt = tree(4, 3, 0);

	check_string(fdt, "/intc@8000000", "compatible", "arm,gic-v3");
	check_reg(fdt, "/intc@8000000", 0, 0x08000000, 0x10000);
	check_reg(fdt, "/intc@8000000", 1, 0x080a0000, 0x80000);
	check_cells(fdt, "/timer", "interrupts", timer, ARRAY_SIZE(timer));
}

static void the_uart_is_the_console_with_its_interrupt_and_clock(void **state)
{
	static const u32 irq[] = {0, 1, 4};
	const void *fdt = tree(1, 3, 0);
	const char *path = "/pl011@9000000";
	int len, clock;
	const fdt32_t *v;

	check_string(fdt, "/chosen", "stdout-path", path);
	assert_int_equal(fdt_node_check_compatible(fdt, node(fdt, path),
						   "arm,pl011"), 0);
	check_reg(fdt, path, 0, 0x09000000, 0x1000);
	check_cells(fdt, path, "interrupts", irq, 3);
	assert_int_equal(fdt_stringlist_search(fdt, node(fdt, path),
					       "clock-names", "apb_pclk"), 1);
	v = fdt_getprop(fdt, node(fdt, path), "clocks", &len);
	assert_int_equal(len, 8);
	clock = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(v[0]));
	assert_int_equal(clock, node(fdt, "/apb-pclk"));
	assert_int_equal(fdt_u32(fdt, clock, "clock-frequency", 0), 24000000);
	assert_int_equal(fdt_node_offset_by_phandle(
				 fdt, fdt_u32(fdt, 0, "interrupt-parent", 0)),
			 node(fdt, "/intc@8000000"));
}

static void the_largest_tree_fits_and_a_small_buffer_is_an_error(void **state)
{
	char bootargs[2048];
	struct description_shared shared[DESCRIPTION_MAX_SHARED];
	char id[64];
	struct guest_fdt_config c = {
		.ram_size = ~0ULL << 12,
		.cpus = 8,
		.bootargs = bootargs,
		.granule = SZ_4K,
		.ramdisk_size = 1,
		.shared = shared,
		.shared_count = DESCRIPTION_MAX_SHARED,
	};
	size_t size;
	int n;

	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	for (unsigned int i = 0; i < DESCRIPTION_MAX_SHARED; i++)
		shared[i] = (struct description_shared){
			.id = id,
			.address = ~0ULL << (i + 12),
			.size = 1ULL << 40,
		};
	vgic_hw.version = 2;
	memset(bootargs, 'x', sizeof(bootargs) - 1);
	bootargs[sizeof(bootargs) - 1] = '\0';
	n = guest_fdt_write(&c, buf, sizeof(buf));
	assert_true(n > 0);
	for (size = 0; size < n; size += 8)
		assert_int_equal(guest_fdt_write(&c, buf, size), -ENOSPC);
}

/* Each page repeated over 64 KiB, as on the Zynq UltraScale+. */
static const struct machine_gicv gic400 = {
	{0x0604f000}, {0x06040000}, 2 * SZ_64K,
};
/* Nothing is repeated; 64 KiB are the interface's, as on QEMU's virt. */
static const struct machine_gicv once = {
	{0x08040000}, {0x08040000}, SZ_64K,
};

static void a_granule_holds_nothing_but_the_interface(void **state)
{
	static const struct {
		u64 gicv, region, size, granule;
		bool fits;
	} cases[] = {
		{0x0604f000, 0x06040000, 2 * SZ_64K, SZ_64K, true},
		{0x0604f000, 0x06040000, 2 * SZ_64K, SZ_16K, true},
		{0x0604f000, 0x0604f000, SZ_8K, SZ_4K, true},
		{0x0604f000, 0x0604f000, SZ_8K, SZ_16K, false},
		{0x0604f000, 0x06040000, SZ_64K + SZ_4K, SZ_16K, false},
		{0x08040000, 0x08040000, SZ_64K, SZ_64K, true},
		{0x08040000, 0x08040000, SZ_8K, SZ_64K, false},
		{0x2c006000, 0x2c006000, SZ_8K, SZ_16K, false},
		{0x2c006000, 0x2c006000, SZ_8K, 0, true},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		machine_gicv = (struct machine_gicv){
			HPA(cases[i].gicv), HPA(cases[i].region),
			cases[i].size,
		};
		assert_int_equal(machine_gicv_fits(cases[i].granule),
				 cases[i].fits);
	}
}

/* Where the guest is told that its CPU interface is, and what is there. */
static void check_gicv(const struct machine_gicv *gicv, unsigned int order, u64 gicc,
		       u64 pa)
{
	struct vm_config config = {.name = "gicv2"};
	const struct memslot *slot;
	struct backing_page page;
	const void *fdt;
	u64 base, size;
	struct vm *vm;

	machine_gicv = *gicv;
	granule = SZ_4K << order;
	fdt = tree(1, 2, 0);
	assert_int_equal(fdt_reg(fdt, node(fdt, "/intc@8000000"), 1, &base,
				 &size),
			 0);
	granule = SZ_4K;
	assert_int_equal(base, gicc);
	fake_cpus_init(1);
	fake_memory_init(4 * SZ_1M);
	assert_int_equal(vm_create(&config, &vm), 0);
	vm->granule_order = order;
	assert_int_equal(machine_add_gicv(vm), 0);
	slot = memslot_find(vm, gpa_to_gfn(GPA(gicc)));
	assert_non_null(slot);
	assert_int_equal(slot->backing->ops->get(slot->backing,
						 (gicc >> PAGE_SHIFT) -
							 slot->base.v,
						 true, &page),
			 0);
	assert_int_equal(page.pfn.v, pa >> PAGE_SHIFT);
	assert_true(page.order >= order);
	assert_true(page.device);
	vm->granule_order = 0;
	vm_destroy(vm);
	fake_memory_exit();
}

/* K9 */
static void the_interface_is_where_the_guest_is_told(void **state)
{
	check_gicv(&gic400, 0, GUEST_GICC_BASE, 0x0604f000);
	check_gicv(&gic400, 2, GUEST_GICC_BASE + 0x3000, 0x0604f000);
	check_gicv(&gic400, 4, GUEST_GICC_BASE + 0xf000, 0x0604f000);
	check_gicv(&once, 0, GUEST_GICC_BASE, 0x08040000);
	check_gicv(&once, 4, GUEST_GICC_BASE, 0x08040000);
}

/* K9 */
static void a_gicv2_guest_gets_the_physical_virtual_interface(void **state)
{
	struct vm_config config = {.name = "gicv2"};
	const struct memslot *slot;
	struct backing_page page;
	struct vm *vm;
	u64 used;

	fake_cpus_init(1);
	fake_memory_init(4 * SZ_1M);
	assert_int_equal(vm_create(&config, &vm), 0);
	machine_gicv = gic400;
	assert_int_equal(machine_add_gicv(vm), 0);
	slot = memslot_find(vm, gpa_to_gfn(GPA(GUEST_GICC_BASE)));
	assert_non_null(slot);
	assert_int_equal(slot->base.v, GUEST_GICC_BASE >> PAGE_SHIFT);
	assert_int_equal(slot->pages, 2);
	assert_int_equal(slot->backing->ops->get(slot->backing, 1,
						   true, &page), 0);
	assert_int_equal(page.pfn.v, 0x06050);
	assert_true(page.device);
	/* A second time there is no room for it, and nothing is kept. */
	used = fake_pages_used();
	assert_int_equal(machine_add_gicv(vm), -EEXIST);
	assert_int_equal(fake_pages_used(), used);
	vm_destroy(vm);
	fake_memory_exit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_and_command_line_are_told),
		cmocka_unit_test(without_a_ramdisk_none_is_told),
		cmocka_unit_test(every_cpu_is_started_by_psci_through_hvc),
		cmocka_unit_test(a_cpus_number_is_its_affinity),
		cmocka_unit_test(the_counters_frequency_is_said_where_cntfrq_may_not),
		cmocka_unit_test(
			a_gicv2_has_a_cpu_interface_and_ppis_with_their_cpus),
		cmocka_unit_test(a_gicv3_has_a_redistributor_for_each_cpu),
		cmocka_unit_test(
			the_uart_is_the_console_with_its_interrupt_and_clock),
		cmocka_unit_test(
			the_largest_tree_fits_and_a_small_buffer_is_an_error),
		cmocka_unit_test(
			a_gicv2_guest_gets_the_physical_virtual_interface),
		cmocka_unit_test(a_granule_holds_nothing_but_the_interface),
		cmocka_unit_test(the_interface_is_where_the_guest_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

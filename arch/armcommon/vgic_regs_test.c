// SPDX-License-Identifier: BSD-2-Clause
// link: arch/armcommon/vgic.c arch/armcommon/vgic_model.c
// link: arch/armcommon/vgic_lr.c arch/armcommon/vgic_change.c
// link: arch/armcommon/vgic_state.c arch/armcommon/vgic_dist.c
// link: arch/armcommon/vgic_v2.c arch/armcommon/vgic_v3.c
// link: arch/armcommon/vtimer.c core/mmio.c
// link: arch/armcommon/testing/fake_gic.c
/*
 * The registers that a guest sees (K22): what each holds, which sizes it takes,
 * and that no offset and no size does harm (bugs.md 30).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/armcommon/testing/fake_gic.h"
#include "lib/errno.h"

#define RD(n) (FAKE_GICR + (n)*VGIC_REDIST_SIZE)
#define SGI(n) (RD(n) + SZ_64K)

static struct fake_vm *vm;

static struct vcpu *vcpu(unsigned int n)
{
	return vm->vm.vcpus[n];
}

static void start(unsigned int version)
{
	fake_machine_init(version, 4);
	vm = fake_vm_new(3);
	fake_load(vcpu(1));
}

struct reading {
	u64 address;
	unsigned int size;
	u64 value;
};

static void check_readings(const struct reading *r, unsigned int n)
{
	for (; n--; r++) {
		u64 got = fake_read(vcpu(1), r->address, r->size);

		if (got != r->value)
			print_message("at %lx, size %u\n",
				      (unsigned long)r->address, r->size);
		assert_int_equal(got, r->value);
	}
}

static void identification_v2(void **state)
{
	static const struct reading readings[] = {
		{ FAKE_GICD + 0x000, 4, 0 },      /* CTLR: all off */
		{ FAKE_GICD + 0x004, 4, 0x43 },   /* TYPER: 128, 3 CPUs */
		{ FAKE_GICD + 0x008, 4, VGIC_IIDR },
		{ FAKE_GICD + 0xfe8, 4, 0x20 },   /* PIDR2: GICv2 */
		{ FAKE_GICD + 0xff0, 4, 0x0d },
		{ FAKE_GICD + 0xffc, 4, 0xb1 },
		{ FAKE_GICD + 0x100, 4, 0xffff }, /* SGIs are always on */
		{ FAKE_GICD + 0x800, 4, 0x02020202 },
		{ FAKE_GICD + 0x81f, 1, 0x02 },
		{ FAKE_GICD + 0xc00, 4, 0xaaaaaaaa },
		{ FAKE_GICD + 0xc04, 4, 0 },
		{ FAKE_GICD + 0xffe8, 4, 0 },     /* 4 KiB, then nothing */
	};

	start(2);
	check_readings(readings, ARRAY_SIZE(readings));
	fake_vm_free(vm);
}

static void identification_v3(void **state)
{
	static const struct reading readings[] = {
		{ FAKE_GICD + 0x0000, 4, 0x50 },  /* CTLR: ARE, DS */
		{ FAKE_GICD + 0x0004, 4, 0x03480003 },
		{ FAKE_GICD + 0x0008, 4, VGIC_IIDR },
		{ FAKE_GICD + 0xffe8, 4, 0x30 },
		{ FAKE_GICD + 0xfff4, 4, 0xf0 },
		{ FAKE_GICD + 0x0100, 4, 0 },     /* private: not here */
		{ FAKE_GICD + 0x0c00, 4, 0 },
		{ RD(0) + 0x0000, 4, 0 },
		{ RD(0) + 0x0004, 4, VGIC_IIDR },
		{ RD(0) + 0x0008, 8, 0x0000000000000000 },
		{ RD(1) + 0x0008, 8, 0x0000000100000100 },
		{ RD(2) + 0x0008, 8, 0x0000000200000210 }, /* Last */
		{ RD(2) + 0x0008, 4, 0x210 },
		{ RD(2) + 0x000c, 4, 2 },
		{ RD(1) + 0x0014, 4, 6 },         /* WAKER: asleep */
		{ RD(1) + 0xffe8, 4, 0x30 },
		{ SGI(1) + 0x0c00, 4, 0xaaaaaaaa },
		{ SGI(1) + 0x0080, 4, 0xffffffff },
		{ SGI(1) + 0x0100, 4, 0 },
		{ SGI(1) + 0x0104, 4, 0 },        /* one bank only */
	};

	start(3);
	check_readings(readings, ARRAY_SIZE(readings));
	fake_vm_free(vm);
}

static void waker_follows_what_is_written(void **state)
{
	start(3);
	fake_write(vcpu(1), RD(1) + 0x14, 4, 0);
	assert_int_equal(fake_read(vcpu(1), RD(1) + 0x14, 4), 0);
	fake_write(vcpu(1), RD(1) + 0x14, 4, 2);
	assert_int_equal(fake_read(vcpu(1), RD(1) + 0x14, 4), 6);
	fake_vm_free(vm);
}

/* Written, then read back; what of all ones sticks. */
static const struct {
	unsigned int version;
	u64 address;
	unsigned int size;
	u64 sticks;
} writable[] = {
	{ 2, FAKE_GICD + 0x000, 4, 0x3 },
	{ 2, FAKE_GICD + 0x004, 4, 0x43 },
	{ 2, FAKE_GICD + 0x080, 4, 0xffffffff },
	{ 2, FAKE_GICD + 0x084, 4, 0xffffffff },
	{ 2, FAKE_GICD + 0x104, 4, 0xffffffff },
	{ 2, FAKE_GICD + 0x110, 4, 0 },          /* INTID 128 */
	{ 2, FAKE_GICD + 0x200, 4, 0xffff0000 }, /* SGIs: SPENDSGIR */
	{ 2, FAKE_GICD + 0x304, 4, 0xffffffff },
	{ 2, FAKE_GICD + 0x400, 4, 0xf8f8f8f8 },
	{ 2, FAKE_GICD + 0x433, 1, 0xf8 },
	{ 2, FAKE_GICD + 0x432, 2, 0xf8f8 },
	{ 2, FAKE_GICD + 0x480, 4, 0 },
	{ 2, FAKE_GICD + 0x800, 4, 0x02020202 },
	{ 2, FAKE_GICD + 0x820, 4, 0x07070707 },
	{ 2, FAKE_GICD + 0x821, 1, 0x07 },
	{ 2, FAKE_GICD + 0x87f, 1, 0x07 },
	{ 2, FAKE_GICD + 0x880, 4, 0 },
	{ 2, FAKE_GICD + 0xc00, 4, 0xaaaaaaaa },
	{ 2, FAKE_GICD + 0xc04, 4, 0 },
	{ 2, FAKE_GICD + 0xc08, 4, 0xaaaaaaaa },
	{ 2, FAKE_GICD + 0xd00, 4, 0 },
	{ 2, FAKE_GICD + 0xf00, 4, 0 },
	{ 2, FAKE_GICD + 0xf20, 4, 0x07070707 },
	{ 2, FAKE_GICD + 0xf2f, 1, 0x07 },
	{ 3, FAKE_GICD + 0x000, 4, 0x53 },
	{ 3, FAKE_GICD + 0x080, 4, 0 },
	{ 3, FAKE_GICD + 0x084, 4, 0xffffffff },
	{ 3, FAKE_GICD + 0x100, 4, 0 },
	{ 3, FAKE_GICD + 0x200, 4, 0 },
	{ 3, FAKE_GICD + 0x400, 4, 0 },
	{ 3, FAKE_GICD + 0x420, 4, 0xf8f8f8f8 },
	{ 3, FAKE_GICD + 0x820, 4, 0 },          /* ITARGETSR: ARE */
	{ 3, FAKE_GICD + 0xf20, 4, 0 },
	{ 3, FAKE_GICD + 0x6000, 8, 0 },         /* private */
	{ 3, FAKE_GICD + 0x6100, 8, 0xff00ffffff },
	{ 3, FAKE_GICD + 0x6108, 4, 0x00ffffff },
	{ 3, FAKE_GICD + 0x610c, 4, 0xff },
	{ 3, FAKE_GICD + 0x63f8, 8, 0xff00ffffff },
	{ 3, FAKE_GICD + 0x6400, 8, 0 },
	{ 3, FAKE_GICD + 0x6100, 2, 0 },
	{ 3, RD(1) + 0x070, 8, 0 },              /* no LPIs */
	{ 3, RD(1) + 0x008, 8, 0x0000000100000100 },
	{ 3, SGI(1) + 0x080, 4, 0xffffffff },
	{ 3, SGI(1) + 0x100, 4, 0xffffffff },
	{ 3, SGI(2) + 0x100, 4, 0xffffffff },
	{ 3, SGI(1) + 0x200, 4, 0xffffffff },
	{ 3, SGI(1) + 0x300, 4, 0xffffffff },
	{ 3, SGI(1) + 0x400, 4, 0xf8f8f8f8 },
	{ 3, SGI(1) + 0x420, 4, 0 },
	{ 3, SGI(1) + 0xc04, 4, 0 },
	{ 3, SGI(1) + 0xc08, 4, 0 },
};

static void what_sticks_of_a_write(void **state)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(writable); i++) {
		u64 got;

		start(writable[i].version);
		fake_write(vcpu(1), writable[i].address, writable[i].size,
			   ~0ULL);
		fake_settle();
		got = fake_read(vcpu(1), writable[i].address, writable[i].size);
		if (got != writable[i].sticks)
			print_message("GICv%u, at %lx\n", writable[i].version,
				      (unsigned long)writable[i].address);
		assert_int_equal(got, writable[i].sticks);
		fake_vm_free(vm);
	}
}

static void set_and_clear_registers_are_pairs(void **state)
{
	static const unsigned int pairs[] = { 0x104, 0x204, 0x304 };
	unsigned int version, i;

	for (version = 2; version <= 3; version++) {
		for (i = 0; i < ARRAY_SIZE(pairs); i++) {
			u64 set = FAKE_GICD + pairs[i], clear = set + 0x80;

			start(version);
			fake_write(vcpu(1), set, 4, 0xff);
			fake_write(vcpu(1), set, 4, 0);
			fake_write(vcpu(1), clear, 4, 0x0f);
			assert_int_equal(fake_read(vcpu(1), set, 4), 0xf0);
			assert_int_equal(fake_read(vcpu(1), clear, 4), 0xf0);
			fake_vm_free(vm);
		}
	}
}

/* Sizes that a register does not take: as zero, and without effect. */
static void wrong_sizes_read_zero_and_change_nothing(void **state)
{
	static const struct {
		unsigned int version;
		u64 address;
		u8 sizes; /* that it takes */
	} cases[] = {
		{ 2, FAKE_GICD + 0x000, SIZE_32 },
		{ 2, FAKE_GICD + 0x104, SIZE_32 },
		{ 2, FAKE_GICD + 0x420, SIZE_8 | SIZE_16 | SIZE_32 },
		{ 2, FAKE_GICD + 0x820, SIZE_8 | SIZE_16 | SIZE_32 },
		{ 2, FAKE_GICD + 0xc08, SIZE_32 },
		{ 2, FAKE_GICD + 0xf20, SIZE_8 | SIZE_16 | SIZE_32 },
		{ 3, FAKE_GICD + 0x6108, SIZE_32 | SIZE_64 },
		{ 3, SGI(1) + 0x100, SIZE_32 },
		{ 3, SGI(1) + 0x400, SIZE_8 | SIZE_16 | SIZE_32 },
		{ 3, RD(0) + 0x014, SIZE_32 },
	};
	unsigned int i, size;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size = 1; size <= 8; size *= 2) {
			u64 at = cases[i].address, before, after;
			unsigned int whole =
				cases[i].sizes & SIZE_32 ? 4 : cases[i].sizes;

			start(cases[i].version);
			before = fake_read(vcpu(1), at, whole);
			fake_write(vcpu(1), at, size, before ? 0 : ~0ULL);
			after = fake_read(vcpu(1), at, whole);
			if (cases[i].sizes & size) {
				assert_int_not_equal(before, after);
			} else {
				assert_int_equal(before, after);
				assert_int_equal(fake_read(vcpu(1), at, size),
						 0);
			}
			fake_vm_free(vm);
		}
	}
}

/* Every offset, aligned or not, every size: no harm, and 0 above the size. */
static void no_access_does_harm(void **state)
{
	unsigned int version, size, write;
	u64 offset, frames;

	for (version = 2; version <= 3; version++) {
		start(version);
		frames = version == 2 ? 0 : 3 * VGIC_REDIST_SIZE;
		for (size = 1; size <= 8; size *= 2) {
			for (write = 0; write < 2; write++) {
				for (offset = 0; offset <= SZ_64K - size;
				     offset++) {
					u64 val = 0x5a5aa5a55a5aa5a5ULL;

					assert_int_equal(
						fake_mmio(vcpu(1),
							  FAKE_GICD + offset,
							  size, write, &val),
						0);
					if (!write && size < 8)
						assert_int_equal(
							val >> (8 * size), 0);
				}
				for (offset = 0; offset < frames;
				     offset += size) {
					u64 val = 0xa5a55a5aa5a55a5aULL;

					assert_int_equal(
						fake_mmio(vcpu(1),
							  FAKE_GICR + offset,
							  size, write, &val),
						0);
					if (!write && size < 8)
						assert_int_equal(
							val >> (8 * size), 0);
				}
			}
			fake_settle();
		}
		fake_vm_free(vm);
	}
}

static void a_redistributor_without_a_vcpu_is_not_there(void **state)
{
	u64 val = 0;

	start(3);
	assert_int_equal(fake_mmio(vcpu(1), RD(3) + 8, 8, false, &val),
			 -EFAULT);
	assert_int_equal(fake_mmio(vcpu(1), RD(VM_MAX_VCPUS - 1), 4, true,
				   &val),
			 -EFAULT);
	fake_vm_free(vm);
}

static void another_versions_distributor_is_refused(void **state)
{
	struct vgic_config config = { .version = 3,
				      .dist_base = GPA(FAKE_GICD) };
	struct fake_vm other = { 0 };

	start(2);
	assert_int_equal(vgic_init(&other.vm, &config), -EOPNOTSUPP);
	fake_vm_free(vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identification_v2),
		cmocka_unit_test(identification_v3),
		cmocka_unit_test(waker_follows_what_is_written),
		cmocka_unit_test(what_sticks_of_a_write),
		cmocka_unit_test(set_and_clear_registers_are_pairs),
		cmocka_unit_test(wrong_sizes_read_zero_and_change_nothing),
		cmocka_unit_test(no_access_does_harm),
		cmocka_unit_test(a_redistributor_without_a_vcpu_is_not_there),
		cmocka_unit_test(another_versions_distributor_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

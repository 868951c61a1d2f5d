// SPDX-License-Identifier: BSD-2-Clause
/* Trapped registers: what guests are told of the CPU, and of every CPU the same. */
#include "arch/armcommon/arm.h"
#include "lib/string.h"

struct id_registers guest_ids;

void ids_read_aarch32(id_register c1[8], id_register c2[8])
{
	c1[0] = sysreg_read(id_pfr0_el1);
	c1[1] = sysreg_read(id_pfr1_el1);
	c1[2] = sysreg_read(id_dfr0_el1);
	c1[3] = sysreg_read(id_afr0_el1);
	c1[4] = sysreg_read(id_mmfr0_el1);
	c1[5] = sysreg_read(id_mmfr1_el1);
	c1[6] = sysreg_read(id_mmfr2_el1);
	c1[7] = sysreg_read(id_mmfr3_el1);
	c2[0] = sysreg_read(id_isar0_el1);
	c2[1] = sysreg_read(id_isar1_el1);
	c2[2] = sysreg_read(id_isar2_el1);
	c2[3] = sysreg_read(id_isar3_el1);
	c2[4] = sysreg_read(id_isar4_el1);
	c2[5] = sysreg_read(id_isar5_el1);
}

void sysreg_init(void)
{
	port_read_ids(&guest_ids);
}

bool sysreg_ids_same(void)
{
	struct id_registers here;

	port_read_ids(&here);
	return !memcmp(&here, &guest_ids, sizeof(here));
}

enum trap_result register_trap(struct arm_vcpu *v, u32 enc, unsigned int rt, bool read)
{
	u64 val;

	if (!read)
		return port_write_register(v, enc, vcpu_get_x(v, rt));
	if (!port_read_register(v, enc, &val))
		return TRAP_UNDEFINED;
	vcpu_set_x(v, rt, val);
	return TRAP_DONE;
}

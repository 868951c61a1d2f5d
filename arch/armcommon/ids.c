// SPDX-License-Identifier: BSD-2-Clause
/* What guests are told of the CPU, and of every CPU the same. */
#include "arch/armcommon/arm.h"
#include "lib/string.h"

struct id_registers guest_ids;

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

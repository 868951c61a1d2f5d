// SPDX-License-Identifier: BSD-2-Clause
/* The smallest guest: says hello and what its machine is, and goes. */
#include "tests/guests/rt/rt.h"

const char guest_name[] = "hello";
const struct test guest_tests[] = {{NULL}};

void guest_hello(void)
{
	print("Hello from a bare-metal guest.\n");
	print("  machine  %s\n", machine.model);
	print("  memory   %llu MiB at %#llx\n", machine.ram_size >> 20,
	      machine.ram_base);
	print("  CPUs     %u, MIDR %#llx, %u-bit physical addresses\n",
	      machine.cpus, read_sysreg(midr_el1),
	      address_bits());
	print("  console  " UART_NAME " at %#llx, interrupt %u\n", machine.uart,
	      machine.uart_intid);
	print_interrupt_controller();
	print("  counter  %llu Hz\n", read_sysreg(cntfrq_el0));
	print("  started  with \"%s\"\n", machine.bootargs);
}

// SPDX-License-Identifier: BSD-2-Clause
/* The console (NS16550A), the end, and what else the mips guest machine has. */
#include <libfdt.h>
#include "tests/guests/rt/rt.h"

#define REGISTER(n) (machine.uart + (n) * 8) /* reg-shift 3 */
#define UART_RBR 0
#define UART_IER 1
#define UART_FCR 2
#define UART_LCR 3
#define UART_LSR 5
#define FCR_FIFOS 1
#define LCR_8BITS 3
#define LSR_DR 1
#define LSR_THRE 0x20
#define POWER device_at(0x1f000500)
#define POWER_OFF 0x4f
#define POWER_RESET 0x42

void machine_default(void)
{
	machine.uart = device_at(0x1f000900);
	machine.uart_intid = 2;
}

/* It is always passed. */
const void *machine_find_fdt(void)
{
	return NULL;
}

static u32 cell(int node, const char *name, u32 otherwise)
{
	int len;
	const fdt32_t *p = fdt_getprop(machine.fdt, node, name, &len);

	return p && len >= 4 ? fdt32_to_cpu(*p) : otherwise;
}

void machine_find_devices(void)
{
	int uart = fdt_node_offset_by_compatible(machine.fdt, -1, "ns16550a");
	int clock = fdt_node_offset_by_compatible(machine.fdt, -1, "fixed-clock");

	if (uart >= 0) {
		machine.uart = device_at(machine_reg(uart, 0, NULL));
		machine.uart_intid = cell(uart, "interrupts", 2);
	}
	/* Of the CPU; Count runs at half of it. */
	machine.counter_hz = cell(clock, "clock-frequency", 0) / 2;
}

u64 read_cntvct_el0(void)
{
	static u32 last[MAX_CPUS], wraps[MAX_CPUS];
	unsigned int cpu = this_cpu()->index;
	u32 status, count;

	__asm__ volatile("di %0\n\tehb" : "=r"(status)::"memory");
	count = MFC0(9, 0);
	if (count < last[cpu])
		wraps[cpu]++;
	last[cpu] = count;
	if (status & 1)
		irq_enable();
	return (u64)wraps[cpu] << 32 | count;
}

/* ---- Console --------------------------------------------------------------------- */

void console_putc(char c)
{
	while (!(read8(REGISTER(UART_LSR)) & LSR_THRE))
		;
	write8(REGISTER(UART_RBR), c);
}

bool console_ready(void)
{
	return read8(REGISTER(UART_LSR)) & LSR_DR;
}

int console_getc(void)
{
	while (!console_ready())
		cpu_relax();
	return read8(REGISTER(UART_RBR));
}

void console_set_fifos(bool on)
{
	write8(REGISTER(UART_LCR), LCR_8BITS);
	write8(REGISTER(UART_FCR), on ? FCR_FIFOS : 0);
}

static void (*listener)(void);

static void on_receive(unsigned int ip)
{
	listener();
}

void console_listen(void (*fn)(void))
{
	listener = fn;
	ip_on(machine.uart_intid, on_receive);
	ip_enable(machine.uart_intid);
	write8(REGISTER(UART_IER), 1);
}

/* ---- The end --------------------------------------------------------------------- */

_Noreturn void power_off(void)
{
	write32(POWER, POWER_OFF);
	for (;;)
		wfi();
}

void power_reset(void)
{
	write32(POWER, POWER_RESET);
}

bool cpu_start(unsigned int i)
{
	print("CPU %u cannot be started\n", i);
	return false;
}

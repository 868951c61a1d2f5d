// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console both ways: prints back what it reads, line by line, until a line
 * `quit`. Receives by polling at first; after a line `interrupts`, by
 * interrupt with the FIFO on.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

const char guest_name[] = "console";

#define UART_FR 0x18
#define UART_LCRH 0x2c
#define UART_CR 0x30
#define UART_IMSC 0x38
#define UART_ICR 0x44
#define INT_RX (1U << 4)
#define INT_RT (1U << 6)

void guest_hello(void)
{
	/* The FIFO on from the start: switching it loses what is on its way. */
	write32(machine.uart + UART_LCRH, 0x70);
	write32(machine.uart + UART_CR, 0x301);
	print("READY\n");
}

static char ring[256];
static volatile u32 ring_in, ring_out;
static bool by_interrupt;

static void on_receive(unsigned int intid)
{
	while (!(read32(machine.uart + UART_FR) & 0x10)) {
		ring[ring_in % sizeof(ring)] = read32(machine.uart);
		ring_in++;
	}
	write32(machine.uart + UART_ICR, INT_RX | INT_RT);
}

static void listen_by_interrupt(void)
{
	gic_init();
	gic_init_cpu();
	gic_on(machine.uart_intid, on_receive);
	gic_set_edge(machine.uart_intid, false);
	gic_enable(machine.uart_intid);
	write32(machine.uart + UART_IMSC, INT_RX | INT_RT);
	by_interrupt = true;
	irq_enable();
}

static char get(void)
{
	char c;

	if (!by_interrupt)
		return console_getc();
	irq_disable();
	while (ring_in == ring_out)
		idle();
	c = ring[ring_out % sizeof(ring)];
	ring_out++;
	irq_enable();
	return c;
}

static void echo(void)
{
	char line[128];
	unsigned int n;

	do {
		for (n = 0; n < sizeof(line) - 1; n++) {
			line[n] = get();
			if (line[n] == '\n' || line[n] == '\r')
				break;
		}
		line[n] = 0;
		print("ECHO %u %s\n", n, line);
		if (!strcmp(line, "interrupts"))
			listen_by_interrupt();
	} while (strcmp(line, "quit"));
}

const struct test guest_tests[] = {
	{"K22.echo", echo},
	{NULL},
};

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The console both ways: prints back what it reads, line by line, until a line
 * `quit`. Receives by polling at first; after a line `interrupts`, by
 * interrupt with the FIFO on.
 */
#include "tests/guests/rt/rt.h"
#include "lib/string.h"

const char guest_name[] = "console";

void guest_hello(void)
{
	/* The FIFO on from the start: switching it loses what is on its way. */
	console_set_fifos(true);
	print("READY\n");
}

static char ring[256];
static volatile u32 ring_in, ring_out;
static bool by_interrupt;

static void on_receive(void)
{
	while (console_ready()) {
		ring[ring_in % sizeof(ring)] = console_getc();
		ring_in++;
	}
}

static void listen_by_interrupt(void)
{
	console_listen(on_receive);
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

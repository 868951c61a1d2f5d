// SPDX-License-Identifier: BSD-2-Clause
/* The console, by a PL011 (DDI 0183). */
#include "tests/guests/rt/rt.h"

#define UART_DR 0x00
#define UART_FR 0x18
#define UART_LCRH 0x2c
#define UART_CR 0x30
#define UART_IMSC 0x38
#define UART_ICR 0x44
#define FR_RXFE (1U << 4)
#define FR_TXFF (1U << 5)
#define LCRH_8BITS 0x60
#define LCRH_FIFOS 0x10
#define CR_ON 0x301
#define INT_RX (1U << 4)
#define INT_RT (1U << 6)

void console_putc(char c)
{
	while (read32(machine.uart + UART_FR) & FR_TXFF)
		;
	write32(machine.uart + UART_DR, (u8)c);
}

bool console_ready(void)
{
	return !(read32(machine.uart + UART_FR) & FR_RXFE);
}

int console_getc(void)
{
	while (!console_ready())
		cpu_relax();
	return read32(machine.uart + UART_DR) & 0xff;
}

void console_set_fifos(bool on)
{
	write32(machine.uart + UART_LCRH, LCRH_8BITS | (on ? LCRH_FIFOS : 0));
	write32(machine.uart + UART_CR, CR_ON);
}

static void (*listener)(void);

static void on_receive(unsigned int intid)
{
	listener();
	write32(machine.uart + UART_ICR, INT_RX | INT_RT);
}

void console_listen(void (*fn)(void))
{
	listener = fn;
	gic_init();
	gic_init_cpu();
	gic_on(machine.uart_intid, on_receive);
	gic_set_edge(machine.uart_intid, false);
	gic_enable(machine.uart_intid);
	write32(machine.uart + UART_IMSC, INT_RX | INT_RT);
}

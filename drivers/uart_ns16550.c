// SPDX-License-Identifier: BSD-2-Clause
/*
 * 16550 (National Semiconductor PC16550D): 16-byte FIFOs. Its registers are bytes
 * that may lie wider apart: `reg-shift` and `reg-io-width` of the device tree.
 */
#include "drivers/io.h"
#include "drivers/uart.h"
#include "lib/fdt.h"
#include "lib/util.h"

#define RBR 0 /* read */
#define THR 0 /* written */
#define IER 1
#define IER_RX 0x01
#define IER_TX 0x02
#define FCR 2
#define FCR_ON 0x01
#define FCR_RX_1 0x00 /* interrupt from one byte on */
#define LCR 3
#define LCR_8N1 0x03
#define MCR 4
#define MCR_ON 0x0b /* DTR, RTS, and OUT2, which gates the interrupt on PCs */
#define LSR 5
#define LSR_DR 0x01
#define LSR_BI 0x10 /* a break: no byte */
#define LSR_THRE 0x20

#define FIFO_SIZE 16

/* Of the one UART that is the console. `room`: bytes that the transmit FIFO takes
 * for sure, counted from when it was seen empty. */
static unsigned int shift;
static bool wide;
static unsigned int room;

static u8 get(volatile void *regs, unsigned int reg)
{
	volatile u8 *p = (volatile u8 *)regs + (reg << shift);

	return wide ? readl(p) : readb(p);
}

static void put(volatile void *regs, unsigned int reg, u8 v)
{
	volatile u8 *p = (volatile u8 *)regs + (reg << shift);

	if (wide)
		writel(v, p);
	else
		writeb(v, p);
}

static void ns16550_configure(const void *fdt, int node)
{
	shift = min(fdt_u32(fdt, node, "reg-shift", 0), 4U);
	wide = fdt_u32(fdt, node, "reg-io-width", 1) == 4;
}

/* The speed is as firmware has set it. */
static void ns16550_init(volatile void *regs)
{
	put(regs, IER, 0);
	put(regs, LCR, LCR_8N1);
	put(regs, FCR, FCR_ON | FCR_RX_1);
	put(regs, MCR, MCR_ON);
	room = 0;
}

static bool ns16550_tx_ready(volatile void *regs)
{
	if (!room && get(regs, LSR) & LSR_THRE)
		room = FIFO_SIZE;
	return room;
}

static void ns16550_tx(volatile void *regs, u8 c)
{
	if (room)
		room--;
	put(regs, THR, c);
}

static int ns16550_rx(volatile void *regs)
{
	u8 status, c;

	do {
		status = get(regs, LSR);
		if (!(status & LSR_DR))
			return -1;
		c = get(regs, RBR);
	} while (status & LSR_BI);
	return c;
}

static void enable(volatile void *regs, u8 bit, bool on)
{
	u8 ier = get(regs, IER);

	put(regs, IER, on ? ier | bit : ier & ~bit);
}

static void ns16550_rx_interrupt(volatile void *regs, bool on)
{
	enable(regs, IER_RX, on);
}

/* It comes when the FIFO is empty. */
static void ns16550_tx_interrupt(volatile void *regs, bool on)
{
	enable(regs, IER_TX, on);
}

/* Nothing is to be cleared: reading bytes, and writing or masking, is all. */
static void ns16550_ack(volatile void *regs)
{
}

static const char *const compatible[] = {"ns16550a", "ns16550", NULL};

const struct uart_driver uart_ns16550 = {
	.compatible = compatible,
	.size = 8,
	.configure = ns16550_configure,
	.init = ns16550_init,
	.tx_ready = ns16550_tx_ready,
	.tx = ns16550_tx,
	.rx = ns16550_rx,
	.rx_interrupt = ns16550_rx_interrupt,
	.tx_interrupt = ns16550_tx_interrupt,
	.ack = ns16550_ack,
};

// SPDX-License-Identifier: BSD-2-Clause
/* Arm PrimeCell UART PL011 (Arm DDI 0183G). */
#include "drivers/io.h"
#include "drivers/uart.h"
#include "lib/util.h"

#define DR        0x000
#define DR_BE     BIT32(10) /* a break: no byte */
#define FR        0x018
#define FR_BUSY   BIT32(3)
#define FR_RXFE   BIT32(4)
#define FR_TXFF   BIT32(5)
#define LCR_H     0x02c
#define LCR_FEN   BIT32(4)
#define LCR_WLEN8 (3U << 5)
#define CR        0x030
#define CR_ON     (BIT32(0) | BIT32(8) | BIT32(9)) /* UARTEN, TXE, RXE */
#define IMSC      0x038
#define ICR       0x044
#define INT_RX    BIT32(4)
#define INT_TX    BIT32(5)
#define INT_RT    BIT32(6)
#define INT_ALL   0x7ffU

#define REG(regs, offset) ((volatile u8 *)(regs) + (offset))

/*
 * Firmware has set the speed, or there is none (QEMU). Line control may be
 * written only while the UART is off (3.3.6), so it stays as it is where
 * firmware left the UART on.
 */
static void pl011_init(volatile void *regs)
{
	u32 cr = readl(REG(regs, CR));

	writel(0, REG(regs, IMSC));
	if (!(cr & BIT32(0)))
		writel(LCR_WLEN8 | LCR_FEN, REG(regs, LCR_H));
	if ((cr & CR_ON) != CR_ON)
		writel(cr | CR_ON, REG(regs, CR));
}

static bool pl011_tx_ready(volatile void *regs)
{
	return !(readl(REG(regs, FR)) & FR_TXFF);
}

static void pl011_tx(volatile void *regs, u8 c)
{
	writel(c, REG(regs, DR));
}

static int pl011_rx(volatile void *regs)
{
	u32 dr;

	do {
		if (readl(REG(regs, FR)) & FR_RXFE)
			return -1;
		dr = readl(REG(regs, DR));
	} while (dr & DR_BE);
	return dr & 0xff;
}

static void set_mask(volatile void *regs, u32 bits, bool on)
{
	u32 imsc = readl(REG(regs, IMSC));

	writel(on ? imsc | bits : imsc & ~bits, REG(regs, IMSC));
}

static void pl011_rx_interrupt(volatile void *regs, bool on)
{
	set_mask(regs, INT_RX | INT_RT, on);
}

/* It comes when the FIFO, found full, has fallen to its trigger level. */
static void pl011_tx_interrupt(volatile void *regs, bool on)
{
	set_mask(regs, INT_TX, on);
}

static void pl011_ack(volatile void *regs)
{
	writel(INT_ALL, REG(regs, ICR));
}

static const char *const compatible[] = {"arm,pl011", NULL};

const struct uart_driver uart_pl011 = {
	.compatible = compatible,
	.size = SZ_4K,
	.init = pl011_init,
	.tx_ready = pl011_tx_ready,
	.tx = pl011_tx,
	.rx = pl011_rx,
	.rx_interrupt = pl011_rx_interrupt,
	.tx_interrupt = pl011_tx_interrupt,
	.ack = pl011_ack,
};

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cadence UART of the Zynq and Zynq UltraScale+ (Xilinx UG1085, chapter 21,
 * and UG1087: module UART): 64-byte FIFOs.
 */
#include "drivers/io.h"
#include "drivers/uart.h"
#include "lib/util.h"

#define CR        0x00
#define CR_RXEN   BIT32(2)
#define CR_RXDIS  BIT32(3)
#define CR_TXEN   BIT32(4)
#define CR_TXDIS  BIT32(5)
#define MR        0x04
#define MR_8N1    (4U << 3) /* no parity, 8 bits, 1 stop bit, UART clock */
#define IER       0x08
#define IDR       0x0c
#define ISR       0x14
#define RXTOUT    0x1c
#define RXWM      0x20
#define SR        0x2c
#define SR_REMPTY BIT32(1)
#define SR_TFUL   BIT32(4)
#define FIFO      0x30
#define INT_RTRIG BIT32(0)
#define INT_TEMPTY BIT32(3)
#define INT_ALL   0x1fffU

#define REG(regs, offset) ((volatile u8 *)(regs) + (offset))

/*
 * After reset transmitter and receiver are off (QEMU starts like that;
 * firmware has turned them on and set speed and mode). A receive trigger of one
 * byte makes the timeout interrupt unnecessary.
 */
static void cadence_init(volatile void *regs)
{
	u32 cr = readl(REG(regs, CR));

	writel(INT_ALL, REG(regs, IDR));
	if (!(cr & CR_TXEN) || cr & CR_TXDIS)
		writel(MR_8N1, REG(regs, MR));
	if ((cr & (CR_TXEN | CR_TXDIS | CR_RXEN | CR_RXDIS)) !=
	    (CR_TXEN | CR_RXEN))
		writel(CR_TXEN | CR_RXEN, REG(regs, CR));
	writel(0, REG(regs, RXTOUT));
	writel(1, REG(regs, RXWM));
}

static bool cadence_tx_ready(volatile void *regs)
{
	return !(readl(REG(regs, SR)) & SR_TFUL);
}

static void cadence_tx(volatile void *regs, u8 c)
{
	writel(c, REG(regs, FIFO));
}

/*
 * What was in the FIFO when the status was cleared has set the trigger bit
 * again: cleared once all is read, it does not interrupt for nothing. A byte
 * that comes in between is seen by the second look.
 */
static int cadence_rx(volatile void *regs)
{
	if (readl(REG(regs, SR)) & SR_REMPTY) {
		writel(INT_RTRIG, REG(regs, ISR));
		if (readl(REG(regs, SR)) & SR_REMPTY)
			return -1;
	}
	return readl(REG(regs, FIFO)) & 0xff;
}

static void enable(volatile void *regs, u32 bits, bool on)
{
	writel(bits, REG(regs, on ? IER : IDR));
}

static void cadence_rx_interrupt(volatile void *regs, bool on)
{
	enable(regs, INT_RTRIG, on);
}

/* It comes when the FIFO, found full, has run empty. */
static void cadence_tx_interrupt(volatile void *regs, bool on)
{
	enable(regs, INT_TEMPTY, on);
}

/* The status bits are sticky: cleared first, they come back for what happens
 * while the handler works. */
static void cadence_ack(volatile void *regs)
{
	writel(readl(REG(regs, ISR)), REG(regs, ISR));
}

static const char *const compatible[] = {"cdns,uart-r1p12", "xlnx,xuartps",
					 "xlnx,zynqmp-uart", NULL};

const struct uart_driver uart_cadence = {
	.compatible = compatible,
	.size = SZ_4K,
	.init = cadence_init,
	.tx_ready = cadence_tx_ready,
	.tx = cadence_tx,
	.rx = cadence_rx,
	.rx_interrupt = cadence_rx_interrupt,
	.tx_interrupt = cadence_tx_interrupt,
	.ack = cadence_ack,
};

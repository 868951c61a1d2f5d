// SPDX-License-Identifier: BSD-2-Clause
/* UARTs of boards with MIPS CPUs. */
#include "drivers/uart.h"

const struct uart_driver *const uart_drivers[] = {&uart_ns16550, NULL};

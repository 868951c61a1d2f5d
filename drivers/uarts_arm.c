// SPDX-License-Identifier: BSD-2-Clause
/* UARTs of boards with Arm CPUs. */
#include "drivers/uart.h"

const struct uart_driver *const uart_drivers[] = {&uart_pl011, &uart_cadence,
						   NULL};

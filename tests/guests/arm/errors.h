/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the guest `errors` for ARMv7: their tests follow one another. */
#ifndef TESTS_GUESTS_ARM_ERRORS_H
#define TESTS_GUESTS_ARM_ERRORS_H

#include "tests/guests/errors.h"

extern const struct test errors_of_access[]; /* errors_access.c */

#define UART_ID0 (machine.uart + 0xfe0)   /* 0x11 on every PL011 */
#define UART_CELL3 (machine.uart + 0xffc) /* 0xb1 */

#endif

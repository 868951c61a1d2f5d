/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MIPS_SETUP_H
#define MIPS_SETUP_H

/* setup.c: from the first message to the machine monitor. `fdt` is in kseg0 and
 * stays there. */
_Noreturn void setup_main(const void *fdt);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of drivers/io.h and lib/lock.h: what takes an instruction of this CPU's. A
 * register of 64 bits has none that a device need take in one piece (ARM DDI
 * 0406C, A3.5.3): there is no readq().
 */
#ifndef ARM_PORT_IO_H
#define ARM_PORT_IO_H

#define IO_MEMORY "Q" /* a register alone */
#define IO_VALUE "r"
#define IO_WORD "%"
#include "arch/armcommon/io.h"

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Of drivers/io.h and lib/lock.h: what takes an instruction of this CPU's. */
#ifndef ARM64_PORT_IO_H
#define ARM64_PORT_IO_H

#define IO_MEMORY "m"
#define IO_VALUE "rZ"
#define IO_WORD "%w"
#include "arch/armcommon/io.h"

IO_READER(readq, u64, "ldr %x0")
IO_WRITER(writeq, u64, "str %x1")

#endif

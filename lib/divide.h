/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic that CPUs of 32 bits have no instruction for, and that compilers
 * call instead: a port gives it the names of its run-time ABI.
 */
#ifndef LIB_DIVIDE_H
#define LIB_DIVIDE_H

#include "lib/types.h"

/* By 0: all ones, and the rest is all of it. */
u64 divide_u64(u64 n, u64 by, u64 *rest);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers, as Linux numbers them. Functions return them negated.
 *
 * Two have a meaning of their own in this tree:
 *   -EAGAIN    "try again": the caller raced with a change and repeats the call
 *   -EALREADY  "nothing to do": the state asked for already stood
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#if __STDC_HOSTED__
#include <errno.h>
#else
#define EPERM 1
#define ENOENT 2
#define EIO 5
#define E2BIG 7
#define EAGAIN 11
#define ENOMEM 12
#define EFAULT 14
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define ENOSPC 28
#define ERANGE 34
#define ENOSYS 38
#define EOVERFLOW 75
#define EALREADY 114
#define EOPNOTSUPP 95
#endif

#endif

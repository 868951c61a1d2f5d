/* SPDX-License-Identifier: BSD-2-Clause */
/* K11: the guest `errors` is errors.c and, in arm64/ and arm/, what differs. */
#ifndef TESTS_GUESTS_ERRORS_H
#define TESTS_GUESTS_ERRORS_H

#include "tests/guests/rt/rt.h"

/* The tests go on from guest_tests to the first of these, and end with the second. */
extern const struct test errors_of_arch[], errors_for_good[];

#define expect_undefined(what, ...)                                            \
	do {                                                                   \
		struct trap u_ = TRAP(__VA_ARGS__);                            \
		check(is_ec(u_, EC_UNKNOWN), "%s: %s, ESR %#llx", what,         \
		      u_.taken ? "other exception" : "no exception", u_.esr);  \
	} while (0)

#endif

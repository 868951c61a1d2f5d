/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What property tests share: a seed that replays, and how long they run.
 *
 *   SEED=n           one run, that of this seed
 *   SKIP=n,n-n       without these of its steps: see shrink.sh beside this
 *   SOAK_SECONDS=n   runs with ever new seeds for that long; else a few
 */
#ifndef SIM_TESTING_PROPERTY_H
#define SIM_TESTING_PROPERTY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "lib/types.h"

struct property {
	u64 seed, dice;
	time_t share, end; /* of the time, for each case; of this case */
	unsigned long step;
	bool replay;
};

extern struct property property;

static inline u64 dice(u64 below)
{
	property.dice =
		property.dice * 6364136223846793005ULL + 1442695040888963407ULL;
	return (property.dice >> 33) % below;
}

/* A variable that must hold nothing but what `allowed` has. */
static inline const char *property_variable(const char *name,
					    const char *allowed)
{
	const char *value = getenv(name);

	if (value && (!*value || value[strspn(value, allowed)])) {
		fprintf(stderr, "%s=%s: must be a number%s\n", name, value,
			strchr(allowed, ',') ? ", or several: 3,17-20,31" : "");
		exit(2);
	}
	return value;
}

static inline void property_init(unsigned int cases)
{
	const char *digits = "0123456789";
	const char *seed = property_variable("SEED", digits);
	const char *soak = property_variable("SOAK_SECONDS", digits);

	property_variable("SKIP", "0123456789,-");
	property.replay = seed;
	property.seed = seed ? strtoull(seed, NULL, 10) : (u64)time(NULL) << 20;
	property.share = soak ? atoi(soak) / (time_t)cases : 0;
}

/* For each run: while (property_next(&n, 3)), n from 0. */
static inline bool property_next(unsigned long *n, unsigned long runs)
{
	if (*n && property.replay)
		return false;
	if (!*n)
		property.end = time(NULL) + property.share;
	if (*n >= runs && time(NULL) >= property.end)
		return false;
	if (*n)
		property.seed++;
	property.dice = property.seed * 0x9e3779b97f4a7c15ULL;
	++*n;
	/* What crashes or hangs prints nothing more. */
	printf("# SEED=%llu\n", property.seed);
	fflush(stdout);
	return true;
}

/* Is `n` in a list such as "3,17-20,31"? */
static inline bool property_listed(const char *list, unsigned long n)
{
	while (list && *list) {
		unsigned long first = strtoul(list, (char **)&list, 10);
		unsigned long last = first;

		if (*list == '-')
			last = strtoul(list + 1, (char **)&list, 10);
		if (n >= first && n <= last)
			return true;
		/* A comma; or what is not in its place. */
		list += *list != '\0';
	}
	return false;
}

/* The dice of step n of the run, whatever steps came before. False: leave it
 * out. */
static inline bool property_step(unsigned long n)
{
	property.step = n;
	property.dice = (property.seed + n * 0xd1342543de82ef95ULL) *
			0x9e3779b97f4a7c15ULL;
	return !property_listed(getenv("SKIP"), n);
}

/* A condition that holds for every run; says how to see it fail again. */
#define HOLDS(condition, ...)                                                  \
	do {                                                                   \
		if (!(condition)) {                                            \
			print_error("SEED=%llu: step %lu: ",                   \
				    property.seed,         \
				    property.step);                            \
			print_error(__VA_ARGS__);                              \
			print_error("\n");                                     \
			fail();                                                \
		}                                                              \
	} while (0)

#endif

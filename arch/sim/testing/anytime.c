// SPDX-License-Identifier: BSD-2-Clause
#define _GNU_SOURCE
#include "arch/sim/testing/anytime.h"
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include "arch/sim/sim.h"

#ifdef __x86_64__
#include <ucontext.h>

#define TRAP_FLAG 0x100

static volatile unsigned long left;
static void (*volatile what)(void);
static volatile bool happened;

/* Each instruction ends here while the flag is set; the first time, the signal
 * is the one that anytime_start() sent. */
static void stepped(int signal, siginfo_t *info, void *context)
{
	greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];
	void (*event)(void) = what;

	*flags &= ~(greg_t)TRAP_FLAG;
	if (!event)
		return;
	if (left)
		left--;
	if (left || sim_busy()) {
		*flags |= TRAP_FLAG;
		return;
	}
	what = NULL;
	happened = true;
	event();
}

static void step(void)
{
	raise(SIGTRAP);
}

void anytime_start(unsigned long calls, unsigned long instructions,
		   void (*event)(void))
{
	struct sigaction action = { .sa_sigaction = stepped,
				    .sa_flags = SA_SIGINFO };

	if (sigaction(SIGTRAP, &action, NULL))
		abort();
	left = instructions + 1;
	happened = false;
	what = event;
	if (calls)
		sim_after_calls(calls, step);
	else
		step();
}

bool anytime_stop(void)
{
	bool it_has;

	sim_after_calls(0, NULL);
	/* Until here it may happen yet, between any two instructions. */
	what = NULL;
	it_has = happened;
	happened = false;
	return it_has;
}

#else

void anytime_start(unsigned long calls, unsigned long instructions,
		   void (*event)(void))
{
}

bool anytime_stop(void)
{
	return false;
}

#endif

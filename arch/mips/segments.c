// SPDX-License-Identifier: BSD-2-Clause
#include "arch/mips/segments.h"

#include "arch/mips/mips.h"
#include "arch/mips/registers.h"

/* A segment's half of a register. */
#define SEG_AM       (7U << 4)
#define SEG_AM_MUSK  (3U << 4)
#define SEG_AM_MUSUK (4U << 4)
#define SEG_EU       (1U << 3)
#define SEG_C        7U
/* Of both halves. What else there is: the physical address of what is unmapped, 0 for
 * kseg0 and kseg1. */
#define BOTH(field)  ((field) << 16 | (field))

struct segctl segctl_for_guests(struct segctl reset, u32 config)
{
	struct segctl s = {
		.upper = reset.upper & ~BOTH(SEG_AM | SEG_EU),
		.lower = reset.lower & ~BOTH(SEG_AM | SEG_EU | SEG_C),
	};

	s.upper |= BOTH(SEG_AM_MUSK);
	s.lower |= BOTH(SEG_AM_MUSUK);
	/* Whether they count or Config.K0 (Config5.K): the same. */
	s.lower |= (config & CONFIG_K0) << 16 | CCA_UNCACHED;
	return s;
}

bool segments_available(void)
{
	return features.segments && features.eva && features.bad_instr;
}

struct mips_layout segments_layout(u32 pc)
{
	return pc >= MIPS_ARCHITECTURAL.kseg0 && segments_available() ?
		       MIPS_ARCHITECTURAL : MIPS_DEPRIVILEGED;
}

const char *segments_check_entry(u64 pc)
{
	if (pc < MIPS_ARCHITECTURAL.kseg0 || segments_available())
		return NULL;
	return "a kernel that is linked for 0x80000000 and up: guests of this "
	       "CPU are linked for 0x40000000 and up; others need one with "
	       "segment control, as P5600";
}

static void set(const struct segctl *s)
{
	cp0_write(segctl0, s->upper);
	cp0_write(segctl1, s->lower);
	ehb();
	instruction_hazard();
}

void segments_use(const struct mips_layout *l)
{
	static struct segctl reset;
	static bool read, for_guests;
	bool wanted = !l->emulated;

	if (likely(wanted == for_guests))
		return;
	if (!read)
		reset = (struct segctl){.upper = cp0_read(segctl0),
					.lower = cp0_read(segctl1)};
	read = true;
	for_guests = wanted;
	if (wanted) {
		struct segctl s = segctl_for_guests(reset, cp0_read(config));

		set(&s);
	} else {
		set(&reset);
	}
}

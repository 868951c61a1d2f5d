/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An interrupt line from a device model to whatever interrupt controller the
 * guest has. The device sets the level; it may do so under its own lock, and
 * setting the same level again costs next to nothing.
 */
#ifndef LIB_IRQ_LINE_H
#define LIB_IRQ_LINE_H

#include "lib/types.h"

struct irq_line {
	void (*set)(void *arg, unsigned int irq, bool level);
	void *arg;
	unsigned int irq;
};

static inline void irq_line_set(const struct irq_line *l, bool level)
{
	if (l->set)
		l->set(l->arg, l->irq, level);
}

#endif

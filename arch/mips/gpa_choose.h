/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VM's GPA table is. Computations alone, which a PC can do as well.
 */
#ifndef MIPS_GPA_CHOOSE_H
#define MIPS_GPA_CHOOSE_H

#include "core/arch.h"

/* What a guest's kernel sees unmapped: 512 MiB. */
#define GPA_BITS 29

/* As arch_stage2_config(): there is one kind, on every CPU. */
int gpa_choose(const struct vm_config *config, struct pgtable_config *out,
	       struct stage2_refusal *no);

#endif

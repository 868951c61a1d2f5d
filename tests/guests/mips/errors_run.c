// SPDX-License-Identifier: BSD-2-Clause
/* Code that errs, run with registers and vectors of its own. */
#include "tests/guests/mips/errors.h"

#define STR_(x) #x
#define STR(x) STR_(x)

struct run run;

_Static_assert(offsetof(struct run, hi) == 128 && offsetof(struct run, pc) == 136 &&
		       offsetof(struct run, cause) == 144 &&
		       offsetof(struct run, saved) == 176,
	       "what follows");

/*
 * run_now(): into run.pc by ERET with run.status and all registers of run.r, but k1,
 * which is run; back with what they were, by the first exception: nothing that the
 * code may do to its registers keeps it from being told.
 */
__asm__(".pushsection .text.run, \"ax\"\n"
	".set push\n.set noreorder\n.set noat\n"
	".macro each_kept op\n"
	".irp n, 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31\n"
	"\\op $\\n, 176 + (\\n - 16) * 4($26)\n"
	".endr\n"
	".endm\n"
	".macro each op, last\n"
	".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,"
	" 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31\n"
	"\\op $\\n, \\n * 4($26)\n"
	".endr\n"
	".endm\n"

	".globl run_now\nrun_now:\n"
	"lui $26, %hi(run)\naddiu $26, $26, %lo(run)\n"
	"each_kept sw\n"
	"lui $8, %hi(run_vectors)\naddiu $8, $8, %lo(run_vectors)\n"
	"mtc0 $8, $15, 1\n"
	"lw $8, 140($26)\nori $8, $8, 2\nmtc0 $8, $12\n"
	"lw $8, 136($26)\nmtc0 $8, $14\n"
	"lw $8, 128($26)\nmthi $8\nlw $8, 132($26)\nmtlo $8\n"
	"each lw\n"
	"move $27, $26\nlw $26, 104($26)\nehb\neret\n"

	".macro vector offset\n"
	".org run_vectors + \\offset\n"
	"j run_ended\nli $27, \\offset\n"
	".endm\n"
	".balign 4096\n"
	"run_vectors:\n"
	"vector 0\nvector 0x180\nvector 0x200\n"
	".org run_vectors + 0x280\n"
	"run_ended:\n"
	"lui $26, %hi(run)\naddiu $26, $26, %lo(run)\n"
	"sw $27, 172($26)\n"
	"each sw\n"
	"mfhi $8\nsw $8, 128($26)\nmflo $8\nsw $8, 132($26)\n"
	"mfc0 $8, $13\nsw $8, 144($26)\n"
	"mfc0 $8, $14\nsw $8, 148($26)\n"
	"mfc0 $8, $8\nsw $8, 152($26)\n"
	"mfc0 $8, $10\nsw $8, 156($26)\n"
	"mfc0 $8, $4\nsw $8, 160($26)\n"
	"mfc0 $8, $12\nsw $8, 164($26)\n"
	/* Kernel mode, with interrupts off. */
	"mtc0 $0, $12\nehb\n"
	"lui $8, %hi(vectors)\naddiu $8, $8, %lo(vectors)\n"
	"mtc0 $8, $15, 1\nehb\n"
	"each_kept lw\n"
	"jr $31\nnop\n"
	".set pop\n.popsection\n");

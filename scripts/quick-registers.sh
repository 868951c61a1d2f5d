#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What arch/mips/quick.c and middle.c are compiled to uses no register that is still a
# guest's: but those of QUICK_REGISTERS and MIDDLE_REGISTERS, which are saved, k0 and k1.
# No HI and LO, no call of another file's.
#
#   quick-registers.sh OBJDUMP OBJECT REGISTERS
#
# REGISTERS: those that it must not use.

set -eu
code=$("$1" -d -r --no-show-raw-insn "$2")
found=$(printf '%s\n' "$code" | grep -E \
	"\\<($3)\\>|\\<(mul|mult|multu|madd|maddu|msub|msubu|div|divu|mflo|mfhi)\\>|R_MIPS_26[[:space:]]+[^.[:space:]]" || :)
[ -z "$found" ] || {
	printf '%s\n' "$found" >&2
	echo "$2: uses registers that it must not" >&2
	exit 1
}

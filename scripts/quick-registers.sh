#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What arch/mips/quick.c is compiled to uses no register that is still a guest's: but
# those of QUICK_REGISTERS (quick.h), which are saved, k0 and k1. No stack, no HI and
# LO, no call of another file's.
#
#   quick-registers.sh OBJDUMP OBJECT

set -eu
code=$("$1" -d -r --no-show-raw-insn "$2")
found=$(printf '%s\n' "$code" | grep -E \
	'\<(at|t[0-9]|s[0-8]|sp|gp|fp)\>|\<(mul|mult|multu|madd|maddu|msub|msubu|div|divu|mflo|mfhi)\>|R_MIPS_26' || :)
[ -z "$found" ] || {
	printf '%s\n' "$found" >&2
	echo "$2: uses registers that it must not" >&2
	exit 1
}

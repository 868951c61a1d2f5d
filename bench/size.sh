#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# How large it is: the hypervisor's text, and the memory that a guest of 512 MB
# takes beside its own pages (tables, caches, threads), after a boot of Debian; of one
# of 128 MB of the mips port, after a boot of Linux.

set -eu
BUILD=${BUILD:-build}
SIZE=${SIZE:-aarch64-linux-gnu-size}

echo "Size"
# text ARCH GOAL: as `size` counts it, what is only read beside.
text()
{
	"$SIZE" -A "$BUILD/twofold-$1.elf" | awk -v arch="$1" -v goal="$2" '
	$1 == ".text" {
		printf "%-44s %8.1f KB%s\n", "text, " arch, $2 / 1000, goal
	}'
}
text arm64 " (goal: under 160 KB)"
text arm ""
text mips ""
# The only guest still stands when this is counted: tables, caches, indices,
# threads and their stacks, the VM itself, and what the hypervisor had before.
# memory OUTPUT WHAT GOAL
memory()
{
	sed -n 's/.*all that the hypervisor uses \([0-9]*\) bytes.*/\1/p' \
		"$BUILD/bench/$1.txt" | awk -v what="$2" -v goal="$3" '
	{ printf "%-44s %8.1f KiB%s\n", what, $1 / 1024, goal }'
}
memory boot-guest-gic3 "memory for a 512 MB guest beside its own" \
	" (goal: under 1024 KiB)"
memory boot-guest-24Kf "the same, 128 MB, mips" ""

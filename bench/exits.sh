#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What an exit costs, in executed instructions, beside the goal and the peers.
#
#   exits.sh [GIC-VERSION]...     3 and 2 unless given
#
# One CPU, `-icount shift=0,sleep=off`: the counter counts instructions, and
# every run gives the same numbers. The initrd has nothing in it: its pages are
# there to be touched for the first time, which maps what is loaded already and
# so leaves out the zeroing of new memory.

set -eu
BUILD=${BUILD:-build}
out=$BUILD/bench
mkdir -p "$out"
[ $# -gt 0 ] || set -- 3 2

head -c 83886080 /dev/zero >"$out/pages"
for gic; do
	console=$out/exits-gic$gic.txt
	"$BUILD/twofold" run --timeout 300 --icount --stats --gic "$gic" \
		--cpus 2 --board-cpus 1 --memory 512M --initrd "$out/pages" \
		"$BUILD/guests/bench-exits.elf" </dev/null >"$console" || {
		cat "$console"
		echo "exits.sh: the guest failed" >&2
		exit 1
	}
	echo "GICv$gic, cortex-a57: executed instructions an operation"
	awk -f bench/table.awk "$console"
	echo
done
rm -f "$out/pages"

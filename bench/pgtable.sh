#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run the program $1 of bench/pgtable.c, natively and, for each workload, under
# callgrind; print a table. Instructions are those that the workload's function
# executes, calls included. Exits with 1 if an instruction goal or a number of
# TLB invalidations is missed; times fail nothing.

set -eu
BUILD=${BUILD:-build}
program=$1
out=$BUILD/bench/pgtable
command -v valgrind >/dev/null || {
	echo "bench-pgtable: valgrind is missing: apt-get install valgrind" >&2
	exit 1
}

"$program" >"$out/native.txt"
"$program" parallel >"$out/parallel.txt"
: >"$out/instructions.txt"
for name in $("$program" list); do
	valgrind --quiet --tool=callgrind --callgrind-out-file="$out/callgrind" \
		--collect-atstart=no --toggle-collect="work_$name" \
		"$program" "$name" >"$out/valgrind.log" 2>&1 || {
		cat "$out/valgrind.log" >&2
		exit 1
	}
	sed -n "s/^totals: /$name /p" "$out/callgrind" >>"$out/instructions.txt"
done

awk '
FILENAME ~ /instructions/ { instructions[$1] = $2; next }
FILENAME ~ /parallel/ {
	printf "\nMap 1 GiB page by page: one thread %.1f ms, four %.1f ms", $1, $2
	printf " (%.2f of it; goal 0.60 with 2 CPUs)\n", $2 / $1
	next
}
FNR == 1 {
	printf "%-42s %12s %6s %7s %8s %8s %7s\n", "workload", \
		"instructions", "goal", "ns", "x limit", "flushes", "tables"
}
{
	what = $9
	for (i = 10; i <= NF; i++)
		what = what " " $i
	per = instructions[$1] / $2
	missed = ""
	if (!($1 in instructions) || per == 0)
		missed = missed "  not measured"
	if (per > $3)
		missed = missed "  over the goal"
	if ($6 != $7)
		missed = missed "  flushes: not " $7
	if (missed != "")
		failed++
	printf "%-42s %12s %6s %7s %8.1f %8d %7d%s\n", what, \
		sprintf(per < 100 ? "%.2f" : "%.0f", per), $3, \
		sprintf($4 < 100 ? "%.2f" : "%.0f", $4), $4 / $5, $6, $8, missed
}
END {
	if (failed)
		printf "%d of the workloads missed a goal\n", failed
	exit failed > 0
}' "$out/instructions.txt" "$out/native.txt" "$out/parallel.txt"

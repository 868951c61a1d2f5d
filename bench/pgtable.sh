#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run the program $1 of bench/pgtable.c, natively and, for each workload, under
# callgrind, and $2 of bench/faults.c; print two tables. Instructions are those
# that the workload's function executes, calls included. Exits with 1 if a goal
# for instructions, a number of TLB invalidations or a goal for four threads is
# missed; other times fail nothing.

set -eu
BUILD=${BUILD:-build}
program=$1
faults=$2
out=$BUILD/bench/pgtable
command -v valgrind >/dev/null || {
	echo "bench-pgtable: valgrind is missing: apt-get install valgrind" >&2
	exit 1
}

"$program" >"$out/native.txt"
"$faults" >"$out/threads.txt"
"$program" parallel >>"$out/threads.txt"
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
function rest(from,   i, text) {
	text = $from
	for (i = from + 1; i <= NF; i++)
		text = text " " $i
	return text
}

FILENAME ~ /instructions/ { instructions[$1] = $2; next }

FNR == 1 && FILENAME ~ /native/ {
	printf "%-44s %12s %6s %7s %8s %8s %7s\n", "workload", \
		"instructions", "goal", "ns", "x limit", "flushes", "tables"
}
FILENAME ~ /native/ {
	per = instructions[$1] / $2
	missed = ""
	if (!($1 in instructions) || per == 0)
		missed = missed "  not measured"
	if ($3 && per > $3)
		missed = missed "  over the goal"
	if ($6 != $7)
		missed = missed "  flushes: not " $7
	if (missed != "")
		failed++
	printf "%-44s %12s %6s %7s %8.1f %8d %7d%s\n", rest(9), \
		sprintf(per < 100 ? "%.2f" : "%.0f", per), $3 ? $3 : "-", \
		sprintf($4 < 100 ? "%.2f" : "%.0f", $4), $4 / $5, $6, $8, missed
}

FNR == 1 && FILENAME ~ /threads/ {
	printf "\n%-44s %12s %8s %8s %6s %8s\n", "1 GiB by four threads on " \
		cpus (cpus == 1 ? " CPU" : " CPUs"), "calls", "one: ns", "four: ns", "goal", "four/one"
}
FILENAME ~ /threads/ {
	ratio = $4 / $3
	missed = ""
	if ($1 == "alone")
		alone = ratio
	if ($5 && ratio > $5) {
		missed = "  over the goal"
		if (alone > $5 - 0.05) {
			missed = missed ", but four had no two CPUs to themselves"
			unsure++
		} else
			failed++
	}
	printf "%-44s %12d %8.2f %8.2f %6s %8.2f%s\n", rest(6), $2, \
		$3 / $2, $4 / $2, $5 ? $5 : "-", ratio, missed
}
END {
	print "\ninstructions, goal (the most), ns: per page or block; x limit:" \
		" how many times the ns of an\narray without a walker;" \
		" flushes, tables: of the whole run. Four threads: ns of wall" \
		" time\nper call; the goal is the most for four/one."
	if (failed)
		printf "%d missed a goal\n", failed
	else if (!unsure)
		print "All goals were reached"
	else
		printf "No goal was missed, but %d could not be measured\n", unsure
	exit failed > 0
}' cpus="$(nproc)" "$out/instructions.txt" "$out/native.txt" "$out/threads.txt"

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Line and branch coverage of the page-table engine and of core's memory files
# by the unit tests: a table by file, then the two totals and their goals. The
# exit status is 0 when both are reached and no test failed.
#
#   MAKE=make BUILD=build coverage.sh [REPORT]
#
# REPORT: judge what llvm-cov printed into this file earlier, and run nothing.
#
# Clang counts an inlined function where it is written, so the copies that the
# engine has for each format are one. Nothing is left out of these files; headers
# without code have no row.

set -u
: "${MAKE:=make}" "${BUILD:=build}" "${THIRD:=$BUILD/third-party}"
line_goal=95
branch_goal=90

dir=$BUILD/coverage
flags='-fprofile-instr-generate -fcoverage-mapping -fprofile-update=atomic'

# What is measured, those that are there.
covered()
{
	for file in pgtable/*.[ch] core/page_alloc.[ch] core/hyp_alloc.c \
		core/memcache.[ch] core/backing*.[ch] core/memslot.[ch] \
		core/fault.[ch] core/notifier.[ch] core/vmid.[ch] \
		core/dirty_log.[ch] core/vm.[ch]; do
		case $file in
		*_test.c) ;;
		*) [ ! -f "$file" ] || echo "$file" ;;
		esac
	done
}

# The unit tests that are linked with one of them, as programs.
programs()
{
	covered | grep '\.c$' >"$dir/sources"
	$MAKE -s BUILD="$dir" THIRD="$THIRD" unit-list | while read -r program; do
		source=${program#"$dir/tests/"}.c
		sed -n '1,20s|^// *link:||p' "$source" | tr -s ' \t' '\n\n' |
			grep -q -x -F -f "$dir/sources" && echo "$program"
	done
}

run_tests()
{
	for program in $1; do
		name=$(echo "${program#"$dir/tests/"}" | tr / -)
		LLVM_PROFILE_FILE="$dir/profiles/$name.profraw" \
			timeout -k 5 300 "$program" >"$dir/$name.log" 2>&1 </dev/null ||
			echo "coverage: $program ended with status $?; see $dir/$name.log"
	done
}

measure()
{
	mkdir -p "$dir/profiles"
	rm -f "$dir"/profiles/*
	programs=$(programs)
	# shellcheck disable=SC2086
	if ! $MAKE -s COMPILER=clang BUILD="$dir" THIRD="$THIRD" \
		SANITIZE="$flags" SANITIZE_THREAD="$flags" $programs \
		>"$dir/build.log" 2>&1; then
		tail -n 30 "$dir/build.log"
		echo "coverage: the tests do not build; see $dir/build.log"
		exit 1
	fi
	failed=$(run_tests "$programs")
	llvm-profdata-14 merge -sparse -o "$dir/profile" "$dir"/profiles/*.profraw ||
		exit 1
	set --
	for program in $programs; do
		[ $# -eq 0 ] || set -- "$@" -object
		set -- "$@" "$program"
	done
	# shellcheck disable=SC2046
	llvm-cov-14 report -instr-profile="$dir/profile" "$@" $(covered) \
		>"$dir/report.txt" 2>"$dir/report.log" || {
		cat "$dir/report.log"
		exit 1
	}
	# shellcheck disable=SC2046
	llvm-cov-14 show -instr-profile="$dir/profile" -show-branches=count \
		-show-instantiations=false "$@" $(covered) >"$dir/lines.txt" 2>/dev/null
}

# Columns of llvm-cov: file, then total, missed and percent of regions,
# functions, lines and branches.
judge()
{
	awk -v lines="$line_goal" -v branches="$branch_goal" '
	function percent(total, missed)
	{
		return total ? sprintf("%.1f", 100 * (total - missed) / total) : "-"
	}
	function total(what, of, missed, goal)
	{
		printf "%s: %d of %d, %s %% (goal %d %%)\n", what, of - missed,
			of, percent(of, missed), goal
		return of && 100 * (of - missed) >= goal * of
	}
	NF == 13 && $1 ~ /\.[ch]$/ && $8 {
		if (!header++)
			printf "%-28s %6s %7s %8s %7s\n", "file", "lines",
				"%", "branches", "%"
		printf "%-28s %6d %7s %8d %7s\n", $1, $8, percent($8, $9), $11,
			percent($11, $12)
		l += $8; lm += $9; b += $11; bm += $12
	}
	END {
		ok = total("lines", l, lm, lines)
		ok = total("branches", b, bm, branches) && ok
		exit !ok
	}' "$1"
}

failed=
if [ $# -gt 0 ]; then
	judge "$1"
	exit
fi
measure
judge "$dir/report.txt" || status=1
echo "Every line, with how often it ran: $dir/lines.txt"
[ -z "$failed" ] || {
	printf '%s\n' "$failed"
	status=1
}
exit "${status:-0}"

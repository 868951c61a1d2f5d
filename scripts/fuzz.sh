#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run fuzz targets (libFuzzer).
#
#   fuzz.sh fuzz SECONDS PROGRAM...   fuzz, SECONDS in all
#   fuzz.sh corpus PROGRAM...         run each over its corpus, once
#   fuzz.sh merge PROGRAM...          put what was found into the corpus, minimised
#
# The corpus of BUILD/tests/tests/fuzz/foo_fuzz is tests/fuzz/corpus/foo. What
# fuzzing finds goes to BUILD/fuzz/foo/corpus, an input that crashes, or runs for
# long, to BUILD/fuzz/foo, and a message says how to run it again. TESTS selects
# targets by name. The exit status is 1 when one failed.

set -u
: "${BUILD:=build}" "${TESTS:=}" "${CORPUS:=tests/fuzz/corpus}"
export ASAN_OPTIONS=handle_segv=2:handle_abort=2:detect_leaks=1 \
	UBSAN_OPTIONS=print_stacktrace=1

usage()
{
	echo "fuzz: SECONDS=$1: must be a number from 1 to 1000000" >&2
	exit 2
}

# The name of a target, from its program.
name_of()
{
	name=${1##*/}
	printf '%s' "${name%_fuzz}"
}

# libFuzzer's options that the head of a target's source asks for.
options_of()
{
	source=${1#"$BUILD/tests/"}.c
	[ ! -f "$source" ] || sed -n '1,20s|^// *fuzz: *||p' "$source"
}

selected()
{
	printf '%s\n' "$1" | grep -E -q -- "$TESTS"
}

# Show how a target failed, from its log.
report_failure()
{
	echo "------- $dir/log, from what it found on:"
	awk '/ERROR|not true|runtime error|Assertion|panic|ABORT|ALARM/ { found = 1 }
		found && n++ < 25 { print "    " $0 }' "$dir/log"
	echo "-------"
	input=$(sed -n 's/.*Test unit written to //p' "$dir/log" | tail -n 1)
	echo "fuzz: $name failed${input:+; the input is $input}"
	echo "fuzz: to run it again: $1 ${input:-$CORPUS/$name}"
}

fuzz_one()
{
	corpus=$dir/corpus
	mkdir -p "$corpus"
	given=
	[ ! -d "$CORPUS/$name" ] || given=$CORPUS/$name
	# shellcheck disable=SC2046,SC2086
	if nice "$1" $(options_of "$1") -max_total_time="$share" -timeout=60 \
		-rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$dir/" "$corpus" $given >"$dir/log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log")
		points=$(grep -o 'cov: [0-9]*' "$dir/log" | tail -n 1 | cut -d' ' -f2)
		echo "ok      $name: ${runs:-0} inputs, ${points:-0} points of the code"
	else
		report_failure "$1"
		return 1
	fi
}

corpus_one()
{
	if [ -z "$(ls "$CORPUS/$name" 2>/dev/null)" ]; then
		echo "not ok $name: no corpus in $CORPUS/$name"
		return 1
	fi
	# shellcheck disable=SC2046
	if timeout -k 5 300 "$1" $(options_of "$1") -timeout=60 -runs=0 \
		-artifact_prefix="$dir/" "$CORPUS/$name" >"$dir/log" 2>&1; then
		echo "ok $name"
	else
		report_failure "$1"
		echo "not ok $name: see $dir/log"
		return 1
	fi
}

merge_one()
{
	rm -rf "$dir/merged"
	mkdir -p "$dir/merged" "$dir/corpus" "$CORPUS/$name"
	# shellcheck disable=SC2046
	if "$1" $(options_of "$1") -set_cover_merge=1 -use_counters=0 -artifact_prefix="$dir/" "$dir/merged" \
		"$CORPUS/$name" "$dir/corpus" >"$dir/log" 2>&1; then
		rm -rf "${CORPUS:?}/$name"
		mv "$dir/merged" "$CORPUS/$name"
		echo "ok      $name: $(ls "$CORPUS/$name" | wc -l) files," \
			"$(cat "$CORPUS/$name"/* | wc -c) bytes"
	else
		report_failure "$1"
		return 1
	fi
}

mode=$1
shift
share=0
if [ "$mode" = fuzz ]; then
	case $1 in
	'' | *[!0-9]* | ????????*) usage "$1" ;;
	esac
	[ "$1" -ge 1 ] || usage "$1"
	seconds=$1
	shift
fi

chosen=
count=0
for program; do
	if selected "$(name_of "$program")"; then
		chosen="$chosen $program"
		count=$((count + 1))
	fi
done
# The runner of all tests may ask for something else; a person has mistyped.
if [ "$count" -eq 0 ]; then
	[ "$mode" = corpus ] && exit 0
	echo "fuzz: no target is called \"$TESTS\"" >&2
	exit 1
fi
if [ "$mode" = fuzz ]; then
	share=$((seconds / count))
	[ "$share" -ge 1 ] || share=1
	echo "fuzz: $count targets, $share s each"
fi

failed=0
for program in $chosen; do
	name=$(name_of "$program")
	dir=$BUILD/fuzz/$name
	mkdir -p "$dir"
	"${mode}_one" "$program" || failed=$((failed + 1))
done
[ "$mode" = corpus ] || echo "fuzz: $((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]

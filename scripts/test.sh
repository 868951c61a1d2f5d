#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run tests, and say what came of them.
#
#   MAKE=make BUILD=build TESTS=pattern test.sh SUITE...
#
# The suites: `unit`, the programs of scripts/unit.mk; `check`, of the tree
# itself (scripts/check.sh); `fuzz`, each fuzz target over its corpus; `build`,
# `tools`, `cli` and `boot`, the scripts tests/SUITE/run.sh. Every one of them prints a line `ok NAME`,
# `not ok NAME: why` or `skip NAME: why` for each test.
#
# What is missing is a failure: a suite that does not build, a program that
# crashes, hangs, stops early or prints no test at all. The last line is
# `N passed, N failed`; the exit status is 0 when none failed.
#
# TESTS selects by name: an extended regular expression that is searched for in
# SUITE/NAME (of unit tests, in unit/PROGRAM). Scripts get it in the environment
# and choose themselves, by `grep -E`, without the suite in front.
# Logs go to $BUILD/test-logs/.

set -u
: "${MAKE:=make}" "${BUILD:=build}" "${TESTS:=}"
export BUILD TESTS

logs=$BUILD/test-logs
results=$logs/results.txt
unit_timeout=${unit_timeout:-120}
suite_timeout=1500

# Count one result and show it, unless it is a pass of a unit test: there are
# very many of those. $1: ok, "not ok" or skip; $2: the name; $3: why.
record()
{
	printf '%s\t%s\t%s\n' "$1" "$2" "${3-}" >>"$results"
	case $1 in
	ok) [ -n "${quiet-}" ] || printf 'ok      %s\n' "$2" ;;
	skip) printf 'skip    %s: %s\n' "$2" "${3-}" ;;
	*) printf 'FAILED  %s: %s\n' "$2" "${3-}" ;;
	esac
}

count()
{
	grep -c "^$1	" "$results"
}

show_log()
{
	echo "------- $1, its last lines:"
	tail -n 40 "$1" | sed 's/^/    /'
	echo "-------"
}

selected()
{
	[ -z "$TESTS" ] || printf '%s\n' "$1" | grep -E -q -- "$TESTS"
}

# Why a program ended, from the exit status that the shell gives.
ending()
{
	case $1 in
	124 | 137) echo "did not end in $2 s" ;;
	*)
		if [ "$1" -gt 128 ]; then
			echo "ended by signal $(($1 - 128))"
		else
			echo "ended with status $1"
		fi
		;;
	esac
}

# Read the results of one cmocka program (TAP on its output) from log $1, as
# lines `ok NAME` and so on, and a line `plan N`.
read_tap()
{
	sed -n -e 's/^1\.\.\([0-9][0-9]*\)$/plan \1/p' \
		-e 's/^not ok [0-9]* # SKIP \(.*\)$/skip \1/p' \
		-e 's/^ok [0-9]* # SKIP \(.*\)$/skip \1/p' \
		-e 's/^ok [0-9]* - \(.*\)$/ok \1/p' \
		-e 's/^not ok [0-9]* - \(.*\)$/not ok \1/p' "$1"
}

run_unit_program()
{
	program=$1
	name=unit/${program#"$BUILD/tests/"}
	log=$logs/$name.log
	mkdir -p "${log%/*}"

	if [ -n "$broken" ] && ! $MAKE -q "$program" >/dev/null 2>&1; then
		record "not ok" "$name" "does not build"
		return
	fi
	CMOCKA_MESSAGE_OUTPUT=TAP \
		ASAN_OPTIONS=handle_segv=2:handle_abort=2:detect_leaks=1 \
		UBSAN_OPTIONS=print_stacktrace=1 \
		TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 \
		timeout -k 5 "$unit_timeout" "$program" >"$log" 2>&1 </dev/null
	status=$?

	before=$(count "not ok")
	planned=0
	done=0
	read_tap "$log" >"$log.tap"
	while read -r word rest; do
		case $word in
		plan)
			planned=$((planned + rest))
			continue
			;;
		ok) record ok "$name/$rest" ;;
		not) record "not ok" "$name/${rest#ok }" "see $log" ;;
		skip) record skip "$name/$rest" "the program skips it" ;;
		esac
		done=$((done + 1))
	done <"$log.tap"
	rm -f "$log.tap"

	# A failed case gives a status of its own; anything else is one more.
	failed=$(($(count "not ok") - before))
	if [ "$status" -ne 0 ] && [ "$failed" -ne "$status" ]; then
		record "not ok" "$name" "$(ending "$status" "$unit_timeout")"
	elif [ "$planned" -eq 0 ]; then
		record "not ok" "$name" "printed no test"
	elif [ "$done" -lt "$planned" ]; then
		record "not ok" "$name" "ran $done of $planned tests"
	fi
	if [ "$(count "not ok")" -gt "$before" ]; then
		show_log "$log"
	else
		printf 'ok      %s (%d)\n' "$name" "$done"
	fi
}

suite_unit()
{
	programs=$($MAKE -s unit-list) || programs=
	chosen=
	for program in $programs; do
		if selected "unit/${program#"$BUILD/tests/"}"; then
			chosen="$chosen $program"
		fi
	done
	[ -n "$chosen" ] || return 0

	broken=
	# shellcheck disable=SC2086
	$MAKE -s -k $chosen >"$logs/unit-build.log" 2>&1 || broken=1
	grep -v '^  ' "$logs/unit-build.log"
	quiet=1
	for program in $chosen; do
		run_unit_program "$program"
	done
	quiet=
}

# Run a script that prints `ok NAME` lines; what it prints streams by.
# $1: the suite; the rest: the command.
run_script()
{
	suite=$1
	shift
	log=$logs/$suite.log
	before=$(wc -l <"$results")
	{
		TESTS=${TESTS#"$suite/"} timeout -k 20 "$suite_timeout" "$@" \
			2>&1 </dev/null
		echo "status: $?"
	} | tee "$log" | while IFS= read -r line; do
		case $line in
		"ok "*) record ok "$suite/${line#ok }" ;;
		"not ok "*)
			line=${line#not ok }
			case $line in
			*:*) record "not ok" "$suite/${line%%:*}" "${line#*: }" ;;
			*) record "not ok" "$suite/$line" "see $log" ;;
			esac
			# Some keep a log of each test.
			[ ! -f "$logs/$suite/${line%%:*}.log" ] ||
				show_log "$logs/$suite/${line%%:*}.log"
			;;
		"skip "*)
			line=${line#skip }
			record skip "$suite/${line%%:*}" "${line#*: }"
			;;
		"status: "*) ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
	status=$(sed -n 's/^status: //p' "$log" | tail -n 1)
	ran=$(($(wc -l <"$results") - before))
	failed=$(tail -n "+$((before + 1))" "$results" | grep -c '^not ok')
	if [ "${status:-1}" -ne 0 ] && [ "$failed" -eq 0 ]; then
		record "not ok" "$suite" \
			"its script $(ending "${status:-1}" "$suite_timeout")"
		show_log "$log"
	elif [ "$ran" -eq 0 ] && [ -z "$TESTS" ]; then
		record "not ok" "$suite" "printed no test"
	fi
}

# Build the goals $2... for suite $1; a failure is a failed test.
build()
{
	log=$logs/$1-build.log
	suite=$1
	shift
	if ! $MAKE "$@" >"$log" 2>&1; then
		record "not ok" "$suite/build" "make $* fails"
		show_log "$log"
		return 1
	fi
}

# Can a test of suite $1 be meant by TESTS? If not, nothing is built for it.
meant()
{
	case $TESTS in
	check/* | build/* | unit/* | fuzz/* | tools/* | cli/* | boot/*) [ "${TESTS%%/*}" = "$1" ] ;;
	*) true ;;
	esac
}

suite_check()
{
	run_script check sh scripts/check.sh
}

suite_build()
{
	run_script build sh tests/build/run.sh
}

suite_fuzz()
{
	build fuzz fuzz-programs || return
	programs=$($MAKE -s fuzz-list)
	# shellcheck disable=SC2086
	run_script fuzz sh scripts/fuzz.sh corpus $programs
}

suite_tools()
{
	run_script tools sh tests/tools/run.sh
}

suite_cli()
{
	build cli all || return
	run_script cli sh tests/cli/run.sh
}

suite_boot()
{
	build boot all guests || return
	# From the network: without it, its tests are skipped.
	$MAKE -s guests-lpae >"$logs/boot-lpae.log" 2>&1 || :
	run_script boot sh tests/boot/run.sh
}

rm -rf "$logs"
mkdir -p "$logs"
: >"$results"
start=$(date +%s)

for suite; do
	if meant "$suite"; then
		"suite_$suite"
	fi
done

passed=$(count ok)
failed=$(count "not ok")
skipped=$(count skip)
if [ $((passed + failed)) -eq 0 ]; then
	record "not ok" "$*" "no test ran${TESTS:+: none is called \"$TESTS\"}"
	failed=1
fi
if [ "$failed" -gt 0 ]; then
	echo
	echo "Failed:"
	grep '^not ok' "$results" | cut -f 2- | sed 's/	/: /; s/^/    /'
fi
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "Took $(($(date +%s) - start)) s; logs are in $logs/"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

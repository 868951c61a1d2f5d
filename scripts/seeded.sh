#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Seeded bugs: each tests/seeded/NAME.patch puts a historic bug back, and its
# head names the unit tests that catch it, one `Test: DIR/foo_test` a line.
#
#   seeded.sh apply    does every patch apply? Prints what does not.
#   seeded.sh run      apply each to a copy of the tree, build its tests, run
#                      them: one at least must fail, by an assertion, a rule of
#                      arch/sim, a sanitizer, or because it hangs
#
# It must be found in ARMv7's tables too: the same tests, or those of `Lpae:` lines
# in its head, run with FORMAT=lpae, and one of them must fail. `Lpae: none, why`:
# there is nothing of it in ARMv7.
#
# The tests must pass without the patch too: that is seen first. TESTS selects
# patches by name, SEEDED_JOBS says how many run at once. A copy is made of hard
# links to one tree with everything built, BUILD/seeded/base, and what depends on
# a file that a patch changes is removed from the copy first: so only that is
# compiled. Logs are in BUILD/seeded/NAME.log.

set -u
: "${MAKE:=make}" "${BUILD:=build}" "${TESTS:=}" "${PATCHES:=tests/seeded}"
: "${THIRD:=$BUILD/third-party}"
jobs=${SEEDED_JOBS:-$(nproc)}
dir=$BUILD/seeded

export CMOCKA_MESSAGE_OUTPUT=TAP \
	ASAN_OPTIONS=handle_segv=2:handle_abort=2:detect_leaks=1 \
	TSAN_OPTIONS=halt_on_error=1
# One make for each copy: they share no jobs, and this one's flags are not theirs.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

patches()
{
	for patch in "$PATCHES"/*.patch; do
		name=${patch##*/}
		printf '%s\n' "${name%.patch}"
	done | grep -E -- "$TESTS"
}

# The tests that the head of patch $1 names.
tests_of()
{
	sed -n '/^---/q; s/^Test: *//p' "$PATCHES/$1.patch"
}

# The tests that catch it with FORMAT=lpae.
lpae_tests_of()
{
	given=$(sed -n '/^---/q; s/^Lpae: *//p' "$PATCHES/$1.patch")
	case $1:$given in
	v7-*) ;; # ARMv7's already
	*:) tests_of "$1" ;;
	*:none*) ;;
	*) printf '%s\n' "$given" ;;
	esac
}

# Apply patch $1 in directory $2, exactly as it stands; lines may have moved.
apply()
{
	patch -d "$2" -p1 -F0 -s -f --no-backup-if-mismatch -r - "${3:---verbose}" \
		<"$PATCHES/$1.patch"
}

check_apply()
{
	for name in $(patches); do
		apply "$name" . --dry-run >/dev/null 2>&1 ||
			echo "$PATCHES/$name.patch does not apply"
		[ -n "$(tests_of "$name")" ] ||
			echo "$PATCHES/$name.patch names no test"
		for test in $(tests_of "$name") $(lpae_tests_of "$name"); do
			[ -f "$test.c" ] ||
				echo "$PATCHES/$name.patch: there is no $test.c"
		done
	done
}

# Run test $2 in copy $1 for at most $3 seconds; its output goes to $4.
run_test()
{
	(cd "$1" && UBSAN_OPTIONS=print_stacktrace=1 \
		timeout -k 5 "$3" "build/tests/$2") >"$4" 2>&1 </dev/null
}

# What the first thing was that went wrong, from a log.
first_failure()
{
	tr -d '\000' <"$1" | sed -n -e 's/^not ok [0-9]* - //p' \
		-e 's/^SEED=[0-9]*: \(.*\)/\1/p' \
		-e 's/.*ERROR: \(AddressSanitizer: [^ ]*\).*/\1/p' \
		-e 's/.*WARNING: \(ThreadSanitizer: [^(]*\).*/\1/p' \
		-e 's/.*: \(Assertion .* failed\).*/\1/p' \
		-e 's/.*\(runtime error: .*\)/\1/p' | head -n 1
}

# The same, but it ends as soon as something went wrong: a test whose locks stay
# held after a failure goes on for ever. 0: it passes; 124: it hangs.
run_until_failure()
{
	(cd "$1" && exec timeout -k 5 "$3" "build/tests/$2") \
		>"$4" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		if [ -n "$(first_failure "$4")" ]; then
			sleep 0.5
			kill "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null
			return 1
		fi
	done
	wait "$pid"
}

# ---- Without a patch -------------------------------------------------------------

# The tree, with every test that is named built; what the user has built already
# is taken from there.
make_base()
{
	rm -rf "$dir"
	mkdir -p "$dir/base/build"
	tests=$(for name in $(patches); do
		tests_of "$name"
		lpae_tests_of "$name"
	done | sort -u)
	programs=$(for test in $tests; do echo "build/tests/$test"; done)
	find . \( -name .git -o -path ./build -o -path "./$BUILD" \) -prune -o \
		-type f -print | cpio -pdm --quiet "$dir/base" || exit 1
	ln -s "$(cd "$THIRD" && pwd)" "$dir/base/build/third-party"
	if [ "$BUILD" = build ] && [ -d build/tests ]; then
		cp -a build/tests "$dir/base/build/tests"
	fi
	# shellcheck disable=SC2086
	if ! $MAKE -C "$dir/base" -j"$jobs" BUILD=build $programs \
		>"$dir/base.log" 2>&1; then
		tail -n 20 "$dir/base.log"
		echo "seeded: the tests do not build as they are"
		exit 1
	fi
}

# Each must pass, and says how long it takes.
run_base()
{
	mkdir -p "$dir/time"
	for test in $tests; do
		file=$(printf '%s' "$test" | tr / -)
		begun=$(date +%s)
		if ! run_test "$dir/base" "$test" 300 "$dir/base-$file.log"; then
			tail -n 20 "$dir/base-$file.log"
			echo "seeded: $test fails as it is; see $dir/base-$file.log"
			exit 1
		fi
		echo $(($(date +%s) - begun)) >"$dir/time/$file"
	done
	for test in $(for name in $(patches); do lpae_tests_of "$name"; done |
		sort -u); do
		file=$(printf '%s' "$test" | tr / -)
		if ! FORMAT=lpae run_test "$dir/base" "$test" 300 \
			"$dir/base-$file-lpae.log"; then
			tail -n 20 "$dir/base-$file-lpae.log"
			echo "seeded: $test fails with FORMAT=lpae as it is"
			exit 1
		fi
	done
}

# ---- With a patch ------------------------------------------------------------------

# Remove from copy $1 what was built of the files that patch $2 changes.
remove_stale()
{
	sed -n 's|^+++ b/\([^	 ]*\).*|\1|p' "$PATCHES/$2.patch" |
		while read -r file; do
			grep -rlwF --include='*.d' -e "$file" "$1/build/tests"
		done | sort -u | while read -r deps; do
		rm -f "$deps" "${deps%.d}.o" "${deps%.d}.o.json"
	done
}

result()
{
	printf '%-7s %s: %s\n' "$1" "$name" "$2"
	echo "$1" >"$dir/$name.result"
}

# Those of the tests $@ that fail in $copy, and why: to `caught`.
run_tests()
{
	caught=
	for test; do
		file=$(printf '%s' "$test" | tr / -)${FORMAT:+-$FORMAT}
		limit=$((20 + 4 * $(cat "$dir/time/${file%-lpae}")))
		run_until_failure "$copy" "$test" "$limit" \
			"$dir/$name-$file.log"
		case $? in
		0) continue ;;
		124 | 137) why="hangs" ;;
		*) why=$(first_failure "$dir/$name-$file.log") ;;
		esac
		caught="${caught:+$caught; }$test (${why:-fails})"
	done
}

# Patch $name: make the copy, build, run.
try_patch()
{
	copy=$dir/$name
	log=$dir/$name.log
	: >"$log"
	cp -al "$dir/base" "$copy" || return
	if ! apply "$name" "$copy" >>"$log" 2>&1; then
		result BROKEN "does not apply; see $log"
		return
	fi
	remove_stale "$copy" "$name"
	programs=$(for test in $( (tests_of "$name"; lpae_tests_of "$name") |
		sort -u); do
		rm -f "$copy/build/tests/$test"
		echo "build/tests/$test"
	done)
	# shellcheck disable=SC2086
	if ! nice $MAKE -C "$copy" -j1 BUILD=build $programs >>"$log" 2>&1; then
		result BROKEN "does not build; see $log"
		return
	fi
	# shellcheck disable=SC2046
	run_tests $(tests_of "$name")
	if [ -z "$caught" ]; then
		result MISSED "$(tests_of "$name" | tr '\n' ' ')pass"
		return
	fi
	also=$caught
	lpae=$(lpae_tests_of "$name")
	if [ -n "$lpae" ]; then
		export FORMAT=lpae
		# shellcheck disable=SC2086
		run_tests $lpae
		unset FORMAT
		if [ -z "$caught" ]; then
			result MISSED "with ARMv7's tables: $(echo "$lpae" | tr '\n' ' ')pass"
			return
		fi
		also="$also; ARMv7: $caught"
	fi
	caught=$also
	result caught "$caught"
	rm -rf "$copy"
}

worker()
{
	n=0
	for name in $names; do
		if [ $((n % jobs)) -eq "$1" ]; then
			try_patch
		fi
		n=$((n + 1))
	done
}

run()
{
	names=$(patches)
	[ -n "$names" ] || {
		echo "seeded: no patch is called \"$TESTS\""
		exit 1
	}
	begun=$(date +%s)
	echo "seeded: builds and runs the tests as they are first; then each bug:"
	make_base
	run_base
	i=0
	while [ "$i" -lt "$jobs" ]; do
		worker "$i" &
		i=$((i + 1))
	done
	wait
	total=$(printf '%s\n' "$names" | wc -l)
	caught=$(cat "$dir"/*.result 2>/dev/null | grep -a -c '^caught$')
	echo "Took $(($(date +%s) - begun)) s"
	echo "$total seeded bugs, $caught caught"
	[ "$caught" -eq "$total" ]
}

case ${1-} in
apply) check_apply ;;
run) run ;;
*)
	echo "usage: seeded.sh apply|run" >&2
	exit 2
	;;
esac

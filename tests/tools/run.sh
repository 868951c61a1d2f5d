#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The proving tools themselves: that `make fuzz`, `make soak`, `make coverage`
# and `make test-seeded` say so when something is wrong, and how to see it
# again. What they run is played by small scripts where that is enough.

set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build}" "${TESTS:=}" "${MAKE:=make}"
root=$PWD
work=$root/$BUILD/tools-test
third=$root/$BUILD/third-party
rm -rf "$work"
mkdir -p "$work"

# $1: the name of the test. Is it asked for?
wanted()
{
	printf '%s\n' "$1" | grep -E -q -- "$TESTS"
}

# test NAME STATUS PATTERN COMMAND...: the command ends with STATUS, and prints
# a line that has PATTERN.
expect()
{
	name=$1
	status=$2
	pattern=$3
	shift 3
	wanted "$name" || return 0
	"$@" >"$work/$name.log" 2>&1 </dev/null
	got=$?
	if [ "$got" -ne "$status" ]; then
		tail -n 20 "$work/$name.log"
		echo "not ok $name: status $got, not $status"
	elif ! grep -q -e "$pattern" "$work/$name.log"; then
		tail -n 20 "$work/$name.log"
		echo "not ok $name: prints nothing with \"$pattern\" in it"
	else
		echo "ok $name"
	fi
}

# A program that prints its standard input and ends with status $2.
program()
{
	mkdir -p "$(dirname "$work/$1")"
	{
		echo "#!/bin/sh"
		echo "cat <<'END'"
		cat
		echo "END"
		echo "exit $2"
	} >"$work/$1"
	chmod +x "$work/$1"
}

# ---- Fuzzing -------------------------------------------------------------------

program bad_fuzz 77 <<'E2'
==1==ERROR: AddressSanitizer: heap-buffer-overflow
artifact_prefix='x/'; Test unit written to x/crash-1234
E2
program good_fuzz 0 <<'E2'
#2 DONE cov: 12 ft: 13
stat::number_of_executed_units: 34
E2
mkdir -p "$work/corpus/good" "$work/corpus/bad"
touch "$work/corpus/good/a" "$work/corpus/bad/a"

fuzz()
{
	BUILD=$work/build CORPUS=$work/corpus TESTS= sh scripts/fuzz.sh "$@"
}

expect fuzz-reports-what-it-ran 0 '^ok      good: 34 inputs, 12 points' \
	fuzz fuzz 2 "$work/good_fuzz"
expect fuzz-says-how-to-replay 1 'run it again: .*/bad_fuzz x/crash-1234$' \
	fuzz fuzz 2 "$work/good_fuzz" "$work/bad_fuzz"
expect fuzz-corpus-passes 0 '^ok good$' fuzz corpus "$work/good_fuzz"
expect fuzz-corpus-fails 1 '^not ok bad: see ' \
	fuzz corpus "$work/good_fuzz" "$work/bad_fuzz"
rm "$work/corpus/good/a"
expect fuzz-corpus-missing 1 '^not ok good: no corpus' \
	fuzz corpus "$work/good_fuzz"
expect fuzz-refuses-seconds 2 'SECONDS=soon: must be' \
	fuzz fuzz soon "$work/good_fuzz"
expect fuzz-runs-every-target 0 '^fuzz: [4-9] passed, 0 failed$' \
	$MAKE -s fuzz SECONDS=4 TESTS=

# ---- Soaking -------------------------------------------------------------------

program ten_test 1 <<'E2'
# SEED=1010
# SEED=1011
[  ERROR   ] --- 1 != 2
[  FAILED  ] a
# SEED=1012
E2
program said_test 1 <<'E2'
# SEED=20
SEED=20: it does not hold
# SEED=21
E2
program sound_test 0 <<'E2'
# SEED=1999998
# SEED=1999999
# SEED=2000000
# SEED=7
E2

soak()
{
	BUILD=$work/build TESTS= sh scripts/soak.sh "$@"
}

expect soak-prints-the-seeds 0 'SEED 1999998 to 2000000$' \
	soak 1 "$work/sound_test"
expect soak-finds-the-seed-of-an-assertion 1 \
	'see it again: SEED=1011 .*/ten_test$' soak 1 "$work/ten_test"
expect soak-takes-the-seed-that-the-test-says 1 \
	'see it again: SEED=20 .*/said_test$' soak 1 "$work/said_test"
expect soak-goes-on-after-a-failure 1 '^soak: 1 passed, 1 failed$' \
	soak 2 "$work/said_test" "$work/sound_test"
expect soak-refuses-seconds 2 'SECONDS=0: must be' soak 0 "$work/sound_test"
for seconds in -3 0 1000001 1s; do
	expect "soak-refuses-$seconds-before-it-builds" 2 \
		"SECONDS=$seconds: must be" $MAKE -n soak "SECONDS=$seconds"
done
expect soak-runs-a-property-test 0 '^soak: 1 passed, 0 failed$' \
	$MAKE -s soak SECONDS=1 TESTS=pgtable/random_test

# ---- Coverage ------------------------------------------------------------------

# report LINES MISSED BRANCHES MISSED
report()
{
	printf 'a/b.c 9 1 88.89%% 3 0 100.00%% %d %d 9%% %d %d 9%%\n' "$@" \
		>"$work/report"
	BUILD=$work/build sh scripts/coverage.sh "$work/report"
}

expect coverage-reaches-its-goals 0 'lines: 95 of 100, 95.0 %' \
	report 100 5 100 10
expect coverage-misses-lines 1 'lines: 94 of 100, 94.0 % (goal 95 %)' \
	report 100 6 100 10
expect coverage-misses-branches 1 'branches: 89 of 100, 89.0 % (goal 90 %)' \
	report 100 5 100 11
: >"$work/empty"
expect coverage-of-nothing-fails 1 'lines: 0 of 0' \
	env BUILD="$work/build" sh scripts/coverage.sh "$work/empty"

# ---- Seeded bugs -----------------------------------------------------------------

# patch NAME OLD NEW: a patch of the first line of core/memcache.c with OLD in it.
patch()
{
	mkdir -p "$work/patches" "$work/a/core" "$work/b/core"
	cp core/memcache.c "$work/a/core/"
	sed "s|$2|$3|" core/memcache.c >"$work/b/core/memcache.c"
	{
		printf 'Bug: 0\n\nTest: core/memcache_test\n---\n'
		(cd "$work" && diff -u a/core/memcache.c b/core/memcache.c)
	} >"$work/patches/$1.patch"
}

patch caught 'mc->head = NULL;' ''
patch missed '// SPDX-License' '//  SPDX-License'
patch unbuilt 'mc->count = 0;' 'mc->count = nothing;'
sed 's/^ /  /' "$work/patches/caught.patch" >"$work/patches/stale.patch"

seeded()
{
	SEEDED_JOBS=2 PATCHES=$work/patches BUILD=$work/build TESTS=$1 \
		THIRD=$third sh scripts/seeded.sh "$2"
}

expect seeded-bug-is-caught 0 '^1 seeded bugs, 1 caught$' seeded caught run
expect seeded-bug-is-missed 1 '^MISSED  missed: core/memcache_test pass$' \
	seeded missed run
expect seeded-patch-is-stale 1 '^BROKEN  stale: does not apply' seeded stale run
expect seeded-patch-does-not-build 1 '^BROKEN  unbuilt: does not build' \
	seeded unbuilt run
expect seeded-patch-is-stale-in-check 0 'stale.patch does not apply$' \
	seeded stale apply
# What it builds first takes more than a minute.
printf '#!/bin/sh\nexec sleep 60\n' >"$work/slow-make"
chmod +x "$work/slow-make"
expect seeded-says-at-once-what-it-does 124 '^seeded: builds and runs the tests as they are first' \
	env BUILD="$work/build" PATCHES="$work/patches" TESTS=caught THIRD="$third" \
	MAKE="$work/slow-make" timeout -k 1 10 sh scripts/seeded.sh run
expect seeded-no-such-patch 1 'no patch is called "nothing"' seeded nothing run

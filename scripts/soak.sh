#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Run property tests for long, one after the other, with ever new seeds.
#
#   BUILD=build TESTS=pattern soak.sh SECONDS PROGRAM...
#
# Each has an equal share of SECONDS (whole seconds, 1 at least) in
# SOAK_SECONDS. A program with seeds prints `# SEED=n` before each run, and on a
# failure `SEED=n: why`; SEED=n in the environment replays it. A program that
# ends before its time, one of threads that has no seeds, is started again.
#
# TESTS selects programs by name. The exit status is 1 when one failed, with the
# command that replays it.

set -u
: "${BUILD:=build}" "${TESTS:=}"
grace=${SOAK_GRACE:-120}

usage()
{
	echo "soak: SECONDS=$1: must be a number from 1 to 1000000" >&2
	exit 2
}

case $1 in
'' | *[!0-9]* | ????????*) usage "$1" ;;
esac
seconds=$1
shift
[ "$seconds" -ge 1 ] || usage "$seconds"

logs=$BUILD/soak
mkdir -p "$logs"
export ASAN_OPTIONS=handle_segv=2:handle_abort=2:detect_leaks=1 \
	UBSAN_OPTIONS=print_stacktrace=1 \
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# Which seeds the log says, one range for each run of them that counts up.
seeds()
{
	sed -n 's/^# SEED=\([0-9]*\)$/\1/p' "$1" | awk '
	function show() { print first == last ? first : first " to " last }
	NR == 1 { first = last = $1; next }
	$1 == last { next }
	$1 == last + 1 { last = $1; next }
	{
		show()
		first = last = $1
	}
	END { if (NR) show() }'
}

# The seed of the first failure in log $1: said by the test, or that of the run
# in which something was wrong, or the last begun.
failing_seed()
{
	seed=$(grep -o 'SEED=[0-9]*: ' "$1" | head -n 1 | grep -o '[0-9]*')
	[ -n "$seed" ] || seed=$(awk -F= '
		/^# SEED=/ { seed = $2 }
		/ERROR|FAILED|WARNING|runtime error/ { exit }
		END { print seed }' "$1")
	printf '%s' "$seed"
}

report_failure()
{
	echo "------- $log, its last lines:"
	tail -n 30 "$log" | sed 's/^/    /'
	echo "-------"
	case $1 in
	124 | 137) echo "soak: $program did not end in $((share + grace)) s" ;;
	*) echo "soak: $program ended with status $1" ;;
	esac
	seed=$(failing_seed "$log")
	echo "soak: to see it again: ${seed:+SEED=$seed }$program"
}

# Run $program for $share seconds.
soak()
{
	log=$logs/$(printf '%s' "${program#"$BUILD/tests/"}" | tr / -).log
	end=$(($(date +%s) + share))
	: >"$log"
	runs=0
	while [ "$runs" -eq 0 ] || [ "$(date +%s)" -lt "$end" ]; do
		left=$((end - $(date +%s)))
		SOAK_SECONDS=$((left > 0 ? left : 0)) timeout --foreground \
			-k 5 $((share + grace)) "$program" >>"$log" 2>&1 </dev/null
		status=$?
		runs=$((runs + 1))
		if [ "$status" -ne 0 ]; then
			report_failure "$status"
			return 1
		fi
	done
	echo "ok      $program: started $runs times," \
		"$(grep -c '^# SEED=' "$log") seeds in all"
	seeds "$log" | sed 's/^/            SEED /'
}

chosen=
count=0
for program; do
	if printf '%s\n' "$program" | grep -E -q -- "$TESTS"; then
		chosen="$chosen $program"
		count=$((count + 1))
	fi
done
if [ "$count" -eq 0 ]; then
	echo "soak: no property test${TESTS:+ is called \"$TESTS\"}" >&2
	exit 1
fi
share=$((seconds / count))
[ "$share" -ge 1 ] || share=1

echo "soak: $count property tests, $share s each"
failed=0
for program in $chosen; do
	soak || failed=$((failed + 1))
done
echo "soak: $((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]

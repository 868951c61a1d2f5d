#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Which steps of a run that fails does it take? Leave out as many as can be.
#
#   shrink.sh PROGRAM SEED [STEPS]
#
# PROGRAM is a property test whose steps go by property_step(); SEED is what it
# printed, STEPS how many there are (400). Prints the command that still fails.
#
# shellcheck disable=SC2086 # lists of numbers, to be split

set -u
program=${1:?usage: shrink.sh PROGRAM SEED [STEPS]}
seed=${2:?usage: shrink.sh PROGRAM SEED [STEPS]}
steps=${3:-400}

# Of the steps $kept, all others as ranges: what SKIP= takes.
others()
{
	printf '%s\n' $1 | awk -v n="$steps" '
		{ kept[$1] }
		END {
			for (i = 0; i < n; i = last + 1) {
				last = i
				if (i in kept)
					continue
				while (last + 1 < n && !(last + 1 in kept))
					last++
				printf "%s%d-%d", comma, i, last
				comma = ","
			}
		}'
}

# With the steps $1 alone, does it fail still?
fails()
{
	! SEED=$seed SKIP=$(others "$1") timeout 120 "$program" >/dev/null 2>&1
}

# Steps $1, without $3 of them from the $2nd on.
without()
{
	printf '%s\n' $1 | awk -v first="$2" -v n="$3" \
		'NR < first || NR >= first + n' | tr '\n' ' '
}

kept=$(seq 0 $((steps - 1)) | tr '\n' ' ')
fails "$kept" || {
	echo "shrink: $program does not fail with SEED=$seed" >&2
	exit 1
}
chunk=$((steps / 2))
while [ "$chunk" -ge 1 ]; do
	at=1
	while [ "$at" -le "$(printf '%s' "$kept" | wc -w)" ]; do
		try=$(without "$kept" "$at" "$chunk")
		if fails "$try"; then
			kept=$try
		else
			at=$((at + chunk))
		fi
	done
	chunk=$((chunk / 2))
done
echo "SEED=$seed SKIP=$(others "$kept") $program"

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Which steps of a run that fails does it take? Leave out as many as can be.
#
#   shrink.sh PROGRAM SEED [STEPS]
#
# PROGRAM is a property test whose steps go by property_step(); SEED is what it
# printed, STEPS how many there are (400). Prints the command that still fails.

set -u
program=${1:?usage: shrink.sh PROGRAM SEED [STEPS]}
seed=${2:?usage: shrink.sh PROGRAM SEED [STEPS]}
steps=${3:-400}

# Without the steps $1, does it fail still?
fails()
{
	! SEED=$seed SKIP=$1 timeout 120 "$program" >/dev/null 2>&1
}

fails "" || {
	echo "shrink: $program does not fail with SEED=$seed" >&2
	exit 1
}
skip=
chunk=$((steps / 2))
while [ "$chunk" -ge 1 ]; do
	first=0
	while [ "$first" -lt "$steps" ]; do
		try=${skip:+$skip,}$first-$((first + chunk - 1))
		if fails "$try"; then
			skip=$try
		fi
		first=$((first + chunk))
	done
	chunk=$((chunk / 2))
done
echo "SEED=$seed SKIP=$skip $program"

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Measure, and write what the benchmarks print into the document $1: between the
# lines `<!-- make GOAL -->` and `<!-- end -->` goes the output of `make GOAL`, for
# all of them, or for those in GOALS.

set -eu
: "${MAKE:=make}" "${BUILD:=build}"
document=$1
out=$BUILD/bench/docs
mkdir -p "$out"

$MAKE all guests >&2
cp "$document" "$out/document"
for goal in ${GOALS:-$(sed -n 's/^<!-- make \(.*\) -->$/\1/p' "$document")}; do
	echo "  BENCH   $goal" >&2
	# One that misses a goal says so in its output, and fails: no reason to
	# keep the figures back. What make itself says about building is left out.
	$MAKE -s "$goal" >"$out/$goal.all" || echo "  make $goal failed" >&2
	sed '/^  [A-Z]* *[^ ]*$/d' "$out/$goal.all" >"$out/$goal.txt"
	awk -v begin="<!-- make $goal -->" -v file="$out/$goal.txt" '
		$0 == begin {
			print
			print "```"
			while ((getline line < file) > 0)
				text = text line "\n"
			sub(/\n+$/, "\n", text)
			printf "%s", text
			print "```"
			inside = 1
		}
		$0 == "<!-- end -->" { inside = 0 }
		!inside' "$out/document" >"$out/document.new"
	mv "$out/document.new" "$out/document"
done
cat "$out/document" >"$document"

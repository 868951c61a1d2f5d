#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Measure, and write what the benchmarks print into the document $1: between the
# lines `<!-- make GOAL -->` and `<!-- end -->` goes the output of `make GOAL`, for
# all of them, or for those in GOALS. A GOAL may have a variable with it:
# `<!-- make bench-exits ARCH=arm -->`.

set -eu
: "${MAKE:=make}" "${BUILD:=build}"
document=$1
out=$BUILD/bench/docs
mkdir -p "$out"

for goal in ${GOALS:-}; do
	if ! grep -q -e "^<!-- make $goal -->$" -e "^<!-- make $goal .* -->$" "$document"; then
		echo "bench-docs.sh: $document has no figures of \`make $goal\`" >&2
		exit 1
	fi
done
$MAKE all guests >&2
cp "$document" "$out/document"
sed -n 's/^<!-- make \(.*\) -->$/\1/p' "$document" | while read -r goal variable; do
	case " ${GOALS:-$goal} " in
	*" $goal "*) ;;
	*) continue ;;
	esac
	mark="$goal${variable:+ $variable}"
	echo "  BENCH   $mark" >&2
	# One that misses a goal says so in its output, and fails: no reason to
	# keep the figures back. What make itself says about building is left out.
	$MAKE -s "$goal" ${variable:+"$variable"} </dev/null >"$out/$goal.all" || echo "  make $goal failed" >&2
	sed '/^  [A-Z]* *[^ ]*$/d' "$out/$goal.all" >"$out/$goal.txt"
	awk -v begin="<!-- make $mark -->" -v file="$out/$goal.txt" '
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

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Join the fragments that the compile rules left under $BUILD into the
# compilation database $1, for editors and clang tools. A source that is gone
# is left out; nothing is written when nothing changed.

set -eu
out=$1
tmp=$BUILD/.compile_commands

{
	echo '['
	find "$BUILD" -path "$BUILD/clang" -prune -o \
		-path "$BUILD/gcc" -prune -o -name '*.o.json' -type f -print | sort |
		while read -r fragment; do
			file=$(sed -n 's/.*"file": "\([^"]*\)".*/\1/p' "$fragment")
			[ -e "$file" ] && cat "$fragment"
		done | sed '$!s/$/,/'
	echo ']'
} >"$tmp"
cmp -s "$tmp" "$out" || cp "$tmp" "$out"

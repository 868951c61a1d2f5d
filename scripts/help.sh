#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Print the goals of the makefiles given: every `goal: ## what it does`.

echo "Usage: make [GOAL]... [VARIABLE=VALUE]..."
echo
echo "Goals:"
sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)$/\1\t\2/p' "$@" | sort -u |
	while IFS='	' read -r goal what; do
		printf '  %-19s %s\n' "$goal" "$what"
	done
cat <<'EOF'

Variables:
  TESTS=PATTERN    run only the tests whose name has PATTERN in it
  SECONDS=N        how long fuzz and soak run, in all
  COMPILER=clang   build with Clang in place of GCC
  BUILD=DIR        build in DIR in place of build/
  PREFIX=DIR       install below DIR in place of /usr/local
  DESTDIR=DIR      put what is installed below DIR, for a package
  LIB_CROSS=PREFIX build the library with PREFIXgcc; LIB_CFLAGS has its options
  ARCH=arm         run, bench-exits and bench-boot on 32-bit CPUs, ARCH=mips on
                   MIPS ones, in place of ARCH=arm64
  RUN="OPTION..."  options of `twofold run` for `make run`
  V=1              print every command
EOF

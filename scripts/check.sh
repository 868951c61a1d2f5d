#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Checks of the tree itself. Each prints `ok NAME` or `not ok NAME: why`, with
# what it found in front; TESTS (an extended regular expression) selects.

# Names of files in this tree have no spaces.
# shellcheck disable=SC2046,SC2086,SC2016

set -u
cd "$(dirname "$0")/.." || exit 1
: "${MAKE:=make}" "${BUILD:=build}" "${TESTS:=}"
text_limit_arm64=160000
text_limit_arm=200000
text_limit_mips=240000

files()
{
	find . \( -name .git -o -path ./build -o -path "./$BUILD" \) -prune -o \
		-type f \( "$@" \) -print | sed 's|^\./||' | sort
}

c_files()
{
	files -name '*.[chS]'
}

# Run check $1, a function that prints what is wrong; nothing is right.
check()
{
	name=$(printf %s "$1" | tr _ -)
	[ -z "$TESTS" ] || printf '%s\n' "$name" | grep -E -q -- "$TESTS" ||
		return 0
	found=$("$1" 2>&1)
	if [ -z "$found" ]; then
		echo "ok $name"
	else
		printf '%s\n' "$found" | head -n 40
		echo "not ok $name: $(printf '%s\n' "$found" | grep -c .) found"
	fi
}

# Files that include what their room may not. The boot flow ends in the monitor;
# the console takes interrupts and panics; a port supplies the machine of
# vmm/machine.h; `twofold check` asks the port what no CPU can do for a VM, and
# `twofold inspect` names the port's device.
exception()
{
	case $1 in
	arch/*/setup.c | arch/*/memory.c | arch/*/irq.c | arch/*/panic.c | arch/*/machine.c)
		echo "vmm" ;;
	cli/any_cpu.c) echo "arch/armcommon arch/mips" ;;
	cli/map.c) echo "arch/armcommon" ;;
	esac
}

# Who may include whom, as docs/architecture.md explains. A test may include
# whatever it tests.
may_include()
{
	case $1 in
	lib) echo "lib" ;;
	pgtable) echo "lib pgtable" ;;
	core) echo "lib pgtable core" ;;
	dev) echo "lib pgtable core dev" ;;
	drivers) echo "lib pgtable core drivers" ;;
	vmm) echo "lib pgtable core dev drivers vmm" ;;
	arch/armcommon) echo "lib pgtable core drivers arch/armcommon" ;;
	arch/*) echo "lib pgtable core dev drivers arch/armcommon $1" ;;
	cli) echo "lib pgtable core vmm cli" ;;
	tests/guests) echo "lib tests" ;;
	bench) echo "lib pgtable core tests bench" ;;
	*) echo "any" ;;
	esac
}

room()
{
	case $1 in
	arch/* | tests/*) echo "$1" | cut -d/ -f1,2 ;;
	*) echo "${1%%/*}" ;;
	esac
}

layers_are_kept()
{
	c_files | grep -v -e '_test\.c$' -e /testing/ | while read -r file; do
		allowed=" $(may_include "$(room "$file")") "
		[ "$allowed" != " any " ] || continue
		allowed="$allowed$(exception "$file") "
		sed -n 's/^ *# *include *"\([^"]*\)".*/\1/p' "$file" |
			while read -r header; do
				case $allowed in
				*" $(room "$header") "* | *" ${header%%/*} "*) ;;
				*) echo "$file includes $header" ;;
				esac
			done
	done
}

no_architecture_in_shared_rooms()
{
	grep -niwE 'gic|gic[a-z]|gicv[0-9]|psci' $(files -path './vmm/*.[ch]') \
		/dev/null
}

# What one architecture has, its own files have: arch/, and what a test's guest has
# in a folder of that name. The compiler's own names of architectures are in no other.
no_ifdef_on_an_architecture_outside_arch()
{
	arches='arm|arm64|mips'
	grep -niE '^[ 	]*#[ 	]*(if|ifdef|ifndef|elif)\>.*\<(_*(aarch64|arm|thumb|mips|x86_64|i386|amd64|riscv)(eb|el|_*)?\>|__(arm|aarch64|mips)_|CONFIG_(ARM|MIPS|X86))' \
		$(c_files | grep -vE "^(arch/|tests/guests/[^/]+/($arches)/)") \
		/dev/null
}

every_file_has_its_licence()
{
	files -name '*.[chS]' -o -name '*.lds' -o -name '*.ld' -o -name '*.mk' \
		-o -name '*.sh' -o -name '*.dts' -o -name '*.dtsi' \
		-o -name Makefile -o -path './.ci/*' | while read -r file; do
		head -n 4 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
			echo "$file"
	done
}

nothing_is_left_to_do()
{
	# The letters are split so that this file does not find itself.
	grep -nE "\\b(TO""DO|FIX""ME|XX""X|HA""CK)\\b" $(files -name '*.[chS]' \
		-o -name '*.mk' -o -name '*.sh' -o -name '*.dts' -o -name '*.md') \
		/dev/null
	grep -nE '^ *# *if 0\b' $(c_files) /dev/null
}

lines_are_clean()
{
	all=$(files -name '*.[chS]' -o -name '*.mk' -o -name '*.sh' -o -name '*.dts')
	grep -nE '[ 	]+$' $all /dev/null
	grep -n "$(printf '\r')" $all /dev/null
	# A message stays whole, so that it can be searched for.
	for file in $(c_files); do
		expand "$file" | awk -v file="$file" '
			length($0) > 100 && $0 !~ /"[^"]*"[,;)]*( \\)?$/ {
			print file ":" NR ": " length($0) " columns" }'
		[ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
	done
}

headers_are_guarded()
{
	for file in $(files -name '*.h'); do
		grep -q '^#ifndef [A-Z0-9_]*_H_*$' "$file" || echo "$file"
	done
}

scripts_are_shell()
{
	for file in $(files -name '*.sh' -o -path './.ci/*'); do
		case $(head -n 1 "$file") in
		*bash*) bash -n "$file" ;;
		*) sh -n "$file" ;;
		esac
	done
}

links_of_the_documents_lead_somewhere()
{
	for file in $(files -name '*.md'); do
		grep -oE '\]\([^)#: ]+[)#]' "$file" | sed 's/^](//; s/.$//' |
			while read -r link; do
				[ -e "$(dirname "$file")/$link" ] ||
					echo "$file: $link"
			done
	done
}

# The options of `twofold run`, in the program and in the README.
readme_has_the_options_of_the_command()
{
	sed -n 's/^	{ "\([a-z0-9-]*\)", .*/\1/p' cli/settings.c | grep -v -x help |
		sort >"$BUILD/.options"
	sed -n 's/^| `--\([a-z0-9-]*\)[ `].*/\1/p' README.md | sort |
		diff "$BUILD/.options" - |
		sed -n 's/^</only in cli\/settings.c:/p; s/^>/only in README.md:/p'
}

# Every bug that a comment refers to by number has its row.
bugs_that_are_named_are_listed()
{
	grep -hoE 'bugs\.md [0-9]+(, [0-9]+)*( and [0-9]+)?' $(c_files) |
		grep -oE '[0-9]+' | sort -un | while read -r n; do
		grep -q "^| $n |" docs/bugs.md || echo "docs/bugs.md: no row $n"
	done
}

# Files that the tables of requirements and of bugs name must be there.
rows_name_files_that_exist()
{
	table=docs/architecture.md
	for row in $(seq -f K%g 1 13) $(seq -f K%g 20 24) $(seq -f K%g 30 33) \
		$(seq -f K%g 40 46) $(seq -f B%g 1 7); do
		grep -q "^| $row |" "$table" || echo "$table: no row $row"
	done
	grep -hE '^\| [KB]?[0-9]+ \|' "$table" docs/bugs.md | grep -oE '`[^` ]*/[^` ]*`' |
		tr -d '`' | sort -u | while read -r file; do
		ls -d $file >/dev/null 2>&1 || echo "$table or docs/bugs.md: $file"
	done
}

# Patches that put bugs back, and the table that lists them.
seeded_bugs_apply_and_are_listed()
{
	sh scripts/seeded.sh apply
	for n in $(seq 1 38); do
		grep -q "^| $n |" tests/seeded/README.md ||
			echo "tests/seeded/README.md: no row $n"
	done
	for patch in tests/seeded/*.patch; do
		name=$(basename "$patch" .patch)
		grep -q "\`$name\`" tests/seeded/README.md ||
			echo "tests/seeded/README.md: no $name"
	done
	grep -o '`[0-9][0-9]-[a-z0-9-]*`' tests/seeded/README.md | tr -d '`' |
		while read -r name; do
			[ -f "tests/seeded/$name.patch" ] ||
				echo "tests/seeded/README.md: $name is not there"
		done
}

built_with()
{
	log=$BUILD/test-logs/$1.log
	mkdir -p "$BUILD/test-logs"
	$MAKE "check-$1" >"$log" 2>&1 || echo "make check-$1 fails; see $log"
	grep -E '(error|warning): ' "$log"
}

gcc_builds_all_without_a_warning()
{
	built_with gcc
}

clang_builds_all_without_a_warning()
{
	built_with clang
}

# text_is_under PORT LIMIT
text_is_under()
{
	sizes=$($MAKE -s image-size PORT="$1" 2>&1) || {
		printf '%s\n' "$sizes"
		return
	}
	text=$(printf '%s\n' "$sizes" | awk 'NR > 1 { text = $1 } END { print text }')
	[ "${text:-$2}" -lt "$2" ] ||
		echo "text of $1 is ${text:-unknown} bytes, the limit is $2"
}

hypervisor_text_is_under_160_kb()
{
	text_is_under arm64 $text_limit_arm64
}

text_of_arm_is_under_200_kb()
{
	text_is_under arm $text_limit_arm
}

text_of_mips_is_under_240_kb()
{
	text_is_under mips $text_limit_mips
}

check layers_are_kept
check no_architecture_in_shared_rooms
check no_ifdef_on_an_architecture_outside_arch
check every_file_has_its_licence
check nothing_is_left_to_do
check lines_are_clean
check headers_are_guarded
check scripts_are_shell
check links_of_the_documents_lead_somewhere
check readme_has_the_options_of_the_command
check bugs_that_are_named_are_listed
check rows_name_files_that_exist
check seeded_bugs_apply_and_are_listed
check gcc_builds_all_without_a_warning
check clang_builds_all_without_a_warning
check hypervisor_text_is_under_160_kb
check text_of_arm_is_under_200_kb
check text_of_mips_is_under_240_kb

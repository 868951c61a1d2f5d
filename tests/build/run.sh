#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the set-up and of the test runner: scripts/setup.sh finds and
# installs what is missing and nothing else, and scripts/test.sh counts as
# failed whatever did not pass. Nothing is installed: apt-get, sudo and id are
# stand-ins that write down how they were called.

set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
pattern=${TESTS-}
unset TESTS # the runner that is tested must not see it
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Run function $1 with a fresh directory to work in; what it prints is why it
# failed.
try()
{
	name=$(printf %s "$1" | tr _ -)
	[ -z "$pattern" ] || printf '%s\n' "$name" | grep -E -q -- "$pattern" ||
		return 0
	rm -rf "$work/t"
	mkdir -p "$work/t/bin" "$work/t/scripts"
	why=$(cd "$work/t" && "$1" 2>&1)
	if [ -z "$why" ]; then
		echo "ok $name"
	else
		printf '%s\n' "$why"
		echo "not ok $name: see above"
	fi
}

# expect TEXT FILE, refuse TEXT FILE: a line of FILE has, or none has, TEXT.
expect()
{
	grep -q -F -e "$1" "$2" || {
		echo "no \"$1\" in:"
		sed 's/^/    /' "$2"
	}
}

refuse()
{
	if grep -q -F -e "$1" "$2"; then
		echo "\"$1\" is in:"
		sed 's/^/    /' "$2"
	fi
}

# ---- Set-up ------------------------------------------------------------------

# A stand-in called $1 that notes its arguments and then does $2.
stand_in()
{
	printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$PWD" "$2" \
		>"bin/$1"
	chmod +x "bin/$1"
}

# A machine on which packages alpha (of group build), beta and gamma (of group
# test) are wanted; alpha's file is there. apt-get knows them once it was
# updated, and installs them by making their files.
machine()
{
	cp "$root/scripts/setup.sh" scripts/
	cat >scripts/packages.txt <<EOF
# A comment.
build alpha $PWD/alpha
test  beta  $PWD/beta*
test  gamma gamma-command
EOF
	: >alpha
	: >calls
	stand_in id 'echo 0'
	# shellcheck disable=SC2016
	stand_in sudo 'case $1 in -*) shift;; esac; "$@"'
	# shellcheck disable=SC2016
	stand_in apt-get '
case " $* " in
*" update "*) : >'"$PWD"'/updated ;;
*" -s "*) [ -e '"$PWD"'/updated ] ;;
*" install "*)
	: >'"$PWD"'/beta-1.2
	cp '"$PWD"'/bin/id '"$PWD"'/bin/gamma-command ;;
esac'
}

setup()
{
	PATH=$PWD/bin:$PATH sh scripts/setup.sh "$@" >out 2>&1 </dev/null
	echo "status $?" >>out
}

setup_with_everything_there_calls_nothing()
{
	machine
	setup missing build
	setup install build
	expect "status 0" out
	refuse "" calls
}

setup_finds_commands_files_and_patterns()
{
	machine
	setup missing test
	expect "beta gamma" out
	: >beta-1
	setup missing test
	refuse "beta" out
	expect "gamma" out
}

setup_names_what_is_missing_and_the_command()
{
	machine
	: >updated
	setup install test
	expect "    beta" out
	expect "running: apt-get install --no-install-recommends beta gamma" out
	expect "status 0" out
	refuse " update" calls
	expect "--no-install-recommends beta gamma" calls
}

setup_updates_lists_that_do_not_know_a_package()
{
	machine
	setup install test
	expect "running: apt-get update" out
	expect "status 0" out
	expect " update" calls
}

setup_says_what_to_do_without_sudo()
{
	machine
	stand_in id 'echo 1000'
	# No sudo anywhere: a PATH with nothing in it but what the script needs.
	rm bin/sudo
	for tool in dirname env grep sh; do
		ln -s "$(command -v $tool)" "bin/$tool"
	done
	PATH=$PWD/bin /bin/sh scripts/setup.sh install test >out 2>&1 </dev/null
	echo "status $?" >>out
	expect "there is no sudo" out
	expect "apt-get update && apt-get install --no-install-recommends beta gamma" \
		out
	expect "status 1" out
	refuse "apt-get" calls
}

setup_fails_when_apt_does()
{
	machine
	# shellcheck disable=SC2016
	stand_in apt-get 'case " $* " in *" -s "*) ;; *) exit 100 ;; esac'
	setup install test
	expect "to go on, run this as root" out
	expect "status 1" out
}

setup_does_not_believe_an_install_that_brought_nothing()
{
	machine
	stand_in apt-get ''
	setup install test
	expect "was not found" out
	expect "status 1" out
}

the_real_setup_is_quick()
{
	start=$(date +%s%N)
	sh "$root/scripts/setup.sh" missing build >/dev/null
	took=$((($(date +%s%N) - start) / 1000000))
	[ "$took" -lt 100 ] || echo "it took $took ms; the limit is 100"
}

# ---- The runner ----------------------------------------------------------------

# A program $1_test of the unit suite, which does $2.
program()
{
	mkdir -p out/tests
	printf '#!/bin/sh\n%s\n' "$2" >"out/tests/$1_test"
	chmod +x "out/tests/$1_test"
}

# Run the unit suite over the programs there are.
runner()
{
	# What `make` is asked for: the list of programs, to build, or (-q)
	# whether one is built.
	cat >bin/make <<'EOF'
#!/bin/sh
case " $* " in
*" unit-list "*) ls out/tests/* ;;
*" -q "*) [ ! -e broken ] || ! grep -q -x "$2" broken ;;
*) [ ! -e broken ] ;;
esac
EOF
	chmod +x bin/make
	unit_timeout=${limit:-10} MAKE=bin/make BUILD=out \
		sh "$root/scripts/test.sh" unit >out.txt 2>&1
	echo "status $?" >>out.txt
}

last_lines_are()
{
	[ "$(tail -n 2 out.txt)" = "$1
status $2" ] || {
		echo "the last lines are not \"$1\", status $2:"
		sed 's/^/    /' out.txt
	}
}

two_pass='echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'

runner_counts_each_case_that_passes()
{
	program good "$two_pass"
	program more "$two_pass"
	runner
	last_lines_are "4 passed, 0 failed" 0
}

runner_counts_a_case_that_fails()
{
	program bad 'echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; exit 1'
	program good "$two_pass"
	runner
	expect "FAILED  unit/bad_test/b" out.txt
	last_lines_are "3 passed, 1 failed" 1
}

runner_counts_a_crash()
{
	program crash 'echo 1..2; echo "ok 1 - a"; kill -s SEGV $$'
	runner
	expect "ended by signal 11" out.txt
	last_lines_are "1 passed, 1 failed" 1
}

runner_counts_a_crash_after_the_last_case()
{
	program leak "$two_pass; exit 23"
	runner
	last_lines_are "2 passed, 1 failed" 1
}

runner_counts_a_program_that_hangs()
{
	program hang 'echo 1..1; exec sleep 60'
	limit=1 runner
	expect "did not end in 1 s" out.txt
	last_lines_are "0 passed, 1 failed" 1
}

runner_counts_a_program_that_prints_nothing()
{
	program silent 'exit 0'
	runner
	expect "printed no test" out.txt
	last_lines_are "0 passed, 1 failed" 1
}

runner_counts_a_program_that_stops_early()
{
	program early 'echo 1..3; echo "ok 1 - a"; exit 0'
	runner
	expect "ran 1 of 3 tests" out.txt
	last_lines_are "1 passed, 1 failed" 1
}

runner_counts_a_program_that_does_not_build()
{
	program good "$two_pass"
	program old "$two_pass"
	echo out/tests/old_test >broken
	runner
	expect "unit/old_test: does not build" out.txt
	last_lines_are "2 passed, 1 failed" 1
}

runner_fails_when_no_test_ran()
{
	mkdir -p out/tests
	TESTS=nothing-is-called-this runner
	last_lines_are "0 passed, 1 failed" 1
}

runner_does_not_count_a_skipped_case()
{
	program skip 'echo 1..2; echo "ok 1 - a"; echo "not ok 2 # SKIP b"'
	runner
	last_lines_are "1 passed, 0 failed" 0
}

runner_runs_what_a_pattern_names()
{
	program good "$two_pass"
	program other "$two_pass"
	TESTS=unit/go runner
	last_lines_are "2 passed, 0 failed" 0
}

# ---- The rules -------------------------------------------------------------------

# A tree with nothing in it but the makefiles, and one source with a header.
tree()
{
	mkdir -p scripts bench lib
	cp "$root"/scripts/*.mk "$root"/scripts/*.sh "$root"/scripts/*.txt scripts/
	cp "$root"/bench/*.mk bench/ 2>/dev/null
	cp "$root/Makefile" "$root/lib/libfdt_env.h" .
	mv libfdt_env.h lib/
	echo '#define N 1' >lib/one.h
	printf '#include "lib/one.h"\nint one(void);\nint one(void)\n{\n\treturn N;\n}\n' \
		>lib/one.c
	# Nothing has to be unpacked for it.
	mkdir -p build/third-party
	: >build/third-party/.unpacked
}

# Make the object again, with more arguments; what was printed is in `out`.
object()
{
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD make \
		build/arm64/lib/one.o "$@" >out 2>&1 || cat out
}

rules_build_once()
{
	tree
	object
	expect CC out
	# More than one length: make's own way to read a file has its moods.
	for pad in a bb ccc dddd eeeee ffffff; do
		object VERSION="$pad"
		expect CC out
		object VERSION="$pad"
		refuse CC out
	done
}

rules_see_a_header_change()
{
	tree
	object
	sleep 0.1
	echo '#define N 2' >lib/one.h
	object
	expect CC out
}

rules_see_another_compiler()
{
	tree
	object
	object COMPILER=clang
	expect CC out
	object COMPILER=clang
	refuse CC out
}

rules_write_the_compilation_database()
{
	tree
	object
	BUILD=build sh scripts/compile-commands.sh compile_commands.json
	expect '"file": "lib/one.c", "output": "build/arm64/lib/one.o"' \
		compile_commands.json
	mv lib/one.c lib/gone.c
	BUILD=build sh scripts/compile-commands.sh compile_commands.json
	refuse lib/one.c compile_commands.json
}

rules_do_nothing_in_a_dry_run()
{
	tree
	object -n
	[ ! -e build/arm64 ] || echo "it made build/arm64"
}

# run_is_of TEXT ARGUMENT...: what would be started has TEXT, and no goal builds more
# guests than its port's.
run_is_of()
{
	text=$1
	shift
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -n -C "$root" run \
		BUILD="$PWD/build" "$@" 2>&1 | grep -e "/guests/" -e "must be" >out
	expect "$text" out
}

run_boots_the_guest_of_its_port()
{
	run_is_of "/guests/debian-arm64/Image"
	refuse linux-mips out
	run_is_of "/guests/debian-arm/Image" ARCH=arm
	refuse linux-mips out
	run_is_of "--initrd $PWD/build/guests/linux-mips/initrd.gz --cpus 2 $PWD/build/guests/linux-mips/vmlinux" \
		ARCH=mips RUN="--cpus 2"
	refuse debian-arm out
	refuse vmlinux-native out
	run_is_of "ARCH=mops: must be one of: arm64 arm mips" ARCH=mops
}

# ---- The library -----------------------------------------------------------------

# Make a goal of the tree itself; what goes wrong is printed.
make_in_tree()
{
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -C "$root" "$@" >out 2>&1 ||
		cat out
}

# The example, by compiler $1, with what pkg-config finds in $2.
example_runs()
{
	cp "$root"/examples/pgtable/* .
	# shellcheck disable=SC2046
	PKG_CONFIG_PATH=$2 "$1" -Wall -Wextra -Werror -o example example.c \
		$(PKG_CONFIG_PATH=$2 pkg-config --cflags --libs twofold-pgtable)
	./example >out
	refuse failed out
	expect "0x40200000 -> 0x100200000, leaves of 4 KiB, read-only" out
	expect "0x40201000 -> 0x100201000, leaves of 4 KiB, writable" out
	expect "TLB: invalidate 0x40000000, 0x40000000 bytes" out
	expect "    nothing" out
	expect "table 0 is freed" out
}

# Nothing of the tree but what was copied: no path of it is left in the library.
library_is_used_where_it_was_copied()
{
	make_in_tree libpgtable BUILD="$PWD/build"
	cp -r build/lib copy
	rm -rf build copy/obj
	example_runs gcc "$PWD/copy"
	example_runs clang "$PWD/copy"
	refuse "$root" copy/libpgtable.a
	refuse "$PWD" copy/twofold-pgtable.pc
}

library_is_installed()
{
	make_in_tree install-libpgtable BUILD="$PWD/build" DESTDIR="$PWD/to" \
		PREFIX=/opt
	rm -rf build
	expect "prefix=/opt" to/opt/lib/pkgconfig/twofold-pgtable.pc
	PKG_CONFIG_SYSROOT_DIR=$PWD/to
	export PKG_CONFIG_SYSROOT_DIR
	example_runs gcc "$PWD/to/opt/lib/pkgconfig"
}

# C++ takes the header, after and before its own; what is global has one prefix,
# and nothing is asked for that is not freestanding.
library_keeps_to_itself()
{
	make_in_tree libpgtable BUILD="$PWD/build"
	printf '#include <algorithm>\n%s\n#include <limits>\n%s\n%s\n' \
		'#include <pgtable/pgtable.h>' '#include <pgtable/mips32.h>' \
		'int n = std::max(PGT_R, PGT_W); ia_t ia = IA(5ULL);' >cxx.cc
	for compiler in g++ clang++; do
		"$compiler" -Wall -Wextra -Werror -fsyntax-only \
			-Ibuild/lib/include/twofold cxx.cc
	done
	nm -g build/lib/libpgtable.a | awk 'NF > 1 { print $(NF - 1), $NF }' |
		grep -v -e ' pgtable_' -e '^U mem\(cpy\|set\)$'
}

try library_is_used_where_it_was_copied
try library_is_installed
try library_keeps_to_itself
try run_boots_the_guest_of_its_port
try rules_build_once
try rules_see_a_header_change
try rules_see_another_compiler
try rules_write_the_compilation_database
try rules_do_nothing_in_a_dry_run
try setup_with_everything_there_calls_nothing
try setup_finds_commands_files_and_patterns
try setup_names_what_is_missing_and_the_command
try setup_updates_lists_that_do_not_know_a_package
try setup_says_what_to_do_without_sudo
try setup_fails_when_apt_does
try setup_does_not_believe_an_install_that_brought_nothing
try the_real_setup_is_quick
try runner_counts_each_case_that_passes
try runner_counts_a_case_that_fails
try runner_counts_a_crash
try runner_counts_a_crash_after_the_last_case
try runner_counts_a_program_that_hangs
try runner_counts_a_program_that_prints_nothing
try runner_counts_a_program_that_stops_early
try runner_counts_a_program_that_does_not_build
try runner_fails_when_no_test_ran
try runner_does_not_count_a_skipped_case
try runner_runs_what_a_pattern_names

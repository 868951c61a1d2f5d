#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Print, for make, the rules of the unit tests and fuzz targets whose sources are given:
# see scripts/unit.mk. Sources are compiled once for each set of flags, and the
# object is shared by the programs that have the same.

set -eu

# All words of the lines `// $1: words` in the head of file $2.
words()
{
	sed -n "1,20s|^// *$1: *||p" "$2" | tr '\n' ' '
}

# The rules that compile with the flags of variant $1, printed once.
variants=' '
variant_rules()
{
	case $variants in
	*" $1 "*) return ;;
	esac
	variants="$variants$1 "
	dir="\$(BUILD)/tests/.$1"
	cat <<EOF
$dir/%.o: %.c \$(BUILD)/tests/.flags | \$(THIRD_STAMP)
	\$(call compile,$cc $2)
$dir/libfdt/%.o: \$(LIBFDT)/%.c \$(BUILD)/tests/.flags
	\$(call compile,$cc $2 -w)
EOF
}

for source; do
	program="\$(BUILD)/tests/${source%.c}"
	variant=asan
	cc="\$(HOSTCC)"
	compile=
	link=-lcmocka
	for flag in $(words flags "$source"); do
		case $flag in
		-fsanitize=thread) variant=tsan ;;
		-fsanitize=fuzzer)
			variant=fuzz
			cc="\$(FUZZ_CC)"
			link=-fsanitize=fuzzer
			;;
		-fsanitize=*) ;;
		-l* | -L* | -Wl,* | -pthread) link="$link $flag" ;;
		*) compile="$compile $flag" ;;
		esac
	done
	base="\$(CFLAGS_$variant)"
	if [ -n "$compile" ]; then
		variant="$variant-$(printf %s "$compile" | cksum | cut -d' ' -f1)"
	fi
	variant_rules "$variant" "$base$compile"
	dir="\$(BUILD)/tests/.$variant"

	objects="$dir/${source%.c}.o"
	for item in $(words link "$source"); do
		case $item in
		libfdt) objects="$objects \$(LIBFDT_SRC:%=$dir/libfdt/%.o)" ;;
		*.c)
			# Once, however often it is named.
			case "$objects " in
			*" $dir/${item%.c}.o "*) ;;
			*) objects="$objects $dir/${item%.c}.o" ;;
			esac
			;;
		*)
			printf '%s:; @echo "%s: cannot link %s: %s" >&2; exit 1\n' \
				"$program" "$source" "$item" "neither .c nor libfdt"
			continue 2
			;;
		esac
	done
	cat <<EOF
$program: $objects
	@echo "  LINK    \$@"
	@mkdir -p \$(@D)
	\$(Q)$cc $base$compile -o \$@ $objects $link
EOF
done

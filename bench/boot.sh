#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a whole boot costs: Debian's kernel, `quiet`, 512 MB, one vCPU, to
# `poweroff -f` out of a tiny initramfs; on a bare board of QEMU and as a guest.
#
#   boot.sh [arm64|arm]
#
# Counted are the instructions that the board executes from reset until it is
# off, by a plugin of QEMU's (bench/count_plugin.c), in both runs alike: the
# hypervisor's own start and the loading of the guest are in it, idle time is
# not. With `-icount`, every run gives the same number.

set -eu
BUILD=${BUILD:-build}
arch=${1:-arm64}
debian=$BUILD/guests/debian-$arch
out=$BUILD/bench
mkdir -p "$out"

# count NAME COMMAND...: run it, and the number of instructions in $count.
count()
{
	name=$1
	shift
	rm -f "$out/$name.count"
	"$@" </dev/null >"$out/$name.txt" 2>&1 || {
		cat "$out/$name.txt"
		echo "boot.sh: $name: it failed" >&2
		exit 1
	}
	if ! grep -a -q 'Power down' "$out/$name.txt"; then
		cat "$out/$name.txt"
		echo "boot.sh: $name: the kernel did not power off" >&2
		exit 1
	fi
	count=$(sed -n 's/^instructions //p' "$out/$name.count")
}

# bare NAME KERNEL APPEND QEMU-ARGUMENT...
bare()
{
	name=$1
	kernel=$2
	append=$3
	shift 3
	count "$name" timeout -k 5 600 qemu-system-aarch64 "$@" -m 512M \
		-display none -monitor none -serial stdio -nic none -no-reboot \
		-icount shift=0,sleep=off -seed 1 \
		-plugin "$out/count.so,out=$out/$name.count" \
		-kernel "$debian/$kernel" -initrd "$debian/tiny-initrd.gz" \
		-append "$append"
}

# guest NAME KERNEL APPEND OPTION...
guest()
{
	name=$1
	kernel=$2
	append=$3
	shift 3
	count "$name" timeout -k 5 600 "$BUILD/twofold" run --icount --stats \
		--timeout 600 "$@" --memory 512M --board-cpus 1 \
		--qemu-arg -plugin \
		--qemu-arg "$out/count.so,out=$out/$name.count" \
		--initrd "$debian/tiny-initrd.gz" --append "$append" \
		"$debian/$kernel"
}

# compare WHAT BARE GUEST GOAL STATISTICS
compare()
{
	awk -v what="$1" -v bare="$2" -v guest="$3" -v goal="$4" '
	BEGIN {
		more = (guest - bare) * 100 / bare
		over = ""
		if (more > goal + 0)
			over = "  over"
		printf "%-24s %10.1f M %10.1f M %+8.2f %% %8.1f %%%s\n", what,
			bare / 1e6, guest / 1e6, more, goal,
			over
	}'
	grep -a -E '^twofold: .*(exits|faults|memory): ' "$5" | sed 's/^/    /'
}

# pair WHAT APPEND GIC GOAL
pair_arm64()
{
	bare "boot-bare-gic$3" Image "$2" -M virt,gic-version="$3" \
		-cpu cortex-a57
	on_bare=$count
	guest "boot-guest-gic$3" Image "$2" --gic "$3"
	compare "$1" "$on_bare" "$count" "$4" "$out/boot-guest-gic$3.txt"
}

# pair WHAT APPEND KERNEL GOAL
pair_arm()
{
	bare "boot-bare-arm" "$3" "$2" -M virt -cpu cortex-a15
	on_bare=$count
	guest "boot-guest-arm" "$3" "$2" --board virt-arm
	compare "$1" "$on_bare" "$count" "$4" "$out/boot-guest-arm.txt"
}

echo "Debian's kernel from reset to power-off, executed instructions"
printf '%-24s %12s %12s %10s %10s\n' boot bare guest more goal
case $arch in
arm64)
	for gic in 3 2; do
		pair_arm64 "quiet, GICv$gic" 'quiet nokaslr console=ttyAMA0' \
			"$gic" 3.0
	done
	pair_arm64 "console, GICv3" 'nokaslr console=ttyAMA0' 3 5.0
	;;
arm)
	pair_arm "quiet, cortex-a15" 'quiet console=ttyAMA0' Image 5.0
	pair_arm "console, cortex-a15" 'console=ttyAMA0' Image 5.0
	# Its LPAE kernel is no part of the installer: where it was put there.
	[ ! -f "$debian/Image-lpae" ] ||
		pair_arm "LPAE, quiet, cortex-a15" 'quiet console=ttyAMA0' \
			Image-lpae 5.0
	;;
esac

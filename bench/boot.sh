#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a whole boot costs: Debian's kernel, `quiet nokaslr`, 512 MB, one vCPU, to
# `poweroff -f` out of a tiny initramfs; on a bare board of QEMU and as a guest.
#
# Counted are the instructions that the board executes from reset until it is
# off, by a plugin of QEMU's (bench/count_plugin.c), in both runs alike: the
# hypervisor's own start and the loading of the guest are in it, idle time is
# not. With `-icount`, every run gives the same number.

set -eu
BUILD=${BUILD:-build}
debian=$BUILD/guests/debian-arm64
out=$BUILD/bench
goal=3.0
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

bare()
{
	name=$1
	append=$2
	gic=$3
	count "$name" timeout -k 5 600 qemu-system-aarch64 \
		-M virt,gic-version="$gic" -cpu cortex-a57 -m 512M \
		-display none -monitor none -serial stdio -nic none -no-reboot \
		-icount shift=0,sleep=off -seed 1 \
		-plugin "$out/count.so,out=$out/$name.count" \
		-kernel "$debian/Image" -initrd "$debian/tiny-initrd.gz" \
		-append "$append"
}

guest()
{
	name=$1
	append=$2
	gic=$3
	count "$name" timeout -k 5 600 "$BUILD/twofold" run --icount --stats \
		--timeout 600 --gic "$gic" --memory 512M --board-cpus 1 \
		--qemu-arg -plugin \
		--qemu-arg "$out/count.so,out=$out/$name.count" \
		--initrd "$debian/tiny-initrd.gz" --append "$append" \
		"$debian/Image"
}

# pair WHAT APPEND GIC GOAL
pair()
{
	bare "boot-bare-gic$3" "$2" "$3"
	on_bare=$count
	guest "boot-guest-gic$3" "$2" "$3"
	awk -v what="$1" -v bare="$on_bare" -v guest="$count" -v goal="$4" '
	BEGIN {
		more = (guest - bare) * 100 / bare
		over = ""
		if (more > goal + 0)
			over = "  over"
		printf "%-24s %10.1f M %10.1f M %+8.2f %% %8.1f %%%s\n", what,
			bare / 1e6, guest / 1e6, more, goal,
			over
	}'
	grep -a -E '^twofold: .*(exits|faults|memory): ' "$out/boot-guest-gic$3.txt" |
		sed 's/^/    /'
}

echo "Debian's kernel from reset to power-off, executed instructions"
printf '%-24s %12s %12s %10s %10s\n' boot bare guest more goal
for gic in 3 2; do
	pair "quiet, GICv$gic" 'quiet nokaslr console=ttyAMA0' "$gic" "$goal"
done
pair "console, GICv3" 'nokaslr console=ttyAMA0' 3 5.0

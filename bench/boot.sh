#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What a whole boot costs: Debian's kernel, `quiet`, 512 MB, one vCPU, to
# `poweroff -f` out of a tiny initramfs; on a bare board of QEMU and as a guest.
# For mips, Linux 6.1 as `make linux-mips` builds it, 128 MB, to its shell; and the
# same kernel with hardware's address layout.
#
#   boot.sh [arm64|arm|mips]
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
	below=$(sed -n 's/^below //p' "$out/$name.count")
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
	grep -a -E '^twofold: [a-z]+: (exits|faults|memory): ' "$5" |
		sed 's/^/    /' | tr -d '\r'
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

# ---- mips ----------------------------------------------------------------------

linux_mips=$BUILD/guests/linux-mips
initrd_at=0x04000000 # as bench/mips/board.dts has it

# word NUMBER: 4 bytes, the highest first.
word()
{
	for shift in 24 16 8 0; do
		printf '%b' "\\0$(printf %o $(($1 >> shift & 255)))"
	done
}

# Where the CPU begins: a0 = -2 and a1 the device tree (UHI, MD01069), and off to the
# kernel. QEMU wants a ROM's words in the other endianness; the fifth is the board's.
# boot_rom ENTRY TREE: TREE is a multiple of 64 KiB
boot_rom()
{
	word $((0x3c080000 | $1 >> 16))      # lui t0
	word $((0x35080000 | ($1 & 0xffff))) # ori t0, t0
	word $((0x10000002))                 # b to jr
	word $((0x3c050000 | $2 >> 16))      # lui a1
	word 0
	word $((0x01000008))                 # jr t0
	word $((0x2404fffe))                 # li a0, -2
}

# bare_mips NAME CPU APPEND: what is loaded is at its physical address, of which the
# board has all RAM from 0x80000000 on.
bare_mips()
{
	name=$1
	cpu=$2
	append=$3
	vmlinux=$linux_mips/vmlinux-native
	initrd=$linux_mips/initrd.gz
	entry=$(mipsel-linux-gnu-readelf -h "$vmlinux" |
		sed -n 's/.*Entry point address: *//p')
	end=$((initrd_at + $(wc -c <"$initrd")))
	dtc -q -I dts -O dtb -o "$out/board.dtb" bench/mips/board.dts
	fdtput -t s "$out/board.dtb" /chosen bootargs "$append"
	fdtput -t u "$out/board.dtb" /chosen linux,initrd-end "$end"
	boot_rom "$entry" 0x87000000 >"$out/board.rom"
	count "$name" timeout -k 5 100 qemu-system-mipsel -M malta -cpu "$cpu" \
		-m 128M -vga none -display none -monitor none -nic none \
		-serial null -serial null -serial stdio -no-reboot \
		-icount shift=3,sleep=off -seed 1 \
		-plugin "$out/count.so,out=$out/$name.count" \
		-bios "$out/board.rom" -device "loader,file=$vmlinux" \
		-device "loader,file=$initrd,addr=$initrd_at,force-raw=on" \
		-device "loader,file=$out/board.dtb,addr=0x07000000,force-raw=on"
}

# guest_mips NAME CPU APPEND
guest_mips()
{
	name=$1
	count "$name" timeout -k 5 600 "$BUILD/twofold" run --icount --stats \
		--timeout 600 --board malta --cpu "$2" --memory 128M \
		--qemu-arg -plugin --qemu-arg \
		"$out/count.so,out=$out/$name.count,border=0x80000000" \
		--initrd "$linux_mips/initrd.gz" --append "$3" \
		"$linux_mips/vmlinux"
}

# The guest's own instructions, and the hypervisor's.
shares()
{
	awk -v all="$count" -v guest="$below" 'BEGIN {
		printf "    the guest %.1f M, the hypervisor %.1f M\n",
			guest / 1e6, (all - guest) / 1e6
	}'
}

# pair WHAT APPEND CPU GOAL
pair_mips()
{
	bare=$3
	# One that this kernel, of a 24K, does not know by itself; it has a TLB
	# like a 34K's.
	[ "$3" != P5600 ] || bare=34Kf
	bare_mips "boot-bare-$3" "$bare" "$2"
	on_bare=$count
	guest_mips "boot-guest-$3" "$3" "$2"
	compare "$1, $3" "$on_bare" "$count" "$4" "$out/boot-guest-$3.txt"
	shares
}

# ---- All of it -----------------------------------------------------------------

if [ "$arch" = mips ]; then
	echo "Linux from reset to its shell and power-off, executed instructions"
else
	echo "Debian's kernel from reset to power-off, executed instructions"
fi
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
mips)
	off='run="poweroff -f"'
	for cpu in 24Kf 34Kf P5600; do
		pair_mips shell "quiet $off" "$cpu" 20
	done
	# Without the wait for clock ticks by which the kernel learns how fast it is.
	pair_mips "shell, lpj" "quiet lpj=600000 $off" 24Kf 20
	pair_mips "console, shell" "$off" 24Kf 20
	pair_mips "shell, /bin/work" 'quiet run="/bin/work; poweroff -f"' 24Kf 20
	;;
esac

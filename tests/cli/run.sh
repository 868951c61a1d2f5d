#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the `twofold` command: what it refuses and in which words, what it
# composes, and how it relays a console. A small Image stands in for the
# hypervisor (tests/cli/standin.c), so nothing here depends on a guest.
#
# Prints `ok NAME` or `not ok NAME: why` for each test. TESTS, a pattern,
# chooses by name. BUILD and MAKE are the build's.

set -u
: "${BUILD:=build}" "${MAKE:=make}" "${TESTS:=}"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
case $BUILD in
/*) ;;
*) BUILD=$root/$BUILD ;;
esac
$MAKE -s "BUILD=$BUILD" "$BUILD/tests/cli/standin.bin" >/dev/null || exit 1

twofold=$BUILD/twofold
standin=$BUILD/tests/cli/standin.bin
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
TMPDIR=$work/tmp
# Boards of this test are found here, and only they.
mkdir -m 700 "$work/runtime"
XDG_RUNTIME_DIR=$work/runtime
boards=$XDG_RUNTIME_DIR/twofold
export TMPDIR XDG_RUNTIME_DIR
cd "$work" || exit 1

failed=0
wanted()
{
	[ -z "$TESTS" ] || printf '%s\n' "$1" | grep -E -q -- "$TESTS"
}

pass()
{
	echo "ok $1"
}

fail()
{
	echo "not ok $1: $2"
	failed=1
}

# Run the command with standard input $1, under the name $2: its exit status
# in $status, all that it says in the file `said`, its output alone in `out`.
start()
{
	timeout -k 5 60 "$twofold" "$@" >out 2>err
	status=$?
	cat out err >said
}

# $1: name of the test; $2: exit status; $3: a text that is in what is said, or
# nothing; the rest: arguments. Nothing may be left behind.
expect()
{
	name=$1 code=$2 text=$3
	shift 3
	wanted "$name" || return 0
	start "$@" <"${input:-/dev/null}"
	if [ "$status" -ne "$code" ]; then
		fail "$name" "status $status, not $code: $(head -n 1 said)"
	elif [ -n "$text" ] && ! grep -F -q -e "$text" said; then
		fail "$name" "does not say '$text': $(head -n 1 said)"
	elif [ -n "${others-}" ]; then
		pass "$name"
	elif [ -n "$(ls "$TMPDIR")" ]; then
		fail "$name" "leaves $(ls "$TMPDIR") in TMPDIR"
		rm -rf "${TMPDIR:?}"/*
	elif [ -n "$(ls "$XDG_RUNTIME_DIR")" ]; then
		fail "$name" "leaves $(ls -R "$XDG_RUNTIME_DIR") in XDG_RUNTIME_DIR"
		rm -rf "${XDG_RUNTIME_DIR:?}"/*
	else
		pass "$name"
	fi
}

# As expect, of a run of a kernel that is not started; the words must be there.
refused()
{
	name=$1 text=$2
	shift 2
	expect "$name" 2 "$text" run --dry-run --image "$standin" "$@"
}

# A run with the stand-in; the output must be what is in the file `want`.
runs()
{
	name=$1 code=$2
	shift 2
	wanted "$name" || return 0
	start run --timeout 60 --image "$standin" "$@" <"${input:-/dev/null}"
	if [ "$status" -ne "$code" ]; then
		fail "$name" "status $status, not $code: $(head -n 1 err)"
	elif ! cmp -s out want; then
		fail "$name" "prints '$(head -n 3 out)'"
	else
		pass "$name"
	fi
}

kernel=$standin

# ---- Files ---------------------------------------------------------------------
: >empty
mkdir directory
mkfifo pipe
printf 'a text, and not a program of any kind\n' >text
gzip -c "$standin" >whole.gz
head -c 1500 whole.gz >short.gz
{ head -c 1000 whole.gz; printf 'XXXXXXXXXXXX'; tail -c +1013 whole.gz; } >bad.gz
head -c 10 whole.gz >tiny.gz
gzip -c text >text.gz
gzip -c whole.gz >twice.gz
head -c 4096 /dev/zero >zero
put() # put FILE OFFSET BYTES: a file of zeroes with these bytes in it
{
	cp zero "$1"
	# shellcheck disable=SC2059
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
put bzimage 514 'HdrS'
put zimage 36 '\030\050\157\001'
put riscv 56 'RSC\005'
put uimage 0 '\047\005\031\126'
put xz 0 '\3757zXZ\000'
put zstd 0 '\050\265\057\375'
put zboot 0 'MZ\000\000zimg'
put cpio 0 '070701'
put windows 0 'MZ'
put dtb 0 '\320\015\376\355'
put mips 0 '\177ELF\001\002\001\000\000\000\000\000\000\000\000\000\000\002\000\010'
# Little-endian, with one segment, where kernels of MIPS guests run.
put mipsel 0 '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\010\000\001\000\000\000\000\000\020\100\064\000\000\000\000\000\000\000\000\000\000\000\064\000\040\000\001\000\000\000\000\000\000\000\001\000\000\000\000\000\000\000\000\000\020\100\000\000\020\100\000\020\000\000\000\020\000\000'
put mips64 0 '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\010\000'
# The entry's lowest bit is the encoding; e_flags say it as well, and the release.
cp mipsel micromips
printf '\001' | dd of=micromips bs=1 seek=24 conv=notrunc 2>/dev/null
cp mipsel mipsr6
printf '\220' | dd of=mipsr6 bs=1 seek=39 conv=notrunc 2>/dev/null
head -c 3000 mipsel >mipsshort
# Linked for 0x80100000, as for hardware: the entry, and the segment's virtual address.
cp mipsel mipsnative
printf '\200' | dd of=mipsnative bs=1 seek=27 conv=notrunc 2>/dev/null
printf '\200' | dd of=mipsnative bs=1 seek=63 conv=notrunc 2>/dev/null
# Linked for 0x00400000, as user-space programs are.
cp mipsel mipsuser
for at in 26 62 66; do
	printf '\100\000' | dd of=mipsuser bs=1 seek=$at conv=notrunc 2>/dev/null
done
put x86 0 '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000\076\000'
put arm 0 '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\050\000'
put object 0 '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\001\000\267\000'
# An Image that says it takes 64 MiB of memory.
{
	head -c 16 "$standin"
	printf '\000\000\000\004\000\000\000\000'
	tail -c +25 "$standin"
} >bss64m
dd if=/dev/zero of=big bs=1048576 count=0 seek=40 2>/dev/null

refused missing-kernel 'nothere: No such file' nothere
refused empty-kernel 'empty: is empty' empty
refused directory-as-kernel 'directory: is a directory' directory
refused pipe-as-kernel 'pipe: is not a regular file' pipe
if [ "$(id -u)" -ne 0 ]; then
	cp text locked
	chmod 0 locked
	refused unreadable-kernel 'locked: Permission denied' locked
fi
refused missing-initrd '--initrd nothere: No such file' --initrd nothere "$kernel"
refused empty-initrd '--initrd empty: is empty' --initrd empty "$kernel"
refused directory-as-initrd '--initrd directory: is a directory' --initrd directory "$kernel"
refused truncated-gzip 'short.gz: the gzip data ends early' short.gz
refused truncated-gzip-header 'tiny.gz: the gzip data ends early' tiny.gz
refused corrupt-gzip 'bad.gz: the gzip data is corrupt' bad.gz
refused gzip-of-text 'text.gz: is a text file' text.gz
refused gzip-of-gzip 'twice.gz: is a gzip' twice.gz
refused truncated-initrd '--initrd short.gz: the gzip data ends early' --initrd short.gz "$kernel"
refused text-as-kernel 'text: is a text file; an arm64 Image, a 32-bit Arm zImage (gzip too), an ELF (MIPS too) or a raw binary is needed' text
refused empty-name 'run: the file name is empty' ''
refused empty-initrd-name '--initrd: the file name is empty' --initrd '' "$kernel"
refused other-kernels-than-arm64 'x86: is an ELF file for x86-64: guests are arm64, or 32-bit Arm or MIPS on another board' x86
refused other-kernels-than-arm 'x86: is an ELF file for x86-64: guests are 32-bit Arm, or arm64 or MIPS on another board' --board virt-arm x86
refused other-kernels-than-mips 'x86: is an ELF file for x86-64: guests are MIPS32, or arm64 or 32-bit Arm on another board' --board malta x86
refused x86-bzimage 'bzimage: is an x86 kernel' bzimage
refused riscv-image 'riscv: is a RISC-V kernel' riscv
refused uimage 'uimage: is a U-Boot image' uimage
refused xz-archive 'xz: is an xz' xz
refused zstd-archive 'zstd: is a zstd' zstd
refused efi-zboot 'zboot: is a compressed EFI image' zboot
refused initrd-as-kernel 'cpio: is a cpio archive' cpio
refused efi-program 'windows: is an EFI' windows
refused device-tree-as-kernel 'dtb: is a device tree' dtb
refused mips-elf 'mips: is a big-endian ELF file' mips
refused mips64-elf 'mips64: is a 64-bit ELF file: guests are MIPS32' mips64
refused micromips-elf 'micromips: is an ELF file of microMIPS or MIPS16 code: guests are MIPS32, before release 6' micromips
refused mips-release-6 'mipsr6: is an ELF file of release 6 code: guests are MIPS32' mipsr6
refused x86-elf 'x86: is an ELF file for x86-64' x86
refused object-file 'object: is an ELF file, but no program' object
expect missing-image 2 '--image nothere: No such file' run --image nothere "$kernel"
expect text-as-image 2 '--image text: is a text file' run --image text "$kernel"
expect elf-as-image 2 '--image x86: is an ELF file' run --image x86 "$kernel"

# ---- Memory ---------------------------------------------------------------------
refused kernel-larger-than-memory 'big: the kernel takes 41M of memory; --memory gives only 32M' --memory 32M big
refused bss-larger-than-memory 'bss64m: the kernel takes 64M of memory; --memory gives only 32M' --memory 32M bss64m
refused initrd-larger-than-memory '--initrd big: the initrd takes 40M of memory; --memory gives only 32M' --memory 32M --initrd big "$kernel"
refused kernel-and-initrd-do-not-fit 'do not fit together; --memory gives only 100M' --memory 100M --initrd big bss64m
refused memory-0 '--memory: 0 is too small' --memory 0 "$kernel"
refused memory-too-small '--memory: 8M is too small' --memory 8M "$kernel"
refused memory-negative "--memory: '-1' is not a size" --memory -1 "$kernel"
refused memory-garbage "--memory: '12Q' is not a size" --memory 12Q "$kernel"
refused memory-empty "--memory: '' is not a size" --memory '' "$kernel"
refused memory-odd 'is not a multiple of 4K' --memory 0x2000001 "$kernel"
refused memory-overflows '--memory: 99999999999999999999 is too large' --memory 99999999999999999999 "$kernel"
refused memory-beyond-virt 'more than the board virt can have, 255G' --memory 255G "$kernel"
refused memory-far-beyond-virt '--memory: 300G is too large; the board virt can have 255G' --memory 300G "$kernel"
refused memory-near-2-64 'is too large; the board virt can have 255G' --memory 0xfffffffffffff000 "$kernel"
refused memory-beyond-zcu102 'more than the board zcu102 can have, 2G' --board zcu102 --memory 2G "$kernel"
refused board-memory-beyond-zcu102 '--board-memory: 4G is too large' --board zcu102 --board-memory 4G "$kernel"
refused board-memory-too-little '--board-memory: 256M is too little' --board-memory 256M "$kernel"

# ---- Options --------------------------------------------------------------------
expect no-command 2 COMMANDS
expect wrong-command 2 'did you mean run?' rnu
expect no-kernel 2 'a kernel or a description is missing' run
expect two-kernels 2 "'a' and 'b'" run a b
expect unknown-option 2 'unknown option --memroy; did you mean --memory?' run --memroy 1G "$kernel"
expect shortened-option 2 'unknown option --mem; did you mean --memory?' run --mem 1G "$kernel"
expect strange-option 2 'unknown option --xyzzy; `twofold help run`' run --xyzzy "$kernel"
expect single-dash 2 'unknown option -memory; did you mean --memory?' run -memory "$kernel"
expect repeated-option 2 '--cpus is given twice' run --cpus 1 --cpus 1 "$kernel"
expect option-without-value 2 '--initrd needs a value' run "$kernel" --initrd
expect flag-with-value 2 '--stats takes no value' run --stats=1 "$kernel"
refused cpus-0 '--cpus: 0 is out of range' --cpus 0 "$kernel"
refused cpus-9 '--cpus: 9 is out of range' --cpus 9 "$kernel"
refused cpus-word "--cpus: 'two' is not a number" --cpus two "$kernel"
refused cpus-huge '--cpus: 18446744073709551617 is out of range' --cpus 18446744073709551617 "$kernel"
refused granule-8K "--stage2-granule: '8K' is no granule" --stage2-granule 8K "$kernel"
refused granule-64 "--stage2-granule: '64' is no granule" --stage2-granule 64 "$kernel"
for granule in 64K 64k 65536 64KiB; do
	start run --dry-run --image "$standin" --stage2-granule "$granule" "$kernel" </dev/null
	wanted "granule-$granule" || continue
	if grep -q 'twofold,stage2-granule = <0x10000>' out; then
		pass "granule-$granule"
	else
		fail "granule-$granule" "$(cat err)"
	fi
done
refused granule-memory '--memory: 16400K is not a multiple of 64K' --stage2-granule 64K --memory 16400K "$kernel"
refused board-unknown "no board 'raspi'" --board raspi "$kernel"
refused board-cpus-gicv2 '--board-cpus: 9 is out of range' --gic 2 --board-cpus 9 "$kernel"
refused board-cpus-zcu102 'the board zcu102 has 4 CPUs' --board zcu102 --board-cpus 2 "$kernel"
refused gic-4 "--gic: '4' is no GIC version" --gic 4 "$kernel"
refused gic-zcu102 'zcu102 has a GICv2' --board zcu102 --gic 3 "$kernel"
refused cpu-zcu102 'zcu102 has CPUs of its own, cortex-a53;' --board zcu102 --cpu max "$kernel"
expect cpu-zcu102-its-own 0 '-M xlnx-zcu102' run --dry-run --image "$standin" --board zcu102 --cpu cortex-a53 "$kernel"
refused cpu-unknown "unable to find CPU model 'nothing'" --cpu nothing "$kernel"
refused cpu-32-bit '--cpu cortex-a15: is a 32-bit CPU, and the board virt has 64-bit ones' --cpu cortex-a15 zero
refused cpu-32-bit-hint 'max; --board virt-arm is for 32 bits' --cpu cortex-a15 zero
refused timeout-0 '--timeout: 0 is out of range' --timeout 0 "$kernel"
refused name-with-slash "'a/b' has a character" --name a/b "$kernel"
refused name-empty "'' does not begin" --name '' "$kernel"
refused name-long 'is longer than 31' --name abcdefghijklmnopqrstuvwxyz0123456789 "$kernel"
refused append-too-long 'bootargs' --append "$(printf '%2100s' x)" "$kernel"
refused qemu-option 'QEMU refuses this board (look at --cpu, --gic, --board-cpus, --memory, --board-memory, --qemu-arg)' --qemu-arg -bogus "$kernel"
# ---- Kernels choose the board ----------------------------------------------------
gzip -c zimage >zimage.gz
# on_arm NAME TEXT ARGUMENT...: as refused, with a zImage that stands in for the hypervisor.
on_arm()
{
	name=$1 text=$2
	shift 2
	expect "$name" 2 "$text" run --dry-run --image zimage "$@"
}
for k in zimage zimage.gz; do
	expect "arm-board-of-$k" 0 '-M virt,virtualization=on,gic-version=2 -cpu cortex-a15' \
		run --dry-run --image zimage "$k"
done
expect arm-board-with-a7 0 '-cpu cortex-a7 -smp 4' run --dry-run --image zimage --cpu cortex-a7 --cpus 4 zimage
expect arm-board-of-raw 0 '-cpu cortex-a15' run --dry-run --image zimage --board virt-arm zero
refused arm-zimage 'zimage: is a 32-bit Arm kernel, and the board virt cannot run it; without --board it gets the board virt-arm' --board virt zimage
refused arm-zimage-zcu102 'the board zcu102 cannot run it' --board zcu102 zimage
refused arm-elf 'arm: is a 32-bit Arm kernel, and the board virt cannot' --board virt arm
refused arm-hypervisor "--image $standin: is an arm64 kernel; the board virt-arm needs a 32-bit Arm kernel, such as twofold-arm.bin" zimage
on_arm arm64-hypervisor '--image zimage: is a 32-bit Arm kernel; the board virt needs an arm64 kernel' "$kernel"
on_arm arm64-image "is an arm64 kernel, and the board virt-arm cannot run it; without --board it gets the board virt" --board virt-arm "$kernel"
on_arm arm-gic-3 '--gic 3: the board virt-arm has a GICv2, for 32-bit CPUs' --gic 3 zimage
on_arm arm-granule '--stage2-granule: 16K: stage 2 of 32-bit CPUs has 4K alone' --stage2-granule 16K zimage
expect arm-granule-4K 0 'twofold,stage2-granule = <0x1000>' run --dry-run --image zimage --stage2-granule 4K zimage
on_arm arm-cpu-64-bit '--cpu cortex-a57: is a 64-bit CPU, and zimage is a 32-bit Arm kernel; cortex-a15 or cortex-a7' --cpu cortex-a57 zimage
on_arm arm-cpu-max '--cpu max: is a 64-bit CPU, and the board virt-arm has 32-bit ones' --board virt-arm --cpu max zero
on_arm arm-cpu-without-hyp 'The CPUs must have Hyp mode: cortex-a15 or cortex-a7' --cpu cortex-a9 zimage
on_arm arm-cpu-empty '--cpu: the model is empty; cortex-a15 is one' --cpu '' zimage
on_arm arm-cpus-9 '--board-cpus: 9 is out of range' --board-cpus 9 zimage
expect arm-vexpress 0 '-M vexpress-a15,secure=off,virtualization=on -smp 3' run --dry-run --image zimage --board vexpress-a15 --cpus 3 zimage
expect arm-vexpress-four-at-most 0 '-smp 4' run --dry-run --image zimage --board vexpress-a15 --cpus 8 zimage
on_arm arm-vexpress-cpus-5 '--board-cpus: 5 is out of range; it takes the board'"'"'s number of CPUs, 1 to 4' --board vexpress-a15 --board-cpus 5 zimage
expect arm-vexpress-cpu-its-own 0 '-M vexpress-a15' run --dry-run --image zimage --board vexpress-a15 --cpu cortex-a15 zimage
on_arm arm-vexpress-cpu 'the board vexpress-a15 has CPUs of its own, cortex-a15;' --board vexpress-a15 --cpu cortex-a7 zimage
put zlarge 36 '\030\050\157\001\000\000\000\000\000\000\000\003'
on_arm arm-kernel-larger-than-memory 'zlarge: the kernel takes 48M of memory; --memory gives only 32M' --memory 32M zlarge
expect arm-small-memory 0 'memory = <0x00 0x4000>' run --dry-run --image zimage --memory 16M zimage
on_arm arm-memory '--memory: 300G is too large; the board virt-arm can have 255G' --memory 300G zimage
refused arm-cpu-of-image "--cpu cortex-a15: is a 32-bit CPU, and $kernel is an arm64 kernel" --cpu cortex-a15 "$kernel"
if wanted arm-cpu-of-image-hint; then
	start run --dry-run --image "$standin" --cpu cortex-a15 "$kernel" </dev/null
	if grep -q 'neoverse-n1 or max$' said; then
		pass arm-cpu-of-image-hint
	else
		fail arm-cpu-of-image-hint "$(cat said)"
	fi
fi
on_mips()
{
	name=$1 text=$2
	shift 2
	expect "$name" 2 "$text" run --dry-run --image mipsel "$@"
}
expect mips-board 0 '-M malta -cpu 24Kf -m 320M' run --dry-run --image mipsel --memory 64M mipsel
expect mips-device-tree 0 'addr=0x8000000,force-raw=on -append dtb=0x8000000' run --dry-run --image mipsel --memory 64M mipsel
expect mips-console 0 'signal=off -serial null -serial null -serial chardev:console' run --dry-run --image mipsel --cpu P5600 mipsel
expect mips-memory-in-two 0 '-m 2048M' run --dry-run --image mipsel --memory 400M --board-memory 2G mipsel
refused mips-on-virt 'mipsel: is a MIPS kernel, and the board virt cannot run it; without --board it gets the board malta' --board virt mipsel
refused mips-hypervisor "--image $standin: is an arm64 kernel; the board malta needs a MIPS kernel, such as twofold-mips.elf" mipsel
on_mips mips-gic '--gic: the board malta has no GIC' --gic 2 mipsel
on_mips mips-board-cpus '--board-cpus 2: the board malta has 1 CPU; leave --board-cpus out' --board-cpus 2 mipsel
on_mips mips-memory '--memory: 497M is too large; a VM of the board malta can have 496M' --memory 497M mipsel
on_mips mips-memory-of-no-board '--memory: 3G is too large; a VM of the board malta can have 496M' --memory 3G mipsel
mips_vm() # mips_vm KERNEL KIB: a description
{
	printf '/dts-v1/; / { chosen { a { compatible = "xen,domain"; memory = <0 %s>; cpus = <1>;
		kernel { compatible = "multiboot,kernel", "multiboot,module"; twofold,file = "%s"; }; }; }; };' "$2" "$1"
}
mips_vm mipsel 512000 >mipsdevices.dts
mips_vm mipsnative 65536 >mipsnative.dts
sed 's/cpus = <1>/cpus = <4>; twofold,max-table-memory = <316>/' mipsnative.dts >mipspoor.dts
sed 's/<316>/<320>/' mipspoor.dts >mipsenough.dts
expect mips-tables-check 2 'mipspoor.dts: /chosen/a: twofold,max-table-memory: must be at least 320 KiB with cpus = <4>' check mipspoor.dts
expect mips-tables-enough 0 'nothing wrong' check mipsenough.dts
expect mips-devices 2 '/chosen/a: memory: it reaches 0x1f400000' check mipsdevices.dts
expect mips-check-without-a-cpu 0 'nothing wrong' check mipsnative.dts
expect mips-check-names-the-cpu 0 'twofold: mipsnative.dts: /chosen/a/kernel: mipsnative: is linked for 0x80000000 and up: it needs a CPU with segment control, --cpu P5600' check mipsnative.dts
on_mips mips-native-described 'mipsnative.dts: /chosen/a/kernel: mipsnative: is linked for 0x80000000' mipsnative.dts
expect mips-memory-496M 0 'memory = <0x00 0x7c000>' run --dry-run --image mipsel --memory 496M mipsel
on_mips mips-granule '--stage2-granule: 64K: stage 2 of 32-bit CPUs has 4K alone' --stage2-granule 64K mipsel
on_mips mips-cpu "--cpu: the board malta cannot have the CPU '4Kc', but these: 24Kc 24Kf 34Kf 74Kf P5600 (untested: 4KEc 24KEc M14Kc)" --cpu 4Kc mipsel
on_mips mips-cpu-prefix "cannot have the CPU '24K'" --cpu 24K mipsel
on_mips mips-cpu-of-another-board "cannot have the CPU 'cortex-a53'" --cpu cortex-a53 mipsel
expect mips-cpu-untested 0 '-cpu 24KEc' run --dry-run --image mipsel --cpu 24KEc mipsel
on_mips mips-cut-off 'mipsshort: the ELF file is damaged or cut off: segment at 0x100000' mipsshort
on_mips mips-native 'mipsnative: is linked for 0x80000000 and up, as for hardware, which the CPU 24Kf cannot give a guest: --cpu P5600 can, if the kernel takes a device tree, as those of Linux for its generic machine do (of the kernels of `make linux-mips`, vmlinux runs on every CPU)' mipsnative
on_mips mips-user-space 'mipsuser: is an ELF file that starts at 0x400000: kernels are linked for 0x40000000 and up, or 0x80000000 and up' mipsuser
on_mips mips-native-34Kf 'which the CPU 34Kf cannot give a guest' --cpu 34Kf,mmu-type=4 mipsnative
expect mips-native-P5600 0 '-cpu P5600' run --dry-run --image mipsel --cpu P5600 mipsnative
on_mips mips-too-large 'the board malta can have 2G' --board-memory 3G mipsel

expect help 0 'twofold check' help
expect help-run 0 'EXIT STATUS' help run
expect help-option 0 'EXIT STATUS' run --help
if wanted help-fits-80-columns; then
	for page in '' run check inspect help version; do
		# shellcheck disable=SC2086
		"$twofold" help $page
	done | awk 'length > 80' >said
	if [ -s said ]; then
		fail help-fits-80-columns "$(head -n 1 said)"
	else
		pass help-fits-80-columns
	fi
fi
expect help-nothing 2 "no command 'nothing'" help nothing
expect version 0 'twofold ' version

# ---- Descriptions ---------------------------------------------------------------
# describe FILE PROPERTIES-AND-NODES-OF-CHOSEN
describe()
{
	printf '/dts-v1/;\n/ { chosen {\n%s\n}; };\n' "$2" >"$1"
}
module() # module KIND FILE [MORE]
{
	printf '%s { compatible = "multiboot,%s", "multiboot,module"; twofold,file = "%s"; %s };' \
		"$1" "$1" "$2" "${3-}"
}
vm() # vm NAME MORE
{
	printf '%s { compatible = "xen,domain"; %s };\n' "$1" "$2"
}
k=$(module kernel "$standin")
ok='memory = <0 0x8000>; cpus = <1>;'

# bad NAME TEXT CHOSEN: `check` refuses it in these words.
bad()
{
	describe bad.dts "$3"
	expect "description-$1" 2 "$2" check bad.dts
}
describe good.dts "$(vm a "$ok $k")
$(vm b "memory = <0 0x10000>; cpus = <4>; $k $(module ramdisk text)")"
expect check-good 0 'good.dts: 2 VMs for the board virt, nothing wrong' check good.dts
expect check-zcu102 0 'nothing wrong' check --board zcu102 good.dts
expect check-missing 2 'nothere.dts: No such file' check nothere.dts
expect check-a-kernel 2 'zimage: is a 32-bit Arm kernel, not a description' check zimage
expect check-nothing 2 'one description is needed' check
printf '/dts-v1/;\n/ { chosen {' >bad.dts
expect description-syntax 2 'syntax error' check bad.dts
cp text bad.dts
expect description-no-dts 2 'dtc refuses it' check bad.dts
printf '/dts-v1/;\n/ { };\n' >bad.dts
expect description-no-chosen 2 'has no node /chosen' check bad.dts
printf '/dts-v1/;\n/ { vms { }; chosen { }; };\n' >bad.dts
expect description-strange-node 2 '/vms: has no meaning' check bad.dts
bad no-vm '/chosen' ''
bad no-compatible '/chosen/a: compatible' "a { $ok $k };"
bad wrong-compatible '/chosen/a: compatible' "a { compatible = \"xen,domian\"; $ok $k };"
bad no-memory '/chosen/a: memory: missing' "$(vm a "cpus = <1>; $k")"
bad memory-0 '/chosen/a: memory' "$(vm a "memory = <0 0>; cpus = <1>; $k")"
bad memory-text '/chosen/a: memory' "$(vm a "memory = \"lots\"; cpus = <1>; $k")"
bad memory-huge '/chosen/a: memory: 18446744073709551615 KiB (more than 16E): memory counts KiB' "$(vm a "memory = <0xffffffff 0xffffffff>; cpus = <1>; $k")"
bad no-cpus '/chosen/a: cpus: missing' "$(vm a "memory = <0 0x8000>; $k")"
bad cpus-0 '/chosen/a: cpus' "$(vm a "memory = <0 0x8000>; cpus = <0>; $k")"
bad cpus-9 '/chosen/a: cpus' "$(vm a "memory = <0 0x8000>; cpus = <9>; $k")"
bad no-kernel '/chosen/a' "$(vm a "$ok")"
bad two-kernels 'second multiboot,kernel' "$(vm a "$ok $k $(module kernel "$standin" | sed 's/^kernel/kernel2/')")"
bad unknown-property '/chosen/a: twofold,foo' "$(vm a "$ok twofold,foo; $k")"
bad unknown-option '/chosen: twofold,foo' "twofold,foo; $(vm a "$ok $k")"
bad token 'twofold,status-token' "twofold,status-token = \"x\"; $(vm a "$ok $k")"
bad passthrough '/chosen/a' "$(vm a "$ok passthrough = \"enabled\"; $k")"
bad file-missing '/chosen/a/kernel: nothere: No such file' "$(vm a "$ok $(module kernel nothere)")"
bad file-not-named '/chosen/a/kernel: twofold,file: is missing' "$(vm a "$ok kernel { compatible = \"multiboot,kernel\"; };")"
bad file-no-string '/chosen/a/kernel: twofold,file' "$(vm a "$ok kernel { compatible = \"multiboot,kernel\"; twofold,file = <1>; };")"
bad file-two-strings '/chosen/a/kernel: twofold,file' "$(vm a "$ok kernel { compatible = \"multiboot,kernel\"; twofold,file = \"a\", \"b\"; };")"
bad reg '/chosen/a/kernel: reg' "$(vm a "$ok kernel { compatible = \"multiboot,kernel\"; reg = <0 1>; };")"
bad kernel-too-large 'bss64m: the kernel takes 64M of memory; /chosen/a: memory gives only 32M' "$(vm a "$ok $(module kernel bss64m)")"
shm() # shm NAME ADDRESS SIZE
{
	printf 'shm { compatible = "xen,domain-shared-memory-v1"; xen,shm-id = "%s"; xen,shared-mem = <0 %s 0 %s>; };' "$@"
}
bad shared-over-ram '/chosen/a/shm: xen,shared-mem: 0x41fff000: devices and RAM' \
	"$(vm a "$ok $k $(shm x 0x41fff000 0x1000)")"
bad shared-of-two-sizes "/chosen/b/shm: xen,shared-mem: 0x2000 bytes: another VM's x has 0x1000" \
	"$(vm a "$ok $k $(shm x 0x50000000 0x1000)") $(vm b "$ok $k $(shm x 0x50000000 0x2000)")"
bad shared-beyond-ipa '/chosen/a/shm: xen,shared-mem: 0x160000000: beyond the 32 bits' \
	"$(vm a "$ok twofold,ipa-bits = <32>; $k $(shm x 0x60000000 0x1000 | sed 's/<0 0x6/<1 0x6/')")"
bad shared-of-two-cells "/chosen/a/shm: xen,shared-mem: must be the guest's address, 2 cells" \
	"$(vm a "$ok $k $(shm x 0x60000000 0x200000 | sed 's/<0 \(.*\) 0 /<\1 /')")"
bad shared-huge '/chosen/a/shm: xen,shared-mem: its size is more than the board' \
	"$(vm a "$ok $k $(shm x 0x60000000 0x200000 | sed 's/ 0 0x2/ 0x100 0x2/')")"
bad shared-wraps '/chosen/a/shm: xen,shared-mem: 0x200000 bytes at 0xfffffffffff00000: beyond the last' \
	"$(vm a "$ok $k $(shm x 0xfff00000 0x200000 | sed 's/<0/<0xffffffff/')")"
bad ipa-bits-31 '/chosen/a: twofold,ipa-bits: 31: CPU and granule have 32 to 52' "$(vm a "$ok twofold,ipa-bits = <31>; $k")"
bad ipa-bits-53 '/chosen/a: twofold,ipa-bits: 53: CPU and granule have 32 to 52' "$(vm a "$ok twofold,ipa-bits = <53>; $k")"
bad ipa-bits-too-few '/chosen/a: memory: 4096 MiB: beyond the 32 bits' \
	"$(vm a "memory = <0x400000>; twofold,max-memory = <0x8000>; cpus = <1>; twofold,ipa-bits = <32>; $k")"
bad granule-text '/chosen/a: twofold,stage2-granule: must be <4096>' "$(vm a "$ok twofold,stage2-granule = \"64K\"; $k")"
for off in hafdb '' 'hafdbs bbm2'; do
	bad "features-off-$off" "/chosen/a: twofold,cpu-features-off: '$off': must be of xnx hafdbs" \
		"$(vm a "$ok twofold,cpu-features-off = \"$off\"; $k")"
done
bad flag-with-value '/chosen: twofold,stats: must be without a value' "twofold,stats = \"no\"; $(vm a "$ok $k")"
bad limit-too-large '/chosen/a: twofold,max-memory: 64 MiB: more than' "$(vm a "$ok twofold,max-memory = <0x10000>; $k")"
describe good.dts "$(vm a "$ok $k $(shm x 0x50000000 0x10000000)")
$(vm b "$ok $k $(shm x 0x60000000 0x10000000)")"
start run --dry-run --image "$standin" good.dts </dev/null
# 32 MiB each, 256 in common, 192 to spare, the kernel: 514, in steps of 64.
if wanted shared-memory-is-counted-once; then
	if grep -q -e '-m 576M ' out; then
		pass shared-memory-is-counted-once
	else
		fail shared-memory-is-counted-once "$(grep -o -e '-m [0-9]*M' out; cat err)"
	fi
fi
describe good.dts "$(vm a "memory = <0 0x4000000>; twofold,max-memory = <0x8000>; cpus = <1>; $k")"
start run --dry-run --image "$standin" good.dts </dev/null
if wanted limited-memory-is-what-counts; then
	if grep -q -e '-m 256M ' out; then
		pass limited-memory-is-what-counts
	else
		fail limited-memory-is-what-counts "$(grep -o -e '-m [0-9]*M' out; cat err)"
	fi
fi
describe good.dts "$(vm a "$ok $k")
$(vm b "memory = <0 0x10000>; cpus = <4>; $k $(module ramdisk text)")"
bad foreign-kernel '/chosen/a/kernel: bzimage: is an x86 kernel' "$(vm a "$ok $(module kernel bzimage)")"
bad module-kind '/chosen/a/x' "$(vm a "$ok $k x { compatible = \"multiboot,device-tree\"; };")"
for option in name=x memory=64M cpus=2 initrd=text append=x stage2-granule=64K; do
	expect "option-${option%=*}-with-description" 2 'does not go with a description' \
		run --dry-run --image "$standin" "--$option" good.dts
done

# Of 32 bits.
z=$(module kernel zimage)
describe arm.dts "$(vm a "$ok $z") $(vm b "$ok $z")"
expect check-arm 0 'arm.dts: 2 VMs for the board virt-arm, nothing wrong' check arm.dts
expect check-arm-on-virt 2 'arm.dts: /chosen/a/kernel: zimage: is a 32-bit Arm kernel, and the board virt cannot' check --board virt arm.dts
bad mixed-kernels "/chosen/b/kernel: $standin: is an arm64 kernel, and bad.dts: /chosen/a/kernel: zimage is a 32-bit Arm kernel; a board has CPUs for one of them" \
	"$(vm a "$ok $z") $(vm b "$ok $k")"
bad arm-granule '/chosen/a: twofold,stage2-granule: 65536 (64K): ' "$(vm a "$ok twofold,stage2-granule = <65536>; $z")"
bad arm-ipa-bits-48 '/chosen/a: twofold,ipa-bits: 48: CPU and granule have 32 to 40' "$(vm a "$ok twofold,ipa-bits = <48>; $z")"
bad memory-in-bytes '/chosen/a: memory: 536870912 KiB (512G): memory counts KiB; the board virt can have 267386880 KiB (255G)' \
	"$(vm a "memory = <0 0x20000000>; cpus = <1>; $k")"
bad arm-beyond-40-bits '/chosen/a: memory: 1048576 MiB: beyond the 40 bits' \
	"$(vm a "memory = <0x40000000>; twofold,max-memory = <0x8000>; cpus = <1>; $z")"
expect arm-description 0 '-cpu cortex-a15' run --dry-run --image zimage arm.dts
expect arm-description-gic 2 '--gic 3: the board virt-arm has a GICv2' run --dry-run --image zimage --gic 3 arm.dts

# ---- What is composed -----------------------------------------------------------
compose()
{
	start run --dry-run --image "$standin" "$@" </dev/null
}
# shows NAME TEXT...: the last dry run printed all these.
shows()
{
	name=$1
	shift
	wanted "$name" || return 0
	for text; do
		if ! grep -F -q -e "$text" out; then
			fail "$name" "does not show '$text'"
			return
		fi
	done
	pass "$name"
}
compose --name my-vm --memory 64M --cpus 3 --initrd text --append "it's \"x\" \$y" --stage2-granule 64K --stats --icount "$kernel"
shows dry-run-describes-the-vm 'my-vm {' 'memory = <0x00 0x10000>' 'cpus = <0x03>' \
	'twofold,stage2-granule = <0x10000>' \
	'kernel {' 'ramdisk {' 'twofold,stats;' 'twofold,icount;' 'twofold,status-token = "'
shows dry-run-prints-the-command "-kernel $standin" '-smp 3' '-icount shift=0,sleep=off' \
	"-device loader,file=text,addr=0x" 'gic-version=3' '-cpu cortex-a57' '-nic none'
cp "$standin" 'a,b c'
compose --gic 2 --cpu max --qemu-arg -name --qemu-arg 'two words' --memory=64M './a,b c'
shows dry-run-quotes "'loader,file=./a,,b c,addr=" "-name 'two words'" 'gic-version=2' '-cpu max'
compose --board zcu102 "$kernel"
shows dry-run-zcu102 '-M xlnx-zcu102' '-smp 4' 'stdout-path = "serial0'
compose good.dts
if wanted shared-kernel; then
	if [ "$(grep -o 'loader,file' out | wc -l)" -eq 2 ] &&
		[ "$(grep -c "$(grep -m 1 'reg = ' out | tr -d '\t')" out)" -eq 2 ]; then
		pass shared-kernel
	else
		fail shared-kernel "the kernel of both VMs is not loaded once"
	fi
fi

# ---- Running --------------------------------------------------------------------
sum() # size and sum of bytes of a file, as the stand-in prints them
{
	wc -c <"$1" | tr -d '\n '
	printf ' '
	od -An -v -t u1 "$1" | tr -s ' ' '\n' | awk '{ s += $1 } END { print s + 0 }'
}
{
	echo "guest kernel $(sum "$standin")"
	echo "guest ramdisk $(sum text)"
} >want
runs loads-modules 0 --append modules --initrd text "$kernel"
runs loads-modules-zcu102 0 --board zcu102 --append modules --initrd text "$kernel"
runs unpacks-gzip 0 --append modules --initrd text whole.gz
printf 'memory 768M cpus 1\n' >want
runs memory-gicv2 0 --gic 2 --append memory "$kernel"
printf 'memory 1024M cpus 5\n' >want
runs memory-max 0 --cpu max --board-memory 1G --board-cpus 5 --append memory "$kernel"
printf 'memory 1024M cpus 4\n' >want
runs memory-zcu102 0 --board zcu102 --board-memory 1024 --append memory "$kernel"
printf 'memory 192M cpus 2\n' >want
runs small-board 0 --memory 64M --cpus 2 --board-memory 192M --append memory "$kernel"
printf 'memory 768M cpus 1\n' >want
runs counts-instructions 0 --icount --append memory "$kernel"
: >want
runs status-0 0 "$kernel"
runs status-1 1 --append code=1 "$kernel"
runs status-2 2 --append code=2 "$kernel"
printf 'no end' >want
runs status-in-the-middle-of-a-line 3 --append 'midline code=3' "$kernel"
runs status-line-with-crlf 4 --append 'midline crlf code=4' "$kernel"
awk 'BEGIN { for (i = 0; i < 2000; i++) print "this is a line of output, number " i }' >want
runs relays-all-output 0 --append flood "$kernel"
printf 'ready\nab\001xc\n\n' >want
printf 'ab\001xc\nq' >typed
input=typed
runs echoes-piped-input 0 --append echo "$kernel"
runs echoes-piped-input-zcu102 0 --board zcu102 --append echo "$kernel"
input=
describe two.dts "twofold,stats; $(vm first "$ok $(module kernel standin.gz 'bootargs = "modules";')")
$(vm second "$ok $(module kernel standin.gz)")"
cp whole.gz standin.gz
printf 'first kernel %s\nsecond kernel %s\n' "$(sum "$standin")" "$(sum "$standin")" >want
runs runs-a-description 0 two.dts
expect no-report 1 'stopped without a report' run --timeout 60 --image "$standin" --append silent "$kernel"
expect time-limit 124 'stopped by --timeout after 2 s' run --timeout 2 --image "$standin" --append hang "$kernel"
expect time-limit-without-statistics 124 'no statistics: they come when the guests end' \
	run --timeout 2 --stats --image "$standin" --append hang "$kernel"
expect dry-run-tells-what-stays 0 'are there only while a run lasts' run --dry-run --image "$standin" "$kernel"
expect does-not-power-off 5 '' run --timeout 60 --image "$standin" --append 'stuck code=5' "$kernel"

# Wait until text $1 is in file $2, or a minute is over.
await()
{
	tries=120
	until grep -q -e "$1" "$2" 2>/dev/null || [ "$tries" -eq 0 ]; do
		sleep 0.5
		tries=$((tries - 1))
	done
}

# On a terminal Ctrl-A x quits; QEMU ends with it, and nothing is left.
if wanted terminal; then
	: >out
	{
		await ready out
		printf 'ab\001x'
		await 'Ctrl-A x$' out
	} | timeout 90 script -q -e -c "$twofold run --timeout 60 --stats --image $standin --append echo $kernel" \
		/dev/null >out 2>err
	status=$?
	tr -d '\r' <out >said
	if [ "$status" -ne 0 ]; then
		fail terminal "status $status: $(tail -n 1 said)"
	elif ! grep -q 'Ctrl-A x quits' said || ! grep -q '^twofold: stopped by Ctrl-A x' said; then
		fail terminal "prints '$(cat said)'"
	elif ! grep -q '^twofold: no statistics: they come when the guests end' said; then
		fail terminal "does not say that there are no statistics: $(tail -n 2 said)"
	elif [ -n "$(ls "$TMPDIR")" ]; then
		fail terminal "leaves $(ls "$TMPDIR") in TMPDIR"
	else
		pass terminal
	fi
fi

# What QEMU was started with ends with the command, whatever ends that.
ends_by() # ends_by SIGNAL STATUS
{
	name=ended-by-$1
	wanted "$name" || return 0
	: >out
	"$twofold" run --timeout 60 --image "$standin" --append hang "$kernel" </dev/null >out 2>err &
	pid=$!
	await hanging out
	child=$(tr -d ' ' <"/proc/$pid/task/$pid/children")
	kill -s "$1" "$pid"
	wait "$pid" 2>/dev/null
	status=$?
	if [ "$status" -ne "$2" ]; then
		fail "$name" "status $status, not $2"
	elif [ -z "$child" ] || kill -0 "$child" 2>/dev/null; then
		fail "$name" "QEMU (${child:-not found}) still runs"
	elif [ -n "$(ls "$TMPDIR")" ]; then
		fail "$name" "leaves $(ls "$TMPDIR") in TMPDIR"
	else
		pass "$name"
	fi
}
ends_by TERM 143
ends_by HUP 129

if wanted closed-output; then
	"$twofold" run --timeout 60 --image "$standin" --append flood "$kernel" </dev/null 2>err | head -n 1 >out
	if grep -q 'number 0' out && [ -z "$(ls "$TMPDIR")" ]; then
		pass closed-output
	else
		fail closed-output "$(head -n 1 err)"
	fi
fi

# ---- Inspecting ---------------------------------------------------------------------
expect help-inspect 0 '--range START+SIZE' help inspect
expect inspect-no-board 1 'no board runs' inspect
expect inspect-two-vms 2 "one VM at a time, but there are 'a' and 'b'" inspect a b
expect inspect-both 2 '--board and --memory do not go together' inspect --board 1 --memory text@0
expect inspect-strange-board 2 "--board: 'x' is not the process id" inspect --board x
for range in 0x1000 0x1000+ +1M 1000-2000 -1+1M 0x1000+0 12345678901234567+1M; do
	expect "inspect-range-$range" 2 "--range: '$range' is not START+SIZE" inspect --range "$range"
done
expect inspect-range-wraps 2 "--range: '0xfffffffffffff000+8K' ends beyond the last address" \
	inspect --range 0xfffffffffffff000+8K
expect help-inspect-units 0 'counts MiB, one that begins with 0x bytes' help inspect
for memory in text @0x1000 text@ text@x text@0x1g text@99999999999999999999; do
	expect "inspect-memory-$memory" 2 "--memory: '$memory' is not FILE@ADDRESS" inspect --memory "$memory"
done
expect inspect-memory-missing 2 '--memory nothere: No such file' inspect --memory nothere@0
expect inspect-memory-empty 2 '--memory empty: is empty' inspect --memory empty@0
expect inspect-memory-wraps 2 'the address space ends' inspect --memory zero@0xfffffffffffff800
expect inspect-memory-text 2 'text@0: there is no Twofold with VMs in it' inspect --memory text@0
expect inspect-memory-elsewhere 2 "ADDRESS be where the file's first byte was" inspect --memory big@0x40000000
compose --name a "$kernel"
shows dry-run-shows-the-monitor "socket,id=monitor,path=$boards/" '-mon chardev=monitor,mode=control'

# A board that only stands there; its process id is in $pid.
hanging() # hanging OUTPUT OPERAND...
{
	file=$1
	shift
	: >"$file"
	"$twofold" run --timeout 60 --image "$standin" "$@" </dev/null >"$file" 2>&1 &
	pid=$!
	await hanging "$file"
}
if wanted inspect-boards; then
	others=1
	hanging first --append hang "$kernel"
	first=$pid
	if [ "$(stat -c %a "$boards")" = 700 ]; then
		pass inspect-boards-are-private
	else
		fail inspect-boards-are-private "$(ls -ld "$boards")"
	fi
	expect inspect-boards-without-guest 1 'no VM runs on that board' inspect
	expect inspect-boards-without-guest-again 1 'no VM runs on that board' inspect --board "$first"
	expect inspect-boards-another 2 "  --board $first  $kernel: guest" inspect --board 1
	h=$(module kernel standin.gz 'bootargs = "hang";')
	describe hang.dts "$(for n in 1 2 3 4 5 6 7 8 9; do vm "a-name-of-thirty-characters--$n" "$ok $h"; done)"
	hanging second hang.dts
	expect inspect-boards-several 2 "  --board $first  $kernel" inspect
	expect inspect-boards-listed 2 "  --board $pid  hang.dts: a-name-of-thirty-characters--1, a-name" inspect
	expect inspect-boards-with-many 2 '--7 and 2 more' inspect
	expect inspect-boards-one-of-several 1 'no VM runs on that board' inspect --board "$pid"
	kill "$pid" "$first"
	wait "$pid" "$first" 2>/dev/null
	others=
fi
# One that stands still goes on only when it is told to.
if wanted inspect-resume; then
	: >out.board
	"$twofold" run --timeout 60 --qemu-arg -S --image "$standin" --append hang "$kernel" \
		</dev/null >out.board 2>&1 &
	pid=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ -S "$boards/$pid.qmp" ] && break
		sleep 0.5
	done
	others=1
	expect inspect-resume-not 1 'the board stands still' inspect
	sleep 0.5
	grep -q hanging out.board && fail inspect-resume-not 'it went on'
	"$twofold" inspect --resume >out 2>&1
	await hanging out.board
	if grep -q hanging out.board && ! grep -q 'stands still' out; then
		pass inspect-resume
	else
		fail inspect-resume "$(cat out out.board)"
	fi
	kill "$pid"
	wait "$pid" 2>/dev/null
	others=
fi
# What a killed one has left is not taken for a board, and cleaned away.
if wanted inspect-killed; then
	hanging out --append hang "$kernel"
	kill -s KILL "$pid"
	wait "$pid" 2>/dev/null
	sleep 0.2
	others=1
	expect inspect-killed 1 'no board runs' inspect
	others=
	[ -z "$(ls "$boards")" ] || fail inspect-killed "leaves $(ls "$boards")"
	rm -rf "${TMPDIR:?}"/* "$boards"
fi
# A directory that others can look into is not used; the guest runs all the same.
mkdir -m 755 "$boards"
others=1
expect inspect-public-directory 0 'not a directory of yours alone; this run cannot be inspected' \
	run --timeout 60 --image "$standin" "$kernel"
rm -r "$boards"
others=

# ---- A QEMU that is not as it should be ---------------------------------------------
mkdir bin
for program in dtc; do
	ln -s "$(command -v $program)" bin/
done
if wanted no-qemu; then
	PATH=$work/bin /usr/bin/timeout 20 "$twofold" run --image "$standin" "$kernel" </dev/null >said 2>&1
	if [ $? -eq 1 ] && grep -F -q 'apt install qemu-system-arm' said; then
		pass no-qemu
	else
		fail no-qemu "$(head -n 1 said)"
	fi
fi
if wanted no-dtc; then
	PATH=/nowhere /usr/bin/timeout 20 "$twofold" check good.dts </dev/null >said 2>&1
	if [ $? -eq 1 ] && grep -F -q 'apt install device-tree-compiler' said; then
		pass no-dtc
	else
		fail no-dtc "$(head -n 1 said)"
	fi
fi

# A reader that has seen enough is nothing to complain of; a full disk is.
if wanted output-to-nobody; then
	{
		sleep 0.5
		"$twofold" help run 2>err
		echo $? >code
	} | true
	if [ "$(cat code)" -ne 141 ] || [ -s err ]; then
		fail output-to-nobody "status $(cat code): $(tail -n 1 err)"
	else
		pass output-to-nobody
	fi
fi
if wanted output-to-a-full-disk; then
	"$twofold" help run >/dev/full 2>err
	if [ $? -eq 1 ] && grep -q 'standard output: No space left' err; then
		pass output-to-a-full-disk
	else
		fail output-to-a-full-disk "$(cat err)"
	fi
fi

# ---- Completion ---------------------------------------------------------------------
# completes NAME WORD WORDS...: the last of the words is completed to WORD.
completes()
{
	name=$1 want=$2
	shift 2
	wanted "$name" || return 0
	# shellcheck disable=SC2016
	if bash -c '. "$1/cli/twofold.bash-completion"; shift
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _twofold
		printf "%s\n" "${COMPREPLY[@]}"' - "$root" "$@" 2>/dev/null |
		grep -F -x -q -e "$want"; then
		pass "$name"
	else
		fail "$name" "'$*' is not completed to $want"
	fi
}
# lacks NAME WORD WORDS...: it is not offered for the last of the words, others are.
lacks()
{
	name=$1 want=$2
	shift 2
	wanted "$name" || return 0
	# shellcheck disable=SC2016
	bash -c '. "$1/cli/twofold.bash-completion"; shift
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _twofold
		printf "%s\n" "${COMPREPLY[@]}"' - "$root" "$@" >offered 2>/dev/null
	if grep -q . offered && ! grep -F -x -q -e "$want" offered; then
		pass "$name"
	else
		fail "$name" "'$*' is completed to $(tr '\n' ' ' <offered)"
	fi
}
completes completes-commands check twofold c
completes completes-options --memory twofold run --m
completes completes-boards zcu102 twofold run --board z
completes completes-board-after-equals zcu102 twofold run --board = z
completes completes-cpus-of-board cortex-a7 twofold run --board virt-arm --cpu cortex-a
completes completes-gics-of-board 2 twofold run --board = virt-arm --gic ""
lacks completes-no-other-cpu cortex-a57 twofold run --board = virt-arm --cpu cortex-a
lacks completes-no-gicv3 3 twofold run --board virt-arm --gic ""
completes completes-gics-of-virt 3 twofold run --gic ""
completes completes-files text twofold run te
completes completes-inspected-files text twofold inspect --memory te
if wanted completes-running-boards; then
	mkdir -m 700 "$boards"
	: >"$boards/4711.board"
	completes completes-running-boards 4711 twofold inspect --board 4
	rm -r "$boards"
fi
# Each option of the help is completed, and the other way round.
if wanted completion-is-whole; then
	for command in run check inspect; do
		"$twofold" help $command | sed -n 's/^  \(--[a-z0-9-]*\).*/\1/p' | sort
	done >help-options
	for command in run check inspect; do
		bash -c '. "$1/cli/twofold.bash-completion"
			COMP_WORDS=(twofold $2 --); COMP_CWORD=2; _twofold
			printf "%s\n" "${COMPREPLY[@]}"' - "$root" $command 2>/dev/null |
			grep -v -x -e --help | sort
	done >completed-options
	if [ -s help-options ] && cmp -s help-options completed-options; then
		pass completion-is-whole
	else
		fail completion-is-whole "$(diff help-options completed-options | tr '\n' ' ')"
	fi
fi

exit "$failed"

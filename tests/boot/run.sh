#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boot whole boards in QEMU, with our own guests and with Debian's, and say what
# came of each: `ok NAME`, `not ok NAME: why` or `skip NAME: why`.
#
#   run.sh [--list] [PATTERN]     PATTERN (or $TESTS): an extended regular
#                                 expression that the names are searched for
#
# Two boards run at a time (JOBS=N: another number). Each has a time limit. Logs
# are in $BUILD/test-logs/boot/ (LOGS=DIR: elsewhere). Run from the root of the tree, after
# `make all guests`.

set -u
BUILD=${BUILD:-build}
JOBS=${JOBS:-2}
export BUILD
twofold=$BUILD/twofold
guests=$BUILD/guests
debian=$guests/debian-arm64
kernel=Image
logs=${LOGS:-$BUILD/test-logs/boot}

# ---- The tests ------------------------------------------------------------
#
# One a line: NAME KIND ARGUMENT... The kinds are functions further down.

# Our guests: each board is of another kind, and some have fewer CPUs than the
# guest has vCPUs (K24).
list_guests()
{
	echo "hello-elf hello elf"
	echo "hello-image hello Image"
	echo "hello-raw hello bin"
	for g in memory errors gic timers psci smp; do
		echo "$g-gic3-a57 guest $g 4 --gic 3 --cpu cortex-a57"
		echo "$g-gic2-a53-shared guest $g 4 --gic 2 --cpu cortex-a53 \
			--board-cpus 1"
		echo "$g-gic2-a57-single guest $g 1 --gic 2 --cpu cortex-a57"
		echo "$g-gic3-max-shared guest $g 4 --gic 3 --cpu max \
			--board-cpus 2"
		echo "$g-zcu102 guest $g 4 --board zcu102"
	done
	echo "smp-eight-on-four guest smp 8 --gic 3 --board-cpus 4"
	echo "smp-eight-on-one guest smp 8 --gic 2 --board-cpus 1"
	echo "memory-16M guest memory 1 --memory 64M"
	echo "memory-4G guest memory 4 --memory 4G --board-cpus 2"
	for v in "gic2 --gic 2" "gic3 --gic 3" "zcu102 --board zcu102"; do
		echo "reset-${v%% *} reset ${v#* }"
		echo "console-${v%% *} console ${v#* }"
	done
}

# The same guests without a hypervisor: what they expect is what hardware does.
list_bare()
{
	for g in memory errors gic timers psci smp; do
		echo "bare-$g-gic2 bare $g gic-version=2 cortex-a57"
		echo "bare-$g-gic3 bare $g gic-version=3 max"
	done
}

# K11: guests that go astray, each beside one that must not notice.
list_runaways()
{
	for how in stack vectors device fetch loop storm abandon; do
		echo "runaway-$how runaway $how --gic 3"
	done
	echo "runaway-stack-gic2 runaway stack --gic 2"
	echo "runaway-storm-zcu102 runaway storm --board zcu102"
	echo "runaway-alone alone stack"
}

list_debian()
{
	for c in cortex-a53 cortex-a57 max; do
		for n in 1 4; do
			echo "debian-gic2-$c-$n shell $n --gic 2 --cpu $c"
			echo "debian-gic3-$c-$n shell $n --gic 3 --cpu $c"
		done
	done
	echo "debian-gic3-a57-4-on-1 shell 4 --gic 3 --board-cpus 1"
	echo "debian-zcu102 shell 4 --board zcu102"
	echo "debian-reboot reboot --gic 3"
	echo "debian-exit-status panic --gic 3"
	echo "installer-gic3 installer --gic 3"
	echo "installer-gic2 installer --gic 2"
	echo "two-guests two two"
	echo "many-guests many"
}

# Guests of 32 bits, on boards whose CPUs are (K30 to K33).
list_arm()
{
	for c in cortex-a15 cortex-a7; do
		for n in 1 4; do
			echo "arm-debian-$c-$n shell $n --board virt-arm --cpu $c"
		done
	done
	for g in memory errors gic timers psci smp; do
		echo "arm-$g-a15 guest arm-$g 4 --board virt-arm"
		echo "arm-$g-a7-shared guest arm-$g 4 --board virt-arm \
			--cpu cortex-a7 --board-cpus 1"
	done
	# Tables in the format of a kernel without LPAE.
	for g in memory errors smp; do
		echo "arm-$g-short guest arm-$g 2 --board virt-arm --append short"
	done
	echo "arm-errors-high guest arm-errors 1 --board virt-arm --memory 6G"
	echo "arm-smp-eight-on-two guest arm-smp 8 --board virt-arm --board-cpus 2"
	echo "arm-hello-image hello Image --board virt-arm"
	echo "arm-reset reset --board virt-arm"
	echo "arm-console console --board virt-arm"
	for how in stack vectors device fetch loop storm abandon; do
		echo "arm-runaway-$how runaway $how --board virt-arm"
	done
	echo "arm-neighbour neighbour --board virt-arm"
	echo "neighbour neighbour --gic 3"
	echo "arm-shared shared --board virt-arm"
	echo "arm-limits limits --board virt-arm"
	for g in memory errors gic timers psci smp; do
		echo "arm-bare-$g bare arm-$g gic-version=2 cortex-a15"
	done
	for g in memory errors; do
		echo "arm-bare-$g-short bare arm-$g gic-version=2 cortex-a7 short"
	done
	echo "arm-two-guests two two-arm"
	echo "arm-debian-4-on-1 shell 4 --board virt-arm --board-cpus 1"
	echo "arm-debian-high shell 2 --board virt-arm --board-memory 5G"
	echo "arm-debian-small small"
}

# A real board with such CPUs, which has no PSCI.
list_vexpress()
{
	for n in 1 4; do
		echo "arm-debian-vexpress-$n shell $n --board vexpress-a15"
	done
	echo "arm-debian-vexpress-4-on-2 shell 4 --board vexpress-a15 \
		--board-cpus 2"
	echo "arm-installer-vexpress installer --board vexpress-a15"
	echo "arm-installer-a7 installer --board virt-arm --cpu cortex-a7 --cpus 4"
	echo "arm-svc-mode entered_in_svc_mode"
	echo "arm-no-vfp no_vfp"
	for b in virt-a15 virt-a7 vexpress; do
		echo "arm-lpae-$b-1 lpae $b 1"
		echo "arm-lpae-$b-4 lpae $b 4"
	done
}

# The MIPS port, on each kind of CPU, entered in each way (K40, K44).
list_mips()
{
	for c in 24Kf:24K:16 34Kf:34K:64 74Kf:74K:16 P5600:P5600:64; do
		echo "mips-monitor-${c%%:*} malta yamon $(echo "$c" | tr : ' ')"
	done
	echo "mips-uhi malta uhi P5600 P5600 64"
	echo "mips-memsize malta memsize 34Kf 34K 64"
	echo "mips-no-tree malta_refuses 24Kf no device tree: .* dtb=ADDRESS"
	for c in 4Kc mips32r6-generic; do
		echo "mips-release-$c malta_refuses $c the CPU is not of MIPS32 release 2 to 5"
	done
	for c in 24Kf P5600; do
		echo "mips-linux-$c mips_linux 1 --cpu $c"
	done
	for c in 24Kf 34Kf P5600; do
		echo "mips-linux-smp-$c mips_linux 2 --cpu $c"
	done
	# More than two wait for locks in turn; the first by a clock that no other
	# load of the machine's disturbs.
	echo "mips-linux-four-24Kf mips_linux 4 --cpu 24Kf --icount"
	echo "mips-linux-four-P5600 mips_linux 4 --cpu P5600"
	echo "mips-linux-74Kf mips_linux 1 --cpu 74Kf"
	for c in 24Kf 34Kf P5600; do
		echo "mips-world-$c guest mips-world 1 --board malta --cpu $c"
	done
	# Kernels for hardware, where the CPU has segment control.
	echo "mips-upper mips_upper --cpu P5600"
	echo "mips-unmodified mips_unmodified 1 --cpu P5600"
	echo "mips-smp-two-24Kf guest mips-smp 2 --board malta --cpu 24Kf"
	echo "mips-smp-four-P5600 guest mips-smp 4 --board malta --cpu P5600"
	echo "mips-neighbour mips_neighbour"
	# The small guests; one CPU kind each. Pages of a 24Kc are zeroed by words.
	echo "mips-memory guest mips-memory 1 --board malta --cpu 24Kc"
	echo "mips-timers guest mips-timers 1 --board malta --cpu P5600"
	echo "mips-reset reset --board malta --cpu P5600"
	echo "mips-console console --board malta --cpu 24Kf"
	echo "mips-shared shared --board malta --cpu 24Kf"
	echo "mips-limits limits --board malta --cpu 34Kf"
	echo "mips-few-tables mips_few_tables --board malta --cpu 24Kf"
	echo "mips-no-walker mips_no_walker --board malta --cpu P5600"
	# What errs, each beside one that must not notice.
	for c in 24Kf 34Kf P5600; do
		echo "mips-errors-$c neighbour --board malta --cpu $c"
	done
	echo "mips-sdbbp mips_sdbbp --board malta --cpu 24Kf"
	echo "mips-runaways runaways --board malta --cpu 24Kf"
	# Guest memory where kseg0 does not show it.
	echo "mips-linux-high-34Kf mips_linux 1 --board-memory 2G --cpu 34Kf"
	echo "mips-two-guests two two-mips"
	echo "mips-reboot mips_reboot --cpu 24Kf --cpus 2"
}

# Stage 2 with larger granules, of more bits, and without what the CPU could do.
list_stage2()
{
	for v in "a57-gic2 --cpu cortex-a57 --gic 2" \
		"a57-gic3 --cpu cortex-a57 --gic 3" "zcu102 --board zcu102" \
		"max --cpu max"; do
		echo "debian-64K-${v%% *} shell 4 ${v#* } --stage2-granule 64K"
	done
	for c in neoverse-n1 max; do
		echo "debian-16K-$c shell 4 --cpu $c --stage2-granule 16K"
	done
	for g in memory errors; do
		echo "$g-64K-zcu102 guest $g 4 --board zcu102 \
			--stage2-granule 64K"
		echo "$g-16K-max guest $g 4 --cpu max --board-cpus 2 \
			--stage2-granule 16K"
	done
	echo "reset-64K reset --gic 2 --stage2-granule 64K"
	for p in features-off ipa-52 ipa-52-64K; do
		echo "debian-$p stage2 $p --cpu max"
	done
}

list_bad()
{
	for b in missing-kernel empty-kernel foreign-kernel foreign-elf \
		kernel-too-large initrd-too-large initrd-missing no-memory \
		board-too-small cpus-0 cpus-9 truncated-gzip text-kernel \
		broken-description granule-of-another-cpu unknown-feature; do
		echo "bad-$b bad $b"
	done
	for d in no-memory no-uart no-cpus no-gic no-psci spin-table truncated \
		not-a-tree; do
		echo "board-dtb-$d board_dtb $d"
	done
}

# B7: what is mapped, seen from outside.
list_inspected()
{
	for v in "gic3 --gic 3" "gic2 --gic 2" "zcu102 --board zcu102"; do
		echo "inspect-${v%% *} inspect ${v#* }"
	done
	for b in virt-arm vexpress-a15 malta; do
		echo "inspect-$b inspect --board $b"
	done
	echo "inspect-dump inspect_dump 0x40200000 0x40000000"
	echo "inspect-dump-arm inspect_dump 0x40010000 0x40000000 --board virt-arm"
	echo "inspect-dump-mips inspect_dump 0x100000 0 --board malta"
	echo "inspect-granule inspect_granule"
}

# K: memory in common; B6: limits.
list_memory()
{
	for v in "gic3 --gic 3" "gic2-one-cpu --gic 2 --board-cpus 1" \
		"zcu102 --board zcu102"; do
		echo "shared-${v%% *} shared ${v#* }"
	done
	echo "limits limits"
}

list()
{
	list_inspected
	list_memory
	list_debian
	list_arm
	list_vexpress
	list_mips
	list_stage2
	list_guests
	list_runaways
	list_bad
	list_bare
}

# ---- Running one -----------------------------------------------------------

# Everything a test prints goes to its log; it fails by `fail WHY`.
fail()
{
	echo "$*" >"$log.why"
	exit 1
}

# It cannot be run here: `skip WHY`.
skip()
{
	echo "$*" >"$log.skip"
	exit 1
}

# Start twofold with a time limit of its own and one around it. Output in $out,
# without carriage returns; the exit status in $status.
tf()
{
	limit=$1
	shift
	timeout -k 5 $((limit + 15)) "$twofold" run --timeout "$limit" "$@" \
		>"$out.raw" 2>"$out.err"
	status=$?
	tr -d '\r' <"$out.raw" >"$out"
	cat "$out" "$out.err"
	echo "status $status"
}

expect_status()
{
	[ "$status" -eq "$1" ] && return
	why=$(grep -a -v '^$' "$out.err" | tail -n 1)
	[ -n "$why" ] || why=$(tail -n 1 "$out")
	fail "status $status, not $1: $why"
}

expect_line()
{
	grep -a -i -q -E -- "$1" "$out" || fail "no line \"$1\""
}

# What the names of our guests for this board begin with.
prefix_for()
{
	case " $* " in
	*" virt-arm "* | *" vexpress-a15 "*) echo arm- ;;
	*" malta "*) echo mips- ;;
	esac
}

# What a guest of ours says: the first failure, or that it did not get through.
expect_guest()
{
	if grep -a -q '^FAIL' "$out"; then
		n=$(grep -a -c '^FAIL' "$out")
		fail "$(grep -a -m 1 '^FAIL' "$out" | cut -c 6-) ($n in all)"
	fi
	grep -a -q "^DONE $1: [1-9][0-9]* passed, 0 failed" "$out" ||
		fail "not to the end (status $status); last: $(
			grep -a -E '^(PASS|SKIP|[a-z])' "$out" | tail -n 1)"
}

test_hello()
{
	kind=$1
	shift
	tf 20 "$@" "$guests/$(prefix_for "$@")hello.$kind" </dev/null
	expect_status 0
	expect_line '^Hello from a bare-metal guest'
}

test_guest()
{
	g=$1
	n=$2
	shift 2
	case " $* " in
	*" --memory "*) ;;
	*) set -- --memory 256M "$@" ;;
	esac
	tf 100 --cpus "$n" "$@" "$guests/$g.elf" </dev/null
	g=${g#arm-}
	expect_guest "${g#mips-}"
	expect_status 0
}

test_bare()
{
	timeout -k 5 100 qemu-system-aarch64 -M "virt,$2" -cpu "$3" -smp 4 \
		-m 256M -display none -monitor none -serial stdio -nic none \
		-no-reboot -kernel "$guests/$1.elf" -append "bare ${4-}" \
		</dev/null >"$out.raw" 2>"$out.err"
	status=$?
	tr -d '\r' <"$out.raw" >"$out"
	cat "$out" "$out.err"
	expect_guest "${1#arm-}"
}

# Two boots: the first is told to reset. Input beyond what a boot reads may be
# lost with it, so there is plenty.
test_reset()
{
	{
		printf r
		yes q | head -n 300
	} >"$out.in"
	tf 30 --memory 256M "$@" "$guests/$(prefix_for "$@")reset.elf" <"$out.in"
	expect_guest reset
	expect_status 0
	[ "$(grep -a -c '^BOOT' "$out")" -eq 2 ] || fail "not two boots"
	[ "$(grep -a -c '^PASS reset.K22.as-after' "$out")" -eq 2 ] ||
		fail "memory was not as after power-on"
}

test_console()
{
	numbers=$(seq 1 400 | tr '\n' ' ' | cut -c 1-120)
	{
		printf 'hello\n\nanother line, which is longer than both FIFOs are\n'
		printf 'interrupts\n'
		for i in 1 2 3 4 5 6 7 8 9 10; do
			echo "$i $numbers"
		done
		printf 'quit\n'
	} >"$out.in"
	tf 30 --memory 64M "$@" "$guests/$(prefix_for "$@")console.elf" <"$out.in"
	while IFS= read -r line; do
		grep -a -q -x -F -- "ECHO ${#line} $line" "$out" ||
			fail "lost: $line"
	done <"$out.in"
	expect_guest console
	expect_status 0
}

# A description on standard output: describe VM..., each made by `vm`.
describe()
{
	echo '/dts-v1/; / { chosen {'
	echo '#address-cells = <2>; #size-cells = <2>;'
	"$@"
	echo '}; };'
}

# vm NAME GUEST KIB CPUS [BOOTARGS]
vm()
{
	cat <<-END
	$1 {
		compatible = "xen,domain";
		#address-cells = <2>;
		#size-cells = <2>;
		memory = <0 $3>;
		cpus = <$4>;
		module@0 {
			compatible = "multiboot,kernel", "multiboot,module";
			twofold,file = "$(cd "$guests" && pwd)/${prefix-}$2.elf";
			bootargs = "${5-}";
		};
	};
	END
}

good_and_astray()
{
	vm good timers 0x20000 1
	vm astray runaway 0x10000 1 "$1"
}

good_and_erring()
{
	vm good timers 0x10000 1
	vm erring errors 0x20000 1
}

two_with_sdbbp()
{
	for i in 1 2; do
		vm "vm$i" errors 0x10000 1 'only K11.SDBBP-and-sleep'
	done
}

eight_of_two()
{
	for i in 1 2 3 4 5 6 7 8; do
		vm "smp$i" smp 0x10000 2
	done
}

# A guest gone astray and a good one share the board's only CPU.
test_runaway()
{
	how=$1
	shift
	prefix=$(prefix_for "$@")
	describe good_and_astray "$how" >"$out.dts"
	case " $* " in
	*zcu102*) ;;
	*) set -- --board-cpus 1 "$@" ;;
	esac
	tf 30 "$@" "$out.dts" </dev/null
	sed -i -e 's/^\[good\] //' "$out"
	grep -a -q "RUNAWAY $how" "$out" || fail "it did not run away"
	expect_guest timers
	case $status in
	124 | 1) ;;
	*) fail "status $status, not 124 (still running) or 1 (stopped)" ;;
	esac
}

good_among_all_kinds()
{
	vm good timers 0x4000 1
	for how in stack vectors device fetch storm abandon; do
		vm "$how" runaway 0x4000 1 "$how"
	done
}

# All kinds of them at once.
test_runaways()
{
	prefix=$(prefix_for "$@")
	describe good_among_all_kinds >"$out.dts"
	tf 15 "$@" "$out.dts" </dev/null
	# Others may have printed within the line.
	for how in stack vectors device fetch storm abandon; do
		sed -n "s/^\\[$how\\] //p" "$out" | tr -d '\n' |
			grep -a -q "RUNAWAY $how" || fail "$how did not run away"
	done
	sed -i -e 's/^\[good\] //' "$out"
	expect_guest timers
	expect_status 124
}

# A guest that does everything it should not, beside one that must not notice.
test_neighbour()
{
	prefix=$(prefix_for "$@")
	describe good_and_erring >"$out.dts"
	case $prefix in
	mips-) ;;
	*) set -- --board-cpus 1 "$@" ;;
	esac
	tf 100 "$@" "$out.dts" </dev/null
	sed -i -e 's/^\[[a-z]*\] //' "$out"
	expect_guest timers
	expect_guest errors
	expect_status 0
}

# K11: debug exceptions of two VMs, and interrupts between, on one CPU.
test_mips_sdbbp()
{
	prefix=mips-
	describe two_with_sdbbp >"$out.dts"
	tf 30 "$@" "$out.dts" </dev/null
	for i in 1 2; do
		expect_line "^\\[vm$i\\] DONE errors: 1 passed, 0 failed"
	done
	expect_status 0
}

# Alone, it is the time limit that ends it.
test_alone()
{
	tf 6 --memory 64M --append "$1" "$guests/runaway.elf" </dev/null
	expect_line "^RUNAWAY $1"
	expect_status 124
}

# The Debian of the board's CPUs.
debian_for()
{
	case " $* " in
	*" virt-arm "* | *" vexpress-a15 "*) debian=$guests/debian-arm ;;
	esac
}

# The line of the README, for each board.
test_shell()
{
	n=$1
	shift
	debian_for "$@"
	printf 'cat /proc/version\nnproc\npoweroff -f\n' >"$out.in"
	tf 150 --cpus "$n" --memory 512M "$@" --initrd "$debian/initrd.gz" \
		--append 'rdinit=/bin/sh console=ttyAMA0' \
		"$debian/$kernel" <"$out.in"
	expect_line '^Linux version 6\.'
	expect_line "^$n\$"
	expect_status 0
	! grep -a 'the board does not turn itself off' "$out" ||
		fail "not waited for the board"
	case " $* " in
	*" --board-cpus "* | *" zcu102 "*) ;;
	*) expect_line "^twofold: $n CPUs?, .* free" ;;
	esac
	if grep -a -E 'BUG:|Oops|Call trace|rcu.*stall|soft lockup' "$out"; then
		fail "the kernel complains: $(grep -a -m 1 -E \
			'BUG:|Oops|Call trace|rcu.*stall|soft lockup' "$out")"
	fi
}

# Debian's kernel for ARMv7 with LPAE, which is no part of its installer.
test_lpae()
{
	kernel=Image-lpae
	[ -f "$guests/debian-arm/$kernel" ] ||
		skip 'no LPAE kernel; `make guests-lpae` downloads it'
	case $1 in
	virt-a15) test_shell "$2" --board virt-arm --cpu cortex-a15 ;;
	virt-a7) test_shell "$2" --board virt-arm --cpu cortex-a7 ;;
	vexpress) test_shell "$2" --board vexpress-a15 ;;
	esac
	expect_line '^Linux version [^ ]*-lpae'
}

# The board as QEMU has it by default, Secure: its CPU starts in SVC mode.
test_entered_in_svc_mode()
{
	timeout -k 5 5 qemu-system-aarch64 -M vexpress-a15 -m 512M -nic none \
		-display none -audiodev none,id=none -monitor none \
		-serial stdio -kernel "$BUILD/twofold-arm.bin" \
		-dtb "$BUILD/boards/vexpress-a15.dtb" </dev/null >"$out" 2>&1
	cat "$out"
	expect_line 'cannot start: firmware: .* in mode 0x13 .*, not in Hyp mode; .* secure=off'
}

test_no_vfp()
{
	tf 5 --board virt-arm --cpu cortex-a15,vfp=off,neon=off \
		"$guests/arm-errors.elf" </dev/null
	expect_line 'CPU: it has no VFP'
	grep -a -q 'PASS' "$out" && fail "a guest ran"
	expect_status 124
}

# What only a description can say: a Debian whose VM has these properties.
with_properties()
{
	vm debian hello 0x80000 4 'rdinit=/bin/sh console=ttyAMA0' |
		sed -e "s|cpus = <4>;|& $1|" \
			-e "s|/[^\"]*/hello.elf|$(cd "$debian" && pwd)/Image|" \
			-e '$d'
	cat <<-END
		module@1 {
			compatible = "multiboot,ramdisk", "multiboot,module";
			twofold,file = "$(cd "$debian" && pwd)/initrd.gz";
		};
	};
	END
}

test_stage2()
{
	case $1 in
	features-off)
		p='twofold,cpu-features-off = "hafdbs", "bbm2", "ttl", "tlbirange", "xnx";'
		;;
	ipa-52) p='twofold,ipa-bits = <52>;' ;;
	ipa-52-64K)
		p='twofold,ipa-bits = <52>; twofold,stage2-granule = <65536>;'
		;;
	esac
	shift
	describe with_properties "$p" >"$out.dts"
	printf 'cat /proc/version\nnproc\npoweroff -f\n' >"$out.in"
	tf 150 "$@" "$out.dts" <"$out.in"
	expect_line '^Linux version 6\.'
	expect_line '^4$'
	expect_status 0
}

# Little more memory than what a zImage unpacks to, which overwrites nothing; and
# less.
test_small()
{
	debian=$guests/debian-arm
	(cd "$debian/shell" && find . | cpio -o -H newc --quiet) >"$out.cpio"
	for m in 24M 28M; do
		tf 10 --memory $m --initrd "$out.cpio" "$debian/Image" </dev/null
		expect_status 2
		grep -q "the kernel .*27M.* --memory gives only $m" "$out.err" ||
			fail "$m: not refused by its size"
	done
	echo 'poweroff -f' >"$out.in"
	tf 60 --memory 32M --initrd "$out.cpio" \
		--append 'rdinit=/bin/sh console=ttyAMA0' "$debian/Image" \
		<"$out.in"
	expect_line 'Memory: .*K/32768K available'
	expect_line 'reboot: Power down'
	expect_status 0
}

test_reboot()
{
	{
		printf 'reboot -f\n'
		yes '' | head -n 40
		printf 'poweroff -f\n'
		yes 'poweroff -f' | head -n 3000
	} >"$out.in"
	tf 200 --memory 512M "$@" --initrd "$debian/initrd.gz" \
		--append 'rdinit=/bin/sh console=ttyAMA0' "$debian/Image" \
		<"$out.in"
	[ "$(grep -a -c 'Booting Linux on physical CPU' "$out")" -eq 2 ] ||
		fail "not two boots"
	expect_status 0
}

# A kernel that panics, with `panic=` to reboot, would run for ever; the time
# limit ends it, and says so.
test_panic()
{
	tf 40 --memory 512M "$@" --append 'console=ttyAMA0' "$debian/Image" \
		</dev/null
	expect_line 'Kernel panic - not syncing: VFS'
	expect_status 124
}

# Debian's own command line for its installer: `--- quiet`.
test_installer()
{
	debian_for "$@"
	timeout -k 5 200 "$twofold" run --memory 512M "$@" \
		--initrd "$debian/initrd-installer.gz" --append '--- quiet' \
		"$debian/Image" </dev/null >"$out" 2>"$out.err" &
	pid=$!
	for _ in $(seq 180); do
		if grep -a -q 'Select a language\|Choose a language' "$out"; then
			kill "$pid"
			wait "$pid"
			cat "$out"
			return
		fi
		kill -0 "$pid" 2>/dev/null || break
		sleep 1
	done
	kill "$pid" 2>/dev/null
	wait "$pid"
	status=$?
	cat "$out" "$out.err"
	fail "no menu; status $status: $(tail -n 1 "$out.err")"
}

test_two()
{
	printf 'cat /proc/version\nnproc\npoweroff -f\n' >"$out.in"
	tf 150 --stats "examples/$1.dts" <"$out.in"
	case $1 in
	two) expect_line 'Hello from a bare-metal guest' ;;
	two-arm)
		expect_line '^\[one\] 1$'
		expect_line '^\[four\] 4$'
		# Of 6600 pages of the RAM disk most are shared to the end.
		expect_line '^twofold: one: faults: .*pages copied [0-3]?[0-9]{1,3},'
		;;
	two-mips)
		expect_line '^\[one\] work: done$'
		expect_line '^\[other\] work: done$'
		;;
	esac
	expect_line 'Linux version 6\.'
	expect_status 0
}

# Eight VMs, two vCPUs each, on two CPUs, of one image (B2).
test_many()
{
	describe eight_of_two >"$out.dts"
	tf 150 --board-cpus 2 "$out.dts" </dev/null
	if grep -a -q 'FAIL' "$out"; then
		fail "$(grep -a -m 1 FAIL "$out")"
	fi
	[ "$(grep -a -c 'DONE smp: [1-9][0-9]* passed, 0 failed' "$out")" -eq 8 ] ||
		fail "not all eight came to the end"
	expect_status 0
}

# ---- Inspecting ------------------------------------------------------------

two_inspected()
{
	vm a inspected 0x20000 1 first
	vm b inspected 0x20000 2 second | sed "s/cpus =/${property-} &/"
}

# Where a VM's memory begins, and 64 MiB on; how much of it two accesses map there,
# in blocks of 2 MiB, or in pages where MIPS has blocks of 4 alone; and how its kernel
# comes: an image's pages, or a block with a copy of it.
shape_for()
{
	case $prefix in
	mips-) ram=0x0 at=0x4000000 behind=0x5000000 mapped=4194304 blocks=0 pages=1024 kernel=copied ;;
	*) ram=0x40000000 at=0x44000000 behind=0x45000000 mapped=4194304 blocks=2 pages=0 kernel=shared ;;
	esac
}

# Two VMs of one image on a board in the background, until both have touched what
# they are to touch. The rest of the test runs with $boards as its directory.
start_inspected()
{
	XDG_RUNTIME_DIR=$(mktemp -d)
	export XDG_RUNTIME_DIR
	prefix=$(prefix_for "$@")
	shape_for
	describe two_inspected >"$out.dts"
	timeout -k 5 100 "$twofold" run --timeout 80 "$@" "$out.dts" \
		</dev/null >"$out" 2>"$out.err" &
	board=$!
	trap 'kill $board 2>/dev/null; wait $board; rm -rf "$XDG_RUNTIME_DIR"' EXIT
	for _ in $(seq 240); do
		[ "$(grep -a -c 'READY' "$out")" -eq 2 ] && return
		kill -0 "$board" 2>/dev/null || break
		sleep 0.25
	done
	cat "$out" "$out.err"
	fail "the guests do not come up"
}

# inspect ARGUMENT...: into $out.json, which must be JSON.
inspect()
{
	"$twofold" inspect --json "$@" >"$out.json" 2>"$out.err" ||
		fail "inspect $*: $(cat "$out.err")"
	if command -v python3 >/dev/null; then
		python3 -m json.tool "$out.json" >/dev/null ||
			fail "inspect $*: is not JSON"
	fi
}

# What one number of the last inspection is, in the VM's totals (the last of
# their name).
total()
{
	sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" "$out.json" | tail -n 1
}

expect_total()
{
	[ "$(total "$1")" = "$2" ] || fail "$1 is $(total "$1"), not $2: $3"
}

# The host addresses of the leaves that are an image's, run by run.
shared_leaves()
{
	inspect --leaves --range "$ram+64M" "$1"
	awk '/"address"/ { a = $2 } /"size"/ { s = $2 } /"host"/ { h = $2 }
		/^ *"shared",*$/ { print a, s, h }' "$out.json" | sort
}

test_inspect()
{
	start_inspected "$@"
	for v in a b; do
		inspect --range $at+4M $v
		expect_total mapped $mapped "$v: both were touched"
		expect_total blocks $blocks "$v"
		expect_total pages $pages "$v"
		expect_total dirty $mapped "$v: RAM is writable from the start"
		expect_total shared 0 "$v"
		inspect --range $behind+16M $v
		expect_total mapped 0 "$v: nobody was there"
		shared_leaves $v >"$out.$v"
		cat "$out.$v"
		if [ $kernel = copied ]; then
			[ ! -s "$out.$v" ] || fail "$v: a page is its image's"
		else
			[ -s "$out.$v" ] || fail "$v: no page is its image's"
		fi
	done
	[ $kernel = copied ] || [ -n "$(comm -12 "$out.a" "$out.b")" ] ||
		fail "no page of the image is the same in both VMs"
	rm -f "$out.a" "$out.b"
	"$twofold" inspect --leaves b >"$out.map" || fail "no map"
	cat "$out.map"
	grep -q "^  *$ram  [a-z+.]" "$out.map" || fail "no map of RAM"
	if "$twofold" inspect c 2>"$out.err" ||
		! grep -q "no VM 'c', but a and b$" "$out.err"; then
		fail "a VM that is not there: $(cat "$out.err")"
	fi
	if "$twofold" inspect --range 0x30000000+64M a 2>"$out.err" ||
		! grep -q "^  a: $ram+128M$" "$out.err" ||
		grep -q '^  b: ' "$out.err"; then
		fail "memory that is not there: $(cat "$out.err")"
	fi
	"$twofold" inspect --range "$(printf '%#x' $((ram + 1)))+0x1001" a | tee "$out.map" |
		grep -q 'of 8 KiB' || fail "not two pages: $(cat "$out.map")"
	kill -0 "$board" 2>/dev/null || fail "the board did not survive it"
	"$twofold" inspect 2>&1 | grep 'stands still' && fail "it stands still"
	:
}

# The tables of VMs with large granules are walked as such.
test_inspect_granule()
{
	for granule in 16384 65536; do
		property="twofold,stage2-granule = <$granule>;"
		start_inspected --cpu max
		inspect --range 0x44000000+4M b
		grep -q "\"granule\": $granule," "$out.json" || fail "not $granule"
		grep '"damaged": true' "$out.json" && fail "damaged"
		expect_total blocks 0 "the least block is larger"
		[ "$(total mapped)" -ge $((2 * granule)) ] &&
			[ "$(total mapped)" -eq $(($(total pages) * granule)) ] ||
			fail "$(total mapped) bytes in $(total pages) pages"
		inspect --range 0x45000000+16M b
		expect_total mapped 0 "nobody was there"
		inspect --range 0x44000000+4M a
		expect_total blocks 2 "a, beside it, has 4 KiB"
		kill "$board"
		wait "$board" || :
	done
}

# A dump says the same as the board does.
# test_inspect_dump WHERE BASE ARGUMENT...: the hypervisor's image is there, and the
# board's RAM from BASE on.
test_inspect_dump()
{
	where=$1
	dump=$out.ram@$2
	shift 2
	start_inspected "$@" --board-memory 512M --qemu-arg -object --qemu-arg \
		"memory-backend-file,id=ram,size=512M,share=on,mem-path=$out.ram" \
		--qemu-arg -machine --qemu-arg memory-backend=ram
	inspect --leaves
	sed '/"board"/d; /"source"/d' "$out.json" >"$out.live"
	kill "$board"
	wait "$board"
	inspect --leaves --memory "$dump"
	sed '/"board"/d; /"source"/d' "$out.json" >"$out.dead"
	"$twofold" inspect --memory "$dump" >"$out.map"
	grep -q "ram@[0-9a-fx]*: the hypervisor is at $where\$" "$out.map" ||
		fail "where it was found: $(head -n 1 "$out.map")"
	if "$twofold" inspect --memory "$dump" c 2>"$out.err" ||
		! grep -q "no VM 'c', but a and b$" "$out.err"; then
		fail "a VM that is not in it: $(cat "$out.err")"
	fi
	rm -f "$out.ram"
	cmp "$out.live" "$out.dead" || fail "the dump differs from the board"
	grep -q '"name": "b"' "$out.dead" || fail "no VM b in the dump"
	rm -f "$out.live" "$out.dead"
}

# ---- Memory in common, and limits -------------------------------------------

# shared_vm NAME ROLE ADDRESS [MORE]: with 2 MiB that the others have too.
shared_vm()
{
	vm "$1" shared 0x10000 1 "$2" | sed '$d'
	cat <<-END
		shm {
			compatible = "xen,domain-shared-memory-v1";
			xen,shm-id = "my-shared-mem";
			xen,shared-mem = <0 $3 0 0x200000>;
			${4-}
		};
	};
	END
}

one_writes_two_read()
{
	shared_vm a writer "$1" 'role = "owner";'
	shared_vm b reader "$2" 'role = "borrower"; twofold,read-only;'
	shared_vm c reader "$3" 'twofold,read-only;'
}

test_shared()
{
	prefix=$(prefix_for "$@")
	# MIPS has everything within 512 MiB.
	case $prefix in
	mips-) set -- 0x18000000 0x19000000 0x1a000000 "$@" ;;
	*) set -- 0x50000000 0x60000000 0x70000000 "$@" ;;
	esac
	describe one_writes_two_read "$1" "$2" "$3" >"$out.dts"
	shift 3
	tf 60 "$@" "$out.dts" </dev/null
	if grep -a -q 'FAIL' "$out"; then
		fail "$(grep -a -m 1 FAIL "$out")"
	fi
	expect_line '^\[a\] WRITTEN'
	[ "$(grep -a -c 'DONE shared: [23] passed, 0 failed' "$out")" -eq 3 ] ||
		fail "not all three came to the end"
	expect_status 0
}

greedy_and_good()
{
	vm pages greedy 0x40000 1 | sed 's/cpus =/twofold,max-memory = <0x2000>; &/'
	vm tables greedy 0x40000 1 | sed -e "s/cpus =/twofold,max-memory = <$room>; &/" \
		-e "s/cpus =/twofold,max-table-memory = <$tables>; &/"
	vm good timers 0x10000 1
}

# One of them has the address that was written.
expect_registers_of_tables()
{
	gva=$(sed -n 's/^twofold: error: tables: .*, guest-virtual \([0-9a-fx]*\),.*/\1/p' "$out")
	expect_line "^twofold: error: tables: vCPU 0: .*[rx][0-9]+ ${gva:-none}"
	case $prefix in
	mips-) expect_line '^twofold: error: tables: vCPU 0: .*ebase 0x[1-9a-f]' ;;
	*) expect_line '^twofold: error: tables: vCPU 0: .*ttbr0 0x[1-9a-f]' ;;
	esac
}

test_limits()
{
	prefix=$(prefix_for "$@")
	# The least that there may be of tables, and memory that needs more.
	case $prefix in
	mips-) tables=128 room=0x18000 ;;
	*) tables=64 room=0x2000 ;;
	esac
	describe greedy_and_good >"$out.dts"
	tf 60 "$@" "$out.dts" </dev/null
	expect_line '^twofold: error: pages: its memory is used up: all of 8 MiB; twofold,max-memory or memory'
	expect_line "^twofold: error: tables: its memory for page tables is used up: all of $tables KiB; twofold,max-table-memory"
	expect_registers_of_tables
	grep -a -q 'FAIL' "$out" && fail "$(grep -a -m 1 FAIL "$out")"
	sed -i -e 's/^\[good\] //' "$out"
	expect_guest timers
	expect_status 1
}

# ---- Bad input: refused with status 2 and the culprit's name -----------------

refused()
{
	culprit=$1
	shift
	tf 20 "$@" </dev/null
	expect_status 2
	grep -a -q -i -E -- "$culprit" "$out" "$out.err" ||
		fail "the message does not name $culprit: $(tail -n 1 "$out.err")"
}

test_bad()
{
	image=$debian/Image
	initrd=$debian/initrd.gz
	case $1 in
	missing-kernel) refused nowhere "$out.nowhere" ;;
	empty-kernel)
		: >"$out.empty"
		refused empty "$out.empty"
		;;
	foreign-kernel)
		# An Image for RISC-V: its magic number stands at 0x38.
		head -c 65536 /dev/zero >"$out.riscv"
		printf 'RSC\005' | dd of="$out.riscv" bs=1 seek=56 \
			conv=notrunc 2>/dev/null
		refused RISC-V "$out.riscv"
		;;
	foreign-elf) refused "$(basename "$twofold")" "$twofold" ;;
	kernel-too-large) refused 'Image|memory' --memory 16M "$image" ;;
	initrd-too-large)
		refused 'initrd|memory' --memory 64M --initrd "$initrd" "$image"
		;;
	initrd-missing) refused nowhere --initrd "$out.nowhere" "$image" ;;
	no-memory) refused memory --memory 0 "$image" ;;
	board-too-small)
		refused memory --memory 2G --board-memory 1G "$image"
		;;
	cpus-0) refused cpus --cpus 0 "$image" ;;
	cpus-9) refused cpus --cpus 9 "$image" ;;
	truncated-gzip)
		head -c 100000 "$image" | gzip | head -c 20000 >"$out.cut.gz"
		refused cut.gz "$out.cut.gz"
		;;
	text-kernel)
		: >"$out.dts"
		refused dts "$out.dts"
		;;
	granule-of-another-cpu)
		refused 'stage2-granule: 16384 \(16K\): .* 4096 \(4K\) 65536 \(64K\)' --cpu cortex-a57 \
			--stage2-granule 16K "$guests/hello.elf"
		;;
	unknown-feature)
		describe with_properties 'twofold,cpu-features-off = "ttl2";' \
			>"$out.dts"
		refused "cpu-features-off: 'ttl2': must be of" "$out.dts"
		;;
	broken-description)
		describe vm one hello 0x10000 77 >"$out.dts"
		refused cpus "$out.dts"
		;;
	esac
}

# A board whose own device tree lacks what is needed. The hypervisor says so
# as far as it can (without a UART it cannot), and does not start a guest.
# QEMU as it is called by hand: malta CPU ARGUMENT...
malta()
{
	cpu=$1
	shift
	timeout -k 5 20 qemu-system-mipsel -M malta -cpu "$cpu" -m 320 \
		-vga none -nic none -display none -monitor none -no-reboot \
		-serial null -serial null -serial stdio "$@" \
		</dev/null >"$out.raw" 2>"$out.err"
	status=$?
	tr -d '\r' <"$out.raw" >"$out"
	cat "$out" "$out.err"
	echo "status $status"
}

# Which CPU it is, what the board has, and that there is nothing to run; then the
# board resets, which ends QEMU.
test_malta()
{
	tree=loader,file=$out.dtb,addr=0x08000000,force-raw=on
	cp tests/boot/malta.dts "$out.dts"
	memory='3[01][0-9]'
	if [ "$1" = memsize ]; then
		# YAMON's environment says how much there is up to 256 MiB.
		sed -i '/memory@0/,/};/d' "$out.dts"
		memory='25[0-9]'
	fi
	dtc -q -I dts -O dtb -o "$out.dtb" "$out.dts" || fail "dtc"
	if [ "$1" != uhi ]; then
		malta "$2" -kernel "$BUILD/twofold-mips.elf" -device "$tree" \
			-append 'quiet dtb=0x08000000'
	else
		# The reset vector, in words of the other endianness, as QEMU wants
		# them: lui a1, 0x8800; li a0, -2; lui t0, 0x8010; jr t0; nop.
		printf '\074\005\210\000\044\004\377\376\074\010\200\020\001\000\000\010\000\000\000\000' \
			>"$out.bios"
		malta "$2" -bios "$out.bios" -device "$tree" \
			-device "loader,file=$BUILD/twofold-mips.elf"
	fi
	expect_line '^twofold: Twofold [0-9.]+, mips, on MIPS Malta$'
	expect_line "^twofold: CPU: MIPS $3 .* $4 TLB entries"
	expect_line "^twofold: memory: $memory MiB"
	expect_line '^twofold: error: /chosen: no VM: '
	expect_status 0
}

# CPU WHY...: it says so by YAMON's own output, for want of any other, and stops.
test_malta_refuses()
{
	cpu=$1
	shift
	timeout -k 5 20 qemu-system-mipsel -M malta -cpu "$cpu" -vga none -nic none \
		-display none -monitor none -serial stdio \
		-kernel "$BUILD/twofold-mips.elf" </dev/null >"$out" 2>"$out.err" &
	qemu=$!
	for _ in $(seq 100); do
		grep -q "^twofold: error: cannot start: $*" "$out" && break
		kill -0 "$qemu" || break
		sleep 0.1
	done 2>/dev/null
	kill "$qemu"
	wait "$qemu"
	cat "$out" "$out.err"
	expect_line "^twofold: error: cannot start: $*"
}

# K40 to K46: Linux in user mode, to a shell; and its own user space does what the
# same program does on this machine.
mips_linux()
{
	tf 100 --board malta --initrd "$guests/linux-mips/initrd.gz" "$@" \
		"$guests/linux-mips/${mips_kernel:-vmlinux}" <"$out.in"
	expect_line '^Linux version 6\.'
	if grep -a -E 'BUG:|Oops|Call trace|soft lockup' "$out"; then
		fail "the kernel complains"
	fi
}

# test_mips_linux CPUS ARGUMENT...: the last CPU is turned off, and on again.
test_mips_linux()
{
	n=$1
	last=$((n - 1))
	shift
	# No byte is lost, not even the first.
	{
		printf '/bin/work\ncd /sys/devices/system/cpu\ncat online\n'
		[ "$n" -eq 1 ] || printf '%s\n' "echo 0 >cpu$last/online" \
			'cat online' "echo 1 >cpu$last/online" 'cat online'
		echo 'poweroff -f'
	} >"$out.in"
	mips_linux --cpus "$n" "$@"
	while IFS= read -r line; do
		grep -a -q -x -F -- "$line" "$out" || fail "no line \"$line\""
	done <"$guests/linux-mips/work.expected"
	case $n in
	1) online=0 ;;
	2) online='0-1 0 0-1' ;;
	*) online="0-$last 0-$((last - 1)) 0-$last" ;;
	esac
	found=$(grep -a -x '0-*[0-9]*' "$out" | tr '\n' ' ')
	[ "$found" = "$online " ] || fail "CPUs online: $found, not $online"
	expect_line 'reboot: Power down'
	expect_status 0
}

mips_both_layouts()
{
	vm upper mips-upper 0x8000 1
	vm lower mips-world 0x8000 1
	vm another mips-upper 0x8000 1
}

# Segments are another guest's at each switch; which may come in the middle of a line.
test_mips_upper()
{
	describe mips_both_layouts >"$out.dts"
	tf 100 --board malta "$@" "$out.dts" </dev/null
	for name in upper lower another; do
		sed -n "s/^\[$name\] //p" "$out" | tr -d '\n' |
			grep -q 'DONE world: [1-9][0-9]* passed, 0 failed$' ||
			fail "$name: not to the end, or not without a failure"
	done
	expect_status 0
	# What the command says is the hypervisor's to know too.
	tf 20 --board malta --cpu P5600 --qemu-arg -cpu --qemu-arg 34Kf \
		"$guests/mips-upper.elf" </dev/null
	expect_line 'a kernel that is linked for 0x80000000 and up: .* segment control'
}

# As it is for hardware, of sources that nobody changed.
test_mips_unmodified()
{
	mips_kernel=vmlinux-native
	mipsel-linux-gnu-readelf -h "$guests/linux-mips/$mips_kernel" |
		grep -q 'Entry point address: *0x80' || fail "it is for another layout"
	test_mips_linux "$@"
}

# One that runs /bin/work: mips_working NAME KIB [PROPERTY]
mips_working()
{
	files=$(cd "$guests/linux-mips" && pwd)
	cat <<-END
	$1 {
		compatible = "xen,domain";
		#address-cells = <2>;
		#size-cells = <2>;
		memory = <0 $2>;
		cpus = <1>;
		${3-}
		kernel {
			compatible = "multiboot,kernel", "multiboot,module";
			twofold,file = "$files/vmlinux";
			bootargs = "rdinit=/bin/sh -- -c \"/bin/work; poweroff -f\"";
		};
		ramdisk {
			compatible = "multiboot,ramdisk", "multiboot,module";
			twofold,file = "$files/initrd.gz";
		};
	};
	END
}

# It has worked, and is off.
expect_mips_work()
{
	while IFS= read -r line; do
		grep -a -q -x -F -- "$line" "$out" || fail "no line \"$line\""
	done <"$guests/linux-mips/work.expected"
	expect_line 'reboot: Power down'
	expect_status 0
}

# B6, K42: at its limit a guest's trees give way to its GPA table, and begin anew.
test_mips_few_tables()
{
	describe mips_working poor 0x4000 'twofold,max-table-memory = <168>;' \
		>"$out.dts"
	tf 60 --icount "$@" "$out.dts" </dev/null
	expect_mips_work
}

mips_without_walker()
{
	echo 'twofold,no-walker;'
	mips_working linux 0x8000
}

# K41: by the refill handler of CPUs with KScratch, and blocks that are entered apart.
test_mips_no_walker()
{
	describe mips_without_walker >"$out.dts"
	tf 60 "$@" "$out.dts" </dev/null
	expect_line "guests' TLB misses: the refill handler, by Context"
	expect_mips_work
}

mips_good_and_astray()
{
	vm good mips-world 0x8000 1
	vm astray mips-world 0x8000 1 | sed "s|\"[^\"]*mips-world.elf\"|\"$(pwd)/$out.kernel\"|"
}

# K11: beside whatever comes of executing noise, and then nothing, and what is left
# when its vectors are nowhere.
test_mips_neighbour()
{
	tail -c 65536 "$guests/linux-mips/initrd.gz" >"$out.kernel"
	describe mips_good_and_astray >"$out.dts"
	tf 8 --board malta "$out.dts" </dev/null
	sed -i -e 's/^\[[a-z]*\] //' "$out"
	expect_guest world
	expect_line '^twofold: good: powered off'
	expect_status 124
}

# A second start finds its memory as the first did; and Ctrl-C interrupts what its
# shell runs, which would otherwise last beyond the time limit.
test_mips_reboot()
{
	rm -f "$out.in"
	mkfifo "$out.in"
	{
		printf '\nreboot -f\n'
		n=0
		until [ "$(grep -a -c '^Run /init' "$out.raw")" -ge 2 ] ||
			[ $((n = n + 1)) -gt 300 ]; do
			sleep 0.2
		done
		printf '\nsleep 999; echo awake\n'
		until grep -a -q 'sleep 999; echo' "$out.raw" ||
			[ $((n = n + 1)) -gt 600 ]; do
			sleep 0.2
		done
		sleep 2
		printf '\003\npoweroff -f\n'
	} >"$out.in" &
	mips_linux "$@"
	[ "$(grep -a -c '^Run /init' "$out")" -eq 2 ] || fail "not two boots"
	expect_status 0
}

test_board_dtb()
{
	dtb=$out.dtb
	qemu-system-aarch64 -M virt,virtualization=on,gic-version=3,dumpdtb="$dtb" \
		-cpu cortex-a57 -smp 2 -m 512M -display none -nic none 2>/dev/null ||
		fail "QEMU makes no device tree"
	dtc -q -I dtb -O dts "$dtb" >"$dtb.dts"
	case $1 in
	no-memory) sed -i '/memory@/,/};/d' "$dtb.dts" ;;
	no-uart) sed -i -e 's/"arm,pl011"/"none,none"/' "$dtb.dts" ;;
	no-cpus) sed -i -e 's/device_type = "cpu"/device_type = "none"/' \
		"$dtb.dts" ;;
	no-gic) sed -i -e 's/"arm,gic-v3"/"none,none"/' "$dtb.dts" ;;
	no-psci) sed -i -e 's/compatible = .*"arm,psci[^;]*/compatible = "none"/' \
		"$dtb.dts" ;;
	spin-table) sed -i -e 's/enable-method = "psci"/enable-method = "spin-table"/' \
		"$dtb.dts" ;;
	esac
	dtc -q -I dts -O dtb -o "$dtb" "$dtb.dts" || fail "dtc"
	case $1 in
	truncated) head -c 1500 "$dtb" >"$dtb.cut" && mv "$dtb.cut" "$dtb" ;;
	not-a-tree)
		head -c 4096 "$0" >"$dtb"
		;;
	esac
	# By loaders, and a stub that passes its address: QEMU's own loader
	# would mend the tree, or refuse it. movz x0, #0x4f00, lsl #16;
	# movz x1, #0x4020, lsl #16; br x1.
	printf '\000\340\251\322\001\004\250\322\040\000\037\326' >"$out.stub"
	timeout -k 5 8 qemu-system-aarch64 \
		-M virt,virtualization=on,gic-version=3 -cpu cortex-a57 -smp 2 \
		-m 512M -display none -monitor none -serial stdio -nic none \
		-no-reboot -device "loader,file=$dtb,addr=0x4f000000,force-raw=on" \
		-device "loader,file=$BUILD/twofold-arm64.bin,addr=0x40200000,force-raw=on" \
		-device "loader,file=$out.stub,addr=0x4e000000,force-raw=on" \
		-device loader,addr=0x4e000000,cpu-num=0 \
		</dev/null >"$out" 2>"$out.err"
	status=$?
	cat "$out" "$out.err"
	echo "status $status"
	case $1 in
	no-memory) expect_line memory ;;
	no-cpus) expect_line cpu ;;
	no-gic) expect_line 'interrupt|GIC' ;;
	no-psci)
		expect_line 'psci-1.0: one CPU, and no power-off'
		expect_line 'CPU 1: stays off: no way to turn it on'
		expect_line '1 CPU, .* free'
		;;
	spin-table)
		expect_line 'CPU 1: stays off: /cpus/cpu@1: enable-method'
		expect_line '1 CPU, .* free'
		;;
	esac
	if grep -a -q 'BUG\|Hello' "$out"; then
		fail "$(grep -a -m 1 'BUG\|Hello' "$out")"
	fi
}

# ---- The runner ---------------------------------------------------------------

# run.sh --one NAME KIND ARGUMENT...
run_one()
{
	name=$1
	kind=$2
	shift 2
	log=$logs/$name.log
	out=$logs/$name.out
	mkdir -p "$logs"
	rm -f "$out"* "$log.why" "$log.skip"
	begin=$(date +%s)
	if ("test_$kind" "$@") >"$log" 2>&1; then
		echo "ok $name"
	elif [ -s "$log.skip" ]; then
		echo "skip $name: $(cat "$log.skip")"
	elif [ -s "$log.why" ]; then
		echo "not ok $name: $(head -n 1 "$log.why" | tr -d '\000-\037')"
	else
		echo "not ok $name: see $log"
	fi
	echo "took $(($(date +%s) - begin)) s" >>"$log"
	rm -f "$out.raw" "$out.in" "$out.dtb"* "$out.stub" "$out.riscv" "$log.why" "$log.skip"
}

case ${1-} in
--one)
	shift
	run_one "$@"
	exit
	;;
--list)
	shift
	list | grep -E -- "${1-${TESTS:-.}}" | cut -d ' ' -f 1
	exit
	;;
esac

pattern=${1-${TESTS:-.}}
mkdir -p "$logs"
# xargs splits a line into the words of one command.
list | tr -s '\t ' ' ' | while IFS= read -r line; do
	printf '%s\n' "${line%% *}" | grep -E -q -- "$pattern" &&
		printf '%s\n' "$line"
done | xargs -r -P "$JOBS" -L 1 sh "$0" --one | tee "$logs/results"
! grep -q '^not ok' "$logs/results"

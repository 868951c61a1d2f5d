#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What an exit costs, in executed instructions, beside the goal and the peers.
#
#   exits.sh [arm64|arm|mips]
#
# One CPU, `-icount shift=0,sleep=off`: the counter counts instructions, and
# every run gives the same numbers. The initrd has nothing in it: its pages are
# there to be touched for the first time, which maps what is loaded already and
# so leaves out the zeroing of new memory.

set -eu
BUILD=${BUILD:-build}
arch=${1:-arm64}
out=$BUILD/bench
mkdir -p "$out"

# run WHAT GUEST OPTION...
run()
{
	what=$1
	guest=$2
	shift 2
	console=$out/exits-$arch.txt
	"$BUILD/twofold" run --timeout 300 --icount --stats "$@" \
		--cpus 2 --board-cpus 1 --memory 512M --initrd "$out/pages" \
		"$BUILD/guests/$guest" </dev/null >"$console" || {
		cat "$console"
		echo "exits.sh: the guest failed" >&2
		exit 1
	}
	echo "$what: executed instructions an operation"
	awk -v arch="$arch" -f bench/table.awk "$console"
	echo
}

# run_mips CPU GOAL [PROPERTY]: goal of a TLB miss; a property of /chosen
run_mips()
{
	name=$1${3:+-$3}
	cat >"$out/exits-$name.dts" <<EOF
/dts-v1/;
/ {
	chosen {
		twofold,icount;
		${3:+twofold,$3;}
		bench {
			compatible = "xen,domain";
			memory = <0 0x10000>;
			cpus = <1>;
			kernel {
				compatible = "multiboot,kernel",
					     "multiboot,module";
				twofold,file =
					"../guests/mips-bench-exits.elf";
			};
		};
	};
};
EOF
	"$BUILD/twofold" run --timeout 300 --icount --board malta --cpu "$1" \
		"$out/exits-$name.dts" </dev/null >"$out/exits-$name.txt" || {
		cat "$out/exits-$name.txt"
		echo "exits.sh: the guest failed" >&2
		exit 1
	}
	echo "$1${3:+, $3}: executed instructions an operation"
	awk -v goal_of_a_miss="$2" -f bench/mips/table.awk "$out/exits-$name.txt"
	echo
}

if [ "$arch" = mips ]; then
	run_mips 24Kf 20
	run_mips 34Kf 20
	run_mips P5600 0
	run_mips P5600 16 no-walker
	exit
fi

head -c 83886080 /dev/zero >"$out/pages"
case $arch in
arm64)
	run "GICv3, cortex-a57" bench-exits.elf --gic 3
	run "GICv2, cortex-a57" bench-exits.elf --gic 2
	;;
arm)
	run "cortex-a15" arm-bench-exits.elf --board virt-arm
	;;
esac
rm -f "$out/pages"

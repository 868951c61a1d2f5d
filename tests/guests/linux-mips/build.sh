#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# build.sh SOURCE.tar.xz WORK CROSS OUTPUT [OPTION=VALUE...]: Linux 6.1 for a guest of
# the mips port, from Debian's source package. WORK keeps nothing afterwards. An
# OPTION=VALUE goes over what `config` beside this says. CONFIG_MIPS_GUEST_LAYOUT=n is
# the same kernel for hardware: of sources without the patch.

set -eu
here=$(dirname "$(readlink -f "$0")")
source=$1
work=$2
cross=$3
output=$(readlink -f "$(dirname "$4")")/$(basename "$4")
shift 4

fail()
{
	echo "build.sh: $*" >&2
	exit 1
}

rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
# Sources of drivers and of other CPUs are most of it, and nothing that is needed;
# the rest of their folders is: Kconfig reads it.
tar -xf "$source" -C "$work" --strip-components=1 \
	--exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/*.[ch]' \
	--exclude='*/drivers/media/*.[ch]' --exclude='*/drivers/infiniband/*.[ch]' \
	--exclude='*/drivers/scsi/*.[ch]' --exclude='*/drivers/staging/*.[ch]' \
	--exclude='*/sound/*.[ch]' --exclude='*/tools/testing/*' \
	--exclude='*/arch/[a-ln-z]*.[chS]' --exclude='*/arch/*.dts*' ||
	fail "$source does not unpack"
cp "$here/config" "$work/wanted"
case " $* " in
*' CONFIG_MIPS_GUEST_LAYOUT=n '*)
	# What the patch brings goes; for several CPUs, hardware has the CPS.
	sed -i -E -e '/^CONFIG_MIPS_GUEST_LAYOUT=/d' \
		-e 's/^CONFIG_MIPS_TWOFOLD_SMP=/CONFIG_MIPS_CPS=/' "$work/wanted"
	;;
*)
	patch -s -d "$work" -p1 <"$here/layout.patch" ||
		fail "layout.patch does not apply to $source"
	;;
esac
for option; do
	sed -i "/^${option%%=*}=/d" "$work/wanted"
	echo "$option" >>"$work/wanted"
done
build()
{
	make -s -C "$work" ARCH=mips CROSS_COMPILE="$cross-" \
		KBUILD_BUILD_TIMESTAMP='1970-01-01' KBUILD_BUILD_USER=twofold \
		KBUILD_BUILD_HOST=twofold "$@"
}
build KCONFIG_ALLCONFIG=wanted allnoconfig
grep '=y$' "$work/wanted" | while read -r option; do
	grep -qx "$option" "$work/.config" || fail "$option cannot be set"
done
build vmlinux
"$cross-objcopy" --strip-debug "$work/vmlinux" "$output"

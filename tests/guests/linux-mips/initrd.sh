#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# initrd.sh INSTALLER-INITRD.gz OUTPUT.gz [PROGRAM...]: out of the initrd of Debian's
# installer for mipsel, just BusyBox and its libraries, with an /init that ends in a
# shell; and the PROGRAMs in /bin. `poweroff -f` in that shell ends the guest. What
# the kernel's command line has as run="COMMANDS" is executed by the shell instead.

set -eu
from=$(readlink -f "$1")
to=$(readlink -f "$(dirname "$2")")/$(basename "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=$work/root
mkdir -p "$work/all" "$root/bin" "$root/lib" "$root/dev" "$root/proc" "$root/sys" \
	"$root/tmp" "$root/sbin"
(cd "$work/all" && zcat "$from" | cpio -idm --quiet bin/busybox \
	'lib/mipsel-linux-gnu/ld.so.1' 'lib/mipsel-linux-gnu/libc.so.6' \
	'lib/mipsel-linux-gnu/libresolv.so.2')
cp "$work/all/bin/busybox" "$root/bin/"
cp "$work/all/lib/mipsel-linux-gnu"/* "$root/lib/"
for program; do
	cp "$program" "$root/bin/"
done
for name in sh ash cat chmod cp cut date dd df dmesg echo false grep gunzip kill ln ls \
	mkdir mknod mount mv ps pwd rm rmdir sed sleep sort stty sync tar touch true \
	umount uname wc zcat; do
	ln -s busybox "$root/bin/$name"
done
for name in poweroff reboot halt; do
	ln -s ../bin/busybox "$root/sbin/$name"
done
cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/bin:/sbin HOME=/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
exec sh ${run:+-c "$run"} </dev/console >/dev/console 2>&1
END
chmod 755 "$root/init"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible \
	--owner 0:0) | gzip -9n >"$to"

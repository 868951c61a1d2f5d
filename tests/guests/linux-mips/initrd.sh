#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# initrd.sh INSTALLER-INITRD.gz OUTPUT.gz [PROGRAM...]: out of the initrd of Debian's
# installer for mipsel, just BusyBox and its libraries, with an /init that ends in a
# shell; and the PROGRAMs in /bin. The console is the shell's terminal, so that Ctrl-C
# interrupts what runs in it; `poweroff -f` in it or its end ends the guest. What the
# kernel's command line has as run="COMMANDS" is executed by process 1 instead.

set -eu
from=$(readlink -f "$1")
to=$(readlink -f "$(dirname "$2")")/$(basename "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

root=$work/root
mkdir -p "$work/all" "$root/bin" "$root/lib" "$root/dev" "$root/proc" "$root/sys" \
	"$root/tmp" "$root/sbin" "$root/etc"
(cd "$work/all" && zcat "$from" | cpio -idm --quiet bin/busybox \
	'lib/mipsel-linux-gnu/ld.so.1' 'lib/mipsel-linux-gnu/libc.so.6' \
	'lib/mipsel-linux-gnu/libresolv.so.2')
cp "$work/all/bin/busybox" "$root/bin/"
cp "$work/all/lib/mipsel-linux-gnu"/* "$root/lib/"
for program; do
	cp "$program" "$root/bin/"
done
for name in sh ash cat chmod cp cut date dd df dmesg echo false free grep gunzip kill ln ls \
	mkdir mknod mount mv ps pwd rm rmdir sed sleep sort stty sync tar touch true \
	umount uname wc zcat; do
	ln -s busybox "$root/bin/$name"
done
for name in init poweroff reboot halt; do
	ln -s ../bin/busybox "$root/sbin/$name"
done
cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/bin:/sbin HOME=/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
exec </dev/console >/dev/console 2>&1
[ -z "$run" ] || exec sh -c "$run"
exec init
END
# BusyBox's init opens it for a session of its own: /dev/console is nobody's terminal.
echo 'ttyS0::once:/bin/console' >"$root/etc/inittab"
cat >"$root/bin/console" <<'END'
#!/bin/sh
cd /
sh
sync
poweroff -f
END
cat >"$root/bin/nproc" <<'END'
#!/bin/sh
grep -c ^processor /proc/cpuinfo
END
chmod 755 "$root/init" "$root/bin/console" "$root/bin/nproc"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible \
	--owner 0:0) | gzip -9n >"$to"

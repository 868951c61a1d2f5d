#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tiny-initrd.sh INITRD.gz OUTPUT.gz: out of Debian's installer's initrd, just
# BusyBox and the libraries it needs, with an /init that powers the machine off
# at once. What the boot benchmark boots.

set -eu
from=$(readlink -f "$1")
mkdir -p "$(dirname "$2")"
to=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/all" "$work/tiny"
cd "$work/all"
zcat "$from" | cpio -idm --quiet 'bin/busybox' 'lib' 'lib/ld-linux-*' \
	'lib/aarch64-linux-gnu/ld-linux-*' \
	'lib/aarch64-linux-gnu/libc.so.*' \
	'lib/aarch64-linux-gnu/libresolv.so.*' 'usr' 'usr/lib' \
	'usr/lib/ld-linux-*' 'usr/lib/aarch64-linux-gnu/libc.so.*' \
	'usr/lib/aarch64-linux-gnu/libresolv.so.*' \
	'usr/lib/aarch64-linux-gnu/ld-linux-*' 2>/dev/null
cp -a bin lib "$work/tiny/"
[ ! -d usr/lib ] || cp -a usr "$work/tiny/"
cd "$work/tiny"
mkdir -p dev proc sbin
cat >init <<'END'
#!/bin/busybox sh
/bin/busybox poweroff -f
END
chmod 755 init
find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible \
	--owner 0:0 | gzip -9n >"$to"

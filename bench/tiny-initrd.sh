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
zcat "$from" | cpio -idm --quiet 'bin/busybox' 'lib' 'lib/ld-linux*' \
	'lib/*-linux-*/ld-linux*' \
	'lib/*-linux-*/libc.so.*' \
	'lib/*-linux-*/libresolv.so.*' 'usr' 'usr/lib' \
	'usr/lib/ld-linux*' 'usr/lib/*-linux-*/libc.so.*' \
	'usr/lib/*-linux-*/libresolv.so.*' \
	'usr/lib/*-linux-*/ld-linux*' 2>/dev/null
cp -a bin lib "$work/tiny/"
[ ! -d usr/lib ] || cp -a usr "$work/tiny/"
cd "$work/tiny"
mkdir -p dev proc sbin
cat >init <<'END'
#!/bin/busybox sh
/bin/busybox poweroff -f
END
chmod 755 init
find . -exec touch -h -d @0 {} +
find . | LC_ALL=C sort | cpio -o -H newc --quiet --reproducible \
	--owner 0:0 | gzip -9n >"$to"

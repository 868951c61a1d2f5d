#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Download Debian's kernel for ARMv7 with LPAE, which its installer has not.
#
#   lpae-kernel.sh FILE
#
# From where this machine gets its packages, with apt, but past what it has
# installed and knows: the package is of another architecture.

set -eu
to=$(realpath "$1")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
: >"$dir/status"

apt()
{
	program=$1
	shift
	"$program" -q -o APT::Architecture=armhf -o APT::Architectures::=armhf \
		-o Dir::State::Lists="$dir/lists" \
		-o Dir::State::status="$dir/status" \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User= "$@"
}

# A source that has no armhf, or is being written to, matters only if what is
# wanted is in no other.
apt apt-get update >"$dir/log" 2>&1 || :
name=$(apt apt-cache depends linux-image-armmp-lpae 2>>"$dir/log" |
	sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p')
if ! (cd "$dir" && [ -n "$name" ] &&
	apt apt-get download "$name" >>"$dir/log" 2>&1); then
	cat "$dir/log" >&2
	echo "lpae-kernel.sh: linux-image-armmp-lpae cannot be downloaded" >&2
	exit 1
fi
dpkg-deb --fsys-tarfile "$dir/$name"_*.deb |
	tar -x -O --wildcards './boot/vmlinuz-*' >"$dir/vmlinuz"
mv "$dir/vmlinuz" "$to"
echo "  GUEST   $1 ($name)"

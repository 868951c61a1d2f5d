#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Find, and install, the Debian packages that Twofold needs.
#
#   setup.sh missing GROUP    print the packages that are missing, and no more
#   setup.sh install GROUP    print and install them
#
# GROUP is `build` or `test`, as scripts/packages.txt explains. Nothing but a
# POSIX shell is assumed to be there: this runs before everything else.

set -u
list=$(dirname "$0")/packages.txt

# Is a probe of packages.txt there?
found()
{
	case $1 in
	*/*)
		# shellcheck disable=SC2086  # it may be a pattern
		set -- $1
		[ -e "$1" ]
		;;
	*)
		command -v "$1" >/dev/null 2>&1
		;;
	esac
}

# Does a package of group $1 belong to what was asked for?
wanted()
{
	[ "$1" = build ] || [ "$1" = "$group" ]
}

missing()
{
	packages=
	while read -r of package probes; do
		case $of in
		'' | '#'*) continue ;;
		esac
		wanted "$of" || continue
		for probe in $probes; do
			if ! found "$probe"; then
				packages="$packages $package"
				break
			fi
		done
	done <"$list"
	packages=${packages# }
}

say()
{
	printf '%s\n' "$*" >&2
}

# Print why it cannot go on, and what to do.
fail()
{
	say "setup: $1"
	say "setup: to go on, run this as root, then try again:"
	say
	say "    apt-get update && apt-get install --no-install-recommends" \
		"$packages"
	say
	exit 1
}

# Run a command as root. It never reads what is piped into make.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@" </dev/null
	else
		sudo "$@" </dev/null
	fi
}

# Can commands be run as root? sudo asks for a password on the terminal.
can_be_root()
{
	if [ "$(id -u)" = 0 ]; then
		return 0
	fi
	command -v sudo >/dev/null 2>&1 ||
		fail "you are not root, and there is no sudo."
	if (: </dev/tty) 2>/dev/null; then
		sudo -v || fail "sudo does not let you."
	else
		sudo -n true 2>/dev/null ||
			fail "sudo wants a password, and there is no terminal."
	fi
}

apt()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >&2
}

# Could apt install them, by the package lists that it has?
known()
{
	# shellcheck disable=SC2086
	apt-get -s -q -q install --no-install-recommends $packages \
		>/dev/null 2>&1
}

install()
{
	missing
	if [ -z "$packages" ]; then
		say "setup: every package is there."
		return 0
	fi
	say "setup: these Debian packages are missing:"
	for package in $packages; do
		say "    $package"
	done
	command -v apt-get >/dev/null 2>&1 ||
		fail "this machine has no apt-get. Twofold is set up for Debian 12."
	can_be_root

	command="apt-get install --no-install-recommends $packages"
	if ! known; then
		say "setup: running: apt-get update"
		apt update || fail "apt-get update failed; see above."
		known || fail "apt cannot install one of them here. Debian 12 \
(bookworm), component main, has them all: see /etc/apt/sources.list."
	fi
	say "setup: running: $command"
	# shellcheck disable=SC2086
	if ! apt install --no-install-recommends $packages; then
		# The lists may be older than the mirror.
		say "setup: trying once more, after: apt-get update"
		apt update || fail "apt-get update failed; see above."
		apt install --no-install-recommends $packages ||
			fail "the packages could not be installed; see above."
	fi
	asked=$packages
	missing
	[ -z "$packages" ] ||
		fail "installed $asked, but what they hold was not found."
	say "setup: done."
}

group=${2-test}
case ${1-} in
missing)
	missing
	printf '%s\n' "$packages"
	;;
install) install ;;
*)
	say "usage: setup.sh missing|install build|test"
	exit 2
	;;
esac

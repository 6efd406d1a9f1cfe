#!/bin/sh
# Finds a Redis or Valkey server for the tests, or gets one, and prints its path
# on standard output. What it does it tells on standard error.
#
# It looks at $TUNICA_REDIS_SERVER, then on PATH, then in .tools/redis. Else, on
# Debian and its relatives, root installs the package redis-server (without
# starting the service), and anybody else has the packages unpacked into
# .tools/redis. On other systems it prints what to run, and fails.
set -eu
cd "$(dirname "$0")/../.."
tools=$PWD/.tools
unpacked=$tools/redis/redis-server

say() { echo "redis.sh: $*" >&2; }
die() { say "$@"; exit 1; }

# use prints the path of a server that is new enough, and ends the script.
use() {
	version=$("$1" --version 2>&1) || die "$1 does not run: $version"
	number=$(echo "$version" | sed -n 's/.* v=\([0-9]*\.[0-9]*\).*/\1/p')
	case $number in
	'') die "$1 does not tell its version: $version" ;;
	[0-5].* | 6.[01]) die "$1 is version $number, and the tests need 6.2 or later: set TUNICA_REDIS_SERVER to a newer one" ;;
	esac
	say "using $1, version $number"
	echo "$1"
	exit 0
}

# find_server uses the first server that there is, and returns where there is none.
find_server() {
	if [ -n "${TUNICA_REDIS_SERVER:-}" ]; then
		server=$(command -v "$TUNICA_REDIS_SERVER") || die "TUNICA_REDIS_SERVER names $TUNICA_REDIS_SERVER, which is no program"
		case $server in /*) ;; *) server=$PWD/$server ;; esac
		use "$server"
	fi
	for name in redis-server valkey-server; do
		if server=$(command -v $name); then use "$server"; fi
	done
	if [ -x "$unpacked" ]; then use "$unpacked"; fi
}

# install_packages is for root. The package would start a service on port 6379,
# now and at every boot: neither is wanted.
install_packages() {
	say "no server found: installing redis-server with apt-get"
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap 'rm -f $policy' EXIT
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod +x $policy
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update >&2 || say "apt-get update failed: going on with the lists that there are"
	apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends redis-server >&2
	if command -v systemctl >/dev/null; then
		systemctl disable redis-server.service >/dev/null 2>&1 || say "the service redis-server may start at the next boot"
	fi
}

# unpack_packages needs no rights: lists, packages and files stay in .tools. What
# apt-get would install is what is missing here, libraries included.
unpack_packages() {
	say "no server found, and this is not root: unpacking redis-server into .tools/redis"
	mkdir -p "$tools"
	work=$(mktemp -d "$tools/redis.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/redis/root"
	apt() {
		apt-get -qq -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o Debug::NoLocking=1 "$@"
	}
	apt update >"$work/log" 2>&1 || die "apt-get update failed: $(cat "$work/log")"
	packages=$(apt install --simulate --no-install-recommends redis-server | sed -n 's/^Inst \([^ ]*\).*/\1/p')
	[ -n "$packages" ] || die "apt-get knows no packages for redis-server; apt-get update said: $(cat "$work/log")"
	# shellcheck disable=SC2086 # a list of names
	(cd "$work/debs" && apt download $packages >&2) || die "apt-get download failed: $packages"
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/redis/root"
	done
	cat >"$work/redis/redis-server" <<-'EOF'
		#!/bin/sh
		root=$(cd "$(dirname "$0")" && pwd)/root
		for lib in "$root"/usr/lib/*-linux-*; do
			LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
		done
		export LD_LIBRARY_PATH
		exec "$root/usr/bin/redis-server" "$@"
	EOF
	chmod +x "$work/redis/redis-server"
	rm -rf "$tools/redis"
	mv "$work/redis" "$tools/redis"
}

find_server
if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
	if [ "$(id -u)" = 0 ]; then
		install_packages
	else
		unpack_packages
	fi
	find_server
	die "apt-get succeeded, and still there is no redis-server"
fi
die "no redis-server or valkey-server found. Install one and try again:
  macOS          brew install redis
  Fedora         sudo dnf install valkey
  Arch           sudo pacman -S valkey
  Alpine         sudo apk add redis
  elsewhere      get Redis 6.2 or later, or any Valkey, and set TUNICA_REDIS_SERVER to the server's path"

# System packages: install what is missing through apt when this user may, else print the line to type.
# Sourced by setup.sh, test-packages.sh and bench-packages.sh.

# as_root COMMAND...  Runs it as root, or fails when this user may not without a password.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi
}

# install_packages PACKAGE...  Installs them, or prints the exact line and exits 1.
install_packages() {
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "missing: $*" >&2
		echo "install them with this system's package manager (the names are Debian's), then run make again" >&2
		exit 1
	fi
	if ! as_root true; then
		echo "missing: $*; type this, then run make again:" >&2
		echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
		exit 1
	fi
	echo "installing $*"
	# Package lists may be old or absent (container images); an update that fails must not stop an install that works.
	as_root apt-get -qq update || true
	# Without a run level that starts services, a package's own service stays down.
	if ! as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
		apt-get -qq install -y --no-install-recommends "$@" >/dev/null; then
		echo "apt-get could not install: $*" >&2
		exit 1
	fi
}

# unpack_package FOLDER PACKAGE  Unpacks it, with what it needs and this machine lacks, and installs nothing. Fails when apt cannot.
unpack_package() {
	echo "unpacking $2 into $1"
	rm -rf "$1" "$1.new" && mkdir -p "$1.new/packages" || return 1
	apt-get -qq update || true
	# What an installation would bring; it is only asked about, for it may also remove something.
	needed=$(apt-get -qq -s install --no-install-recommends "$2" | awk '$1 == "Inst" { print $2 }') && [ -n "$needed" ] || return 1
	# apt's own user may not write here.
	# shellcheck disable=SC2086  a list of names
	(cd "$1.new/packages" && apt-get -qq -o APT::Sandbox::User=root download $needed) || return 1
	for package in "$1.new"/packages/*.deb; do
		dpkg -x "$package" "$1.new" || return 1
	done
	rm -rf "$1.new/packages"
	chmod -R a-s "$1.new" && mv "$1.new" "$1"
}

# named NEW OLD  Prints the package name this release uses.
named() {
	if apt-cache show "$1" >/dev/null 2>&1; then echo "$1"; else echo "$2"; fi
}

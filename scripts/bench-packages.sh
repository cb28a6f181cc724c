#!/bin/sh
# rspamd, for `make bench` to measure beside the filter. The tests need none of it, so a machine that may not or cannot install
# it is told so, and the bench leaves its rows out. The bench runs it with a configuration of its own; its service stays down,
# also after the next boot.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

if command -v rspamd >/dev/null 2>&1; then
	exit 0
fi
if (install_packages rspamd); then
	as_root systemctl disable rspamd >/dev/null 2>&1 || true
else
	echo "rspamd is not installed: the bench leaves its rows out" >&2
fi

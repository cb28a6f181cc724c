#!/bin/sh
# Set up a checkout: system packages that are missing, .venv, dependencies pinned with hashes, the dlp command.
# Safe to repeat and quick when nothing changed. PYTHON names another interpreter (3.11 or newer).
# Fails with the line to type when something is missing that it may not install.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

venv=.venv
stamp=$venv/.set-up

usable() {
	"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

wanted=$(cat requirements/build.txt requirements/dev.txt pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1)
# A moved checkout leaves a .venv whose scripts point to where it was.
state="$wanted $PWD"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ] && usable "$venv/bin/python"; then
	exit 0
fi

python=""
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
	if command -v "$candidate" >/dev/null 2>&1 && usable "$candidate"; then
		python=$candidate
		break
	fi
done
if [ -z "$python" ]; then
	echo "Python 3.11 or newer is needed; on Debian 12, Ubuntu 24.04 or newer: apt-get install python3" >&2
	exit 1
fi

missing=""
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing $(named "$(basename "$python")-venv" python3-venv)"
"$python" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("magic") is None)' ||
	missing="$missing $(named libmagic1t64 libmagic1)"
# The readers of archives that come next need it; a machine set up now should not have to be set up twice.
"$python" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("archive") is None)' ||
	missing="$missing $(named libarchive13t64 libarchive13)"
"$python" -c 'import zoneinfo; zoneinfo.ZoneInfo("America/New_York")' 2>/dev/null || missing="$missing tzdata"
# shellcheck disable=SC2086  a list of names
[ -z "$missing" ] || install_packages $missing

echo "setting up $venv"
if ! usable "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
	"$python" -m venv --clear "$venv"
fi
rm -f "$stamp"
pip="$venv/bin/python -m pip --disable-pip-version-check --quiet"
# What builds packages comes first, so that nothing unpinned is fetched while building.
$pip install --require-hashes -r requirements/build.txt
$pip install --no-build-isolation --require-hashes -r requirements/dev.txt
$pip install --no-build-isolation --no-deps --editable .
echo "$state" >"$stamp"
echo "ready: $venv/bin/dlp"

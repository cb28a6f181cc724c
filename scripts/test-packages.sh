#!/bin/sh
# Postfix, PostgreSQL, OpenDKIM, Mail::DKIM, strace, Chromium, Thunderbird and others for the end-to-end tests. Does nothing when they
# are there. The tests run them with configurations of their own; Postfix's package is installed without a configuration,
# no service is started, and a machine that has another MTA keeps it.
set -eu
cd "$(dirname "$0")/.."
. scripts/packages.sh

if ! command -v strace >/dev/null 2>&1; then
	install_packages strace
fi
if [ ! -x /usr/sbin/opendkim ]; then
	install_packages opendkim
fi
if ! perl -MMail::DKIM::ARC::Verifier -e 1 2>/dev/null; then
	install_packages libmail-dkim-perl
fi
if ! command -v chromium >/dev/null 2>&1; then
	install_packages chromium
fi
if ! command -v thunderbird >/dev/null 2>&1; then
	install_packages thunderbird
fi
# Debian's package makes a cluster of its own, which stays down and is never touched.
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
	install_packages postgresql
fi
# What letters look like, for text in pictures (the extra `ocr`).
if ! ls /usr/share/tesseract-ocr/*/tessdata/eng.traineddata >/dev/null 2>&1; then
	install_packages tesseract-ocr-eng
fi
# A milter client that shares no code with ours.
if ! command -v miltertest >/dev/null 2>&1; then
	install_packages miltertest
fi
# Sendmail's package would remove Postfix's, so it is unpacked and kept; only root can run it. Without it its tests say why.
if [ ! -x var/sendmail/usr/libexec/sendmail/sendmail ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	unpack_package var/sendmail sendmail-bin || echo "apt-get could not fetch Sendmail; its tests are left out" >&2
fi
if [ -x /usr/sbin/postfix ]; then
	exit 0
fi
if [ -e /usr/sbin/sendmail ]; then
	echo "the end-to-end tests need Postfix, and this machine has another MTA, which installing Postfix would remove" >&2
	echo "run make test on another machine (a container will do), or make check here" >&2
	exit 1
fi
# Without a configuration there is nothing for the service to run.
if command -v debconf-set-selections >/dev/null 2>&1; then
	echo "postfix postfix/main_mailer_type select No configuration" | as_root debconf-set-selections || true
fi
install_packages postfix

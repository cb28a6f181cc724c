"""`dlp doctor` on the Postfix beside us: what would let mail pass unread is seen, and what the page says to set is well."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from dlp import config, standings
from dlp.commands import postfix_check, split_check
from dlp.commands.checkup import State
from dlp.probing import Finding, Standing
from tests.e2e.test_documented import blocks

ME = pwd.getpwuid(os.geteuid()).pw_name
SOCKET = "unix:/var/spool/postfix/dlp/milter"
MAIN = {
    "queue_directory": "/var/spool/postfix",
    "non_smtpd_milters": "unix:dlp/milter",
    "smtpd_forbid_bare_newline": "normalize",
}
SERVICES = {
    "smtp/inet": "y smtpd",
    "127.0.0.1:10026/inet": "n smtpd",
    "pickup/unix": "y pickup",
    "cleanup/unix": "y cleanup",
    "dlp/unix": "n lmtp",
}
ASKS = {"smtp/inet/smtpd_milters": "unix:dlp/milter"}
STUB = """#!/bin/sh
case "$1" in
-M) cat {folder}/services ;;
-Px) cat {folder}/options ;;
*) cat {folder}/main ;;
esac
"""


@pytest.fixture
def site(tmp_path: Path) -> config.Settings:
    (tmp_path / "config.toml").write_text(
        f'[site]\nuser = "{ME}"\n[receive]\nlmtp = ""\nsmtp = ""\n[milter]\nlisten = "{SOCKET}"\n'
        '[forward]\nnext_hop = "127.0.0.1:10026"\n'
    )
    return config.load(tmp_path / "config.toml")


def changed(site: config.Settings, *overrides: str) -> config.Settings:
    return config.load(Path(site.source.file), overrides)


@pytest.fixture
def postfix(tmp_path, monkeypatch):
    """Puts a `postconf` on the PATH that tells of this configuration, as postconf(1) writes it."""

    def set_up(main: Mapping[str, str], options: Mapping[str, str], services: Mapping[str, str] = SERVICES) -> None:
        lines = []
        for name, told in services.items():
            chroot, command = told.split()
            service, _, kind = name.rpartition("/")
            lines.append(f"{service} {kind} n - {chroot} - - {command}")
        for file, text in (
            ("services", "\n".join(lines)),
            ("main", "\n".join(f"{name} = {value}" for name, value in main.items())),
            ("options", "\n".join(f"{name} = {value}" for name, value in options.items())),
        ):
            (tmp_path / file).write_text(text + "\n")
        stub = tmp_path / "postconf"
        stub.write_text(STUB.format(folder=tmp_path))
        stub.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return set_up


def told(checks):
    return [(check.state, check.what) for check in checks]


OTHER = "inet:127.0.0.1:8891"
WRONG = [
    pytest.param({}, {}, State.OK, "smtp/inet", id="well"),
    pytest.param({"milter_default_action": "tempfail"}, {}, State.OK, "smtp/inet", id="default-action-said"),
    pytest.param({"milter_default_action": "accept"}, {}, State.FAIL, "unread while", id="default-action"),
    pytest.param({}, {"smtp/inet/milter_default_action": "accept"}, State.FAIL, "smtp/inet lets", id="of-a-listener"),
    pytest.param(
        {},
        {"smtp/inet/smtpd_milters": "{ unix:dlp/milter, default_action=accept }"},
        State.FAIL,
        "unread while",
        id="of-a-milter",
    ),
    pytest.param(
        {},
        {"smtp/inet/smtpd_milters": "{ unix:dlp/milter, { default_action = accept } }"},
        State.FAIL,
        "unread while",
        id="of-a-milter-in-braces",
    ),
    pytest.param(
        {"non_smtpd_milters": "{unix:dlp/milter default_action=accept}"}, {}, State.FAIL, "Postfix lets", id="of-local-mail"
    ),
    pytest.param(
        {},
        {"smtp/inet/smtpd_milters": f"unix:dlp/milter, {{ {OTHER}, default_action=accept }}"},
        State.OK,
        "smtp",
        id="of-another",
    ),
    pytest.param({"milter_default_action": "reject"}, {}, State.WARN, "refuses or keeps", id="refused"),
    pytest.param({"milter_default_action": "quarantine"}, {}, State.WARN, "refuses or keeps", id="quarantined"),
    pytest.param({"milter_protocol": "2"}, {}, State.FAIL, "all mail is put off", id="protocol"),
    pytest.param({}, {"smtp/inet/smtpd_milters": f"{OTHER} unix:dlp/milter"}, State.WARN, "before this one", id="second"),
    pytest.param({}, {"smtp/inet/smtpd_milters": f"unix:dlp/milter {OTHER}"}, State.OK, "smtp/inet", id="first"),
    pytest.param({"smtpd_forbid_bare_newline": "no"}, {}, State.WARN, "smuggling", id="bare-newlines"),
    pytest.param({"smtpd_forbid_bare_newline": ""}, {}, State.WARN, "smuggling", id="an-old-postfix"),
    pytest.param(
        {"smtpd_forbid_bare_newline_exclusions": "127.0.0.0/8"}, {}, State.WARN, "from some clients", id="bare-newlines-of-some"
    ),
    pytest.param({"enable_original_recipient": "no"}, {}, State.OK, "smtp/inet", id="drops-nobody"),
    pytest.param({"non_smtpd_milters": ""}, {}, State.WARN, "local programs", id="local-mail"),
    pytest.param({}, {"smtp/inet/smtpd_milters": OTHER}, State.WARN, "no listener", id="nobody-asks"),
    pytest.param(
        {}, {"smtp/inet/receive_override_options": "no_milters"}, State.WARN, "no listener", id="asks-nobody-after-all"
    ),
    pytest.param({"smtpd_milters": "unix:dlp/milter"}, {}, State.FAIL, "asks it again", id="asked-about-what-we-send"),
    pytest.param(
        {"smtpd_milters": "unix:dlp/milter"},
        {"127.0.0.1:10026/inet/receive_override_options": "no_milters"},
        State.OK,
        "smtp/inet",
        id="not-about-what-we-send",
    ),
    pytest.param({}, {"smtp/inet/smtpd_milters": "unix:/dlp/milter"}, State.OK, "smtp/inet", id="as-the-chroot-has-it"),
    pytest.param({}, {"smtp/inet/smtpd_milters": SOCKET}, State.WARN, "no listener", id="not-as-the-chroot-has-it"),
]


@pytest.mark.parametrize(("main", "options", "state", "what"), WRONG)
def test_what_would_let_mail_pass_is_seen(site, postfix, main, options, state, what):
    postfix(MAIN | main, ASKS | options)
    ((found, said),) = told(postfix_check.postfix(site))
    assert (found, what in said) == (state, True), said


REMOVING = (
    "milter.split=remove",
    'milter.probe=["127.0.0.1:25"]',
    'milter.probe_to=["split-1@campus.example", "split-2@campus.example"]',
    "milter.probe_return=127.0.0.1:10027",
)


@pytest.mark.parametrize(
    ("main", "options", "state"),
    [
        ({}, {}, State.OK),
        ({"enable_original_recipient": "yes"}, {}, State.OK),
        ({"enable_original_recipient": "no"}, {}, State.FAIL),
        ({}, {"cleanup/unix/enable_original_recipient": "no"}, State.FAIL),
    ],
)
def test_where_recipients_are_dropped_they_must_be_found(site, postfix, main, options, state):
    postfix(MAIN | main, ASKS | options)
    ((found, said),) = told(postfix_check.postfix(changed(site, *REMOVING)))
    assert (found, "enable_original_recipient" in said) == (state, state is State.FAIL), said


@pytest.mark.parametrize(
    ("finding", "age", "state", "what"),
    [
        (Finding.PROVEN, 300, State.OK, "as seen 5 minutes ago"),
        (Finding.PROVEN, 3600, State.WARN, "too long ago"),
        (Finding.UNPROVEN, 0, State.WARN, "no round yet"),
        (Finding.DISPROVEN, 0, State.FAIL, "a removed recipient got a copy"),
        (None, 0, State.WARN, "not probed yet"),
    ],
)
def test_it_says_whether_the_mta_is_seen_to_drop_recipients(site, finding, age, state, what):
    whys = {Finding.PROVEN: "", Finding.UNPROVEN: "no round yet", Finding.DISPROVEN: "a removed recipient got a copy"}
    known = [Standing("127.0.0.1:25", finding, whys[finding], "mx:25", time.monotonic() - age)] if finding else []
    (site.data_dir / "run").mkdir(parents=True)
    standings.write(standings.path_in(site.data_dir), known)
    ((found, said),) = told(split_check.split(changed(site, *REMOVING)))
    assert (found, what in said) == (state, True), said
    assert not told(split_check.split(site))


def test_a_listener_that_does_not_ask_is_named(site, postfix):
    postfix(MAIN, ASKS, SERVICES | {"submission/inet": "y smtpd"})
    assert told(postfix_check.postfix(site)) == [
        (State.WARN, "submission/inet does not ask the filter, so what it takes passes unread")
    ]


QUEUED = ("milter.listen=", "receive.lmtp=127.0.0.1:10024", "receive.smtp=127.0.0.1:10025")
FILTERED = {"content_filter": "dlp:[127.0.0.1]:10024", "non_smtpd_milters": ""}
SECOND = {"127.0.0.1:10026/inet/content_filter": ""}
OTHERS = [
    pytest.param(FILTERED, SECOND, State.OK, "smtp/inet", id="content-filter"),
    pytest.param(FILTERED, {}, State.FAIL, "asks it again", id="content-filter-on-the-second-pass"),
    pytest.param(
        FILTERED, SECOND | {"smtp/inet/content_filter": ""}, State.WARN, "no listener", id="content-filter-taken-away"
    ),
    pytest.param({"relayhost": "[127.0.0.1]:10025"}, SECOND, State.OK, "smtp/inet", id="relay"),
    pytest.param(
        FILTERED | {"smtpd_proxy_options": "speed_adjust"},
        SECOND | {"smtp/inet/smtpd_proxy_filter": "127.0.0.1:10025"},
        State.FAIL,
        "every recipient",
        id="speed-adjust",
    ),
]


@pytest.mark.parametrize(("main", "options", "state", "what"), OTHERS)
def test_so_it_is_for_the_other_ways(site, postfix, main, options, state, what):
    services = {name: service for name, service in SERVICES.items() if "10026" not in name or "relayhost" not in main}
    postfix(MAIN | {"non_smtpd_milters": ""} | main, options, services)
    ((found, said),) = told(postfix_check.postfix(changed(site, *QUEUED)))
    assert (found, what in said) == (state, True), said


NEEDS_POSTCONF = pytest.mark.skipif(
    shutil.which("postconf", path=f"{os.defpath}:/usr/sbin") is None, reason="Postfix is not installed"
)


@NEEDS_POSTCONF
@pytest.mark.parametrize(
    ("way", "local"), [("After-queue", True), ("Before-queue", False), ("Milter", True), ("Plain relay", True)]
)
def test_what_the_page_says_is_well(site, tmp_path, monkeypatch, way, local):
    """As the real postconf(1) reads it. Before the queue nobody asks about what local programs hand over, as the page says."""
    main, master = blocks(way)
    if way in ("Before-queue", "Milter"):
        listener = blocks("After-queue")[1]
        master += listener[listener.index("127.0.0.1:10026") :]
    if way == "Plain relay":
        main += "smtpd_forbid_bare_newline = normalize\nsmtpd_forbid_bare_newline_exclusions =\n"
        master = "smtp inet n - y - - smtpd\n"
    if way == "Before-queue":
        master = master.replace("  -o receive_override_options=no_unknown_recipient_checks\n", "")
    (tmp_path / "main.cf").write_text(f"compatibility_level = 3.6\n{main}")
    (tmp_path / "master.cf").write_text(f"{master}pickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup\n")
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))
    settings = site if way == "Milter" else changed(site, *QUEUED)
    found = told(postfix_check.postfix(settings))
    assert [state for state, _ in found] == [State.OK if local else State.WARN], found
    assert [*postfix_check.chroot(settings)] == []


LEAKING = {  # a line of the page, what stands in its place, and what is said of it
    "default-action": ("milter_default_action = tempfail", "milter_default_action = accept", State.FAIL, "unread while"),
    "of-a-listener": (
        "  -o smtpd_milters",
        "  -o milter_default_action=accept\n  -o smtpd_milters",
        State.FAIL,
        "unread while",
    ),
    "of-local-mail": (
        "non_smtpd_milters = unix:dlp/milter",
        "non_smtpd_milters = { unix:dlp/milter, default_action=accept }",
        State.FAIL,
        "Postfix lets",
    ),
    "protocol": ("milter_protocol = 6", "milter_protocol = 2", State.FAIL, "all mail is put off"),
    "second": ("smtpd_milters=unix:dlp/milter", f"smtpd_milters={OTHER},unix:dlp/milter", State.WARN, "before this one"),
    "bare-newlines": ("bare_newline = normalize", "bare_newline = no", State.WARN, "smuggling"),
    "bare-newlines-unset": ("smtpd_forbid_bare_newline = normalize\n", "", State.WARN, "smuggling"),
    "bare-newlines-of-some": ("smtpd_forbid_bare_newline_exclusions =\n", "", State.WARN, "from some clients"),
    "original-recipient": (
        "milter_protocol",
        "enable_original_recipient = no\nmilter_protocol",
        State.FAIL,
        "original_recipient",
    ),
    "asked-again": ("milter_protocol", "smtpd_milters = unix:dlp/milter\nmilter_protocol", State.FAIL, "asks it again"),
    "local-mail": ("non_smtpd_milters = unix:dlp/milter\n", "", State.WARN, "local programs"),
}


@NEEDS_POSTCONF
@pytest.mark.parametrize("how", LEAKING)
def test_each_line_of_the_page_that_is_left_out_or_turned_round_is_seen(site, tmp_path, monkeypatch, how):
    line, instead, state, what = LEAKING[how]
    main, master = blocks("Milter")
    listener = blocks("After-queue")[1]
    listener = listener[listener.index("127.0.0.1:10026") :]
    if how == "asked-again":
        listener = listener.replace(",no_milters", "")
    assert line in main + master
    (tmp_path / "main.cf").write_text(f"compatibility_level = 3.6\n{main}".replace(line, instead))
    (tmp_path / "master.cf").write_text(
        f"{master.replace(line, instead)}{listener}pickup unix n - y 60 1 pickup\ncleanup unix n - y - 0 cleanup\n"
    )
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path))
    found = told(postfix_check.postfix(changed(site, *REMOVING)))
    assert [each for each, _ in found] == [state], found
    assert what in found[0][1]


def test_without_a_postfix_nothing_is_said_of_it(site, tmp_path, monkeypatch):
    monkeypatch.setenv("MAIL_CONFIG", str(tmp_path / "nowhere"))
    assert [*postfix_check.postfix(site), *postfix_check.chroot(changed(site, "milter.listen=unix:/run/milter"))] == []


CHROOTS = [
    pytest.param("receive.lmtp", "unix:/run/dlp/lmtp", {"lmtp/unix": "y lmtp"}, True, id="lmtp"),
    pytest.param("receive.lmtp", "unix:/var/spool/postfix/dlp/lmtp", {"lmtp/unix": "y lmtp"}, False, id="lmtp-below"),
    pytest.param("receive.lmtp", "unix:/run/dlp/lmtp", {"lmtp/unix": "n lmtp"}, False, id="lmtp-without"),
    pytest.param("milter.listen", "unix:/run/dlp/milter", {"smtp/inet": "y smtpd"}, True, id="milter"),
    pytest.param("milter.listen", "unix:/run/dlp/milter", {"cleanup/unix": "y cleanup"}, True, id="milter-of-local-mail"),
    pytest.param("milter.listen", "unix:/run/dlp/milter", {"lmtp/unix": "y lmtp"}, False, id="not-who-asks-a-milter"),
    pytest.param("milter.listen", SOCKET, {"smtp/inet": "y smtpd"}, False, id="milter-below"),
]


@pytest.mark.parametrize(("key", "address", "services", "fails"), CHROOTS)
def test_a_socket_must_lie_where_a_chroot_reaches_it(site, postfix, key, address, services, fails):
    postfix(MAIN, {}, services)
    found = [*postfix_check.chroot(changed(site, f"{key}={address}"))]
    assert [check.state for check in found] == [State.FAIL] * fails
    assert all("/var/spool/postfix/dlp" in check.remedy for check in found)


@pytest.mark.parametrize(
    ("folder", "mode", "state"),
    [(0o755, 0o666, State.OK), (0o755, 0o600, State.FAIL), (0o700, 0o666, State.FAIL), (0o711, 0o662, State.OK)],
)
def test_postfix_must_be_let_in_to_the_socket(site, postfix, tmp_path, monkeypatch, folder, mode, state):
    postfix(MAIN | {"mail_owner": "nobody"}, {})
    open_to_all = Path("/tmp") / f"dlp-{os.getpid()}"  # what pytest makes is closed to others
    open_to_all.mkdir()
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(open_to_all / "milter"))
            (open_to_all / "milter").chmod(mode)
            open_to_all.chmod(folder)
            (check,) = postfix_check.sockets(changed(site, f"milter.listen=unix:{open_to_all}/milter"))
    finally:
        shutil.rmtree(open_to_all)
    assert check.state is state, check.what


@pytest.mark.parametrize(("mode", "state"), [("0660", State.OK), ("0600", State.FAIL)])
def test_a_socket_that_is_not_there_yet_is_judged_by_what_it_will_be(site, postfix, mode, state):
    postfix(MAIN | {"mail_owner": ME}, {})
    keys = ("milter.listen=unix:/tmp/not-yet", f"receive.socket_mode={mode}", "receive.socket_group=")
    (check,) = postfix_check.sockets(changed(site, *keys))
    assert check.state is state, check.what


def test_a_socket_without_its_folder_fails(site, tmp_path):
    (check,) = postfix_check.sockets(changed(site, f"milter.listen=unix:{tmp_path}/dlp/milter"))
    assert (check.state, check.remedy) == (State.FAIL, f"install -d -m 0755 {tmp_path}/dlp")

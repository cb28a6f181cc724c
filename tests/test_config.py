"""The configuration: defaults, every kind of mistake with its place and remedy, overrides, keys of later versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlp.config import LATER, Settings, find_config, load, value_of
from dlp.errors import ConfigError, ConfigErrors
from dlp.values import Action

# name: (text of the file, line, key, word of what, word of the remedy)
MISTAKES = {
    "no-toml": ("[site\n", 1, "", "not TOML", "brackets"),
    "unfinished-at-the-end": ('[site]\nname = "x', 2, "", "not TOML", "quotes"),
    "key-twice": ('[site]\nname = "x"\nname = "y"\n', 3, "", "not TOML", "each key once"),
    "mistyped-key": ('[site]\nnam = "x"\n', 2, "site.nam", "unknown key", '"name"'),
    "swapped-letters-in-key": ("[limits]\nmessgae = 70000\n", 2, "limits.messgae", "unknown key", '"message"'),
    "unknown-key": ("[site]\ncolour = 1\n", 2, "site.colour", "unknown key", "[site] has domains"),
    "key-outside-any-section": ('lmtp = ""\n', 1, "lmtp", "unknown section", "the file has"),
    "mistyped-section": ("[recieve]\nsmtp = 1\n", 1, "recieve", "unknown section", '"receive"'),
    "mistyped-sub-table": ('[site.ofices]\nnews = ""\n', 1, "site.ofices", "unknown key", '"offices"'),
    "mistyped-office": ('[site.offices]\nregistrer = ""\n', 2, "site.offices.registrer", "unknown key", '"registrar"'),
    "number-for-text": ("[site]\n\nname = 5\n", 3, "site.name", "takes a text", "quotes"),
    "text-for-list": ('[site]\ndomains = "campus.example"\n', 2, "site.domains", "takes a list", "brackets"),
    "text-for-flag": ('[receive]\ninspect_inbound = "no"\n', 2, "receive.inspect_inbound", "true or false", "without quotes"),
    "number-for-flag": ("[policy]\nrequire_tls = 1\n", 2, "policy.require_tls", "true or false", "without quotes"),
    "text-for-number": ('[limits]\nmessage = "70000"\n', 2, "limits.message", "whole number", "without quotes"),
    "flag-for-number": ("[workers]\nreceivers = true\n", 2, "workers.receivers", "whole number", "without quotes"),
    "value-for-section": ("site = 5\n", 1, "site", "section", "brackets"),
    "too-small": ("[limits]\nmessage = 10\n", 2, "limits.message", "greater than", "config.example.toml"),
    "unknown-word": ('[policy]\nmode = "watch"\n', 2, "policy.mode", "not one of the words", "'observe'"),
    "hold-without-a-unit": ('[policy]\nhold_for = "7"\n', 2, "policy.hold_for", "not a length of time", '"7d"'),
    "hold-for-ever": ('[policy]\nhold_for = "999999w"\n', 2, "policy.hold_for", "longer than", "shorter"),
    "unsupported-may-not-rewrite": ('[policy]\nunsupported = "rewrite"\n', 2, "policy.unsupported", "words", "'hold'"),
    "domain-without-dot": ('[site]\ndomains = ["campus"]\n', 2, "site.domains", "needs a dot", "whole"),
    "second-domain-with-blank": (
        '[site]\ndomains = ["campus.example",\n  "cam pus.example"]\n',
        3,
        "site.domains",
        "not a domain",
        "letters",
    ),
    "no-domain": ("[site]\ndomains = []\n", 2, "site.domains", "no domain is ours", "list yours"),
    "campus-is-outside": (
        '[site]\ndomains = ["campus.example"]\noutside_domains = ["campus.example"]\n',
        3,
        "site.outside_domains",
        "would be outside",
        "sub-domains",
    ),
    "contact-without-domain": ('[site]\npolicy_contact = "privacy"\n', 2, "site.policy_contact", "not a mail address", "plain"),
    "contact-with-line-break": (
        '[site]\npolicy_contact = "a\\r\\n@campus.example"\n',
        2,
        "site.policy_contact",
        "not a mail address",
        "plain",
    ),
    "sender-of-notices": ('[notices]\nsender = "@campus.example"\n', 2, "notices.sender", "not a mail address", "plain"),
    "time-zone": ('[site]\ntimezone = "Campus/Time"\n', 2, "site.timezone", "unknown time zone", "Europe/Berlin"),
    "time-zone-outside-its-folder": ('[site]\ntimezone = "../passwd"\n', 2, "site.timezone", "unknown time zone", "tzdata"),
    "holiday": ('[site]\nholidays = ["Christmas"]\n', 2, "site.holidays", "date", "2026-12-25"),
    "listener-without-port": ('[receive]\nlmtp = "127.0.0.1"\n', 2, "receive.lmtp", "needs a host and a port", "host:port"),
    "port-out-of-range": ('[receive]\nsmtp = "127.0.0.1:70000"\n', 2, "receive.smtp", "1 to 65535", "host:port"),
    "ipv6-without-brackets": ('[receive]\nsmtp = "::1:25"\n', 2, "receive.smtp", "brackets", "[::1]"),
    "half-an-ip-address": ('[receive]\nsmtp = "127.0.1:25"\n', 2, "receive.smtp", "a name or an IP", "host:port"),
    "relative-socket": ('[receive]\nlmtp = "unix:dlp/lmtp"\n', 2, "receive.lmtp", "whole path", "unix:/path"),
    "socket-path-too-long": (f'[receive]\nlmtp = "unix:/{"x" * 107}"\n', 2, "receive.lmtp", "107 bytes", "unix:/path"),
    "world-may-relay": ('[receive]\nsocket_mode = "0666"\n', 2, "receive.socket_mode", "every local user", "0660"),
    "mode-as-number": ("[receive]\nsocket_mode = 660\n", 2, "receive.socket_mode", "takes a text", "quotes"),
    "mode-as-letters": ('[receive]\nsocket_mode = "rw-rw"\n', 2, "receive.socket_mode", "not a file mode", "octal"),
    "host-bits": ('[receive]\ntrusted_clients = ["10.1.0.0/8"]\n', 2, "receive.trusted_clients", "network", "10.0.0.0/8"),
    "network-name": ('[receive]\nsubmission_clients = ["lan"]\n', 2, "receive.submission_clients", "network", "192.0.2.0"),
    "open-relay": ('[receive]\ntrusted_clients = ["::/0"]\n', 2, "receive.trusted_clients", "whole Internet", "own networks"),
    "no-listener": ('[receive]\nlmtp = ""\nsmtp = ""\n', 2, "receive.lmtp", "no listener", "127.0.0.1:10024"),
    "one-address-twice": (
        '[receive]\nsmtp = "127.0.0.1:10024"\n',
        2,
        "receive.smtp",
        "same address as receive.lmtp",
        "own port",
    ),
    "address-by-name-twice": ('[receive]\nsmtp = "localhost:10024"\n', 2, "receive.smtp", "same address", "own port"),
    "all-addresses-and-one": (
        '[receive]\nsmtp = "0.0.0.0:10024"\ntrusted_clients = ["192.0.2.1"]\n',
        2,
        "receive.smtp",
        "same address",
        "own port",
    ),
    "all-addresses-first": (
        '[receive]\nlmtp = "0.0.0.0:10025"\ntrusted_clients = ["192.0.2.1"]\n',
        1,
        "receive.smtp",
        "same address",
        "own port",
    ),
    "metrics-on-a-listener": ('[metrics]\nlisten = "127.0.0.1:10025"\n', 2, "metrics.listen", "same address", "own port"),
    "public-without-list": ('[receive]\nlmtp = "0.0.0.0:24"\n', 2, "receive.lmtp", "no other machine", "trusted_clients"),
    "hop-without-port": (
        '[forward]\nnext_hop = "mta.campus.example"\n',
        2,
        "forward.next_hop",
        "needs a host and a port",
        "host:port",
    ),
    "no-hop": ('[forward]\nnext_hop = ""\n', 2, "forward.next_hop", "needs a host and a port", "host:port"),
    "loop": ('[forward]\nnext_hop = "127.0.0.1:10025"\n', 2, "forward.next_hop", "would loop", "the MTA's own"),
    "loop-by-name": ('[forward]\nrelease_hop = "localhost:10025"\n', 2, "forward.release_hop", "would loop", "the MTA's own"),
    "loop-over-lmtp": ('[forward]\nnext_hop = "lmtp:127.0.0.1:10024"\n', 2, "forward.next_hop", "would loop", "MTA's own"),
    "in-flight-below-one": ("[limits]\nin_flight = 70000\n", 2, "limits.in_flight", "smaller than one", "as large"),
    "impatient-mta": (
        "[receive]\nsmtp_timeout = 29\n",
        2,
        "receive.smtp_timeout",
        "too short",
        "smtpd_proxy_timeout",
    ),
    "impatient-milter": (
        '[milter]\nlisten = "127.0.0.1:8891"\ntimeout = 20\n',
        3,
        "milter.timeout",
        "too short",
        "milter_content_timeout",
    ),
    "removing-without-a-probe": (
        '[milter]\nlisten = "127.0.0.1:8891"\nsplit = "remove"\nprobe = ["127.0.0.1:25"]\n',
        3,
        "milter.split",
        "without milter.probe_to and milter.probe_return",
        'split = "store"',
    ),
    "removing-without-a-milter": ('[milter]\nsplit = "remove"\n', 2, "milter.split", "without milter.listen", "install.md"),
    "probe-to-one": ('[milter]\nprobe_to = ["a@campus.example"]\n', 2, "milter.probe_to", "not two addresses", "split-2"),
    "probe-to-two-alike": (
        '[milter]\nprobe_to = ["a@campus.example", "A@lists.example"]\n',
        2,
        "milter.probe_to",
        "differ before the @",
        "split-2",
    ),
    "probe-of-ourselves": ('[milter]\nprobe = ["127.0.0.1:10025"]\n', 2, "milter.probe", "would loop", "the MTA's own"),
    "public-milter": ('[milter]\nlisten = "0.0.0.0:8891"\n', 2, "milter.listen", "no other machine", "trusted_clients"),
    "patient-mta": ("[receive]\nlmtp_timeout = 841\n", 2, "receive.lmtp_timeout", "keep track", "lmtp_data_done_timeout"),
    "authorities-for-nobody": ('[forward]\ntls_ca = "ca.pem"\n', 2, "forward.tls_ca", "nothing is checked", '"verify"'),
    "verify-on-a-socket": (
        '[forward]\ntls = "verify"\nrelease_hop = "lmtp:unix:/run/mta/lmtp"\n',
        2,
        "forward.tls",
        "no name to verify",
        '"none"',
    ),
    "certificate-without-key": ('[receive]\ntls_cert = "a.pem"\n', 2, "receive.tls_cert", "receive.tls_key", "all of them"),
    "half-a-dkim-key": ('[dkim]\nselector = "s1"\n', 2, "dkim.selector", "dkim.domain", "all of them"),
    "dkim-for-others": (
        '[dkim]\ndomain = "lists.example"\nselector = "s1"\nkey_file = "k"\n',
        2,
        "dkim.domain",
        "not a domain of ours",
        "site.domains",
    ),
    "more-dkim-keys-than-one": ('[dkim]\nmore_keys = ["s2:k"]\n', 2, "dkim.more_keys", "without domain", "key_file"),
    "two-dkim-keys-of-one-selector": (
        '[dkim]\ndomain = "campus.example"\nselector = "s1"\nkey_file = "k"\nmore_keys = ["S1:k2"]\n',
        5,
        "dkim.more_keys",
        "one selector for two keys",
        "under its own",
    ),
    "seal-without-key": ("[dkim]\narc = true\n", 2, "dkim.arc", "no seal without a key", "key_file"),
    "results-without-seal": ('[dkim]\nauthserv_id = "mx.campus.example"\n', 2, "dkim.authserv_id", "without arc", "arc = true"),
    "dkim-key-without-selector": (
        '[dkim]\nmore_keys = ["k.pem"]\n',
        2,
        "dkim.more_keys",
        "a selector and a file",
        "selector:path",
    ),
    "dkim-selector-with-blanks": ('[dkim]\nselector = "my key"\n', 2, "dkim.selector", "not a selector", "hyphens"),
    "unknown-database": ('[store]\nurl = "mysql://db/dlp"\n', 2, "store.url", "not of the form", "config.example.toml"),
    "two-stores": (
        '[store]\nurl = "postgresql://db/dlp"\nurl_file = "url"\n',
        3,
        "store.url_file",
        "two addresses",
        "keep url_file",
    ),
    "age": ('[policy]\nmax_snapshot_age = "7 days"\n', 2, "policy.max_snapshot_age", "length of time", "7d"),
    "time-of-day": ('[notices]\ndigest_at = "24:00"\n', 2, "notices.digest_at", "time of day", "07:00"),
}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path | None, *overrides: str) -> tuple[ConfigError, ...]:
    with pytest.raises(ConfigError) as caught:
        load(path, overrides)
    return caught.value.errors if isinstance(caught.value, ConfigErrors) else (caught.value,)


@pytest.mark.parametrize(("text", "line", "key", "what", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_line_key_and_remedy(tmp_path, text, line, key, what, remedy):
    path = write(tmp_path, text)
    (error,) = mistakes(path)
    assert (error.file, error.line, error.key) == (str(path), line, key)
    assert what in error.what
    assert remedy in error.remedy
    assert str(error).startswith(f"{path}:{line}: ")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path):
    path = write(
        tmp_path, '[site]\nnam = "x"\ndomains = ["campus"]\n[receive]\nlmtp = ""\nsmtp = ""\n[limits]\nmessage = true\n'
    )
    assert [error.line for error in mistakes(path)] == [2, 3, 5, 8]


def test_a_wrong_value_is_not_reported_again_as_a_contradiction(tmp_path):
    """A next hop that cannot be read is not compared with the listeners by its default."""
    path = write(tmp_path, '[receive]\nlmtp = "127.0.0.1:10026"\n[forward]\nnext_hop = "nowhere"\n')
    assert [error.key for error in mistakes(path)] == ["forward.next_hop"]


def test_values_are_never_repeated(tmp_path):
    path = write(tmp_path, '[store]\nurl = "mysql://user:hunter2@db/x"\n[site]\npolicy_contact = "hunter2"\n')
    assert not [error for error in mistakes(path) if "hunter2" in str(error)]


@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.write_bytes(b"[site]\nname = '\xff'\n"), "not UTF-8"),
    ],
    ids=["missing", "folder", "latin-1"],
)
def test_a_file_that_cannot_be_read_is_an_error(tmp_path, prepare, what):
    path = tmp_path / "config.toml"
    prepare(path)
    (error,) = mistakes(path)
    assert what in error.what
    assert error.file == str(path)
    assert error.remedy


def test_defaults_alone_are_valid():
    settings = load(None)
    assert settings.campus().is_inside("a.lind@physics.campus.example")
    assert (settings.policy_settings().unsupported, settings.policy_settings().images) == (Action.HOLD, Action.WARN)
    assert settings.limits_value().message == 52_428_800
    assert settings.not_yet() == ()
    assert settings.hostname


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[site]\nname = 'x'\n")
    assert load(path).site.name == "x"


def test_settings_are_frozen():
    settings = load(None)
    with pytest.raises(ValueError, match="frozen"):
        settings.site.name = "x"


def test_relative_paths_start_from_the_file(tmp_path, monkeypatch):
    path = write(tmp_path, '[site]\ndata_dir = "var"\n[policy]\npatterns = ["own", "/srv/patterns"]\ntable = "table.toml"\n')
    monkeypatch.chdir("/")
    settings = load(path)
    assert settings.data_dir == tmp_path / "var"
    assert settings.keys_dir == tmp_path / "var" / "keys"
    assert settings.pattern_folders == (tmp_path / "own", Path("/srv/patterns"))
    assert settings.policy_table == tmp_path / "table.toml"


def test_a_key_folder_of_its_own(tmp_path):
    assert load(write(tmp_path, '[keys]\ndir = "/etc/dlp/keys"\n')).keys_dir == Path("/etc/dlp/keys")


def test_observe_mode_and_unsupported_reach_the_policy(tmp_path):
    text = '[policy]\nmode = "observe"\nunsupported = "warn"\nimages = "pass"\nencrypted_partners = ["Partner.example."]\n'
    policy = load(write(tmp_path, text)).policy_settings()
    assert (policy.observe, policy.unsupported, policy.images) == (True, Action.WARN, Action.PASS)
    assert policy.encrypted_partners == ("partner.example",)


OVERRIDES = {
    "string-without-quotes": ("receive.lmtp=127.0.0.1:2525", "receive.lmtp", "127.0.0.1:2525"),
    "string-with-quotes": ('site.name="A: B"', "site.name", "A: B"),
    "string-that-is-a-number": ("site.name=42", "site.name", "42"),
    "empty": ("receive.smtp=", "receive.smtp", ""),
    "number": ("workers.receivers=3", "workers.receivers", 3),
    "flag": ("receive.inspect_inbound=true", "receive.inspect_inbound", True),
    "list": ('site.domains=["a.example", "b.example"]', "site.domains", ("a.example", "b.example")),
    "sub-table": ("site.offices.news=news@campus.example", "site.offices.news", "news@campus.example"),
    "equals-sign-in-the-value": ("site.name=a=b", "site.name", "a=b"),
    "line-break-adds-no-key": ('site.name=1\nuser="root"', "site.user", "dlp"),
}


@pytest.mark.parametrize(("override", "key", "value"), OVERRIDES.values(), ids=OVERRIDES)
def test_an_override_beats_the_file(tmp_path, override, key, value):
    path = write(tmp_path, '[site]\nname = "from the file"\n[workers]\nreceivers = 1\n')
    assert value_of(load(path, [override]), key) == value


@pytest.mark.parametrize(
    ("override", "key", "remedy"),
    [
        ("receive.lmtp", "", "section.key=value"),
        ("lmtp=127.0.0.1:1", "", "section.key=value"),
        ("receive.lmpt=x", "receive.lmpt", '"lmtp"'),
        ("receive.lmtp=10024", "receive.lmtp", 'write "host:port"'),
        ("policy.max_snapshot_age=7", "policy.max_snapshot_age", '"7d"'),
        ("limits.message=many", "limits.message", "without quotes"),
        ("site.name.first=x", "site.name.first", ""),
    ],
    ids=["no-value", "no-section", "mistyped", "port-alone", "length-without-unit", "wrong-type", "below-a-value"],
)
def test_a_wrong_override_names_the_option(tmp_path, override, key, remedy):
    path = write(tmp_path, '[site]\nname = "x"\n')
    (error,) = mistakes(path, override)
    assert (error.file, error.key) == ("--set", key)
    assert remedy in error.remedy


LATER_VALUES = {
    "site.holidays": '["2026-12-25"]',
    "forward.tls_only_hop": '"mta.campus.example:26"',
    "policy.minimise": '"rewrite"',
    "policy.masking_profile": '"initials"',
    "policy.require_tls": "true",
    "notices.language": '"fr"',
    "console.listen": '"127.0.0.1:8080"',
}


@pytest.mark.parametrize("key", LATER_VALUES)
def test_a_key_of_a_later_version_is_accepted_and_noted(tmp_path, key):
    section, name = key.split(".")
    path = write(tmp_path, f"[{section}]\n{name} = {LATER_VALUES[key]}\n")
    (note,) = load(path).not_yet()
    assert (note.file, note.line, note.key) == (str(path), 2, key)
    assert note.what.startswith("not yet")


def test_keys_that_come_in_groups_are_noted_one_by_one(tmp_path):
    text = '[dkim]\ndomain = "campus.example"\nselector = "s"\nkey_file = "f"\n'
    noted = {note.key for note in load(write(tmp_path, text)).not_yet()}
    assert noted == {later.key for later in LATER} - set(LATER_VALUES)


def test_a_key_of_a_later_version_is_checked_all_the_same(tmp_path):
    (error,) = mistakes(write(tmp_path, '[console]\nlisten = "8080"\n'))
    assert error.key == "console.listen"


def test_metrics_stay_silent_at_their_default_and_when_off(tmp_path):
    assert load(write(tmp_path, '[metrics]\nlisten = ""\n')).not_yet() == ()


ACCEPTED = {
    "unix-sockets": '[receive]\nlmtp = "unix:/var/spool/postfix/dlp/lmtp"\nsmtp = ""\n',
    "ipv6": '[receive]\nlmtp = "[::1]:10024"\nsmtp = "127.0.0.1:10024"\n',
    "public-with-list": '[receive]\nlmtp = "0.0.0.0:24"\ntrusted_clients = ["192.0.2.0/24"]\n',
    "hop-elsewhere-on-our-port": (
        '[receive]\nlmtp = "0.0.0.0:24"\ntrusted_clients = ["192.0.2.0/24"]\n[forward]\nnext_hop = "mta.campus.example:24"\n'
    ),
    "hop-on-a-socket": '[forward]\nnext_hop = "lmtp:unix:/run/mta/lmtp"\n',
    "removing": (
        '[milter]\nlisten = "127.0.0.1:8891"\nsplit = "remove"\nprobe = ["127.0.0.1:25", "127.0.0.1:587"]\n'
        'probe_to = ["split-1@campus.example", "split-2@campus.example"]\nprobe_return = "127.0.0.1:10027"\n'
    ),
    "native-date": "[site]\nholidays = [2026-12-25]\n",
    "outside-sub-domain": '[site]\noutside_domains = ["alumni.campus.example"]\n',
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_a_site_may_want_is_accepted(tmp_path, text):
    assert isinstance(load(write(tmp_path, text)), Settings)


def test_the_nearest_configuration_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "")
    assert find_config() == Path("config.toml")

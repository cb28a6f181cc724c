"""What settings say against each other, although each alone would do.

Takes valid sections; gives one Contradiction for each clash, with the keys concerned (the first is where it is
reported) and the remedy. Pure; nothing here fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import combinations

from dlp.endpoints import Endpoint, parse_endpoint
from dlp.settings import Sections

# seconds; reading gets 0.4 of them, and what is prepared for a transaction is kept for 15 minutes
SHORTEST_WAIT, LONGEST_WAIT = 30, 840


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Keys that cannot all stand as they are."""

    keys: tuple[str, ...]
    what: str
    remedy: str


def contradictions(sections: Sections) -> Iterator[Contradiction]:
    """Every clash of the configuration, in the order of the file."""
    for check in (_domains, _listeners, _relaying, _loops, _tls, _limits, _waits, _pairs, _signing, _removing):
        yield from check(sections)


def _listening(sections: Sections) -> dict[str, Endpoint]:
    told = {
        "receive.lmtp": sections.receive.lmtp,
        "receive.smtp": sections.receive.smtp,
        "milter.listen": sections.milter.listen,
        "milter.probe_return": sections.milter.probe_return,
        "console.listen": sections.console.listen,
        "metrics.listen": sections.metrics.listen,
    }
    return {key: parse_endpoint(text) for key, text in told.items() if text}


def _domains(sections: Sections) -> Iterator[Contradiction]:
    if not sections.site.domains:
        yield Contradiction(("site.domains",), "no domain is ours", 'list yours, as in ["campus.example"]')
    for outside in sections.site.outside_domains:
        if any(domain == outside or domain.endswith(f".{outside}") for domain in sections.site.domains):
            yield Contradiction(
                ("site.outside_domains", "site.domains"),
                "one of domains would be outside",
                "list only sub-domains that are not part of the campus",
            )


def _listeners(sections: Sections) -> Iterator[Contradiction]:
    if not sections.receive.lmtp and not sections.receive.smtp and not sections.milter.listen:
        yield Contradiction(
            ("receive.lmtp", "receive.smtp"), "no listener: lmtp and smtp are both off", 'set lmtp = "127.0.0.1:10024"'
        )
    for (left, one), (right, other) in combinations(_listening(sections).items(), 2):
        if one.blocks(other):
            yield Contradiction((right, left), f"the same address as {left}", "give each listener its own port or path")


def _relaying(sections: Sections) -> Iterator[Contradiction]:
    networks = [ip_network(text) for text in sections.receive.trusted_clients]
    for key in ("receive.lmtp", "receive.smtp", "milter.listen", "milter.probe_return"):
        endpoint = _listening(sections).get(key)
        if endpoint is None or endpoint.is_loopback or not all(network.is_loopback for network in networks):
            continue
        yield Contradiction(
            (key, "receive.trusted_clients"),
            "reachable from outside, but trusted_clients names no other machine",
            "listen on 127.0.0.1, or list the addresses of your MTA in trusted_clients",
        )


def _hops(sections: Sections) -> dict[str, str]:
    return {"forward.next_hop": sections.forward.next_hop, "forward.release_hop": sections.forward.release_hop}


def _loops(sections: Sections) -> Iterator[Contradiction]:
    forward = sections.forward
    probed = [("milter.probe", hop) for hop in sections.milter.probe]
    for key, text in (*_hops(sections).items(), ("forward.tls_only_hop", forward.tls_only_hop), *probed):
        hop = text.removeprefix("lmtp:")
        for listener, endpoint in _listening(sections).items():
            if hop and parse_endpoint(hop).reaches(endpoint):
                yield Contradiction(
                    (key, listener), f"mail would loop: this is {listener}", "name the MTA's own listener for filtered mail"
                )


def _tls(sections: Sections) -> Iterator[Contradiction]:
    verified = sections.forward.tls == "verify"
    if sections.forward.tls_ca and not verified:
        yield Contradiction(
            ("forward.tls_ca", "forward.tls"), 'nothing is checked by it unless tls is "verify"', 'set tls = "verify"'
        )
    for key, text in _hops(sections).items():
        if verified and "unix:" in text:
            yield Contradiction(
                ("forward.tls", key),
                f"{key} is a Unix socket, which has no name to verify",
                'write tls = "none": nobody listens in on a Unix socket; or name the hop as host:port',
            )


def _limits(sections: Sections) -> Iterator[Contradiction]:
    if sections.limits.in_flight < sections.limits.message:
        yield Contradiction(
            ("limits.in_flight", "limits.message"),
            "smaller than one message of the largest size",
            "make it at least as large as message",
        )
    if sections.limits.files_cpu >= sections.limits.child_cpu:
        yield Contradiction(
            ("limits.files_cpu", "limits.child_cpu"),
            "a child would be ended before its files are",
            "make it smaller than child_cpu",
        )


def _waits(sections: Sections) -> Iterator[Contradiction]:
    """How long the MTA waits after its dot: long enough to judge in, and not longer than what we prepare is kept."""
    receive, milter = sections.receive, sections.milter
    for listener, told, key, seconds, parameter in (
        ("receive.lmtp", receive.lmtp, "receive.lmtp_timeout", receive.lmtp_timeout, "lmtp_data_done_timeout"),
        ("receive.smtp", receive.smtp, "receive.smtp_timeout", receive.smtp_timeout, "smtpd_proxy_timeout"),
        ("milter.listen", milter.listen, "milter.timeout", milter.timeout, "milter_content_timeout"),
    ):
        if not told or SHORTEST_WAIT <= seconds <= LONGEST_WAIT:
            continue
        yield Contradiction(
            (key, listener),
            f"{'too short to judge and forward a message in' if seconds < SHORTEST_WAIT else 'longer than we can keep track'}",
            f"set it, and {parameter} where Postfix calls us, to {SHORTEST_WAIT} to {LONGEST_WAIT} seconds",
        )


def _pairs(sections: Sections) -> Iterator[Contradiction]:
    """Keys that mean something only together."""
    groups = {
        ("receive.tls_cert", "receive.tls_key"): (sections.receive.tls_cert, sections.receive.tls_key),
        ("dkim.domain", "dkim.selector", "dkim.key_file"): (
            sections.dkim.domain,
            sections.dkim.selector,
            sections.dkim.key_file,
        ),
    }
    for keys, values in groups.items():
        missing = [key for key, value in zip(keys, values, strict=True) if not value]
        if missing and len(missing) < len(keys):
            given = next(key for key in keys if key not in missing)
            yield Contradiction(
                (given, *missing), f"of no use without {' and '.join(missing)}", "set all of them, or none of them"
            )
    if sections.store.url_file and sections.store.url != "sqlite":
        yield Contradiction(("store.url_file", "store.url"), "two addresses of one store", "keep url_file and leave out url")


def _signing(sections: Sections) -> Iterator[Contradiction]:
    """We sign for ourselves only, and a second key is one beside a first."""
    dkim = sections.dkim
    if dkim.domain and not sections.campus().is_inside_domain(dkim.domain):
        yield Contradiction(("dkim.domain", "site.domains"), "not a domain of ours", "sign for one of site.domains")
    if dkim.more_keys and not dkim.domain:
        yield Contradiction(("dkim.more_keys", "dkim.domain"), "of no use without domain", "set domain, selector and key_file")
    if dkim.arc and not dkim.domain:
        yield Contradiction(("dkim.arc", "dkim.domain"), "no seal without a key", "set domain, selector and key_file")
    if dkim.authserv_id and not dkim.arc:
        yield Contradiction(("dkim.authserv_id", "dkim.arc"), "of no use without arc", "set arc = true, or leave it out")
    selectors = [dkim.selector.lower(), *(each.partition(":")[0].lower() for each in dkim.more_keys)]
    if len(set(selectors)) < len(selectors):
        yield Contradiction(("dkim.more_keys", "dkim.selector"), "one selector for two keys", "publish each key under its own")


def _removing(sections: Sections) -> Iterator[Contradiction]:
    """An MTA is trusted to drop recipients by what its probe shows, and by nothing else."""
    milter = sections.milter
    given = {name: bool(getattr(milter, name)) for name in ("listen", "probe", "probe_to", "probe_return")}
    missing = [f"milter.{name}" for name, there in given.items() if not there]
    if milter.split == "remove" and missing:
        yield Contradiction(
            ("milter.split", *missing),
            f"nothing would ever show that the MTA drops recipients, without {' and '.join(missing)}",
            'set it (docs/install.md), or split = "store"',
        )
    different = {address.rpartition("@")[0].lower() for address in milter.probe_to}
    if milter.probe_to and (len(different), len(milter.probe_to)) != (2, 2):
        yield Contradiction(
            ("milter.probe_to",),
            "not two addresses that differ before the @",
            'as in ["split-1@campus.example", "split-2@campus.example"]',
        )

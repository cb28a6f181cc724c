"""The checks of `dlp doctor` on the Postfix beside us: whether it asks us, can reach us, and keeps mail back when it cannot.

Takes settings, and what postfix.py reads; gives Checks, as the others do (checkup.py). Without a Postfix here nothing is
said of it: the MTA may be another one, or elsewhere. A listener that does not ask is a warning, for its mail may be none of
ours to look at; one that asks in a way that lets mail pass unread, or cannot, fails.
"""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from dlp.commands.checkup import Check, State
from dlp.commands.postfix import Milter, Postfix, Service, installed
from dlp.config import Settings
from dlp.endpoints import Endpoint, parse_endpoint

SPOOL = Path("/var/spool/postfix")
# Who connects to which listener of ours: commands of master.cf.
_CLIENTS = {"lmtp": ("lmtp",), "smtp": ("smtp", "smtpd"), "milter": ("smtpd", "cleanup")}
_NEWLINES = ("normalize", "yes", "reject")
_Wrong = tuple[State, str, str]  # a Check but for its name

_TRY_AGAIN = ("tempfail", "shutdown")
_LETS_PASS: _Wrong = (
    State.FAIL,
    "lets mail pass unread while the filter is down (milter_default_action = accept)",
    "milter_default_action = tempfail, also in master.cf and in the braces of the milter; then postfix reload",
)
_GIVES_UP: _Wrong = (
    State.WARN,
    "refuses or keeps mail, and does not say try again, while the filter is down (milter_default_action)",
    "milter_default_action = tempfail; then postfix reload",
)
_OLD_PROTOCOL: _Wrong = (
    State.FAIL,
    "speaks a milter_protocol that leaves out what the filter needs, so all mail is put off",
    "milter_protocol = 6; then postfix reload",
)
_NOT_FIRST: _Wrong = (
    State.WARN,
    "asks another milter before this one",
    "name this one first: a signature made before it breaks where it changes a field",
)
_SPEED_ADJUST: _Wrong = (
    State.FAIL,
    "accepts every recipient before the filter is asked (smtpd_proxy_options = speed_adjust)",
    "take speed_adjust out of smtpd_proxy_options; then postfix reload",
)
_BARE_NEWLINES: _Wrong = (
    State.WARN,
    "takes LF.CRLF for the end of a message (SMTP smuggling)",
    "smtpd_forbid_bare_newline = normalize (Postfix 3.5.23, 3.6.13, 3.7.9, 3.8.4 and later); then postfix reload",
)
_EXCLUDED: _Wrong = (
    State.WARN,
    "takes LF.CRLF for the end of a message from some clients (SMTP smuggling; smtpd_forbid_bare_newline_exclusions)",
    "smtpd_forbid_bare_newline_exclusions = (nothing behind it), unless such a client needs it; then postfix reload",
)
_BLIND: _Wrong = (
    State.FAIL,
    "cannot tell apart recipients whose mail goes to one address when told to drop one (enable_original_recipient = no)",
    'enable_original_recipient = yes, also in master.cf; then postfix reload; or [milter] split = "store"',
)
_AGAIN: _Wrong = (
    State.FAIL,
    "takes what the filter sends, and asks it again about that",
    "content_filter=, smtpd_proxy_filter= and no_milters for this listener, as in docs/install.md; then postfix reload",
)
_UNREAD: _Wrong = (
    State.WARN,
    "does not ask the filter, so what it takes passes unread",
    "well if none of that is to be looked at; else set it up as the others (docs/install.md)",
)
_LOCAL_UNREAD: _Wrong = (
    State.WARN,
    "does not ask the filter about what local programs hand to sendmail",
    "non_smtpd_milters, or content_filter, in main.cf (docs/install.md)",
)


def postfix(settings: Settings) -> Iterator[Check]:
    """What would let mail pass unread, or keep all of it back, in the Postfix of this machine."""
    mta = installed()
    if mta is None:
        return
    ours, hops = _ours(settings), _hops(settings)
    wrong: dict[_Wrong, list[str]] = {}
    asking = []
    for service in mta.running("smtpd"):
        calls = _calls(mta, service, ours)
        back = service.kind == "inet" and any(hop.reaches(service.endpoint) for hop in hops)
        if calls and not back:
            asking.append(str(service))
        for each in (_AGAIN,) if back and calls else () if back else _wrong_with(mta, service, ours) if calls else (_UNREAD,):
            wrong.setdefault(each, []).append(str(service))
    for each in _local_mail(mta, ours):
        wrong.setdefault(each, []).append("Postfix")
    if settings.milter.split == "remove":
        blind = [str(each) for each in mta.running("cleanup") if each.set.get("enable_original_recipient") == "no"]
        wrong |= {_BLIND: blind} if blind else {}
    if not asking:
        remedy = "set it up as docs/install.md says, then postfix reload"
        yield Check(State.WARN, "postfix", "no listener of Postfix asks the filter, so all mail passes unread", remedy)
        return
    for (state, what, remedy), names in wrong.items():
        yield Check(state, "postfix", f"{', '.join(names)} {what}", remedy)
    if not wrong:
        yield Check(State.OK, "postfix", f"the filter is asked by {', '.join(asking)}")


def _ours(settings: Settings) -> Mapping[str, Endpoint]:
    told = {"lmtp": settings.receive.lmtp, "smtp": settings.receive.smtp, "milter": settings.milter.listen}
    return {name: parse_endpoint(text) for name, text in told.items() if text}


def _hops(settings: Settings) -> list[Endpoint]:
    hops = (settings.forward.next_hop, settings.forward.release_hop)
    return [parse_endpoint(hop.removeprefix("lmtp:")) for hop in hops if hop]


def _calls(mta: Postfix, service: Service, ours: Mapping[str, Endpoint]) -> bool:
    """Whether what this listener takes is handed to us, in one way or another."""
    ways = (mta.content_filter(service), mta.proxy_filter(service), mta.relayhost(service))
    return any(_is(way, ours.get(name)) for way in ways for name in ("lmtp", "smtp")) or any(
        _is(each.endpoint, ours.get("milter")) for each in mta.milters(service)
    )


def _is(called: Endpoint | None, listener: Endpoint | None) -> bool:
    return called is not None and listener is not None and called.reaches(listener)


def _wrong_with(mta: Postfix, service: Service, ours: Mapping[str, Endpoint]) -> Iterator[_Wrong]:
    """Of a listener that asks us."""
    yield from _wrong_with_milters(mta.milters(service), service, ours)
    if service.set.get("smtpd_proxy_filter") and "speed_adjust" in service.set.get("smtpd_proxy_options", ""):
        yield _SPEED_ADJUST
    if service.set.get("smtpd_forbid_bare_newline") not in _NEWLINES:
        yield _BARE_NEWLINES
    elif service.set.get("smtpd_forbid_bare_newline_exclusions"):
        yield _EXCLUDED


def _wrong_with_milters(milters: tuple[Milter, ...], service: Service, ours: Mapping[str, Endpoint]) -> Iterator[_Wrong]:
    for place, each in enumerate(milters):
        if not _is(each.endpoint, ours.get("milter")):
            continue
        action = each.settings.get("default_action") or service.set.get("milter_default_action", "tempfail")
        if action not in _TRY_AGAIN:
            yield _LETS_PASS if action == "accept" else _GIVES_UP
        if (each.settings.get("protocol") or service.set.get("milter_protocol", "6"))[:1] in "2345":
            yield _OLD_PROTOCOL
        if place:
            yield _NOT_FIRST


def _local_mail(mta: Postfix, ours: Mapping[str, Endpoint]) -> Iterator[_Wrong]:
    """Of mail that comes in by the sendmail command: pickup(8) takes it, cleanup(8) asks about it."""
    for cleanup in mta.running("cleanup"):
        milters = mta.milters(cleanup, "non_smtpd_milters")
        yield from _wrong_with_milters(milters, cleanup, ours)
        if any(_is(each.endpoint, ours.get("milter")) for each in milters):
            return
    takers = mta.running("pickup")
    ways = [way for taker in takers for way in (mta.content_filter(taker), mta.relayhost(taker))]
    if takers and not any(_is(way, ours.get(name)) for way in ways for name in ("lmtp", "smtp")):
        yield _LOCAL_UNREAD


def chroot(settings: Settings) -> Iterator[Check]:
    """Services of Postfix in a chroot reach only sockets below its queue folder (Debian's master.cf has some there)."""
    outside = {name: Path(endpoint.path) for name, endpoint in _ours(settings).items() if endpoint.path}
    mta = installed() if outside else None
    if mta is None:
        return
    for name, path in outside.items():
        chrooted = sorted({each.command for each in mta.running(*_CLIENTS[name]) if each.chrooted})
        if chrooted and mta.queue_folder not in path.parents:
            what = f"Postfix cannot reach {path}: its {' and '.join(chrooted)} run in {mta.queue_folder}"
            yield Check(State.FAIL, "chroot", what, f"put the socket below it, as in unix:{mta.queue_folder}/dlp/{name}")


def sockets(settings: Settings) -> Iterator[Check]:
    """Whether Postfix's user may connect to our sockets: their folders, group and mode."""
    for name, endpoint in _ours(settings).items():
        path = Path(endpoint.path)
        if not endpoint.path:
            continue
        if not path.parent.is_dir():
            remedy = f"install -d -m 0755 {shlex.quote(str(path.parent))}"
            yield Check(State.FAIL, "socket", f"{path.parent} is missing, so {name} cannot listen", remedy)
            continue
        mta = installed()
        if mta is None:
            continue
        shut = _shut(path, settings, mta.main.get("mail_owner", "postfix"))
        if shut:
            remedy = "socket_group and socket_mode of [receive], and x for that user on each folder above"
            yield Check(State.FAIL, "socket", f"Postfix may not connect to {name}: {shut}", remedy)
        else:
            yield Check(State.OK, "socket", f"Postfix may connect to {name}")


def _shut(path: Path, settings: Settings, owner: str) -> str:
    """What keeps Postfix's user out; "" when nothing does, or when there is no such user here."""
    try:
        entry = pwd.getpwnam(owner)
    except KeyError:
        return ""
    groups = os.getgrouplist(owner, entry.pw_gid)
    for folder in reversed(path.parents):
        if not _may(folder.stat(), 1, entry.pw_uid, groups):
            return f"{owner} may not go through {folder}"
    if path.is_socket():
        return "" if _may(path.stat(), 2, entry.pw_uid, groups) else f"{owner} may not write to {path}"
    mode, group = int(settings.receive.socket_mode, 8), settings.receive.socket_group
    try:
        gid = grp.getgrnam(group).gr_gid if group and os.geteuid() == 0 else _inherited(path.parent)
    except KeyError:
        return f"there is no group {group}"
    if mode & 0o002 or (mode & 0o020 and gid in groups):
        return ""
    return f"{owner} is not in the group the socket will have" if mode & 0o020 else f"its mode will be {mode:04o}"


def _inherited(folder: Path) -> int:
    """The group of a file that this user makes there."""
    seen = folder.stat()
    return seen.st_gid if seen.st_mode & stat.S_ISGID else os.getegid()


def _may(seen: os.stat_result, bit: int, uid: int, groups: list[int]) -> bool:
    """Whether the mode lets this user: 1 = go through a folder, 2 = write."""
    shift = 6 if seen.st_uid == uid else 3 if seen.st_gid in groups else 0
    return bool(seen.st_mode >> shift & bit)


POSTFIX_CHECKS: Mapping[str, Callable[[Settings], Iterator[Check]]] = {"chroot": chroot, "socket": sockets, "postfix": postfix}

"""What the Postfix on this machine is set to do: its parameters, its services, and what each of these is asked to call.

Takes nothing but `postconf`, which reads main.cf and master.cf and changes neither; gives a Postfix, or None where there is
none, or none that is configured. Addresses of sockets are given as the whole machine sees them, also for a service in a chroot.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlp.endpoints import Endpoint, parse_endpoint

PARAMETERS = (
    "queue_directory",
    "mail_owner",
    "content_filter",
    "relayhost",
    "receive_override_options",
    "smtpd_proxy_filter",
    "smtpd_proxy_options",
    "smtpd_milters",
    "non_smtpd_milters",
    "milter_default_action",
    "milter_protocol",
    "smtpd_forbid_bare_newline",
    "smtpd_forbid_bare_newline_exclusions",
    "enable_original_recipient",
)
_ITEM = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}|[^\s,{}]+")
_SETTING = re.compile(r"(\w+)\s*=\s*([^\s,{}]+)")


@dataclass(frozen=True, slots=True)
class Milter:
    """One entry of a list of milters (MILTER_README): where it is, and what is set for it alone."""

    told: str
    endpoint: Endpoint | None
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Service:
    """A line of master.cf (master(5)). `set` are the parameters as they are in force for it."""

    name: str
    kind: str
    chrooted: bool
    command: str
    set: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.name}/{self.kind}"

    @property
    def endpoint(self) -> Endpoint:
        """Where a service on the network listens; port 0 when nobody can tell."""
        host, _, port = self.name.rpartition(":")
        try:
            number = int(port) if port.isdigit() else socket.getservbyname(port, "tcp")
        except OSError:
            number = 0
        return Endpoint(host=host.strip("[]") or "0.0.0.0", port=number)  # noqa: S104  Postfix listens there, not we


@dataclass(frozen=True, slots=True)
class Postfix:
    """Its configuration."""

    main: Mapping[str, str]
    services: tuple[Service, ...]

    @property
    def queue_folder(self) -> Path:
        return Path(self.main.get("queue_directory", "/var/spool/postfix"))

    def running(self, *commands: str) -> tuple[Service, ...]:
        return tuple(service for service in self.services if service.command in commands)

    def content_filter(self, service: Service) -> Endpoint | None:
        """Where accepted mail is handed to."""
        transport, _, destination = service.set.get("content_filter", "").partition(":")
        client = next((each for each in self.services if (each.name, each.kind) == (transport, "unix")), service)
        return self._endpoint(destination, client)

    def proxy_filter(self, service: Service) -> Endpoint | None:
        return self._endpoint(service.set.get("smtpd_proxy_filter", ""), service)

    def relayhost(self, service: Service) -> Endpoint | None:
        return self._endpoint(service.set.get("relayhost", ""), service)

    def milters(self, service: Service, parameter: str = "smtpd_milters") -> tuple[Milter, ...]:
        """Those it asks, in this order."""
        if "no_milters" in service.set.get("receive_override_options", ""):
            return ()
        return tuple(self._milter(item, service) for item in _ITEM.findall(service.set.get(parameter, "")))

    def _milter(self, item: str, service: Service) -> Milter:
        told, *more = _ITEM.findall(item.strip("{}")) or [""]
        return Milter(told, self._endpoint(told, service), dict(_SETTING.findall(item)) if more else {})

    def _endpoint(self, text: str, service: Service) -> Endpoint | None:
        """An address as this service would reach it; None for one that is no address, or of a name we cannot read."""
        kind, _, path = text.partition(":")
        if kind == "unix":
            below = self.queue_folder / path.lstrip("/") if service.chrooted else self.queue_folder / path
            return Endpoint(path=str(below))
        try:
            return parse_endpoint(re.sub(r"\[([^]:]+)\]", r"\1", text))
        except ValueError:
            return None


def installed() -> Postfix | None:
    """The Postfix of this machine, as it is configured now."""
    program = shutil.which("postconf", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return None
    main = dict(_pairs(_lines(program, "-x", *PARAMETERS)))
    services = [line.split() for line in _lines(program, "-M")]
    if not services:
        return None
    options: dict[str, dict[str, str]] = {}
    for name, value in _pairs(_lines(program, "-Px")):
        service, _, parameter = name.rpartition("/")
        options.setdefault(service, {})[parameter] = value
    return Postfix(main, tuple(_service(line, main, options) for line in services if len(line) > 7))


def _service(line: list[str], main: Mapping[str, str], options: Mapping[str, Mapping[str, str]]) -> Service:
    name, kind, *_ = line
    return Service(name, kind, line[4] in ("y", "-y"), line[7], {**main, **options.get(f"{name}/{kind}", {})})


def _lines(program: str, *asked: str) -> list[str]:
    told = subprocess.run([program, *asked], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603  no shell, our own words
    return told.stdout.splitlines()


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, equals, value = line.partition(" =")
        if equals:
            yield name, value.strip()

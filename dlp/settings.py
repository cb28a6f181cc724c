"""The settings of one installation: every key of the configuration file, its type and its default.

Takes nothing: frozen models that config.py fills from TOML, and the values other rooms ask for (Campus,
PolicySettings, Limits, absolute folders). Each model is one section. A value that cannot stand alone is refused by
its type here; what two keys say against each other is config.py's business. `config.example.toml` mirrors this file.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from dlp.campus.folding import folded_address
from dlp.key_types import (
    Address,
    Age,
    ClockTime,
    Domain,
    DomainOrNone,
    Hop,
    HopOrNone,
    Listen,
    Networks,
    SelectorAndFile,
    SelectorOrNone,
    SocketMode,
    Timezone,
    Wait,
    length,
)
from dlp.limits import Limits
from dlp.ruleset import Campus, PolicySettings
from dlp.values import Action

Count = Annotated[StrictInt, Field(ge=0, le=1024)]
Seconds = Annotated[StrictInt, Field(ge=1, le=86_400)]
Size = Annotated[StrictInt, Field(ge=65_536)]
Number = Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]


class Section(BaseModel):
    """One table of the file: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Offices(Section):
    """`[site.offices]`: whom a notice refers to; empty = named in words only."""

    registrar: str = ""
    dean_undergraduate: str = ""
    dean_graduate: str = ""
    news: str = ""
    provost: str = ""
    counsel: str = ""
    committee: str = ""


class Site(Section):
    """`[site]`: who we are."""

    domains: tuple[Domain, ...] = ("campus.example",)
    outside_domains: tuple[Domain, ...] = ()
    name: str = "Example University"
    timezone: Timezone = "America/New_York"
    holidays: tuple[date, ...] = ()
    user: str = "dlp"
    data_dir: Annotated[str, Field(min_length=1)] = "var"
    policy_contact: Address = "privacy@campus.example"
    offices: Offices = Offices()


class Receive(Section):
    """`[receive]`: where mail comes in, and whom we believe."""

    lmtp: Listen = "127.0.0.1:10024"
    smtp: Listen = "127.0.0.1:10025"
    hostname: DomainOrNone = ""
    socket_group: str = "postfix"
    socket_mode: SocketMode = "0660"
    trusted_clients: Networks = ("127.0.0.0/8", "::1")
    submission_clients: Networks = ()
    sender_identity: Literal["none", "listener", "received"] = "none"
    inspect_inbound: StrictBool = False
    bare_newlines: Literal["refuse", "normalise"] = "refuse"
    nul: Literal["refuse", "pass"] = "refuse"
    lmtp_timeout: Seconds = 600
    smtp_timeout: Seconds = 100
    tls_cert: str = ""
    tls_key: str = ""


class Forward(Section):
    """`[forward]`: where mail goes on to."""

    next_hop: Hop = "127.0.0.1:10026"
    release_hop: HopOrNone = ""
    tls_only_hop: HopOrNone = ""
    tls: Literal["none", "may", "verify"] = "may"
    tls_ca: str = ""


class Milter(Section):
    """`[milter]`: where an MTA asks us, and goes on with the mail itself."""

    listen: Listen = ""
    timeout: Seconds = 300
    split: Literal["store", "remove"] = "store"
    unproven: Literal["store", "hold", "tempfail"] = "store"
    probe: tuple[Hop, ...] = ()
    probe_to: tuple[Address, ...] = ()
    probe_return: Listen = ""


class StoreKeys(Section):
    """`[store]`."""

    url: Annotated[str, Field(pattern=r"^(sqlite|postgresql://.+)$")] = "sqlite"
    url_file: str = ""


class Keys(Section):
    """`[keys]`."""

    dir: str = ""


class LimitKeys(Section):
    """`[limits]`, in bytes or numbers; of reading, those of Limits and of one child."""

    message: Size = 52_428_800
    in_flight: Size = 268_435_456
    disk_reserve: Annotated[StrictInt, Field(ge=0)] = 0
    depth: Annotated[StrictInt, Field(ge=1, le=100)] = 30
    parts: Number = 2_000
    text: Size = 20_971_520
    expanded: Size = 209_715_200
    unfolds: Number = 200
    nested: Annotated[StrictInt, Field(ge=1, le=30)] = 8
    members: Number = 5_000
    cells: Number = 2_000_000
    pages: Number = 2_000
    pixels: Number = 64_000_000
    elements: Number = 2_000_000
    child_memory: Annotated[StrictInt, Field(ge=64 << 20, le=8 << 30)] = 536_870_912
    child_seconds: Annotated[StrictInt, Field(ge=2, le=40)] = 40
    child_cpu: Annotated[StrictInt, Field(ge=2, le=60)] = 20
    files_cpu: Annotated[StrictInt, Field(ge=1, le=60)] = 6

    @property
    def reserve(self) -> int:
        """Free bytes below which no new mail is taken."""
        return self.disk_reserve or max(2 * self.message, 64 << 20)


class Policy(Section):
    """`[policy]`: what a verdict depends on."""

    mode: Literal["enforce", "observe"] = "enforce"
    patterns: tuple[str, ...] = ()
    table: str = ""
    hold_for: Wait = "7d"
    max_snapshot_age: Age = "7d"
    absent_means_suppressed: StrictBool = True
    unsupported: Literal["pass", "warn", "hold"] = "hold"
    images: Literal["pass", "warn", "hold"] = "warn"
    sentences: Literal["on", "off", "verified"] = "on"
    encrypted_partners: tuple[Domain, ...] = ()
    minimise: Literal["warn", "rewrite"] = "warn"
    masking_profile: Literal["initials-id", "name-last4", "id-two-letters", "initials"] = "initials-id"
    require_tls: StrictBool = False


class Notices(Section):
    """`[notices]`: mail to senders and the daily digest."""

    sender: Address = "mail-guidance@campus.example"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    digest_at: ClockTime = "07:00"


class Dkim(Section):
    """`[dkim]`: our own signature, for notices and in place of one that a change broke; an ARC set on what we changed."""

    domain: DomainOrNone = ""
    selector: SelectorOrNone = ""
    key_file: str = ""
    more_keys: tuple[SelectorAndFile, ...] = ()
    arc: StrictBool = False
    authserv_id: DomainOrNone = ""


class Console(Section):
    """`[console]`."""

    listen: Listen = ""


class Metrics(Section):
    """`[metrics]`."""

    listen: Listen = "127.0.0.1:9108"


class Workers(Section):
    """`[workers]`: 0 = one per core. `jail` says whether mail may be taken where the machine cannot do all of it."""

    receivers: Count = 0
    extractors: Count = 0
    ocr: Annotated[str, Field(pattern=r"^([A-Za-z_]+(\+[A-Za-z_]+)*)?$")] = ""
    ocr_data: str = "/usr/share/tesseract-ocr/5/tessdata"
    jail: Literal["full", "weak"] = "full"


class Sections(Section):
    """The whole file."""

    site: Site = Site()
    receive: Receive = Receive()
    forward: Forward = Forward()
    milter: Milter = Milter()
    store: StoreKeys = StoreKeys()
    keys: Keys = Keys()
    limits: LimitKeys = LimitKeys()
    policy: Policy = Policy()
    notices: Notices = Notices()
    dkim: Dkim = Dkim()
    console: Console = Console()
    metrics: Metrics = Metrics()
    workers: Workers = Workers()

    def campus(self) -> Campus:
        """Which domains are ours, lower case."""
        return Campus(domains=self.site.domains, outside_domains=self.site.outside_domains)

    def policy_settings(self) -> PolicySettings:
        """The keys a verdict depends on, as the pure rooms take them."""
        return PolicySettings(
            observe=self.policy.mode == "observe",
            unsupported=Action[self.policy.unsupported.upper()],
            images=Action[self.policy.images.upper()],
            encrypted_partners=self.policy.encrypted_partners,
            dkim_domain=self.dkim.domain,
            inspect_inbound=self.receive.inspect_inbound,
            absent_means_suppressed=self.policy.absent_means_suppressed,
            max_snapshot_age=length(self.policy.max_snapshot_age),
            zone=ZoneInfo(self.site.timezone),
            sentences=self.policy.sentences != "off",
            verified=self.policy.sentences == "verified",
            offices=tuple(sorted(folded_address(address) for _, address in self.site.offices if address)),
        )

    @property
    def hold_for(self) -> timedelta:
        """How long a hold waits for a decision."""
        return length(self.policy.hold_for)

    def limits_value(self) -> Limits:
        """Bounds of reading one message at this site."""
        told = self.limits.model_dump()
        return Limits(**{each.name: told[each.name] for each in fields(Limits) if each.name in told})

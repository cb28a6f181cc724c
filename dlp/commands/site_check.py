"""The checks of `dlp doctor` on what a site must say of itself: what still stands as it was shipped, and who is told anything.

Takes settings; gives Checks, warnings all of them. Reads nothing but the settings.
"""

from __future__ import annotations

from collections.abc import Iterator

from dlp.commands.checkup import Check, State
from dlp.config import Settings

_SHIPPED_NAME, _SHIPPED_DOMAIN = "Example University", "campus.example"


def own_words(settings: Settings) -> Iterator[Check]:
    """Whether name, domain and the address people are told to ask are this site's own."""
    if settings.site.name == _SHIPPED_NAME:
        yield Check(State.WARN, "site", f'notices come from "{_SHIPPED_NAME}"', "set [site] name to that of your institution")
    if _SHIPPED_DOMAIN in settings.site.domains:
        yield Check(State.WARN, "site", f"{_SHIPPED_DOMAIN} counts as the campus", "set [site] domains to your mail domains")
    if not settings.campus().is_inside(settings.site.policy_contact):
        what = f"{settings.site.policy_contact}, who gets questions and the digest, is in no domain of [site] domains"
        yield Check(State.WARN, "site", what, "set [site] policy_contact to an address of the campus, or add its domain")


def told_senders(settings: Settings) -> Iterator[Check]:
    """Whether any message counts as submitted by somebody on campus: only such a sender is told anything."""
    receive = settings.receive
    if receive.submission_clients or receive.sender_identity != "none" or settings.milter.listen:
        return
    what = "no message counts as submitted by its sender, so no sender is told what was found or held"
    remedy = "set [receive] submission_clients, or sender_identity (docs/install.md)"
    yield Check(State.WARN, "senders", what, remedy)

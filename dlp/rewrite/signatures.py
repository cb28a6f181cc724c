"""Would an edit break a signature of ours? Reads DKIM-Signature fields, checks nothing.

Takes the decoded top-level fields and the edits; gives yes or no. A signature that lists no edited header survives the
edit and does not count, unless the body changes, which every signature covers. A field that cannot be read as tags
cannot verify either, so it does not count. Never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dlp.values import ChangeHeader, Edit, HeaderField

_BODY = ""  # stands for the body among the names of fields


def signed_by_campus(fields: Iterable[HeaderField], edits: Iterable[Edit], is_campus_domain: Callable[[str], bool]) -> bool:
    """True when a DKIM-Signature (RFC 6376 3.5) with a campus `d=` covers something these edits change."""
    names = {edit.name.lower() if isinstance(edit, ChangeHeader) else _BODY for edit in edits}
    return any(_covers(field.value, names, is_campus_domain) for field in fields if field.name.lower() == "dkim-signature")


def _covers(value: str, names: set[str], is_campus_domain: Callable[[str], bool]) -> bool:
    tags = _tags(value)
    covered = {name.lower() for listed in _values(tags, "h") for name in listed.split(":")}
    broken = _BODY in names or not names.isdisjoint(covered)
    return broken and any(is_campus_domain(domain) for domain in _values(tags, "d"))


def _tags(value: str) -> list[tuple[str, str]]:
    """Tag names and values, folding and blanks removed (RFC 6376 3.2); what has no `=` is left out."""
    pairs = ("".join(item.split()).partition("=") for item in value.split(";"))
    return [(name.lower(), content) for name, equals, content in pairs if equals]


def _values(tags: list[tuple[str, str]], name: str) -> list[str]:
    """Every value of a tag: a doubled tag is wrong, but verifiers differ in which one they take."""
    return [content for tag, content in tags if tag == name]

"""Which signatures of ours would edits break, and may we sign in their place? Reads DKIM-Signature fields, checks nothing.

Takes the decoded top-level fields and the edits. A signature that lists no edited header survives the edit and does not
count, unless the body changes, which every signature covers. A field that cannot be read as tags cannot verify either, so
it does not count. Never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from dlp.values import ChangeHeader, Edit, HeaderField

_BODY = ""  # stands for the body among the names of fields


def broken_by(
    edits: Iterable[Edit], fields: Iterable[HeaderField], is_campus_domain: Callable[[str], bool]
) -> tuple[HeaderField, ...]:
    """The DKIM-Signature fields (RFC 6376 3.5) with a campus `d=` that cover something these edits change."""
    names = {edit.name.lower() if isinstance(edit, ChangeHeader) else _BODY for edit in edits}
    signatures = (field for field in fields if field.name.lower() == "dkim-signature")
    return tuple(field for field in signatures if _covers(field.value, names, is_campus_domain))


def may_stand_in(domain: str, broken: Iterable[HeaderField], authors: Collection[str]) -> bool:
    """Whether a signature of `domain` may take the place of these: it is their domain, or all authors' organisation's.

    `authors` are the domains in From. One domain is another's organisation when it is the same, its parent or its child.
    """
    signers = {found.lower() for field in broken for found in _values(_tags(field.value), "d")}
    return bool(domain) and (signers == {domain} or (bool(authors) and all(_related(domain, each) for each in authors)))


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


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

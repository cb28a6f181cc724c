"""Entries of an LDAP directory to records: staff (inetOrgPerson, eduPerson) and mailing lists (groups with an address).

Takes files as blocks of bytes; gives staff as they are read, and lists at the end, when every member's name can be known. A
member that is in no file stays in its list by name, so that nobody takes the list for one of known people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dlp.campus.ldif import Entry, entries
from dlp.campus.records import MailList, Staff
from dlp.campus.report import Report

_GROUPS = frozenset({
    "groupofnames", "groupofuniquenames", "groupofmembers", "groupofurls", "posixgroup", "group", "mailgroup", "nismailalias",
    "mailgroupmember", "rfc822mailgroup", "inetmailgroup",
})  # fmt: skip
_PEOPLE = frozenset({"person", "organizationalperson", "inetorgperson", "eduperson", "user", "posixaccount"})
_BY_NAME = ("member", "uniquemember")
_BY_ADDRESS = ("rfc822mailmember", "mgrprfc822mailmember", "rfc822member")
_BY_UID = ("memberuid",)
_WORKING = frozenset({"staff", "faculty", "employee"})
# a field of Staff: the attributes it is taken from, the first that is there
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "language": ("preferredlanguage",),
    "given_name": ("givenname",),
    "family_name": ("sn",),
    "full_name": ("displayname", "cn"),
    "role": ("employeetype",),
    "title": ("title",),
    "department": ("ou", "department", "departmentnumber"),
    "status": ("edupersonprimaryaffiliation",),
    "extension": ("telephonenumber",),
    "office": ("roomnumber", "physicaldeliveryofficename"),
}
WANTED = frozenset(
    {"objectclass", "mail", "uid", "edupersonaffiliation", *_BY_NAME, *_BY_ADDRESS, *_BY_UID}
    | {attribute for attributes in _FIELDS.values() for attribute in attributes}
)


@dataclass(slots=True)
class _Group:
    address: str
    members: tuple[str, ...]  # addresses
    names: tuple[str, ...]  # distinguished names and user ids, as given


@dataclass(slots=True)
class _Seen:
    addresses: dict[str, str] = field(default_factory=dict)  # by folded name or user id
    groups: list[_Group] = field(default_factory=list)
    students: int = 0
    silent: int = 0  # people and groups that have no address


def records(files: Iterable[tuple[str, Iterable[bytes]]], report: Report) -> Iterator[Staff | MailList]:
    """The staff and lists of all LDIF files of one import, each as (name, blocks)."""
    seen = _Seen()
    for file, blocks in files:
        for entry in entries(file, blocks, WANTED, report):
            yield from _staff(entry, seen)
    for group in seen.groups:
        members = dict.fromkeys((*group.members, *(seen.addresses.get(_folded(name), name) for name in group.names)))
        yield MailList(group.address, "unknown", members=tuple(members))
    for count, what in ((seen.students, "students"), (seen.silent, "entries without an address")):
        if count:
            report.notes.append(f"left out of LDIF: {count} {what}")


def _staff(entry: Entry, seen: _Seen) -> Iterator[Staff]:
    """The entry as staff; a group or the address of anybody is only remembered."""
    values = entry.values
    classes = {name.lower() for name in values.get("objectclass", ())}
    address = next(filter(None, values.get("mail", ())), "")
    group = bool(classes & _GROUPS) or any(name in values for name in (*_BY_NAME, *_BY_ADDRESS, *_BY_UID))
    if not group and classes and not classes & _PEOPLE:
        return  # an organizational unit, a device
    if "@" not in address:
        seen.silent += 1
        return
    seen.addresses[_folded(entry.dn)] = address
    for uid in values.get("uid", ()):
        seen.addresses.setdefault(_folded(uid), address)
    if group:
        by_name = (name for attribute in (*_BY_NAME, *_BY_UID) for name in values.get(attribute, ()))
        by_address = (name for attribute in _BY_ADDRESS for name in values.get(attribute, ()))
        seen.groups.append(_Group(address, tuple(by_address), tuple(by_name)))
    elif _works_here(values):
        told: dict[str, Any] = {name: _first(values, attributes) for name, attributes in _FIELDS.items()}
        yield Staff(email=address, **told)
    else:
        seen.students += 1


def _works_here(values: Mapping[str, list[str]]) -> bool:
    """By what they mainly are, where that is said; a student who works here is not staff by that alone."""
    main = _first(values, ("edupersonprimaryaffiliation",)).lower()
    all_told = {each.lower() for each in values.get("edupersonaffiliation", ())} | ({main} if main else set())
    if main:
        return main in _WORKING
    return not all_told or (bool(all_told & _WORKING) and "student" not in all_told)


def _first(values: Mapping[str, list[str]], attributes: Iterable[str]) -> str:
    return next((value for attribute in attributes for value in values.get(attribute, ()) if value), "")


def _folded(name: str) -> str:
    """A distinguished name without regard to case and to blanks beside its commas and signs of equality."""
    return ",".join("=".join(part.strip() for part in pair.split("=")) for pair in name.casefold().split(","))

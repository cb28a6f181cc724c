"""Why, in words a sender understands: the wording for each reason code of the decision table, in English.

Takes a reason code, and the row where it is known; gives its wording: why in plain words, the rule's title, what to do
instead, tips for next time. A code without an entry gets the general wording, a reason that may not be named the neutral
one, so nothing fails. The rules of words.py hold for these texts, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said about one reason code. `instead` may use the slot `{contact}`.

    `ids_only` adds, while no directory of people is loaded, that ID numbers alone decided.
    """

    why: str
    rule: str
    instead: tuple[str, ...]  # ways on for a held message
    tips: tuple[str, ...]  # ways on next time, for one that was delivered
    ids_only: bool = False


NEUTRAL = Wording(
    why="It gives details about a person that we may not share this way.",
    rule="personal details",
    instead=("Send it again without these details.",),
    tips=("Next time, leave these details out.",),
)

GENERAL = Wording(
    why="It gives details about a person that need more care.",
    rule="use of personal details",
    instead=("Send it again without these details.",),
    tips=("Next time, leave these details out or share them in a folder.",),
)

_BY_CODE: Mapping[str, Wording] = MappingProxyType(
    {
        "FAQ:need-to-know": Wording(
            why="We have no record that the reader needs these details for work, or that the person agreed.",
            rule="need to know",
            instead=("Send it only to people who need it for their work.", "Send it again without these details."),
            tips=("Next time, write only to people who need it for their work.",),
            ids_only=True,
        ),
        "FAQ:need-to-know-undetermined": Wording(
            why="We have no record that they need this for their work. If they do, all is well.",
            rule="need to know",
            instead=("Send it only to people who need it for their work.", "Send it again without these details."),
            tips=("Next time, leave out the ID number if they do not need it.",),
            ids_only=True,
        ),
        "11.2.2:purpose": Wording(
            why="It names a purpose that is not the work of this office.",
            rule="stated purpose",
            instead=("Send it to the office that works on this.",),
            tips=("Next time, send it to the office that works on this.",),
        ),
        "FAQ:email-batch": Wording(
            why="It gives details about three or more people. Such a batch should not go by email.",
            rule="no batches by email",
            instead=("Put the list in a shared folder instead.",),
            tips=("Next time, put the list in a shared folder instead.",),
        ),
        "FAQ:outside-consent": Wording(
            why="It gives an outside reader details about a person. We know of no written permission.",
            rule="written permission",
            instead=(
                "Send it again without these details.",
                "If you have written permission, show it to {contact}.",
            ),
            tips=("Next time, ask for written permission first.",),
            ids_only=True,
        ),
        "FAQ:lists-never": Wording(
            why="It tells an outside reader about several people. Lists of people do not go outside.",
            rule="no lists to outside readers",
            instead=("Send it again without the list.",),
            tips=("Next time, write about one person at a time.",),
            ids_only=True,
        ),
        "FAQ:email-subject": Wording(
            why="The subject, a file name or a like header has a word about a person's record.",
            rule="neutral headers",
            instead=("Send it again with a neutral subject and file names.",),
            tips=('Next time, use a neutral subject, such as "Your question".',),
        ),
        "FAQ:own-record": Wording(
            why="It tells a person about the own record.",
            rule="own record",
            instead=("There is nothing to fix.",),
            tips=("There is nothing to fix.",),
        ),
        "FAQ:own-record-other-student": Wording(
            why="It tells a reader about other people.",
            rule="own record only",
            instead=(
                "Write to each person alone.",
                "Leave out what is about others.",
                "In a mail merge, check that each name and address belong together.",
            ),
            tips=("Next time, write to each person alone.",),
        ),
        "FAQ:email-caution": Wording(
            why="It goes outside by plain email. Others may read it on the way.",
            rule="care with email",
            instead=("Write to the campus address instead.",),
            tips=("Next time, write to the campus address.", "Ask the person whether plain email is fine."),
        ),
        "FAQ:inside-consent": Wording(
            why="We have no record that the person agreed to tell this reader.",
            rule="permission inside",
            instead=("Ask the person for permission first.",),
            tips=("Next time, ask the person for permission first.",),
        ),
        "FAQ:parents": Wording(
            why="It tells family about a person here. Such questions go to the dean's office.",
            rule="questions from family",
            instead=("Tell them whom to ask, and nothing else.",),
            tips=("Next time, tell them whom to ask.",),
        ),
        "FAQ:law-enforcement": Wording(
            why="It answers a police question. We know of no signed form for it.",
            rule="police questions",
            instead=("Ask for the form that the person signed for this case.",),
            tips=("Next time, ask for the signed form first.",),
        ),
        "11.2.7": Wording(
            why="It answers a court or a public body about a person.",
            rule="court orders",
            instead=("Tell them whom to ask, and nothing else.",),
            tips=("Next time, tell them whom to ask.",),
        ),
        "FAQ:media": Wording(
            why="It tells the press about a person. Only the News Office may.",
            rule="press questions",
            instead=("Tell them whom to ask, and nothing else.",),
            tips=("Next time, tell them whom to ask.",),
        ),
        "FAQ:degrees-registrar": Wording(
            why="It confirms a degree, or dates of attendance. Only the Registrar confirms these.",
            rule="degrees and dates",
            instead=("Tell them whom to ask, and nothing else.",),
            tips=("Next time, leave such an answer to the Registrar.",),
        ),
        "FAQ:class-lists": Wording(
            why="It is a class list. The person in charge of a class shares it with its staff, for teaching.",
            rule="class lists",
            instead=("Ask the person in charge of the class to share it.", "Send it only to the staff of that class."),
            tips=("Next time, leave it to the person in charge of the class.",),
        ),
        "FAQ:waiver": Wording(
            why="It is a letter in confidence. The person gave up the right to see it.",
            rule="letters in confidence",
            instead=("Send it only to those it was written for.",),
            tips=("Next time, send it only to those it was written for.",),
        ),
        "FAQ:recommendation": Wording(
            why="It is a reference with details of a record. We know of no permission for this one.",
            rule="references",
            instead=("Leave the details of the record out.", "If you have written permission, show it to {contact}."),
            tips=("Next time, ask for written permission first.",),
        ),
        "11.2.4:reference": Wording(
            why="It is a reference. Your own view is fine, details of a record are not.",
            rule="references",
            instead=("Leave the details of the record out.",),
            tips=("Next time, ask for written permission first.",),
        ),
        "11.2.4:business-need": Wording(
            why="It goes to a firm. We know of no approval by a senior officer.",
            rule="business need",
            instead=("Ask the senior officer for this area to approve it first.",),
            tips=("Next time, ask for the approval first.",),
        ),
        "11.2.4:personnel": Wording(
            why="It tells more about somebody employed here than we may share.",
            rule="personnel details",
            instead=("Send only the title, the department and the dates.",),
            tips=("Next time, send only the title, the department and the dates.",),
        ),
        "FAQ:weak-identification": Wording(
            why="It may tell about people, even without full names.",
            rule="hints can name a person",
            instead=("Send it again without the hints.",),
            tips=("Next time, leave out what shows who is meant.",),
        ),
        "FAQ:email-minimise": Wording(
            why="It says more about one person than it must. Email is easy to forward.",
            rule="share the minimum",
            instead=("Send it again with the ID or the initials, not both.",),
            tips=("Next time, use the ID or the initials, not both.", "Put the details in a shared folder."),
        ),
        "probe": Wording(
            why="It holds a test string of this mail filter.",
            rule="test of the filter",
            instead=("There is nothing to fix.",),
            tips=("There is nothing to fix.",),
        ),
    }
)

_OF_OTHERS, _STAFF = _BY_CODE["FAQ:own-record-other-student"], _BY_CODE["11.2.4:personnel"]
_MINIMISE = _BY_CODE["FAQ:email-minimise"]
_BY_ROW: Mapping[str, Wording] = MappingProxyType(  # of the shipped table, where one code has several reasons
    {
        "O3": replace(
            _BY_CODE["FAQ:outside-consent"],
            why="It gives an outside reader details about a person. The written permission we know of does not cover it.",
        ),
        "I5-other-use": replace(
            _BY_CODE["FAQ:class-lists"],
            why="It is a class list, sent for something else. It may be used only for teaching or administration.",
        ),
        "S4-greeted": replace(
            _OF_OTHERS,
            why="It greets somebody else than the person it goes to.",
            instead=("Check that each name and address belong together.", "Write to each person alone."),
            tips=("Next time, check that each name and address belong together.",),
        ),
        "S4-merge": replace(
            _OF_OTHERS,
            why="Like messages of this hour went to others than those they name. This one waits as a precaution.",
            instead=("In a mail merge, check that each name and address belong together.",),
            tips=("Next time, check that each name and address belong together.",),
        ),
        "S7": replace(
            _OF_OTHERS,
            why="The readers would see each other's addresses, and so who else gets it.",
            instead=("Write to each person alone.",),
        ),
        "I7": replace(_MINIMISE, why="It has both a full name and an ID number, with health, conduct or money matters."),
        "T4": replace(_MINIMISE, why="It has both the full name and the ID number of a person. Email is easy to forward."),
        "I2-employee": replace(
            _BY_CODE["FAQ:need-to-know-undetermined"],
            why="It tells private details of somebody employed here. If the reader needs them for work, all is well.",
            instead=("Send it only to people who need it for their work.",),
            tips=("Next time, leave these details out if they are not needed.",),
            ids_only=False,
        ),
        "O19-evaluated": replace(
            _STAFF,
            why="It is a job review, and goes to the person it is about. Such reviews are in confidence.",
            instead=("Ask {contact} how a review is shown.",),
            tips=("Next time, ask first how a review is shown.",),
        ),
    }
)

_LOCKED = Wording(
    why="A part of it is locked, so we could not read it.",
    rule="unread content",
    instead=("Put the file in a shared folder.", "If it tells nothing about other people, send it unlocked."),
    tips=("Next time, use a shared folder.",),
)
_ODD = Wording(
    why="A part of it is damaged or unusual, so we could not read it.",
    rule="unread content",
    instead=("Save the file again and send it once more.", "Write the text into the message."),
    tips=("Next time, save the file again before you send it.",),
)
_LARGE = Wording(
    why="A part of it is too large or too deeply packed for us to read.",
    rule="unread content",
    instead=("Send it again in smaller pieces.", "Put the file in a shared folder."),
    tips=("Next time, send smaller pieces or use a shared folder.",),
)
_UNSUPPORTED = Wording(
    why="It has a file of a type that we cannot read.",
    rule="unread content",
    instead=("Write the text into the message.", "Put the file in a shared folder."),
    tips=("Next time, check that the file tells nothing about other people.",),
)
_PICTURE = Wording(
    why="It has a picture, and we cannot read what a picture shows.",
    rule="unread content",
    instead=("Write the text into the message.", "Take the picture out."),
    tips=("Next time, check that the picture tells nothing about other people.",),
)
_UNREAD = Wording(
    why="We could not read a part of it.",
    rule="unread content",
    instead=("Write the text into the message.", "Put the file in a shared folder."),
    tips=("Next time, write the text into the message.",),
)
_FAILED = Wording(
    why="Our filter tried to read it three times and failed.",
    rule="unread content",
    instead=("Write the text into a new message.", "Put the file in a shared folder."),
    tips=("Next time, write the text into the message.",),
)
_BY_UNREAD: Mapping[str, Wording] = MappingProxyType(
    {
        "encrypted": _LOCKED,
        "password": _LOCKED,
        "broken": _ODD,
        "ambiguous": _ODD,
        "size": _LARGE,
        "depth": _LARGE,
        "parts": _LARGE,
        "header": _LARGE,
        "text": _LARGE,
        "truncated": _LARGE,
        "unsupported": _UNSUPPORTED,
        "image": _PICTURE,
        "error": _FAILED,
    }
)


def wording(code: str, *, row: str = "", neutral: bool = False) -> Wording:
    """The wording for a reason code of the decision table, that of the row where it says more; never fails."""
    if neutral:
        return NEUTRAL
    family, _, why = code.partition(":")
    if family == "unscannable":
        return _BY_UNREAD.get(why, _UNREAD)
    told = _BY_CODE.get(code, GENERAL)
    own = _BY_ROW.get(row, told)
    return own if own.rule == told.rule else told  # a site may use a row's name for another rule

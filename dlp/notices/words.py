"""Every sentence a sender may read, in English; a translation is a second module of this shape.

Takes a reason code; gives its wording: why in plain words, the rule's title, what to do instead, tips for next time.
A code without an entry gets the general wording, a reason that may not be named the neutral one, so nothing fails.
No text may hold a word of the never-list, the word for a person enrolled here, or more than one idea in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dlp.notices.facts import State


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said about one reason code. `instead` may use the slot `{contact}`.

    `ids_only` adds that no directory of people is loaded, so ID numbers alone decided.
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
            why="We have no record that each reader needs these details for their work.",
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
    why="It has a file of a type that we cannot read yet.",
    rule="unread content",
    instead=("Write the text into the message.", "Put the file in a shared folder."),
    tips=("Next time, check that the file tells nothing about other people.",),
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
        "error": _FAILED,
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "grades": "grades",
        "gpa": "a grade average",
        "standing": "study status",
        "enrolment": "course enrolment",
        "advising": "advising notes",
        "financial": "money matters",
        "health": "health details",
        "accommodation": "support needs",
        "conduct": "conduct matters",
        "integrity": "honesty matters",
        "admission": "admission details",
        "immigration": "visa matters",
        "biographical": "birth details",
        "coursework": "course work",
        "attendance": "attendance",
        "excuse": "an absence note",
        "recommendation": "a reference",
        "photo": "a photo",
        "id": "an ID number",
        "contact": "contact details",
        "directory": "directory details",
        "salary": "pay",
        "evaluation": "a job review",
        "home_address": "a home address",
    }
)

OFFICES: Mapping[str, str] = MappingProxyType(
    {
        "registrar": "the Registrar",
        "dean_undergraduate": "the undergraduate dean's office",
        "dean_graduate": "the graduate dean's office",
        "news": "the News Office",
        "provost": "the Provost",
        "counsel": "the General Counsel",
        "committee": "the information committee",
    }
)

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "subject": "the subject line",
        "keywords": "the keywords line",
        "comments": "the comments line",
        "thread-topic": "the topic line",
        "file-name": "a file name",
        "description": "the description of a file",
        "display-name": "a name beside an address",
        "nested-subject": "the subject of an attached message",
        "nested-keywords": "the keywords line of an attached message",
        "nested-comments": "the comments line of an attached message",
        "nested-thread-topic": "the topic line of an attached message",
        "nested-display-name": "a name beside an address in an attached message",
    }
)

# how a held copy can still go, weakest right first
RELEASES: Mapping[str, str] = MappingProxyType(
    {
        "sender": "Ask {contact} to release it, and say why they should get it.",
        "officer": "Ask {contact} to release it. A privacy officer decides.",
        "senior": "Ask {contact} to release it. Only a senior officer may.",
    }
)

NO_ACTION = "You do not need to do anything."
SEND_AGAIN = "Check the address and send it again."
TRY_ONCE_MORE = "Ask {contact} to try it once more."
TEST = "This is a test."
OPENING = "Your message from {when}"
REACHED_ALL = "{opening} was delivered to {whom}."
REACHED_SOME = "{opening} reached {got} of {total} people."
EVERYBODY: Mapping[int, str] = MappingProxyType({1: "the person you wrote to", 2: "both people"})
MORE_THAN_TWO = "all {got} people"
NOT_REACHED: Mapping[State, str] = MappingProxyType(
    {
        "held": "For {people} it is on hold, not sent.",
        "delayed": "It is still on its way to {people}.",
        "refused": "Another mail server did not take it for {people}.",
        "denied": "For {people} the decision was not to send it.",
        "returned": "For {people} nobody decided in time, so it is not sent.",
    }
)
NOT_DELIVERED = "{opening} was not delivered to {people}."
ENDED: Mapping[State, str] = MappingProxyType(
    {
        "denied": "It was on hold, and the decision was not to send it.",
        "returned": "It was on hold, and nobody decided in time.",
        "refused": "Another mail server did not take it.",
    }
)
OVER = "It is over: we keep no copy, and nothing more goes out."
ASK_WHY = "Ask {contact} about the decision."
WHY = "Why: {why}"
FOUND = "We saw {kinds}."
PLACES = "Where: {places}."
RULE = 'Rule: "{rule}"{lines}.'
ALSO = "Also: {why}"
MORE_REASONS = "There is more than this; ask us."
IDS_ONLY = "No directory of people is loaded yet, so we went by ID numbers only."
CHANGED = "We changed {headers} before it went out."
CHANGED_FOR_SOME = "For {count} of the people who got it, we changed {headers}."
CHANGED_SOMETHING = "one header line"
UNCHANGED = "Not changed: your text, file contents and the reply thread."
YOU_CAN = "You can:"
REFER = "Pass the question to {offices}."
OR = " or "
DEADLINE = "If nobody decides by {deadline}, it is never sent."
DECIDED = "It does not wait any more: somebody has decided."
QUESTIONS = "Questions, or is this wrong? Write to {contact} about {reference}."

SUBJECT = "{test}{what}: your message of {when} [{reference}]"
SUBJECT_TEST = "Test: "
SUBJECT_HOLD = "On hold for {held} of {total} people"
SUBJECT_CHANGED = "Delivered with a changed subject line"
SUBJECT_CHANGED_OTHER = "Delivered with a changed header line"
SUBJECT_TIP = "Delivered, with a tip"
SUBJECT_NOT_DELIVERED = "With a tip"
SUBJECT_REFUSED = "Not delivered to {people}"
SENDER_NAME = "{site} mail guidance"

SUMMARY_SUBJECT = "Summary of {count} messages: {first} to {last}"
SUMMARY_OPENING = "Here is one summary in place of {count} notices. Your messages are from {first} to {last}."
SUMMARY_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "warn": "Delivered, with a tip: {count}",
        "rewrite": "Delivered, with a changed header line: {count}",
        "hold": "On hold, not sent: {count}",
        "refused": "Not taken by another mail server: {count}",
        "ended": "No longer on hold, not sent: {count}",
    }
)
SUMMARY_MISSED = "{reference}, {when}: not with {people}"
SUMMARY_REFERENCES = "Also: {references}"
SUMMARY_MORE = "{references} and {count} more"
SUMMARY_WHY = "Why, for {count} of {total}: {why} {rule}"
SUMMARY_DEADLINE = "If nobody decides by {deadline}, the first one on hold is cancelled. Nothing on hold goes out by itself."
SUMMARY_OVER = "What is no longer on hold is never sent."
SUMMARY_LOOK = "Look at your list before you send more."
SUMMARY_QUESTIONS = "Questions, or is this wrong? Write to {contact} with a reference from above."

DIGEST_SUBJECT = "On hold, sender not told: {messages} [{day}]"
DIGEST_OPENING = (
    "{messages} {verb} on hold whose sender we could not tell."
    " We do not know for certain who sent them, or our note did not reach the sender."
)
DIGEST_ENTRY = "{reference}, {when}: on hold for {held}. Reason: {codes}. Release: {release}. Look: dlp held show {reference}"
DIGEST_ENDED = (
    "{reference}, {when}: not sent to {held}, and no longer on hold. Reason: {codes}. Look: dlp held show {reference}"
)
DIGEST_MORE = "And {count} more. See them all: dlp held list"
DIGEST_CLOSING = "Nothing on hold goes out by itself. No names, addresses or subjects are in this summary."


def wording(code: str, *, neutral: bool = False) -> Wording:
    """The wording for a reason code of the decision table; never fails."""
    if neutral:
        return NEUTRAL
    family, _, why = code.partition(":")
    if family == "unscannable":
        return _BY_UNREAD.get(why, _UNREAD)
    return _BY_CODE.get(code, GENERAL)

"""Every sentence a sender may read, but for the reasons (reasons.py), in English; a translation is a second pair of this shape.

Takes nothing: texts with slots. No text may hold a word of the never-list, the word for a person enrolled here, or more
than one idea in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dlp.notices.facts import State

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
        "directory:email": "an email address",
        "directory:phone": "a phone number",
        "directory:term_address": "an address",
        "directory:permanent_address": "a home address",
        "directory:office_address": "an office",
        "directory:course": "a field of study",
        "directory:year": "a class year",
        "directory:registration": "a kind of registration",
        "directory:degrees": "a degree",
        "directory:attendance_dates": "dates of attendance",
        "directory:honours": "an award",
        "directory:birth_date": "a birth date",
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
REACHED_SOME = "{opening} reached {got} of {total}."
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
# of reasons and steps that are not everybody's
WHY_FOR = "Why, for {people}? {why}"
ALSO_FOR = "For {people} also: {why}"
STEP_FOR = "For {people}: {step}"
MORE_REASONS = "There is more than this; ask us."
IDS_ONLY = "No directory of people is loaded yet, so we went by ID numbers only."
# what a notice says beside its reason, by the tip of a row of the decision table
TIPS: Mapping[str, str] = MappingProxyType(
    {
        "oral": "The same rule goes for what you say by phone.",
        "named": "They know who is meant, so next time leave the name out.",
        "purpose": "It asks for personal details. Say why you need them, and what happens without them.",
        "notes": "Notes stay private only while nobody else sees them. By mail they become part of the record.",
    }
)
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
SUBJECT_HOLD = "On hold for {held} of {total}"
SUBJECT_CHANGED = "Delivered with a changed subject line"
SUBJECT_CHANGED_OTHER = "Delivered with a changed header line"
SUBJECT_TIP = "Delivered, with a tip"
SUBJECT_NOT_DELIVERED = "With a tip"
SUBJECT_REFUSED = "Not delivered to {people}"
SENDER_NAME = "{site} mail guidance"

DEPARTMENT_SUBJECT = "Mail from your department: {messages} that needed care [{first} to {last}]"
DEPARTMENT_OPENING = "From {first} to {last}, {messages} from people of your department needed care: {department}."
DEPARTMENT_ROWS: Mapping[str, str] = MappingProxyType(
    {
        "hold": "Put on hold, for some or all: {count}",
        "rewrite": "Delivered with a changed header: {count}",
        "warn": "Delivered, with a tip: {count}",
    }
)
DEPARTMENT_REASON = "{times}, {rule}: {why} ({references})"
DEPARTMENT_CLOSING = (
    "Each sender was told at the time. No names, addresses or subjects are in this summary."
    " Questions, or is this wrong? Write to {contact} with a reference from above."
)
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

"""Where in a message something stands: the line, and whether it is the letter itself, its greeting, signature or thread.

Takes one view; gives places in words ("part 1, line 6") and kinds of place. Quoted text has greetings and signatures too.
Looks only at the lines around; linear in the view for the first question. Nothing here fails.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from dlp.campus.people import Place
from dlp.values import Channel, View

_MAILBOX_NAMES = ("From name", "To name", "Cc name", "Reply-To name", "Sender name")
_QUOTED = r"[>\s|*]*"
_HEADER_LINE = re.compile(
    _QUOTED + r"(?:from|to|cc|bcc|sender|reply-to|sent by|von|an|kopie|de|para|à|da|van|aan)\s*\*?\s*:", re.IGNORECASE
)
# who had a hand in a change, as git-interpret-trailers(1) and git-log(1) write it: Reviewed-by: Hana Kim <hana@other.example>
_TRAILER = re.compile(
    _QUOTED + r"(?:[a-z]{1,20}(?:-[a-z]{1,20}){0,2}-by|author|commit(?:ter)?)\s*:[^<:\n]{0,80}<[^<>\s]+@", re.IGNORECASE
)
# a recipients' line that goes on: mailboxes and nothing else, the last perhaps unfinished
_MAILBOXES = re.compile(
    _QUOTED + r"(?>(?:(?:[^\W\d_][^<>;,:@\d]{0,60})?<[^<>\s]{1,99}>|[\w.+-]{1,64}@[\w.-]{1,99})[;,]?\s*)++([^<>;,:@\d]{0,60})$"
)
_RECIPIENTS = re.compile(_QUOTED + r"(?:to|cc|bcc)\s*\*?\s*:", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev|pisze|napisała?|escreveu|kirjoitti)\b[^\n]{0,60}:\s*$",
    re.IGNORECASE,
)
_ON = re.compile(_QUOTED + r"(?:on|am|le|el|il|op|den|w dniu|em)\s", re.IGNORECASE)
WORDS_OF_GREETING = (
    r"(?:dear|hi|hello|hey|greetings|good (?:morning|afternoon|evening)|guten tag|hallo|liebe[rs]?|sehr geehrte[rs]?"
    r"|cher|chère|bonjour|hola|estimad[oa]s?|querid[oa]s?|ciao|gentile|beste|geachte)\b"
)
_GREETING = re.compile(_QUOTED + WORDS_OF_GREETING + r"(?:(?:dr|prof|mr|ms|mrs|mx)\.|[^.:;!?\n]){0,80}+$", re.IGNORECASE)
# what follows the last name of a greeting that has its line to itself
_MORE_NAMES = re.compile(r"(?:[\s,&/.:!-]|(?:and|und|et|y|e|en|all|both|everyone)\b|[^\W\d_a-z][\w'\u2019.-]*)*$")
# "Dario, from my paper book:" and "Hana, did you hear?" at the top of a letter, not "Dario, having failed it"
_SPOKEN_TO = re.compile(r", (?!who|whose|whom)[^,]*(?:\byou(?:r|rs)?\b[^,]*|:)$", re.IGNORECASE)
_A_NAME = r"[^\W\d_a-z][\w'\u2019-]*"
_NAMES_BEFORE = re.compile(rf"{_QUOTED}(?:{_A_NAME}(?:, ?| (?:and|&) ?)){{0,3}}")
_NAMES_BEHIND = re.compile(rf"(?:(?:, ?| (?:and|&) ?){_A_NAME}){{0,3}} ?, *")
_TO_THEM = re.compile(r"\b(?:i|please|thanks?|we|you|your)\b", re.IGNORECASE)
_DOES = re.compile(r"(?:are|did|got|had|has|have|is|was|were|[a-z]+ed)\b")
_TITLED = re.compile(r"\w+(?: \w+)?\s+(?:(?:dr|prof|professor|mr|ms|mrs|mx|herr|frau)\.? )*$", re.IGNORECASE)
_CLOSING = re.compile(
    _QUOTED + r"(?:-- ?|—|(?:many |with |all the |my )?(?:best|kind|kindest|warm|warmest)?[ ,]*"
    r"(?:regards|wishes|thanks|thank you(?: very much)?|sincerely|cheers|yours(?: (?:sincerely|truly|faithfully))?|best"
    r"|respectfully|gratefully|take care|mit freundlichen grüßen|viele grüße|cordialement|saludos|un saludo))[ ,.!-]*$",
    re.IGNORECASE,
)
_BEHIND_A_NAME = re.compile(r"(?:, ?(?:ph\.? ?d|m\.?d|jr|sr|iii?)\.?|[ ,.])*$", re.IGNORECASE)
_BEFORE_A_NAME = re.compile(_QUOTED + r"(?:(?:dr|prof|professor|mr|ms|mrs|mx)\.? )?[~\u2014\u2013-]?\s*$", re.IGNORECASE)
_ENDED, _ENDS = re.compile(r"(?s).*(?:[.!?]\s|\n\s*\n)"), re.compile(r"[.!?](?=\s|$)|\n\s*\n")  # a sentence
_REACH = 120  # characters of a line that are looked at
_RECIPIENT_LINES = 40
_LINE_OF_MAILBOXES = 200  # characters
_CLOSING_LINES = 4  # a signature's name stands no further below its closing


def sentence_around(text: str, start: int, end: int, reach: int) -> tuple[int, int]:
    """Where the sentence begins and ends in which a stretch of a text stands, as far as it is no further off than `reach`."""
    before, behind = text[max(0, start - reach) : start], text[end : end + reach]
    ended, ends = _ENDED.match(before), _ENDS.search(behind)
    return start - len(before) + (ended.end() if ended else 0), end + (ends.start() if ends else len(behind))


class Places:
    """The places of one view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._last = (-1, False)  # the line that was asked for last, and whether it is of a thread

    @cached_property
    def _lines(self) -> list[str]:
        return self._view.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self._lines)]

    def where(self, at: int) -> str:
        """As every finding says it: a header view's label, else label and line counted from 1."""
        if self._view.channel is Channel.HEADERS:
            return self._view.label
        return f"{self._view.label}, line {self.line(at) + 1}"

    def place(self, start: int, end: int) -> Place:
        if self._view.channel is Channel.HEADERS:
            return Place.THREAD if self._view.label.startswith(_MAILBOX_NAMES) else Place.HEADER
        number = self.line(start)
        line, offset = self._lines[number], self._starts[number]
        after = line[end - offset : end - offset + _REACH]
        if self._is_thread(number, after):
            return Place.THREAD
        if start - offset > _REACH:
            return Place.TEXT
        before = line[: start - offset]
        alone = after.strip() in {",", ":", "-", "!"} or (
            " " not in line[start - offset : end - offset] and _SPOKEN_TO.match(after)
        )
        first = not before.strip("> ")
        names = _NAMES_BEFORE.fullmatch(before) and _NAMES_BEHIND.fullmatch(after) and self._goes_to_them(number)
        if _is_greeted(before, after) or (((first and alone) or names) and self._opens(number)):
            return Place.GREETING
        if _BEFORE_A_NAME.match(before) and _BEHIND_A_NAME.match(after) and self._is_signed(number):
            return Place.SIGNATURE
        return Place.TEXT

    def line(self, at: int) -> int:
        """The line of a character, counted from 0."""
        return bisect_right(self._starts, at) - 1

    def _is_thread(self, number: int, after: str) -> bool:
        if self._last[0] != number:  # what stands in one line is often asked for at once
            self._last = number, self._is_thread_line(number)
        return self._last[1] or (":" in after and _ATTRIBUTION.search(after) is not None)

    def _is_thread_line(self, number: int) -> bool:
        """Whether all of a line is of a thread, wherever a sign stands in it."""
        line = self._lines[number]
        if _HEADER_LINE.match(line) or _TRAILER.match(line) or self._goes_on(number):
            return True
        following = self._lines[number + 1] if number + 1 < len(self._lines) else ""
        return bool(
            _ON.match(line) and (_ATTRIBUTION.search(line) or (len(following) < 120 and _ATTRIBUTION.search(following)))
        )

    def _goes_on(self, number: int) -> bool:
        """Whether a line is one more of the recipients of a header quoted in the text."""
        for at in range(number, max(-1, number - _RECIPIENT_LINES), -1):
            line = self._lines[at]
            if at < number and _RECIPIENTS.match(line):
                return True
            unfinished = _MAILBOXES.match(line) if len(line) < _LINE_OF_MAILBOXES else None
            if unfinished is None or (unfinished[1] and not self._begins_with_address(at + 1)):
                return False
        return False

    def _begins_with_address(self, number: int) -> bool:
        return number < len(self._lines) and self._lines[number].lstrip("> |*\t").startswith("<")

    def _opens(self, number: int) -> bool:
        """Whether a line is the first of its letter: nothing but blank lines, or a quotation's first line, before it."""
        above = self._lines[max(0, number - 3) : number]
        return not any(line.strip("> ") for line in above) or bool(above and _ATTRIBUTION.search(above[-1][:200]))

    def _goes_to_them(self, number: int) -> bool:
        """Whether a line of names is no subject of what stands below: "Grant, Sunny," but not "Grant, Sunny, / failed"."""
        below = self._lines[number + 1].strip("> ") if number + 1 < len(self._lines) else ""
        return not below or (_TO_THEM.search(below) is not None and _DOES.match(below) is None)

    def _is_signed(self, number: int) -> bool:
        above = self._lines[max(0, number - _CLOSING_LINES) : number]
        return any(len(line) < 80 and _CLOSING.match(line) for line in above)


def _is_greeted(before: str, after: str) -> bool:
    """Whether a name stands right behind the word of greeting, or in a line of nothing but names."""
    if not _GREETING.match(before):
        return False
    return bool(_TITLED.fullmatch(before.lstrip("> |*\t")) or _MORE_NAMES.match(after))

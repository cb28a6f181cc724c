"""Running text cut into sentences, and sentences into words that name nobody.

Takes a text and where people are named in it; gives tokens: words in lower case, a person as STU or EMP, a figure by its shape
(XSCORE, XMONEY ...), other names as XNAME. So nothing that is fitted to tokens can remember anybody. Linear; never fails.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, groupby, pairwise
from typing import NamedTuple

from dlp.statements.concepts import RECORDS, topics

STUDENT = "STU"
EMPLOYEE = "EMP"
_NARROWEST, _WIDEST = 45, 100  # characters of lines that are broken because they were full
_CLOSING = 4  # words
LONGEST = 600  # characters of one sentence that are looked at

_END = re.compile(
    r"""(?<=[.!?])(?<!\b[MD][rs]\.)(?<!\b(?:Mrs|Mme)\.)(?<!\bProf\.)["')\]\u201d\u2019]*\s+(?=["'(\u201c]?[^a-z\s])"""
    r"""|(?<=\bwrote:)\s+|\n[ >]*\n|\n(?=[ >]*(?:-{1,3}|[*\u2022\u2013\u2014]|\d+[.)])[ ])"""
)
_PRONOUNS = {
    "she": "PRO", "he": "PRO", "him": "PRO", "herself": "PRO", "himself": "PRO", "her": "PROS", "his": "PROS", "hers": "PROS",
    "they": "THEY", "them": "THEY", "their": "THEYS", "theirs": "THEYS",
}  # fmt: skip
_SHORT = {"s": "is", "d": "would", "ll": "will", "ve": "have", "re": "are"}
_MONTHS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep "
    "sept oct nov dec"
)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri"
_NAMED = dict.fromkeys(_MONTHS.split(), "XMONTH") | dict.fromkeys(_DAYS.split(), "XDAY")
_KIN = re.compile(r"(?i)\byour[ \n>]+(?:(?:own|eldest|youngest|older|younger)[ \n>]+)?(?:daughter|son|child)\b")
_GOES_ON = re.compile(r"\b(?:an?|and|for|her|his|in|is|of|or|the|to|was|with)$")  # no end of a sentence
_TOKEN = re.compile(
    r"""
    (?P<XMONEY>[$\u20ac\u00a3][ ]?\d[\d,]*(?:\.\d+)?|\b\d[\d,]*(?:\.\d+)?[ ](?:bucks|dollars|euros?|EUR|USD)\b)
    |(?P<XTIME>\b\d{1,2}:\d\d\b)
    |(?P<XSCORE>(?<!\bpage[ ])(?<!\bslide[ ])(?<!\bstep[ ])(?<!\bweek[ ])(?<!\bvolume[ ])(?<!\bcopy[ ])
        \b\d+(?:\.\d+)?(?:(?:/|[ ]out[ ]of[ ])\d+\b
        |(?<!\bpart[ ]\d)(?<!\bpart[ ]\d\d)(?<!\bsheet[ ]\d)(?<!\bsheet[ ]\d\d)
        [ ]of[ ]\d\d+\b(?=[.,;:)]|\s*$|\s(?:in|on|for|because|and|but|points|marks|with)\b))
        |(?:(?<=\bgot[ ])|(?<=\bgot[ ]a[ ])|(?<=\bgave[ ]h(?:er|im)[ ]))\d\d\b
            (?=[.,;]|\s*$|[ ](?:and|but|from|in|on)\b)
        |(?:(?<=\byou[ ]have[ ])|(?<=\bgave[ ]you[ ]))\d\d\b(?=[.,;]|\s*$|[ ](?:and|but|from|in|marks|on|points)\b))
    |(?P<XPERCENT>\b\d+(?:\.\d+)?(?:%|[ ]percent\b|[ ]per[ ]cent\b))
    |(?P<XCOURSE>\b[A-Z]{2,4}[ .-]?\d{3}[A-Z]?\b|\b\d{1,2}[A-Z]{1,2}\.\d{2,3}\b|\b(?:[6-9]|[12]\d)\.\d\d\d?\d?\b)
    |(?P<XORDINAL>\b\d+(?:st|nd|rd|th)\b)
    |(?P<XID>\b9\d{8}\b)
    |(?P<XPOINTS>\b[0-5]\.\d{1,2}\b)
    |(?P<XYEAR>\b(?:19|20)\d\d\b)
    |(?P<XNUMBER>\b\d[\d,]*(?:\.\d+)?)
    |(?P<XLETTER>\b[A-DF][+\u2212-](?!\w)|\b[BCDF]\b(?!\.)|(?<=[a-z:][ ])[BCDF](?=\.?[)"]?(?:\s|$))
        |(?<=[a-z]\n)[BCDF](?=\.?(?:\n|$))
        |(?<=\ban[ ])A\b|(?<=\b(?:is|as|on)[ ])A\b(?![ ][a-z])|(?<=\bgot[ ])A\b|(?<=:[ ])A(?=[.,;]|\s*$))
    |(?P<currently>\bat[ ]present\b)
    |(?P<went>\b[Pp]ass(?:ed|es|ing)?[ ](?:through(?=[ ][A-Z])|(?:along|by)
        (?=[ ](?:again|here|me|once|us)\b|[ ](?:my|our|the)[ ](?:\w+[ ])?
        (?:booth|building|desk|door|house|lab|office|place|room|shop|stand)\b)))
    |(?P<word>[^\W\d_]+(?:['\u2019-][^\W\d_]+)*)
    |(?P<mark>[?!;:()"\u2014\u2013])
    """,
    re.VERBOSE,
)


class Sign(NamedTuple):
    """Where a person is named: characters of the text, and whether a student or an employee."""

    start: int
    end: int
    token: str


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Characters of each sentence, blank ones left out."""
    at = 0
    breaks = deque(_breaks(text))
    for begin, end in chain(map(re.Match.span, _END.finditer(text)), ((len(text), len(text)),)):
        while breaks and breaks[0] < begin:
            yield from _said(text, at, breaks[0])
            at = breaks.popleft() + 1
        yield from _said(text, at, begin)
        at = max(at, end)


def _said(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if text[start:end].strip(" >\n"):
        yield start, end


def _breaks(text: str) -> Iterator[int]:
    """Line ends that nobody's width of lines made: the next line begins with no small letter, and its first word had room."""
    at = -1
    for empty, lines in groupby(text.split("\n"), key=lambda line: not line.strip(" >")):
        several = list(lines)
        plain = [] if empty else [line.lstrip(" >") for line in several]
        width = max((len(line) for line in plain if len(line) <= _WIDEST), default=0)
        room = width if width >= _NARROWEST else _WIDEST
        for number, line in enumerate(several):
            at += len(line) + 1
            following = plain[number + 1] if number + 1 < len(plain) else ""
            if not following or following[0].islower() or _goes_on(plain[number], following):
                continue
            if len(plain[number]) + len(following.split(" ", 1)[0]) < room:
                yield at


def _goes_on(line: str, following: str) -> bool:
    """Whether a line ends as no sentence does, or two lines are "Best wishes," and the name below it."""
    if _GOES_ON.search(line):
        return True
    name = not any(word[0].islower() for word in following.split())
    return name and line.rstrip().endswith(",") and line.count(" ") < _CLOSING


def tokens(text: str, start: int, end: int, signs: Iterable[Sign]) -> list[str]:
    """The tokens of one sentence. `signs` are those that stand in it, in their order; one without a token counts as nothing."""
    found: list[str] = []
    at, end = start, min(end, start + LONGEST)
    for sign in signs:
        if sign.start < at or sign.end > end:
            continue
        found += _plain(text, at, sign.start)
        found += filter(None, (sign.token,))
        at = sign.end
    found += _plain(text, at, end)
    return found


def _plain(text: str, start: int, end: int) -> list[str]:
    found: list[str] = []
    at = start
    for kin in _KIN.finditer(text, start, end):
        found += (*_words(text, at, kin.start()), "KIN")
        at = kin.end()
    return found + _words(text, at, end)


def _words(text: str, start: int, end: int) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.finditer(text, start, end):
        shape, written = token.lastgroup or "", token[0]
        if shape == "mark":
            found.append(written)
        elif shape != "word":
            found.append(shape)
        else:
            word = written.lower().replace("\u2019", "'")
            if written[0].isupper() and word not in _PRONOUNS:
                word = _with_capital(written, word, text[max(start, token.start() - 2) : token.start()])
            person, _, short = word.partition("'")
            if short in _SHORT and person in _PRONOUNS:  # she's, they'd
                found += (_PRONOUNS[person], _SHORT[short])
            else:
                found.append(_PRONOUNS.get(word, word))
    return found


def _with_capital(written: str, lower: str, before: str) -> str:
    if lower == "i" or lower.startswith("i'"):
        return lower
    if lower in _NAMED:
        return _NAMED[lower]
    begins = not before.strip(" \n>") or before.rstrip(" ")[-1:] in '.!?:;("\n'
    return lower if begins or (written.isupper() and len(written) > 1) else "XNAME"


def features(
    found: Sequence[str], context: Iterable[str] = (), before: Sequence[str] = (), heading: Sequence[str] = ()
) -> set[str]:
    """What weights are for: words, their stems, pairs and threes in a row, topics, and what stands near a person.

    `before` are the tokens of the sentence before, `heading` those of the Subject; only their topics count.
    """
    where = tuple(context)
    out = set(where)
    found = unhedged(found)
    stems = [_stem(token) for token in found]
    padded = ["<", *found, ">"]
    out.update(f"w {token}" for token in found)
    out.update(f"s {stem}" for stem in stems)
    out.update(f"b {one} {two}" for one, two in pairwise(padded))
    out.update(f"t {one} {two} {three}" for one, two, three in zip(padded, padded[1:], padded[2:], strict=False))
    for at, token in enumerate(found):
        if token in _PEOPLE:
            out.update(f"< {stem}" for stem in stems[max(0, at - 4) : at])
            out.update(f"> {stem}" for stem in stems[at + 1 : at + 5])
    out.update(_of_topics(found, where))
    out.update(f"p {topic}" for each in topics(before) for topic in each)
    out.update(f"h {topic}" for each in topics(heading) for topic in each)
    return out


def unhedged(found: Sequence[str]) -> Sequence[str]:
    """The tokens without "I think", "I'm sure that" and the like before somebody: what one believes is told as well.

    >>> unhedged(["i", "think", "STU", "is", "depressed"])
    ['STU', 'is', 'depressed']
    >>> unhedged(["i", "don't", "think", "PRO", "will", "pass"])
    ['PRO', 'will', 'not', 'pass']
    """
    if _THOUGHT.isdisjoint(found):
        return found
    return _HEDGED.sub(r"\1", _DENIED.sub(r"\1\2 not", " ".join(found))).split(" ")


def _of_topics(found: Sequence[str], where: Sequence[str]) -> Iterator[str]:
    """Topics, pairs of them, those near a person, and the order in which they come."""
    of = topics(found)
    every = sorted({topic for each in of for topic in each})
    named = next((each for each in where if each.startswith("named")), "")
    if RECORDS.isdisjoint(every):
        yield "plain"
    for topic in every:
        yield f"c {topic}"
        yield f"cn {topic} {named}"
    for at, one in enumerate(every):
        for two in every[at + 1 :]:
            yield f"cc {one} {two}"
    for at, token in enumerate(found):
        if token in _PEOPLE:
            yield from (f">c {topic}" for each in of[at + 1 : at + 7] for topic in each)
            yield from (f"<c {topic}" for each in of[max(0, at - 6) : at] for topic in each)
    first = ["<", *(each[0] for each in of if each), ">"]
    yield from (f"sk {one} {two}" for one, two in pairwise(first))


# who says what he thinks: at the beginning of a sentence or clause, and somebody follows
_THOUGHT = frozenset(
    ("appears", "believe", "believes", "certain", "convinced", "figure", "gather", "guess", "looks", "positive", "reckon",
     "reckons", "seems", "suspect", "suspects", "sure", "think", "thinks")
)  # fmt: skip
_CLAUSE = r"(^|(?:\b(?:and|as|because|but|since|so)|[;:(\u2013\u2014]) )(?:(?:also|honestly|now|so|well) )?"
_SOMEBODY = r"(?=(?:STU|PROS?|THEYS?|KIN)\b)"
_DENIED = re.compile(
    _CLAUSE + r"(?:i|we) (?:don't|do not) (?:believe|think) (?:that )?((?:STU|PRO|THEY|KIN) (?:can|could|should|will|would))\b"
)
_HEDGED = re.compile(
    _CLAUSE + r"(?:(?:i|we) (?:\w+ )?(?:believe|figure|gather|guess|reckon|suspect|think)"
    r"|(?!STU|PRO|nobody|who)\w+ (?:believes|reckons|suspects|thinks)|i'm (?:\w+ )?(?:certain|convinced|positive|sure)"
    r"|it (?:appears|looks|seems) (?:to me )?(?:as if|as though|like|that))"
    r" (?:that )?" + _SOMEBODY
)
_PEOPLE = frozenset({STUDENT, EMPLOYEE, "PRO", "PROS", "KIN"})
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_REMEMBERED = 4_096  # words


@lru_cache(_REMEMBERED)
def _stem(token: str) -> str:
    if not token.islower():
        return token
    for ending in _ENDINGS:
        if token.endswith(ending) and len(token) - len(ending) >= 3:
            return token[: -len(ending)][:6]
    return token[:6]

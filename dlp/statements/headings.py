"""Who stands below what is said of them: "The following did not pass:" and names, a sheet of names under "Probation list".

Takes what was read, the signs of people in it, and weights; gives Candidates, one for each student of such a list, as if the
heading said it of that one. A heading is what ends at the colon before the names; where there is none, the Subject, the name
of the file, or a sentence that says what is attached. It must be about the very records that it seems to tell, and about
nothing else. Linear in the text; never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise

from dlp.ruleset import Weighing
from dlp.statements.antecedents import Named
from dlp.statements.candidate import Candidate, context
from dlp.statements.concepts import topics
from dlp.statements.meant import by_words
from dlp.statements.sentences import STUDENT, sentences, tokens
from dlp.values import Channel, Texts, View

LEAST = 0.85  # a confidence below tells nothing: a heading has few words
_FEWEST = 2  # names without a colon before them
_MOST_HEADINGS = 1_000  # of one message
_LONGEST = 160  # characters of a heading
_LOOKED_AT = 400  # sentences of a text that may say what is attached
# what a heading may tell, by what it must be about
_KINDS: Mapping[str, frozenset[str]] = {
    "DID-BADLY": frozenset({"grades", "standing", "advising"}),
    "DID-WELL": frozenset({"grades"}),
    "STANDING": frozenset({"standing", "enrolment"}),
    "ACCOMMODATE": frozenset({"accommodation"}),
    "HEALTH": frozenset({"health", "excuse"}),
    "CONDUCT": frozenset({"conduct"}),
    "INTEGRITY": frozenset({"integrity"}),
    "ATTEND": frozenset({"attendance", "excuse", "coursework", "standing"}),
    "ADVISE": frozenset({"advising", "grades"}),
    "MONEY": frozenset({"financial"}),
}
_NOT_DONE, _WORK = frozenset({"NOT", "WORK"}), frozenset({"grades", "coursework", "attendance"})
_ELSEWHERE = "ELSEWHERE"
_BETWEEN = re.compile(
    r"(?:[\s,;/&>*\u2022\u2013.)(\[\]_-]|[0-9]{1,3}[.)]|\band\b|<[^<>\s]{3,80}>|\([^()\s]{3,80}@[^()\s]{3,80}\))*"
)
_COLON = re.compile(r":[\s>*\u2022\u2013_-]*(?:\(?1[.)]\s*)?(?:\[?[ xX]?\]\s*)?\Z")
_ENDS = re.compile(r"[ \t]*[.,;]?[ \t]*(?:\n|\Z)")
_BEGINS = re.compile(r"(?:\A|\n)[ >]*(?:(?:[-*\u2022\u2013]|\(?[0-9]{1,3}[.)])[ ]+)?\Z")
_REACH = 40  # characters before the first name
# of whom a heading speaks
_GROUP = re.compile(
    r"(?i)\b(?:the following|those|these|students?|undergraduates?|freshmen|sophomores|juniors|seniors|advisees|people|everyone"
    r"|accounts|names|list of)\b(?:[ ]+(?:students?|people|undergraduates|names|advisees|accounts))?"
    r"(?:[ ]+(?:who|that|whose))?(?=[ ]+\w)"
)
_ATTACHED = re.compile(r"(?i)\b(?:attach|enclos|list|sheet|file\b|spreadsheet)")
_FILE = re.compile(r"\.[A-Za-z0-9]{2,5}\Z")
_WORD_PARTS = re.compile(r"[\W_]+")


def below_headings(texts: Texts, signs: Mapping[int, Sequence[Named]], weights: Weighing) -> Iterator[Candidate]:
    """What headings tell of those who are listed below them."""
    told: dict[str, tuple[str, ...]] = {}
    whole: list[tuple[str, ...]] | None = None  # what the Subject and the like tell
    for index, here in signs.items():
        view = texts.views[index]
        here = [each for each in here if not each.greeting]  # noqa: PLW2901
        students = [each for each in here if each.sign.token == STUDENT]
        if not students or view.again or view.channel is Channel.HEADERS:
            continue
        for heading, people in _lists(view, here):
            if not heading and len({each.person for each in people}) < _FEWEST:
                continue
            if heading and heading not in told and len(told) < _MOST_HEADINGS:
                told[heading] = _telling(heading, weights)
            if not heading and whole is None:
                whole = [words for each in islice(_of_whole(texts), _MOST_HEADINGS) if (words := _telling(each, weights))]
            words = told.get(heading, ()) if heading else next(iter(whole or ()), ())
            for each in people if words else ():
                yield Candidate(
                    index, each.sign.start, each.sign.end, (each.person,), words, tuple(context(words, 1, 0, addressed=False))
                )


def _telling(heading: str, weights: Weighing) -> tuple[str, ...]:
    """The words of a heading as those of a sentence about one, if it tells anything; else none."""
    groups = list(_GROUP.finditer(heading))
    said = heading[groups[-1].end() :] if groups else heading
    words = (STUDENT, *tokens(said, 0, len(said), ()))
    every = set(chain.from_iterable(topics(words)))
    wanted = frozenset().union(*(_KINDS.get(each, frozenset()) for each in every), _WORK if every >= _NOT_DONE else ())
    if _ELSEWHERE in every or not wanted or "?" in words:
        return ()
    each = Candidate(0, 0, 0, ("",), words, tuple(context(words, 1, 0, addressed=False)))
    kinds = by_words(weights.kinds_of(weights.leanings(each.found)), words)
    return words if weights.confidence(each.found) >= LEAST and not wanted.isdisjoint(kinds) else ()


def _lists(view: View, signs: Sequence[Named]) -> Iterator[tuple[str, list[Named]]]:
    """Names and nothing else, in a sheet names of any rows, with what ends at a colon before the first."""
    if view.grid is not None:
        yield "", [each for each in signs if each.sign.token == STUDENT]
        return
    text, run = view.text, [signs[0]]
    filled = sum(1 for line in text.split("\n") if line.strip())  # lines; a list without a colon is most of them
    for one, other in pairwise([*signs, None]):
        assert one is not None
        if other is not None and (other.sign.start < one.sign.end or _BETWEEN.fullmatch(text, one.sign.end, other.sign.start)):
            run.append(other)
            continue
        start = run[0].sign.start
        students = [each for each in run if each.sign.token == STUDENT]
        if students and _ENDS.match(text, run[-1].sign.end):
            colon = _COLON.search(text, max(0, start - _REACH), start)
            if colon:
                yield _line(text, colon.start()), students
            elif _BEGINS.search(text, max(0, start - _REACH), start) and 2 * len(run) > filled:
                yield "", students
        run = [other] if other is not None else []


def _line(text: str, end: int) -> str:
    """What a colon ends, from where its sentence begins."""
    start = max(text.rfind(sign, max(0, end - _LONGEST), end) + 1 for sign in (". ", "! ", "? ", "\n\n", ";", ","))
    return text[max(start, end - _LONGEST) : end].strip(" >*\n").replace("\n", " ")


def _of_whole(texts: Texts) -> Iterator[str]:
    """What may say of everybody in a list who they are: the Subject, names of files, sentences that say what is attached."""
    for view in texts.views:
        if view.channel is Channel.HEADERS:
            if view.label == "subject line" or view.label.startswith("file name"):
                yield " ".join(filter(None, _WORD_PARTS.split(_FILE.sub("", view.text)[:_LONGEST])))
        elif view.grid is None and not view.again:
            yield from _attached(view.text)


def _attached(text: str) -> Iterable[str]:
    for start, end in islice(sentences(text), _LOOKED_AT):
        said = text[start:end]
        if end - start <= _LONGEST and _ATTACHED.search(said) and _GROUP.search(said):
            yield said.replace("\n", " ").rstrip(". ")

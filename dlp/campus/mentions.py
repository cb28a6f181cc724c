"""Where a text may name somebody: words with a capital side by side, in the forms people write names in.

Takes one decoded, folded text; gives mentions: a span, its form, and the keys (names.py) to look up, the likeliest first. In
lines of prose and of lists, on either side of a comma or in cells side by side, in scripts without capitals, in the local part
of an address. Words in lower case are never paired. Most mentions are nobody: that is for the directory to say. Time and
number of mentions are linear in the text. Nothing here fails.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dlp.campus.capitals import ANNOUNCING, APOSTROPHES, LETTER, PARTICLE, capitals
from dlp.campus.characters import names_in_characters
from dlp.campus.folding import closed_up, folded_name
from dlp.campus.name_words import BREAKS, NICKNAMES, OPENS, TITLES
from dlp.campus.names import expanded, first_initial_key, initial_last_key, pair_key
from dlp.campus.written import Dull, Word
from dlp.values import Texts


class Form(StrEnum):
    """How a name is written; the value is what a finding says."""

    FULL = "full-name"
    LISTED = "last-first"  # "Kim, Hana" alone in its line or cell, or two cells
    LOOSE = "words-at-comma"  # "... Kim, Hana ..." within a sentence: it may be two people, or none
    INITIAL_LAST = "initial-last"
    FIRST_INITIAL = "first-initial"
    CHARACTERS = "characters"  # Han, kana or Hangul
    LOCAL_PART = "local-part"
    SINGLE = "one-word"  # a first, last or only name
    MISTYPED = "one-letter-wrong"
    INITIALS = "initials"
    TITLED = "title-and-last-name"  # of one student; whoever else may be called so
    ADDRESS = "address"  # of a mailbox; this and the next two are found elsewhere
    KIN = "kin"  # "your daughter"
    LAST_DIGITS = "last-digits"  # of an ID


@dataclass(frozen=True, slots=True)
class Mention:
    start: int
    end: int
    form: Form
    keys: tuple[str, ...]
    words: tuple[str, ...]  # folded, in the order of the text


@dataclass(slots=True)
class _Run:
    """Words with a capital, one behind the other. `link` says what stands between it and the run before."""

    words: list[Word]
    end: int
    link: str = ""  # "", "comma" or "cell"
    announced: bool = False  # by a title or a greeting
    titled: bool = False  # what stands behind a comma is somebody else: Mrs. Kim, Hana is ill


_LONGEST_GAP = 24
_LONG_LINE = 45  # a shorter one was not broken in the middle of a name
_LONG_RUN = 8  # more words with a capital are a heading, or an attack: fewer pairs are tried
_MOST_LINKED = 3  # words on either side of a comma
_WIDEST = 4
_PARTICLES = re.compile(f"\\.? (?:(?:(?:{PARTICLE})\\.? |['\u2019]?t )*(?:(?:{PARTICLE})(?: |[{APOSTROPHES}-] ?)))")
_BROKEN_LINE = re.compile(" ?\n(?:> ?)*")
_COLUMNS = re.compile(r'[^\s.:!?>")] {2}')  # two blanks, and not those behind a sentence
_NICKNAME = re.compile("""[)"\u201d\u2019']? ?[("\u201c\u2018']?""")
_CELL = re.compile('\\.?"?(?:[,;]| *[|\t] *| {2,})"?')
_DOTS = frozenset({".", ". ", ""})
_COMMA = re.compile('\\.?"?, (?:"|\n)?')  # a line that ends in a blank goes on: a narrow cell, RFC 3676
_GAPS = ((_COMMA, "comma"), (_CELL, "cell"), (_PARTICLES, "join"), (_NICKNAME, "join"))
_PLAIN_GAPS = {" ": "join", ", ": "comma", ",": "cell", ";": "cell", "\t": "cell", "|": "cell"}  # most, and what the above say
_BREAKS = BREAKS | TITLES
_ANNOUNCED_BY = frozenset({"dear", "hi", "hello", "hey", "student"}) | TITLES
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"})
_BOUND_BEFORE = re.compile(
    rf'(?:^|[\n"\t|;<>]|[ ]{{2}})[ ]*(?:\(?[0-9]{{1,4}}[.)][ ]*|[-*\u2022>][ ]*)*(?:(?:{PARTICLE})(?: |[{APOSTROPHES}-]))*$'
)
_BOUND_AFTER = re.compile(  # in the last place further cells of a row, which is no sentence
    rf"\.?(?: (?:{PARTICLE}))*(?:[ ]{{2}}|[ ]?[._](?:[ ]?[._]){{2}}"
    r'|[ ]*(?:$|[\n"\t|;(<:*0-9]|,[ ]*(?:[0-9"]|[A-F][+-]?(?![A-Za-z]))|[-\u2013\u2014][ ]'
    r"|(?:,[ ]*+(?![^,\n]{0,60}\b(?:and|or)\b)[^,a-z\s][^,\n]{0,60}+){1,20}+(?<![.?!,])(?:\n|$)))"
)
_ADDRESS_FIELDS = frozenset({"from", "to", "cc", "reply-to", "sender"})
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_LOCAL_BACKWARDS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_NAMES_IN_LOCAL = re.compile(rf"({LETTER}{{2,20}})[._-](?:{LETTER}[._-])?({LETTER}{{2,24}})[0-9]{{0,4}}@")
_NAME_PART = re.compile("[A-Z]?[a-z]{2,}|[A-Z]{2,}|[^\\W\\d_a-zA-Z]{2,}")


def mentions(text: str, dull: Dull, ends: array[int] | None = None) -> Iterator[Mention]:
    """Every place that may be a name, wider ones first at each place. Words that are not dull count alone; for `ends` see
    capitals.
    """
    before: _Run | None = None
    for run in _runs(text, dull, ends):
        if len(run.words) > 1:
            yield from _windows(run)
        if run.link and before is not None and not (before.titled and run.link == "comma"):
            yield from _linked(text, before, run)
        if len(run.words) == 1 and _counts_alone(text, run, dull):
            yield _alone(run)
        before = run
    if "@" in text:
        yield from local_parts(text)
    if not text.isascii():
        yield from _characters(text)


def single_words(text: str, dull: Dull, taken: Container[int] = frozenset()) -> Iterator[Mention]:
    """Of the same only words that stand alone. Runs are made only where one that is familiar begins outside what is `taken`."""
    if all(match.start() in taken or not dull.is_familiar(_without_s(match[0])) for match in capitals(text, dull)):
        return
    for run in _runs(text, dull):
        if len(run.words) == 1 and _counts_alone(text, run, dull):
            yield _alone(run)


def mentions_in_name(name: str) -> Iterator[Mention]:
    """The same for the name of a file, where case says little: Kim_Hana.pdf, hana-kim-form.docx."""
    words = [Word(match.start(), match.end(), match[0]) for match in _NAME_PART.finditer(name)]
    for at in range(len(words) - 1):
        for pair in (words[at : at + 2], [words[at], *words[at + 2 : at + 3]]):
            if len(pair) == 2:
                yield _mention(Form.FULL, pair, pairs(*(word.spellings() for word in pair)))
    yield from _characters(name)


def _runs(text: str, dull: Dull, ends: array[int] | None = None) -> Iterator[_Run]:
    run: _Run | None = None
    announced, titled = -1, False  # where a title or a greeting ended
    for match in capitals(text, dull, ends):
        start, end = match.span()
        if not _is_word(text, start, end):
            continue
        written = match[0]
        if _is_genitive(written):
            written, end = written[:-2], end - 2
        plain = written.lower()
        if plain in _SUFFIXES and run is not None and start - run.end <= 2:
            run.end = end
            continue
        if plain in _BREAKS and not (len(plain) == 1 and text[end : end + 1] == "."):
            if run is not None:
                yield run
            run, announced, titled = None, end if plain in _ANNOUNCED_BY else -1, plain in TITLES
            continue
        how, between = _gap(text, run, start) if run is not None else ("", "")
        word = Word(start, end, written, between)
        if run is not None and how == "join":
            run.words.append(word)
            run.end = end
            continue
        if run is not None:
            yield run
        near = announced >= 0 and start - announced <= 2
        run = _Run([word], end, how, announced=near, titled=near and titled)
    if run is not None:
        yield run


def _is_genitive(written: str) -> bool:
    return len(written) > 2 and written[-1] in "sS" and written[-2] in APOSTROPHES


def _without_s(written: str) -> str:
    return written[:-2] if _is_genitive(written) else written


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether a capital begins a word and no number ends it: not the P of iPhone, not Room B12."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or before == "_" or behind.isdigit())


def _gap(text: str, run: _Run, start: int) -> tuple[str, str]:
    """What stands between a run and the next word, "" for the end of the run, and the particles in it."""
    gap = text[run.end : start]
    if (how := _PLAIN_GAPS.get(gap)) is not None:
        return how, ""
    if gap == " \n" and len(run.words) == 1 and text[run.words[0].start - 1 : run.words[0].start] in ("", "\n"):
        return "join", ""
    if gap in _DOTS:
        return ("join" if run.words[-1].is_initial or run.words[-1].written == "St" else ""), ""
    if len(gap) <= _LONGEST_GAP:
        for sign, how in _GAPS if gap[0] != "\n" else ():
            if sign.fullmatch(gap):
                return how, "".join(folded_name(gap).split()) if sign is _PARTICLES else ""
        if _BROKEN_LINE.fullmatch(gap) and _is_prose(text[text.rfind("\n", 0, run.end) + 1 : run.end]):
            return "join", ""
    return "", ""


def _is_prose(line: str) -> bool:
    """Whether a line may have been broken in the middle of a name: a long one that is no row of a table."""
    return len(line) >= _LONG_LINE and not ("\t" in line or "|" in line or ";" in line or _COLUMNS.search(line))


def _windows(run: _Run) -> Iterator[Mention]:
    words = run.words
    spelt = [word.spellings() for word in words]
    widest = _WIDEST if len(words) <= _LONG_RUN else _WIDEST - 1
    for at in range(len(words) - 1):
        for end in range(min(at + widest, len(words)), at + 1, -1):
            first, last = words[at], words[end - 1]
            part = words[at:end]
            if not first.is_initial and not last.is_initial:
                yield _mention(Form.FULL, part, _full(part, spelt[at:end], long=len(words) > _LONG_RUN))
            elif first.is_initial and not last.is_initial and (at == 0 or (at == 1 and words[0].written.lower() in OPENS)):
                yield _mention(Form.INITIAL_LAST, part, [initial_last_key(spelt[at][0], last) for last in spelt[end - 1]])
            elif end == len(words) and not first.is_initial and all(word.is_initial for word in part[1:]):
                initial = spelt[at + 1][0]
                keys = [first_initial_key(short, initial) for one in spelt[at] for short in expanded(one)]
                yield _mention(Form.FIRST_INITIAL, part, [*keys, initial_last_key(initial, spelt[at][0])])
            elif end - at == len(words) and all(word.is_initial for word in words):
                yield _mention(Form.INITIALS, part, [])


def _full(part: list[Word], spelt: Sequence[tuple[str, ...]], *, long: bool) -> list[str]:
    """Keys of a run's part: first and last word, and words in the middle closed up with either."""
    keys = pairs(spelt[0], spelt[-1])
    if len(part) > 2 and not long and not any(word.is_initial and word.written != "O" for word in part):
        whole = [each[0] for each in spelt]
        for cut in range(1, len(part)):
            keys += pairs([closed_up(whole[:cut])], [closed_up(whole[cut:])])
    return keys


def _linked(text: str, one: _Run, other: _Run) -> Iterator[Mention]:
    """ "Last, First", or two cells side by side."""
    if len(one.words) > _MOST_LINKED:
        return
    ahead = other.words[:_MOST_LINKED]
    ends_it = len(other.words) <= _MOST_LINKED
    alone = ends_it and _is_bound(text, one.words[0].start) and _BOUND_AFTER.match(text, other.end) is not None
    if not alone and other.link == "comma" and min(len(one.words), len(other.words)) > 1:
        return  # two whole names in a sentence
    form = Form.LISTED if alone or other.link == "cell" else Form.LOOSE
    lasts = [spelling for word in one.words if not word.is_initial for spelling in word.spellings()]
    if len(one.words) > 1:
        lasts.append(closed_up(word.spellings()[0] for word in one.words))
    if not lasts:
        return
    first = [*ahead[0].spellings()]
    if ahead[0].is_initial:
        yield _mention(Form.INITIAL_LAST, [*one.words, ahead[0]], [initial_last_key(first[0], last) for last in lasts])
        return
    first += [closed_up(word.spellings()[0] for word in ahead[:end]) for end in range(2, len(ahead) + 1)]
    spans = [*one.words, *ahead] if ends_it else [*one.words, ahead[0]]
    yield _mention(form, spans, pairs(first, lasts))


def _is_bound(text: str, start: int) -> bool:
    return _BOUND_BEFORE.search(text[max(0, start - 24) : start]) is not None or not start


def _counts_alone(text: str, run: _Run, dull: Dull) -> bool:
    """Whether a title or greeting stands before a word alone, or somebody near is called so."""
    word = run.words[0]
    if word.is_initial:
        return False
    if run.announced or text.endswith(ANNOUNCING, 0, word.start):
        return True
    return not dull[word.written] and dull.is_familiar(word.written)


def _alone(run: _Run) -> Mention:
    return _mention(Form.SINGLE, run.words, run.words[0].spellings()[:1])


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of what is written like a mail address, found from its @."""
    at = text.find("@")
    while at >= 0:
        local = _LOCAL_BACKWARDS.match(
            text[at - 1 :: -1] if at < _LONGEST_LOCAL else text[at - 1 : at - 1 - _LONGEST_LOCAL : -1]
        )
        domain = _DOMAIN.match(text, at + 1)
        if at and local and domain:
            yield at - local.end(), domain.end()
        at = text.find("@", at + 1)


def mailboxes_of(texts: Texts) -> Iterator[str]:
    """The addresses a message goes from and to, as its header has them."""
    for each in texts.fields:
        if each.name.lower() in _ADDRESS_FIELDS:
            yield from (each.value[start:end] for start, end in addresses(each.value))


def local_parts(text: str) -> Iterator[Mention]:
    """Names in addresses: hana.kim@mail.example."""
    for start, end in addresses(text):
        match = _NAMES_IN_LOCAL.match(text, start, end)
        if match is not None:
            one, other = folded_name(match[1]), folded_name(match[2])
            yield Mention(start, match.end() - 1, Form.LOCAL_PART, tuple(pairs([one], [other])), (one, other))


def _characters(text: str) -> Iterator[Mention]:
    for start, end, name in names_in_characters(text):
        yield Mention(start, end, Form.CHARACTERS, (name,), (name,))


def pairs(ones: Sequence[str], others: Sequence[str]) -> list[str]:
    if len(ones) == len(others) == 1 and ones[0] not in NICKNAMES and others[0] not in NICKNAMES:
        return [pair_key(ones[0], others[0])]  # most names, at once
    return [
        pair_key(first, second) for one in ones for other in others for first in expanded(one) for second in expanded(other)
    ]


def _mention(form: Form, part: list[Word], keys: Sequence[str]) -> Mention:
    words = tuple([word.spellings()[0] for word in part])
    return Mention(part[0].start, part[-1].end, form, tuple(dict.fromkeys(keys) if len(keys) > 1 else keys), words)

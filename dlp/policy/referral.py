"""Does a text say nothing but whom to ask (rows O8b, O10b, O11b, O12b)?

Takes what the sender wrote, without what is quoted, and the addresses of offices; says whether it only refers: one sentence
asks to turn to an office, and no sentence has a word beyond courtesy, refusal and the way on. What is in no table says
something: "she", a name, a number, "yes". So what is not understood is never taken for a referral. English; pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# types of contacts who are sent to an office with questions about a person
REFERRED = frozenset({"parent", "court", "press", "government", "agency", "attorney"})
LONGEST = 1_500  # characters; who only refers needs no more
# offices as people call them, word for word
OFFICES = (
    "office of the registrar",
    "registrar's office",
    "registrar",
    "registrar's",
    "office of undergraduate advising",
    "office of graduate education",
    "dean for undergraduate education",
    "dean for graduate education",
    "dean of undergraduate studies",
    "dean of graduate studies",
    "dean of students",
    "undergraduate dean's office",
    "graduate dean's office",
    "dean's office",
    "dean",
    "deans",
    "dean's",
    "deans'",
    "office of the provost",
    "provost",
    "provost's",
    "office of the general counsel",
    "office of general counsel",
    "general counsel",
    "counsel's office",
    "news office",
    "press office",
    "media relations",
)
# what asks to turn to somebody, in the sentence that names the office
_REFERS = _words(
    """
    address ask call contact direct e-mail email forward forwarded forwarding handle handles mail phone reach redirect
    refer referred send talk telephone turn write
    """
)
# a sentence needs one of these, or an office
_COURTESY = _REFERS | _words(
    """
    answer answers apologise apologize appreciate assist assistance best cheers comment comments concern concerns
    confidential confidentiality contacting decline directly disclose discuss discussing emails enquiries enquiry
    federal ferpa form forms glad gladly greetings happy hello help helpful hi inquiries inquiry interest kindly law
    letter letters matter matters message messages order orders patience permitted please policies policy prevent
    prevents privacy procedure procedures prohibit prohibits provide query question questions reaching regards regret
    release reply request requests respectfully respond responsible rule rules share sincerely sorry speak subpoena
    subpoenas telephone thank thanks truly unable understanding unfortunately warm welcome wish wishes writing
    """
)
_GLUE = _words(
    """
    a able about again all also always am an and any are as at be because best but by can can't cannot could don't e
    either for from further glad have how however i i'll i'm i've if in individual information instead into kind like
    may me might must my neither nor not of office offices on only or other our out person rather re regarding shall
    should such than that the these this those through to very via we we'll we're we've which who whom will with won't
    would you your yours faithfully
    """
)
# the same, where the single words would say too much
_PHRASES = (
    "neither confirm nor deny",
    "individual students",
    "about students",
    "student information",
    "student records",
    "education records",
    "third parties",
    "university policy",
    "institute policy",
    "look forward",
    "right place",
    "right office",
    "do not",
    "does not",
    "this is",
    "it is our",
    "it is a",
    "it is the",
    "that office",
    "they handle",
    "they deal with",
    "they can",
    "they will",
    "they are able",
    "they are happy",
    "they are glad",
    "they are responsible",
    "they answer",
)
# who may be greeted by a word that is no name, and the small words of names and titles
_GREETED = _words(
    """
    agent all attorney clerk colleague colleagues counsel court doctor dr editor editors everyone family friend friends
    judge justice madam miss mr mrs ms mx officer parent parents prof professor reporter sir sirs
    """
)
_OF_NAMES = _words("and at da de del der di du for in la le of on or the to van von")
_GREETING = re.compile(
    r"\s*(?:dear|hi|hello|hey|to|good (?:morning|afternoon|evening|day))\b([^,:!?\n]{0,60})(?:[,:!\n]|$)", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:mailto:)?([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w@.])[+(]{0,2}[0-9](?:[ ().-]{0,2}[0-9]){6,13}(?![\w@])")
_ROOM = re.compile(r"\b(?:at|in)(?: room)? [A-Z]{0,3}[0-9]{1,3}-[0-9]{3,4}\b")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*'?")
_SIGNED = 6  # lines of names and titles at the end


def only_refers(text: str, offices: Collection[str]) -> bool:
    """Whether it asks to turn to an office and says nothing else. `offices`: their addresses, folded."""
    if len(text) > LONGEST:
        return False
    turns = False
    for words in _sentences(_letter(text, offices)):
        if not _is_harmless(words):
            return False
        turns = turns or _turns_to_an_office(words)
    return turns


def says_nothing(text: str) -> bool:
    """Whether a short text, such as a subject, has words of courtesy alone."""
    return len(text) <= LONGEST and all(map(_is_harmless, _sentences(text)))


def _letter(text: str, offices: Collection[str]) -> str:
    """The text without greeting, signature, telephone numbers and rooms, an office's address as its name."""
    plain = text.replace("\u2019", "'")
    greeting = _GREETING.match(plain)
    if greeting and all(_may_name(word, _GREETED) for word in _WORD.findall(greeting[1])):
        plain = plain[greeting.end() :]
    lines = plain.rstrip().split("\n")
    for _ in range(_SIGNED):
        if not lines or not _is_signature(lines[-1]):
            break
        lines.pop()
    plain = _ROOM.sub(" ", _PHONE.sub(" ", "\n".join(lines)))
    return _ADDRESS.sub(lambda found: " registrar " if found[1].casefold() in offices else " somebody ", plain)


def _is_signature(line: str) -> bool:
    """A line of names and titles, or a blank one."""
    return not line.rstrip().endswith(("!", "?", ";")) and all(map(_may_name, _WORD.findall(line)))


def _may_name(word: str, further: Collection[str] = ()) -> bool:
    return word[0].isupper() or word in _OF_NAMES or word.casefold() in further


def _sentences(text: str) -> Iterator[list[str]]:
    for sentence in _SENTENCE.split(text.casefold()):
        if words := _WORD.findall(sentence):
            yield words


def _is_harmless(words: list[str]) -> bool:
    offices, rest = _without(words, _OFFICES)
    phrases, rest = _without(rest, _SAFE)
    return bool(offices or phrases or not _COURTESY.isdisjoint(rest)) and all(
        word in _COURTESY or word in _GLUE for word in rest
    )


def _turns_to_an_office(words: list[str]) -> bool:
    offices, rest = _without(words, _OFFICES)
    return bool(offices) and not _REFERS.isdisjoint(rest)


def _without(words: list[str], phrases: tuple[list[str], ...]) -> tuple[int, list[str]]:
    """How many of the phrases stand there, and the words around them."""
    rest: list[str] = []
    found = at = 0
    while at < len(words):
        phrase = next((each for each in phrases if words[at : at + len(each)] == each), None)
        if phrase is None:
            rest.append(words[at])
        found += phrase is not None
        at += len(phrase) if phrase else 1
    return found, rest


def _longest_first(phrases: Collection[str]) -> tuple[list[str], ...]:
    return tuple(sorted((phrase.split() for phrase in phrases), key=len, reverse=True))


_OFFICES, _SAFE = _longest_first(OFFICES), _longest_first(_PHRASES)

"""Whom each sentence of a text is about: whom it names, whom one before it named, to whom it speaks, or who is quoted in it.

Takes what a message says of people as a whole, and the sentences of one text in their order; gives for each the people, and
how it stands to them. A sentence without a subject behind a question, or below a Subject that is a name, has that of it.
Never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import NamedTuple

from dlp.campus.greeting import UNKNOWN
from dlp.campus.records import Student
from dlp.statements.candidate import BEFORE, REACH, YOU, context
from dlp.statements.concepts import RECORDS, is_of_records, topics
from dlp.statements.quoted import Writers
from dlp.statements.sentences import EMPLOYEE, STUDENT, Sign
from dlp.statements.studies import WORK

MANY = 3  # people: without a word of records such a sentence says who does what
_SHORTEST, _FEW = 2, 2  # tokens, and words
_GREETING = 1  # sentence
# somebody asks for what he does not have
_REQUEST = re.compile(
    r"(?:(?:can|could|would|will) you )?(?:please|kindly) (?:confirm|give|indicate|provide|send|state|verify) (?:us |me )?"
    r"(?:PROS|any|the) (?:current )?(?:dates?|degrees?|enrol?lment|gpa|grades?|majors?|marks?|records?|status|transcript)\b"
)
_ASKED_FOR = frozenset({"ATTEND", "ENROL", "RANK", "WORK"})
_TELLS_MORE = frozenset((";", "(", "a", "an", "her", "his", "that", "who", "whose", "PRO"))  # than what is asked for
_JUDGES = frozenset(("editor", "editors", "judge", "judges", "jury", "referees", "reviewers"))  # of papers and matches
_FIRST = 3  # tokens among which a sentence says of whom it speaks
_FRAGMENT, _NAME = 8, 3  # tokens of a sentence without a subject, and of a Subject that is a name
_IF_YOU = ("if", "you")  # do what the reader may, nothing is told; if you must know, all is
_MUST_KNOW = frozenset(("XLETTER", "XNUMBER", "XPERCENT", "XPOINTS", "XSCORE", "ask", "asked", "know", "must", "really"))
_EVERYBODY = frozenset(("everybody", "everyone", "nobody"))
_EACH = (  # and not both of all: said of each alone
    "both your", "each of you", "neither of you", "none of you", "your absences", "your accounts", "your appeals",
    "your applications", "your averages", "your balances", "your cases", "your petitions", "your registrations",
    "your test results", "your visas",
)  # fmt: skip
_ALL = (
    "all of you", "both of you", "two of you", "three of you", "you all", "you are all", "you are both", "you both",
    "you have all", "you have both", "you three", "you two", "you were all", "you were both",
)  # fmt: skip
_WORK = WORK | frozenset(  # of all together, and what is so of all
    ("budget", "design", "enrolled", "experiment", "group", "joint", "partner", "partners", "poster", "presentation",
     "project", "prototype", "registered", "solution", "talk", "team", "together", "trip", "work")
)  # fmt: skip
_TOGETHER = frozenset(("group", "joint", "pair", "partner", "partners", "team", "together"))
_EXAMS = frozenset(("exam", "exams", "examination", "final", "midterm", "midterms", "quiz", "quizzes", "test", "tests"))
_TELLS_NOTHING = frozenset({"ENROL", "I", "NOW", "SUPPOSE", "TERM", "WORK", "YOU"})  # of how an exam went
_WHEN_AND_WHERE = frozenset(("XDAY", "XMONTH", "XNAME", "at"))  # beside which a number is an hour, a day or a room
_WENT = frozenset(("did", "got", "looked", "was", "went", "were"))  # so begins what is told of an exam that is over
_NEVER_SHARED = frozenset({"HEALTH", "STANDING"})
_OF_ONE = frozenset({"HEALTH", "INTEGRITY", "MONEY", "STANDING", "VISA"})
_OWN = frozenset(("absences", "absent", "average", "averages", "failing"))  # no work of all
_OUR, _CHILD = frozenset(("my", "our")), frozenset(("child", "daughter", "kid", "son"))
_ANY = frozenset(("a", "an", "another", "any", "one", "some"))
_SAYS = frozenset(("asked", "complained", "heard", "mentioned", "reported", "said", "saw", "says", "tells", "thinks", "told"))
_LIKE = frozenset(("as", "be", "being", "for", "is", "like", "than", "was"))
_BESIDE_ONE = frozenset(("better", "else", "fewer", "higher", "less", "lower", "more", "worse"))  # nobody did worse: than she
_STUDENTS = frozenset(("advisee", "classmate", "freshman", "junior", "kid", "sophomore", "student", "undergraduate"))
_SINGULAR = frozenset({"PRO", "PROS"})
_PRONOUNS = _SINGULAR | {"THEY", "THEYS"}
_SUBJECTS = _PRONOUNS | {  # a sentence with one of these has one of its own, or is a request
    "?", "all", "call", "can", "could", "everybody", "everyone", "i", "it", "let", "look", "most", "nobody", "nothing",
    "others", "please", "see", "some", "thank", "thanks", "that", "there", "these", "this", "we", "what", "who", "you",
}  # fmt: skip
# of whom "she" may be said where nobody is named
_OTHERS = frozenset(
    ("adviser", "advisor", "assistant", "aunt", "boss", "boyfriend", "brother", "chair", "coach", "colleague", "cousin", "dad",
     "dean", "director", "doctor", "father", "friend", "girlfriend", "grandfather", "grandmother", "husband", "landlord",
     "mom", "mother", "mum", "neighbor", "neighbour", "nurse", "partner", "plumber", "president", "professor", "provost",
     "roommate", "secretary", "sister", "speaker", "uncle", "wife")
)  # fmt: skip


class Named(NamedTuple):
    """A sign in a view, whose it is, and whether it stands in a greeting."""

    sign: Sign
    person: str
    greeting: bool


@dataclass(frozen=True, slots=True)
class Message:
    """What every sentence of a message is seen with: the only student it names, the tokens of its Subject, to whom it speaks
    where nobody known is greeted, of whom it says "each of you", whose parent it goes to where it names no student, whom its
    Subject names, students and employees, whether a listed word stands above it, which makes any sentence one of records, and
    whose words may be quoted.
    """

    topic: tuple[str, ...]
    heading: tuple[str, ...]
    reader: tuple[str, ...]
    readers: tuple[str, ...]
    child: tuple[str, ...]
    headed: tuple[str, ...]
    headed_staff: tuple[str, ...]
    listed: bool
    writers: Writers
    students: Mapping[str, Student]  # what the directory has of them tells nothing more


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence: its tokens, whom it names but in a greeting, and who says it of himself in a quotation."""

    start: int
    words: tuple[str, ...]
    here: Sequence[Named]
    writer: str = ""
    fragment: bool = False  # its subject is that of what stands before it
    quoted: bool = False

    def named(self, token: str) -> tuple[str, ...]:
        """The students, or employees, it names."""
        return tuple(each.person for each in self.here if each.sign.token == token)


class Antecedents:
    """Reads the sentences of one text. It quotes from character `quoted` on; `greeted` are those its greetings name before
    that, and behind.
    """

    def __init__(self, message: Message, greeted: tuple[tuple[str, ...], tuple[str, ...]], quoted: int) -> None:
        self._message, self._greeted, self._quoted = message, greeted, quoted
        self._last = message.headed  # students named last
        self._staff = message.headed_staff
        self._distance, self._since = (0 if some else REACH + 1 for some in (self._last, self._staff))  # sentences behind these
        self._named_here = False
        self.before: tuple[str, ...] = ()  # tokens of the sentence before the one that was followed last
        self._words: tuple[str, ...] = ()
        self._followed = 0
        self._parent_asks = False  # in what is quoted: of a child whom the reader knows better

    @property
    def nearby(self) -> tuple[str, ...]:
        """The students whom the next sentence may go on about."""
        return self._last if self._distance < REACH else ()

    def follow(self, said: Said) -> Said:
        """The next sentence, with its subject."""
        if self._lacks_subject(said):
            said = replace(said, words=(STUDENT, *said.words), fragment=True)
        students, employees = said.named(STUDENT), said.named(EMPLOYEE)
        if not (said.here or said.fragment or self._message.headed) and _is_of_somebody(said.words):
            self._last, self._distance = (), -1  # she, from here on, is somebody else
        self._distance, self._since = 0 if students else self._distance + 1, 0 if employees else self._since + 1
        self._last, self._staff = students or self._last, employees or self._staff
        self._named_here = self._named_here or bool(students)
        self.before, self._words = self._words, said.words
        self._followed += 1
        if said.quoted and any(one in _OUR and other in _CHILD for one, other in pairwise(said.words)):
            self._parent_asks = True
        return said

    def _lacks_subject(self, said: Said) -> bool:
        """Whether a few words answer a question about one student, or stand at the top below a Subject that names one."""
        if said.here or len(said.words) > _FRAGMENT or len(self._last) != 1 or not _SUBJECTS.isdisjoint(said.words):
            return False
        if said.words[:1] == ("dear",) and not is_of_records(said.words):
            return False  # a greeting
        below = self._followed <= _GREETING and self._last == self._message.headed and len(self._message.heading) <= _NAME
        return below or (self._distance == 0 and "?" in self._words)

    def may_tell(self, said: Said) -> bool:
        """Whether a sentence is worth weighing; what somebody asks for in a quotation has not been told yet."""
        if said.quoted and _asks_only(said.words):
            return False
        named = bool(said.named(STUDENT)) and len(said.here) < MANY
        return len(said.words) >= _SHORTEST and (named or said.fragment or self._message.listed or is_of_records(said.words))

    def about(self, said: Said) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Whom the sentence is about that was followed last, if anybody, and the features of how it stands to them."""
        named, words = tuple(each.person for each in said.here), said.words
        greeted = self._greeted[said.start >= self._quoted]
        each = _is_of_each(words) or (len(greeted) > 1 and _is_own_matter(words))
        readers = (each and self._message.readers) or self._message.reader
        speaks_to = greeted or (() if said.start >= self._quoted else readers)
        addressed = self._is_addressed(said, speaks_to)
        if addressed and len(speaks_to) > 1 and not each:
            return (), ()  # what is told to several is the joint result of all
        if addressed and each and len(greeted) > 1:
            speaks_to = (UNKNOWN,)  # whoever is greeted: the row on readers who see each other is for that
        if said.writer:
            people = (*named, said.writer)
        elif addressed:
            people = (*named, *speaks_to)
        else:
            before = self._of_those_before(said, speaks_to)
            addressed = before != () and before == speaks_to[:1] and is_result(words)  # of whom is greeted: the essay is an A-
            people = (*named, *before)
        if not said.here and self._since <= REACH and not _PRONOUNS.isdisjoint(words):
            people += self._staff
        count = 1 if said.fragment else len(said.here)
        return tuple(dict.fromkeys(people)), tuple(context(words, count, self._behind(said, people), addressed))

    def _is_addressed(self, said: Said, speaks_to: tuple[str, ...]) -> bool:
        if said.writer or said.named(STUDENT) or not speaks_to or YOU.isdisjoint(said.words):
            return False
        return not (self._last and _is_of_another(said.words))

    def _of_those_before(self, said: Said, speaks_to: tuple[str, ...]) -> tuple[str, ...]:
        """Of whom a sentence goes on that names no student, and nobody, or says "he"."""
        words, message = said.words, self._message
        of_all = words[0] in _EVERYBODY and _BESIDE_ONE.isdisjoint(words)
        of_reader = words[:2] == _IF_YOU and _MUST_KNOW.isdisjoint(words)
        if said.named(STUDENT) or ((said.here or of_all or of_reader) and _PRONOUNS.isdisjoint(words)):
            return ()
        of_whom = self._last if self._distance <= REACH else message.topic if _says_something(words) else ()
        if not of_whom and not (self._distance == 0 and not self._last):
            of_whom = (
                speaks_to if _PRONOUNS.isdisjoint(words) else () if said.quoted and self._parent_asks else message.child
            )[:1]
        unnamed = of_whom == message.child or (of_whom == message.headed and not self._named_here)
        return () if unnamed and (_names_another(words) or _names_another(self.before)) else of_whom

    def _behind(self, said: Said, people: tuple[str, ...]) -> int:
        """How many sentences behind whom it is about."""
        if said.writer or said.fragment:
            return 0
        if self._last:
            return self._distance
        return self._since if people == self._staff else 1 if people == self._message.child else BEFORE


def _asks_only(words: Sequence[str]) -> bool:
    """Whether a sentence asks for something of a record, and tells nothing with it: please confirm the grades of Hana Kim."""
    asked = _REQUEST.match(" ".join(words))
    rest = " ".join(words)[asked.end() :].split() if asked else []
    told = (topic in RECORDS and topic not in _ASKED_FOR for each in topics(rest) for topic in each)
    return asked is not None and _TELLS_MORE.isdisjoint(rest) and not any(told)


def is_result(words: Sequence[str]) -> bool:
    """Whether a sentence gives a piece of work a mark."""
    of = {topic for each in topics(words) for topic in each}
    return "WORK" in of and "FIGURE" in of and "ELSEWHERE" not in of and _JUDGES.isdisjoint(words)


def _is_of_each(words: Sequence[str]) -> bool:
    """Whether a sentence tells several readers what is so of each, and not of their work, which may be that of all."""
    said = f" {' '.join(words)} "
    own = not _OWN.isdisjoint(words) or any(not _NEVER_SHARED.isdisjoint(each) for each in topics(words))
    together = not _WORK.isdisjoint(words) and not own
    return any(f" {each} " in said for each in _EACH) or (not together and any(f" {each} " in said for each in _ALL))


def _is_own_matter(words: Sequence[str]) -> bool:
    """Whether a sentence is about what nobody has together with others: an exam that went somehow, a debt, an illness."""
    if any(_is_exam(*pair) for pair in pairwise((*words, ""))):
        return _TOGETHER.isdisjoint(words) and not _is_when_and_where(words)
    return _WORK.isdisjoint(words) and any(not _OF_ONE.isdisjoint(each) for each in topics(words))


def _is_exam(word: str, behind: str) -> bool:
    """Whether a word is an exam: "final" is none of a project."""
    return word in _EXAMS and not (word == "final" and behind in _WORK)


def _is_when_and_where(words: Sequence[str]) -> bool:
    """Whether a sentence with an exam gives nothing but day, hour, room and what to bring, which are those of all."""
    if not _WENT.isdisjoint(words) or ("XNUMBER" in words and _WHEN_AND_WHERE.isdisjoint(words)):
        return False
    return all(_TELLS_NOTHING.issuperset(each) or "ELSEWHERE" in each for each in topics(words))


def _names_another(words: Sequence[str]) -> bool:
    """Whether a sentence has somebody of whom "she" may be said; her own roommate is nobody but hers."""
    return any(word in _OTHERS and before not in _SINGULAR for before, word in pairwise(("", *words)))


def _is_of_another(words: Sequence[str]) -> bool:
    """Whether a sentence speaks of somebody before it speaks to the reader: she is not to sit in your hall."""
    return next((word for word in words if word in _SINGULAR or word in YOU), "") in _SINGULAR


def _is_of_somebody(words: Sequence[str]) -> bool:
    """Whether a sentence speaks of a student without saying which: one student has been suspended; but as a student, hard.
    A student told me that he was: somebody else.
    """
    first = islice(enumerate(pairwise(words)), _FIRST)
    found = (at for at, pair in first if pair[0] in _ANY and pair[1] in _STUDENTS and _SAYS.isdisjoint(words[at + 2 : at + 3]))
    return any(_PRONOUNS.isdisjoint(words[:at]) and _LIKE.isdisjoint(words[max(0, at - 1) : at]) for at in found)


def _says_something(words: Sequence[str]) -> bool:
    """Whether a sentence that stands far from any name has a few words that are no figures or names."""
    return sum(word.islower() or word in _PRONOUNS for word in words) >= _FEW

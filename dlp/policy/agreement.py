"""Whether a person's own words agree that something is told: what `dlp consent ingest` may record (R34, R35).

Takes the texts, and what is to be told to whom; gives why nothing may be recorded, or None. It records a right, so it looks
for a sentence that agrees, here and now, and says what, and to whom; and nothing in the message may deny, take back, limit,
make a condition, ask, speak of an earlier word, or quote. In doubt it may not: then somebody reads it, and records by hand.
Pure; linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from dlp.policy.asked import A_RECIPIENT, AN_ADDRESS, names_recipient, recipient_marked, speaks_of, without_addresses


class Doubt(Enum):
    """Why nothing may be recorded, for whoever typed the command: "the message ..."."""

    REFUSES = "may refuse, forbid or take back something"
    LIMITS = "may agree to a part only, or on a condition"
    ASKS = "asks something, or leaves something open"
    PAST = "may speak of what was agreed before, and of what became of it"
    QUOTES = "quotes something, and it is not sure whose words count"
    SILENT = "has no sentence of the person's own that agrees to telling this, and says what, and to whom"


# --- what is looked for in every sentence: these words say no, whatever they stand beside
_REFUSING = re.compile(
    r"no|not|never|cannot|cant|dont|wont|nor|neither|none|nobody|nothing|nowhere|nope|nah|without|hardly|lack(?:s|ed|ing)?|negativ\w*"
    r"|with(?:h[eo]ld|dr[ae]w)\w*|revo[ck]\w*|rescind\w*|retract\w*|cancel\w*|undo\w*|annul\w*|void|invalid|terminat\w*|expired"
    r"|den(?:y|ied|ies|ying|ial)|refus\w*|declin\w*|reject\w*|object(?:s|ed|ing|ions?)?|oppos\w*|against|veto\w*"
    r"|disagree\w*|disallow\w*|disapprov\w*|forb[ia]d\w*|prohibit\w*|bann?(?:ed|ing|s)?|block\w*|prevent\w*|imped\w*"
    r"|stop\w*|ceas\w*|halt\w*|refrain\w*|avoid\w*|desist\w*|exclud\w*|omit\w*|hid(?:e|es|den)|privat\w*|privacy|confidential\w*|secret\w*"
    r"|ignor\w*|disregard\w*|forget|scratch|undone|mistak\w*|kidding|joke|joking|reconsider\w*|mind|second_thoughts?|opt(?:ed|ing)?|regret\w*|unwilling\w*|uncomfortable|unhappy"
)
# --- and what is looked for where it speaks of telling, of what or to whom, points at what was said, or is very short
_HOLDING = re.compile(
    r"keep\w*|kept|leave|leaves|leaving|left|remove[ds]?|delet\w*|eras\w*|ends|ended|ending|an_end|is_over|off|clos(?:e|es|ed)|stays?|remains?|chang\w*|suspend\w*|paus\w*"
    r"|postpon\w*|delay\w*|hold|wait\w*|instead|rather|wrong\w*|unfair\w*|illegal\w*|back|alone|away|actually"
    r"|false|untrue|rumou?r\w*|lies?|lying|myth|pretend\w*|disput\w*|contest(?:s|ed|ing)?|doubt\w*|dreams?|dead|sealed|myself|ourselves|elsewhere"
)
_LIMITING = re.compile(
    r"only|just|solely|merely|except\w*|but|however|though|although|unless|apart|limit\w*|restrict\w*|partly|partially|some|less"
    r"|if|provided|providing|assuming|condition\w*|subject_to|as_long|so_long|in_case|when|whenever|once|after|before|beforehand|until|till"
    r"|first|later|yet|while|should_(?:i|you|they|he|she)|depend\w*|whether|expires?|valid"
    r"|bar|save|unlike|pending|upon|moment|minute|instant|event|soon|the_day|contingent|other_than|minus|besides|aside|parts?|partial|portions?|half"
    r"|few|several|selected|certain|midterms?|quiz\w*|semesters?|terms?|latest|recent"
)
_OF_TIME = re.compile(r"until|till|once|expires?|valid")  # which an option of the command may say as well
_PAST = re.compile(
    r"was|were|had|did|used_to|been|said|told|wrote|asked|meant|thought|gave|ago|last|earlier|previous\w*|former\w*|yesterday|original\w*"
    r"|i_(?:consented|agreed|allowed|permitted|authori[sz]ed|approved|granted|signed)"
)
_CONSENT = re.compile(r"consent\w*|agree\w*|permi(?:t\w*|ssions?)|allow\w*|authori[sz]\w*|approv\w*|release|waiver?")
_POINTING = re.compile(r"th(?:is|at|ese|ose|em)|it|so|above|message|mail|email|request")
_ABOUT_ITSELF = re.compile(r"th(?:is|at|ese|ose)|above")
_TOLD = re.compile(
    r"(?:re)?send\w*|sent|shar(?:e|es|ed|ing)|tell\w*|told|disclos\w*|releas\w*|giv(?:e|es|en|ing)|gave|provid(?:e|es|ing)|forward\w*|pass(?:ed|ing)?"
    r"|show\w*|inform\w*|report(?:ed|ing)?|reveal\w*|hand(?:ed|ing)?|email(?:ed|ing)?|discuss\w*|talk\w*|speak\w*|answer\w*|get|gets|see|sees|know|knows"
)
_REPORTING = re.compile(  # a sentence that only says what somebody says or fears agrees to nothing
    r"says?|saying|said|told|wr[io]tes?|asks|asked|claim\w*|according|think\w*|thought|believ\w*|guess\w*|suppos\w*|assum\w*|hear|heard|wonder\w*"
    r"|fear\w*|afraid|worr\w*|concern(?:s|ed)?|maybe|perhaps|might|why|how|hop(?:e|es|ing)|sorry|unfortunately|complain\w*"
    r"|apparent\w*|alleged\w*|presum\w*|reported\w*|seem\w*|evident\w*|imagin\w*|law|legally|rules?|polic(?:y|ies)"
)
_SHORT = 5  # words: what is so short is about what stands beside it

# --- how somebody agrees. Words stand with one blank between them, " , " for a sign between
_BY = (
    r"(?:hereby|herewith|also|gladly|happily|fully|freely|expressly|explicitly|formally|voluntarily|therefore|thus|now|do|kindly"
    r"|directly) "
)
_SO = rf"(?:{_BY}){{0,3}}"
_I = rf"\b(?:i|we) (?:, (?:[\w,]+ ){{1,10}}?)?{_SO}"  # "I, Ann Mori, hereby"
_AT_ONCE = r"(?:^|(?<=, )|(?<=\band )|(?<=\bso )|(?<=\byes ))"  # a sentence, or the main part of one
_ANYBODY = r"(?:(?!(?:i|we|he|she|it|they) )\w+ )"
_TELL = (
    r"(?:send|share|tell|disclose|release|give|provide|forward|pass|show|inform|report|reveal|hand|email|mail|discuss|talk|speak|answer|submit"
    r"|transmit|transfer|confirm|issue"
    r"|let (?:\w+ ){1,5}?(?:see|have|get|know|receive))(?! (?:(?:to|with) )?(?:me|us)\b)(?! (?:of|is|was|up)\b)"
)
_BE_TOLD = (
    r"be (?:sent|shared|told|disclosed|released|given|provided|forwarded|passed|shown|reported|revealed|handed|emailed|mailed"
    r"|discussed|submitted|transmitted|transferred|confirmed|issued)"
)
_SEE = r"(?:see|have|get|know|receive)\b"
_IS_FREE = rf"(?:are|is) {_SO}(?:allowed|permitted|authori[sz]ed|free|welcome) to"
_PERMISSION = r"(?:permission|consent|authori[sz]ation|approval|agreement|okay|ok)\b"
_WANT = rf"{_I}(?:want|wish|need|ask|request|would like|would love) "
_AGREEING = re.compile(
    "|".join(
        (
            rf"\b(?:please|kindly) (?:{_BY}|go ahead and |feel free to ){{0,3}}{_TELL}",
            rf"{_AT_ONCE}(?:feel free to |go ahead and )?{_TELL}",
            rf"{_AT_ONCE}{_ANYBODY}{{1,5}}(?:may|{_IS_FREE}) {_SO}(?:{_TELL}|{_SEE})",
            rf"{_AT_ONCE}{_ANYBODY}{{1,5}}(?:may|can) {_SO}{_BE_TOLD}",
            rf"{_AT_ONCE}you can {_SO}{_TELL}",
            rf"{_I}(?:consent|agree)(?= to| that| ,|$)(?! to {_SO}{_TELL})",  # what the writer sends is not asked of us
            rf"{_I}(?:authori[sz]e|permit|allow|approve)\b(?! (?:of|myself)\b)",
            rf"{_I}(?:give|grant) (?:\w+ ){{0,6}}{_PERMISSION}",
            rf"{_AT_ONCE}(?:{_ANYBODY}{{1,4}}have|this is) {_SO}my (?:\w+ ){{0,3}}{_PERMISSION}",
            rf"{_WANT}(?:for )?(?!to )(?:\w+ ){{1,6}}?to {_SO}(?:{_TELL}|{_BE_TOLD}|{_SEE})",
            rf"{_WANT}that (?:\w+ ){{1,6}}?(?:{_TELL}|{_BE_TOLD})",
            rf"{_I}(?:am|are) (?:\w+ )?(?:happy|glad|fine|willing) (?:for|to let) (?:\w+ ){{1,6}}?(?:to )?(?:{_TELL}|{_SEE})",
            rf"\b{_PERMISSION} (?:\w+ ){{0,12}}?is {_SO}(?:given|granted)\b",
        )
    )
)
# --- to whom, where the sentence names the one wanted: as the one told, or as who may see it
_GIVING = (
    r"(?:send|share|tell|give|provide|forward|pass|show|inform|hand|email|mail|issue|let|want|wish|like|need|ask|request|allow|permit"
    r"|authori[sz]e|approve|that)"
)
_A_TITLE = r"(?:(?!(?:to|with|and|my) )[\w,]+ ){0,6}?"  # "the office of Ms Lane ("
_ROLE = re.compile(
    "|".join(
        (
            rf"\b(?:to|with|whom) (?:my )?{_A_TITLE}{A_RECIPIENT}",
            rf"\b{_GIVING} {_A_TITLE}{A_RECIPIENT}",
            rf"\bfor {_A_TITLE}{A_RECIPIENT}(?= to )",
            rf"{_AT_ONCE}{_A_TITLE}{A_RECIPIENT}(?= (?:, )?(?:may|{_IS_FREE}|(?:has|have) {_SO}my)\b)",
        )
    )
)
# the one wanted as the subject of something else, or told something else: "tell X that they ...", "X is another matter"
_IS_FREE_OR_GIVEN = rf"{_SO}(?:allowed|permitted|authori[sz]ed|free|welcome|given|granted)\b"
_TO_AN_END = r"(?:support|apply|help|complete|finish|verify|check)\b"
_SOMETHING_ELSE = re.compile(
    rf"\b{A_RECIPIENT} (?:, )?(?:(?:that|they|he|she|it|i|we|you|how|why|can|will|would|could|should|must|wants?|needs?|asks?"
    rf"|knows?|being|having|does)\b|to (?!{_SO}(?:{_TELL}|{_SEE})|{_TO_AN_END})"
    rf"|(?:is|are|has|have)\b(?! {_IS_FREE_OR_GIVEN}| my (?:\w+ )?{_PERMISSION}))"
    rf"|\b(?:tell|inform|answer|show|remind) {_A_TITLE}{A_RECIPIENT} (?:, )?to\b|\bknow (?:, )?(?:that|how|to)\b"
    rf"|\bmy (?:\w+ ){{1,2}}(?:(?:is|are)\b(?! {_IS_FREE_OR_GIVEN}| {_SO}to )|belongs?\b)"
    rf"|\band (?!(?:also|all|{_TELL}) )(?!my )\w+ (?:(?!my )\w+ )?my\b"  # "send my regards and burn my grades"
    r"|(?<!, )\b(?:what|who|where) (?!,|for\b)"
    r"|\b(?:questions?|appeals?|overview|attention|warnings?|my regards|second|lawyers?|look)\b"
)
_NEXT_CLAUSE = re.compile(
    r" , (?:(?:and|so|as|for|since|because) )?(?:they|he|she|it|i|we|you|who|which) "
    rf"|(?<={A_RECIPIENT}) , my "
)
# where it does not, it points at the one named just before: "send them my grades"
_TO_THEM = re.compile(
    rf"\b{_GIVING} (?:them|him|her) (?:about )?(?:all )?(?:of )?my\b|\b(?:let|want) (?:them|him|her) (?:to )?{_SEE}"
    r"|\bthey may\b"
    r"|\b(?:to|with) (?:them|him|her(?! \w)|th(?:is|at) (?:address|person|contact|company|firm|employer|school|university))\b"
)
# and in either case nobody else is told; "to" and "with" have other uses
_TO_ANOTHER = re.compile(
    rf"(?<!applying )(?<!apply )(?<!applied )\b(?:to|(?<!{A_RECIPIENT} )with) "
    r"(?!(?:the |your |any |this )?(?:following )?(?:disclos|releas|shar|send|transmi|transfer)"
    r"|(?:\w+ ){1,4}?(?:shar|send|releas|disclos|provid|forward|giv)ing\b"
    rf"|{_SO}(?:{_TELL}|{_SEE}|be\b)|{_TO_AN_END}|(?:you|whom|this|immediate|regards?|respect|thanks)\b)\w"
)
# what people write at the end of any letter, and words that are none of those above
_COURTESY = re.compile(
    r"\bto whom it may concern\b|\b(?:do not|dont) hesitate to (?:contact|call|write(?: to)?|email|ask|reach) me\b"
    r"|\bif (?:you (?:have|need|require|want)|there (?:is|are))"
    r"(?: (?:any|an?|more|further|other|anything|something|else|questions?|information|details|help)\b)+"
    r"|\bno (?=\d)|\bas soon as (?:possible|you can)\b|\bas part of\b"
    r"|\bbefore (?=\d|next |noon|the end|the deadline|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december)\b)"
)
_JOINED = re.compile(
    r"\b(?:subject to|as long|so long|in case|used to|an end|is over|other than|the day|second thoughts?"
    r"|should (?:i|you|they|he|she))\b"
)
_I_DID = re.compile(r"\bi (?:have )?(?:hereby )?(\w+ed)\b")
_CONTRACTED = {"n't": " not", "'d": " would", "'m": " am", "'re": " are", "'ve": " have", "'ll": " will"}
_CONTRACTION = re.compile(r"n't\b|'(?:d|m|re|ve|ll)\b")
_SENTENCE = re.compile(r"(?<![.!?;])(?<!\bm[rs])(?<!\bmrs)(?<!\b[dj]r)(?<!\bprof)([.!?;]+)(?=\s|$)|(?<!:)\n\s*\n")
_SIGN = re.compile(r"\w+(?:'\w+)?|[,:()\u2010-\u2015-]+")
_IS_WORD = re.compile(r"\w")
_QUOTED = re.compile(r'["\u201c\u201d\u201e\u201f\u00ab\u00bb]')
_FORM = re.compile(r"\[ ?\]|\u2610|_{3}")  # a box that is not ticked, a line not filled in
_POLITE = re.compile(r"^(?:\w+ |, )*?(?:could|can|would|will) you (?:\w+ )?(?:please|kindly) ")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded. `limited`: an option says for how long or how often."""

    kinds: Collection[str]
    recipient: str
    limited: bool = False


@dataclass(frozen=True, slots=True)
class _Sentence:
    raw: str
    text: str  # its words, as _AGREEING takes them
    words: tuple[str, ...]
    asks: bool


def doubt(texts: Iterable[str], wanted: Wanted) -> Doubt | None:
    """Why nothing may be recorded of these texts, the gravest reason first; None where they agree."""
    texts = tuple(each.casefold().replace("\u2019", "'") for each in texts)
    sentences = tuple(each for text in texts for each in _sentences(text, wanted))
    doubts = {found for each in sentences for found in _doubts(each, wanted)}
    if any(map(_QUOTED.search, texts)):
        doubts.add(Doubt.QUOTES)
    if any(map(_FORM.search, texts)):
        doubts.add(Doubt.ASKS)
    if not any(_agrees(each, before, wanted) for each, before in zip(sentences, (None, *sentences), strict=False)):
        doubts.add(Doubt.SILENT)
    return next((each for each in Doubt if each in doubts), None)


def _sentences(text: str, wanted: Wanted) -> Iterator[_Sentence]:
    parts = _SENTENCE.split(text)  # a sentence, the sign at its end or None, and so on
    for raw, end in zip(parts[::2], (*parts[1::2], None), strict=True):
        marked = without_addresses(recipient_marked(raw, wanted.recipient)).replace("e-mail", "email")
        plain = _CONTRACTION.sub(lambda found: _CONTRACTED[found[0]], marked)
        signs = (each.replace("'", "") if _IS_WORD.match(each) else "," for each in _SIGN.findall(plain))
        said = _COURTESY.sub(" ", " ".join(signs).strip(" ,"))
        words = _I_DID.sub(r"i_\1 \1", _JOINED.sub(lambda found: found[0].replace(" ", "_"), said))
        asks = "?" in (end or "") and not _POLITE.match(said)
        if said.strip():
            yield _Sentence(raw, " ".join(said.split()), tuple(each for each in words.split() if each != ","), asks)


def _doubts(sentence: _Sentence, wanted: Wanted) -> Iterator[Doubt]:
    if sentence.asks:
        yield Doubt.ASKS
    if _has(sentence, _REFUSING):
        yield Doubt.REFUSES
    named = _is_to(sentence, wanted) or _is_of(sentence, wanted)
    if named or len(sentence.words) <= _SHORT or any(_has(sentence, each) for each in (_CONSENT, _POINTING, _TOLD)):
        if _has(sentence, _HOLDING):
            yield Doubt.REFUSES
        if any(_LIMITING.fullmatch(word) and not (wanted.limited and _OF_TIME.fullmatch(word)) for word in sentence.words):
            yield Doubt.LIMITS
    telling = "you" in sentence.words and _has(sentence, _TOLD)
    if _has(sentence, _PAST) and (telling or _has(sentence, _CONSENT) or _has(sentence, _ABOUT_ITSELF)):
        yield Doubt.PAST


def _agrees(sentence: _Sentence, before: _Sentence | None, wanted: Wanted) -> bool:
    """It says so of what is wanted, and to the one wanted and no other; it may point at one of the two."""
    found = _AGREEING.search(sentence.text)
    if not found or _has(sentence, _REPORTING):
        return False
    said = _clause(sentence.text, found)
    of = any(speaks_of(said, kind.partition(":")[0]) for kind in wanted.kinds)
    if _SOMETHING_ELSE.search(said) or _TO_ANOTHER.search(_ROLE.sub(A_RECIPIENT, said)):
        return False
    if _is_to(sentence, wanted):
        return _ROLE.search(said) is not None and (of or _has(sentence, _POINTING))
    pointed = before is not None and _is_to(before, wanted) and _TO_THEM.search(said)
    return of and bool(pointed) and AN_ADDRESS not in sentence.words


def _clause(text: str, found: re.Match[str]) -> str:
    """What agrees, and not what else the sentence says: "..., they leaked my grades"."""
    after = _NEXT_CLAUSE.search(text, found.end())
    earlier = [each.end() for each in _NEXT_CLAUSE.finditer(f" , {text}", 0, found.start() + 3)]
    start = found.start() if earlier else 0
    return text[start : after.start() if after else len(text)]


def _is_to(sentence: _Sentence, wanted: Wanted) -> bool:
    return names_recipient(sentence.raw, wanted.recipient)


def _is_of(sentence: _Sentence, wanted: Wanted) -> bool:
    return any(speaks_of(sentence.raw, kind.partition(":")[0]) for kind in wanted.kinds)


def _has(sentence: _Sentence, words: re.Pattern[str]) -> bool:
    return any(map(words.fullmatch, sentence.words))

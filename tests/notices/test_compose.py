"""Notices answer seven questions in few plain words, and repeat nothing."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dlp.notices import words
from dlp.notices.compose import compose

NOW = datetime(2026, 11, 21, 15, 45, tzinfo=UTC)

CODES = [
    "FAQ:need-to-know",
    "FAQ:need-to-know-undetermined",
    "FAQ:email-batch",
    "FAQ:outside-consent",
    "FAQ:lists-never",
    "FAQ:email-subject",
    "FAQ:weak-identification",
    "FAQ:email-minimise",
    "FAQ:directory-suppressed",
    "FAQ:parents",
    "unscannable:encrypted",
    "unscannable:broken",
    "unscannable:depth",
    "unscannable:unsupported",
    "unscannable:image",
    "unscannable:odd",
    "probe",
]

NEVER = re.compile(
    r"quarantine|blocked|violat|incident|offender|policy conflict|forbidden|illegal|invalid|sensitive information type"
    r"|\bdlp\b|sorry|oops|urgent|immediately|click here|\bplease\b|student|https?:",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"\S+@\S+\w")


def outcomes(states: str, count: int) -> dict[str, str]:
    """`count` recipients whose states repeat those named."""
    cycle = states.split()
    return {f"person{n}@partner.example": cycle[n % len(cycle)] for n in range(count)}


def sentences(text: str) -> list[str]:
    """Ended by . ! ? only, as experience.md measures; a list's dash is no word."""
    flat = " ".join(word for word in text.split() if word != "-")
    return [each for each in re.split(r"(?<=[.!?])[\"')]*\s+", flat) if each]


def syllables(word: str) -> int:
    """Groups of vowels, a silent final e not counted: the usual approximation."""
    plain = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", plain))
    silent = plain.endswith("e") and not plain.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Flesch-Kincaid grade level; an address counts as one short word."""
    told = sentences(ADDRESS.sub("address", text))
    words = [word for each in told for word in each.split()]
    return 0.39 * len(words) / len(told) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_itself() -> None:
    assert grade("The cat sat on the mat. The dog ran to the door.") < 1
    assert grade("Organisational responsibilities necessitate comprehensive institutional considerations.") > 20
    assert len(sentences('It is here. Is it? Rule: "a b" (R1). - One more')) == 4


@pytest.mark.parametrize("count", [1, 3, 120])
@pytest.mark.parametrize("action", ["warn", "rewrite", "hold", "denied", "returned"])
@pytest.mark.parametrize("code", CODES)
def test_short_plain_and_without_words_people_should_not_see(notice, facts, cause, code, action, count) -> None:
    states = {"warn": "delivered", "rewrite": "changed delivered", "hold": "held delivered changed"}.get(action, action)
    action = "hold" if action in ("denied", "returned") else action
    wheres = ("part 2, sheet 1, B7", "file name of part 2", "subject line", "part 1, line 6")
    kinds = ("id", "gpa", "health", "immigration")
    main = cause(code, action, wheres=wheres, kinds=kinds, requirement="R26, R42", refer_to="registrar,dean_graduate")
    extra = cause("FAQ:email-minimise", action, wheres=("part 3",))
    third = cause("unscannable:encrypted", action, wheres=("part 4",))
    tip = cause("FAQ:need-to-know-undetermined", "warn", release=None)
    for causes in ((main,), (main, tip), (main, extra, third, tip)):
        read = notice(facts(outcomes(states, count), *causes, changed=("Subject", "Keywords")), NOW + timedelta(days=3))
        words = [word for word in read.text.split() if word != "-"]
        assert len(words) <= 120, read.text
        assert max(len(each.split()) for each in sentences(read.text)) <= 25, read.text
        assert grade(read.text) <= 8, read.text
        assert not NEVER.search(read.everything.replace("=_", "")), read.text


@pytest.mark.parametrize("action", ["warn", "rewrite", "hold"])
@pytest.mark.parametrize("code", CODES)
def test_the_seven_answers(notice, facts, cause, code, action) -> None:
    state = {"warn": "delivered", "rewrite": "changed", "hold": "held"}[action]
    told = facts({"a@campus.example": "delivered", "b@campus.example": state}, cause(code, action), changed=("Subject",))
    flat = notice(told).flat
    got = "reached 1 of 2 people" if action == "hold" else "delivered to both people"
    assert got in sentences(flat)[0]  # who got it
    assert code == "probe" or "We saw an ID number." in flat  # what was found
    assert "Where: part 1, line 6." in flat  # where
    assert re.search(r'Why: .*Rule: "[a-z ]+" \(R26\)\.', flat)  # why
    assert re.search(r"You can:|Next time,|nothing to fix", flat)  # what can I do
    waiting = "If nobody decides by Thursday 3 December, 17:00 EST, it is never sent."
    assert (waiting if action == "hold" else "You do not need to do anything.") in flat  # until when, and then what
    assert "Write to privacy@campus.example about H7K2-9QMD." in flat  # whom to ask


REACH = [
    ("one", "delivered", 1, "Your message from 10:42 today was delivered to the person you wrote to."),
    ("both", "delivered", 2, "Your message from 10:42 today was delivered to both people."),
    ("all", "delivered", 3, "Your message from 10:42 today was delivered to all 3 people."),
    (
        "one-held",
        "held",
        1,
        "Your message from 10:42 today reached 0 of 1 person. For person0@partner.example it is on hold, not sent.",
    ),
    (
        "one-of-three-held",
        "delivered held delivered",
        3,
        "Your message from 10:42 today reached 2 of 3 people. For person1@partner.example it is on hold, not sent.",
    ),
    (
        "many-held",
        "held",
        10,
        (
            "Your message from 10:42 today reached 0 of 10 people. For person0@partner.example,"
            " person1@partner.example, person2@partner.example and 7 more people it is on hold, not sent."
        ),
    ),
    (
        "four-held",
        "held",
        4,
        (
            "Your message from 10:42 today reached 0 of 4 people. For person0@partner.example,"
            " person1@partner.example, person2@partner.example and 1 more person it"
        ),
    ),
    (
        "delayed-and-refused",
        "delivered delayed refused",
        3,
        (
            "Your message from 10:42 today reached 1 of 3 people. It is still on its way to person1@partner.example."
            " Another mail server did not take it for person2@partner.example."
        ),
    ),
]


@pytest.mark.parametrize(("states", "count", "start"), [pytest.param(*case, id=name) for name, *case in REACH])
def test_it_begins_with_who_got_it(notice, facts, cause, states, count, start) -> None:
    action = "hold" if "held" in states else "warn"
    assert notice(facts(outcomes(states, count), cause(action=action))).flat.startswith(start)


SUBJECTS = [
    ("hold", "delivered held delivered", 3, ("Subject",), "On hold for 1 of 3 people: your message of 10:42 today [H7K2-9QMD]"),
    ("rewrite", "changed", 1, ("Subject",), "Delivered with a changed subject line: your message of 10:42 today [H7K2-9QMD]"),
    ("rewrite", "changed", 1, ("Keywords",), "Delivered with a changed header line: your message of 10:42 today [H7K2-9QMD]"),
    ("hold", "held", 1, (), "On hold for 1 of 1 person: your message of 10:42 today [H7K2-9QMD]"),
    ("warn", "delivered", 2, (), "Delivered, with a tip: your message of 10:42 today [H7K2-9QMD]"),
    ("warn", "refused", 2, (), "With a tip: your message of 10:42 today [H7K2-9QMD]"),
]


@pytest.mark.parametrize("case", SUBJECTS)
def test_subject(notice, facts, cause, case) -> None:
    action, states, count, changed, subject = case
    assert notice(facts(outcomes(states, count), cause(action=action), changed=changed)).message["Subject"] == subject


@pytest.mark.parametrize(("count", "people"), [(1, "1 person"), (2, "2 people"), (9, "9 people")])
def test_a_refusal_alone_says_who_did_not_get_it_and_what_to_do(notice, facts, count, people) -> None:
    read = notice(facts(outcomes("refused", count)))
    assert read.message["Subject"] == f"Not delivered to {people}: your message of 10:42 today [H7K2-9QMD]"
    assert read.flat.startswith("Your message from 10:42 today was not delivered to person0@partner.example")
    assert "Another mail server did not take it." in read.flat
    assert "- Check the address and send it again. - Ask privacy@campus.example to try it once more." in read.flat
    assert "Write to privacy@campus.example about H7K2-9QMD." in read.flat
    assert not re.search("Why:|Rule:|do not need", read.flat)
    assert len(read.text.split()) <= 120
    assert max(len(each.split()) for each in sentences(read.text)) <= 25
    assert grade(read.text) <= 8
    assert not NEVER.search(read.everything.replace("=_", ""))


def test_somebody_whose_copy_was_refused_is_told_what_to_do_beside_a_tip(notice, facts, cause) -> None:
    flat = notice(facts(outcomes("delivered refused", 2), cause(action="warn"))).flat
    assert "did not take it for person1@partner.example. Check the address and send it again." in flat
    assert "do not need to do anything" not in flat


@pytest.mark.parametrize(
    ("later", "when"),
    [
        (timedelta(minutes=3), "10:42 today"),
        (timedelta(hours=14), "10:42 yesterday"),
        (timedelta(days=3), "10:42 on Saturday 21 November"),
    ],
)
def test_times_are_those_of_the_site(notice, facts, cause, later, when) -> None:
    told = facts({"a@x.example": "held"}, cause())
    assert f"Your message from {when} reached" in notice(told, told.received_at + later).flat


@pytest.mark.parametrize(
    ("releases", "sentence"),
    [
        (("sender",), "Ask privacy@campus.example to release it, and say why they should get it."),
        (("sender", "officer"), "A privacy officer decides."),
        (("senior", "officer"), "Only a senior officer may."),
        ((None,), "A privacy officer decides."),
    ],
)
def test_the_strongest_release_right_is_told(notice, facts, cause, releases, sentence) -> None:
    causes = [cause(code, release=release) for code, release in zip(CODES, releases, strict=False)]
    assert sentence in notice(facts({"a@x.example": "held"}, *causes)).flat


def test_offices_are_named_with_their_address_where_there_is_one(notice, facts, cause) -> None:
    flat = notice(facts({"a@x.example": "held"}, cause(refer_to="provost, registrar, elsewhere"))).flat
    assert "Pass the question to the Provost or the Registrar (registrar@campus.example)." in flat
    assert "elsewhere" not in flat


def test_a_neutral_reason_names_no_rule_kind_or_office(notice, facts, cause, site) -> None:
    """Three causes that may not be told apart give the same bytes."""
    causes = [
        cause("FAQ:directory-suppressed", requirement="R20", kinds=("directory",), neutral=True),
        cause("11.2.5", requirement="R54", kinds=("immigration",), refer_to="provost", neutral=True),
        cause("FAQ:outside-consent", requirement="R26", kinds=("id",), neutral=True),
    ]
    told = {compose(facts({"a@x.example": "held"}, each), site, NOW) for each in causes}
    assert len(told) == 1
    flat = notice(facts({"a@x.example": "held"}, causes[1])).flat
    assert 'details about a person that we may not share this way. Where: part 1, line 6. Rule: "personal details".' in flat


@pytest.mark.parametrize("tip", words.TIPS)
@pytest.mark.parametrize("action", ["warn", "rewrite", "hold"])
def test_a_tip_is_one_thing_more_that_a_notice_says(notice, facts, cause, action, tip) -> None:
    state = {"warn": "delivered", "rewrite": "changed", "hold": "held"}[action]
    told = facts({"a@x.example": state}, cause("FAQ:recommendation", action), changed=("Subject",), tips=(tip,))
    read = notice(told)
    assert words.TIPS[tip] in read.flat
    assert words.TIPS[tip] not in notice(replace(told, tips=())).flat
    assert len(read.text.split()) <= 120
    assert max(len(each.split()) for each in sentences(read.text)) <= 25
    assert grade(read.text) <= 8
    assert not NEVER.search(read.everything.replace("=_", ""))


def test_beside_a_reason_that_may_not_be_named_there_is_no_tip(notice, facts, cause) -> None:
    causes = cause("FAQ:directory-suppressed", neutral=True), cause("FAQ:recommendation")
    plain = facts({"a@x.example": "held"}, *causes)
    assert notice(replace(plain, tips=tuple(words.TIPS))).flat == notice(plain).flat


def test_no_notice_has_more_than_two_tips_and_one_it_does_not_know_is_left_out(notice, facts, cause) -> None:
    flat = notice(facts({"a@x.example": "held"}, cause(), tips=("later", *words.TIPS))).flat
    assert [tip for tip, text in words.TIPS.items() if text in flat] == list(words.TIPS)[:2]


@pytest.mark.parametrize(
    ("code", "told"), [("FAQ:outside-consent", True), ("FAQ:need-to-know", True), ("FAQ:email-subject", False)]
)
def test_a_reason_that_rests_on_people_says_there_is_no_directory(notice, facts, cause, code, told) -> None:
    flat = notice(facts({"a@x.example": "held"}, cause(code))).flat
    assert ("No directory of people is loaded yet" in flat) is told


def test_a_hold_says_what_was_changed_for_the_others(notice, facts, cause) -> None:
    told = facts({"a@x.example": "changed", "b@x.example": "held"}, cause(), changed=("Subject",))
    assert "For 1 of the people who got it, we changed the subject line." in notice(told).flat


def test_a_rewrite_says_what_was_changed_and_adds_the_advice_of_a_warning(notice, facts, cause) -> None:
    causes = (cause("FAQ:email-subject", "rewrite"), cause("FAQ:email-minimise", "warn"))
    flat = notice(facts({"a@x.example": "changed"}, *causes, changed=("Subject", "Keywords", "X-Canary"))).flat
    assert (
        "We changed the subject line and the keywords line before it went out. "
        "Not changed: your text, file contents and the reply thread" in flat
    )
    assert "Also: It says more about one person than it must." in flat
    assert "canary" not in flat.lower()


def test_the_reasons_of_the_hold_come_first_not_those_of_the_warning(notice, facts, cause) -> None:
    causes = (cause("FAQ:email-minimise", "warn"), cause("FAQ:outside-consent", "hold"))
    flat = notice(facts({"a@x.example": "delivered", "b@x.example": "held"}, *causes)).flat
    assert "Why: It gives an outside reader details about a person." in flat


TA, COACH, MOTHER, FIRM = "ta@campus.example", "coach@campus.example", "mum@freemail.example", "hr@firm.example"
NEED, FAMILY = "We have no record that the reader needs", "It tells family about a person here."
OUTSIDE, LIST = "It gives an outside reader details", "It tells an outside reader about several people."


def of(cause, code: str, *whom: str, **changes):
    return cause(code, whom=whom, **changes)


def of_two_groups(cause):
    refer = of(cause, "FAQ:parents", MOTHER, refer_to="dean_graduate", requirement="R47")
    return of(cause, "FAQ:need-to-know", TA, COACH), refer


def test_those_who_are_held_for_another_reason_have_their_own(notice, facts, cause) -> None:
    everybody = {TA: "held", COACH: "held", MOTHER: "held", "b@campus.example": "delivered"}
    for causes in (of_two_groups(cause), tuple(reversed(of_two_groups(cause)))):
        read = notice(facts(everybody, *causes))
        assert f"Why, for {TA} and {COACH}? {NEED}" in read.flat
        assert (
            f'Why, for {MOTHER}? {FAMILY} Such questions go to the dean\'s office. Rule: "questions from family" (R47).'
            in read.flat
        )
        assert f"- For {TA} and {COACH}: Send it only to people" in read.flat
        assert f"- For {MOTHER}: Pass the question to the graduate dean's office (dean@campus.example)." in read.flat
        assert read.flat.count("We saw an ID number. Where: part 1, line 6.") == 1
        assert max(len(each.split()) for each in sentences(read.text)) <= 25
        assert grade(read.text) <= 8
        assert len(read.text.split()) <= 120 + 40
        assert not NEVER.search(read.everything.replace("=_", ""))


def test_a_reason_of_everybody_is_told_first_and_one_of_some_with_their_names(notice, facts, cause) -> None:
    causes = of(cause, "FAQ:lists-never", FIRM), of(cause, "FAQ:outside-consent", MOTHER, FIRM)
    flat = notice(facts({MOTHER: "held", FIRM: "held"}, *causes, ids_only=False)).flat
    assert f"Why: {OUTSIDE}" in flat
    assert f"For {FIRM} also: {LIST}" in flat
    assert "- Send it again without these details." in flat
    assert f"- For {FIRM}: Send it again without the list." in flat


def test_nobody_is_named_beside_a_reason_that_is_everybody_s(notice, facts, cause) -> None:
    causes = of(cause, "FAQ:outside-consent", MOTHER, FIRM), of(cause, "FAQ:lists-never", FIRM, MOTHER)
    flat = notice(facts({MOTHER: "held", FIRM: "held"}, *causes)).flat
    assert (f"Why: {OUTSIDE}" in flat, f"Also: {LIST}" in flat, "for mum" in flat, "For mum" in flat) == (
        True,
        True,
        False,
        True,
    )
    assert "- Send it again without these details. - Send it again without the list." in flat


def test_one_office_for_everybody_and_one_step_of_two_groups_name_nobody(notice, facts, cause) -> None:
    office = {"refer_to": "registrar"}
    causes = (
        of(cause, "FAQ:outside-consent", MOTHER, row="O1", **office),
        of(cause, "FAQ:outside-consent", FIRM, row="O3", **office),
    )
    flat = notice(facts({MOTHER: "held", FIRM: "held"}, *causes)).flat
    assert "- Pass the question to the Registrar" in flat
    apart = of(cause, "FAQ:outside-consent", MOTHER, row="O1"), of(cause, "FAQ:outside-consent", FIRM, row="O3")
    flat = notice(facts({MOTHER: "held", FIRM: "held"}, *apart)).flat
    assert (flat.count("Why, for "), "- Send it again without these details." in flat) == (2, True)


@pytest.mark.parametrize("change", [{"neutral": True}, {"whom": ()}], ids=["may-not-be-named", "of-an-earlier-release"])
def test_nobody_is_told_apart_by_a_reason_that_may_not_be_named_or_is_not_known_of_whom(notice, facts, cause, change) -> None:
    first, second = of_two_groups(cause)
    flat = notice(facts({TA: "held", COACH: "held", MOTHER: "held"}, first, replace(second, **change))).flat
    assert ("Why, for" in flat, f"For {MOTHER}" in flat, "Why: " in flat) == (False, False, True)


@pytest.mark.parametrize("action", ["warn", "rewrite", "hold", "denied", "returned"])
def test_reasons_of_many_groups_stay_short_and_name_few(notice, facts, cause, action) -> None:
    state = {"warn": "delivered", "rewrite": "changed", "hold": "held"}.get(action, action)
    states = {f"person{number}@partner.example": state for number in range(120)}
    people = list(states)
    codes = [code for code in CODES if code != "probe"]
    told = [
        of(cause, code, *people[number::4], action=action if action in ("warn", "rewrite") else "hold")
        for number, code in enumerate(codes)
    ]
    for causes in (told[:2], told[:3], told[:4], told):
        read = notice(facts(states, *causes, changed=("Subject",)))
        assert len([word for word in read.text.split() if word != "-"]) <= 120 + 2 * 40, read.text
        assert max(len(each.split()) for each in sentences(read.text)) <= 25, read.text
        assert grade(read.text) <= 8, read.text
        assert 2 <= read.flat.count("Why, for person") <= 3


@pytest.mark.parametrize("action", ["warn", "rewrite", "hold"])
def test_a_test_notice_says_so(notice, facts, cause, action) -> None:
    state = {"warn": "delivered", "rewrite": "changed", "hold": "held"}[action]
    told = facts({"a@campus.example": state}, cause("probe", action, kinds=("directory",), requirement="probe"), test=True)
    read = notice(told)
    assert read.message["Subject"].startswith("Test: ")
    assert "This is a test." in read.flat
    assert 'Rule: "test of the filter".' in read.flat
    assert "We saw" not in read.flat
    assert "This is a test." not in notice(replace(told, test=False)).flat


@pytest.mark.parametrize("action", ["warn", "rewrite", "hold"])
def test_two_hundred_canaries_in_every_field_reach_no_notice(notice, facts, cause, action) -> None:
    """Only addresses are repeated, as typed: no code, place, kind, office, header name or policy line of unknown shape."""
    state = {"warn": "delivered", "rewrite": "changed", "hold": "held"}[action]
    for number in range(200):
        canary = (f"Zqx{number}canary", f"9{number:08}", f"grades_of_zqx{number}.xlsx", f"R{number:04}zqx")[number % 4]
        planted = cause(
            canary,
            action,
            requirement=canary,
            release=canary,
            wheres=(canary, f"file name {canary}", f"part 1, {canary}"),
            kinds=(canary,),
            refer_to=canary,
        )
        read = notice(facts({"a@x.example": state}, planted, replace(planted, action="warn"), changed=(canary,)))
        assert canary.lower() not in read.everything.lower()
        assert canary.encode() not in read.raw


def test_both_alternatives_hold_the_same_words_and_the_html_is_bare(notice, facts, cause, html_words) -> None:
    for action, state in (("warn", "delivered"), ("rewrite", "changed"), ("hold", "held")):
        told = facts({"<b>a&b@x.example": state, '"x"@y.example': state}, cause(action=action), changed=("Subject",))
        read = notice(told)
        words, tags = html_words(read.html)
        assert words == [word for word in read.text.split() if word != "-"]
        assert tags <= {"body", "div", "p", "ul", "li", "span"}
        assert not re.search(r"src=|href=|url\(|https?:", read.html)

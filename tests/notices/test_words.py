"""Every reason code of the decision table has a text, and no text uses a word that people should not see."""

import re
import tomllib
from dataclasses import fields
from importlib import resources

import pytest

from dlp.campus.vocabulary import FIELDS
from dlp.notices import reasons, words
from dlp.rewrite.neutral import WHAT
from tests.upstream import shipped_rules

TABLE_CODES = [
    "FAQ:need-to-know",
    "FAQ:need-to-know-undetermined",
    "FAQ:class-lists",
    "FAQ:email-batch",
    "FAQ:email-minimise",
    "FAQ:inside-consent",
    "none",
    "11.2.2",
    "FAQ:directory-info",
    "FAQ:directory-suppressed",
    "FAQ:own-record",
    "FAQ:email-caution",
    "FAQ:outside-consent",
    "FAQ:own-record-other-student",
    "FAQ:waiver",
    "FAQ:recommendation",
    "FAQ:law-enforcement",
    "FAQ:lists-never",
    "FAQ:parents",
    "11.2.7",
    "FAQ:media",
    "11.2.5",
    "11.2.4:reference",
    "FAQ:degrees-registrar",
    "11.2.4:business-need",
    "FAQ:weak-identification",
    "11.2.4:personnel",
    "FAQ:email-subject",
    "unscannable:encrypted",
    "unscannable:broken",
    "unscannable:truncated",
    "unscannable:ambiguous",
    "unscannable:unsupported",
    "unscannable:image",
    "unscannable:size",
    "unscannable:depth",
    "unscannable:parts",
    "unscannable:header",
    "unscannable:password",
    "unscannable:something-new",
    "probe",
    "something:new",
]

OWN_TEXT = [
    "FAQ:need-to-know",
    "FAQ:need-to-know-undetermined",
    "FAQ:email-batch",
    "FAQ:outside-consent",
    "FAQ:lists-never",
    "FAQ:email-subject",
    "FAQ:weak-identification",
    "FAQ:email-minimise",
    "unscannable:encrypted",
    "unscannable:broken",
    "unscannable:ambiguous",
    "unscannable:truncated",
    "unscannable:unsupported",
    "unscannable:image",
    "probe",
]

NEVER = """
quarantine|blocked|violation|violated|incident|offender|policy conflict|forbidden|illegal|invalid|sensitive information type|
DLP|sorry|oops|urgent|immediately|click here|please|student
""".replace("\n", "")


def all_texts() -> list[str]:
    texts = []
    for name, value in [*vars(words).items(), *vars(reasons).items()]:
        if name.startswith("__") or isinstance(value, type):
            continue
        for item in value.values() if hasattr(value, "values") else [value]:
            if isinstance(item, str):
                texts.append(item)
            elif isinstance(item, reasons.Wording):
                texts += [text for each in fields(item) if not isinstance(text := getattr(item, each.name), bool)]
    return [text for each in texts for text in ([each] if isinstance(each, str) else each)]


@pytest.mark.parametrize("code", TABLE_CODES)
def test_each_code_of_the_decision_table_has_a_text(code: str) -> None:
    found = reasons.wording(code)
    assert all((found.why, found.rule, found.instead, found.tips))


@pytest.mark.parametrize("code", OWN_TEXT)
def test_codes_that_can_occur_have_a_text_of_their_own(code: str) -> None:
    assert reasons.wording(code) not in (reasons.GENERAL, reasons.wording("unscannable:something-new"))


def test_each_row_of_the_shipped_table_that_tells_the_sender_has_a_text_of_its_own() -> None:
    table = tomllib.loads(resources.files("dlp.policy").joinpath("decision-table.toml").read_text())
    told = [row for row in table["row"] if row.get("action") != "pass" and not row.get("neutral")]
    codes = {row["code"].replace("{why}", why) for row in told for why in row["when"].get("unread", ["encrypted"])}
    assert {code for code in codes if reasons.wording(code) is reasons.GENERAL} == set()
    assert len(codes) > 5


@pytest.mark.parametrize("code", ["FAQ:directory-suppressed", "11.2.5", "FAQ:outside-consent", "unscannable:broken"])
def test_a_reason_that_may_not_be_named_has_one_text_for_all(code: str) -> None:
    assert reasons.wording(code, neutral=True) is reasons.NEUTRAL


def test_a_row_chooses_among_the_words_of_its_code_and_never_beside_a_reason_that_may_not_be_named() -> None:
    codes = {row.id: row.code for row in shipped_rules().table}
    told = [reasons.wording(codes[row], row=row) for row in ("S4", "S4-greeted", "S4-merge", "S7")]
    assert len({each.why for each in told}) == 4
    assert {each.rule for each in told} == {"own record only"}
    assert reasons.wording("FAQ:class-lists", row="S7") == reasons.wording("FAQ:class-lists")
    assert reasons.wording(codes["S7"], row="S7", neutral=True) is reasons.NEUTRAL


def test_no_text_uses_a_word_people_should_not_see() -> None:
    texts = [text.replace("dlp held", "held") for text in all_texts()]
    assert len(texts) > 100
    assert [text for text in texts if re.search(rf"\b(?:{NEVER})", text, re.IGNORECASE)] == []


def test_each_tip_of_the_shipped_table_has_its_sentence() -> None:
    table = tomllib.loads(resources.files("dlp.policy").joinpath("decision-table.toml").read_text())
    assert {row["tip"] for row in table["row"] if "tip" in row} == set(words.TIPS)


def test_no_text_promises_a_page_or_a_date() -> None:
    assert [text for text in all_texts() if re.search(r"https?:|\blink\b|sign in|\bpage\b|console", text)] == []


def test_each_record_kind_of_the_formats_has_a_plain_word() -> None:
    kinds = """grades gpa standing enrolment advising financial health accommodation conduct integrity admission immigration
    biographical coursework attendance excuse recommendation photo id contact directory salary evaluation home_address"""
    assert set(kinds.split()) | FIELDS == set(words.KINDS)


def test_whatever_can_be_changed_has_words() -> None:
    assert set(words.HEADERS) == WHAT

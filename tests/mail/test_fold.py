"""Text as people read it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.fold import fold, tagged, turned, unmixed


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a\r\nb\rc\nd\x0be\u2028f", "a\nb\nc\nd\ne\nf"),
        ("0\u200b7\u00ad8\u2060\ufeff", "078"),
        ("\u202e078\u202c\u2066x\u2069", "078x"),
        ("0\x007\x018\ufe0f", "078"),
        ("\u00a0a\u2003b\u3000c\u202fd", " a b c d"),
        ("a\u1680b\u2800c", "a b c"),
        ("\uff10\uff17\uff18", "078"),
        ("\u0660\u0667\u0668 \u0966\u096d\u096e \U0001d7ce\U0001d7d5\U0001d7d6 \u2467", "078 078 078 8"),
        ("ﬁne", "fine"),
        ("9\u03361\u0332 2\ufe0f\u20e3", "91 2"),
        ("A\u0336n\u0336n\u0338\u0332 e\u0301\u0336", "Ann é"),
        ("A\u0274\u0274 \U0001f150\U0001f17d\U0001f17d", "ANN ANN"),
        ("a\r\nb\rc\x0bd", "a\nb\nc\nd"),
        ("e\u0301", "é"),
        ("tab\tkept", "tab\tkept"),
        ("\U000e0041x", "x"),
        ("", ""),
    ],
    ids=ascii,
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@settings(max_examples=200)
@given(st.text())
def test_no_invisible_character_is_left(text: str) -> None:
    folded = fold(text)
    assert not set(folded) & set("\r\x00\u200b\u00ad\u00a0\u202e\ufeff")
    assert all(not sign.isdecimal() or sign.isascii() for sign in folded)


@pytest.mark.parametrize("marks", ["\u0315\u0300", "\u0f71\u0f74", "\u05b0\u0f39\u3099"], ids=ascii)
def test_runs_of_combining_marks_take_no_time(marks: str) -> None:
    start = time.process_time()
    fold("a" + marks * 100_000)
    assert time.process_time() - start < 10  # quadratic would be minutes


def test_a_long_text_folds_as_a_short_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a\r\nb\xadc\u2028d\r" * 5
    whole = fold(text)
    monkeypatch.setattr("dlp.mail.fold._BLOCK", 2)
    assert fold(text) == whole


@pytest.mark.parametrize("digits", ["❾❶❷❸❹❺❻❼❽", "⓽⓵⓶⓷⓸⓹⓺⓻⓼", "⑨①②③④⑤⑥⑦⑧", "⑼⑴⑵⑶⑷⑸⑹⑺⑻", "⒐⒈⒉⒊⒋⒌⒍⒎⒏", "➒➊➋➌➍➎➏➐➑", "⁹¹²³⁴⁵⁶⁷⁸"])
def test_enclosed_digits_are_digits(digits: str) -> None:
    assert fold(digits) == "912345678"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ID \u202e876543219\u202c.", "ID 912345678."),
        ("ID \u2067\u202e876543219\u202c\u2069", "ID \u2067912345678\u2069"),
        ("ID 912\u202e876543\nx", "ID 912345678\nx"),
        ("ID 912345678", ""),
    ],
)
def test_an_override_is_turned(text: str, seen: str) -> None:
    assert turned(text) == seen


SELECTORS = "".join(chr(0xE0100 + byte - 16) for byte in b"ID 912345678")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("x" + "".join(chr(0xE0000 + ord(sign)) for sign in "ID 912345678") + "y", "ID 912345678"),
        ("\U0001f600" + SELECTORS, "ID 912345678"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f \u2764\ufe0f", ""),
        ("ID 912345678", ""),
    ],
    ids=ascii,
)
def test_what_is_written_in_characters_nobody_sees(text: str, seen: str) -> None:
    assert tagged(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("stud\u0435nt \u0406D", "student ID"),
        ("9l2\u0417456", "9l23456"),
        ("\u0410nn", "Ann"),
        ("\u043e\u0446\u0435\u043d\u043a\u0430 \u0441 A", ""),
        ("S\u00f8r\u0435n, student", "S\u00f8ren, student"),
        ("student", ""),
        ("\u03b1-helix, \u03bcm", ""),
        ("\u0422\u0430\u0435-\u0443\u0430ng, a student", "Tae-yang, a student"),
        ("-".join(["\u0430\u0430"] * 50_000), ""),
    ],
)
def test_words_of_mixed_scripts(text: str, seen: str) -> None:
    assert unmixed(text) == seen

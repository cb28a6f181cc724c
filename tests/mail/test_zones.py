"""Who says what in a text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.mail.zones import Stretch, Zone, zones

KIM = "On Tue, Nov 24, 2026 at 10:00, R. Kim <r.kim@freemail.example> wrote:"
LETTERS = {Zone.NEW: "n", Zone.QUOTED: "q", Zone.FORWARDED: "f", Zone.SIGNATURE: "s", Zone.DISCLAIMER: "d"}


def marked(text: str) -> str:
    """One letter for each line, and the depth of what is not the writer's own."""
    found = []
    for each in zones(text):
        letter = LETTERS[each.zone] + (str(each.depth) if each.depth else "")
        found += [letter] * len(text[each.start : each.end].splitlines())
    return " ".join(found)


# the kind of each line of a text
LINES = {
    "own words": ("Hello\n\nworld\n", "n n n"),
    "marks": ("Yes.\n> May I?\n> And he?\nNo.\n", "n q1 q1 n"),
    "marks in marks": ("> May I?\n>> Who?\n> > Me.\n", "q1 q2 q2"),
    "an attribution above marks": (f"Yes.\n\n{KIM}\n> May I?\n", "n n q1 q1"),
    "an attribution on two lines": (
        "Yes.\nOn Tue, Nov 24, 2026 at 10:00, R. Kim\n<r.kim@freemail.example> wrote:\n> May I?",
        "n q1 q1 q1",
    ),
    "answers between the lines": (f"{KIM}\n> May I?\nYes.\n\n> Today?\nNo.", "q1 q1 n n q1 n"),
    "an attribution without marks": (f"Yes.\n\n{KIM}\nMay I?\n\nToday?", "n n q1 q1 q1 q1"),
    "a sentence with a colon is none": ("She wrote on 4 May:\nall is well\n", "n n"),
    "a sentence that introduces a quotation": ("See what they ask:\n> May I?", "n q1"),
    "the header Outlook writes": (
        "Ask them.\n\nFrom: R. Kim <r.kim@freemail.example>\nSent: Tuesday\nTo: K\nSubject: May I?\n\nMay I?\nR\n",
        "n n q1 q1 q1 q1 q1 q1 q1",
    ),
    "the same in bold": ("Ask.\n*From:* R. Kim\n*Sent:* Tuesday\n*Subject:* x\n\nMay I?", "n q1 q1 q1 q1 q1"),
    "labels that are no header": ("From: Boston\nTo: Salem\nAt: noon\n", "n n n"),
    "a marker": ("Ask.\n-----Original Message-----\nFrom: R\nMay I?", "n q1 q1 q1"),
    "a marker and a header": (
        "Ask.\n\n---- Ursprüngliche Nachricht ----\nVon: R\nBetreff: x\n\nDarf ich?",
        "n n q1 q1 q1 q1 q1",
    ),
    "forwarded": ("FYI\n\n---------- Forwarded message ---------\nFrom: R. Kim\nSubject: x\n\nMay I?\n", "n n f1 f1 f1 f1 f1"),
    "forwarded, and a thread in it": (f"FYI\nBegin forwarded message:\n\nYes.\n{KIM}\n> May I?\n", "n f1 f1 f1 f1 f2"),
    "a thread without marks": (
        "Ask.\nFrom: B\nSubject: x\n\nHm.\nFrom: A\nSubject: x\n\nMay I?\n",
        "n q1 q1 q1 q1 q1 q1 q1 q1",
    ),
    "a signature": ("Yes.\n-- \nA. Lind\nPhysics\n", "n s s s"),
    "a signature whose blank was lost": ("Yes.\n--\nA. Lind", "n s s"),
    "a signature above what is quoted": (
        f"Yes.\n-- \nA. Lind\n\n{KIM}\n> May I?\n> -- \n> R\nAnd no.",
        "n s s s q1 q1 q1 q1 n",
    ),
    "a telephone's signature": ("Yes.\nSent from my phone\n", "n s"),
    "dashes in a sentence": ("Yes -- no\n--- \nNo\n", "n n n"),
    "a disclaimer to its end": ("Yes.\n\nThis e-mail and any attachments\nare confidential.\n\nP.S. No.", "n n d d d n"),
    "a disclaimer in a signature": ("-- \nA\nCONFIDENTIALITY NOTICE: read\nby nobody\n", "s s d d"),
    "no text": ("", ""),
    "blank lines": ("\n\n", "n n"),
}


@pytest.mark.parametrize("name", LINES)
def test_each_line_has_a_zone(name: str) -> None:
    text, expected = LINES[name]
    assert marked(text) == expected


# attributions as mail programs write them
ATTRIBUTIONS = [
    "On Tue, Nov 24, 2026 at 10:00 AM R. Kim <r.kim@freemail.example> wrote:",
    "On 24/11/2026 10:00, R. Kim wrote:",
    "R. Kim <r.kim@freemail.example> writes:",
    "Quoting R. Kim <r.kim@freemail.example>:",
    "Am Di., 24. Nov. 2026 um 10:00 Uhr schrieb R. Kim <r.kim@freemail.example>:",
    "Le mar. 24 nov. 2026 à 10:00, R. Kim <r.kim@freemail.example> a écrit :",
    "El mar, 24 nov 2026 a las 10:00, R. Kim (<r.kim@freemail.example>) escribió:",
    "Il giorno mar 24 nov 2026 alle ore 10:00 R. Kim <r.kim@freemail.example> ha scritto:",
    "Em ter., 24 de nov. de 2026 às 10:00, R. Kim <r.kim@freemail.example> escreveu:",
    "Op di 24 nov 2026 om 10:00 schreef R. Kim <r.kim@freemail.example>:",
    "Den tis 24 nov. 2026 kl 10:00 skrev R. Kim <r.kim@freemail.example>:",
    "ti 24. marrask. 2026 klo 10.00 R. Kim (r.kim@freemail.example) kirjoitti:",
    "wt., 24 lis 2026 o 10:00 R. Kim <r.kim@freemail.example> napisał(a):",
    "R. Kim <r.kim@freemail.example>, 24 Kas 2026 Sal, 10:00 tarihinde şunu yazdı:",  # noqa: RUF001
    "вт, 24 нояб. 2026 г. в 10:00, R. Kim <r.kim@freemail.example> написал(а):",  # noqa: RUF001
    "R. Kim <r.kim@freemail.example> 于2026年11月24日周二 10:00写道:",
    "2026年11月24日(火) 10:00 R. Kim <r.kim@freemail.example>のメール:",
    "2026년 11월 24일 (화) 오전 10:00, R. Kim <r.kim@freemail.example>님이 작성:",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS, ids=ascii)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_an_attribution_says_whose_the_next_lines_are(line: str, mark: str) -> None:
    text = f"Ask them.\n\n{line}\n{mark}May I?\n"
    own, quoted = zones(text)
    assert (own.zone, quoted.zone, quoted.depth, quoted.by) == (Zone.NEW, Zone.QUOTED, 1, line)
    assert text[quoted.start :].startswith(line)


def test_whose_a_quotation_is_goes_by_its_depth() -> None:
    text = f"Yes.\n{KIM}\n> Hm.\n> On 23 Nov, K. Brandt wrote:\n>> No.\n> Oh.\n"
    assert [(each.depth, each.by) for each in zones(text)] == [(0, ""), (1, KIM), (2, "On 23 Nov, K. Brandt wrote:"), (1, KIM)]


def test_another_attribution_ends_what_was_said_of_deeper_quotations() -> None:
    text = "> On 2 May, A wrote:\n>> a\nOn 3 May, B wrote:\n> b\n>> c\n"
    assert [each.by for each in zones(text)] == ["", "On 2 May, A wrote:", "On 3 May, B wrote:", ""]


def test_a_sentence_above_a_quotation_says_whose_it_is_and_stays_the_writers_own() -> None:
    text = f"{KIM}\n> a\nAs the other office told me:\n> b\n"
    assert [(each.zone.value, each.by) for each in zones(text)] == [
        ("quoted", KIM),
        ("new", ""),
        ("quoted", "As the other office told me:"),
    ]


def test_without_any_such_line_nobody_is_named() -> None:
    assert zones("> a\n") == (Stretch(Zone.QUOTED, 0, 4, 1, ""),)


PIECES = [
    "Hello",
    "",
    "> a",
    ">> b",
    "-- ",
    KIM,
    "On 3 May",
    "B wrote:",
    "From: A <a@x.example>",
    "Subject: x",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "This e-mail and any",
    "> On 3 May, B wrote:",
    "Sent from my",
    "Ask:",
    "\r",
    "\u2028",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("\n".join)))
def test_stretches_are_whole_lines_and_make_up_the_text(text: str) -> None:
    found = zones(text)
    assert "".join(text[each.start : each.end] for each in found) == text
    assert [each.start for each in found] == [0, *(each.end for each in found)][: len(found)]
    assert all(each.end == len(text) or text[each.end - 1] == "\n" for each in found)
    assert all((each.depth > 0) == (each.zone in (Zone.QUOTED, Zone.FORWARDED)) for each in found)
    assert all(one != other for one, other in pairwise(found))


@pytest.mark.parametrize("line", [*PIECES, ">" * 500, "On " * 100, "*" * 500 + "From:", "From:\n", "- " * 200])
def test_many_lines_take_no_time(line: str) -> None:
    start = time.process_time()
    zones((line + "\n") * (300_000 // (len(line) + 1)))
    assert time.process_time() - start < 20  # quadratic would be minutes

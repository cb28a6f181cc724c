"""The measure of accuracy holds to its own rules: authors' files, splits that share nothing, labels, and a report of all."""

from __future__ import annotations

import csv
import html
import random
import re
import time
from collections import Counter
from dataclasses import replace

import lxml.html
import pytest

from tests.accuracy.files import write
from tests.accuracy.frames import AUTHORS, SLOT, TRAINS, frames, intents, split
from tests.accuracy.generate import messages, plain_letters
from tests.accuracy.judging import Outcome, outcomes, prepared
from tests.accuracy.measures import MEASURES, Rate, calibration_error, reliability, twins
from tests.accuracy.page import page
from tests.accuracy.progress import at, counted, told
from tests.accuracy.report import Cell, Section, as_text, sections
from tests.accuracy.situations import expected, listed, situations
from tests.accuracy.world import POOLS, World

WRITTEN = sorted(path.stem for path in AUTHORS.glob("*.toml") if path.stem != "split")
_PLAIN = {
    "i",
    "a",
    "the",
    "of",
    "to",
    "and",
    "in",
    "it",
    "is",
    "that",
    "for",
    "on",
    "at",
    "be",
    "was",
    "has",
    "have",
    "with",
    "you",
}
_MOST_SHARED = 0.015  # two writers of English share one in a hundred


@pytest.mark.parametrize("author", WRITTEN)
def test_an_author_has_written_every_intent(author):
    written = {frame.intent.id for frame in frames(author)}
    assert len(written) >= 43 or author in (*split()["harmless"], *split()["pairs"])
    assert author in {each for authors in split().values() for each in authors}


def test_nobody_trains_and_scores():
    everybody = [author for authors in split().values() for author in authors]
    assert len(everybody) == len(set(everybody))


def fours(author):
    """Words in a row, slots left out, of which three say something."""
    words = (re.findall(r"[a-z']+", SLOT.sub(" ", frame.text.lower())) for frame in frames(author))
    return {
        tuple(each[at : at + 4]) for each in words for at in range(len(each) - 3) if len(set(each[at : at + 4]) - _PLAIN) > 2
    }


@pytest.mark.parametrize("measured", [*split()["dev"], *split()["test"], *split()["new"]])
def test_who_is_measured_shares_hardly_a_phrase_with_who_trains(measured):
    own = fours(measured)
    for author in (author for part in TRAINS for author in split()[part]):
        assert len(own & fours(author)) <= _MOST_SHARED * len(own)


def test_worlds_of_different_splits_share_no_name_and_the_same_world_is_the_same():
    worlds = [World(pool) for pool in POOLS.values()]
    larger = [World(pool, 3_000) for pool in POOLS.values()]
    names = [
        {(each.name.given, each.name.family) for world in both for each in (*world.students, *world.staff)}
        for both in zip(worlds, larger, strict=True)
    ]
    assert not any(one & other for nth, one in enumerate(names) for other in names[:nth])
    again = World(0)
    assert again.subjects[0].instructor == worlds[0].subjects[0].instructor
    assert again.students == worlds[0].students


def test_the_files_say_of_everybody_what_the_world_does(tmp_path):
    world = World(0, 150)
    write(world, tmp_path)
    rows = {path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) for path in tmp_path.iterdir()}
    assert [(row["id"], row["email"]) for row in rows["students"]] == [(each.id, each.email) for each in world.students]
    taken = {(row["subject"], row["student_id"]) for row in rows["enrolments"]}
    assert taken == {(subject.number, each.id) for subject in world.subjects for each in subject.students}
    assert len(rows["enrolments"]) == len(taken) == 600
    assert {row["student_id"]: row["email"] for row in rows["advising"]} == {
        student: advisor.email for student, advisor in world.advisor_of.items()
    }
    teaching = {(row["subject"], row["role"]): row["email"] for row in rows["assignments"]}
    assert all(teaching[each.number, "ta"] == each.assistant.email for each in world.subjects)
    assert [row["title"] for row in rows["subjects"]] == [each.title for each in world.subjects]


def test_few_of_many_students_have_a_namesake_and_there_are_strangers():
    world = World(0, 3_000)
    names = Counter((each.name.given, each.name.family) for each in world.students if each.name.culture != "words")
    assert sum(times for times in names.values() if times > 1) < 0.05 * len(world.students)
    assert world.stranger(random.Random(1)).name.family


def test_every_intent_has_a_situation_and_every_twin_its_other_half():
    assert all(situations()[intent] for intent in intents())
    for rows in situations().values():
        assert {row.twin_of for row in rows} - {""} <= {row.id for row in rows}


def test_a_letter_is_labelled_with_what_its_author_marked():
    world = World(POOLS["train"])
    message = next(each for each in plain_letters("a", world, 1) if each.frame.intent.id == "grade")
    label = message.label("train", world)
    assert [each["category"] for each in label["disclosures"]] == ["grades"]
    assert {"PERSON", "TELLS"} <= {span["type"] for span in label["spans"]}
    assert label["expect"][message.copies[0].address]["action"] == "hold"


def message_in(intent, situation, number=1):
    chosen = messages("a", World(POOLS["train"]), only={intent})
    return next(each for each in chosen if each.copies[0].situation.id == situation and each.frame.number >= number)


def test_the_twin_that_names_nobody_names_nobody():
    told, twin = message_in("grade", "outside"), message_in("grade", "nobody-named")
    names = [each.name.family for each in (*told.students, *twin.students)]
    assert any(name in told.letter.body.text for name in names)
    assert not any(name in twin.letter.body.text + twin.letter.subject.text for name in names)
    assert twin.copies[0].expected.action == "pass"


@pytest.mark.parametrize(
    ("intent", "situation", "action"),
    [("own-record", "own-address", "pass"), ("subject-word", "own-address", "rewrite"), ("number", "need-to-know", "warn")],
)
def test_a_listed_word_is_rewritten_and_name_and_number_together_warn(intent, situation, action):
    letter = message_in(intent, situation).letter
    [row] = [each for each in situations()[intent] if each.id == situation]
    assert expected(replace(row, action="pass"), letter).action == action


@pytest.mark.parametrize(
    ("subject", "is_listed"),
    [("Re: grades", True), ("Re: regrades", False), ("final_grades.xlsx", True), ("Your GPA", True), ("gpa check", False),
     ("Grad school", False), ("Academic difficulties", True), ("Upgrade", False), ("Cap and gown", False)],
)  # fmt: skip
def test_what_is_listed_is_what_the_pattern_file_lists(subject, is_listed):
    assert bool(listed().search(subject)) is is_listed


def test_twins_count_when_both_are_right():
    one, other = made("outside", "", "hold"), made("consent", "outside", "pass")
    assert twins([one, other]) == Rate(1, 1)
    assert twins([replace(one, action="pass"), other]) == Rate(0, 1)
    assert twins([one, replace(other, action="hold")]) == Rate(0, 1)
    assert twins([one]) == Rate(0, 0)


def made(situation, twin_of, action):
    given = dict.fromkeys(Outcome.__dataclass_fields__, "")
    return Outcome(
        **given | {"frame": "a-grade-1", "situation": situation, "twin_of": twin_of, "expected": action, "action": action}
    )


def test_the_worst_misses_of_a_kind_come_first():
    passed, warned, stopped = made("outside", "", "pass"), made("outside", "", "warn"), made("consent", "outside", "hold")
    wrong = [
        replace(each, expected=expected, intent="grade", kinds=("grades",), milliseconds=1.0, confidence=0.0)
        for each, expected in ((stopped, "pass"), (warned, "hold"), (passed, "hold"), (made("outside", "", "hold"), "hold"))
    ]
    [misses] = [part for part in sections(wrong) if part.title == "Worst misses: grades"]
    assert [row[-3:-1] for row in misses.rows] == [("hold", "pass"), ("hold", "warn"), ("pass", "hold")]


SURE = ((0.61, "hold"), (0.69, "pass"), (0.9, "hold"), (0.9, "hold"))


def test_how_sure_a_hold_was_is_compared_with_how_often_it_is_right():
    holds = [replace(made("outside", "", "hold"), confidence=sure, expected=wanted) for sure, wanted in SURE]
    points = reliability(holds)
    assert [(round(sure, 3), rate) for sure, rate in points] == [(0.65, Rate(1, 2)), (0.9, Rate(2, 2))]
    assert calibration_error(points) == pytest.approx((0.15 + 0.1) / 2)


def test_a_page_shows_each_rate_and_loads_nothing():
    rows: tuple[tuple[Cell, ...], ...] = (("a < b", Rate(9, 10), Rate(1, 100)), ("nobody", Rate(0, 0), Rate(0, 4)))
    whole = page("All & more", [Section("Some", ("who", "found", "wrong"), rows, plot="opponents"), Section("No", ("a",), ())])
    tree = lxml.html.document_fromstring(whole)
    assert [each.text for each in tree.iter("h2")] == ["Some", "No"]
    assert len(tree.xpath("//svg[@class='bar']")) == 3
    assert tree.xpath("//td/text()")[0] == "a < b"
    assert "9 of 10, 59.6 to 98.2%" in tree.text_content()
    assert not tree.xpath("//script | //img | //link | //iframe | //@src | //@*[starts-with(name(), 'on')]")
    assert all(address.startswith("#") for address in tree.xpath("//@href"))
    assert "default-src 'none'" in whole


def test_a_rate_has_the_interval_of_wilson():
    low, high = Rate(46, 48).interval
    assert (round(low, 3), round(high, 3)) == (0.860, 0.988)


def test_what_a_long_run_is_at_is_told_into_a_pipe_too(capsys):
    with told(seconds=0.05):
        at("writing")
        time.sleep(0.08)
        for _ in counted("abc", 3, "judged"):
            time.sleep(0.12)
    assert {line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()} == {
        "writing",
        *(f"{number} of 3 judged" for number in (1, 2, 3)),
    }


def test_copies_are_judged_and_reported_without_a_word_of_a_letter(tmp_path):
    world = World(POOLS["train"])
    prepared(world, tmp_path)
    chosen = [each for each in messages("a", world, only={"number", "policy"}) if each.frame.number < 3]
    found = list(outcomes(tmp_path / "site" / "config.toml", chosen, processes=1))
    assert len(found) >= len(chosen) > 20
    by_intent = {intent: [each for each in found if each.intent == intent] for intent in ("number", "policy")}
    assert all(each.right for each in by_intent["policy"])
    assert sum(each.right for each in by_intent["number"]) > 0.8 * len(by_intent["number"])
    assert twins(found).n
    parts = list(sections(found))
    for said in ("\n".join(as_text("some", parts)), page("some", parts)):
        assert all(html.escape(measure.name) in said for measure in MEASURES)
        assert not any(person.name.family in said or person.id in said for each in chosen for person in each.students)

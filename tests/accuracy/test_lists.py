"""Lists of the measure of accuracy: their layouts hold together, splits differ, and each form is read as it was written."""

from __future__ import annotations

import random
import re
from email import message_from_bytes
from email.policy import SMTP

import pytest

from dlp.commands.reading import reader_of
from dlp.config import load
from tests.accuracy import report
from tests.accuracy.forms import FILES, PASTED, forms_of, in_form
from tests.accuracy.frames import LISTS, intents
from tests.accuracy.generate import list_messages
from tests.accuracy.judging import outcomes, prepared
from tests.accuracy.lists import EVERYBODY, drawn, layouts, layouts_of
from tests.accuracy.mails import Draft, message
from tests.accuracy.soffice import SAVED_AS, by_office
from tests.accuracy.world import POOLS, World

READ = reader_of(load(None, ()))
_WORD = re.compile(r"\w+[+-]?")
BY_ID = {each.id: each for each in layouts()}


def table(layout, seed=1):
    world = World(POOLS["train"])
    return drawn(layout, world.subjects[0], world, random.Random(seed))


def read(layout, form, seed=1):
    """A list as the filter reads it, and its cells."""
    made, _ = table(layout, seed)
    somebody = World(POOLS["train"]).staff[0]
    draft = in_form(Draft("A list", "Here it is.", somebody, ((somebody, somebody.email),), somebody), made, form)
    raw = message(draft, "html" if form == "html" else "plain", random.Random(seed))
    texts = READ(raw)
    assert not texts.unread
    return texts, made


def test_every_layout_has_a_name_of_its_own_and_words_that_are_known():
    assert len(BY_ID) == len(layouts())
    for each in layouts():
        assert each.what in LISTS
        assert each.what in intents()
        assert set(each.forms) <= {*PASTED, *FILES}
        made, told = table(each)
        assert bool(made.text) != bool(made.sheets)
        assert bool(told) == (each.people == "students")


def test_each_split_has_layouts_that_no_other_has():
    own = {name: {each.id for each in layouts() if each.split == name} for name in POOLS}
    assert all(len(ids) >= 20 for ids in own.values())
    assert {each.split for each in layouts()} == {*POOLS, EVERYBODY}
    assert not own["test"] & {each.id for each in layouts_of(POOLS["train"])}


@pytest.mark.parametrize("form", [*PASTED, *FILES])
def test_a_list_is_read_in_the_form_it_travels_in(form):
    texts, made = read(BY_ID["id-scores"], form)
    words = {word for view in texts.views for word in _WORD.findall(view.text)}
    [rows] = made.sheets.values()
    assert {word for row in rows for cell in row for word in _WORD.findall(cell)} <= words


def test_several_sheets_are_several_files_where_a_format_has_one():
    layout = BY_ID["names-on-another-sheet"]
    made, _ = table(layout)
    assert len(FILES["csv"][0](made)) == 2
    assert len(FILES["xlsx"][0](made)) == 1


def test_layouts_are_judged_in_every_form_they_travel_in(tmp_path):
    world = World(POOLS["train"])
    chosen = {"name-grade", "race", "dashes"}
    made = list(list_messages(["a"], world, only=chosen))
    assert {(each.layout, each.form) for each in made} == {(name, form) for name in chosen for form in forms_of(BY_ID[name])}
    prepared(world, tmp_path)
    few = [each for each in made if each.layout != "dashes" and each.form in {"tabs", "xlsx", "pdf"}]
    found = list(outcomes(tmp_path / "site" / "config.toml", few, processes=1))
    assert all(each.right for each in found)
    said = "\n".join(report.as_text("some", report.sections(found)))
    assert "name-grade" in said
    assert not any(person.name.family in said for each in few for person in each.students)


def test_a_list_saved_by_another_program_takes_the_place_of_its_file():
    world, asked = World(POOLS["train"]), []

    def convert(files, ending, folder):
        asked.append((len(files), ending))
        for file in files:
            (folder / f"{file.stem}.{ending}").write_bytes(file.read_bytes()[:2] + b"saved")

    made = [
        each for each in list_messages(["a"], world, only={"name-grade", "problems"}) if each.form in {"xlsx", "csv", "docx"}
    ]
    found = list(by_office(made, convert))
    assert asked == [(2, ending) for endings in SAVED_AS.values() for ending in endings]
    assert {each.form for each in found} >= {"xlsx saved as ods", "docx saved as doc"}
    assert {each.layout for each in found} == {"name-grade", "problems"}
    for each in found:
        [part] = message_from_bytes(each.raw, policy=SMTP).iter_attachments()
        assert part.get_filename() == f"list.{each.form.rpartition(' ')[2]}"
        content = part.get_content()
        assert (content.encode() if isinstance(content, str) else content) == b"PKsaved"

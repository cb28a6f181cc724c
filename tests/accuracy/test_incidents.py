"""The incidents universities told of happen again, and the list is held for everybody, whatever form it travels in."""

from __future__ import annotations

import random
import tomllib
from functools import cache
from pathlib import Path

import pytest

from dlp.commands.judging import Asked, judged
from dlp.values import Action, Origin
from tests.accuracy.forms import in_form
from tests.accuracy.judging import NOW, prepared
from tests.accuracy.lists import Layout, filled
from tests.accuracy.mails import Draft, message
from tests.accuracy.world import POOLS, World

INCIDENTS = tomllib.loads((Path(__file__).parent / "incidents.toml").read_text(encoding="utf-8"))["incident"]
FORMS = ("csv", "xlsx", "xlsx-hidden", "pdf", "tabs", "aligned")


@cache
def world():
    return World(POOLS["train"])


@pytest.fixture(scope="module")
def sifter(tmp_path_factory):
    return prepared(world(), tmp_path_factory.mktemp("campus"))


def readers(words, people):
    chance = random.Random(1)
    others = [each for each in world().students if each not in people]
    found = {
        "students on it": people[:4],
        "a student": others[:1],
        "stranger": [world().stranger(chance)],
        "staff who may not know": world().with_purview("housing")[:1],
    }
    return [each for word in words for each in found[word]]


def replayed(incident, form):
    chance = random.Random(incident["id"])
    people = chance.sample(world().students, incident["count"])
    layout = Layout(incident["id"], "grade-list", "all", heading=incident["heading"], row=incident["row"])
    table = filled(layout, people, world().subjects[0], world().staff, chance)
    to = tuple((each, each.email) for each in readers(incident["readers"], people))
    sender = world().advisors[0]
    draft = in_form(Draft("For your information", incident["text"], sender, to, sender), table, form)
    return sender, to, message(draft, "html" if form == "html" else "plain", chance)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda each: each["id"])
def test_an_incident_is_held_for_everybody(sifter, incident, form):
    sender, to, raw = replayed(incident, form)
    asked = Asked(sender.email, tuple(address for _, address in to), Origin.SUBMISSION, "", NOW)
    decided = judged(incident["id"], raw, asked, sifter.rules, sifter.read, sifter.known).judgement
    assert [ruling.action for ruling in decided.rulings] == [Action.HOLD] * len(to)

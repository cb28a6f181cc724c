"""Log events: a closed list of names, one JSON object a line, never the text of an exception."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from dlp.events import JsonLines, event, failure

LOGGER = logging.getLogger("dlp.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    for each in (LOGGER, logging.getLogger("library.test")):
        each.addHandler(handler)
        each.setLevel(logging.INFO)
    yield stream
    for each in (LOGGER, logging.getLogger("library.test")):
        each.removeHandler(handler)


def line(stream: io.StringIO) -> dict[str, object]:
    (only,) = stream.getvalue().splitlines()
    value = json.loads(only)
    assert isinstance(value, dict)
    return value


def test_an_event_is_one_json_object(stream):
    event(LOGGER, "message.judged", ref="H7K2-9QMD", codes=["a", "b"], bytes=12)
    found = line(stream)
    assert found["event"] == "message.judged"
    assert (found["ref"], found["codes"], found["bytes"], found["level"]) == ("H7K2-9QMD", ["a", "b"], 12, "info")
    assert str(found["time"]).endswith("Z")


@pytest.mark.parametrize("field", ["subject", "sender", "text", "file_name", "recipient"])
def test_a_field_that_is_not_listed_is_an_error(stream, field):
    with pytest.raises(ValueError, match=field):
        event(LOGGER, "message.judged", **{field: "secret"})
    assert not stream.getvalue()


def test_a_failure_tells_class_and_place_only(stream):
    try:
        raise ValueError("ann@campus.example")
    except ValueError as error:
        failure(LOGGER, "error", error, ref="H7K2-9QMD")
    found = line(stream)
    assert found["error"] == "ValueError"
    assert str(found["where"]).startswith("test_events.py:")
    assert "ann@" not in stream.getvalue()


def test_a_failure_that_was_never_raised_has_no_place(stream):
    failure(LOGGER, "error", ValueError("x"))
    assert line(stream)["where"] == ""


@pytest.mark.parametrize("hostile", ["line\nbreak", 'quote"', "\x1b[31m", "\u2028", "\ud800"])
def test_a_value_cannot_break_its_line(stream, hostile):
    event(LOGGER, "x", queue_id=hostile)
    assert line(stream)["queue_id"] == hostile
    assert stream.getvalue().isascii()


def test_other_libraries_are_named_and_not_quoted(stream):
    try:
        raise ValueError("secret")
    except ValueError:
        logging.getLogger("library.test").exception("a secret %s", "secret")
    assert line(stream)["what"] == "library.test"
    assert "secret" not in stream.getvalue()

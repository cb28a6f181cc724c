"""The test strings: found as written in the Subject and in text, nowhere else."""

from __future__ import annotations

import pytest

from dlp.detectors import probe
from dlp.detectors.patterns import PatternSet
from dlp.values import Channel, Finding, Role, Texts, View


def find(*views: View) -> tuple[Finding, ...]:
    return PatternSet((), str).find(Texts((), (), views))


@pytest.mark.parametrize(("pattern", "string"), probe.STRINGS.items())
def test_found_in_subject_and_text(pattern: str, string: str) -> None:
    subject = View(Channel.HEADERS, "", "subject line", f"Re: {string}", field="subject", occurrence=1)
    found = find(subject, View(Channel.TEXT, "1", "part 1", f"hello\n{string}\n{string}"))
    assert [(each.pattern, each.role, each.where) for each in found] == [
        (pattern, Role.PROBE, "subject line"),
        (pattern, Role.PROBE, "part 1, line 2"),
        (pattern, Role.PROBE, "part 1, line 3"),
    ]
    assert all(each.confidence == 1 and each.enforced and each.kind == "directory" for each in found)
    assert string not in "".join(each.masked for each in found)


def test_not_found_elsewhere_or_written_otherwise() -> None:
    assert not find(
        View(Channel.ATTACHMENTS, "2", "part 2", probe.HOLD),
        View(Channel.HEADERS, "2", "file name of part 2", probe.HOLD),
        View(Channel.TEXT, "1", "part 1", probe.HOLD.lower()),
        View(Channel.TEXT, "1", "part 1", probe.HOLD[:-1]),
    )


def test_the_strings_are_of_one_form() -> None:
    for pattern, string in probe.STRINGS.items():
        start = f"CAMPUS-DLP-TEST-{pattern.removeprefix('probe-').upper()}-"
        assert string.startswith(start)
        assert len(string) == len(start) + 20

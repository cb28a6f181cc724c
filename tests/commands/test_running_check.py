"""`dlp doctor` and how the running filter judges: by other rules than lie here, or holding nothing."""

from __future__ import annotations

import pytest

from dlp import config
from dlp.commands.checkup import Check, State
from dlp.commands.running_check import judging
from dlp.in_force import rules_of
from tests.commands.test_readiness import answering, http

HERE = rules_of(config.load(None), str).revision
OTHER = "e8b1e2fb8391"


def page(mode: str, *revisions: str) -> bytes:
    """A page of metrics as the monitor gives it."""
    rows = [f'dlp_ruleset_info{{revision="{each}"}} 1.0' for each in revisions]
    text = "\n".join(
        [
            "# HELP dlp_ruleset_info 1 for each ruleset some process judges by",
            "# TYPE dlp_ruleset_info gauge",
            *rows,
            'dlp_ruleset_info{revision="0123456789ab"} 0.0',
            "# TYPE dlp_enforcement_info gauge",
            f'dlp_enforcement_info{{mode="{mode}"}} 1.0\n',
        ]
    )
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{text}".encode()


def checks(answer: bytes | None, mode: str) -> dict[str, Check]:
    words = [f"policy.mode={mode}"]
    if answer is None:
        return {check.name: check for check in judging(config.load(None, [*words, "metrics.listen="]))}
    with answering(answer) as port:
        return {check.name: check for check in judging(config.load(None, [*words, f"metrics.listen=127.0.0.1:{port}"]))}


# what is answered at the address of the metrics, the mode of this configuration, and the rows with a part of what they say
CASES: dict[str, tuple[bytes | None, str, dict[str, str]]] = {
    "as here": (page("enforce", HERE), "enforce", {}),
    "by other rules": (page("enforce", OTHER), "enforce", {"running rules": f"judges by {OTHER}"}),
    "by these, and some process by those before": (page("enforce", OTHER, HERE), "enforce", {}),
    "observing, which is not written here": (
        page("observe", OTHER),
        "enforce",
        {"running rules": OTHER, "mode": "nothing is held or changed"},
    ),
    "holding, and written to observe": (
        page("enforce", HERE),
        "observe",
        {"running rules": HERE, "mode": "nothing is held from its next start on"},
    ),
    "none runs, and written to observe": (None, "observe", {"mode": "nothing is held or changed"}),
    "none runs": (None, "enforce", {}),
    "another program": (b"220 mail.campus.example ESMTP\r\n", "enforce", {}),
    "another page": (http("200 OK", {"a": "b"}), "observe", {"mode": "nothing is held or changed"}),
    "nonsense": (b"HTTP/1.1 200 OK\r\n\r\n{{{ \xff = \n} 1\n# TYPE\n", "enforce", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_what_runs_otherwise_than_it_is_written_here_is_a_warning(case: str) -> None:
    answer, mode, told = CASES[case]
    found = checks(answer, mode)
    assert found.keys() == told.keys()
    assert all(what in found[name].what for name, what in told.items())
    assert all(check.state is State.WARN and check.remedy for check in found.values())


def test_rules_that_do_not_load_are_not_compared() -> None:
    with answering(page("enforce", OTHER)) as port:
        settings = config.load(None, [f"metrics.listen=127.0.0.1:{port}", 'policy.patterns=["nowhere"]'])
        assert list(judging(settings)) == []

"""`dlp explain --what-if`: supposed rows change the verdict as imported ones would, with the reason, and nothing is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import Result

from dlp.commands.judging import Asked, as_document, judged
from dlp.commands.lookups import LookUps
from dlp.commands.what_if import suppose, supposing
from dlp.errors import Refused
from dlp.limits import Limits
from dlp.pipeline import Known
from dlp.values import Origin
from tests import stated
from tests.campus.imported import small_university
from tests.commands.test_explain import CASES, explained, run, site
from tests.test_cases import NOW, SLUGS, as_decided, as_expected, case, rules

__all__ = ["site"]  # the fixture
CONSENT = (
    "consent_id,student_id,kinds,recipient,purpose,given_on,strength\n"
    "C1,912345678,{kinds},{recipient},employment,2026-09-01,written\n"
)
WITH_PERMITS = [slug for slug in SLUGS if case(slug).keys() & {"consent", "approval"} and not case(slug).keys() & stated.KEYS]


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def as_csv(cells: list[dict[str, object]]) -> str:
    columns = sorted({column for row in cells for column in row})
    return "".join(
        ",".join(line) + "\n" for line in [columns, *([str(row.get(each, "")) for each in columns] for row in cells)]
    )


@pytest.mark.parametrize("slug", WITH_PERMITS)
def test_consents_and_approvals_that_are_supposed_decide_as_those_that_are_there(slug: str, tmp_path: Path) -> None:
    given = case(slug)
    written(tmp_path, **{f"{name}s": as_csv(given[name]) for name in ("consent", "approval") if given.get(name)})
    addresses = tuple(entry["address"] for entry in given["recipient"])
    asked = Asked(given.get("sender"), addresses, Origin(given.get("origin", "submission")), given.get("login", ""), NOW)
    known = supposing(LookUps(Known(small_university(), str)), suppose(tmp_path, NOW.date()))
    checked = judged(slug, (CASES / f"{slug}.eml").read_bytes(), asked, *rules(tuple(given.get("set", ()))), known)
    decided: dict[str, dict[str, object]] = as_document(checked, Limits())["recipients"]  # type: ignore[assignment]
    expected = {entry["address"]: as_expected(entry) for entry in given["recipient"]}
    assert {address: as_decided(ruling) for address, ruling in decided.items()} == expected


def asked(site: Path, slug: str, rows: Path, *words: str) -> Result:
    return explained(site, slug, "--what-if", str(rows), *words)


def test_a_consent_would_let_it_go_and_says_what_that_changes(site: Path, tmp_path: Path) -> None:
    rows = written(tmp_path, consents=CONSENT.format(kinds="grades;id", recipient="hr@acme.example"))
    shown = asked(site, "need-split", rows, "--as", "hr@acme.example").stdout.splitlines()
    assert shown[0].endswith("supposing 1 of consents.csv")
    assert shown[1] == "hold (officer) → warn  hr@acme.example"
    assert (
        "├─ hr@acme.example: person 1, id: hold, row O1 (FAQ:outside-consent, R26) → pass, row O2 (FAQ:outside-consent, R33)"
        in shown
    )
    assert "│  ├─ consent: none → covers" in shown
    assert "│  └─ basis: consent C1" in shown
    assert "the whole message: nothing → warn, row T3" in "\n".join(shown)
    assert "because the reader is outside; it goes by a consent without the risk of e-mail" in "\n".join(shown)


def test_a_near_miss_says_what_is_missing_still(site: Path, tmp_path: Path) -> None:
    rows = written(tmp_path, consents=CONSENT.format(kinds="conduct", recipient="hr@acme.example"))
    shown = asked(site, "need-split", rows / "consents.csv", "--as", "hr@acme.example").stdout
    assert shown.splitlines()[1] == "hold  hr@acme.example"
    assert "missing: the consent covers conduct, not" in shown


def test_every_recipient_is_asked_and_one_whom_nothing_concerns_is_told_so(site: Path, tmp_path: Path) -> None:
    rows = written(tmp_path, assignments="subject,term,email,role\n8.01,2026FA,m.osei@campus.example,ta\n")
    told = json.loads(asked(site, "need-split", rows, "--json").stdout)
    assert told["supposed"] == {"assignments": 1}
    changed = {address: (each["before"]["action"], each["after"]["action"]) for address, each in told["recipients"].items()}
    assert changed["m.osei@campus.example"] == ("hold", "pass")
    assert all(before == after for address, (before, after) in changed.items() if address != "m.osei@campus.example")
    words = [each["words"] for each in told["recipients"]["m.osei@campus.example"]["changes"]]
    assert {"need": ["uncovered", "covered"]} in words
    assert "nothing changes" in asked(site, "need-split", rows, "--as", "hr@acme.example").stdout


def test_nothing_is_kept(site: Path, tmp_path: Path) -> None:
    rows = written(tmp_path, consents=CONSENT.format(kinds="grades;id", recipient="hr@acme.example"))
    before = {path: path.stat().st_mtime_ns for path in site.parent.rglob("*") if path.is_file()}
    assert asked(site, "need-split", rows).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in site.parent.rglob("*") if path.is_file()} == before
    assert explained(site, "need-split", "--as", "hr@acme.example").stdout.splitlines()[-1] == "decided: hold, by O1"


def test_a_bad_row_is_refused_with_its_place_and_without_the_cell(site: Path, tmp_path: Path) -> None:
    rows = written(tmp_path, consents=CONSENT.format(kinds="garden", recipient="hr@acme.example"))
    done = asked(site, "need-split", rows)
    assert done.exit_code == 2
    assert re.search(r"dlp: consents\.csv:2: kinds: ", done.stderr)
    assert "garden" not in done.stderr


def test_before_the_first_import_there_is_nothing_to_suppose_upon(tmp_path: Path) -> None:
    rows = written(tmp_path, consents=CONSENT.format(kinds="grades", recipient="hr@acme.example"))
    done = run("explain", "--set", "site.domains=['campus.example']", "--what-if", str(rows), str(CASES / "need-split.eml"))
    assert done.exit_code == 2
    assert "dlp import FOLDER comes first" in done.stderr


def test_a_file_whose_name_says_nothing_of_its_rows_is_told_how_to_be_called(tmp_path: Path) -> None:
    rows = written(tmp_path, cons=CONSENT.format(kinds="grades", recipient="hr@acme.example")) / "cons.csv"
    with pytest.raises(Refused, match=r"call cons\.csv consents\.csv"):
        suppose(rows, NOW.date())

"""Tesseract, where its data are installed: what it reads, in a child that may open nothing, and what is refused at start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import magic
import pytest
from PIL import Image

from dlp import recogniser
from dlp.commands import checkup
from dlp.config import load
from dlp.errors import ConfigError
from dlp.extractors.opening import opener
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.recogniser import Recogniser, ready
from dlp.settings import Workers
from tests.extractors.read import FILES, ID, places

DATA = Path(Workers().ocr_data)
NEEDS_DATA = pytest.mark.skipif(
    not (DATA / "eng.traineddata").is_file(), reason="the data of tesseract-ocr-eng are not installed"
)
PICTURES = [
    "image/page.png",
    "image/turned.png",
    "image/head-over.png",
    "image/pale.png",
    "image/small.png",
    "image/pages.tiff",
]


@pytest.fixture(scope="module")
def engine() -> Recogniser:
    made = ready("eng", DATA)
    assert made
    return made


@NEEDS_DATA
@pytest.mark.parametrize("file", [*PICTURES, "pdf/scanned.pdf"])
def test_text_is_read_upright_turned_pale_and_small(engine, file):
    data = (FILES / file).read_bytes()
    sniff = magic.Magic(mime=True).from_buffer
    found = opener(Limits(), len(data), sniff, recognise=engine.fresh())(data, Description("application/octet-stream"))
    assert places(found)
    assert found.why == ""


CHILD = """
import sys
from pathlib import Path
import magic
from dlp.extractors.opening import opener
from dlp.jail import confine
from dlp.limits import Limits
from dlp.mail.entity import Description
from dlp.recogniser import ready

engine = ready("eng", Path(sys.argv[1]))
sniff = magic.Magic(mime=True).from_buffer
files = [(file, Path(file).read_bytes()) for file in sys.argv[2:]]
confine(memory=512 << 20, cpu=60, keep=(1,))
for file, data in files:
    found = opener(Limits(), len(data), sniff, recognise=engine.fresh())(data, Description("image/png"))
    print(Path(file).name, found.status.value, any("912345678" in each.text for each in found.shown if "picture" in each.place))
"""


@NEEDS_DATA
def test_a_process_that_may_open_no_file_reads_pictures_of_every_kind(tmp_path):
    page = Image.open(FILES / "image" / "page.png").convert("RGB")
    files = [tmp_path / f"page.{kind}" for kind in ("png", "jpeg", "gif", "tiff", "webp", "bmp", "pdf")]
    for file in files:
        page.save(file)
    told = subprocess.run([sys.executable, "-c", CHILD, DATA, *files], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.splitlines() == [f"{file.name} read True" for file in files]


@NEEDS_DATA
def test_the_engine_starts_no_thread(engine):
    assert engine(bytes(400 * 200), 400, 200) is not None
    assert os.environ["OMP_THREAD_LIMIT"] == "1"


@NEEDS_DATA
def test_a_message_gets_its_seconds_and_no_more(engine, monkeypatch):
    spent = Recogniser(engine.engine, used=recogniser.SECONDS)
    assert spent(bytes(100), 10, 10) is None
    assert spent.fresh()(bytes(400 * 200), 400, 200) is not None


@pytest.mark.parametrize(("folder", "state"), [pytest.param(DATA, "ok", marks=NEEDS_DATA), (Path("nowhere"), "fail")])
def test_doctor_says_whether_pictures_are_read(folder, state):
    settings = load(None, ("workers.ocr=eng", f"workers.ocr_data={folder}"))
    (found,) = checkup.pictures(settings)
    assert found.state.value == state
    assert bool(found.remedy) is (state == "fail")


def test_without_a_language_nothing_is_made_ready():
    assert ready("", Path("nowhere")) is None


@pytest.mark.parametrize(("missing", "said"), [("tesserocr", "campus-dlp[ocr]"), ("", "tesseract-ocr-")])
def test_what_is_missing_is_said_with_its_remedy(missing, said, monkeypatch, tmp_path):
    monkeypatch.setattr(recogniser.importlib.util, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(ConfigError) as error:
        recogniser.check("eng", tmp_path)
    assert said in str(error.value)
    assert ID not in str(error.value)

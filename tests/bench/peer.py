"""Microsoft Presidio beside the filter, in an environment of its own: `PEER=/path/to/its/python make bench`.

Run with that interpreter: `python peer.py MODEL < texts.json` prints CPU milliseconds for each list of texts, with its pattern
recognisers on a pipeline that only cuts words, and with its names and places by spaCy's model. `beside` runs it so and gives
the figures by list, nothing where no peer is installed. A peer that fails is a RuntimeError.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HOW = (
    "peer not installed. To measure it as well: python3 -m venv FOLDER && FOLDER/bin/pip install presidio-analyzer spacy"
    " && FOLDER/bin/pip install en-core-web-sm (or any English pipeline), then PEER=FOLDER/bin/python"
)
_LONGEST = 900_000  # characters in one piece: spaCy refuses a million
_LONG = 5_000.0  # milliseconds
_SECONDS = 900


def beside(python: str, model: str, texts: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[Sequence[float]]]:
    """For each list of texts and each text, CPU milliseconds by patterns and by patterns with the model."""
    run = subprocess.run(
        [python, str(Path(__file__).resolve()), model],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd="/",
    )
    if run.returncode:
        raise RuntimeError(f"the peer failed: {run.stderr.strip().splitlines()[-1:]}")
    found: Mapping[str, Sequence[Sequence[float]]] = json.loads(run.stdout.splitlines()[-1])
    return found


def _measure(model: str, texts: Mapping[str, Sequence[str]]) -> dict[str, list[list[float]]]:
    import spacy  # noqa: PLC0415  in the peer's environment only
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine  # noqa: PLC0415

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    both = [AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])]
    if model:
        settings = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
        engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
        both.append(AnalyzerEngine(nlp_engine=engine, supported_languages=["en"]))
    for analyzer in both:
        analyzer.analyze("Ann Mori, 617-555-0100", "en")
    return {name: [[_spent(analyzer, text) for analyzer in both] for text in some] for name, some in texts.items()}


def _spent(analyzer: object, text: str) -> float:
    """The lowest of two; of a long text the only one."""
    taken: list[float] = []
    while len(taken) < 2 and not (taken and taken[0] > _LONG):
        began = time.process_time()
        for at in range(0, len(text), _LONGEST):
            analyzer.analyze(text[at : at + _LONGEST], "en")  # type: ignore[attr-defined]
        taken.append((time.process_time() - began) * 1000)
    return min(taken)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(sys.argv[1], json.load(sys.stdin))) + "\n")

"""What says nothing but whom to ask, and what says more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlp.policy.referral import only_refers, says_nothing

OFFICES = frozenset({"dean.ug@campus.example"})

REFERS = {
    "plain": "Please contact the Registrar.",
    "greeting, refusal, signature": (
        "Dear Mr. Kim,\n\nthank you for your message. I cannot discuss this by e-mail.\nPlease write to the dean's office.\n\n"
        "Best regards,\nAstrid Lind\nProfessor of Physics\n"
    ),
    "an office's address": "Dear Sir or Madam:\nplease send your letter to dean.ug@campus.example. They handle such questions.",
    "an office by its name and address": (
        "Dear Mr. Kim,\n\nthank you for writing. Please contact the Office of Undergraduate Advising (dean.ug@campus.example);"
        " they handle all such questions.\n"
    ),
    "a room": "Please turn to the Office of the Dean for Undergraduate Education in 7-133; they will be glad to help you.",
    "a telephone number": "Please call the News Office at +1 617-555-0100.",
    "an order of a court": "To the clerk:\n\nplease address your order to the General Counsel.\n",
    "already forwarded": "Hello,\nI have forwarded your inquiry to the Provost.\nA. Lind",
    "why not": "Unfortunately, university policy prevents this. For information about students, ask the Registrar's Office.",
    "another apostrophe": "Please contact the dean\u2019s office. I\u2019m unable to comment.",
}
SAYS_MORE = {
    "no office": "Thank you for your message. I cannot discuss this.",
    "no word that refers": "The Registrar. Thank you.",
    "yes": "Yes. Please contact the Registrar.",
    "a pronoun": "She is fine. For all other questions, please contact the Registrar.",
    "a pronoun in the sentence that refers": "Please contact the Registrar about her.",
    "a name": "Please contact the Registrar about Hana.",
    "a name in the greeting's line": "Dear Mr. Kim, hana passed. Please contact the Registrar.",
    "a student": "This is a student here. Please contact the Registrar.",
    "a number like a room": "Please contact the Registrar. She has 41-100.",
    "a number": "Please contact the Registrar. 85 of 100.",
    "an answer below": "Please contact the Registrar. See my answers below.",
    "an answer of nothing but small words": "It is not. Please contact the Registrar.",
    "they are": "They are. Please contact the Registrar.",
    "nothing to worry about": "There is nothing to worry about. Please contact the Registrar.",
    "somebody's own address": "Please write to k.brandt@campus.example.",
    "a page": "Please ask the Registrar: https://example.org/912345678",
    "said after the signature": "Please contact the Registrar.\nAstrid Lind\nP.S. all is well",
    "nothing": "",
    "too long": "Please contact the Registrar. " * 200,
}


@pytest.mark.parametrize("name", REFERS)
def test_it_only_refers(name: str) -> None:
    assert only_refers(REFERS[name], OFFICES)


@pytest.mark.parametrize("name", SAYS_MORE)
def test_it_says_more_or_refers_to_nobody(name: str) -> None:
    assert not only_refers(SAYS_MORE[name], OFFICES)


@pytest.mark.parametrize("word", ["she", "passed", "yes", "student", "enrolled", "well", "Hana", "12", "B+", "correct", "both"])
@pytest.mark.parametrize("name", ["plain", "a telephone number", "an order of a court"])
def test_one_word_more_in_a_sentence_is_one_too_many(name: str, word: str) -> None:
    assert not only_refers(REFERS[name].replace("lease ", f"lease {word} "), OFFICES)


@pytest.mark.parametrize(("subject", "says"), [("Your question", True), ("", True), ("Hana", False), ("She is fine", False)])
def test_a_subject(subject: str, says: bool) -> None:  # noqa: FBT001
    assert says_nothing(subject) is says


@settings(max_examples=200, deadline=None)
@given(st.text(), st.sampled_from(sorted(REFERS.values())))
def test_it_never_fails_and_what_is_added_never_makes_a_referral_of_more(text: str, letter: str) -> None:
    only_refers(text, OFFICES)
    assert not only_refers(f"{letter}\n\n{text}, she.\n\nAll.", OFFICES)

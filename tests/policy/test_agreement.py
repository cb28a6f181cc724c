"""Whether a person's own words agree to telling something: taken are plain sentences, and nothing that may mean otherwise."""

from __future__ import annotations

import pytest

from dlp.policy.agreement import Doubt, Wanted, doubt
from tests.growth import assert_linear

WANTED = Wanted(("grades",), "hr@firm.example")

AGREEING = (
    "Please send my grades to hr@firm.example.",
    "Please\nsend my grades to\nhr@firm.example.",
    "Tell my grades to hr@firm.example.",
    "Please send my grades in 18.06 to Ms Lane (hr@firm.example) at Firm; she may ask about my attendance. Thanks!",
    "Could you please send my grades to hr@firm.example?",
    "Kindly provide my grades to hr@firm.example; they have offered me a job. If you have any questions, call me, room no 5.",
    "Please let hr@firm.example see my grades.",
    "Please release my grades to hr@firm.example before Friday. Don't hesitate to call me!",
    "Hi, I applied at Firm in spring, and they asked for my transcript. Please send it to hr@firm.example. Thank you!",
    "Hello,\nI am applying at Firm (hr@firm.example) this summer. You have my consent to tell them my grades.\nAnn",
    "It was nice to meet you last week. Please send my grades to hr@firm.example.",
    "I'd like my grades to be sent to hr@firm.example for a job.",
    "I want hr@firm.example to see my grades.",
    "As part of my application I request that you send my grades to hr@firm.example.",
    "My grades, attendance and conduct may be shared with Ms Lane, hr@firm.example.",
    "The registrar may release my transcript to my future employer, hr@firm.example.",
    "You can give hr@firm.example my grades in 18.06.",
    "Hello, you are welcome to tell hr@firm.example my grades.",
    "Yes, you may share my grades with hr@firm.example.",
    "I agree that hr@firm.example gets my grades.",
    "I allow MIT to show my grades to hr@firm.example. I accept the risk of e-mail.",
    "I am willing to let hr@firm.example see my grades.",
    "I, Ann Mori (student ID 912345678), hereby consent to the disclosure of my grades to hr@firm.example.",
    "I hereby give the Registrar's Office permission to release my transcript by e-mail to hr@firm.example.",
    "To whom it may concern:\n\nI, the undersigned, authorize the university to disclose my grades to Firm (hr@firm.example).",
    "I consent to the following disclosure:\n\nWhat: my grades\nTo whom: hr@firm.example\nWhat for: a job application",
    "Consent to the release of my grades to hr@firm.example is hereby given.",
    "This is my written consent to the release of my grades to hr@firm.example.",
    "Please send my grades to hr@firm.example as soon as possible.",
    "Please send my grades to Firm (hr@firm.example) to support my application.",
    "As I am applying to Firm, please send my grades to hr@firm.example.",
    "Please provide hr@firm.example with my grades.",
    "Please share my grades with hr@firm.example, who offered me a job.",
    "My future employer is Firm (hr@firm.example). Please send them my grades.",
    "hr@firm.example is permitted to see my grades.",
    "I consent to MIT sharing my grades with hr@firm.example.",
    "Dear Registrar,\n\nI authorize you to release my grades to Firm, Ms. Lane (hr@firm.example).\n\nBest, Ann",
    "I agree to your sharing my grades with hr@firm.example.",
    "I agree to the release of my grades to hr@firm.example.",
    "Please tell hr@firm.example about my grades.",
)
DOUBTFUL = {
    Doubt.REFUSES: (
        "It is false that I consent to the release of my grades to hr@firm.example.",
        "The rumour that you may send my grades to hr@firm.example is false.",
        "Over my dead body you may send my grades to hr@firm.example.",
        "In your dreams you may send my grades to hr@firm.example.",
        "Pretend I agree that hr@firm.example gets my grades.",
        "I dispute that I agree to the release of my grades to hr@firm.example.",
        "I agree to send my grades to hr@firm.example myself.",
        "Please do not send my grades to hr@firm.example.",
        "Please do\nnot send my grades to hr@firm.example.",
        "Don't tell hr@firm.example my grades.",
        "I don\u2019t want my grades to be sent to hr@firm.example.",
        "You may no longer give my grades to hr@firm.example.",
        "I hereby withhold permission to release my grades to hr@firm.example.",
        "I deny you permission to share my grades with hr@firm.example.",
        "I am against releasing my grades to hr@firm.example.",
        "I take back my permission to send my grades to hr@firm.example.",
        "Sharing my grades with hr@firm.example? I really do not want that at all.",
        "Please keep my grades private from hr@firm.example.",
        "Please keep my grades from hr@firm.example.",
        "Leave my grades out of whatever you send to hr@firm.example.",
        "My grades are none of the business of hr@firm.example.",
        "Block the release of my grades to hr@firm.example.",
        "Please tell hr@firm.example that my permission to see my grades is at an end.",
        "I give hr@firm.example no permission to see my grades.",
        "You may share my grades with hr@firm.example. On second thought, I changed my mind.",
        "You may send my grades to hr@firm.example. Scratch that.",
        "You may send my grades to hr@firm.example. Wait with it.",
        "You may send my grades to hr@firm.example. Sending papers of any other kind is wrong for people my age.",
        "You may show hr@firm.example my diploma; my grades stay with me.",
        "I am not okay with it. Please send my grades to hr@firm.example tomorrow.",
        "My consent to send my grades to hr@firm.example ended in May.",
        # consent by a "no", which is as well written by hand
        "Please send my grades to hr@firm.example. I have no objection.",
        "I don't mind if you send my grades to hr@firm.example.",
    ),
    Doubt.LIMITS: (
        "Please send my grades to hr@firm.example the moment I accept the offer.",
        "Please send my grades to hr@firm.example as soon as I sign the contract.",
        "In the event that they hire me, please send my grades to hr@firm.example.",
        "Please send my grades to hr@firm.example upon my signature.",
        "Please send my grades to hr@firm.example, pending approval by my lawyer.",
        "You may send my grades to hr@firm.example the day hell freezes over.",
        "Please send my grades, other than the one in 18.06, to hr@firm.example.",
        "Please send my grades minus the F in physics to hr@firm.example.",
        "Please send my midterm grade to hr@firm.example.",
        "Please send half of my grades to hr@firm.example.",
        "Please send my grades to everybody bar hr@firm.example.",
        "You may send my grades to hr@firm.example if they hire me.",
        "You may send my grades to hr@firm.example once I have seen them.",
        "You may send my grades to hr@firm.example. But ask me each time.",
        "You may send my grades to hr@firm.example. Ask me first.",
        "You may send my grades to hr@firm.example, except those of spring.",
        "You may send my grades to hr@firm.example until June.",
        "What would happen, should I permit you to tell hr@firm.example my grades.",
    ),
    Doubt.ASKS: (
        "May you send my grades to hr@firm.example?",
        "Can you tell hr@firm.example my grades?",
        "[ ] I consent to the release of my grades to hr@firm.example.",
        "I consent to the release of ____ to hr@firm.example, my grades.",
    ),
    Doubt.PAST: (
        "You may send my grades to hr@firm.example. That was in May, and today things look different.",
        "You may send my grades to hr@firm.example. This is what I wrote to you in May.",
        "You had my permission to send my grades to hr@firm.example.",
        "I consented in May to your sending my grades to hr@firm.example.",
    ),
    Doubt.QUOTES: (
        '"Please send my grades to hr@firm.example."',
        "The form has \u201cyou may send my grades to hr@firm.example\u201d.",
    ),
    Doubt.SILENT: (
        "Please send my grades to Professor Lind. My contact at Firm is hr@firm.example.",
        "I work for hr@firm.example. Please send the dean my grades.",
        "Please write to hr@firm.example and send my grades to the dean.",
        "Please share my grades with the dean and let hr@firm.example rest.",
        "Please let hr@firm.example go and send my grades to the dean.",
        "Please send the dean my grades. I work for hr@firm.example.",
        "Please report my grades to the registrar. I got mail from hr@firm.example.",
        "To hr@firm.example: feel free to ask. Please send my grades to the usual place.",
        "Please send my grades to the dean and I will write to hr@firm.example.",
        "Hello hr@firm.example, please send my grades to the dean.",
        "Please send my grades to the dean, hr@firm.example being too nosy.",
        "Please answer my question about my grades. My other address is hr@firm.example.",
        "Please give my grades a second look. hr@firm.example is my employer.",
        "I agree to forward my grades to hr@firm.example by Monday.",
        "I consent to share my grades with hr@firm.example.",
        "Please tell hr@firm.example that my grades are my own business.",
        "Please tell hr@firm.example they can whistle for my grades.",
        "Please tell hr@firm.example to go fish for my grades.",
        "Please inform hr@firm.example my grades are my own.",
        "Please let hr@firm.example know that my grades are my affair.",
        "Please send hr@firm.example a lawyer's letter, they leaked my grades.",
        "Please send hr@firm.example a bill, I paid for my grades.",
        "Please talk to hr@firm.example, my grades leaked.",
        "Please send hr@firm.example my greetings and burn my grades.",
        "Ann Mori may see my grades, hr@firm.example is another matter.",
        "Please send an overview of what grades mean at MIT to hr@firm.example.",
        "Please send the list of who has my grades to hr@firm.example.",
        "Assume I agree to the release of my grades to hr@firm.example.",
        "My grades went to hr@firm.example.",
        "In May I wrote: please send my grades to hr@firm.example.",
        "My father says you may send my grades to hr@firm.example.",
        "Apparently you may share my grades with hr@firm.example.",
        "I fear you may send my grades to hr@firm.example.",
        "I hate your plan to\nshare my grades with hr@firm.example.",
        "I might consent to sending my grades to hr@firm.example.",
        "I will authorize you to send my grades to hr@firm.example in June.",
        "Please give up sending my grades to hr@firm.example.",
        "Please send me my grades. hr@firm.example called me about them.",
        "Please send my grades to my mother. hr@firm.example called me.",
        "Please send my grades to mom@home.example. hr@firm.example called me.",
        "Please send hr@firm.example my regards; my grades are my affair.",
        "I am glad that hr@firm.example has seen my grades.",
        "I agree with hr@firm.example about my grades.",
        "Bitte senden Sie meine Noten (grades) an hr@firm.example.",
    ),
}


@pytest.mark.parametrize("text", AGREEING)
def test_a_plain_sentence_agrees(text: str) -> None:
    assert doubt([text], WANTED) is None


@pytest.mark.parametrize(("why", "text"), [(why, text) for why, texts in DOUBTFUL.items() for text in texts])
def test_what_may_be_otherwise_meant_does_not_and_it_is_said_why(why: Doubt, text: str) -> None:
    assert doubt([text], WANTED) is why


def test_how_long_or_how_often_is_no_doubt_where_an_option_says_it() -> None:
    for text in ("You may send my grades to hr@firm.example until June.", "Please send my grades to hr@firm.example once."):
        assert doubt([text], WANTED) is Doubt.LIMITS
        assert doubt([text], Wanted(("grades",), "hr@firm.example", limited=True)) is None
    only = "You may send my grades to hr@firm.example until June, if they ask."
    assert doubt([only], Wanted(("grades",), "hr@firm.example", limited=True)) is Doubt.LIMITS


def test_a_subject_and_a_text_are_read_apart_and_both_count() -> None:
    assert doubt(["my grades", "Please send them to hr@firm.example."], WANTED) is None
    assert doubt(["do not send my grades", "Please send my grades to hr@firm.example."], WANTED) is Doubt.REFUSES


def test_a_class_is_agreed_to_as_an_address_is() -> None:
    assert doubt(["Please send my grades to my employer."], Wanted(("grades",), "class:employer")) is None
    assert doubt(["Please send my grades to my teacher. My employer called."], Wanted(("grades",), "class:employer"))


@pytest.mark.parametrize(
    "unit",
    [
        "x",
        "!",
        "i ",
        "i , ",
        "\n ",
        "please ",
        "please do ",
        "you a b ",
        "i want a b c d e ",
        "send. ",
        "if you have any ",
        "consent ",
        "to ",
        "to a ",
        "please send hr@firm.example my ",
        "send , they ",
        "my a ",
    ],
)
def test_however_it_repeats_itself_a_text_takes_time_as_it_is_long(unit: str) -> None:
    assert_linear(lambda length: doubt([unit * (length // len(unit)) + "x"], WANTED))

"""What must hold for every message once people are known: readers are judged alone, consents only help, order is nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dlp.campus.records import (
    Advising,
    Assignment,
    Consent,
    Contact,
    Enrolment,
    Forward,
    MailList,
    Record,
    Staff,
    Student,
)
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.pipeline import Known, judge_message
from dlp.policy.facts import Facts, KnownConsent, Source
from dlp.values import Action, Client, Envelope, Judgement, Origin, Recipient, Ruling
from tests.campus.people import people
from tests.upstream import shipped_rules

ROWS: tuple[Record, ...] = (
    Student("912345678", "Hana", "Kim", email="h.kim@campus.example", alternate_emails=("hana@freemail.example",)),
    Student("912345679", "Ben", "Okoro", email="b.okoro@campus.example", suppress=frozenset({"all"})),
    Student("912345680", "Cara", "Lindqvist", email="c.lindqvist@campus.example", international=True),
    Student("912345681", "Dario", "Ferro", email="d.ferro@campus.example"),
    Staff("a.lind@campus.example", "Astrid", "Lind"),
    Staff("bursar@campus.example", purview=frozenset({"financial", "id"})),
    Staff("library@campus.example", purview=frozenset({"none"})),
    Staff("t.ames@campus.example"),
    Assignment("8.01", "a.lind@campus.example", "instructor_in_charge"),
    Enrolment("8.01", "912345678"),
    Enrolment("8.01", "912345679"),
    Advising("t.ames@campus.example", "912345680", "advisor"),
    Contact("hr@acme.example", "employer"),
    Contact("desk@courier.example", "press"),
    Contact("mum@freemail.example", "parent", "912345678"),
    Contact("visa@ministry.example", "government"),
    Forward("d.ferro@campus.example", "dario@freemail.example"),
    MailList("8.01-staff@campus.example", "subject_staff", "8.01"),
    MailList("juniors@campus.example", "students"),
)
SENTENCES = (
    "Student ID 912345678 got a grade of B+ on the second problem set.",
    "Hana Kim has a financial hold on the account.",
    "Ben Okoro will come to the open day.",
    "Student ID 912345680 is on academic probation.",
    "Cara Lindqvist and Dario Ferro will come, too.",
    "This is a letter of recommendation for Hana Kim.",
    "Student ID 912345681 was at the health clinic for treatment.",
    "The lecture moves to room 5.",
    "The class list of 8.01: Hana Kim, Ben Okoro,\r\nCara Lindqvist and Dario Ferro",
    "These are on academic probation:\r\nHana Kim\r\nBen Okoro\r\nDario Ferro\r\n",
    "I can confirm that Hana Kim was awarded the degree of Bachelor of Science.",
)
ADDRESSES = (
    *("h.kim@campus.example", "hana@freemail.example", "b.okoro@campus.example", "d.ferro@campus.example"),
    *("bursar@campus.example", "library@campus.example", "t.ames@campus.example", "nobody@campus.example"),
    *("hr@acme.example", "desk@courier.example", "mum@freemail.example", "visa@ministry.example"),
    *("8.01-staff@campus.example", "juniors@campus.example", "stranger@elsewhere.example"),
)
KINDS = ("grades", "id", "financial", "standing", "recommendation", "all")
consents = st.builds(
    Consent,
    consent_id=st.sampled_from(("C1", "C2")),
    person=st.sampled_from(("912345678", "912345680", "912345681")),
    kinds=st.sets(st.sampled_from(KINDS), min_size=1).map(frozenset),
    recipient=st.sampled_from(("hr@acme.example", "class:employer", "@acme.example", "hana@freemail.example", "class:parent")),
    given_on=st.sampled_from((date(2026, 1, 1), date(2026, 12, 1))),
    purpose=st.sampled_from(("", "employment", "admission")),
    strength=st.sampled_from(("written", "explicit")),
    mail_risk=st.booleans(),
    expires_on=st.sampled_from((None, date(2026, 5, 1), date(2027, 1, 1))),
)
mails = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True)
senders = st.sampled_from(("a.lind@campus.example", "t.ames@campus.example", "h.kim@campus.example", "nobody@campus.example"))
some = st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=4, unique=True)
MODEST = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def judged(
    sentences: list[str],
    sender: str,
    to: list[str],
    agreed: list[Consent],
    rows: tuple[Record, ...] = ROWS,
    subject: str = "Thursday",
    shown: str = "somebody@campus.example",
) -> Judgement:
    head = f"From: {sender}\r\nTo: {shown}\r\nSubject: {subject}\r\n\r\n"
    raw = (head + "".join(f"{each}\r\n" for each in sentences)).encode()
    recipients = tuple(map(Recipient, to))
    envelope = Envelope("", "", sender, (), recipients, Client(), datetime(2026, 9, 2, tzinfo=UTC), Origin.SUBMISSION)
    known = tuple(KnownConsent(str(number), each, Source.HAND) for number, each in enumerate(agreed))
    texts = read(raw, Limits())
    return judge_message(envelope, texts, shipped_rules(), raw, Known(people(*rows), str, Facts(known)))


def strictness(ruling: Ruling) -> tuple[int, int]:
    return ruling.action, ruling.release or 0


@MODEST
@given(mails, senders, some, some, st.lists(consents, max_size=2))
def test_further_recipients_never_change_what_another_gets(
    sentences: list[str], sender: str, to: list[str], more: list[str], agreed: list[Consent]
) -> None:
    alone = judged(sentences, sender, to, agreed).rulings
    together = judged(sentences, sender, [*to, *more], agreed).rulings
    assert together[: len(to)] == alone


STRANGERS = ("stranger@elsewhere.example", "nobody@campus.example", "hr@acme.example", "mum@freemail.example")
greetings = st.sampled_from(("Dear Hana,\r\n", "Dear Ben,\r\n", "Dear Kim, Hana,\r\n", "Dear Kevin,\r\n"))


@MODEST
@example(
    "Dear Hana,\r\n", ["There is a past-due balance of $1,200."], ["b.okoro@campus.example"], ["stranger@elsewhere.example"]
)
@given(greetings, mails, some, st.lists(st.sampled_from(STRANGERS), min_size=1, max_size=2, unique=True))
def test_a_greeting_is_no_softer_for_one_more_stranger(
    greeting: str, sentences: list[str], to: list[str], more: list[str]
) -> None:
    said = [greeting, *sentences]
    alone = judged(said, "t.ames@campus.example", to, [], shown=to[0]).rulings
    together = judged(said, "t.ames@campus.example", [*to, *more], [], shown=to[0]).rulings
    assert all(strictness(now) >= strictness(then) for then, now in zip(alone, together, strict=False))


@MODEST
@given(mails, senders, some, st.lists(consents, min_size=1, max_size=3))
def test_without_a_consent_no_ruling_is_softer(sentences: list[str], sender: str, to: list[str], agreed: list[Consent]) -> None:
    before = judged(sentences, sender, to, agreed).rulings
    after = judged(sentences, sender, to, agreed[1:]).rulings
    assert all(strictness(now) >= strictness(then) for then, now in zip(before, after, strict=True))


@MODEST
@given(mails, senders, some, st.lists(consents, max_size=2), st.randoms(use_true_random=False))
def test_the_order_of_rows_in_the_files_is_irrelevant(
    sentences: list[str], sender: str, to: list[str], agreed: list[Consent], chance: object
) -> None:
    shuffled = list(ROWS)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judged(sentences, sender, to, agreed, tuple(shuffled)).rulings == judged(sentences, sender, to, agreed).rulings


@MODEST
@given(mails, senders, some, st.lists(consents, max_size=2))
def test_the_same_inputs_give_the_same_judgement(
    sentences: list[str], sender: str, to: list[str], agreed: list[Consent]
) -> None:
    assert judged(sentences, sender, to, agreed) == judged(sentences, sender, to, agreed)


@MODEST
@given(mails, senders, some, st.lists(consents, max_size=2))
def test_every_pass_of_record_information_names_its_basis(
    sentences: list[str], sender: str, to: list[str], agreed: list[Consent]
) -> None:
    judgement = judged(sentences, sender, to, agreed)
    for ruling in judgement.rulings:
        assert ruling.action or all(reason.basis for reason in ruling.reasons)


@MODEST
@given(mails, senders, some)
def test_a_disclosure_that_may_go_is_told_to_the_ledger_with_a_basis(sentences: list[str], sender: str, to: list[str]) -> None:
    judgement = judged(sentences, sender, to, [])
    held = {ruling.recipient for ruling in judgement.rulings if ruling.release}
    assert all((each.basis == "release") == (each.recipient in held) for each in judgement.allowed)
    assert all(each.kinds and "directory" not in each.kinds for each in judgement.allowed)


ASKERS = ("desk@courier.example", "mum@freemail.example", "visa@ministry.example")
LINES = tuple(sentence for sentence in SENTENCES if "\r\n" not in sentence)
asked = st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique=True)


def answered(own: str, asker: str, question: list[str], to: list[str]) -> dict[str, Ruling]:
    """The rulings on an answer with the question below it."""
    quoted = "\r\n".join(["", f"On 1 Sep, Desk <{asker}> wrote:", *(f"> {each}" for each in question)])
    rulings = judged([own, quoted], "a.lind@campus.example", to, [], subject="Your question").rulings
    return {ruling.recipient: ruling for ruling in rulings}


@MODEST
@given(asked, st.sampled_from(ASKERS), some)
def test_who_is_only_referred_gets_back_the_own_question_and_nobody_else_gets_it_for_that(
    question: list[str], asker: str, others: list[str]
) -> None:
    to = [asker, *(each for each in others if each != asker)]
    referred = answered("Please contact the Registrar.", asker, question, to)
    plain = answered("Please look at this.", asker, question, to)
    assert referred.pop(asker).action <= Action.WARN  # name and ID together are told, as anywhere (gate 2)
    del plain[asker]
    assert {each: strictness(ruling) for each, ruling in referred.items()} == {
        each: strictness(ruling) for each, ruling in plain.items()
    }


@MODEST
@given(asked, st.sampled_from(ASKERS), st.sampled_from(LINES))
def test_whatever_is_said_beside_a_referral_counts_as_it_does_without(question: list[str], asker: str, said: str) -> None:
    referred = answered(f"Please contact the Registrar. {said}", asker, question, [asker])
    plain = answered(f"Please look at this. {said}", asker, question, [asker])
    assert strictness(referred[asker]) == strictness(plain[asker])

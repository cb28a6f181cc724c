"""Whose words are quoted, and whether a message does more than refer."""

from __future__ import annotations

from functools import cache

import pytest

from dlp.commands import shared
from dlp.config import load
from dlp.limits import Limits
from dlp.mail.reading import read
from dlp.ruleset import Rules
from dlp.thread import Thread, own_words, thread
from dlp.values import Client, Envelope, Finding, Origin, Recipient, Role, Texts
from tests.campus.imported import small_university
from tests.test_cases import NOW

KIM, PRESS = "r.kim@freemail.example", "desk@courier.example"
REFERS = "Please contact the Registrar.\n\n"


@cache
def rules() -> Rules:
    return shared.rules(load(None, ("site.offices.news=Press@campus.example",)))


def heard(fields: str, body: str, *recipients: str) -> Thread:
    """The thread of a message whose every "Hana" is a finding."""
    texts = read(f"{fields}\n\n{body}".encode(), Limits())
    envelope = Envelope(
        "", "", "a.lind@campus.example", (), tuple(map(Recipient, recipients)), Client(), NOW, Origin.SUBMISSION
    )
    return thread(envelope, texts, tuple(named(texts)), rules(), small_university())


def named(texts: Texts) -> list[Finding]:
    found = []
    for index, view in enumerate(texts.views):
        at = view.text.find("Hana")
        while at >= 0:
            found.append(Finding("directory", "name", "one-word", Role.IDENTIFIES, "", index, at, at + 4, 0.9, "", "h"))
            at = view.text.find("Hana", at + 1)
    return found


REPLY = f"To: R. Kim <{KIM}>\nSubject: Re: Your question"
# line above "> Hana?" in a reply to R. Kim alone, and whose words they are
WHOSE = {
    f"On 24 Nov, R. Kim <{KIM}> wrote:": KIM,
    "On 24 Nov, K. Brandt <k.brandt@campus.example> wrote:": "k.brandt@campus.example",
    f'On 24 Nov, "{KIM}" <k.brandt@campus.example> wrote:': "",
    "On 24 Nov, R. Kim wrote:": KIM,
    "On 24 Nov, K. Brandt wrote:": "",
    "As my colleague says:": "",
    "": KIM,
    f"-----Original Message-----\nFrom: {KIM}\nSubject: x\n": KIM,
    f"---------- Forwarded message ---------\nFrom: {KIM}\nSubject: x\n": "",
}


@pytest.mark.parametrize("above", WHOSE)
def test_whose_a_quotation_is(above: str) -> None:
    mark = "" if "\n" in above else "> "
    assert heard(REPLY, f"{REFERS}{above}\n{mark}Hana?\n", KIM).quoted == {0: WHOSE[above]}


@pytest.mark.parametrize(
    ("fields", "recipients", "whose"),
    [
        (REPLY, (KIM,), KIM),
        (REPLY.replace("Re: ", ""), (KIM,), ""),
        (REPLY.replace("Re: ", "") + "\nIn-Reply-To: <1@freemail.example>", (KIM,), KIM),
        (REPLY + "\nIn-Reply-To: <1@campus.example>", (KIM,), ""),
        (REPLY + "\nCc: b@courier.example", (KIM,), ""),
        (REPLY, (KIM, PRESS), ""),
        (REPLY + "\nCc: t.ames@campus.example", (KIM, "t.ames@campus.example"), KIM),
        (REPLY.replace("Re:", "AW:"), (KIM,), KIM),
    ],
)
def test_where_nobody_is_named_it_is_the_one_who_is_answered(fields: str, recipients: tuple[str, ...], whose: str) -> None:
    assert heard(fields, f"{REFERS}> Hana?\n", *recipients).quoted == {0: whose}


def test_a_reply_repeats_the_subject_of_who_is_answered() -> None:
    assert heard(REPLY.replace("Your question", "Hana"), REFERS, KIM).quoted == {0: KIM}
    assert heard(REPLY.replace("Re: Your question", "Hana"), REFERS, KIM).quoted == {}


def test_own_words_are_in_no_quotation() -> None:
    assert heard(REPLY, "Hana\n> Hana\n-- \nHana\n", KIM).quoted == {1: KIM}
    texts = read(f"{REPLY}\n\nHello\n> Hana\n-- \nA. Lind\n".encode(), Limits())
    assert own_words(texts) == "Hello\n"


HTML = "MIME-Version: 1.0\nContent-Type: text/html"
BOTH = 'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"'


def both(plain: str, markup: str, kind: str = "text/html") -> str:
    return f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: {kind}\n\n{markup}\n--b--\n"


GMAIL = '<div class="gmail_quote"><div class="gmail_attr">{}</div><blockquote class="gmail_quote">Hana?</blockquote></div>'
# a page, and whose words each "Hana" in it is; none for those of who writes
IN_PAGES = {
    "of the one who is named": (GMAIL.format(f"On 24 Nov, R. Kim &lt;{KIM}&gt; wrote:"), {0: KIM}),
    "of a colleague": (
        GMAIL.format("On 24 Nov, K. Brandt &lt;k.brandt@campus.example&gt; wrote:"),
        {0: "k.brandt@campus.example"},
    ),
    "of the one who is answered": (GMAIL.format("On 24 Nov, R. Kim wrote:"), {0: KIM}),
    "written below a quotation": (GMAIL.format(f"On 24 Nov, R. Kim &lt;{KIM}&gt; wrote:") + "<p>Hana.", {0: KIM}),
    "a quotation by its markup alone": ("<blockquote type=cite>Hana?</blockquote>", {0: ""}),
    "signed": ('<div class="gmail_signature">Hana</div>', {}),
    "a cell of a quoted table": (
        f"On 24 Nov, R. Kim &lt;{KIM}&gt; wrote:<blockquote><table><tr><td>Hana<td>x<tr><td>y<td>z</table></blockquote>",
        {0: KIM},
    ),
}


def test_a_quotation_by_its_markup_alone_is_nobodys_whatever_they_are_called() -> None:
    page = "<blockquote type=cite>Hana?</blockquote>"
    fields = f"{REPLY.replace('R. Kim', 'Mark')}\n{HTML}"
    assert heard(fields, f"<p>{REFERS}</p>{page}", KIM).quoted == {0: ""}


@pytest.mark.parametrize(("page", "quoted"), IN_PAGES.values(), ids=IN_PAGES)
def test_whose_a_quotation_in_a_page_is(page: str, quoted: dict[int, str]) -> None:
    assert heard(f"{REPLY}\n{HTML}", f"<p>{REFERS}</p>{page}", KIM).quoted == quoted


def test_own_words_of_a_page_are_in_no_quotation_and_told_once() -> None:
    page = "Hello<blockquote>Hana?</blockquote><div id=Signature>A. Lind</div><table><tr><td>a<td>b<tr><td>c<td>d</table>"
    assert own_words(read(f"{REPLY}\n{HTML}\n\n{page}".encode(), Limits())) == "Hello\na\tb\nc\td"


TEXTS = [
    ("plain", REPLY, REFERS, True),
    ("more", REPLY, f"{REFERS}She is well.", False),
    ("nothing", REPLY, "> Hana?\n", False),
    ("html", f"{REPLY}\n{HTML}", f"<p>{REFERS}</p><p>From: R<br>Subject: x</p><p>Hana?</p>", True),
    ("html that says more", f"{REPLY}\n{HTML}", f"<p>{REFERS}</p><p>She is well.</p>", False),
    ("html with a question", f"{REPLY}\n{HTML}", f"<p>{REFERS}</p><blockquote>Hana?</blockquote>", True),
    ("html with an answer below", f"{REPLY}\n{HTML}", f"<p>{REFERS}</p><blockquote>Hana?</blockquote>She is well.", False),
    ("both", f"{REPLY}\n{BOTH}", both(REFERS, f"<p>{REFERS}</p>"), True),
    ("one says more", f"{REPLY}\n{BOTH}", both(REFERS, f"<p>{REFERS}<p>She is well."), False),
    ("a file", f"{REPLY}\n{BOTH}", both(REFERS, "all is well", "text/plain; name=a\nContent-Disposition: attachment"), False),
    ("a file nobody has read", f"{REPLY}\n{BOTH}", both(REFERS, "x", "application/pdf"), False),
    ("a postscript", REPLY, f"{REFERS}-- \nA. Lind\nP.S. She is well.\n", False),
    ("a signature", REPLY, f"{REFERS}-- \nA. Lind\nroom 4, she/her\n", True),
    ("a very large text", REPLY, REFERS + "> Hana?\n" * 40_000, False),
    ("a subject of its own", REPLY.replace("Re: Your question", "She is well"), REFERS, False),
    ("a subject of courtesy", REPLY.replace("Re: ", ""), REFERS, True),
    ("a configured office", REPLY, "Please write to press@campus.example.", True),
    ("an office by its purview", REPLY, "Please write to dean.ug@campus.example.", True),
    ("no office", REPLY, "Please write to t.ames@campus.example.", False),
]


@pytest.mark.parametrize(("fields", "body", "refers"), [pytest.param(*each[1:], id=each[0]) for each in TEXTS])
def test_every_text_only_refers(fields: str, body: str, refers: bool) -> None:  # noqa: FBT001
    assert heard(fields, body, KIM).refers is refers


def test_it_is_not_looked_for_where_nobody_is_referred_or_answered() -> None:
    assert heard("To: hr@acme.example\nSubject: x", f"{REFERS}> Hana", "hr@acme.example") == Thread()

"""What a message becomes: views and parts, from small messages given as text."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pytest

from dlp.limits import Limits
from dlp.mail.entity import MOST_FIELDS
from dlp.mail.opened import Opened, Shown, Shut
from dlp.mail.reading import read, read_small
from dlp.values import Channel, PartStatus, Texts

LIMITS = Limits()
READ = ("read", "")
AMBIGUOUS = ("ambiguous", "ambiguous")
UNSUPPORTED = ("unsupported", "unsupported")
ENCRYPTED = ("encrypted", "encrypted")
HIDDEN = "Ann Lee flunked"
HIDDEN_64 = base64.b64encode(HIDDEN.encode()).decode()
DETACHED_CMS = bytes.fromhex(
    "308006092a864886f70d010702a0803080020101310f300d06096086480165030402010500308006092a864886f70d0107010000a080"
)


def message(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def statuses(texts: Texts) -> dict[str, tuple[str, str]]:
    return {part.section: (part.status.value, part.why) for part in texts.parts}


def everything(texts: Texts) -> str:
    return "\n".join(view.text for view in texts.views)


@dataclass(frozen=True)
class Case:
    """A message, what became of its parts, and texts that some view must hold."""

    source: str
    parts: dict[str, tuple[str, str]]
    views: tuple[tuple[str, str], ...] = ()  # label, text
    doubts: tuple[str, ...] = ()


def multipart(*parts: str, kind: str = "mixed", boundary: str = "b") -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f"Subject: s\nContent-Type: multipart/{kind}; boundary={boundary}\n\n{body}--{boundary}--\n"


ORDINARY = {
    "markup in a text": Case(
        "Subject: s\n\nA<b>nn L</b>ee failed.\n", {"1": READ}, (("another reading of part 1", "Ann Lee failed."),)
    ),
    "characters nobody sees": Case(
        "Subject: s\n\nhello " + "".join(chr(0xE0000 + ord(sign)) for sign in "Ann Lee") + "\n",
        {"1": READ},
        (("another reading of part 1", "Ann Lee"),),
    ),
    "plain text": Case("Subject: s\n\nhello\n", {"1": READ}, (("part 1", "hello\n"), ("subject line", "s"))),
    "no charset declared, UTF-8 bytes": Case("Subject: s\n\nGrüße", {"1": READ}, (("part 1", "Grüße"),)),
    "html": Case(
        "Content-Type: text/html\n\n<p>078<b>-05</b></p><i title='tip'>x",
        {"1": READ},
        (("part 1", "078-05\nx"), ("markup of part 1", "tip")),
    ),
    "both alternatives": Case(
        multipart("\nplain", "Content-Type: text/html\n\n<b>rich</b>", kind="alternative"),
        {"1": READ, "2": READ},
        (("part 1", "plain"), ("part 2", "rich")),
    ),
    "usual preamble and a text epilogue": Case(
        multipart("\none").replace("\n\n--b", "\n\nThis is a multi-part message in MIME format.\n--b", 1) + "see you\n",
        {"1": READ},
        (
            ("text between the parts of the message", "This is a multi-part message in MIME format."),
            ("text between the parts of the message", "see you\n"),
        ),
    ),
    "closing delimiter missing": Case(multipart("\none").replace("--b--\n", ""), {"1": READ}, (("part 1", "one\n"),)),
    "blanks behind a delimiter": Case(multipart("\none").replace("--b\n", "--b \t\n"), {"1": READ}, (("part 1", "one"),)),
    "header of a part ended by the delimiter": Case(
        multipart("X-A: 1", "\ntwo", boundary="a:b").replace("=a:b", '="a:b"'), {"1": READ, "2": READ}, (("part 2", "two"),)
    ),
    "inner boundary is the outer's closing line": Case(
        multipart('Content-Type: multipart/mixed; boundary="b--"\n\n--b--\n\nx\n--b----', "\ny"),
        {"1.1": READ, "2": READ},
        (("part 1.1", "x"), ("part 2", "y")),
    ),
    "nested multipart": Case(
        multipart("Content-Type: multipart/alternative; boundary=bb\n\n--bb\n\nx\n--bb\n\ny\n--bb--", "\nz"),
        {"1.1": READ, "1.2": READ, "2": READ},
        (("part 1.1", "x"), ("part 1.2", "y"), ("part 2", "z")),
    ),
    "calendar and csv are text": Case(
        multipart("Content-Type: text/calendar\n\nSUMMARY:x", "Content-Type: text/csv\n\na,b"),
        {"1": READ, "2": READ},
        (("part 2", "a,b"),),
    ),
    "attached mail": Case(
        multipart("Content-Type: message/rfc822\n\nSubject: inner\n\nbody"),
        {"1.1": READ},
        (("subject of part 1", "inner"), ("part 1.1", "body")),
    ),
    "attached mail with parts": Case(
        multipart(
            "Content-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nbody\n--i--"
        ),
        {"1.1": READ},
        (("subject of part 1", "inner"), ("part 1.1", "body")),
    ),
    "digest holds messages": Case(
        multipart("\nSubject: one\n\nbody", kind="digest"), {"1.1": READ}, (("subject of part 1", "one"),)
    ),
    "attached mail, the rest of its header": Case(
        multipart("Content-Type: message/rfc822\n\nFrom: ID 9 <a@a.example>\nKeywords: k\nSubject: inner\nX-A: x\n\nbody"),
        {"1.1": READ},
        (("From name of part 1", "ID 9"), ("keywords line of part 1", "k"), ("subject of part 1", "inner")),
    ),
    "calendar unfolded": Case("Content-Type: text/calendar\n\nSUMMARY:ab\n c", {"1": READ}, (("part 1", "SUMMARY:abc"),)),
    "file name in camel case": Case(
        multipart("Content-Type: text/plain; name=FinalGrades.txt\n\nx"),
        {"1": READ},
        (("file name of part 1", "FinalGrades.txt"), ("file name of part 1", "Final Grades.txt")),
    ),
    "quoted-printable nobody declared": Case(
        "Subject: s\n\nID =39=31=32", {"1": READ}, (("part 1", "ID =39=31=32"), ("part 1", "ID 912"))
    ),
    "delivery status": Case(
        multipart("Content-Type: message/delivery-status\n\nAction: failed"), {"1": READ}, (("part 1", "Action: failed"),)
    ),
    "pgp signature": Case(
        multipart("\nx", "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\nabc", kind="signed"),
        {"1": READ, "2": READ},
    ),
    "s/mime signature": Case(
        multipart(
            "\nx",
            "Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\n"
            + base64.b64encode(DETACHED_CMS).decode(),
            kind="signed",
        ),
        {"1": READ, "2": READ},
    ),
    "mbox line": Case("From ann@a.example Mon Nov 16 10:00:00 2026\nSubject: s\n\nx", {"1": READ}, (("subject line", "s"),)),
    "encoding folded to the next line": Case(
        f"Content-Transfer-Encoding:\n base64\t\n\n{HIDDEN_64}", {"1": READ}, (("part 1", HIDDEN),)
    ),
    "very long lines": Case("Subject: s\n\n" + "x" * 20_000, {"1": READ}),
    "image inline": Case(multipart("Content-Type: image/png\nContent-ID: <l>\n\nx"), {"1": UNSUPPORTED}),
    "document": Case(
        multipart("Content-Type: application/pdf; name=a.pdf\n\nx"), {"1": UNSUPPORTED}, (("file name of part 1", "a.pdf"),)
    ),
    "pgp mime": Case(
        multipart(
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nx",
            kind="encrypted",
        ),
        {"1": ENCRYPTED, "2": ENCRYPTED},
    ),
    "pgp inline": Case("Subject: s\n\n-----BEGIN PGP MESSAGE-----\nabc", {"1": ENCRYPTED}),
    "s/mime enveloped": Case("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx", {"1": ENCRYPTED}),
    "s/mime opaque signed": Case("Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx", {"1": UNSUPPORTED}),
}

HOSTILE = {
    "encodings conflict, true first": Case(
        f"Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n{HIDDEN_64}",
        {"1": AMBIGUOUS},
        (("part 1", HIDDEN),),
        ("encoding-twice",),
    ),
    "encodings conflict, true last": Case(
        f"Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: base64\n\n{HIDDEN_64}",
        {"1": AMBIGUOUS},
        (("part 1", HIDDEN),),
        ("encoding-twice",),
    ),
    "two encodings in one field": Case(
        f"Content-Transfer-Encoding: 7bit, base64\n\n{HIDDEN_64}",
        {"1": AMBIGUOUS},
        (("part 1", HIDDEN),),
        ("encoding-syntax", "encoding-twice"),
    ),
    "encoding in quotes": Case(
        f'Content-Transfer-Encoding: "base64"\n\n{HIDDEN_64}', {"1": AMBIGUOUS}, (("part 1", HIDDEN),), ("encoding-syntax",)
    ),
    "no parameter before the boundary": Case(
        "Content-Type: multipart/mixed; x:y=1; boundary=b\n\n--b\n\nx\n--b--\n",
        {"0": AMBIGUOUS, "1": READ},
        (("part 1", "x"),),
        ("type-syntax",),
    ),
    "boundary in sections": Case(
        "Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\n\n--bc\n\nx\n--bc--\n",
        {"0": AMBIGUOUS, "1": READ},
        (("part 1", "x"),),
        ("type-syntax",),
    ),
    "two charsets": Case(
        "Content-Type: text/plain; charset=utf-8; charset=utf-16\n\nx", {"1": AMBIGUOUS}, (("part 1", "x"),), ("charset-twice",)
    ),
    "two charsets, one of no text": Case(
        "Content-Type: text/plain; charset=binary; charset=UTF-8\n\nx", {"1": READ}, (("part 1", "x"),)
    ),
    "one type said twice": Case(
        'Content-Type: text/plain; charset=UTF-8\nContent-Type: text/plain; charset="utf-8"\n\nx',
        {"1": READ},
        (("part 1", "x"),),
    ),
    "unknown encoding alike": Case(
        f"Content-Transfer-Encoding: x-base64\n\n{HIDDEN_64}", {"1": AMBIGUOUS}, (("part 1", HIDDEN),), ("encoding-unknown",)
    ),
    "unknown encoding": Case(
        f"Content-Transfer-Encoding: zip\n\n{HIDDEN}", {"1": AMBIGUOUS}, (("part 1", HIDDEN),), ("encoding-unknown",)
    ),
    "padding first": Case(
        f"Content-Transfer-Encoding: base64\n\nQQ==\n{HIDDEN_64}",
        {"1": AMBIGUOUS},
        (("part 1", "A" + HIDDEN),),
        ("base64-padding",),
    ),
    "two content types": Case(
        "Content-Type: application/octet-stream\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n",
        {"0": AMBIGUOUS, "1": READ},
        (("part 1", "x"),),
        ("content-type-twice",),
    ),
    "two boundaries": Case(
        "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\n"
        + HIDDEN_64
        + "\n--a\n\ny\n",
        {"0": AMBIGUOUS, "1": READ, "2": READ},
        (("part 1", HIDDEN), ("part 2", "y\n")),
        ("boundary-twice",),
    ),
    "boundary missing": Case(
        "Content-Type: multipart/mixed\n\n--b\n\nx", {"0": AMBIGUOUS}, (("the message", "--b\n\nx"),), ("no-boundary",)
    ),
    "boundary never used": Case(
        "Content-Type: multipart/mixed; boundary=z\n\nx",
        {"0": AMBIGUOUS},
        (("text between the parts of the message", "x"),),
        ("no-delimiter",),
    ),
    "boundary never used, nothing there": Case("Content-Type: multipart/mixed; boundary=z\n\n \n", {}),
    "returned with its header only": Case(
        multipart("Content-Type: message/rfc822\n\nSubject: s\nContent-Type: multipart/mixed; boundary=z\n\n"),
        {},
        (("subject of part 1", "s"),),
    ),
    "inner boundary reused": Case(
        multipart("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx"),
        {"1": AMBIGUOUS, "1.1": READ},
        (("part 1.1", "x"),),
        ("boundary-reused",),
    ),
    "delimiter with junk": Case(
        multipart("\nx").replace("--b\n", "--b\n\nz\n--b!\n"), {"0": AMBIGUOUS, "1": READ}, (), ("delimiter-junk",)
    ),
    "delimiter ended by a lone CR": Case(
        multipart("\nx").replace("--b\n", "--b\rz\n"), {"0": AMBIGUOUS, "1": READ}, (), ("delimiter-junk",)
    ),
    "header line ended by a lone CR": Case("Subject: s\rX: y\n\nx", {"1": AMBIGUOUS}, (), ("bare-cr",)),
    "NUL in an encoding": Case(
        f"Content-Transfer-Encoding: base64\0\n\n{HIDDEN_64}", {"1": AMBIGUOUS}, (("part 1", HIDDEN),), ("nul-in-field",)
    ),
    "two dispositions": Case(
        "Content-Disposition: inline\nContent-Disposition: attachment\n\nx", {"1": AMBIGUOUS}, (), ("disposition-twice",)
    ),
    "part after the end": Case(
        multipart("\nx") + "--b\n\nagain\n", {"0": AMBIGUOUS, "1": READ, "2": READ}, (("part 2", "again\n"),), ("reopened",)
    ),
    "boundary on a text type": Case(
        "Content-Type: text/plain; boundary=b\n\n--b\n\nx", {"1": AMBIGUOUS}, (), ("boundary-unexpected",)
    ),
    "boundary as encoded word": Case(
        'Content-Type: multipart/mixed; boundary="=?utf-8?Q?b?="\n\n--b\n\nx',
        {"0": AMBIGUOUS, "1": READ},
        (("part 1", "x"),),
        ("boundary",),
    ),
    "header ends without a blank line": Case(
        "Subject: s\nno field here\n\nx", {"1": AMBIGUOUS}, (("part 1", "no field here\n\nx"),), ("missing-blank-line",)
    ),
    "no header at all": Case("\tx\n", {"1": AMBIGUOUS}, (("part 1", "\tx\n"),), ("no-header",)),
    "sign in a field name": Case(
        f"Content-Transfer\x01-Encoding: base64\n\n{HIDDEN_64}", {"1": AMBIGUOUS}, (("part 1", HIDDEN),), ("field-name",)
    ),
    "multipart in base64": Case(
        "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(f"--b\n\n{HIDDEN}".encode()).decode(),
        {"0": AMBIGUOUS},
        (("the message", f"--b\n\n{HIDDEN}"),),
        ("encoded-container", "no-delimiter"),
    ),
    "mail in base64": Case(
        multipart(
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            + base64.b64encode(f"Subject: i\n\n{HIDDEN}".encode()).decode()
        ),
        {"1": AMBIGUOUS},
        (("part 1", f"Subject: i\n\n{HIDDEN}"),),
        ("encoded-container",),
    ),
    "partial": Case("Content-Type: message/partial; id=x\n\nx", {"1": AMBIGUOUS}, (("part 1", "x"),), ("partial",)),
    "external body": Case("Content-Type: message/external-body\n\nx", {"1": AMBIGUOUS}, (), ("external-body",)),
    "document called text": Case("Content-Type: text/plain\n\n%PDF-1.4 x", {"1": UNSUPPORTED}, (), ("type-mismatch",)),
    "document called signature": Case(multipart("Content-Type: application/pkcs7-signature\n\nPK"), {"1": UNSUPPORTED}),
    "file called pgp signature": Case(multipart("Content-Type: application/pgp-signature\n\nnames"), {"1": UNSUPPORTED}),
    "ascii declared utf-16": Case(
        f"Content-Type: text/plain; charset=utf-16le\n\n{HIDDEN}!", {"1": READ}, (("part 1", HIDDEN + "!"),)
    ),
    "two file names": Case(
        multipart("Content-Type: image/png; name=one.png\nContent-Disposition: attachment; filename=two.png\n\nx"),
        {"1": UNSUPPORTED},
        (("file name of part 1", "one.png"), ("file name of part 1", "two.png")),
    ),
}


@pytest.mark.parametrize("eol", ["\r\n", "\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("case", [*ORDINARY.values(), *HOSTILE.values()], ids=[*ORDINARY, *HOSTILE])
def test_parts_and_views(case: Case, eol: str) -> None:
    texts = read(case.source.replace("\n", eol).encode(), LIMITS)
    assert statuses(texts) == case.parts
    assert set(case.views) <= {(view.label, view.text) for view in texts.views}
    assert texts.ambiguities == case.doubts


@pytest.mark.parametrize("case", ORDINARY.values(), ids=ORDINARY)
def test_a_view_of_memory_reads_alike(case: Case) -> None:
    assert read(memoryview(message(case.source)), LIMITS) == read(message(case.source), LIMITS)


def test_fields_are_counted_by_name_and_decoded() -> None:
    raw = message("Subject: one\nX-A: 1\nsubject: =?utf-8?Q?tw=C3=B6?=\n folded\n\n")
    texts = read(raw, LIMITS)
    assert [(one.name, one.occurrence, one.value) for one in texts.fields] == [
        ("Subject", 1, "one"),
        ("X-A", 1, "1"),
        ("subject", 2, "twö folded"),
    ]
    assert raw[texts.fields[2].span.start : texts.fields[2].span.end] == message("subject: =?utf-8?Q?tw=C3=B6?=\n folded\n")
    assert [(view.text, view.field, view.occurrence, view.channel) for view in texts.views] == [
        ("one", "subject", 1, Channel.HEADERS),
        ("twö folded", "subject", 2, Channel.HEADERS),
    ]


def test_only_names_of_mailboxes_are_views() -> None:
    raw = message('From: "Lee, Ann" <ann@a.example>\nTo: bob@b.example (Bob), Team: c@c.example;\nBcc: X <x@x.example>\n\n')
    shown = {view.field: view.text for view in read(raw, LIMITS).views}
    assert shown == {"from": "Lee, Ann", "to": "Bob\nTeam"}


def test_markup_may_declare_the_charset() -> None:
    raw = b"Content-Type: text/html\r\n\r\n<meta charset=shift_jis>" + "成績".encode("shift_jis")
    assert [view.text for view in read(raw, LIMITS).views] == ["成績"]


def test_a_header_of_too_many_fields_is_truncated() -> None:
    few, many = (message("X: y\n" * count + "Subject: s\n\nx") for count in (1_000, MOST_FIELDS))
    assert statuses(read(few, LIMITS)) == {"1": READ}
    assert statuses(read(many, LIMITS)) == {"1": ("truncated", "header")}


def test_names_in_the_header_of_an_attached_mail_are_a_header() -> None:
    raw = message(multipart("Content-Type: message/rfc822\n\nTo: Ann <a@a.example>\nSubject: s\n\nmail"))
    channels = {view.text: view.channel for view in read(raw, LIMITS).views}
    assert channels["Ann"] is Channel.HEADERS
    assert channels["s"] is Channel.HEADERS


def test_channels_tell_body_from_attachment() -> None:
    raw = message(
        multipart(
            "\nbody",
            "Content-Disposition: attachment; filename=a.txt\n\nfile",
            "Content-Type: message/rfc822\n\nSubject: s\n\nmail",
        )
    )
    channels = {view.text: view.channel for view in read(raw, LIMITS).views}
    assert channels["body"] is Channel.TEXT
    assert channels["file"] is channels["mail"] is Channel.ATTACHMENTS
    assert channels["a.txt"] is channels["s"] is Channel.HEADERS


@pytest.mark.parametrize(
    ("opened", "sections"),
    [
        (Opened(PartStatus.READ, "", (Shown("", "sheet 2", HIDDEN, (3, 2)),)), [("1", "part 1, sheet 2")]),
        (Opened(PartStatus.READ, "", (Shown("3/1", "", HIDDEN),)), [("1/3/1", "part 1, file 3, file 1")]),
    ],
    ids=["a sheet", "a file in a file"],
)
def test_what_was_read_in_a_file_says_where(opened: Opened, sections: list[tuple[str, str]]) -> None:
    raw = message(multipart(f"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n{HIDDEN_64}"))
    given: list[bytes] = []
    texts = read(raw, LIMITS, open_file=lambda data, _declared: given.append(data) or opened)
    assert given == [HIDDEN.encode()]
    assert [(view.section, view.label) for view in texts.views if view.text == HIDDEN] == sections
    assert [view.grid for view in texts.views if view.text == HIDDEN] == [opened.shown[0].grid]
    assert not texts.unread


def test_a_file_in_a_file_that_stayed_shut_is_told() -> None:
    raw = message(multipart("Content-Type: application/zip\n\nPK"))
    opened = Opened(PartStatus.READ, shut=(Shut("2", "", "b.pdf", PartStatus.ENCRYPTED, "password"),))
    texts = read(raw, LIMITS, open_file=lambda _data, _declared: opened)
    assert [(part.section, part.status, part.why) for part in texts.unread] == [("1/2", PartStatus.ENCRYPTED, "password")]


@pytest.mark.parametrize(
    ("limits", "source", "part"),
    [
        (Limits(depth=1), multipart("Content-Type: multipart/mixed; boundary=i\n\n--i\n\nx"), ("1", "depth")),
        (Limits(parts=2), multipart("\nx", "\ny", "\nz"), ("0", "parts")),
        (Limits(header=10), "Subject: more than ten\n\nx", ("1", "header")),
        (Limits(header_block=10), "Subject: s\nX: 1\nY: 2\n\nx", ("1", "header")),
        (Limits(header_parameters=1), "Content-Type: text/plain; a=b; c=d\n\nx", ("1", "header")),
        (Limits(encoded_words=1), "Subject: =?utf-8?Q?a?= =?utf-8?Q?b?=\n\nx", ("0", "header")),
        (Limits(addresses=1), "To: a@a.example, b@b.example\n\nx", ("0", "header")),
        (Limits(text=3), "Subject: s\n\nfour", ("1", "size")),
        (Limits(message=14), "Subject: s\n\nfour", ("0", "size")),
        (Limits(text=3), "Subject: four\n\n", ("0", "size")),
        (Limits(text=3), multipart("\nx") + "four", ("0", "size")),
    ],
    ids=lambda value: value if isinstance(value, tuple) else "",
)
def test_over_a_limit_is_truncated(limits: Limits, source: str, part: tuple[str, str]) -> None:
    found = read(message(source), limits)
    assert (*part, PartStatus.TRUNCATED) in [(one.section, one.why, one.status) for one in found.unread]
    assert read(message(source), LIMITS).parts != found.parts


PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0R1bm5vdGhpbmc=\n=abcd\n-----END PGP MESSAGE-----\n"


@pytest.mark.parametrize(
    ("source", "slow"),
    [
        ("Subject: s\n\nx", False),
        (multipart("\nx", "Content-Type: text/html\n\nx"), False),
        (multipart("Content-Type: application/pdf\n\nx"), True),
        (multipart("Content-Type: application/pdf\n\n"), False),
        (multipart(f"Content-Type: application/octet-stream\n\n{PGP_ENCRYPTED}", kind="encrypted"), False),
        (multipart("Content-Type: application/octet-stream\n\nx", kind="encrypted"), True),
        (
            multipart("\nx", "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\nabc", kind="signed"),
            False,
        ),
        ("Subject: s\n\n" + "x" * 300_000, True),
        (multipart("\n" + "x" * 100_000, "\n" + "x" * 100_000), False),
        (multipart("\n" + "x" * 200_000, "\n" + "x" * 200_000), True),
        (multipart("\nx") + "x" * 300_000, True),
        (multipart(*["\nx"] * 60), True),
        (multipart(*["\n" + "x" * 200_000] * 6), True),
    ],
    ids=[
        *("plain", "html", "document", "empty document", "encrypted", "said to be so", "signature", "large text", "two texts"),
        *("two large texts", "large epilogue", "many parts", "large message"),
    ],
)
def test_which_mail_needs_the_slow_lane(source: str, slow: bool) -> None:  # noqa: FBT001
    assert (read_small(message(source), LIMITS) is None) is slow


FILE = "Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\nX-Other: x\n\nfile"
ATTACHED = "Content-Type: message/rfc822\n\nSubject: in\nX-Other: x\nContent-Type: text/plain; name=b.txt\n\nmail"
OFFERED = {
    "of a part": (multipart(FILE), [("1", "Content-Type"), ("1", "Content-Disposition")]),
    "of an attached message": (multipart(ATTACHED), [("1.1", "Content-Type"), ("1", "Subject")]),
    "not those of a part without a name": (multipart("Content-Type: text/plain\n\nx"), []),
    "not under a signature": (multipart(FILE, ATTACHED, kind="signed"), []),
    "not deep under a signature": (multipart(multipart(FILE, boundary="c").removeprefix("Subject: s\n"), kind="signed"), []),
    "not within an encoding": (
        multipart(f"Content-Transfer-Encoding: base64\n{multipart(FILE, boundary='c')}".replace("Subject: s\n", "")),
        [],
    ),
    "not the message's own, which has a place of its own": ("Content-Type: text/plain; name=a.txt\n\nx", []),
}


@pytest.mark.parametrize(("text", "offered"), OFFERED.values(), ids=OFFERED)
def test_which_fields_of_parts_an_edit_may_change(text: str, offered: list[tuple[str, str]]) -> None:
    raw = message(text)
    found = read(raw, LIMITS).part_fields
    assert [(field.section, field.name) for field in found] == offered
    assert all(raw[field.span.start : field.span.end].startswith(f"{field.name}:".encode()) for field in found)


@pytest.mark.parametrize(
    "field",
    [
        "Content-Disposition: attachment; filename=grades.txt",
        "Content-Disposition: attachment; name=grades.txt",
        "Content-Disposition: filename=grades.txt",
        "Content-Disposition: filename*=utf-8''grades.txt; size=3",
        "Content-Type: text/plain; name=grades.txt",
        "Content-Type: text/plain; filename=grades.txt",
        "Content-Type: name=grades.txt",
    ],
)
def test_a_file_name_is_seen_wherever_a_reader_may_take_it_from(field: str) -> None:
    texts = read(f"Subject: x\r\n{field}\r\n\r\nhello\r\n".encode(), LIMITS)
    assert "grades.txt" in {view.text for view in texts.views if view.label.startswith("file name")}

"""SMTP commands over a real socket: what is announced, taken, refused and passed on."""

import pytest

from dlp.errors import Unavailable
from dlp.intake import Features
from dlp.values import Client, Recipient, Reply

NOTHING = Features(size=0, eight_bit=False, smtputf8=False, dsn=False)
XFORWARD = "XFORWARD NAME ADDR PORT PROTO HELO SOURCE IDENT"  # for ourselves, whatever the next hop takes
MESSAGE = b"Subject: x\r\n\r\ntext\r\n"

ANNOUNCED = {
    "everything": (
        Features(500_000, eight_bit=True, smtputf8=True, dsn=True, auth_param=True, xforward=("NAME", "ident", "ODD")),
        {"PIPELINING", "SIZE 489760", "8BITMIME", "SMTPUTF8", "DSN", XFORWARD, "ENHANCEDSTATUSCODES"},
    ),
    "nothing": (NOTHING, {"PIPELINING", "SIZE 1000000", XFORWARD, "ENHANCEDSTATUSCODES"}),
    "a next hop smaller than our margin": (
        Features(100, eight_bit=False, smtputf8=False, dsn=False),
        {"PIPELINING", "SIZE 1", XFORWARD, "ENHANCEDSTATUSCODES"},
    ),
}


@pytest.mark.parametrize(("features", "words"), ANNOUNCED.values(), ids=ANNOUNCED.keys())
async def test_announces_at_most_what_the_next_hop_did(intake, client, features, words):
    intake.announced = features
    first, *rest = (await client.command("EHLO client.example")).splitlines()
    assert first == "250-filter.campus.example"
    assert {line[4:] for line in rest} == words


@pytest.mark.parametrize("greeting", ["EHLO client.example", "HELO client.example"])
async def test_without_the_next_hop_nothing_gets_a_5xx(intake, client, greeting):
    """EHLO is answered 421: fewer extensions would make the client bounce what needs one."""
    intake.replies |= dict.fromkeys(("features", "mail"), Unavailable("next_hop"))
    answer = await client.command(greeting)
    if greeting.startswith("EHLO"):
        assert answer == "421 4.4.1 the next hop is not available, try again later"
        assert await client.rest() == b""
    else:
        assert (await client.command("MAIL FROM:<a@x.example>")).startswith("451 4.3.0 ")
    assert all(transaction.closed == 1 for transaction in intake.transactions)


async def test_a_message_is_passed_on_with_its_parameters_as_given(intake, client):
    replies = await client.commands(
        "EHLO client.example",
        "MAIL FROM:<> ret=HDRS ENVID=Qq+2B BODY=8BITMIME SIZE=20 AUTH=<>",
        "RCPT TO:<B@x.example> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob@x.example",
        "rcpt to:<c@x.example>",
    )
    assert all(reply.startswith("250") for reply in replies)
    assert await client.data(MESSAGE + b".\r\n") == "250 2.0.0 ok"
    (transaction,) = intake.transactions
    assert transaction.sender == ""
    assert transaction.parameters == ("ret=HDRS", "ENVID=Qq+2B", "BODY=8BITMIME", "SIZE=20", "AUTH=<>")
    assert transaction.recipients == [
        Recipient("B@x.example", ("NOTIFY=SUCCESS,delay", "ORCPT=rfc822;Bob@x.example")),
        Recipient("c@x.example"),
    ]
    assert (transaction.raw, transaction.closed) == (MESSAGE, 1)


EXACT = {
    "eight bit": b"Subject: \xe4\r\n\r\n\xff\xfe\x80\r\n",
    "long lines": b"A: b\r\n\r\n" + b"x" * 50_000 + b"\r\n" + b"y" * 50_000 + b"\r\n",
    "leading dots": b"A: b\r\n\r\n.\r\n..\r\n.x\r\n",
    "empty": b"",
    "one empty line": b"\r\n",
    "control characters": b"\x01\x0b\x0c\x1a\x1b\x7f\r\n",
}


@pytest.mark.parametrize("message", EXACT.values(), ids=EXACT.keys())
async def test_bytes_are_exact(intake, client, message):
    await client.envelope("b@x.example")
    stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
    assert await client.data(stuffed + b".\r\n") == "250 2.0.0 ok"
    assert intake.messages == [message]


async def test_the_next_hops_answers_are_ours(intake, client):
    intake.replies["rcpt:b@x.example"] = Reply(550, "5.1.1", "no such user")
    intake.replies["rcpt:c@x.example"] = Reply(450, "4.2.0", "busy")
    await client.envelope("a@x.example")
    assert await client.command("RCPT TO:<b@x.example>") == "550 5.1.1 no such user"
    assert await client.command("RCPT TO:<c@x.example>") == "450 4.2.0 busy"
    intake.replies["accept"] = Reply(554, "5.7.0", "refused there")
    assert await client.data(MESSAGE + b".\r\n") == "554 5.7.0 refused there"


async def test_a_refused_sender_leaves_no_transaction(intake, client):
    intake.replies["mail"] = Reply(550, "5.1.8", "no")
    assert (await client.commands("EHLO c.example", "MAIL FROM:<a@x.example>"))[1] == "550 5.1.8 no"
    assert intake.transactions[0].closed == 1
    assert (await client.command("RCPT TO:<b@x.example>")).startswith("503 ")
    del intake.replies["mail"]
    assert (await client.command("MAIL FROM:<a@x.example>")).startswith("250 ")


async def test_two_transactions_share_nothing(intake, client):
    await client.commands("EHLO c.example", "XFORWARD NAME=one.example IDENT=Q1", "MAIL FROM:<a@x.example> SMTPUTF8 RET=FULL")
    await client.command("RCPT TO:<ä@x.example>")
    await client.data(b"one\r\n.\r\n")
    assert (await client.command("RCPT TO:<b@x.example>")).startswith("503 ")
    assert (await client.command("DATA")).startswith("503 ")
    assert (await client.command("MAIL FROM:<c@x.example>")).startswith("250 ")
    assert (await client.command("RCPT TO:<ä@x.example>")).startswith("553 5.6.7 ")
    assert (await client.command("DATA")).startswith("503 ")
    await client.command("RCPT TO:<d@x.example>")
    await client.data(b"two\r\n.\r\n")
    first, second = intake.transactions
    assert (first.conversation.upstream_id, second.conversation.upstream_id) == ("Q1", "")
    assert second.conversation.client.name == ""
    assert (second.parameters, second.recipients, second.raw) == ((), [Recipient("d@x.example")], b"two\r\n")


@pytest.mark.parametrize("ending", ["RSET", "EHLO again.example", "HELO again.example"])
async def test_a_transaction_is_closed_by(intake, client, ending):
    await client.commands("EHLO c.example", "XFORWARD NAME=one.example IDENT=Q1")
    await client.envelope("b@x.example", greeting="NOOP")
    assert (await client.command(ending)).startswith("250")
    assert intake.transactions[0].closed == 1
    await client.command("MAIL FROM:<a@x.example>")
    assert intake.transactions[1].conversation.upstream_id == ""


async def test_xforward_tells_the_original_client(intake, client):
    replies = await client.commands(
        "EHLO mta.campus.example",
        "XFORWARD NAME=pc.campus.example ADDR=192.0.2.7 PORT=5123 PROTO=ESMTP",
        "XFORWARD HELO=pc SOURCE=REMOTE IDENT=4fXyz",
        "MAIL FROM:<a@x.example>",
        "XFORWARD NAME=late.example",
    )
    assert [reply[:3] for reply in replies] == ["250", "250", "250", "250", "503"]
    conversation = intake.transactions[0].conversation
    assert conversation.client == Client("192.0.2.7", "5123", "pc.campus.example", "pc", "ESMTP", "REMOTE")
    assert (conversation.upstream_id, conversation.helo, conversation.lmtp) == ("4fXyz", "mta.campus.example", False)


async def test_without_xforward_the_peer_is_the_client(intake, client):
    await client.envelope("b@x.example")
    told = intake.transactions[0].conversation.client
    assert (told.address, told.helo, told.protocol, told.source) == ("127.0.0.1", "client.example", "ESMTP", "")
    assert int(told.port) > 0


XFORWARD_REFUSED = {
    "malformed": "NAME=a+0A",
    "unknown attribute": "NAME=a COLOUR=b",
    "repeated": "NAME=a NAME=b",
}


@pytest.mark.parametrize("argument", XFORWARD_REFUSED.values(), ids=XFORWARD_REFUSED.keys())
async def test_xforward_refused(intake, client, argument):
    await client.command("EHLO c.example")
    assert (await client.command(f"XFORWARD {argument}")).startswith("501 ")
    await client.command("MAIL FROM:<a@x.example>")
    assert intake.transactions[0].conversation.client.name == ""


async def test_xforward_counts_whatever_the_next_hop_takes(intake, client):
    intake.announced = NOTHING
    await client.command("EHLO c.example")
    assert (await client.command("XFORWARD IDENT=4Xyz")).startswith("250 ")
    await client.command("MAIL FROM:<a@x.example>")
    assert intake.transactions[0].conversation.upstream_id == "4Xyz"


RELAY_FORMS = [
    "b@x.example", "b@campus.example", "b%x.example@campus.example", "x.example!b@campus.example",
    "b@[192.0.2.1]", "b@[IPv6:2001:db8::1]", "postmaster", "b@localhost", '"b%x.example"@campus.example', "b@x.example.",
    "b@x.example@campus.example", "@campus.example:b@x.example", "@a.example,@b.example:c@x.example",
    "b@campus.example@x.example", '"b@x.example"@campus.example',
    "x.example!b", "b%x.example", '"b@x.example"', "b@", "@x.example", "", "b@127.0.0.1", "b@[127.0.0.1]", "b@X.EXAMPLE",
    "a!b!c@campus.example", "b%x.example%campus.example", "b@filter.campus.example", "root", "<b@x.example>", "b @x.example",
]  # fmt: skip


async def test_an_untrusted_client_cannot_relay(intake, serve):
    client = await (await serve(trusted=(), errors=1000)).connect()
    assert "XFORWARD" not in await client.command("EHLO c.example")
    assert (await client.command("XFORWARD ADDR=127.0.0.1")).startswith("550 5.7.1 ")
    assert (await client.command("MAIL FROM:<a@campus.example>")).startswith("250 ")
    for form in RELAY_FORMS:
        assert (await client.command(f"RCPT TO:<{form}>"))[:3] in {"550", "553", "501"}, form
    assert await client.command("RCPT TO:<b@x.example>") == "550 5.7.1 relay access denied"
    assert (await client.command("DATA")).startswith("503 ")
    assert intake.transactions == []


async def test_an_untrusted_client_may_not_try_for_ever(serve):
    client = await (await serve(trusted=(), errors=3)).connect()
    await client.commands("EHLO c.example", "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "RCPT TO:<c@x.example>")
    client.send(b"RCPT TO:<d@x.example>\r\n")
    assert [line[:9] for line in (await client.rest()).splitlines()] == [b"550 5.7.1", b"421 4.7.0"]


ORDER = {
    "mail before greeting": (["MAIL FROM:<a@x.example>"], "503 "),
    "xforward before greeting": (["XFORWARD NAME=a"], "503 "),
    "rcpt before mail": (["EHLO c", "RCPT TO:<b@x.example>"], "503 "),
    "data before mail": (["EHLO c", "DATA"], "503 "),
    "data before rcpt": (["EHLO c", "MAIL FROM:<a@x.example>", "DATA"], "503 "),
    "nested mail": (["EHLO c", "MAIL FROM:<a@x.example>", "MAIL FROM:<b@x.example>"], "503 "),
    "nested null mail": (["EHLO c", "MAIL FROM:<>", "MAIL FROM:<>"], "503 "),
    "data with argument": (["EHLO c", "MAIL FROM:<>", "RCPT TO:<b@x.example>", "DATA x"], "501 "),
    "greeting without name": (["EHLO"], "501 "),
    "greeting that could end a comment": (["EHLO a)b"], "501 "),
    "parameter after HELO": (["HELO c", "MAIL FROM:<a@x.example> BODY=8BITMIME"], "555 "),
    "lmtp greeting": (["LHLO c"], "500 "),
    "rset with argument": (["RSET x"], "501 "),
    "quit with argument": (["QUIT x"], "501 "),
    "noop with argument": (["NOOP x"], "250 "),
    "starttls not configured": (["EHLO c", "STARTTLS"], "502 "),
    "auth": (["EHLO c", "AUTH PLAIN AGEAYg=="], "502 "),
    "xclient": (["EHLO c", "XCLIENT NAME=a"], "502 "),
    "proxy": (["PROXY TCP4 192.0.2.1 192.0.2.2 1 2"], "500 "),
    "empty line": ([""], "500 "),
    "size lie refused early": (["EHLO c", "MAIL FROM:<a@x.example> SIZE=1000001"], "552 "),
}


@pytest.mark.parametrize(("lines", "answer"), ORDER.values(), ids=ORDER.keys())
async def test_order_and_syntax(client, lines, answer):
    assert (await client.commands(*lines))[-1].startswith(answer)


@pytest.mark.parametrize(
    "verb", ["VRFY", "EXPN", "HELP", "AUTH", "XCLIENT", "STARTTLS", "FOO", "MAIL FROM:", "RCPT TO:", "EHLO"]
)
async def test_nothing_is_reflected(client, verb):
    await client.command("EHLO c.example")
    assert "zebra" not in (await client.command(f"{verb} <zebra@x.example>")).lower()


async def test_a_refused_chunk_is_not_read_as_commands(intake, client):
    await client.envelope("b@x.example")
    client.send(b"BDAT 27 LAST\r\nMAIL FROM:<evil@x.example>\r\n")
    assert (await client.rest()).startswith(b"502 ")
    assert len(intake.transactions) == 1
    assert intake.transactions[0].closed == 1


async def test_recipients_are_limited(intake, serve):
    client = await (await serve(recipients=3)).connect()
    await client.envelope("b@x.example", "b@x.example", "B@x.example")
    assert (await client.command("RCPT TO:<c@x.example>")).startswith("452 4.5.3 ")
    assert await client.data(b".\r\n") == "250 2.0.0 ok"
    assert [one.address for one in intake.transactions[0].recipients] == ["b@x.example", "b@x.example", "B@x.example"]


async def test_null_sender_with_many_recipients(intake, client):
    await client.commands("EHLO c.example", "MAIL FROM:<>", *(f"RCPT TO:<u{number}@x.example>" for number in range(100)))
    assert await client.data(b".\r\n") == "250 2.0.0 ok"
    assert len(intake.transactions[0].recipients) == 100

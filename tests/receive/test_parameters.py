"""MAIL and RCPT arguments, as data."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlp.intake import Features
from dlp.receive.parameters import parse_mail, parse_rcpt
from dlp.receive.replies import Rejection

ALL = Features(size=0, eight_bit=True, smtputf8=True, dsn=True, auth_param=True)
NONE = Features(size=0, eight_bit=False, smtputf8=False, dsn=False)

MAIL = {
    "plain": ("FROM:<a@x.example>", "a@x.example", ()),
    "null": ("FROM:<>", "", ()),
    "space after the colon": ("from: <a@x.example>", "a@x.example", ()),
    "quoted local part": (r'FROM:<"a b>\"@c"@x.example>', r'"a b>\"@c"@x.example', ()),
    "address literal": ("FROM:<a@[IPv6:::1]>", "a@[IPv6:::1]", ()),
    "verp": ("FROM:<list+u=x.example@y.example>", "list+u=x.example@y.example", ()),
    "8bit": ("FROM:<a@x.example> BODY=8BITMIME", "a@x.example", ("BODY=8BITMIME",)),
    "case kept": (
        "FROM:<A@X.example> ret=hdrs ENVID=QQ314+2Bz body=8bitMIME",
        "A@X.example",
        ("ret=hdrs", "ENVID=QQ314+2Bz", "body=8bitMIME"),
    ),
    "auth": ("FROM:<a@x.example> AUTH=e+3Dmc2@x.example", "a@x.example", ("AUTH=e+3Dmc2@x.example",)),
    "auth unknown": ("FROM:<> AUTH=<>", "", ("AUTH=<>",)),
    "size at the limit": ("FROM:<a@x.example> SIZE=1000", "a@x.example", ("SIZE=1000",)),
    "utf8": ("FROM:<ä@bücher.example> SMTPUTF8", "ä@bücher.example", ("SMTPUTF8",)),
}


@pytest.mark.parametrize(("argument", "address", "parameters"), MAIL.values(), ids=MAIL.keys())
def test_mail(argument, address, parameters):
    path = parse_mail(argument, ALL, 1000)
    assert (path.address, path.parameters, path.smtputf8) == (address, parameters, "SMTPUTF8" in parameters)


BAD_MAIL = {
    "nothing": ("", 501),
    "no keyword": ("<a@x.example>", 501),
    "other keyword": ("TO:<a@x.example>", 501),
    "no brackets": ("FROM:a@x.example", 501),
    "unclosed": ("FROM:<a@x.example", 501),
    "rubbish after": ("FROM:<a@x.example>x", 501),
    "two paths": ("FROM:<a@x.example><b@x.example>", 501),
    "source route": ("FROM:<@r.example:a@x.example>", 553),
    "two ats": ("FROM:<a@y.example@x.example>", 553),
    "no domain": ("FROM:<a>", 553),
    "empty local part": ("FROM:<@x.example>", 553),
    "space": ("FROM:<a b@x.example>", 553),
    "tab": ("FROM:<a\tb@x.example>", 553),
    "delete": ("FROM:<a\x7fb@x.example>", 553),
    "carriage return": ("FROM:<a\rb@x.example>", 553),
    "control in quotes": ('FROM:<"a\x01b"@x.example>', 553),
    "not ascii without SMTPUTF8": ("FROM:<ä@x.example>", 553),
    "line separator": ("FROM:<a\u2028b@x.example> SMTPUTF8", 553),
    "next line": ("FROM:<a\u0085b@x.example> SMTPUTF8", 553),
    "unknown": ("FROM:<a@x.example> HOLDFOR=5", 555),
    "unknown without value": ("FROM:<a@x.example> REQUIRETLS", 555),
    "of RCPT": ("FROM:<a@x.example> NOTIFY=NEVER", 555),
    "no keyword character": ("FROM:<a@x.example> =5", 501),
    "empty value": ("FROM:<a@x.example> SIZE=", 501),
    "no value": ("FROM:<a@x.example> SIZE", 501),
    "value where none belongs": ("FROM:<a@x.example> SMTPUTF8=yes", 501),
    "twice": ("FROM:<a@x.example> SIZE=1 size=2", 501),
    "too big": ("FROM:<a@x.example> SIZE=1001", 552),
    "overflow": ("FROM:<a@x.example> SIZE=99999999999999999999", 552),
    "more digits than a number has": ("FROM:<a@x.example> SIZE=" + "9" * 5000, 501),
    "negative": ("FROM:<a@x.example> SIZE=-1", 501),
    "other digits": ("FROM:<a@x.example> SMTPUTF8 SIZE=\u0661", 501),
    "binary": ("FROM:<a@x.example> BODY=BINARYMIME", 501),
    "bad xtext": ("FROM:<a@x.example> ENVID=a+2", 501),
    "lower case xtext": ("FROM:<a@x.example> ENVID=a+2b", 501),
    "envid too long": ("FROM:<a@x.example> ENVID=" + "a" * 101, 501),
    "ret": ("FROM:<a@x.example> RET=SOME", 501),
}


@pytest.mark.parametrize(("argument", "code"), BAD_MAIL.values(), ids=BAD_MAIL.keys())
def test_mail_refused(argument, code):
    with pytest.raises(Rejection) as caught:
        parse_mail(argument, ALL, 1000)
    assert caught.value.reply.code == code


RCPT = {
    "plain": ("TO:<b@x.example>", "b@x.example", ()),
    "postmaster": ("TO:<Postmaster>", "Postmaster", ()),
    "percent": ("TO:<b%y.example@x.example>", "b%y.example@x.example", ()),
    "dsn": (
        "TO:<b@x.example> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+2BX@x.example",
        "b@x.example",
        ("NOTIFY=SUCCESS,delay", "ORCPT=rfc822;Bob+2BX@x.example"),
    ),
    "never": ("TO:<b@x.example> NOTIFY=NEVER", "b@x.example", ("NOTIFY=NEVER",)),
    "utf8 orcpt": ("TO:<ä@x.example> ORCPT=utf-8;ä@x.example", "ä@x.example", ("ORCPT=utf-8;ä@x.example",)),
}


@pytest.mark.parametrize(("argument", "address", "parameters"), RCPT.values(), ids=RCPT.keys())
def test_rcpt(argument, address, parameters):
    path = parse_rcpt(argument, ALL, smtputf8=True)
    assert (path.address, path.parameters) == (address, parameters)


BAD_RCPT = {
    "null": ("TO:<>", 553),
    "source route": ("TO:<@r.example:b@x.example>", 553),
    "not ascii": ("TO:<ä@x.example>", 553),
    "notify": ("TO:<b@x.example> NOTIFY=NEVER,DELAY", 501),
    "notify empty": ("TO:<b@x.example> NOTIFY=", 501),
    "orcpt without type": ("TO:<b@x.example> ORCPT=b@x.example", 501),
    "of MAIL": ("TO:<b@x.example> RET=FULL", 555),
}


@pytest.mark.parametrize(("argument", "code"), BAD_RCPT.values(), ids=BAD_RCPT.keys())
def test_rcpt_refused(argument, code):
    with pytest.raises(Rejection) as caught:
        parse_rcpt(argument, ALL, smtputf8=False)
    assert caught.value.reply.code == code


UNANNOUNCED = ["BODY=8BITMIME", "BODY=7BIT", "SMTPUTF8", "RET=FULL", "ENVID=a", "AUTH=<>"]


@pytest.mark.parametrize("parameter", UNANNOUNCED)
def test_what_the_next_hop_did_not_announce_is_555(parameter):
    with pytest.raises(Rejection) as caught:
        parse_mail(f"FROM:<a@x.example> {parameter}", NONE, 1000)
    assert caught.value.reply.code == 555


@given(st.text(alphabet=st.sampled_from('<>@:"\\ ,;=+aB.[]\x00\r\né\u2028'), max_size=30), st.booleans())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_an_argument_is_taken_whole_or_refused(text, smtputf8):
    """What is taken holds nothing that could end a line or a path of the next hop."""
    try:
        path = parse_rcpt(f"TO:<{text}>", ALL, smtputf8=smtputf8)
    except Rejection:
        return
    assert path.address == text
    assert path.address.isprintable()
    assert path.parameters == ()

"""XFORWARD arguments, as data."""

import pytest

from dlp.receive.replies import Rejection
from dlp.receive.xforward import client, parse
from dlp.values import Client

TAKEN = {
    "first command": (
        "NAME=pc.campus.example ADDR=192.0.2.7 PORT=51234",
        Client(name="pc.campus.example", address="192.0.2.7", port="51234"),
    ),
    "second command": ("PROTO=ESMTP HELO=pc.campus.example", Client(protocol="ESMTP", helo="pc.campus.example")),
    "source": ("SOURCE=local IDENT=4fXyz", Client(source="LOCAL")),
    "ipv6": ("ADDR=IPv6:2001:db8::7", Client(address="2001:db8::7")),
    "unavailable": ("NAME=[UNAVAILABLE] ADDR=[unavailable] PORT=[TEMPUNAVAIL]", Client()),
    "xtext": ("NAME=a+2Bb+3dc", Client(name="a+b=c")),
    "lower case name": ("name=pc.example", Client(name="pc.example")),
}


@pytest.mark.parametrize(("argument", "expected"), TAKEN.values(), ids=TAKEN.keys())
def test_taken(argument, expected):
    assert client(parse(argument, {})) == expected


def test_commands_add_up_and_the_last_word_counts():
    known = parse("NAME=old.example IDENT=A1", {})
    assert parse("NAME=new.example PORT=25", known) == {"NAME": "new.example", "IDENT": "A1", "PORT": "25"}


REFUSED = {
    "nothing": "",
    "no value": "NAME",
    "empty value": "NAME=",
    "unknown": "LOGIN=x",
    "twice": "NAME=a NAME=b",
    "bad xtext": "NAME=a+2",
    "bare plus": "NAME=a+zz",
    "line feed": "HELO=a+0AReceived:+20x",
    "carriage return": "HELO=a+0D",
    "nul": "NAME=a+00b",
    "escape": "IDENT=+1Bx",
    "line separator": "HELO=a+E2+80+A8b",
    "not utf-8": "NAME=+FF+FE",
    "not ascii": "NAME=ä",
    "too long": "NAME=" + "a" * 256,
    "address": "ADDR=300.1.1.1",
    "port zero": "PORT=0",
    "port": "PORT=65536",
    "source": "SOURCE=ELSEWHERE",
    "protocol": "PROTO=a(b",
}


@pytest.mark.parametrize("argument", REFUSED.values(), ids=REFUSED.keys())
def test_refused(argument):
    with pytest.raises(Rejection) as caught:
        parse(argument, {})
    assert caught.value.reply.code == 501

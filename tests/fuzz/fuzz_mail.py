"""Fuzzes the reader: `make fuzz TARGET=mail MINUTES=n`, or `python -m tests.fuzz.fuzz_mail SECONDS [SEED]`.

Mutates the seed mails of tests/mail/cases and reads them; a failure, a reading that takes more than two seconds or a
result that does not survive the wire stops it with a traceback; the mail is written to ./fuzz-mail-failure.eml.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from dlp.limits import Limits
from dlp.mail.reading import read, read_small
from dlp.mail.wire import decode_texts, encode_texts

CASES = Path(__file__).parent.parent / "mail" / "cases"
SLOWEST = 2.0
WORDS = (
    *(bytes([sign]) for sign in b'\r\n\0-="(;: \t<>\xff'),
    *(
        b"\r\n",
        b"--",
        b"==",
        b"?=",
        b"=?utf-8?B?",
        b"=?utf-16?Q?=00",
        b"charset=utf-7",
        b"charset=utf-16",
        b"name*0*=",
        b"boundary=",
    ),
    *(b"message/rfc822", b"text/html", b"<!--", b"<td>", b"&#x", b"From ", b"Content-Transfer-Encoding: base64\r\n"),
    *(
        b"begin 644 a\r\nM",
        b"=ybegin line=128\r\n",
        b"converted with BinHex 4.0)\r\n:",
        b"<~",
        b"~>",
        b"U3R1ZGVudCBJRCA5MTIzNDU2Nzg=",
    ),
    *(
        b"+ADkAMQAy-",
        b"\xc0\xb9",
        b"\xed\xa0\x80\xed\xb0\x80",
        b"\x1b$B",
        "\u202e".encode(),
        "❶ІΑ".encode(),
        b"\\u0039",
        b"&amp;#57;",
    ),
    *(b"<style>.a{display:none}.b::after{content:'9'}</style>", b"<i class=a>", b"<b hidden>", b"<bdo dir=rtl>", b"nine one "),
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
)
LIMITS = (
    Limits(),
    Limits(depth=3, parts=5, header_block=400, header=100, header_parameters=2, encoded_words=2, addresses=2, text=100),
)


def mutate(source: random.Random, seeds: list[bytes]) -> bytes:
    raw = bytearray(source.choice(seeds))
    for _ in range(source.randint(1, 12)):
        start = source.randrange(len(raw) + 1)
        end = min(len(raw), start + source.randrange(30))
        other = source.choice(seeds)
        cut = source.randrange(len(other))
        new = source.choice(
            (
                b"",
                source.choice(WORDS),
                source.randbytes(4),
                bytes(raw[start:end]) * source.randint(2, 50),
                other[cut : cut + 80],
            )
        )
        raw[start:end] = new
    return bytes(raw)


def attempt(raw: bytes, limits: Limits) -> None:
    """Read one mail; raises when a property does not hold."""
    start = time.monotonic()
    texts = read(raw, limits)
    if read_small(raw, limits) not in {None, texts}:
        raise ValueError("the lanes differ")
    if time.monotonic() - start > SLOWEST:
        raise TimeoutError("reading took too long")
    if decode_texts(encode_texts(texts), size=len(raw)) != texts:
        raise ValueError("the wire changed the texts")


def main() -> None:
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32)
    source = random.Random(seed)
    seeds = [path.read_bytes() for path in sorted(CASES.glob("*.eml"))]
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        raw = mutate(source, seeds)
        held = False
        try:
            attempt(raw, source.choice(LIMITS))
            held = True
        finally:
            if not held:
                Path("fuzz-mail-failure.eml").write_bytes(raw)
                print(f"seed {seed}, mail {count}")
        count += 1
    print(f"seed {seed}: {count} mails, no failure")


if __name__ == "__main__":
    main()

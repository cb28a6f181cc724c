"""One ARC set of ours (RFC 8617) above a message we changed: what our MTA found out before, signed together with the copy.

Takes the message as it leaves, its DKIM-Signature fields included; gives it with ARC-Seal, ARC-Message-Signature and
ARC-Authentication-Results on top, or as it is where we cannot say whether its chain holds. We look up no DNS: a chain is
taken further only when our MTA says that it passed. Raises CannotSign. Slow for large mail: not for a loop.
"""

from __future__ import annotations

import re
import textwrap

from dlp.mail.authentication import results_of
from dlp.signing import CANONICAL, Readable, Signer, SigningKey, Tag, Writer

Field = tuple[bytes, bytes]  # a name and what follows the colon, as dkimpy has it

_SET = (b"ARC-Authentication-Results", b"ARC-Message-Signature", b"ARC-Seal")  # in the order of a seal's scope (5.1.1)
_ORDER = {name.lower(): place for place, name in enumerate(_SET)}
_INSTANCE = re.compile(rb"(?:^|;)\s*i\s*=\s*([1-9][0-9]?)\s*(?=;|$)", re.IGNORECASE)
_MOST = 50  # instances (4.2.1)


def sealed(message: bytes, signer: Signer, authserv_id: str) -> bytes:
    """The message with our ARC set on top; `authserv_id` is what our MTA calls itself in Authentication-Results."""
    readable = Readable(message)
    wanted = b"authentication-results"
    values = (value.decode("latin-1") for name, value in readable.headers if name.lower() == wanted)
    results = results_of(values, authserv_id)
    chain = _chain(readable.headers)
    if chain is None or len(chain) == _MOST * len(_SET) or (chain and results.chain != "pass"):
        return message
    key = _key(signer)
    number = b"%d" % (len(chain) // len(_SET) + 1)
    who = [(b"a", key.algorithm.encode()), (b"d", signer.domain.encode()), (b"s", key.selector.encode())]
    tags = [*who, (b"t", b"%d" % int(signer.clock()))]
    told = _told(number, authserv_id, results.told)
    signature = _message_signature(readable, number, tags, key)
    seal = _seal(
        [*chain, _field(told), _field(signature)], [(b"i", number), (b"cv", b"pass" if chain else b"none"), *tags], key
    )
    return seal + signature + told + message


def _key(signer: Signer) -> SigningKey:
    """A set has one signature of each kind, and few verifiers of ARC know Ed25519: an RSA key goes first."""
    return next((key for key in signer.keys if key.algorithm == "rsa-sha256"), signer.keys[0])


def _told(number: bytes, authserv_id: str, results: tuple[str, ...]) -> bytes:
    lines = [_SET[0].decode() + f": i={number.decode()}; {authserv_id}"]
    lines += [_folded(result) for result in results or ("none",)]
    return ";\r\n ".join(lines).encode("ascii") + b"\r\n"


def _folded(result: str) -> str:
    return "\r\n  ".join(textwrap.wrap(result, 76, break_long_words=False, break_on_hyphens=False))


def _message_signature(readable: Readable, number: bytes, tags: list[Tag], key: SigningKey) -> bytes:
    """Like our DKIM-Signature, and over those that are there (4.1.2)."""
    there = [name.lower() for name, _ in readable.headers if name.lower() == b"dkim-signature"]
    over = there + readable.covered
    scope = [(b"h", b" : ".join(over)), (b"bh", readable.body_hash)]
    return readable.write(_SET[1], [(b"i", number), (b"c", CANONICAL), *tags, *scope], over, key)


def _seal(scope: list[Field], tags: list[Tag], key: SigningKey) -> bytes:
    writer = Writer()
    writer.headers = scope[::-1]  # dkimpy takes each name from the bottom
    return writer.write(_SET[2], tags, [name.lower() for name, _ in scope], key)


def _field(written: bytes) -> Field:
    name, _, value = written.partition(b":")
    return name, value


def _chain(headers: list[Field]) -> list[Field] | None:
    """The ARC fields of the sets 1 to n, in the order of a seal's scope; None when they are not exactly that."""
    places: dict[tuple[int, int], Field] = {}
    count = 0
    for name, value in headers:
        if name.lower() in _ORDER:
            found = _INSTANCE.findall(value)
            count += 1
            if len(found) == 1:
                places[int(found[0]), _ORDER[name.lower()]] = (name, value)
    expected = [(number + 1, place) for number in range(count // len(_SET)) for place in range(len(_SET))]
    return [places[at] for at in expected] if sorted(places) == expected and len(places) == count else None

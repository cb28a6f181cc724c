"""The fixed answers of our own listeners, in one table (RFC 5321 4.2, RFC 2034).

Takes nothing. None of these texts repeats what the client sent, names a rule or tells anything about our inside. What
is our own trouble is 4xx; 5xx is for syntax, size and policy of the protocol only. Nothing here fails.
"""

from __future__ import annotations

from dlp.errors import ProtocolError, Unavailable
from dlp.values import Reply


class Rejection(ProtocolError):  # noqa: N818  what the client is told, not what broke
    """The client broke the protocol; `reply` is the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


OK = Reply(250, "2.0.0", "ok")
BYE = Reply(221, "2.0.0", "bye")
SEND_DATA = Reply(354, "", "end with <CRLF>.<CRLF>")

TOO_MANY_SESSIONS = Reply(421, "4.7.0", "too many connections, try again later")
TOO_MANY_ERRORS = Reply(421, "4.7.0", "too many errors")
TIMED_OUT = Reply(421, "4.4.2", "timed out")
NO_NEXT_HOP = Reply(421, "4.4.1", "the next hop is not available, try again later")
STOPPING = Reply(421, "4.3.2", "shutting down, try again later")

STORAGE = Reply(452, "4.3.1", "no room now, try again")
IN_FLIGHT = Reply(452, "4.3.1", "too much mail at once, try again")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3", "too many recipients")

LINE_TOO_LONG = Reply(500, "5.5.2", "line too long")
NOT_CRLF = Reply(500, "5.5.2", "commands end with <CRLF> and hold no bare <CR>, <LF> or <NUL>")
NOT_TEXT = Reply(500, "5.5.2", "neither ASCII nor UTF-8")
UNKNOWN_COMMAND = Reply(500, "5.5.1", "command not recognised")
NOT_IMPLEMENTED = Reply(502, "5.5.1", "command not implemented")
CANNOT_VERIFY = Reply(252, "2.0.0", "not verified, send some mail")

SYNTAX = Reply(501, "5.5.4", "syntax error in the argument")
SYNTAX_MAIL = Reply(501, "5.5.4", "syntax: MAIL FROM:<address> [parameters]")
SYNTAX_RCPT = Reply(501, "5.5.4", "syntax: RCPT TO:<address> [parameters]")
BAD_PARAMETER = Reply(501, "5.5.4", "malformed parameter")
UNKNOWN_PARAMETER = Reply(555, "5.5.4", "parameter not recognised or not announced")
BAD_SENDER = Reply(553, "5.1.7", "malformed sender address")
BAD_RECIPIENT = Reply(553, "5.1.3", "malformed recipient address")
NOT_ASCII = Reply(553, "5.6.7", "address is not ASCII and SMTPUTF8 was not asked for")

GREET_FIRST = Reply(503, "5.5.1", "greet first")
NESTED_MAIL = Reply(503, "5.5.1", "a transaction is open already")
MAIL_FIRST = Reply(503, "5.5.1", "need MAIL first")
RCPT_FIRST = Reply(503, "5.5.1", "no valid recipients")
IN_TRANSACTION = Reply(503, "5.5.1", "not within a transaction")
ENCRYPTED_ALREADY = Reply(503, "5.5.1", "encrypted already")
RELAY_DENIED = Reply(550, "5.7.1", "relay access denied")
XFORWARD_DENIED = Reply(550, "5.7.1", "not for this client")

TOO_BIG = Reply(552, "5.3.4", "message too big")
BARE_NEWLINE = Reply(550, "5.6.11", "message holds a bare <CR> or <LF>")
NUL = Reply(550, "5.6.0", "message holds a <NUL>")


def unjudged(reference: str) -> Reply:
    """Our own fault, which is never permanent and never described; the reference is in the log."""
    return Reply(451, "4.3.0", f"not judged, try again, ref {reference}")


def later(error: Unavailable, stage: object, reference: str) -> Reply:
    """What cannot be done now: no room, not passed on (the next hop, or what came behind judging), or not judged."""
    if error.storage:
        return STORAGE
    if error.cause == "next_hop" or stage == "settling":
        return Reply(451, "4.3.0", f"not passed on, try again, ref {reference}")
    return unjudged(reference)

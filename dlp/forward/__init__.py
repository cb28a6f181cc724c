"""The next hop: a small capped pool of connections that carry exact bytes (RFC 5321, RFC 2033, RFC 2920).

Takes an envelope and the pieces of a message, gives the next hop's answers in our own words. What went wrong on the
way is Interrupted or RecipientsChanged (both Unavailable, so 451); `after_dot` says whether the outcome is unknown.
The one Received field we add, and the count of such fields that stops loops, live in `trace`.
"""

from dlp.forward.answers import Interrupted, RecipientsChanged, mirror
from dlp.forward.esmtp import has_smtputf8
from dlp.forward.hop import Deadline, Hop, Timeouts, parse_hop
from dlp.forward.pool import Forwarder
from dlp.forward.session import LOST, NextHopSession
from dlp.forward.tls import Tls, TlsFailed, tls_of
from dlp.forward.trace import hops, trace_field

__all__ = [
    "LOST",
    "Deadline",
    "Forwarder",
    "Hop",
    "Interrupted",
    "NextHopSession",
    "RecipientsChanged",
    "Timeouts",
    "Tls",
    "TlsFailed",
    "has_smtputf8",
    "hops",
    "mirror",
    "parse_hop",
    "tls_of",
    "trace_field",
]

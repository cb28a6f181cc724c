"""The milter front end: what an MTA asks of a mail filter over its own interface, answered by us.

`layouts`, `negotiation`, `commands`, `replies` and `codec` are the protocol (nothing of ours, no I/O); `message`, `changes`
and `session` make messages of it and answers of outcomes (pure); `server` speaks it on sockets.
"""

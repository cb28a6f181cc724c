"""The milter front end: codec, session and server.

Nothing is here yet: `[milter] listen` is accepted and answers "not yet". The package keeps its place in the layer
table, because `dlp.values.Edit` may only say what a milter can express.
"""

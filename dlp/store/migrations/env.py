"""What Alembic runs for every command: our metadata on the connection that `migrate` has already begun.

It configures no logging and opens no database of its own; without a connection it fails at once (KeyError).
"""

from __future__ import annotations

from alembic import context

from dlp.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

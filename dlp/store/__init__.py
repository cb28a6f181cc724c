"""Everything durable: held and owed copies, the notice outbox, the audit chain. Start reading at store.py."""

from dlp.store.store import Store

__all__ = ["Store"]

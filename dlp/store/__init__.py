"""Everything durable: held and owed copies, the notice outbox, the audit chain."""

"""Edits: what to change in a message, and the bytes after the change, all pure."""

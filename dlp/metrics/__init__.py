"""Numbers for Prometheus: which there are (names.py), counted from events (recorder.py), read from the store (figures.py)."""

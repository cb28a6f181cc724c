"""The campus directory: who is who, as the institution's own files say.

Rows of import files (records.py), and what may be asked of them (directory.py). Pure; the files lie in dlp.snapshot.
"""

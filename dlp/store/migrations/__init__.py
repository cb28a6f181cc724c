"""Alembic's scripts: env.py runs them on the connection it is given; each file in versions/ is one step, never edited."""

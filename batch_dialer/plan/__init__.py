"""Whom a run dials, and the word on every other row. Pure: no I/O, no clock."""

"""Dial a spreadsheet: one voice-agent call for each row, and nobody is called twice.

Three files carry that promise: `dialing/dispatch.py`, the only place where a phone can ring; `dialing/verdict.py`,
which says whether it may have rung; and `ledger/journal.py`, which has every attempt on disk before. README.md in this
folder says what each folder is for.
"""

__version__ = "0.1.0"

"""Dial a spreadsheet: one voice-agent call for each row, nobody twice, nothing lost.

The pipeline is in `pipeline.py` and the only place where a phone can ring in `dispatch.py`. What decides is in
`rules/` and does no I/O; what touches files, sockets and people is in `edges/` and decides nothing.
"""

__version__ = "0.1.0"

"""The API on loopback, for rehearsals and for the tests: a model with memory. It reaches no telephone and no network.

numbers.py    the numbers with a fixed behaviour, as one table
exchange.py   the telephone exchange: every call it placed, and how each goes on as time passes
limiter.py    the rate limit, in the dialects that clients must understand
faults.py     ways in which an answer can go wrong
wire.py       what those are made of
scripts.py    which request meets which fault
replies.py    the documented shapes of answers and refusals
bodies.py     what a client asks for, checked as a server would
directory.py  the agents and campaigns
settings.py   what can be set
gate.py       what every request passes: rate limit, token, script
placing.py    the endpoints that place calls
looking.py    the endpoints that look something up, or hang up
app.py        the app made of these
serve.py      the app on a port: in a thread for tests, in the foreground for the command

All but `numbers`, `exchange` and `limiter` need the extra `batch-dialer[sandbox]`; without it they raise ImportError.
"""

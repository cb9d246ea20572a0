"""A model of the vendor's API on loopback, for rehearsals and tests. It reaches no telephone and no network.

numbers.py    the numbers with a fixed behaviour
outcomes.py   how calls end, where shares are asked for
exchange.py   the telephone exchange: every placed call, and its status as time passes
limiter.py    the rate limit: the kinds of window, and the formats of its headers
faults.py     ways in which an answer can go wrong
wire.py       the parts that faults are made of
scripts.py    which request gets which fault
replies.py    answers and refusals in the documented shapes
bodies.py     parsing and checking of request bodies
directory.py  the agents and campaigns
settings.py   the settings of a sandbox
gate.py       what every request passes: rate limit, token, script
placing.py    the endpoints that place calls
looking.py    the endpoints that look something up or hang up
app.py        the ASGI app, made of all these
serve.py      the app on a port: in a thread for tests, in the foreground for the command

All but `numbers`, `outcomes`, `exchange` and `limiter` need the extra `batch-dialer[sandbox]`; without it they raise
ImportError.
"""

"""Run the real command with the minutes that it waits to be sure cut to moments.

    python tests/support/hurried.py run …

The program itself knows nothing of this. The API is taken to be at work on a request that was given up for a fifth of a
second, which is true of the sandbox, and the two readings of its list follow each other at once.
"""

from batch_dialer.__main__ import main
from batch_dialer.dialing import dispatch
from batch_dialer.flows import reconcile

MOMENTS = ((reconcile, "DEADLINE", 0.0), (reconcile, "BETWEEN_READINGS", 0.05), (dispatch, "BEHIND", 0.05))


def hurry() -> None:
    for module, name, seconds in MOMENTS:
        setattr(module, name, seconds)


if __name__ == "__main__":
    hurry()
    main()

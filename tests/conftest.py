"""Hypothesis profiles, and what is always true of a test."""

import os
import signal

from hypothesis import HealthCheck, settings

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # else each process we start loads trio and pytest, by way of pandera

# A shell starts what runs in its background with Ctrl-C ignored, and `nohup` a hangup: the programs under test, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
settings.register_profile("nightly", deadline=None, max_examples=2000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers `-n auto` starts: one more than there are cores, as many tests wait for a while."""
    return (os.cpu_count() or 1) + 1

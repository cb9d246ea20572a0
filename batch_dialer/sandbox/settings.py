"""The settings of a sandbox."""

from dataclasses import dataclass

from batch_dialer.sandbox.limiter import ResetStyle, WindowKind
from batch_dialer.sandbox.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a sandbox.

    *limit* requests are allowed per *window_seconds* (None: any number, and no rate-limit headers). At *speed* 60, a
    minute of a call's course takes a second. An answer for the slow number takes *slow_seconds*. A new call is listed
    after *listing_lag_seconds*. How calls end is drawn from *outcomes*; without them, all are answered
    but those to a number with a fixed behaviour. Idle connections are closed after *keep_alive_seconds*.
    """

    limit: int | None = 1000
    window_seconds: float = 60.0
    window: WindowKind = WindowKind.FIXED
    reset: ResetStyle = ResetStyle.EPOCH
    speed: float = 1.0
    slow_seconds: float = 3.0
    listing_lag_seconds: float = 0.0
    outcomes: Outcomes | None = None
    keep_alive_seconds: int = 75


DEFAULTS = Settings()

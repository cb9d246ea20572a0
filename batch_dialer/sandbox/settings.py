"""What can be set about a sandbox."""

from dataclasses import dataclass

from batch_dialer.sandbox.limiter import ResetStyle, WindowKind


@dataclass(frozen=True, slots=True)
class Settings:
    """How the sandbox behaves as a whole.

    *limit* requests per *window_seconds* (None: unlimited, and no rate-limit headers). *speed* makes calls go on faster
    than life. *slow_seconds* is what the slow number takes. *listing_lag_seconds* passes before a new call is listed.
    """

    limit: int | None = 1000
    window_seconds: float = 60.0
    window: WindowKind = WindowKind.FIXED
    reset: ResetStyle = ResetStyle.EPOCH
    speed: float = 1.0
    slow_seconds: float = 3.0
    listing_lag_seconds: float = 0.0
    keep_alive_seconds: int = 75


DEFAULTS = Settings()

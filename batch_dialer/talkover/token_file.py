"""Where the API token comes from: TALKOVER_TOKEN or a file that only its owner may read."""

import os
import re
import stat
from pathlib import Path

from batch_dialer.errors import UsageError
from batch_dialer.talkover.token import Token

_TOKEN = re.compile(r"[\x21-\x7e]{8,4096}")


def read_token(path: Path | None) -> Token:
    """Take the token from --token-file or TALKOVER_TOKEN, and the latter out of the environment; raise `UsageError`."""
    given = os.environ.pop("TALKOVER_TOKEN", "")
    if path is not None:
        given = _secret_file(path)
    if not given:
        remedy = "Set TALKOVER_TOKEN, or give --token-file FILE. To try without an account: --sandbox."
        raise UsageError("There is no API token.", remedy)
    if not _TOKEN.fullmatch(given.removesuffix("\n").removesuffix("\r")):
        raise UsageError(
            "This is not a valid API token.", "Copy it again, whole and with nothing around it; it begins with talq_."
        )
    return Token(given.strip())


def _secret_file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The token file {path} cannot be read: {why}.", "Check --token-file.") from None
    if os.name == "posix" and (not stat.S_ISREG(mode) or mode & 0o077):
        raise UsageError(f"Other users of this machine may read the token file {path}.", f"Run: chmod 600 {path}")
    return text

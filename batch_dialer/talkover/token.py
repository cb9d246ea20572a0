"""A module of its own: who only looks whether there is a token need not wait for the HTTP libraries to load."""

import json
import re
from functools import cached_property

_HIDDEN = b"(token)"


class Token:
    """The API token, which no print, log or traceback shows."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._bytes = secret.encode()

    def __repr__(self) -> str:
        return "Token(***)"

    def header(self) -> str:
        """Return the value of the Authorization header. The one place where the secret leaves."""
        return f"Bearer {self._secret}"

    def redact(self, data: bytes) -> bytes:
        """Return *data* without the secret, however a server may quote it: as it is, or with any of JSON's escapes."""
        if not self._secret:
            return data
        data = self._quoted.sub(_HIDDEN, data) if b"\\" in data else data.replace(self._bytes, _HIDDEN)
        return self._redact_wide(data) if b"\0" in data else data

    def _redact_wide(self, data: bytes) -> bytes:
        """JSON may come in UTF-16 or UTF-32, too: what holds the secret then goes on in UTF-8."""
        narrow = data.decode(json.detect_encoding(data), "replace").encode()
        if b"\0" in narrow:
            return data
        redacted = self.redact(narrow)
        return data if redacted == narrow else redacted

    @cached_property
    def _quoted(self) -> re.Pattern[bytes]:
        r"""Match the secret, each character as it is, behind backslashes or as `\u0074`: in JSON within JSON, too.

        Possessive, and begun only where a row of backslashes begins, so that no text takes long.
        """
        return re.compile(rb"(?<!\\)" + "".join(map(_escaped, re.sub(r"\\+", r"\\", self._secret))).encode())


def _escaped(char: str) -> str:
    code = "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"u{ord(char):04x}"[1:])
    behind = rf"\\*+u{code}"
    return rf"(?:{behind}|\\++)" if char == "\\" else rf"(?:{behind}|\\*+{re.escape(char)})"

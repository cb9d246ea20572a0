"""A module of its own: who only looks whether there is a token need not wait for the HTTP libraries to load."""


class Token:
    """The API token, which no print, log or traceback shows."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Token(***)"

    def header(self) -> str:
        """Return the value of the Authorization header. The one place where the secret leaves."""
        return f"Bearer {self._secret}"

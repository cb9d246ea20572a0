"""The options that say where the API is, and how its list of calls is to be taken."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import click

from batch_dialer.commands.options.grouping import Body, Heading, gathered, option
from batch_dialer.commands.settings import read_base_url, read_duration
from batch_dialer.talkover.token import Token
from batch_dialer.talkover.token_file import read_token

_base_url = option(
    Heading.API, "--base-url", metavar="URL", help="The address of the API. Overrides TALKOVER_BASE_URL."
)
_allow_insecure = option(
    Heading.API,
    "--allow-insecure",
    is_flag=True,
    help="Accept an address that begins with http://. The token and the numbers are then sent unencrypted.",
)
_token_file = option(
    Heading.API,
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read the token from this file. Overrides TALKOVER_TOKEN.",
)
_settle_after = option(
    Heading.API,
    "--settle-after",
    read=partial(read_duration, option="--settle-after"),
    default="15m",
    show_default=True,
    metavar="15m",
    help="How long it may take until a new call is in the API's list. Until then, a call that is missing there may"
    " exist.",
)


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """The API's address and token, as they are given."""

    base_url: str | None
    allow_insecure: bool
    token_file: Path | None

    def address(self) -> str:
        """Return the API's address; raise `UsageError` for one that the token should not be sent to."""
        return read_base_url(self.base_url, allow_insecure=self.allow_insecure)

    def token(self) -> Token:
        """Return the token from the file or the environment; raise `UsageError`."""
        return read_token(self.token_file)


@dataclass(frozen=True, slots=True)
class ApiOptions(AccessOptions):
    """How long the API's list of calls may lag behind, too."""

    settle_after: timedelta


def access_options(body: Body) -> Body:
    """Add the options that any request needs; *body* is given them as `api`."""
    return gathered(body, "api", AccessOptions, (_base_url, _allow_insecure, _token_file))


def api_options(body: Body) -> Body:
    """Add the options of this group; *body* is given them as `api`."""
    return gathered(body, "api", ApiOptions, (_base_url, _allow_insecure, _token_file, _settle_after))

"""What the bytes of a response say, whole or broken off: the call they name, the error they state.

Nothing here raises, whatever a server sends: an answer that can't be read may still be a call.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_NAMES_A_CALL = re.compile(
    rb'"(?:data|campaign_call|existing_call)"\s*:\s*\{[^{}]*?"(?P<key>id)"\s*:\s*(?:"(?P<text>[^"\\]{1,200})"|(?P<number>\d{1,30})\s*[,}])'
    rb'|"call_id"\s*:\s*"(?P<flat>[^"\\]{1,200})"'
)
_NAMES_A_NUMBER = re.compile(rb'"to"\s*:\s*(?:"(?P<text>[^"\\]{1,200})"|(?P<number>\d{1,30})\s*[,}])')
_LIKE_A_NUMBER = re.compile(r"(?<![\w-])(?!\d{4}-\d\d-\d\d(?!\d))[+(]?\d(?:[ \u00a0().\-/]{0,3}\d){6,}")
_CALL_PLACES = ("data", "campaign_call", "existing_call")
_LONGEST_ID = 200
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call that a response names: its ID, and what else it says of it. *existing*: it was there before.

    *to* is the number as it stands in the response, "" where there is none.
    """

    id: str
    status: str = ""
    created_at: str = ""
    existing: bool = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a response's body says. *is_json*: whether it is a JSON object."""

    is_json: bool
    call: CallFacts | None = None
    code: str = ""
    message: str = ""
    retry_after: object = None


def read(body: bytes) -> Evidence:
    """Read *body* in all documented shapes; where it is broken, save the call ID from its pieces."""
    document = _document(body)
    if document is None:
        return Evidence(is_json=False, call=_salvaged(body))
    error = _table(document.get("error"))
    return Evidence(
        is_json=True,
        call=_call(document),
        code=_words(error.get("code")) or _words(document.get("code")),
        message=_words(error.get("message")) or _words(document.get("message")) or _words(document.get("error")),
        retry_after=_table(error.get("details")).get("retry_after", document.get("retry_after")),
    )


def without_numbers(sentence: str) -> str:
    """Return *sentence* with `(number)` for whatever may be a phone number: a log shows none. Dates and IDs stay."""
    return _LIKE_A_NUMBER.sub("(number)", sentence)


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):  # json raises both on hostile text
        return None
    return document if isinstance(document, dict) else None


def _call(document: Mapping[str, Any]) -> CallFacts | None:
    for place in _CALL_PLACES:
        call = _table(document.get(place))
        if call_id := _identifier(call.get("id")):
            return _facts(call_id, call, existing=place == "existing_call")
    data = _table(document.get("data"))
    for nested in _CALL_PLACES[1:]:
        if call_id := _identifier(_table(data.get(nested)).get("id")):
            return _facts(call_id, _table(data[nested]), existing=nested == "existing_call")
    call_id = _identifier(document.get("call_id"))  # the vendor's tutorial shows this flat shape
    return _facts(call_id, document, existing=False) if call_id else None


def _facts(call_id: str, call: Mapping[str, Any], *, existing: bool) -> CallFacts:
    status, created_at, to = _words(call.get("status")), _words(call.get("created_at")), _number(call.get("to"))
    return CallFacts(call_id, status, created_at, existing, to)


def _salvaged(body: bytes) -> CallFacts | None:
    """Only an ID whose closing quote arrived is whole."""
    found = _NAMES_A_CALL.search(body)
    if not found:
        return None
    call_id = _identifier((found["text"] or found["number"] or found["flat"]).decode("utf-8", "replace"))
    existing = b"existing_call" in found[0]
    return CallFacts(call_id, existing=existing, to=_salvaged_number(body, found)) if call_id else None


def _salvaged_number(body: bytes, call: re.Match[bytes]) -> str:
    """Return the number that stands beside the ID, in the same object; only one that arrived whole counts."""
    place = call.start("key") if call["key"] else call.start("flat")
    begin = max(body.rfind(brace, 0, place) for brace in (b"{", b"}"))
    ends = [end for brace in (b"{", b"}") if (end := body.find(brace, place)) >= 0]
    beside = _NAMES_A_NUMBER.search(body, max(begin, 0), min(ends, default=len(body) - 1) + 1)
    return (beside["text"] or beside["number"]).decode("utf-8", "replace") if beside else ""


def _identifier(value: object) -> str:
    """Return a call ID that can be one: printable text, or a number; anything else is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        value = str(value) if value < 10**30 else ""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_ID or not value.isprintable():
        return ""
    return value


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) and 0 < value < 10**30 else _words(value)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> str:
    """Server text goes to a terminal and a spreadsheet: one line, printable, of bounded length."""
    if not isinstance(value, str):
        return ""
    words = value[:_LONGEST_MESSAGE]
    return (words if words.isprintable() else "".join(char if char.isprintable() else " " for char in words)).strip()

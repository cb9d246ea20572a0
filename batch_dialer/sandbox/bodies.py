"""Parse request bodies and check them as the API does."""

import json
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from batch_dialer.sandbox.replies import bare_error, flat_error

Body = Mapping[str, object]

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MAX_DELAY_SECONDS = 3600
_INTERNATIONAL = "Phone number must be in international format (e.g., +1234567890)"


async def read_body(request: Request) -> Body | Response:
    """Return the JSON object in the body, or a refusal (400) where there is none."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return flat_error(400, "The request body is not valid JSON")
    return body if isinstance(body, dict) else flat_error(400, "The request body must be a JSON object")


def refuse_number(to: object) -> Response | None:
    """Return None for a valid number, or the refusal of Make a Call: 400, and a code that tells none from a bad one."""
    if to is None or to == "":
        return bare_error(400, "MISSING_PHONE_NUMBER", "Phone number is required", field="to")
    if not is_e164(to):
        return bare_error(400, "INVALID_PHONE_NUMBER", _INTERNATIONAL, field="to", value=to)
    return None


def refuse_campaign_number(to: object) -> Response | None:
    """Return None for a valid number, or the refusal of Make a Campaign Call: 422 and `errors.to`."""
    if to is None or to == "":
        return validation_error({"to": ["The to field is required."]})
    return None if is_e164(to) else validation_error({"to": [_INTERNATIONAL]})


def refuse_fields(body: Body, *, delayable: bool) -> Response | None:
    """Return None, or the refusal of optional fields of a wrong type or out of range.

    *delayable*: whether the endpoint takes `delay_seconds`, as Make a Call does. The refusal is 422, which the vendor
    documents for campaigns only.
    """
    errors = {name: ["Must be an object."] for name in ("payload", "context") if not _is(body.get(name, {}), dict)}
    flags = ("is_testing",) if delayable else ("is_testing", "allow_duplicates")
    errors |= {name: ["Must be true or false."] for name in flags if not _is(body.get(name, False), bool)}
    delay = body.get("delay_seconds", 0)
    if delayable and not (type(delay) is int and 0 <= delay <= _MAX_DELAY_SECONDS):
        errors["delay_seconds"] = [f"Must be a whole number from 0 to {_MAX_DELAY_SECONDS}."]
    return validation_error(errors) if errors else None


def validation_error(errors: Mapping[str, list[str]]) -> Response:
    """Return a refusal: 422, with the errors by field."""
    return flat_error(422, "The given data was invalid.", code="VALIDATION_ERROR", errors=errors)


def is_e164(number: object) -> bool:
    """Whether *number* is text in the form of E.164. Whether the number is in use is not checked."""
    return isinstance(number, str) and bool(_E164.fullmatch(number))


def _is(value: object, kind: type) -> bool:
    return value is None or isinstance(value, kind)

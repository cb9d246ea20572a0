"""Reading what a client asks for, with the light checks that a server makes."""

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
    """Return the JSON object of the request, or the refusal of what is none."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return flat_error(400, "The request body is not valid JSON")
    return body if isinstance(body, dict) else flat_error(400, "The request body must be a JSON object")


def refuse_number(to: object) -> Response | None:
    """Refuse a number as Make a Call does: 400, one code for no number and another for a bad one."""
    if to is None or to == "":
        return bare_error(400, "MISSING_PHONE_NUMBER", "Phone number is required", field="to")
    if not is_e164(to):
        return bare_error(400, "INVALID_PHONE_NUMBER", _INTERNATIONAL, field="to", value=to)
    return None


def refuse_campaign_number(to: object) -> Response | None:
    """Refuse a number as Make a Campaign Call does: 422 and `errors.to`."""
    if to is None or to == "":
        return validation_error({"to": ["The to field is required."]})
    return None if is_e164(to) else validation_error({"to": [_INTERNATIONAL]})


def refuse_fields(body: Body, *, delayable: bool) -> Response | None:
    """Refuse fields of the wrong type or out of range: with 422, as campaigns do; Make a Call does not say how."""
    errors = {name: ["Must be an object."] for name in ("payload", "context") if not _is(body.get(name, {}), dict)}
    flags = ("is_testing",) if delayable else ("is_testing", "allow_duplicates")
    errors |= {name: ["Must be true or false."] for name in flags if not _is(body.get(name, False), bool)}
    delay = body.get("delay_seconds", 0)
    if delayable and not (type(delay) is int and 0 <= delay <= _MAX_DELAY_SECONDS):
        errors["delay_seconds"] = [f"Must be a whole number from 0 to {_MAX_DELAY_SECONDS}."]
    return validation_error(errors) if errors else None


def validation_error(errors: Mapping[str, list[str]]) -> Response:
    """Refuse with 422 and the errors of each field."""
    return flat_error(422, "The given data was invalid.", code="VALIDATION_ERROR", errors=errors)


def is_e164(number: object) -> bool:
    """Whether *number* looks like an international number. A server does not know which numbers are in use."""
    return isinstance(number, str) and bool(_E164.fullmatch(number))


def _is(value: object, kind: type) -> bool:
    return value is None or isinstance(value, kind)

"""Errors of the second model: the documented codes with their statuses, and the three shapes that they come in.

Stated: the three shapes; Make a Call uses the first, campaign and list endpoints the third. Not stated: which shape
the other endpoints use (here the second), and where `existing_call` stands (settable).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from second_http import Answer, JsonObject, Request, json_answer
from second_lies import ErrorShape, Lies

Area = Literal["call", "campaign", "list", "other"]

_STATUS_OF: Mapping[str, int] = {
    "INVALID_PHONE_NUMBER": 400,
    "MISSING_PHONE_NUMBER": 400,
    "AGENT_INACTIVE": 400,
    "CAMPAIGN_NOT_ACTIVE": 400,
    "INVALID_TOKEN": 401,
    "INSUFFICIENT_CREDITS": 402,
    "FORBIDDEN": 403,
    "AGENT_NOT_FOUND": 404,
    "CAMPAIGN_NOT_FOUND": 404,
    "DUPLICATE_CALL": 409,
    "CALL_NOT_ACTIVE": 409,
    "VALIDATION_ERROR": 422,
    "RATE_LIMIT_EXCEEDED": 429,
    "SERVER_ERROR": 500,
}
_MESSAGES: Mapping[str, str] = {
    "INVALID_PHONE_NUMBER": "Phone number must be in international format (e.g., +1234567890)",
    "MISSING_PHONE_NUMBER": "Phone number is required",
    "AGENT_INACTIVE": "Agent is not published",
    "INVALID_TOKEN": "Invalid or missing authentication token",
    "INSUFFICIENT_CREDITS": "Account has insufficient credits to place this call",
    "AGENT_NOT_FOUND": "Voice agent not found",
    "CAMPAIGN_NOT_FOUND": "Campaign not found",
    "CAMPAIGN_NOT_ACTIVE": "Campaign is not active",
    "DUPLICATE_CALL": "A call to this number is already queued or active",
    "VALIDATION_ERROR": "The given data was invalid.",
    "RATE_LIMIT_EXCEEDED": "Rate limit exceeded. Please wait before making more requests.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request, before it is given one of the shapes."""

    code: str | None
    status: int | None = None
    message: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    existing_call: JsonObject | None = None
    shape: ErrorShape | None = None


class RefusalError(Exception):
    """An endpoint refuses a request, for the reason *problem*."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def invalid(field_name: str, message: str) -> RefusalError:
    """Return 422 VALIDATION_ERROR about one field."""
    return RefusalError(Problem("VALIDATION_ERROR", errors={field_name: [message]}))


def area_of(request: Request) -> Area:
    """Return which of the vendor's pages a request belongs to; its error shape goes by that."""
    segments = request.path.split("/")
    if request.method == "POST" and segments[-1] == "call":
        return "campaign" if "campaigns" in segments else "call"
    return "list" if segments[-1] == "calls" else "other"


def error_answer(problem: Problem, lies: Lies, area: Area) -> Answer:
    """Write *problem* in its shape."""
    shape = _shape(problem, lies, area)
    details: JsonObject = {**problem.details}
    existing = problem.existing_call
    if existing is not None and lies.existing_place == "details":
        details["existing_call"] = existing
    message = problem.message or _MESSAGES.get(problem.code or "", "The request could not be served")
    if shape in {"fields", "fields_code"}:
        body = _third_shape(problem, message, details, with_code=shape == "fields_code")
    else:
        body = _error_shape(problem, message, details, with_success=shape == "success_error")
    if existing is not None and lies.existing_place == "top":
        body["existing_call"] = existing
    return json_answer(problem.status or _STATUS_OF.get(problem.code or "", 500), body)


def _shape(problem: Problem, lies: Lies, area: Area) -> ErrorShape:
    """Return the problem's own shape, the one of *lies*, or the one that is documented for the endpoint.

    429 keeps one of the first two, because only they have `error.details.retry_after`.
    """
    wanted = problem.shape or lies.error_shape
    if wanted != "documented":
        return wanted
    if area == "call":
        return "error"
    if area in {"campaign", "list"} and problem.code != "RATE_LIMIT_EXCEEDED":
        return "fields_code"
    return "success_error"


def _error_shape(problem: Problem, message: str, details: JsonObject, *, with_success: bool) -> JsonObject:
    """Return the first or second shape; errors of fields go into the details."""
    error: JsonObject = {} if problem.code is None else {"code": problem.code}
    error["message"] = message
    if details or problem.errors:
        error["details"] = {**details, **problem.errors}
    return {"success": False, "error": error} if with_success else {"error": error}


def _third_shape(problem: Problem, message: str, details: JsonObject, *, with_code: bool) -> JsonObject:
    body: JsonObject = {"success": False, "message": message}
    if problem.errors:
        body["errors"] = dict(problem.errors)
    if with_code and problem.code is not None:
        body["code"] = problem.code
    if details:
        body["details"] = details
    return body

"""May this phone have rung, and what follows? Every answer to that question is in this file.

Three laws. A call ID in the bytes that arrived is a placed call, however the response ended. It is this row's call only
where it is to no other number and no other row has it. And the same request is sent again only where it is certain that
nothing was placed; all that is not certain is `unknown`.
"""

from dataclasses import replace
from enum import Enum
from http import HTTPStatus

from batch_dialer.dialing.taken_ids import TakenIds
from batch_dialer.ledger.calls import read_earlier
from batch_dialer.ledger.listed_numbers import Sameness, same_number
from batch_dialer.model import Again, Answer, Call, Halt, Lost, Outcome, Reply, Settled, Unsent, Verdict, Via
from batch_dialer.talkover import evidence, rate_headers
from batch_dialer.talkover.evidence import CallFacts, Evidence
from batch_dialer.words import CALL_EXISTS, Code, Status

MOST_TRIES = 6
"""How often one row is tried within a run while nothing leaves or everything is too fast; then the run stops."""


class About(Enum):
    """What a documented code is about, which decides what follows."""

    ROW = "this row: it is refused, and the run goes on"
    AGENT = "the agent: its rows wait for the next run, those of other agents are dialed"
    RUN = "the campaign, the account or the token: the run stops, and the row waits for the next one"
    MOMENT = "the moment: everybody waits, and the same row goes again"
    DOUBT = "neither a call nor its absence: a call may exist"


DOCUMENTED: dict[tuple[Via, int, str], About] = {
    (Via.AGENT, 400, "INVALID_PHONE_NUMBER"): About.ROW,
    (Via.AGENT, 400, "MISSING_PHONE_NUMBER"): About.ROW,
    (Via.AGENT, 400, "AGENT_INACTIVE"): About.AGENT,
    (Via.AGENT, 401, "INVALID_TOKEN"): About.RUN,
    (Via.AGENT, 402, "INSUFFICIENT_CREDITS"): About.RUN,
    (Via.AGENT, 404, "AGENT_NOT_FOUND"): About.AGENT,
    (Via.AGENT, 429, "RATE_LIMIT_EXCEEDED"): About.MOMENT,
    (Via.CAMPAIGN, 400, "INVALID_PHONE_NUMBER"): About.ROW,
    (Via.CAMPAIGN, 400, "MISSING_PHONE_NUMBER"): About.ROW,
    (Via.CAMPAIGN, 400, "CAMPAIGN_NOT_ACTIVE"): About.RUN,
    (Via.CAMPAIGN, 401, "INVALID_TOKEN"): About.RUN,
    (Via.CAMPAIGN, 402, "INSUFFICIENT_CREDITS"): About.RUN,
    (Via.CAMPAIGN, 403, "FORBIDDEN"): About.RUN,
    (Via.CAMPAIGN, 404, "CAMPAIGN_NOT_FOUND"): About.RUN,
    (Via.CAMPAIGN, 409, "DUPLICATE_CALL"): About.DOUBT,  # which call, it should say: `existing_call` names it
    (Via.CAMPAIGN, 422, "VALIDATION_ERROR"): About.ROW,
    (Via.CAMPAIGN, 429, "RATE_LIMIT_EXCEEDED"): About.MOMENT,
    (Via.CAMPAIGN, 500, "SERVER_ERROR"): About.DOUBT,
}

REMEDIES = {
    "AGENT_INACTIVE": "Publish the agent, then run the same command again.",
    "AGENT_NOT_FOUND": "Check the agent's ID (--agent, agent_id in the schema file or in the sheet), then run again.",
    "CAMPAIGN_NOT_ACTIVE": "Activate the campaign, then run the same command again.",
    "CAMPAIGN_NOT_FOUND": "Check the campaign's ID (--campaign, or campaign_id in the schema file), then run again.",
    "FORBIDDEN": "Use a token that may use this campaign, then run again.",
    "INVALID_TOKEN": "Check the token (TALKOVER_TOKEN or --token-file), then run again.",
    "INSUFFICIENT_CREDITS": "Top up the account's credits, then run the same command again.",
}
ABOUT_THE_JOB: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: REMEDIES["INVALID_TOKEN"],
    HTTPStatus.PAYMENT_REQUIRED: REMEDIES["INSUFFICIENT_CREDITS"],
    HTTPStatus.FORBIDDEN: "Check that the token may place calls through this agent or campaign, then run again.",
}
"""Statuses that are about the token or the account, whatever code or page comes with them; and what to do then."""
_NO_SUCH_ADDRESS = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})
_GO_ON = "Then run the same command again; it goes on where it stopped."


def judge(reply: Reply, call: Call, tries: int, taken: TakenIds) -> Verdict:
    """Return what the *reply* to *call* means for its row and for the run.

    *tries*: how often the row was tried in this run. *taken*: the call IDs that rows have already.
    """
    match reply:
        case Unsent():
            return _unsent(reply, tries)
        case Lost():
            code = Code.TIMEOUT if reply.timed_out else Code.CONNECTION_LOST
            return _unknown(code, f"{_sentence(reply.reason)}; a call may exist.")
        case Answer():
            said = evidence.read(reply.body)
            via = call.target.via
            verdict = _named(reply, said.call, call, taken) if said.call else _answer(reply, said, via, tries)
            if isinstance(verdict, Settled) and reply.status == HTTPStatus.TOO_MANY_REQUESTS:
                return replace(verdict, wait=rate_headers.pause(said.retry_after, reply.headers))
            return verdict


def judge_lookup(reply: Reply, via: Via) -> Halt | None:
    """Return why no call can be placed, where the answer to a question about the agent or the campaign says so.

    None for any other answer, or without one: whoever can call may be unable to look.
    """
    if not isinstance(reply, Answer) or not reply.whole:
        return None
    said = evidence.read(reply.body)
    code = said.code or _documented_code(via, reply.status, said)
    if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED}:
        return _stopped(reply, said, code or f"HTTP_{reply.status}")
    about = DOCUMENTED.get((via, reply.status, code))
    if about not in {About.AGENT, About.RUN} or not said.is_json:
        return None
    return replace(_stopped(reply, said, code), of_agent=about is About.AGENT)


def answers_instead(answer: Answer) -> str:
    """Say how somebody else answers at the API's address, if that is so."""
    if 300 <= answer.status < 400:  # noqa: PLR2004  (never followed: it would repeat the request, or give the token away)
        return "with a redirect"
    page = answer.status in _NO_SUCH_ADDRESS and not evidence.read(answer.body).is_json
    return "with a page that is not the API's" if page else ""


def _unsent(reply: Unsent, tries: int) -> Verdict:
    outcome = Outcome(Status.DEFERRED, "", Code.CONNECTION_LOST, f"{_sentence(reply.reason)}; nothing was sent.")
    if reply.hopeless or tries >= MOST_TRIES:
        return Halt(
            outcome, f"The API cannot be reached: {reply.reason}.", f"Check the network and the address. {_GO_ON}"
        )
    return Again(outcome, after=None)


def _named(answer: Answer, named: CallFacts, call: Call, taken: TakenIds) -> Settled:
    """An ID that was given for another number, that another row has, or that an earlier call has, is not this call."""
    if same_number(named.to, call.to) is Sameness.OTHER:
        why = f"The API named the call {named.id}, which is to another number than this row's"
    elif named.id in {earlier.id for earlier in read_earlier(call.earlier_calls)}:
        why = f"The API named the call {named.id}, which is an earlier one of this row"
    elif taken.is_of_another(named.id, call.key):
        why = f"The API named the call {named.id}, which another row has already"
    else:
        return Settled(_placed(answer.status, named))
    return _unknown(Code.WRONG_RECIPIENT, f"{why}; a call to this row's number may exist.", answer.status)


def _answer(answer: Answer, said: Evidence, via: Via, tries: int) -> Verdict:
    if not answer.whole:
        return _unknown(Code.BAD_RESPONSE, "The answer broke off; a call may exist.", answer.status)
    if how := answers_instead(answer):
        return _wrong_address(answer.status, how)
    code = said.code or _documented_code(via, answer.status, said)
    if answer.status in ABOUT_THE_JOB:
        return _stopped(answer, said, code or f"HTTP_{answer.status}")
    about = DOCUMENTED.get((via, answer.status, code))
    if about is None or about is About.DOUBT or not said.is_json:
        return _undocumented(answer, said, code, doubtful=about is About.DOUBT)
    return _documented(answer, said, code, about, tries)


def _wrong_address(status: int, how: str) -> Halt:
    """What somebody else answers stops the run, and proves nothing: the request may have been passed on."""
    doubt = _unknown(f"HTTP_{status}", f"The API's address answered {how}.", status)
    remedy = f"Check the address (--base-url, TALKOVER_BASE_URL). {_GO_ON}"
    return Halt(doubt.outcome, f"The API's address answered {how} ({status}).", remedy)


def _documented(answer: Answer, said: Evidence, code: str, about: About, tries: int) -> Verdict:
    if about in {About.AGENT, About.RUN}:
        return replace(_stopped(answer, said, code), of_agent=about is About.AGENT)
    if about is About.ROW:
        return Settled(Outcome(Status.REFUSED, "", code, said.message, answer.status))
    outcome = Outcome(Status.DEFERRED, "", code, said.message, answer.status)
    if tries >= MOST_TRIES:
        return Halt(
            outcome,
            f"The API answered {tries} times that the rate limit is exceeded.",
            f"Give a slower --rate. {_GO_ON}",
        )
    return Again(outcome, rate_headers.pause(said.retry_after, answer.headers))


def _stopped(answer: Answer, said: Evidence, code: str) -> Halt:
    message = said.message or _unsaid(answer)
    reason = evidence.without_numbers(f"The API stopped the run: {code}. {message}")
    remedy = REMEDIES.get(code) or ABOUT_THE_JOB.get(answer.status, f"Have this put right. {_GO_ON}")
    return Halt(Outcome(Status.DEFERRED, "", code, message, answer.status), reason, remedy)


def _unsaid(answer: Answer) -> str:
    return f"The API answered {answer.status} without saying why"


def _undocumented(answer: Answer, said: Evidence, code: str, *, doubtful: bool) -> Settled:
    """A refusal in so many words is one; a 2xx without an ID, a 5xx, a page of HTML may all be a call."""
    named = code or f"HTTP_{answer.status}"
    refusal = 400 <= answer.status < 500 and answer.status not in {408, 425, 429, 499}  # noqa: PLR2004  (HTTP's own)
    if refusal and said.is_json and not doubtful:
        return Settled(Outcome(Status.REFUSED, "", named, said.message, answer.status))
    if answer.status < 300:  # noqa: PLR2004
        return _unknown(
            Code.BAD_RESPONSE, "The API accepted it without naming a call; a call may exist.", answer.status
        )
    return _unknown(named, f"{_clause(said.message) or _unsaid(answer)}; a call may exist.", answer.status)


def _clause(message: str) -> str:
    """Return a sentence of the API's without its full stop: ours goes on behind it."""
    return message.rstrip().removesuffix(".")


def _documented_code(via: Via, status: int, said: Evidence) -> str:
    """Where an answer gives no code, take the one that is documented for its endpoint and status, if it is but one."""
    known = [code for (endpoint, at, code) in DOCUMENTED if (endpoint, at) == (via, status)]
    return known[0] if len(known) == 1 and said.is_json else ""


def _placed(http_status: int, call: CallFacts) -> Outcome:
    status = next((known for known in CALL_EXISTS if known.value == call.status), Status.INITIATED)
    if call.existing:
        message = "The campaign already had this call to the number; nothing new was placed."
        return Outcome(status, call.id, "DUPLICATE_CALL", message, http_status, call.created_at)
    return Outcome(status, call.id, "", "", http_status, call.created_at)


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:]


def _unknown(code: str, message: str, http_status: int | None = None) -> Settled:
    return Settled(Outcome(Status.UNKNOWN, "", code, message, http_status))

"""An independent model of the voice-agent API, for tests: `with SecondApi() as api: api.base_url`.

It was written from api.md alone, and shares no code with `batch_dialer` or its sandbox: a misreading of the API would
have to be made twice to pass unseen. It records what really happens and answers truthfully, or as it is told to lie.

What api.md states of each endpoint, and what is NOT stated there and therefore chosen or settable:

* All but health: bearer token (401 INVALID_TOKEN), rate limit, its three headers, 429 with `details.retry_after`.
  Not stated: kind of window, dialect of Reset (`LimitRule`); whether the limit or the token is checked first (the
  limit is).
* `POST /agents/{id}/call`: the body, 200 and its shape, the codes; no idempotency: each good POST is a call. Not
  stated: bodies of the wrong type (422), a wrong Content-Type (415), whether tests are free when credits ran out
  (they are), whether a delayed call is listed at once (`delayed_hidden`). The older flat shape is `flat_answer`.
* `POST /campaigns/{id}/call`: 201, `campaign_call`, `campaign`, 409 with `existing_call`, `allow_duplicates`. Not
  stated: wrapping in `data` (`campaign_in_data`), the place of `existing_call`, when the campaign dials
  (`Progress.dial_after`), the ID of the dialed call in lists (`dialed_id`) and its `created_at` there.
* `GET /calls`, `GET /agents/{id}/calls`: filters, `per_page`, `page`, items, `pagination`, no `context`, newest first
  though not promised (`order`). Not stated: the key of the items (`items_key`), the time zone of dates
  (`date_zone_hours`), how `search` compares.
* `GET /agents/{id}`, `GET /campaigns/{id}`: the fields under `data`; 404, and 403 for a forbidden campaign.
* `GET /agents/{id}/active-call/{phone}`: `data`, a list; 404 when empty, whose code is not stated (none is sent).
* `POST /agents/{id}/end-call`: by call ID (the SID works too, which is not stated); 404 without a code,
  409 CALL_NOT_ACTIVE; the shape of its success is not stated.
* `GET /health`: no token, no limit, no rate-limit headers.
* Errors: three shapes; which one the endpoints without an example use is not stated (`error_shape`).
* Times: ISO 8601; whole seconds in UTC as on the vendor's page, or any other `TimeFormat`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from second_accidents import Accident
from second_calls import WAITING, Agent, Call, Campaign, Progress, Ring
from second_lies import Delivery, Lies
from second_limit import Limiter, LimitRule
from second_server import Background
from second_state import BASE_PATH, Arrived, State, true_utc_now

AGENT = Agent("agent_1")
CAMPAIGN = Campaign("campaign_1", "agent_1")
TOKEN = "talq_second_model"  # noqa: S105  (opens nothing but this model)
_TRUTH = Lies()
_NO_TIME = timedelta()


class SecondApi:
    """The model, what a test may change on it, and what it has seen. A change holds from the next request on."""

    def __init__(
        self,
        *accidents: Accident,
        token: str = TOKEN,
        lies: Lies = _TRUTH,
        limit: LimitRule | None = None,
        clock_ahead: timedelta = _NO_TIME,
        credits_left: int | None = None,
        true_now: Callable[[], datetime] = true_utc_now,
        seed: int = 1,
    ) -> None:
        """Prepare the model; it serves while it is entered as a context.

        *clock_ahead* is by how much the server's clock is ahead of true time. *credits_left* is how many calls that
        are no tests the account pays for; None: no end of them. *true_now* lets a test move the time.
        """
        self._state = State(
            token=token,
            seed=seed,
            agents={AGENT.id: AGENT},
            campaigns={CAMPAIGN.id: CAMPAIGN},
            progress=Progress(),
            lies=lies,
            limiter=Limiter(limit or LimitRule()),
            clock_ahead=clock_ahead,
            credits=credits_left,
            true_now=true_now,
            accidents=accidents,
        )
        self._background = Background(self._state)

    def __enter__(self) -> Self:
        self._background.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop within two seconds, whatever is still open."""
        self._background.stop()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._background.port

    @property
    def base_url(self) -> str:
        """What a client takes as the API's base URL."""
        return f"http://127.0.0.1:{self.port}{BASE_PATH}"

    @property
    def token(self) -> str:
        """The one bearer token that is valid."""
        return self._state.token

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Every phone call that clients really placed, in the order in which they were accepted."""
        with self._state.lock:
            self._state.dial_due()
            return self._state.book.rings()

    def rings_of(self, number: str) -> tuple[Ring, ...]:
        """Return the calls that were really placed to *number*, in order."""
        return tuple(ring for ring in self.rings if ring.number == number)

    @property
    def requests(self) -> tuple[Arrived, ...]:
        """Every complete request that arrived, in order."""
        with self._state.lock:
            return tuple(self._state.requests)

    @property
    def faults(self) -> tuple[Exception, ...]:
        """Exceptions inside the model itself, e.g. of a test's own predicate; empty when all is well."""
        with self._state.lock:
            return tuple(self._state.faults)

    def lie(self, **changes: Any) -> None:
        """Change some fields of `Lies`, e.g. `lie(flat_answer=True)`."""
        with self._state.lock:
            self._state.lies = replace(self._state.lies, **changes)

    def lie_in_lists(self, **changes: Any) -> None:
        """Change some fields of `ListLies`, e.g. `lie_in_lists(number_format="masked_tail")`."""
        with self._state.lock:
            self.lie(lists=replace(self._state.lies.lists, **changes))

    def deliver(self, delivery: Delivery) -> None:
        """Put every answer on the wire this way, except those of accidents that say otherwise."""
        self.lie(delivery=delivery)

    def set_accidents(self, *accidents: Accident) -> None:
        """Replace the accidents."""
        self._state.set_accidents(accidents)

    def set_progress(self, progress: Progress) -> None:
        """Change how calls go on, those that exist, too."""
        with self._state.lock:
            self._state.dial_due()
            self._state.progress = progress

    def set_limit(self, rule: LimitRule) -> None:
        """Change the rate limit; what was counted stays."""
        with self._state.lock:
            self._state.limiter.rule = rule

    def set_clock(self, ahead: timedelta) -> None:
        """Set the server's clock to be *ahead* of true time (negative: behind)."""
        with self._state.lock:
            self._state.clock_ahead = ahead

    def set_credits(self, left: int | None) -> None:
        """Set how many calls that are no tests the account still pays for; None: no end of them."""
        with self._state.lock:
            self._state.credits = left

    def put_agent(self, agent: Agent) -> None:
        """Add an agent, or replace the one with the same ID."""
        with self._state.lock:
            self._state.agents[agent.id] = agent

    def put_campaign(self, campaign: Campaign) -> None:
        """Add a campaign, or replace the one with the same ID."""
        with self._state.lock:
            self._state.campaigns[campaign.id] = campaign

    def add_call(
        self,
        to: str,
        *,
        campaign: str | None = None,
        created_at: datetime | None = None,
        direction: str = "outbound",
        status: str = "completed",
    ) -> str:
        """Add a call that somebody else placed, and return its ID. It is not among the rings.

        *created_at* is by the server's clock (now if left out). *status* stays as given; with *campaign*, `queued`
        waits for the campaign to dial. Without one the call is the first agent's.
        """
        with self._state.lock:
            state = self._state
            created = created_at or state.server_now()
            began = created - state.clock_ahead
            agent_id = state.campaigns[campaign].agent_id if campaign else next(iter(state.agents))
            starts_at = None if status in WAITING else began
            call = Call(to, began, created, starts_at, agent_id, campaign, direction, fixed_status=status)
            return state.book.enter(call).id

    def dial_queued(self) -> int:
        """Let the campaigns dial all waiting calls now, and return how many those were."""
        with self._state.lock:
            self._state.dial_due()
            waiting = [call for call in self._state.book.all() if call.starts_at is None]
            for call in waiting:
                self._state.book.dial(call, self._state.true_now())
            return len(waiting)

    def calls(self) -> tuple[Call, ...]:
        """Return all calls that the server knows, in order."""
        with self._state.lock:
            return self._state.book.all()

    def set_calls(self, calls: tuple[Call, ...]) -> None:
        """Have the server know these calls and no others, e.g. those of an earlier moment."""
        with self._state.lock:
            self._state.book.replace_all(calls)

"""Agents through which no call can be placed, because the API does not know them or they are not active.

Their rows wait for the next run, and those of other agents are dialed. So do rows whose calling hours end meanwhile.
"""

from collections.abc import Mapping

import polars as pl

from batch_dialer.model import Ending, Halt, Target
from batch_dialer.talkover.evidence import without_numbers
from batch_dialer.talkover.payload import Caller, target_id
from batch_dialer.words import Code, Exit

_NAMED = 10
_REMEDY = (
    "Check the IDs of these agents, and publish those that are not active; then run the same command again. It goes on"
    " where it stopped."
)


def held_words(
    rows: pl.DataFrame, caller: Caller, held: Mapping[Target, Halt], outside: Mapping[str, str]
) -> pl.DataFrame:
    """Return `key`, `held_code` and `held_message` of those of *rows* whose agent is *held*, and of those *outside*.

    The latter are the keys of rows whose calling hours had ended, each with the reason.
    """
    words = pl.DataFrame(
        [(target.id, halt.outcome.error_code, _sentence(target, halt)) for target, halt in held.items()],
        schema=dict.fromkeys(("agent", "held_code", "held_message"), pl.String),
        orient="row",
    )
    keys = rows.select("key", target_id(rows, caller).alias("agent"))
    of_agents = keys.join(words, on="agent", how="inner").drop("agent")
    late = [(key, Code.OUTSIDE_CALLING_HOURS.value, why) for key, why in outside.items()]
    return pl.concat([pl.DataFrame(late, of_agents.schema, orient="row"), of_agents]).unique("key", keep="first")


def end_held(ending: Ending | None, held: Mapping[Target, Halt]) -> Ending | None:
    """Return how a run ends in which agents were *held* back, and which for the rest ended as *ending* says."""
    if not held:
        return ending
    sentence, remedy = _summary(held)
    if ending is None:
        return Ending(Exit.STOPPED_EARLY, sentence, remedy)
    exit_ = Exit.STOPPED_EARLY if ending.exit is Exit.ROWS_LEFT else ending.exit
    return Ending(exit_, f"{ending.reason} {sentence}", f"{ending.remedy} {remedy}")


def _summary(held: Mapping[Target, Halt]) -> tuple[str, str]:
    if len(held) == 1:
        ((target, halt),) = held.items()
        return _sentence(target, halt), halt.remedy
    named = [f"{target.id} ({halt.outcome.error_code})" for target, halt in held.items()]
    more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    return f"The API places no calls through {len(named):,} agents: {', '.join(named[:_NAMED])}{more}.", _REMEDY


def _sentence(target: Target, halt: Halt) -> str:
    said = ". ".join(filter(None, (halt.outcome.error_code, halt.outcome.error_message)))
    return without_numbers(f"The API places no calls through {target}: {said.rstrip('.')}.")

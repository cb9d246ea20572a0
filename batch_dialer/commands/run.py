"""`run SHEET`: dial what is not yet dialed, and write down what became of each row."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import click

from batch_dialer.clock import SystemClock
from batch_dialer.commands import options, settings
from batch_dialer.dialing.pace import STANDARD_PLAN
from batch_dialer.errors import UsageError
from batch_dialer.flows.run import preview, run
from batch_dialer.job import Job, Rate
from batch_dialer.ledger.ledger import SANDBOX, Ledger
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Target, Via
from batch_dialer.plan.planning import Policy
from batch_dialer.schema.file import read_schema
from batch_dialer.sheets.files import STDIN
from batch_dialer.talkover.api import TalkoverApi
from batch_dialer.talkover.payload import Caller, calls
from batch_dialer.talkover.token import Token
from batch_dialer.talkover.token_file import read_token
from batch_dialer.terminal.console import Console
from batch_dialer.terminal.text import say
from batch_dialer.words import Exit, Hidden, Retry

_SHOWN = 3
_SANDBOX_PLAN = 1000 / 60  # requests a second, as its settings have it


@dataclass(frozen=True)
class Options:
    """The options as click gives them."""

    sheet: Path
    agent: str | None
    campaign: str | None
    schema: Path | None
    worksheet: str | None
    header_row: int | None
    encoding: str | None
    hidden: str
    region: str | None
    results: str | None
    rate: str
    headroom: float
    burst: int
    concurrency: int
    limit: int | None
    max_duration: str | None
    retry: tuple[str, ...]
    settle_after: str
    suppress: tuple[Path, ...]
    allow_duplicates: bool
    strict: bool
    testing: bool
    dry_run: bool
    sandbox: bool
    base_url: str | None
    allow_insecure: bool
    token_file: Path | None
    yes: bool
    quiet: bool
    verbose: bool
    log_format: str


@click.command(
    epilog=options.example(
        "batch-dialer run contacts.csv --sandbox",
        "batch-dialer run contacts.xlsx --schema reminder.toml --agent agent_123456",
    )
)
@options.sheet
@click.option("--agent", metavar="ID", help="The agent that calls. Beats the schema file's agent_id.")
@click.option("--campaign", metavar="ID", help="Call through this campaign instead of an agent.")
@options.schema
@options.worksheet
@options.header_row
@options.encoding
@options.hidden
@options.region
@click.option("--results", metavar="FILE", help="The results file. [default: SHEETNAME.results.csv beside the sheet]")
@click.option("--rate", default="auto", show_default=True, metavar="auto|N/s|N/min|N/h", help="How fast to dial.")
@click.option(
    "--headroom",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0, 100, max_open=True),
    metavar="PERCENT",
    help="How much of the limit is left to others who use the token, with --rate auto.",
)
@click.option(
    "--burst",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Dial the first N at once, as far as a minute's limit goes; the pace then makes up for them.",
)
@click.option(
    "--concurrency", default=16, show_default=True, type=click.IntRange(1, 500), metavar="N", help="Requests at a time."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Dial at most N rows now.")
@click.option("--max-duration", metavar="90m", help="Stop dialing after this time.")
@click.option("--retry", multiple=True, type=click.Choice([r.value for r in Retry]), help="Dial these rows again, too.")
@options.settle_after
@options.suppress
@click.option("--allow-duplicates", is_flag=True, help="Dial a number once for each row that has it.")
@click.option("--strict", is_flag=True, help="Dial nobody if any row is not valid.")
@click.option("--testing", is_flag=True, help="Mark every call as a test: no credits, no analytics.")
@click.option("--dry-run", is_flag=True, help="Send nothing; show the plan and the first requests.")
@click.option("--sandbox", is_flag=True, help="Dial a sandbox on this machine instead of the API. Needs no token.")
@options.base_url
@options.allow_insecure
@options.token_file
@click.option("--yes", "-y", is_flag=True, help="Do not ask before dialing.")
@options.quiet
@click.option("--verbose", "-v", is_flag=True, help="Print every attempt, with its number.")
@options.log_format
def command(**given: Any) -> Exit:  # noqa: ANN401  (whatever the options above say)
    """Dial every row of SHEET that is not yet dialed, and write what became of each into the results file.

    Run it again to go on where it stopped: nobody is called twice. The token comes from TALKOVER_TOKEN or --token-file.
    """
    chosen = Options(**given)
    console = Console(
        SystemClock(),
        quiet=chosen.quiet,
        verbose=chosen.verbose,
        as_json=chosen.log_format == "json",
        ask=not chosen.yes,
    )
    job = _job(chosen)
    for listed in job.policy.suppressed:
        (console.note if listed.numbers else console.warn)(options.described(listed))
    with _reached(chosen, job.ledger.through) as (address, token):
        if chosen.dry_run:
            return anyio.run(_preview, job, console, address)
        tally = anyio.run(_run, job, console, partial(TalkoverApi, address, token, chosen.concurrency, SystemClock()))
    console.ended(tally, job.ledger.results)
    return tally.exit


async def _run(job: Job, console: Console, connect: "partial[TalkoverApi]") -> Tally:
    async with connect() as api:
        return await run(job, api, console, SystemClock())


async def _preview(job: Job, console: Console, address: str) -> Exit:
    plan = preview(job, console, SystemClock())
    async with TalkoverApi(address, Token("hidden"), 1, SystemClock()) as api:
        for call in calls(plan.dial.head(_SHOWN), job.caller):
            say(f"Row {call.row} would be sent as\n\n{api.shown(call)}\n", err=False)
    more = plan.dial.height - _SHOWN
    say(f"{f'{more:,} more like these. ' if more > 0 else ''}Nothing was sent.", err=False)
    return Exit.DONE


@contextlib.contextmanager
def _reached(chosen: Options, through: str) -> Iterator[tuple[str, Token]]:
    """Give the API's address and the token; start the sandbox where it is asked for."""
    if not chosen.sandbox:
        yield through, Token("") if chosen.dry_run else read_token(chosen.token_file)
        return
    with options.sandbox_extra():
        from batch_dialer.sandbox.serve import Sandbox  # noqa: PLC0415  (an extra: it may not be installed)
    with Sandbox() as sandbox:
        yield sandbox.base_url, Token("talq_sandbox_rehearsal")


def _job(chosen: Options) -> Job:
    if chosen.sheet == STDIN and sys.stderr.isatty() and not (chosen.yes or chosen.dry_run):
        remedy = "See the plan with --dry-run, then give --yes."
        raise UsageError("A sheet that is piped in leaves no way to ask you before dialing.", remedy)
    if chosen.sandbox and chosen.base_url:
        raise UsageError("Both --sandbox and --base-url are given.", "Give one of them.")
    schema = read_schema(chosen.schema)
    target = settings.read_target(chosen.agent, chosen.campaign, schema)
    if target is None and not chosen.sandbox:
        remedy = "Give --agent ID or --campaign ID, or write agent_id into the schema file."
        raise UsageError("Nothing says which agent is to call.", remedy)
    rate = settings.read_rate(chosen.rate)
    plan = _SANDBOX_PLAN if chosen.sandbox else STANDARD_PLAN
    duration = chosen.max_duration
    source = options.source(
        chosen.sheet,
        schema,
        worksheet=chosen.worksheet,
        encoding=chosen.encoding,
        header_row=chosen.header_row,
        region=chosen.region,
    )
    return Job(
        source=source,
        ledger=Ledger(
            results=options.results_path(chosen.results, chosen.sheet),
            through=SANDBOX
            if chosen.sandbox
            else settings.read_base_url(chosen.base_url, allow_insecure=chosen.allow_insecure),
            testing=chosen.testing,
        ),
        caller=Caller(target or Target(Via.AGENT, "agent_sandbox"), chosen.testing, chosen.allow_duplicates),
        policy=Policy(
            limit=chosen.limit,
            retry=frozenset(Retry(word) for word in chosen.retry),
            suppressed=options.suppressed(chosen.suppress, schema, chosen.region),
            hidden=Hidden(chosen.hidden),
        ),
        rate=Rate(rate or plan, adaptive=rate is None, headroom=chosen.headroom / 100, burst=chosen.burst),
        concurrency=chosen.concurrency,
        strict=chosen.strict,
        settle_after=settings.read_duration(chosen.settle_after, "--settle-after"),
        max_duration=settings.read_duration(duration, "--max-duration") if duration else None,
    )

"""What a person sees while a run goes on: the mapping, the question, the bar, the lines in a log."""

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import click
import polars as pl

from batch_dialer.clock import Clock
from batch_dialer.contacts.exclusions import exclusion_warnings
from batch_dialer.contacts.validate import Checked
from batch_dialer.entry import Entry
from batch_dialer.errors import UsageError
from batch_dialer.job import Job
from batch_dialer.ledger.ledger import SANDBOX
from batch_dialer.ledger.tally import Tally
from batch_dialer.model import Again, Sheet, Verdict
from batch_dialer.plan.flight_plan import FlightPlan
from batch_dialer.terminal.bar import Bar
from batch_dialer.terminal.flight_lines import (
    calls_words,
    duration,
    flight_facts,
    opening_lines,
    plan_sentence,
    zone_lines,
)
from batch_dialer.terminal.overview import account_lines, again_at, going_on, mapping_lines
from batch_dialer.terminal.question import ask
from batch_dialer.terminal.reading import SECONDS_BETWEEN_LINES, showing_rows
from batch_dialer.terminal.tables import columns
from batch_dialer.terminal.text import (
    fitted,
    log,
    log_dated,
    log_event,
    numbered,
    printable,
    printable_path,
    say,
    width,
)
from batch_dialer.words import CALL_EXISTS, Code, Status


class Console:
    """The watcher that people see."""

    def __init__(self, clock: Clock, *, quiet: bool, verbose: bool, as_json: bool, asks: bool) -> None:
        self._clock = clock
        self._quiet = quiet
        self._verbose = verbose
        self._json = as_json
        self._asks = asks
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._rehearsed = False
        self._bar = Bar(wanted=not (quiet or as_json))
        self._began = self._spoke = self._paused_until = float("-inf")

    def reading(self, name: str) -> contextlib.AbstractContextManager[Callable[[int], None]]:
        """Show how many rows of the sheet were read so far, where that takes long."""
        return showing_rows(name, self._tell_rows, with_bar=not (self._quiet or self._json))

    def checked(self, sheet: Sheet, checked: Checked) -> None:
        """Show what was understood of the sheet."""
        rows = sheet.cells.height
        understood = printable(f"{sheet.name}: {numbered(rows)}, {', '.join(sheet.notes)}", 400)
        self._log("sheet", understood, {"rows": rows, "good": checked.good})
        if not self._quiet and not self._json:
            self._print(mapping_lines(checked, width() if sys.stderr.isatty() else None))
        for sentence in exclusion_warnings(checked.mapping, checked.excluded):
            self.warn(sentence)
        for left_out in checked.left_out:
            self.note(str(left_out))
        if bad := checked.rows.height - checked.good:
            self._tell("problems", f"{numbered(bad)} not valid: `batch-dialer validate` shows why.", {"rows": bad})

    def note(self, sentence: str) -> None:
        """Pass on a sentence."""
        self._log("note", printable(sentence, 400))

    def warn(self, sentence: str) -> None:
        """Pass on a sentence, even where quiet."""
        self._log("warning", printable(sentence, 400), always=True)

    def planned(self, flight: FlightPlan, job: Job) -> None:
        """Show whom the run would dial, when their phones ring, and what they hear first."""
        plan = flight.plan
        self._total = plan.dial.height
        self._rehearsed = job.ledger.through == SANDBOX
        if skipped := plan.rows.filter(pl.col("status") == Status.SKIPPED.value).height:
            self._tell(
                "skipped", f"{numbered(skipped)} skipped: error_message in the results says why.", {"rows": skipped}
            )
        if hidden := plan.rows.filter(pl.col("error_code") == Code.HIDDEN_ROW.value).height:
            sentence = f"Of these, {numbered(hidden)} hidden or filtered out in the sheet; --hidden dial dials them."
            self._tell("hidden", sentence, {"rows": hidden})
        if plan.released:
            left_out = "No list has them this time. Was --suppress left out?"
            self.warn(
                f"Dialed now, although they were skipped before as numbers not to call: {numbered(plan.released)}."
                f" {left_out}"
            )
        if len(plan.shares) > 1 and not self._quiet and not self._json:
            self._print(account_lines(plan.shares))
        shares = {share.word.replace(" ", "_"): share.rows for share in plan.shares}
        if not flight.calls:
            opens = f"Nobody may be called now; the first from {plan.opens:%Y-%m-%d %H:%M} UTC." if plan.opens else ""
            self._log("plan", opens or "Nobody is left to dial.", {"calls": 0, "account": shares})
            return
        self._show_flight(flight)
        sentence = plan_sentence(flight, job)
        self._log("plan", sentence, {"calls": self._total, "account": shares, **flight_facts(flight)})

    def _show_flight(self, flight: FlightPlan) -> None:
        if self._quiet or self._json:
            return
        if zones := zone_lines(flight, width() if sys.stderr.isatty() else None):
            self._print(zones)
        for sentence in opening_lines(flight.examples):
            self._print(fitted(sentence))

    def confirm(self) -> bool:
        """Ask, where phones would ring; raise `UsageError` where nobody can be asked."""
        return not self._asks or self._rehearsed or not self._total or ask(f"Place {calls_words(self._total)} now?")

    def go_on(self, calls: Mapping[str, int], average: float | None, others: int) -> bool:
        """Show how the calls of a pilot went, and ask whether to go on; where nobody can be asked, that is a no."""
        self._bar.end()
        long = f"; {duration(average)} long on average" if average is not None else ""
        facts = {"calls": dict(calls), "average_seconds": average, "left": others}
        self._log("pilot", f"The pilot: {going_on(calls) or 'no call was placed'}{long}.", facts, always=True)
        if not sys.stdin.isatty():
            return False
        try:
            return ask(f"Place the other {calls_words(others)} now?")
        except (UsageError, click.Abort):  # Ctrl-C also reaches whoever stops the run at a signal
            return False

    def dialing_began(self, calls: int) -> None:
        """Begin the bar for so many *calls*, on a terminal."""
        self._bar.end()
        self._total = calls
        self._counts.clear()
        self._began = self._spoke = self._clock.time()
        self._bar.begin(calls)

    def dialing_ended(self) -> None:
        """End the bar."""
        self._bar.end()

    def waiting(self, calls: Mapping[str, int], until: datetime | None) -> None:
        """Show how the calls go on: in one line that changes on a terminal, and every so often in a log."""
        sentence = f"Waiting: {going_on(calls)}{again_at(until)}."
        if not self._bar.say(fitted(sentence)) and self._clock.time() - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = self._clock.time()
            self._log("waiting", sentence, {"calls": dict(calls), "until": until.isoformat() if until else None})

    def attempted(self, entry: Entry, verdict: Verdict) -> None:
        """Count an attempt."""
        if self._verbose:
            what = entry.call_id or entry.error_code
            self._log("attempt", f"row {entry.row} {entry.to}: {entry.status.value} {what}", entry.facts())
        if isinstance(verdict, Again):
            return
        word = "placed" if entry.status in CALL_EXISTS else entry.status.value
        self._counts[word] += 1
        if not self._bar.advance(self._so_far()) and self._clock.time() - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = self._clock.time()
            self._progress()

    def unrecorded(self, entry: Entry) -> None:
        """Print the whole line, even where quiet: nothing else holds it."""
        self._bar.end()
        log(f"BATCH_DIALER_RECORD {json.dumps(entry.facts())}")

    def paused(self, seconds: float, why: str) -> None:
        """Say why nothing moves; once, however many wait for the same."""
        until = self._clock.time() + seconds
        if until < self._paused_until + 1:
            return
        self._paused_until = until
        self._log("pause", f"Waiting {duration(seconds)}: {printable(why)}", {"seconds": round(seconds, 1)})

    def ended(self, tally: Tally, results: Path) -> None:
        """Give the closing summary, on standard output."""
        self._bar.end()
        if self._json:
            counts = {status.value: count for status, count in tally.counts.items()}
            report = {"exit": tally.exit, "counts": counts, "calls": dict(tally.calls), "results": str(results)}
            say(json.dumps(report))
        else:
            table = [(word, f"{count:,}", meaning) for word, count, meaning in tally.lines()]
            say(columns(table, ("left", "right", "left")))
            if sentence := tally.sentence():
                say(f"Calls: {sentence}.")
            say(f"Results: {printable_path(results)}")
        if tally.ending:
            self._log("ending", f"{printable(tally.ending.reason, 400)}\n{tally.ending.remedy}", always=True)
        if not self._json and not self._quiet and not sys.stderr.isatty():
            shares = ", ".join(f"{count:,} {word}" for word, count, _ in tally.lines())
            self._print(f"Exit status {tally.exit:d}: {shares or 'the sheet has no rows'}.")

    def _tell_rows(self, sentence: str, rows: int) -> None:
        self._log("reading", sentence, {"rows": rows})

    def _progress(self) -> None:
        done = self._counts.total()
        rate = done / max(self._clock.time() - self._began, 1e-9)
        left = duration((self._total - done) / rate) if rate else "?"
        sentence = f"{done:,} of {self._total:,}: {self._so_far()}; {rate * 60:.0f} a minute, {left} left"
        self._log("progress", sentence, {"done": done, "total": self._total, **self._counts})

    def _so_far(self) -> str:
        shown = ("placed", Status.REFUSED.value, Status.UNKNOWN.value)
        return ", ".join(f"{self._counts[word]:,} {word}" for word in shown)

    def _log(
        self, event: str, sentence: str, facts: Mapping[str, object] | None = None, *, always: bool = False
    ) -> None:
        if self._quiet and not always:
            return
        if self._json:
            log_event(event, sentence, self._clock.now(), facts or {})
        elif not self._bar.write(fitted(sentence)):
            self._print(fitted(sentence))

    def _tell(self, event: str, sentence: str, facts: Mapping[str, object]) -> None:
        """Tell a program what a person sees in the account of the rows."""
        if self._json:
            self._log(event, sentence, facts)

    def _print(self, lines: str) -> None:
        log_dated(lines, self._clock.now())

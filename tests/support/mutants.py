"""Take the safety out in many ways, one at a time, and show that the tests catch each.

    python tests/support/mutants.py

Each mutant is the whole package with one passage replaced, in a folder of its own, under the tests that guard the
passage. A mutant that survives is a promise that nothing tests: the command then exits with 1. That every passage is
still in the source is a test of the suite (`promises/test_mutants.py`), so that no mutant goes blunt unseen.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A promise taken out: in *file*, *passage* becomes *instead*; *guards* are the tests that must fail."""

    name: str
    file: str
    passage: str
    instead: str
    guards: tuple[str, ...]


_CUTS = "promises/test_power_cuts.py"
_RUNS = "cli/test_run.py"
_SAFELY = "flows/test_failing_safely.py"
_WEEK = "promises/test_week.py"

MUTANTS = (
    Mutant(
        "of a wide sheet only the first columns are checked",
        "contacts/validate.py",
        "range(0, len(labels), _COLUMNS_AT_ONCE)",
        "range(0, 1)",
        ("contacts/test_validate_rows.py",),
    ),
    Mutant(
        "a file that was cut short is dialed",
        "contacts/cut_short.py",
        "    if not sheet.unended or not sheet.cells.height:\n",
        "    if True:\n",
        ("sheets/test_catalogue_files.py",),
    ),
    Mutant(
        "an encoding is taken that another one equals",
        "sheets/encodings.py",
        "all(readings[best].beats(other, points) for other in readings.values())",
        "True",
        ("sheets/test_encodings.py",),
    ),
    Mutant(
        "the intent is written after the request",
        "dialing/dispatch.py",
        "                await self._record.write(entry_of(call, Outcome(Status.DIALING), sent_at))\n",
        "                pass\n",
        (_CUTS,),
    ),
    Mutant(
        "any exception means that nothing was sent",
        "talkover/api.py",
        "        if self._left:\n",
        "        if False:\n",
        ("talkover/test_api.py",),
    ),
    Mutant(
        "a lost answer is tried again",
        "dialing/verdict.py",
        '            return _unknown(code, f"{_sentence(reply.reason)}; a call may exist.")\n',
        '            return Again(Outcome(Status.DEFERRED, "", code, reply.reason), after=None)\n',
        ("dialing/test_verdict.py", _CUTS),
    ),
    Mutant(
        "a call to another number is taken for this row's",
        "dialing/verdict.py",
        "    if same_number(named.to, call.to) is Sameness.OTHER:\n",
        "    if False:\n",
        ("dialing/test_verdict.py", "dialing/test_dispatch.py"),
    ),
    Mutant(
        "a call that another row has is taken for this row's, too",
        "dialing/verdict.py",
        "    elif taken.is_of_another(named.id, call.key):\n",
        "    elif False:\n",
        ("dialing/test_verdict.py", "dialing/test_dispatch.py"),
    ),
    Mutant(
        "a 401 with a code of its own refuses the row for good",
        "dialing/verdict.py",
        "    if answer.status in ABOUT_THE_JOB:\n",
        "    if False:\n",
        ("dialing/test_verdict.py", "dialing/test_dispatch.py"),
    ),
    Mutant(
        "digits that are two numbers are read as one of them",
        "contacts/phone.py",
        "    if not national or not international or national == international:\n",
        "    if True:\n",
        ("contacts/test_phone.py",),
    ),
    Mutant(
        "a row of an unknown country is read by another",
        "contacts/phone_choice.py",
        '    region = pl.when(pl.col("country").is_null()).then(own).otherwise("code")\n',
        '    region = pl.coalesce("code", own)\n',
        ("cli/test_columns.py",),
    ),
    Mutant(
        "a column that was not named goes to the vendor",
        "contacts/mapping.py",
        "        if mapped.field.place is not Place.PAYLOAD or mapped.index is None or mapped.index in wanted\n",
        "        if True\n",
        ("cli/test_columns.py",),
    ),
    Mutant(
        "nothing is synced",
        "ledger/journal.py",
        "            await anyio.to_thread.run_sync(disk.sync, self._descriptor)\n",
        "            await anyio.sleep(0)\n",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "a failed sync is tried again",
        "ledger/journal.py",
        "            self._error = unwritten  # never tried again: the next sync would succeed without the data\n",
        "",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "no checksum",
        "ledger/journal_lines.py",
        '        if found[:9] != b"%08x " % zlib.crc32(text):\n',
        "        if len(found) < 9:\n",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "no checksum of a block",
        "ledger/journal_lines.py",
        '    if zlib.crc32(content) != sums["crc32"]:\n',
        '    if len(content) != sums["bytes"]:\n',
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "no watermark",
        "ledger/journal_lines.py",
        "        durable = max(durable, found.durable)\n",
        "        durable = 0\n",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "a line of which a part is there so far is passed over for good",
        "ledger/journal.py",
        "        if found.following is not None and self._ends_a_line(end):\n",
        "        if found.following is not None:\n",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "two that look at the journal at once read each other's lines",
        "ledger/journal.py",
        "        with self._reading:  #",
        "        if self._reading:  #",
        ("ledger/test_journal.py",),
    ),
    Mutant(
        "a torn tail is trusted: lines are added behind it",
        "ledger/journal.py",
        "        with disk.replacing(path) as new:\n",
        "        with (disk.replacing(path) if not path.exists() else open(path, 'ab')) as opened:\n"
        "            new = opened if isinstance(opened, int) else opened.fileno()\n",
        ("ledger/test_journal.py", _CUTS),
    ),
    Mutant(
        "no lock",
        "ledger/lock.py",
        "            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)\n",
        "            pass\n",
        (_RUNS,),
    ),
    Mutant(
        "a results file is taken for the one that the journal left, whatever became of it",
        "ledger/opening.py",
        "past.results != fingerprint(ledger.results)",
        "not fingerprint(ledger.results)",
        ("cli/test_untouched.py",),
    ),
    Mutant(
        "the journal is ignored on resume",
        "ledger/opening.py",
        "    past = read_journal(ledger.journal)\n",
        "    past = read_journal(ledger.journal.with_suffix('.none'))\n",
        (_RUNS,),
    ),
    Mutant(
        "a list of numbers not to call is not looked at",
        "plan/planning.py",
        "    for listed in policy.suppressed:\n",
        "    for listed in ():\n",
        ("plan/test_planning.py", "cli/test_suppress.py"),
    ),
    Mutant(
        "a control call is taken by its ID, whatever number it is listed with",
        "ledger/matching.py",
        "            and same_number(call.to, entry.to) is Sameness.SAME\n",
        "",
        ("ledger/test_matching.py",),
    ),
    Mutant(
        "any call to the number since the first attempt is taken for one that the row had before",
        "ledger/matching.py",
        "        ours = [call for call in self._same[doubt.to] if call.id not in before]\n",
        "        ours = [call for call in self._same[doubt.to] if not before]\n",
        ("ledger/test_matching.py",),
    ),
    Mutant(
        "numbers that cannot be read forbid no proof",
        "ledger/matching.py",
        "        if of_that_time:\n",
        "        if False:\n",
        ("ledger/test_matching.py",),
    ),
    Mutant(
        "the clocks are taken to have disagreed always as they do now",
        "ledger/matching.py",
        "        self._ahead = sorted({reading.clock_ahead, *(ahead for _, ahead in clocks)})\n",
        "        self._ahead = [reading.clock_ahead]\n",
        ("ledger/test_matching.py",),
    ),
    Mutant(
        "the number that a page says it has is not looked at",
        "talkover/call_list.py",
        "    if page.number != number:\n",
        "    if False:\n",
        ("talkover/test_call_list.py",),
    ),
    Mutant(
        "the number of calls that the list says it has is not looked at",
        "talkover/call_list.py",
        "        if not gap and len(found) != page.total:\n",
        "        if False:\n",
        ("talkover/test_call_list.py",),
    ),
    Mutant(
        "every row in doubt is asked of the run's agent",
        "ledger/doubts.py",
        '        "agent_id": own_agent.fill_null(agent_id),\n',
        '        "agent_id": pl.lit(agent_id),\n',
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "the lock is not looked at again",
        "ledger/journal.py",
        "            self._check()\n",
        "",
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "what the results file says of a rehearsal is not looked at",
        "ledger/origins.py",
        "    if found.testing and not rehearsing:\n",
        "    if False:\n",
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "whatever journal lies there is the one of the run that was cut short",
        "ledger/opening.py",
        "    known_run = journal is not None and (not journal.runs or found.cut_short in journal.runs)\n",
        "    known_run = journal is not None\n",
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "a doubt ends by what became of another attempt",
        "ledger/doubts.py",
        "    if not call.doubt_since or outcome.status in CALL_EXISTS:\n",
        "    if True:\n",
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "a call is believed of a row although the journal knows it of another",
        "ledger/opening.py",
        "    theirs, moved = without_moved_calls(found.history, past.history)\n",
        '    theirs, moved = found.history, ""\n',
        ("promises/test_ledgers_that_lie.py",),
    ),
    Mutant(
        "the API is never at work on a request that was given up",
        "flows/reconcile.py",
        "        quiet=max(quiet, timedelta(seconds=DEADLINE)),\n",
        "        quiet=quiet,\n",
        ("flows/test_reconcile_flow.py",),
    ),
    Mutant(
        "a row has its call, whatever number it was to",
        "plan/planning.py",
        "    rows = skip_changed(rows, _is_wanted(policy) | is_excluded(rows))\n",
        "",
        ("plan/test_planning.py", _WEEK),
    ),
    Mutant(
        "a column of agents goes around the campaign",
        "plan/agents.py",
        "    if column and caller.target.via is Via.CAMPAIGN:\n",
        "    if False:\n",
        ("cli/test_agents.py",),
    ),
    Mutant(
        "a run begins through an agent that is not published",
        "dialing/readiness.py",
        '    if facts.status == "draft":\n',
        "    if False:\n",
        ("dialing/test_readiness.py", "flows/test_check_first.py"),
    ),
    Mutant(
        "a run begins through an inbound agent",
        "dialing/readiness.py",
        '    if facts.direction == "inbound":\n',
        "    if False:\n",
        ("dialing/test_readiness.py", "flows/test_check_first.py"),
    ),
    Mutant(
        "real calls are made through a sandbox agent",
        "dialing/readiness.py",
        "    if facts.is_sandbox and real:\n",
        "    if False:\n",
        ("dialing/test_readiness.py", "flows/test_check_first.py"),
    ),
    Mutant(
        "what the API says of the agent stops no run",
        "flows/run.py",
        "        if look.halt:\n",
        "        if False:\n",
        ("flows/test_check_first.py",),
    ),
    Mutant(
        "--strict lets a placeholder be said that no call fills",
        "flows/check_first.py",
        "        case Level.UNFIT if strict:\n",
        "        case Level.UNFIT if False:\n",
        ("flows/test_check_first.py",),
    ),
    Mutant(
        "a rehearsal is a real call",
        "flows/rehearse.py",
        "replace(caller, testing=True)",
        "caller",
        ("cli/test_rehearse.py",),
    ),
    Mutant(
        "a rehearsal calls the person of the row",
        "flows/rehearse.py",
        'rows.with_columns(pl.lit(to).alias("to"))',
        "rows",
        ("cli/test_rehearse.py",),
    ),
    Mutant(
        "rows of an agent that is held back are dialed on",
        "dialing/dispatch.py",
        "            self.held.setdefault(target, halt)\n",
        "            pass\n",
        ("dialing/test_dispatch.py",),
    ),
    Mutant(
        "whoever was called from elsewhere is called again",
        "plan/planning.py",
        "    rows = skip_recent(rows, recent, caller)",
        "    rows = rows",
        ("flows/test_recent_calls.py", _WEEK),
    ),
    Mutant(
        "calls are taken for recent by this machine's clock",
        "plan/recent.py",
        "    since = reading.at + reading.clock_ahead - within\n",
        "    since = reading.at - within\n",
        ("plan/test_recent.py",),
    ),
    Mutant(
        "who opted out in the sheet is called",
        "plan/left_out.py",
        '    return pl.col("excluded").is_not_null() if "excluded" in rows.columns else pl.lit(value=False)\n',
        "    return pl.lit(value=False)\n",
        ("cli/test_excluded.py",),
    ),
    Mutant(
        "an opt-out that cannot be read is none",
        "contacts/opt_outs.py",
        " & ~folded.is_in(_NOT_SET) & ~text.str.contains(_ZERO)",
        " & is_clear(text)",
        ("contacts/test_opt_outs.py",),
    ),
    Mutant(
        "an opt-out holds for its row and not for its number",
        "contacts/exclusions.py",
        "numbers = _list_opted_out(marked, cells, mapping)\n",
        "numbers = _list_opted_out(marked, cells, mapping).clear()\n",
        ("contacts/test_opt_outs.py", "cli/test_excluded.py"),
    ),
    Mutant(
        "an opt-out holds for one of a person's numbers alone",
        "contacts/exclusions.py",
        "    if phone.fallbacks:\n",
        "    if False:\n",
        ("contacts/test_opt_outs.py",),
    ),
    Mutant(
        "whoever opted out is called where --payload sends the flag",
        "contacts/mapping.py",
        "    told = mapping.used & chosen.used\n",
        "    told = chosen.used\n",
        ("contacts/test_opt_outs.py",),
    ),
    Mutant(
        "a schema that does not name an opt-out leaves it to be sent, or looked at by nobody",
        "contacts/mapping.py",
        "mapping.exclusions + map_opt_outs(headers, told | {rule.index for rule in mapping.exclusions})",
        "mapping.exclusions",
        ("contacts/test_opt_outs.py",),
    ),
    Mutant(
        "keys of another kind are no reason to refuse a run",
        "ledger/other_keys.py",
        "    if differing is None:\n",
        "    if True:\n",
        ("cli/test_other_keys.py",),
    ),
    Mutant(
        "what people wrote beside rows that are yet to be dialed is kept nowhere",
        "ledger/results.py",
        "        write_added(self._path, extra)\n",
        "",
        ("promises/test_power_cuts.py",),
    ),
    Mutant(
        "what people write while a run is under way is not looked at",
        "ledger/results.py",
        "        if seen is not None and seen != self._seen:\n",
        "        if False:\n",
        ("cli/test_added_columns.py",),
    ),
    Mutant(
        "what people wrote beside rows that are gone is kept nowhere",
        "ledger/opening.py",
        "            self._keep_lost(without_line(extra, lines))\n",
        "",
        ("cli/test_added_columns.py",),
    ),
    Mutant(
        "rows that may share a number are held by nobody",
        "plan/duplicates.py",
        '    which = pl.col("stands").is_not_null() & (~may_share | (pl.col("gone") & pl.col("known").is_null()))\n',
        '    which = pl.col("stands").is_not_null() & ~may_share\n',
        ("plan/test_planning.py",),
    ),
    Mutant(
        "a mended copy is a sheet of its own",
        "ledger/belonging.py",
        "    if origin and origin.results:\n",
        "    if False:\n",
        ("cli/test_copies.py", _WEEK),
    ),
    Mutant(
        "results that were there and are gone are not missed",
        "ledger/belonging.py",
        "    if results.name in origin.found:\n",
        "    if False:\n",
        ("ledger/test_belonging.py",),
    ),
    Mutant(
        "whoever has a call in another results file is dialed",
        "plan/planning.py",
        "    if elsewhere is not None:\n",
        "    if False:\n",
        ("plan/test_planning.py", "cli/test_copies.py", _WEEK),
    ),
    Mutant(
        "another results file is known by its name alone",
        "ledger/other_results.py",
        "        fitting |= known\n",
        "        pass\n",
        ("ledger/test_other_results.py", _WEEK),
    ),
    Mutant(
        "the journal of another results file is not read",
        "ledger/other_results.py",
        "        found += [of_journal, of_results]\n",
        "        found += [of_results]\n",
        ("ledger/test_other_results.py",),
    ),
    Mutant(
        "an option that is given nothing counts as not given",
        "commands/options/grouping.py",
        "        _check_text(max(self.opts, key=len), given[0], self.type)\n",
        "",
        ("commands/test_options.py",),
    ),
    Mutant(
        "of results as a list not to call, only the last word of a row counts",
        "plan/called_numbers.py",
        '    return ~none | (pl.col("call_id") != "") | (pl.col("calls") > 0)\n',
        "    return ~none\n",
        ("cli/test_suppress.py",),
    ),
    Mutant(
        "results of a run that has not ended are the whole list",
        "commands/options/suppress.py",
        "    if not any(header.startswith(UNDER_WAY) for header in sheet.headers):\n",
        "    if True:\n",
        ("cli/test_suppress.py",),
    ),
    Mutant(
        "a number in a format that is not understood is said all the same",
        "sheets/workbook/display.py",
        "        if not self._is_understood:\n            return UNKNOWN_FORMAT\n",
        "",
        ("sheets/test_display.py",),
    ),
    Mutant(
        "half a file is left where the disk was full",
        "disk.py",
        "        new.unlink(missing_ok=True)\n        raise\n",
        "        raise\n",
        ("cli/test_full_disk.py",),
    ),
    Mutant(
        "a cell that stands twice is read as the first",
        "sheets/workbook/cell_columns.py",
        '            self._refuse_twice(cells.select("row", "column"))\n',
        "",
        ("sheets/test_catalogue_workbooks.py",),
    ),
    Mutant(
        "a row of an .ods may take all memory",
        "sheets/workbook/package.py",
        "                    if kept is not None and inside > MOST_INSIDE:\n",
        "                    if False:\n",
        ("sheets/test_other_workbooks.py",),
    ),
    Mutant(
        "a worksheet may declare entities",
        "sheets/workbook/package.py",
        "        parser.StartDoctypeDeclHandler = refuse\n",
        "",
        ("sheets/test_xlsx.py",),
    ),
    Mutant(
        "somebody else may tell pandera to check nothing",
        "contacts/pandera_settings.py",
        "validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA",
        "",
        ("cli/test_validate.py",),
    ),
    Mutant(
        "a person's check of rows that fails rejects nobody",
        "contacts/validate.py",
        "        problems = pl.concat([problems, own.join(",
        "        problems = pl.concat([problems, own.clear().join(",
        ("contacts/test_own_checks.py",),
    ),
    Mutant(
        "a person's check of the sheet that fails is passed over",
        "contacts/own_checks.py",
        "    if of_the_sheet:\n",
        "    if False:\n",
        ("contacts/test_own_checks.py",),
    ),
    Mutant(
        "the plan takes no heed of the hour",
        "plan/planning.py",
        "    rows, opens, places = defer_outside(rows, policy.hours, now, policy.among)\n",
        "    opens = places = None\n",
        ("flows/test_calling_hours_flow.py",),
    ),
    Mutant(
        "the hour is not judged again when a request is about to leave",
        "dialing/dispatch.py",
        "            if not self._may_ring(call):\n",
        "            if False:\n",
        ("flows/test_calling_hours_flow.py",),
    ),
    Mutant(
        "a phone that is nowhere known rings at any hour",
        "plan/calling_hours.py",
        "    if not zones:\n        return _NOT_KNOWN\n",
        '    if not zones:\n        return ""\n',
        ("plan/test_hours.py",),
    ),
    Mutant(
        "a mobile phone is where its first digits were given out",
        "contacts/zones.py",
        "    if counts_whole(start) and _is_fixed(number):\n",
        "    if True:\n",
        ("plan/test_hours.py",),
    ),
    Mutant(
        "the pause before another call is not kept",
        "plan/redial.py",
        'pl.col("due") <= pl.lit(now)',
        'pl.col("due").is_not_null()',
        ("plan/test_redial.py",),
    ),
    Mutant(
        "a row is called more often than --max-calls",
        "plan/redial.py",
        'missed(redial) & (pl.col("calls") < redial.most_calls)',
        "missed(redial)",
        ("plan/test_redial.py",),
    ),
    Mutant(
        "who was reached is called again",
        "plan/redial.py",
        '(pl.col("duration_seconds") < redial.shorter_than).fill_null(value=False)',
        "pl.lit(value=True)",
        ("plan/test_redial.py",),
    ),
    Mutant(
        "a call that was tracked goes back",
        "ledger/calls.py",
        "    return status if _STAGES[status] > _STAGES[known] else known\n",
        "    return status\n",
        ("ledger/test_calls.py",),
    ),
    Mutant(
        "a listed call to another number tells how this one ended",
        "ledger/calls.py",
        " or same_number(call.to, entry.to) is Sameness.OTHER:\n        return entry",
        ":\n        return entry",
        ("ledger/test_calls.py",),
    ),
    Mutant(
        "the results of a run that calls again say nothing of it",
        "ledger/results.py",
        "        lines = lines_under_way(self._rebuild(), *self._awaited)\n",
        "        lines = Lines(self._rebuild().join(self._awaited[0].to_frame('key'), on='key', how='anti'))\n",
        ("promises/test_redial_promises.py",),
    ),
    Mutant(
        "an older journal takes back that somebody may have been called again",
        "ledger/opening.py",
        "        history = doubt_redials(history, found.history, datetime.fromisoformat(since), until)\n",
        "",
        ("promises/test_redial_promises.py",),
    ),
    Mutant(
        "what a person asked for once is done in every round",
        "flows/rounds.py",
        "        policy = replace(self._job.policy, asked_anew=False)\n",
        "        policy = self._job.policy\n",
        ("flows/test_rounds.py",),
    ),
    Mutant(
        "an earlier call's ID is taken for the new one",
        "dialing/verdict.py",
        "    elif named.id in {earlier.id for earlier in read_earlier(call.earlier_calls)}:\n",
        "    elif False:\n",
        ("dialing/test_verdict.py",),
    ),
    Mutant(
        "a number's calls are counted anew through another row",
        "plan/duplicates.py",
        ".sort(never_dialed, maintain_order=True)",
        "",
        ("flows/test_rounds.py",),
    ),
    Mutant(
        "whatever process has the number of a lock is told to stop",
        "ledger/lock_holder.py",
        "        return Holder(process) if any(disk.is_at(each, file.fileno()) for each in opened) else None\n",
        "        return Holder(process) if opened is not None else None\n",
        ("ledger/test_lock_holder.py",),
    ),
    Mutant(
        "a number of another machine's is taken for one of this machine",
        "ledger/lock_holder.py",
        "        if host and host != own_host():\n",
        "        if False:\n",
        ("ledger/test_lock_holder.py",),
    ),
    Mutant(
        "the calls of other jobs that the list shows are hung up, too",
        "flows/stop.py",
        "                    if entry := unseen.pop(call.id, None):\n",
        "                    if entry := unseen.pop(call.id, next(iter(unseen.values()), None)):\n",
        ("flows/test_stop_flow.py",),
    ),
    Mutant(
        "a call that the list has with another number is hung up",
        "flows/stop.py",
        "        if call.id == entry.call_id and same_number(call.to, entry.to) is Sameness.OTHER:\n",
        "        if False:\n",
        ("flows/test_stop_flow.py",),
    ),
    Mutant(
        "a run of other calls is stopped",
        "flows/stop_run.py",
        "                    read_ledger(place, clock)  # other calls than these are refused before it is stopped\n",
        "",
        ("cli/test_stop.py",),
    ),
    Mutant(
        "calls are hung up that nobody agreed to",
        "flows/stop_run.py",
        "    if not confirm(question):\n",
        "    if False:\n",
        ("flows/test_stop_flow.py",),
    ),
    Mutant(
        "lost answers that the API's list does not explain let the run go on",
        "dialing/dispatch.py",
        "        if not lost <= found.keys():\n",
        "        if False:\n",
        (_SAFELY,),
    ),
    Mutant(
        "lost answers may be explained without end",
        "dialing/breaker.py",
        "                explainable=self._explained < MOST_EXPLAINED,\n",
        "                explainable=True,\n",
        (_SAFELY,),
    ),
    Mutant(
        "others are called while it is asked what became of lost answers",
        "dialing/dispatch.py",
        "            if not self._explaining:\n                return turn\n",
        "            return turn\n",
        (_SAFELY,),
    ),
    Mutant(
        "a carrier that takes no calls uses up the list",
        "dialing/failures.py",
        "        if count < FEWEST_CALLS or failed < SHARE * count:\n",
        "        if True:\n",
        ("dialing/test_failures.py", _SAFELY),
    ),
    Mutant(
        "calls that have only just begun are judged by those of them that have failed",
        "dialing/failures.py",
        "COUNTS = timedelta(seconds=30)\n",
        "COUNTS = timedelta()\n",
        ("dialing/test_failures.py",),
    ),
    Mutant(
        "a run that stays calls again although the calls before failed",
        "flows/rounds.py",
        "            if rows.is_empty() or self._too_many_fail():\n",
        "            if rows.is_empty():\n",
        (_SAFELY,),
    ),
    Mutant(
        "all others are called after a pilot without a yes",
        "flows/pilot.py",
        "        if not wanted:\n",
        "        if False:\n",
        ("flows/test_pilot.py",),
    ),
)


def caught(mutant: Mutant) -> bool:
    """Return whether the tests that guard the passage fail without it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("batch_dialer", "tests", "pyproject.toml", "README.md", "schemas", "sample_data"):
            source = _ROOT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, root / name)
        file = root / "batch_dialer" / mutant.file
        text = file.read_text(encoding="utf-8")
        if mutant.passage not in text:
            raise LookupError(f"{mutant.name}: the passage is no longer in {mutant.file}")
        file.write_text(text.replace(mutant.passage, mutant.instead), encoding="utf-8")
        guards = [f"tests/{guard}" for guard in mutant.guards]
        tests = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", *guards],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=False,
        )
    if tests.returncode not in {0, 1}:
        raise RuntimeError(f"{mutant.name}: the tests could not run\n{tests.stdout[-2000:]}{tests.stderr[-2000:]}")
    return tests.returncode == 1


def main() -> int:
    survivors = 0
    for mutant in MUTANTS:
        dead = caught(mutant)
        survivors += not dead
        print(f"{'caught  ' if dead else 'SURVIVED'}  {mutant.name}", flush=True)
    print(f"{len(MUTANTS) - survivors} of {len(MUTANTS)} mutants caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

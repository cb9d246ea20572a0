"""What is said when the calls of a job have been hung up. Rows and call IDs, and no numbers."""

import json
from pathlib import Path

from batch_dialer.dialing.hang_up import Fate, Stopped
from batch_dialer.terminal.tables import columns
from batch_dialer.terminal.text import printable, printable_path, say

_WORDS = {Fate.HUNG_UP: "hung up", Fate.ENDED: "ended", Fate.LEFT: "left"}
_MEANINGS = {
    Fate.HUNG_UP: "were under way",
    Fate.ENDED: "had ended by themselves",
    Fate.LEFT: "could not be hung up",
}


def tell_stopped(stopped: Stopped, results: Path, *, as_json: bool) -> None:
    """Say of each call what became of it, and then how many there were, on standard output."""
    if as_json:
        calls = {
            _WORDS[fate].replace(" ", "_"): [
                {"row": each.entry.row, "call_id": each.call_id} | ({"why": each.why} if each.why else {})
                for each in stopped.of(fate)
            ]
            for fate in Fate
        }
        waiting = [{"row": entry.row, "call_id": entry.call_id} for entry in stopped.waiting]
        facts = {"exit": stopped.exit, **calls, "ended_before": stopped.ended_before, "waiting": waiting}
        say(json.dumps({**facts, "doubts": stopped.doubts, "results": str(results)}))
        return
    for fate in Fate:
        for each in stopped.of(fate):
            why = f": {each.why}" if each.why else ""
            say(printable(f"Row {each.entry.row}, {each.call_id}: {fate.value}{why}", 500))
    for entry in stopped.waiting:
        say(printable(f"Row {entry.row}, {entry.call_id}: waits in the campaign {entry.agent_id}", 500))
    table = [(_WORDS[fate], len(stopped.of(fate)), _MEANINGS[fate]) for fate in Fate]
    table[1] = (_WORDS[Fate.ENDED], table[1][1] + stopped.ended_before, _MEANINGS[Fate.ENDED])
    table += [
        ("waiting", len(stopped.waiting), "in a campaign, or not listed yet; cancel or pause it in Talkover"),
        ("in doubt", stopped.doubts, "a call may be under way whose ID is not known; see `reconcile`"),
    ]
    shown = [(word, f"{count:,}", meaning) for word, count, meaning in table if count]
    say(columns(shown, ("left", "right", "left")) if shown else "No call of this job is under way.")
    say(f"Results: {printable_path(results)}")

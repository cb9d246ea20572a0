"""`validate SHEET`: what is wrong with it, before anybody is dialed."""

from pathlib import Path

import click
import polars as pl

from batch_dialer.commands.options.grouping import GroupedCommand, Heading, example, option
from batch_dialer.commands.options.sheet import SheetOptions, sheet_options
from batch_dialer.commands.options.suppress import list_note, read_lists
from batch_dialer.commands.options.suppress import suppress as suppress_option
from batch_dialer.contacts.exclusions import exclusion_warnings
from batch_dialer.contacts.phone import COUNTRY_REMEDY, TWO_READINGS
from batch_dialer.contacts.validate import Checked
from batch_dialer.errors import UsageError
from batch_dialer.flows.checking import check_sheet
from batch_dialer.ledger.belonging import is_beside_results, origin_of
from batch_dialer.model import Sheet
from batch_dialer.plan.left_out import without_excluded, without_hidden
from batch_dialer.plan.suppression import Suppressed, on_list
from batch_dialer.reports import csv_lists
from batch_dialer.schema.schema import condition
from batch_dialer.terminal.interrupts import LeavingAtOnce
from batch_dialer.terminal.reading import showing_rows
from batch_dialer.terminal.tables import framed
from batch_dialer.terminal.text import (
    log_fitted,
    numbered,
    printable,
    printable_path,
    say,
    say_fitted,
    width,
)
from batch_dialer.words import Exit

_ROWS_SHOWN = 5
_WIDEST_NAME, _WIDEST_ROWS = 16, 12
_REPORTS = {".xlsx", ".xlsm", ".csv"}


@click.command(
    cls=GroupedCommand,
    epilog=example("batch-dialer validate contacts.xlsx --schema reminder.toml --report bad.xlsx"),
)
@sheet_options
@suppress_option
@option(
    Heading.OUTPUT,
    "--report",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a copy of the sheet with every bad cell marked (.xlsx), or a list of what is wrong (.csv).",
)
@option(
    Heading.OUTPUT,
    "--rejects",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Write the rows that are not valid, unchanged, each with the reason.",
)
@option(Heading.OUTPUT, "--strict", is_flag=True, help="Exit with status 3 instead of 1 if any row is not valid.")
def command(
    sheet: SheetOptions, suppress: tuple[Path, ...], report: Path | None, rejects: Path | None, *, strict: bool
) -> Exit:
    """Check every cell of SHEET; show what is wrong and how to correct it. Nobody is dialed.

    SHEET is a CSV file or a workbook; - reads standard input.
    """
    for name, file in (("--report", report), ("--rejects", rejects)):
        _check_not_the_sheet(name, file, sheet.path)
    if report and report.suffix.lower() not in _REPORTS:
        raise UsageError(f"--report {report} ends in neither .xlsx nor .csv.", "Name a .xlsx or a .csv file.")
    source = sheet.source()
    lists = read_lists(suppress, source)
    with LeavingAtOnce(), showing_rows(source.path.name, lambda line, _: log_fitted(line)) as progress:
        known, judged = check_sheet(source, progress)
    shown = without_hidden(judged, sheet.hidden)
    checked = without_excluded(shown)
    _show(checked, ", ".join(known.notes))
    if not judged.rows.height:
        say_fitted("There is nobody to call: the sheet has a header row and no rows below it.")
    if left := judged.rows.height - shown.rows.height:
        say_fitted(f"Hidden in the sheet, and not dialed unless you give --hidden dial: {numbered(left)}.")
    for left_out in judged.left_out:
        say_fitted(printable(str(left_out), 400))
    _show_excluded(judged, shown.rows.height - checked.rows.height)
    _show_repeated(checked)
    _show_suppressed(checked, lists)
    _show_called_elsewhere(source.path, known, checked)
    if report and report.suffix.lower() == ".csv":
        csv_lists.write_problems(report, checked.problems)
        say(f"The list of what is wrong: {printable_path(report)}")
    elif report:
        _write_marked(report, source.path, known, checked)
        say(f"The copy with every bad cell marked: {printable_path(report)}")
    if rejects:
        csv_lists.write_rejects(rejects, known, checked, origin_of(rejects, source.path, known.origin))
        say(f"The rows that are not valid: {printable_path(rejects)}")
    bad = checked.rows.height - checked.good
    return Exit.DONE if not bad else Exit.BAD_SHEET if strict else Exit.SOME_NOT_PLACED


def _write_marked(report: Path, source: Path, known: Sheet, checked: Checked) -> None:
    from batch_dialer.reports.marked_workbook import write_marked  # noqa: PLC0415  (openpyxl takes long to load)

    write_marked(report, source, known, checked, origin_of(report, source, known.origin))


def _check_not_the_sheet(name: str, file: Path | None, sheet: Path) -> None:
    if file is None:
        return
    if file.absolute() == sheet.absolute() or (file.exists() and sheet.exists() and file.samefile(sheet)):
        raise UsageError(f"{name} names the sheet itself.", "Name another file: the sheet is never written to.")


def _show(checked: Checked, notes: str) -> None:
    bad = checked.rows.height - checked.good
    say_fitted(f"{numbered(checked.rows.height)} ({notes}): {checked.good:,} can be dialed, {bad:,} cannot.")
    if not bad:
        return
    # The remedy for two readings has the numbers of its row; here, rows are counted by what is wrong.
    remedy = pl.when(pl.col("why") == TWO_READINGS).then(pl.lit(COUNTRY_REMEDY)).otherwise("remedy").alias("remedy")
    grouped = checked.problems.with_columns(remedy).group_by("column", "why", "remedy", maintain_order=True)
    kinds = grouped.agg(pl.len().alias("count"), pl.col("row").head(_ROWS_SHOWN).alias("rows"))
    lines = [
        (printable(kind["column"] or "(row)", 40), kind["why"], kind["remedy"], f"{kind['count']:,}", _first_rows(kind))
        for kind in kinds.sort("count", descending=True, maintain_order=True).iter_rows(named=True)
    ]
    # A header takes two characters more than its word, and so do the four gaps.
    named = max(len("column") + 2, min(max(len(line[0]) for line in lines), _WIDEST_NAME))
    counted = max(len("rows") + 2, *(len(line[3]) for line in lines))
    room = max(width() - named - counted - _WIDEST_ROWS - 4 * 2, 30)
    widths = [_WIDEST_NAME, room * 2 // 5, room * 3 // 5, None, _WIDEST_ROWS]
    say(f"\n{framed(('column', 'what is wrong', 'what to do', 'rows', 'first'), lines, widths)}\n")


def _show_excluded(checked: Checked, left_out: int) -> None:
    for excluded in checked.excluded:
        column = printable(excluded.exclusion.header, 40)
        meant = printable(condition(excluded.exclusion.rule), 60)
        say_fitted(f'Column "{column}": {meant} are not called: {excluded.rows:,}.')
    if left_out:
        say_fitted(
            f"The counts above are without these rows, and without other rows that have their numbers:"
            f" {numbered(left_out)}."
        )
    for sentence in exclusion_warnings(checked.mapping, checked.excluded):
        log_fitted(printable(sentence, 400))


def _show_repeated(checked: Checked) -> None:
    good = checked.rows.filter(pl.col("code").is_null())
    repeated = good.height - good["to"].n_unique()
    if repeated:
        whose = "has" if repeated == 1 else "have"
        say_fitted(
            f"{repeated:,} of those that can be dialed {whose} the same number as a row above and would be skipped,"
            " unless you give --allow-duplicates.",
        )


def _show_suppressed(checked: Checked, lists: tuple[Suppressed, ...]) -> None:
    for listed in lists:
        (say_fitted if listed.numbers else log_fitted)(list_note(listed))
    if lists:
        found = pl.any_horizontal([on_list(listed) for listed in lists])
        skipped = checked.rows.filter(pl.col("code").is_null() & found).height
        say_fitted(f"{skipped:,} of those that can be dialed would be skipped: their numbers are not to be called.")


def _show_called_elsewhere(path: Path, known: Sheet, checked: Checked) -> None:
    if not (known.origin or is_beside_results(path)):
        return
    from batch_dialer.flows.other_results import notes_on_other_results  # noqa: PLC0415  (it loads what dials)

    for note in notes_on_other_results(path, known, checked):
        say_fitted(printable(note, 400))


def _first_rows(kind: dict[str, list[int]]) -> str:
    return ", ".join(map(str, kind["rows"])) + (", …" if len(kind["rows"]) < kind["count"] else "")  # type: ignore[operator]  # a row of mixed types

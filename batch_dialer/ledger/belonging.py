"""Which results file belongs to a sheet, and to the copies of it that `validate` makes to be mended."""

import os
from dataclasses import replace
from pathlib import Path

from batch_dialer.errors import UsageError
from batch_dialer.ledger.ledger import Kind, Ledger
from batch_dialer.model import SheetOrigin
from batch_dialer.sheets.files import STDIN, stem

_NAME_IT = "Or give --results FILE: everybody who has no call in that file is called."


def default_path(sheet: Path, kind: Kind = Kind.REAL) -> Path:
    """Return where the results of *sheet* are unless a person says otherwise: `contacts.results.csv` beside it."""
    return sheet.with_name(f"{stem(sheet)}{kind.value}")


def is_beside_results(sheet: Path) -> bool:
    """Return whether there are results files, or journals of such, in the folder of *sheet*."""
    try:
        return any(path.name.endswith((Kind.REAL.value, ".csv.journal")) for path in sheet.parent.iterdir())
    except OSError:
        return False


def origin_of(copy: Path, sheet: Path, known: SheetOrigin | None) -> SheetOrigin:
    """Return what the file *copy* is to say of *sheet*, which it is made from; *known* is what the sheet itself says.

    A copy of a copy belongs to the sheet that the first one was made from.
    """
    if known and not known.results:
        return known
    if known:
        original, results = known.sheet, _resolve(sheet, known.results)
        original = original and _relative(_resolve(sheet, original), copy)
    else:
        original, results = "" if sheet == STDIN else _relative(sheet, copy), default_path(sheet)
    files = (results.with_name(_of_kind(results.name, kind)) for kind in (Kind.REAL, Kind.TESTING))
    found = dict.fromkeys([*(known.found if known else ()), *(file.name for file in files if _is_there(file))])
    return SheetOrigin(original, _relative(results, copy), tuple(found))


def belonging(ledger: Ledger, sheet: Path, origin: SheetOrigin | None) -> Ledger:
    """Return *ledger* with the results file that belongs to *sheet*, unless a person named one.

    Raises `UsageError` where the sheet is a copy whose *origin* or its results are not found: all who were called
    before would be called again.
    """
    if ledger.named:
        return ledger
    results = default_path(sheet, ledger.kind)
    if origin and origin.results:
        results = _resolve(sheet, _of_kind(origin.results, ledger.kind))
    if origin and ledger.kind is not Kind.SANDBOX:
        _check_found(results, sheet, origin)
    return replace(ledger, results=results.resolve() if results.is_symlink() else results)


def _check_found(results: Path, sheet: Path, origin: SheetOrigin) -> None:
    if not origin.results:
        raise UsageError(
            f"{sheet.name} is a copy that `validate` made, and it no longer says of which sheet. The sheet's results"
            " file says who was called already.",
            "Name it with --results FILE, or correct the workbook that `validate --report` wrote and dial that.",
        )
    if _is_there(results):
        return
    if results.name in origin.found:
        raise UsageError(
            f"{sheet.name} was made from {origin.sheet or 'standard input'}, whose results file {results} says who was"
            " called already. It is no longer there.",
            f"Put it back, with its journal. {_NAME_IT}",
        )
    if not results.parent.is_dir() or (origin.sheet and not _resolve(sheet, origin.sheet).exists()):
        raise UsageError(
            f"{sheet.name} was made from {origin.sheet or 'standard input'}. Neither that sheet nor its results file"
            f" {results}, which says who was called already, is there.",
            f"Move {sheet.name} back to where it was written. {_NAME_IT}",
        )


def _is_there(results: Path) -> bool:
    return results.exists() or results.with_name(f"{results.name}.journal").exists()


def _of_kind(name: str, kind: Kind) -> str:
    return f"{name.removesuffix(Kind.REAL.value)}{kind.value}"


def _resolve(copy: Path, relative: str) -> Path:
    """Return the file that *copy* calls *relative*: beside it by its name alone, elsewhere by its whole path."""
    beside = copy.parent / relative
    return beside if beside.parent == copy.parent else (copy.parent.resolve() / relative).resolve()


def _relative(file: Path, copy: Path) -> str:
    where, start = file.parent.resolve() / file.name, copy.parent.resolve()
    try:
        return Path(os.path.relpath(where, start)).as_posix()
    except ValueError:  # Windows: they are on two drives
        return where.as_posix()

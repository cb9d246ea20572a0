"""The first half of a run, which dials nobody and loads nothing for it: read -> map -> validate."""

from batch_dialer.contacts.local_times import require_zone
from batch_dialer.contacts.map_sheet import keep_columns, map_sheet
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.job import Source
from batch_dialer.model import Sheet
from batch_dialer.sheets.files import Progress, unwatched
from batch_dialer.sheets.reading import read_sheet


def check_sheet(source: Source, progress: Progress = unwatched) -> tuple[Sheet, Checked]:
    """Return the sheet, and what is right and wrong in it; raise `BadSheet` where it cannot be used.

    *progress* is told how many rows of a workbook were read so far.
    """
    sheet = read_sheet(
        source.path, source.worksheet, encoding=source.encoding, header_row=source.header_row, progress=progress
    )
    mapping = map_sheet(source.schema, sheet, source.region, source.choice)
    require_zone(mapping, source.zone)
    return sheet, validate(sheet, keep_columns(mapping, source.keep, sheet.headers), source.zone, source.checks)

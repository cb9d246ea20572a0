"""Which character divides the fields of a text file, as its first rows tell."""

import contextlib
import csv
import io
from collections.abc import Iterator

from batch_dialer.sheets.grid import TOP_ROWS

DELIMITERS = {",": "comma-separated", ";": "semicolon-separated", "\t": "tab-separated", "|": "separated by |"}
"""The delimiters that are looked for, and the note for a file that has them."""
HEAD_BYTES = 1 << 18
"""How much of a file is looked at for its delimiter and its header."""


def read_records(text: str, delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Yield the fields of each row of *text*; raise `csv.Error` where one is no record."""
    # newline="" leaves line breaks inside of quoted fields as they are, and knows CR, LF and CRLF for ends of rows.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)


def row_at(before: bytes) -> int:
    """Return the number of the row that the UTF-8 text *before* ends in."""
    row = 0
    delimiter = find_delimiter(before[:HEAD_BYTES].decode(errors="replace"), header_row=1)
    records = read_records(before.decode(errors="replace") + "x", delimiter)
    try:
        for row, _ in enumerate(records, start=1):  # noqa: B007  (only how many there are)
            pass
    except csv.Error:
        row += 1
    return row


def rows_by_delimiter(head: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the first rows of *head*, with their numbers, as each of the delimiters divides them."""
    for delimiter in DELIMITERS:
        records = read_records(head, delimiter)
        with contextlib.suppress(csv.Error):
            for row, fields in zip(range(1, TOP_ROWS + 1), records, strict=False):
                yield row, tuple(fields)


def find_delimiter(head: str, header_row: int) -> str:
    """Return the delimiter that divides the header into most fields; of two alike, the one that suits the row below."""

    def merit(delimiter: str) -> tuple[int, bool]:
        records = read_records(head, delimiter, strict=True)
        try:
            for _ in range(1, header_row):
                next(records)
            # A line of nothing but another delimiter is blank, too.
            header = next(record for record in records if any(cell.strip(",;|\t ") for cell in record))
        except (csv.Error, StopIteration):
            return 0, False
        try:
            return len(header), len(next(records)) == len(header)
        except (csv.Error, StopIteration):
            return len(header), False

    return max(DELIMITERS, key=merit)

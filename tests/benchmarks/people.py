"""The same sheets on every machine: so many people, a number each that libphonenumber takes for good."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

HEADER = ("Customer ID", "Phone", "Name", "Amount", "Due", "City", "Note", "Lang")
SCHEMA = """\
agent_id = "agent_1"

[id]
column = "Customer ID"

[to]
column = "Phone"

[payload.name]
column = "Name"
required = true
max_length = 80

[payload.amount]
column = "Amount"
type = "decimal"
min = 0

[payload.due]
column = "Due"
type = "date"

[payload.city]
column = "City"

[payload.note]
column = "Note"

[payload.language]
column = "Lang"
one_of = ["en", "de"]
"""
_AREAS = (212, 213, 214, 215, 216, 312, 313, 415, 619, 702, 713, 818, 917)
_SAME_FOR_ALL = ("Springfield", "Ring twice", "en")
_FIRST_DAY = 46357  # 2026-12-01, as Excel counts days
_ROW = (
    '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c><c r="B{0}" t="s"><v>{2}</v></c><c r="C{0}" t="s"><v>{3}</v></c>'
    '<c r="D{0}"><v>{4}.5</v></c><c r="E{0}" s="1"><v>{5}</v></c>'
    '<c r="F{0}" t="s"><v>8</v></c><c r="G{0}" t="s"><v>9</v></c><c r="H{0}" t="s"><v>10</v></c></row>'
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_SHARED_STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
_TELLS_OF_STRINGS = {  # openpyxl writes texts into their cells, Excel into a part of their own
    "[Content_Types].xml": (
        "</Types>",
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHARED_STRINGS}"/>',
    ),
    "xl/_rels/workbook.xml.rels": (
        "</Relationships>",
        f'<Relationship Id="strings" Type="{_RELATION}" Target="sharedStrings.xml"/>',
    ),
}


def number(index: int) -> str:
    """Return one of a million numbers."""
    return f"+1{_AREAS[index % len(_AREAS)]}{2_000_000 + index}"


def schema(folder: Path) -> Path:
    """Write the schema file of these sheets, and return where."""
    path = folder / "people.toml"
    path.write_text(SCHEMA, encoding="utf-8")
    return path


def csv_sheet(folder: Path, rows: int) -> Path:
    """Return a CSV file of *rows* people, written when it is first asked for."""
    path = folder / f"people_{rows}.csv"
    if not path.exists():
        with path.open("w", encoding="utf-8") as file:
            file.write(",".join(HEADER) + "\n")
            for n in range(rows):
                day = f"2026-12-{1 + n % 28:02d}"
                file.write(f"C{n},{number(n)},Person {n},{n % 900}.50,{day},{','.join(_SAME_FOR_ALL)}\n")
    return path


def workbook(folder: Path, rows: int) -> Path:
    """Return the same people as a workbook, texts and dates as Excel saves them, written when it is first asked for."""
    path = folder / f"people_{rows}.xlsx"
    if path.exists():
        return path
    import openpyxl  # noqa: PLC0415  (it is large: see measure.py)

    empty = io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0].append([date(2026, 12, 1)])  # so that it has a style for dates
    book.save(empty)
    with zipfile.ZipFile(empty) as frame, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as whole:
        parts = {name: iter([frame.read(name).decode()]) for name in frame.namelist()}
        for name, (end, part_of_it) in _TELLS_OF_STRINGS.items():
            parts[name] = iter([frame.read(name).decode().replace(end, part_of_it + end)])
        parts |= {"xl/sharedStrings.xml": _strings(rows), "xl/worksheets/sheet1.xml": _cells(rows)}
        for name, texts in parts.items():
            with whole.open(name, "w", force_zip64=True) as part:
                part.writelines(text.encode() for text in texts)
    return path


def _strings(rows: int) -> Iterator[str]:
    yield f"<sst {_MAIN}>"
    yield "".join(f"<si><t>{text}</t></si>" for text in (*HEADER, *_SAME_FOR_ALL))
    for n in range(rows):
        yield f"<si><t>C{n}</t></si><si><t>{number(n)}</t></si><si><t>Person {n}</t></si>"
    yield "</sst>"


def _cells(rows: int) -> Iterator[str]:
    yield f'<worksheet {_MAIN}><dimension ref="A1:H{rows + 1}"/><sheetData><row r="1">'
    yield "".join(f'<c r="{letter}1" t="s"><v>{n}</v></c>' for n, letter in enumerate("ABCDEFGH"))
    yield "</row>"
    first = len(HEADER) + len(_SAME_FOR_ALL)
    for n in range(rows):
        text = first + 3 * n
        yield _ROW.format(n + 2, text, text + 1, text + 2, n % 900, _FIRST_DAY + n % 28)
    yield "</sheetData></worksheet>"

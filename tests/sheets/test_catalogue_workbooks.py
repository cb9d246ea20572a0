"""Workbooks as people and programs leave them: the rows to dial, or a refusal in words.

The numbers are those of the catalogue of bad input; tests/test_catalogue_is_covered.py holds them together.
"""

from pathlib import Path

import openpyxl
import pytest
from catalogue import (
    ANN,
    BOB,
    GOOD,
    HEADER,
    MISSING,
    Judged,
    cell,
    having,
    judged,
    refusal,
    row,
    saved,
    text,
    workbook,
    written,
)

from batch_dialer.sheets.reading import read_sheet

ANNS, BOBS = row(2, text("A2", ANN), text("B2", "Ann")), row(3, text("A3", BOB), text("B3", "Bob"))
PEOPLE = (["phone", "name"], [ANN, "Ann"])
BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


def with_a_chart(*, alone: bool) -> bytes:
    book = openpyxl.Workbook()
    for line in [] if alone else PEOPLE:
        book.worksheets[0].append(line)
    book.create_chartsheet("Chart")
    return saved(book)


def three(states: tuple[str, str, str]) -> bytes:
    book = openpyxl.Workbook()
    for name, state in zip("ABC", states, strict=True):
        page = book.worksheets[0] if name == "A" else book.create_sheet()
        page.title, page.sheet_state = name, state
        for line in PEOPLE:
            page.append(line)
    return saved(book)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            having(
                workbook(*PEOPLE),
                **{"xl/vbaProject.bin": b"\xd0\xcf", "xl/embeddings/oleObject1.bin": b"\xd0\xcf"},
                **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"},
            ),
            {2: ANN},
            id="41 macros, links and objects are passed over",
        ),
        pytest.param(three(("visible", "hidden", "veryHidden")), {2: ANN}, id="43 hidden and very hidden"),
        pytest.param(with_a_chart(alone=False), {2: ANN}, id="46 a chart beside it"),
        pytest.param(written(HEADER + BOBS + ANNS), GOOD, id="48 rows out of order, each saying which it is"),
        pytest.param(
            written(HEADER + row(2, text("B2", "Ann"), text("A2", ANN))), {2: ANN}, id="48 cells out of order"
        ),
        pytest.param(
            written(HEADER + row(2, text("A2", ANN)) + row(2, text("B2", "Ann"))), {2: ANN}, id="48 a row in two parts"
        ),
    ],
)
def test_every_row_is_a_number_or_a_reason(tmp_path: Path, data: bytes, expected: Judged) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    assert expected == judged(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(cell(ANN)[:2000], "damaged", id="37 half a workbook"),
        pytest.param(cell(ANN).replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged", id="37 its directory is spoiled"),
        pytest.param(having(b"", people=cell(ANN)), "an archive", id="37 a workbook in an archive"),
        pytest.param(written(HEADER + row(1_048_576, text("XFD1048576", "x"))), "XFD", id="38 the last cell of all"),
        pytest.param(written("<row>" + "<c><v>1</v></c>" * 2_000_000 + "</row>"), "safely", id="38 cells in one row"),
        pytest.param(written(HEADER + " " * (64 << 20)), "unpacks to a size", id="38 a bomb of spaces"),
        pytest.param(written(HEADER, above=BOMB), "DOCTYPE", id="39 billion laughs"),
        pytest.param(written(HEADER, above=OUTSIDE), "DOCTYPE", id="39 an entity from outside"),
        pytest.param(three(("visible", "visible", "hidden")), '"A", "B"', id="42 several worksheets"),
        pytest.param(workbook(), "holds no text", id="46 an empty worksheet"),
        pytest.param(with_a_chart(alone=True), "holds no text", id="46 a chart alone"),
        pytest.param(
            written(HEADER + row(2, text("A2", ANN), text("A2", BOB), text("B2", "x"))), "A2 twice", id="48 a cell"
        ),
        pytest.param(written(HEADER + ANNS + ANNS.replace(ANN, BOB)), "A2 twice", id="48 a row twice"),
        pytest.param(
            written("<!-- parsed -->" + HEADER + ANNS + ANNS),
            "A2 twice",
            id="48 a row twice, written in an unusual way",
        ),
        pytest.param(
            written(HEADER + row(2, '<c r="A2"><v>1</v></c><c r="A2" t="e"><v>#N/A</v></c>')),
            "A2 twice",
            id="48 an error over a number",
        ),
        pytest.param(
            written(HEADER + row(2, '<c r="A2"><v>1</v></c><c r="A2"><f>1</f></c>')),
            "A2 twice",
            id="48 a formula without a result over a number",
        ),
    ],
)
def test_what_is_refused_is_refused_in_words(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    assert says in refusal(tmp_path / "a.xlsx")


def test_40_a_name_that_climbs_out_of_the_archive_is_written_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "in" / "deep" / "a.xlsx"
    path.parent.mkdir(parents=True)
    outside = tmp_path / "absolute.xml"
    path.write_bytes(having(workbook(*PEOPLE), **{"../../climbed.xml": b"<a/>", str(outside): b"<a/>"}))
    assert {2: ANN} == judged(path)
    assert [path] == [file for file in tmp_path.rglob("*") if file.is_file()]


def test_45_merged_numbers_are_missing_numbers_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(*PEOPLE, [None, "b"], change=lambda page: page.merge_cells("A2:A3")))
    assert {2: ANN, 3: MISSING} == judged(path)
    assert any("merged" in note for note in read_sheet(path).notes)


def test_47_a_million_blank_rows_with_a_style_are_no_rows(tmp_path: Path) -> None:
    styled = "".join(f'<row r="{number}"><c r="A{number}" s="0"/></row>' for number in range(3, 1_000_001))
    (tmp_path / "a.xlsx").write_bytes(written(HEADER + ANNS + styled))
    assert {2: ANN} == judged(tmp_path / "a.xlsx")

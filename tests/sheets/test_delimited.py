"""Text files as people make them, one for each sin; and the laws that both ways of reading them obey."""

import csv
import io
import itertools
import os
import tempfile
from pathlib import Path
from typing import Literal

import polars as pl
import pytest
from catalogue import assert_sheet_or_words
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_dialer.errors import BadSheet
from batch_dialer.model import Sheet
from batch_dialer.sheets import delimited
from batch_dialer.sheets.reading import read_sheet

Table = list[tuple[int, list[str | None]]]


def read(data: bytes, name: str = "people.csv", worksheet: str | None = None) -> Sheet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_sheet(path, worksheet)


def rows(sheet: Sheet) -> Table:
    return [(row[0], list(row[1:])) for row in sheet.cells.rows()]


TWO_ROWS: Table = [(2, ["+1415", "Ann"]), (3, ["0049", "Bea"])]


@pytest.mark.parametrize(
    ("data", "note"),
    [
        pytest.param(b"phone,name\n+1415,Ann\n0049,Bea\n", "comma-separated", id="plain"),
        pytest.param(b"phone,name\n+1415,Ann\n0049,Bea", "comma-separated", id="no final newline"),
        pytest.param(b"phone;name\r\n+1415;Ann\r\n0049;Bea\r\n", "semicolon-separated", id="as Excel in Europe"),
        pytest.param(b"phone\tname\n+1415\tAnn\n0049\tBea\n", "tab-separated", id="tabs"),
        pytest.param(b"phone|name\n+1415|Ann\n0049|Bea\n", "separated by |", id="bars"),
        pytest.param(b"phone,name\r+1415,Ann\r0049,Bea\r", "comma-separated", id="CR only"),
        pytest.param(b"phone,name\r\n+1415,Ann\n0049,Bea\r", "comma-separated", id="mixed line ends"),
        pytest.param(b"\xef\xbb\xbfphone,name\n+1415,Ann\n0049,Bea\n", "comma-separated", id="BOM"),
        pytest.param(b'\xef\xbb\xbf"phone","name"\n"+1415","Ann"\n"0049","Bea"\n', "comma-separated", id="BOM, quotes"),
        pytest.param(b"sep=;\nphone;name\n+1415;Ann\n0049;Bea\n", "semicolon-separated", id="sep= is no row"),
        pytest.param(
            b'\xef\xbb\xbf"SEP=^"\r\nphone^name\r\n+1415^Ann\r\n0049^Bea\r\n', "separated by ^", id="odd sep="
        ),
        pytest.param("phone,name\n+1415,Ann\n0049,Bea\n".encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param("\ufeffphone\tname\r\n+1415\tAnn\r\n0049\tBea\r\n".encode("utf-16-be"), "UTF-16", id="UTF-16 BE"),
        pytest.param("phone,name\n+1415,Ann\n0049,Bea\n".encode("utf-16-le"), "UTF-16", id="UTF-16 LE, no mark"),
        pytest.param("phone,name\n+1415,Ann\n0049,Bea\n".encode("utf-16-be"), "UTF-16", id="UTF-16 BE, no mark"),
        pytest.param(b" phone , name\n+1415,Ann\n0049,Bea\n\n\n", "comma-separated", id="blanks at headers and end"),
        pytest.param(b"phone,name,,\n+1415,Ann,,\n0049,Bea,,\n", "comma-separated", id="empty columns at the end"),
        pytest.param(b"phone,name,\n+1415,Ann\n0049,Bea,,,\n", "comma-separated", id="empty fields too many, too few"),
    ],
)
def test_the_same_two_rows_however_they_are_written(data: bytes, note: str) -> None:
    sheet = read(data)
    assert (sheet.headers, rows(sheet), dict(sheet.ragged)) == (("phone", "name"), TWO_ROWS, {})
    assert note in sheet.notes


@pytest.mark.parametrize(
    ("data", "headers", "expected"),
    [
        pytest.param(b"phone\n1\n2\n", ("phone",), [(2, ["1"]), (3, ["2"])], id="one column"),
        pytest.param(b"phone\n\n2\n", ("phone",), [(3, ["2"])], id="one column, a blank row"),
        pytest.param(b"a,b\n\n1,2\n,\n3,4\n", ("a", "b"), [(3, ["1", "2"]), (5, ["3", "4"])], id="blank rows count"),
        pytest.param(b"\n \na,b\n1,2\n", ("a", "b"), [(4, ["1", "2"])], id="blank rows above the header"),
        pytest.param(b"a,b\n", ("a", "b"), [], id="header only"),
        pytest.param(b"a,b", ("a", "b"), [], id="header only, not ended"),
        pytest.param(b'a,b\n"x\r\ny",1\nz,2\n', ("a", "b"), [(2, ["x\r\ny", "1"]), (3, ["z", "2"])], id="line break"),
        pytest.param(b'a,b\n"x, ""y""",1\n', ("a", "b"), [(2, ['x, "y"', "1"])], id="delimiter and quotes in quotes"),
        pytest.param(b'a,b\n5" pipe,1\n', ("a", "b"), [(2, ['5" pipe', "1"])], id="a lone quote is a character"),
        pytest.param(b'"a;b;c",d\n1,2\n', ("a;b;c", "d"), [(2, ["1", "2"])], id="quoted delimiters in the header"),
        pytest.param(b"a,b;c\n1;2\n", ("a,b", "c"), [(2, ["1", "2"])], id="a tie is settled by the row below"),
        pytest.param(b"a,a,\n1,2,3\n", ("a", "a", ""), [(2, ["1", "2", "3"])], id="twice the same header, and none"),
        pytest.param(b"a,b\n  ,\xc2\xa0\n 1 ,\t\n", ("a", "b"), [(3, [" 1 ", None])], id="white space is no text"),
        pytest.param(b"a,b\n#1,=2\n", ("a", "b"), [(2, ["#1", "=2"])], id="no comments, no formulas"),
        pytest.param(b"a,b\n007,1.41556E+10\n", ("a", "b"), [(2, ["007", "1.41556E+10"])], id="no numbers"),
        pytest.param("a,b\nZoë,Łódź\n".encode(), ("a", "b"), [(2, ["Zoë", "Łódź"])], id="all letters"),
    ],
)
def test_cells_are_text_and_rows_have_the_numbers_people_see(
    data: bytes, headers: tuple[str, ...], expected: Table
) -> None:
    sheet = read(data)
    assert (sheet.headers, rows(sheet), dict(sheet.ragged)) == (headers, expected, {})
    assert sheet.cells.columns == ["row", *(f"c{index}" for index in range(len(headers)))]


@pytest.mark.parametrize("mark", [b"", b'"'])
@pytest.mark.parametrize(
    ("lines", "ragged", "expected"),
    [
        ([b"1,2,3", b"4,5", b"6,7,8"], {3: 2}, [(2, ["1", "2", "3"]), (3, ["4", "5", None]), (4, ["6", "7", "8"])]),
        ([b"1,2,3,4", b"6,7,8"], {2: 4}, [(2, ["1", "2", "3"]), (3, ["6", "7", "8"])]),
        ([b"1,2", b"6,7,8,"], {2: 2}, [(2, ["1", "2", None]), (3, ["6", "7", "8"])]),
        ([b"1,2", b"3,,,,,9"], {2: 2, 3: 6}, [(2, ["1", "2", None]), (3, ["3", None, None])]),
        ([b",", b"1,2,3"], {}, [(3, ["1", "2", "3"])]),
    ],
)
def test_a_ragged_row_is_named_and_spoils_no_other(
    mark: bytes, lines: list[bytes], ragged: dict[int, int], expected: Table
) -> None:
    """Whether the file is plain or has quotes somewhere."""
    sheet = read(b"\n".join([mark + b"a" + mark + b",b,c", *lines]))
    assert (dict(sheet.ragged), rows(sheet)) == (ragged, expected)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.csv", b"", "is empty", id="no byte"),
        pytest.param("a.csv", b" \n\n,,\n", "holds no text", id="no text"),
        pytest.param("a.csv", b"\xef\xbb\xbf", "holds no text", id="nothing but a BOM"),
        pytest.param(
            "a.csv", "a,b\n1,2\n1,Дмитрий Иванов\n".encode("cp1251"), "row 3", id="a code page that is not guessed"
        ),
        pytest.param(
            "a.csv",
            'a;b\n1;"x\ny"\n"1";Дмитрий Иванов\n'.encode("cp1251"),
            "row 3",
            id="the same below a quoted line break",
        ),
        pytest.param("a.csv", b"a,b\n1,Zo\xc3\xab\n1,M\xfcller\n", "row 3: the file is UTF-8 in some", id="mixed"),
        pytest.param("a.csv", "a,b\n1,2\n".encode("utf-16")[:-1], "row 2", id="half a character of UTF-16"),
        pytest.param("a.csv", b"a,b\n1,2\n3,\0\n", "row 3", id="NUL"),
        pytest.param("a.csv", b'a,b\n1,2\n"3,4\n5,6\n', "row 3: a quotation mark", id="unclosed quote"),
        pytest.param("a.csv", b'a,b\n\n1,"2"x\n5,6\n', "row 3: a quotation mark", id="text after a quoted field"),
        pytest.param("a.csv", b'a,b\n"' + b"x\n" * 70_000, "row 2: a quotation mark", id="quote over many lines"),
        pytest.param("a.csv", b"a," * 20_000, "row 1: it has 20,001 columns", id="all in one line"),
        pytest.param("a.csv", b"<!DOCTYPE html><table>", "web page", id="HTML"),
        pytest.param("a.csv", b'\xef\xbb\xbf [\n {"a": 1}]', "JSON", id="JSON"),
        pytest.param("a.csv", b"%PDF-1.7", "PDF", id="PDF"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "damaged", id="xls"),
        pytest.param("a.csv", b"PK\x03\x04", "named like a text file", id="workbook named .csv"),
        pytest.param("a.xlsx", b"a,b\n1,2\n", "named like a workbook", id="text named .xlsx"),
        pytest.param("a.xls", b"<html><table>", "web page", id="HTML named .xls"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(name: str, data: bytes, says: str) -> None:
    with pytest.raises(BadSheet) as caught:
        read(data, name)
    assert says in caught.value.what
    assert caught.value.what.startswith(name)
    assert caught.value.remedy.endswith(".")


def test_an_encrypted_workbook_is_said_to_be_one() -> None:
    with pytest.raises(BadSheet, match="password"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99) + "EncryptedPackage".encode("utf-16-le"), "a.xlsx")


def test_text_has_no_worksheets() -> None:
    with pytest.raises(BadSheet, match="no worksheets"):
        read(b"a,b\n", worksheet="1")


def test_what_is_no_file_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("a\n")
    os.mkfifo(tmp_path / "pipe")
    said = {}
    for name in ("poeple.csv", "", "pipe", "people.csv/x", "x" * 300, "a\0b"):
        with pytest.raises(BadSheet) as caught:
            read_sheet(tmp_path / name, None)
        said[name] = f"{caught.value.what} {caught.value.remedy}"
    assert "no file" in said["poeple.csv"]
    assert '"people.csv"' in said["poeple.csv"]
    assert "a folder" in said[""]
    assert "a pipe" in said["pipe"]


def test_blank_rows_and_where_the_headers_are_is_noted() -> None:
    assert read(b"\na,b\n1,2\n\n\n3,4\n\n").notes == ("comma-separated", "headers in row 2", "2 blank rows left out")


def test_rows_beyond_one_block_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_ROWS_AT_A_TIME", 3)
    sheet = read(b'"a",b\n' + b"".join(b"%d,x\n" % row if row % 4 else b"\n" for row in range(2, 20)) + b"20\n")
    assert rows(sheet)[:-1] == [(row, [str(row), "x"]) for row in range(2, 20) if row % 4]
    assert dict(sheet.ragged) == {20: 1}


LETTERS = st.characters(codec="utf-8", exclude_characters="\0")
CELLS = st.text(st.sampled_from("ab 0+é\u3000,;\t|\"'#\n\r=") | LETTERS, max_size=6)
PLAIN = st.text(st.sampled_from("ab ,;\n\r#é\x0b\x1c\x85\ufeff\u2028"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(
    table=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8)
    ),
    delimiter=st.sampled_from(",;\t|"),
    # With the least of quotes, Python 3.11 writes a line break of another kind than *end* as it is: two rows for one.
    end_and_quoting=st.sampled_from(
        [("\r\n", csv.QUOTE_MINIMAL), *itertools.product(["\n", "\r\n", "\r"], [csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])]
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_was_written_is_read(
    table: list[list[str]], delimiter: str, end_and_quoting: tuple[str, Literal[0, 1, 2]], encoding: str
) -> None:
    """Any table, in any of the dialects: the same cells in the same rows."""
    end, quoting = end_and_quoting
    width = len(table[0]) if table else 1
    headers = [f"h{index}" for index in range(width)]
    delimiter = delimiter if width > 1 else ","  # the header of a single column does not tell
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([headers, *table])
    sheet = read(text.getvalue().encode(encoding))
    expected = [
        (number, [cell if cell.strip() else None for cell in row])
        for number, row in enumerate(table, start=2)
        if any(map(str.strip, row))
    ]
    assert (sheet.headers, rows(sheet), dict(sheet.ragged)) == (tuple(headers), expected, {})


@settings(max_examples=500, deadline=None)
@given(text=PLAIN, delimiter=st.sampled_from(",;"))
def test_fast_and_careful_read_the_same(text: str, delimiter: str) -> None:
    """Where the fast way reads a file at all, the careful one reads the same, and no row of it is ragged."""
    fast = delimited._read_fast(text.encode(), delimiter)  # noqa: SLF001  (the law is about these two)
    if fast is not None:
        careful, ragged = delimited._read_carefully(text, "a.csv", delimiter)  # noqa: SLF001
        assert not ragged
        assert filled(fast) == filled(careful)


def filled(cells: pl.DataFrame) -> list[tuple[str | None, ...]]:
    texts = [(row[0], *(cell or None for cell in row[1:])) for row in cells.rows()]
    return [row for row in texts if any(cell.strip() for cell in row[1:] if cell)]


@settings(max_examples=500, deadline=None)
@given(data=st.binary(max_size=200) | PLAIN.map(str.encode) | CELLS.map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_a_sheet_or_bad_in_words(data: bytes) -> None:
    assert_sheet_or_words(lambda: read(data))

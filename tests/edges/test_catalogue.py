"""What operations teams really send, a file for each: the rows to dial and why not the others, or a refusal.

The numbers are those of the catalogue of bad input.
"""

import gzip
import io
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_dialer.edges.sheet import read_sheet
from batch_dialer.errors import BadSheet
from batch_dialer.rules.mapping import map_sheet
from batch_dialer.rules.validation import validate

ANN, BOB = "+14155550101", "+14155550102"
HEAD = "phone,name\n"
TWO = f"{HEAD}{ANN},Ann\n{BOB},Bob\n"
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", "")
Judged = dict[int, str]
"""Each row with its number in E.164, or the code of what is wrong."""


def judged(path: Path, region: str | None = None, **how: Any) -> Judged:
    sheet = read_sheet(path, **how)
    checked = validate(sheet, map_sheet(None, sheet, region), "UTC")
    return {line["row"]: line["code"] or line["to"] for line in checked.rows.iter_rows(named=True)}


def workbook(*rows: list[Any], change: Callable[[Any], None] = lambda _: None) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    change(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cell(value: object, form: str = "General") -> bytes:
    def formatted(page: Any) -> None:
        page["A2"].number_format = form

    return workbook(["phone", "name"], [value, "Ann"], change=formatted)


GOOD: Judged = {2: ANN, 3: BOB}
BAD, MISSING = "INVALID_PHONE_NUMBER", "MISSING_PHONE_NUMBER"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        pytest.param("a.csv", HEAD.encode(), {}, id="3 header only"),
        pytest.param("a.csv", f"phone,\n{ANN},x\n".encode(), {2: ANN}, id="8 a header without text"),
        pytest.param("a.csv", b"\xef\xbb\xbf" + TWO.encode(), GOOD, id="9 UTF-8 BOM"),
        pytest.param("a.csv", TWO.encode("utf-16"), GOOD, id="10 UTF-16"),
        pytest.param("a.csv", TWO.encode("utf-16-be"), GOOD, id="11 UTF-16 without a mark"),
        pytest.param("a.csv", TWO.replace("Ann", "Zoë Müller").encode("cp1252"), GOOD, id="12 Windows-1252"),
        pytest.param("a.csv", TWO.replace("Ann", "Zoë Müller").encode("mac_roman"), GOOD, id="12 Mac Roman"),
        pytest.param("a.csv", TWO.replace(",", ";").encode(), GOOD, id="14 semicolons"),
        pytest.param("a.csv", b"sep=;\n" + TWO.replace(",", ";").encode(), GOOD, id="15 sep="),
        pytest.param("a.csv", f"phone\n{ANN}\n{BOB}\n".encode(), GOOD, id="16 one column"),
        pytest.param("a.csv", TWO.replace("\n", "\r").encode(), GOOD, id="17 CR"),
        pytest.param("a.csv", TWO.rstrip().encode(), GOOD, id="18 no final newline"),
        pytest.param("a.csv", f"{TWO}{ANN}".encode(), GOOD | {4: "INVALID_VALUE"}, id="19 a row cut short"),
        pytest.param("a.csv", f'{HEAD}{ANN},"A\nb"\n{BOB},c\n'.encode(), GOOD, id="23 a line break in a name"),
        pytest.param("a.csv", f"{TWO}{ANN},a,b\n".encode(), GOOD | {4: "INVALID_VALUE"}, id="25 too many fields"),
        pytest.param("a.csv", f"{HEAD}\n,\n{ANN},a\n".encode(), {4: ANN}, id="26 blank lines"),
        pytest.param("a.csv", f"{TWO}Total,2\n".encode(), GOOD | {4: BAD}, id="29 totals"),
        pytest.param("a.csv", f"{HEAD}{ANN},\x1b[31m\u2028\n".encode(), {2: ANN}, id="31 control characters"),
        pytest.param("a.csv.gz", gzip.compress(TWO.encode()), GOOD, id="gzip"),
        pytest.param("a.csv.gz", gzip.compress(TWO[:20].encode()) + gzip.compress(TWO[20:].encode()), GOOD, id="two"),
        pytest.param("a.xlsx", cell(None), {2: MISSING}, id="49 no number"),
        pytest.param("a.xlsx", cell("n/a"), {2: MISSING}, id="49 n/a"),
        pytest.param("a.xlsx", cell("14155550101.0"), {2: BAD}, id="52 a point"),
        pytest.param("a.xlsx", cell("1.41556E+10"), {2: BAD}, id="53 lost digits"),
        pytest.param("a.xlsx", cell(1234567890123456), {2: BAD}, id="54 too many digits"),
        pytest.param("a.xlsx", cell(14155550101.5), {2: BAD}, id="55 a fraction"),
        pytest.param("a.xlsx", cell(-14155550101), {2: BAD}, id="56 negative"),
        pytest.param("a.xlsx", cell("'" + ANN), {2: ANN}, id="58 an apostrophe"),
        pytest.param("a.xlsx", cell("=1+1"), {2: BAD}, id="61 never calculated"),
        pytest.param("a.xlsx", cell("#N/A"), {2: BAD}, id="62 an error"),
        pytest.param("a.xlsx", cell(value=True), {2: BAD}, id="63 a truth value"),
        pytest.param("a.xlsx", cell(46357, "yyyy-mm-dd"), {2: BAD}, id="63 a date"),
        pytest.param("a.xlsx", cell(ANN, "0%"), {2: ANN}, id="text in a percentage format"),
        pytest.param("a.xlsx", cell("＋１４１５５５５０１０１"), {2: ANN}, id="65 full-width"),  # noqa: RUF001
        pytest.param("a.xlsx", cell(f"\u202a{ANN}\u202c"), {2: ANN}, id="66 invisible marks"),
        pytest.param("a.xlsx", cell(f"{ANN}\n{BOB}"), {2: BAD}, id="68 two numbers"),
        pytest.param("a.xlsx", cell("(+1) 415 555 0101"), {2: ANN}, id="the country in brackets"),
        pytest.param("a.xlsx", cell(4155550101), {2: BAD}, id="70 no country"),
    ],
)
def test_every_row_is_a_number_or_a_reason(tmp_path: Path, name: str, data: bytes, expected: Judged) -> None:
    (tmp_path / name).write_bytes(data)
    assert expected == judged(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.csv", b"", "is empty", id="2 no byte"),
        pytest.param("a.csv", f"{ANN},Ann\n".encode(), "No column is headed", id="4 no header"),
        pytest.param("a.csv", b"name\nx\n", "No column is headed", id="5 no phone column"),
        pytest.param("a.csv", b"phone,Phone \n1,2\n", "Several columns", id="6 two phone columns"),
        pytest.param("a.csv", f"phone,a,a\n{ANN},1,2\n".encode(), "all mean", id="7 a header twice"),
        pytest.param("a.csv", TWO.encode() + b"1,Zo\xc3\xab\n1,M\xfcller\n", "row 5", id="13 mixed encodings"),
        pytest.param("a.csv", f'{TWO}"1,x\n'.encode(), "row 4", id="20 an unclosed quote"),
        pytest.param("a.csv", f'{TWO}"1"x,x\n'.encode(), "row 4", id="21 text behind a quote"),
        pytest.param("a.csv", f"# all\n{TWO}".encode(), "--header-row 2", id="27 a comment"),
        pytest.param("a.csv", f"Export; all\n\n{TWO}".encode(), "--header-row 3", id="28 a title"),
        pytest.param("a.xlsx", workbook(["Export"], [], ["phone"], [ANN]), "--header-row 3", id="28 in a workbook"),
        pytest.param("a.csv", f"{TWO}1,\0\n".encode(), "row 4", id="30 NUL"),
        pytest.param("a.xlsx", TWO.encode(), "plain text", id="34 a CSV named .xlsx"),
        pytest.param("a.csv", cell(ANN), "holds a workbook", id="34 a workbook named .csv"),
        pytest.param("a.xls", b"<html><table>", "web page", id="34 HTML named .xls"),
        pytest.param("a.xlsx", cell(ANN)[:2000], "damaged", id="37 half a workbook"),
        pytest.param("a.csv.gz", gzip.compress(TWO.encode())[:-9], "damaged", id="half of a gzip file"),
        pytest.param("a.csv.gz", gzip.compress(gzip.compress(b"x")), "twice", id="gzip in gzip"),
        pytest.param("a.xlsx", workbook(), "holds no text", id="46 an empty worksheet"),
    ],
)
def test_what_is_refused_is_refused_in_words(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadSheet) as caught:
        judged(tmp_path / name)
    assert says in f"{caught.value.what} {caught.value.remedy}"


def test_45_merged_numbers_are_missing_numbers_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        workbook(["phone", "name"], [ANN, "a"], [None, "b"], change=lambda page: page.merge_cells("A2:A3"))
    )
    assert {2: ANN, 3: MISSING} == judged(path)
    assert any("merged" in note for note in read_sheet(path).notes)


def test_72_a_prefix_is_read_only_as_of_its_country(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("phone\n011 1 415 555 0101\n00 1 415 555 0101\n")
    assert {2: ANN, 3: BAD} == judged(tmp_path / "a.csv", "US")
    assert {2: BAD, 3: ANN} == judged(tmp_path / "a.csv", "DE")
    assert {2: BAD, 3: BAD} == judged(tmp_path / "a.csv")


SEEDS = st.sampled_from([TWO.encode(), cell(ANN), gzip.compress(TWO.encode()), b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
JUNK = st.binary(max_size=60) | st.text(string.printable + "é\0\ufeff", max_size=60).map(str.encode)


@settings(max_examples=120, deadline=None)
@given(start=SEEDS | JUNK, junk=JUNK, at=st.floats(0, 1), ending=st.sampled_from(ENDINGS))
def test_any_bytes_with_any_ending_are_a_sheet_or_bad_in_words(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, junk: bytes, at: float, ending: str
) -> None:
    cut = int(at * len(start))
    path = tmp_path_factory.mktemp("any") / f"people{ending}"
    path.write_bytes(start[:cut] + junk + start[cut:])
    try:
        sheet = read_sheet(path)
    except BadSheet as bad:
        assert all((bad.what, bad.remedy))  # noqa: PT017  (a sheet is as good an end)
    else:
        assert sheet.cells.width == len(sheet.headers) + 1

"""Files that operations teams really send, as text or as what is no sheet: the rows to dial, or a refusal in words.

The numbers are those of the catalogue of bad input; tests/test_catalogue_is_covered.py holds them together.
"""

import gzip
import os
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from catalogue import (
    ANN,
    BAD,
    BOB,
    GOOD,
    HEAD,
    MISSING,
    TWO,
    VALUE,
    Judged,
    assert_sheet_or_words,
    cell,
    judged,
    refusal,
    workbook,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_dialer.sheets.reading import read_sheet

FILES = Path(__file__).resolve().parent / "files"
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".zip", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", "")


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
        pytest.param("a.csv", TWO.replace(",", "|").encode(), GOOD, id="14 bars"),
        pytest.param("a.tsv", TWO.replace(",", "\t").encode(), GOOD, id="14 tabs"),
        pytest.param("a.csv", b"sep=;\n" + TWO.replace(",", ";").encode(), GOOD, id="15 sep="),
        pytest.param("a.csv", f"phone\n{ANN}\n{BOB}\n".encode(), GOOD, id="16 one column"),
        pytest.param("a.csv", TWO.replace("\n", "\r").encode(), GOOD, id="17 CR"),
        pytest.param("a.csv", TWO.replace("\n", "\r\n", 2).encode(), GOOD, id="17 mixed line ends"),
        pytest.param("a.csv", TWO.rstrip().encode(), GOOD, id="18 no final newline"),
        pytest.param("a.csv", f"{TWO}{ANN}\n".encode(), GOOD | {4: VALUE}, id="24 too few in the last row"),
        pytest.param("a.csv", f"name,phone\nA,{ANN}\nB,{BOB}".encode(), GOOD, id="19 no line end, and whole"),
        pytest.param("a.csv", f"name,phone\nA,{ANN}\nB,".encode(), {2: ANN, 3: MISSING}, id="19 nothing to be cut"),
        pytest.param("a.csv", f"{HEAD}{ANN},A\n+496955555,B".encode(), {2: ANN, 3: "+496955555"}, id="19 a short one"),
        pytest.param("a.csv", f'{HEAD}{ANN},A"n\n{BOB},"B"\n'.encode(), GOOD, id="22 a lone quote"),
        pytest.param("a.csv", f'{HEAD}{ANN},"A\nb"\n{BOB},c\n'.encode(), GOOD, id="23 a line break in a name"),
        pytest.param("a.csv", f"{HEAD}{ANN},a\n{BOB}\n{BOB},b\n".encode(), GOOD | {3: VALUE, 4: BOB}, id="24 too few"),
        pytest.param("a.csv", f"{TWO}{ANN},a,b\n".encode(), GOOD | {4: VALUE}, id="25 too many fields"),
        pytest.param("a.csv", f"{HEAD}\n,\n{ANN},a\n".encode(), {4: ANN}, id="26 blank lines"),
        pytest.param("a.csv", f"{TWO}Total,2\n".encode(), GOOD | {4: BAD}, id="29 totals"),
        pytest.param("a.csv", f"{HEAD}{ANN},\x1b[31m\u2028\n".encode(), {2: ANN}, id="31 control characters"),
        pytest.param("a.csv.gz", gzip.compress(TWO.encode()), GOOD, id="gzip"),
        pytest.param("a.csv.gz", gzip.compress(TWO[:20].encode()) + gzip.compress(TWO[20:].encode()), GOOD, id="two"),
        pytest.param("a.bak", cell(ANN), {2: ANN}, id="a workbook with an ending of no meaning"),
        pytest.param("a.zip", cell(ANN), {2: ANN}, id="a workbook that a mail program renamed"),
    ],
)
def test_every_row_is_a_number_or_a_reason(tmp_path: Path, name: str, data: bytes, expected: Judged) -> None:
    (tmp_path / name).write_bytes(data)
    assert expected == judged(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        pytest.param("a.csv", b"", "is empty", id="2 no byte"),
        pytest.param("a.csv", f"{ANN},Ann\n".encode(), "Put a row of headers above it", id="4 no header"),
        pytest.param("a.csv", b"name\nx\n", "No header says", id="5 no phone column"),
        pytest.param("a.csv", b"phone,Phone \n1,2\n", "Several columns", id="6 two phone columns"),
        pytest.param("a.csv", f"phone,a,a\n{ANN},1,2\n".encode(), "all mean", id="7 a header twice"),
        pytest.param("a.csv", TWO.encode() + b"1,Zo\xc3\xab\n1,M\xfcller\n", "row 5", id="13 mixed encodings"),
        pytest.param(
            "a.csv", f"{TWO}{ANN}".encode(), "row 4, its last, has only 1 of 2 fields", id="19 a row cut short"
        ),
        pytest.param("a.csv", f"name,phone\nA,{ANN}\nB,+49309018".encode(), "fewer digits", id="19 a number cut short"),
        pytest.param(
            "a.csv", f"phone\n{ANN}\n+1415555".encode(), "row 3, its last", id="19 the same, alone in its row"
        ),
        pytest.param(
            "a.csv", f"name,phone\nA,{ANN}\nB,+4930".encode("utf-16"), "cut short", id="19 the same in UTF-16"
        ),
        pytest.param("a.csv", TWO.replace("Bob", "Дмитрий").encode("cp1251"), "--encoding", id="12 Windows-1251"),
        pytest.param("a.csv", TWO.replace("Bob", "Donà").encode("cp850"), "--encoding", id="12 CP850, one word"),
        pytest.param("a.csv", f'{TWO}"1,x\n'.encode(), "row 4", id="20 an unclosed quote"),
        pytest.param("a.csv", f'{TWO}"1"x,x\n'.encode(), "row 4", id="21 text behind a quote"),
        pytest.param("a.csv", f"# all\n{TWO}".encode(), "--header-row 2", id="27 a comment"),
        pytest.param("a.csv", f"Export; all\n\n{TWO}".encode(), "--header-row 3", id="28 a title"),
        pytest.param(
            "a.csv", b"Kunden;;\n;;\nKunde;Rufnr.;Ort\nAnn;1;Ulm\n", "--header-row 3", id="28 in any language"
        ),
        pytest.param("a.xlsx", workbook(["Export"], [], ["phone"], [ANN]), "--header-row 3", id="28 in a workbook"),
        pytest.param("a.csv", f"{TWO}1,\0\n".encode(), "row 4", id="30 NUL"),
        pytest.param("a.csv", f"{TWO}1,{'x' * 132_000}\n".encode(), "row 4: a cell has more than", id="32 no quote"),
        pytest.param("a.csv", f'{TWO}1,"{"x" * 132_000}"\n'.encode(), "row 4: a quot", id="32 in quotes"),
        pytest.param("a.xlsx", TWO.encode(), "plain text", id="34 a CSV named .xlsx"),
        pytest.param("a.csv", cell(ANN), "holds a workbook", id="34 a workbook named .csv"),
        pytest.param("a.xls", b"<html><table>", "web page", id="34 HTML named .xls"),
        pytest.param("a.xls", b'<?xml version="1.0"?><Workbook/>', "an XML file", id="34 XML named .xls"),
        pytest.param("a.csv", b'{"phone": "1"}\n{"phone": "2"}\n', "a JSON file", id="34 JSON"),
        pytest.param("a.csv", b"%PDF-1.7\n", "a PDF", id="34 PDF"),
        pytest.param("a.png", b"\x89PNG\r\n\x1a\n" + bytes(9), "a picture", id="34 a picture"),
        pytest.param("a.bz2", b"BZh91AY&SY" + bytes(9), "Unpack it", id="34 bzip2"),
        pytest.param("a.xz", b"\xfd7zXZ\0" + bytes(9), "Unpack it", id="34 xz"),
        pytest.param("a.zst", b"(\xb5/\xfd" + bytes(9), "Unpack it", id="34 zstd"),
        pytest.param("a.rar", b"Rar!\x1a\x07\0" + bytes(9), "Unpack it", id="34 RAR"),
        pytest.param("a.csv.gz", gzip.compress(TWO.encode())[:-9], "damaged", id="half of a gzip file"),
        pytest.param("a.csv.gz", gzip.compress(gzip.compress(b"x")), "twice", id="gzip in gzip"),
    ],
)
def test_what_is_refused_is_refused_in_words(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert says in refusal(tmp_path / name)


def _unreadable(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.touch(mode=0o000)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda path: (path.parent / "a.csv").touch(), 'Did you mean "a.csv"', id="1 missing"),
        pytest.param(Path.mkdir, "is a folder", id="1 a folder"),
        pytest.param(os.mkfifo, "is a pipe", id="1 a pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "or a device", id="1 a device"),
        pytest.param(lambda path: path.symlink_to(path), "cannot be read", id="1 a link to itself"),
        pytest.param(_unreadable, "may not be read", id="1 of another user"),
    ],
)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    make(tmp_path / "aa.csv")
    assert says in refusal(tmp_path / "aa.csv")


@pytest.mark.parametrize(
    ("start", "gigabytes", "says"),
    [
        pytest.param(HEAD.encode(), 1.01, "larger than 1 GB", id="33 text"),
        pytest.param(b"PK\x03\x04", 0.21, "larger than 200 MB", id="33 a workbook"),
    ],
)
def test_a_limit_is_named(tmp_path: Path, start: bytes, gigabytes: float, says: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(start)
    os.truncate(path, int(gigabytes * (1 << 30)))  # a hole, which takes no room on the disk
    assert says in refusal(path)


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_35_what_libreoffice_saved_is_read(kind: str) -> None:
    """A hidden row, a formula, an error, a merged number, a hidden worksheet: the same in each of its formats."""
    path = FILES / f"saved_by_libreoffice.{kind}"
    expected = {2: ANN, 3: BOB, 4: "+14155550103", 5: "+14155550104", 6: BAD, 7: "+14155550105", 8: MISSING}
    # It saved an .xls without the text that the formula in row 5 comes to.
    assert expected | ({5: BAD} if kind == "xls" else {}) == judged(path, "US")
    assert {4} == read_sheet(path).hidden


def test_36_a_password_is_said_to_be_the_reason(tmp_path: Path) -> None:
    assert "with a password" in refusal(FILES / "with_a_password.xlsx")
    (tmp_path / "a.xls").write_bytes((FILES / "with_a_password.xlsx").read_bytes())
    assert "with a password" in refusal(tmp_path / "a.xls")


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
    assert_sheet_or_words(lambda: read_sheet(path))

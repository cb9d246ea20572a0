"""Text that is not UTF-8, in names that the table of letters was not made from: never read wrong, mostly read."""

import itertools
from collections import Counter
from pathlib import Path

import pytest

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.encodings import as_utf8

NAMES = {
    language: words.split(" ")
    for language, _, words in (
        line.partition("\t") for line in (Path(__file__).parent / "names.tsv").read_text(encoding="utf-8").splitlines()
    )
}
WESTERN = ["da", "de", "es", "fi", "fr", "ga", "is", "it", "nl", "no", "pt", "sv"]
EASTERN = ["cs", "hr", "hu", "pl", "ro", "sk", "sl"]
ENCODINGS = [
    *itertools.product(WESTERN, ["cp1252", "iso8859-1", "iso8859-15", "cp1254", "mac_roman", "cp850", "cp437"]),
    *itertools.product(EASTERN, ["cp1250", "iso8859-2", "cp852", "mac_latin2", "iso8859-16"]),
    *itertools.product(["tr"], ["cp1254", "cp857", "mac_turkish"]),
    *itertools.product(["et", "lt", "lv"], ["cp1257", "cp775", "iso8859-13"]),
]
# What is in other letters, and what is not Latin at all.
OTHERS = {
    "Дмитрий Иванов Юлия Щербакова улица Ленина": "cp1251 koi8-r cp866 iso8859-5 mac_cyrillic",
    "Γιώργος Παπαδόπουλος οδός Ερμού Ελένη": "cp1253 iso8859-7 mac_greek cp737",
    "דוד כהן רחוב הרצל": "cp1255 iso8859-8 cp862",
    "محمد الأحمد شارع الملك": "cp1256 iso8859-6 cp720",
    "山田太郎 東京都 渋谷区": "shift_jis euc_jp",
    "王小明 北京市 南京路": "gbk gb18030 big5",
    "김철수 서울특별시": "euc_kr",
    "สมชาย ถนนสุขุมวิท": "cp874",
}


def outcome(text: str, encoding: str) -> str:
    """Return what became of *text* in *encoding*: right, wrong or refused."""
    try:
        data, notes = as_utf8(text.encode(encoding), "a.csv")
    except BadSheet:
        return "refused"
    assert any("--encoding NAME" in note for note in notes)
    same = data.decode().translate(str.maketrans("șțȘȚ", "şţŞŢ")) == text
    return "right" if same else "wrong"


def texts(language: str, encoding: str, size: int) -> list[str]:
    """Return files of *size* names each that can be written in *encoding*, one of them in capitals."""
    names = [name for name in NAMES[language] if can_write(name, encoding)]
    files = ["\n".join(names[start : start + size]) for start in range(0, min(len(names), 20 * size), size * 2)]
    return [*files, *(text.upper() for text in files[:1] if can_write(text.upper(), encoding))]


def can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return not text.isascii()


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_no_name_is_read_with_letters_that_it_has_not(size: int) -> None:
    found = {
        (language, encoding, text): outcome(text, encoding)
        for language, encoding in ENCODINGS
        for text in texts(language, encoding, size)
    }
    assert [] == [case for case, end in found.items() if end == "wrong"]


@pytest.mark.parametrize(
    ("encoding", "languages", "least"),
    [
        ("cp1252", WESTERN, 0.9),
        ("iso8859-1", WESTERN, 0.9),
        ("cp1254", WESTERN, 0.9),
        ("mac_roman", WESTERN, 0.75),
        ("cp850", WESTERN, 0.6),
        ("cp1250", EASTERN, 0.7),
        ("cp1254", ["tr"], 0.9),
        ("cp1257", ["et", "lt", "lv"], 0.3),
    ],
)
def test_fifty_names_mostly_prove_their_encoding(encoding: str, languages: list[str], least: float) -> None:
    ends = Counter(outcome(texts(language, encoding, 50)[0], encoding) for language in languages)
    assert ends["right"] >= least * len(languages)


@pytest.mark.parametrize(("text", "encodings"), OTHERS.items())
def test_what_is_written_in_no_latin_letters_is_refused(text: str, encodings: str) -> None:
    assert dict.fromkeys(encodings.split(), "refused") == {
        encoding: outcome(text, encoding) for encoding in encodings.split()
    }

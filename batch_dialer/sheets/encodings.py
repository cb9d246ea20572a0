"""Text of any encoding becomes UTF-8, with a note of which encoding it was taken for.

What a person says, a byte order mark, strict UTF-8, and UTF-16 by its zero bytes are certain. Of the encodings with a
byte for each character, many read any text, and most of them read it wrong: one is taken only where its letters stand
as in names, and those of no other do. A wrong one would change letters and signs, no digit: all have those of ASCII.
"""

import codecs
import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from batch_dialer.errors import BadSheet
from batch_dialer.sheets.delimiters import row_at
from batch_dialer.sheets.letters_of_names import Fit, look_at

Encoded = tuple[bytes, tuple[str, ...]]

_BOM = codecs.BOM_UTF8
_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_READ = {
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp850": "CP850",
    "cp1250": "Windows-1250",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
}
"""What is read without being told, the first where several read the same."""
_RIVALS = (
    *_READ, "cp437", "cp775", "cp852", "cp857", "iso8859-2", "iso8859-13", "iso8859-15", "iso8859-16", "mac_latin2",
    "mac_turkish",
)  # fmt: skip
"""Whatever else a file may be that is written in Latin letters; other scripts leave no letters as in names."""
_SAME_LETTER = str.maketrans("șțȘȚ", "şţŞŢ")
"""The letters of Romanian, which old encodings write with a cedilla."""
_POINTS = {"cp1252": 2, "mac_roman": 3}
_POINTS_OF_OTHERS = 6
"""How many points must tell an encoding from each other one: the rarer the encoding, the more."""
_MANY_POINTS = 10
_LEAST_POSSIBLE = 0.75
_MOST_BROKEN = 1 / 50
_MOST_AGAINST = 1 / 6
_WORD = re.compile(rb"[^\s,;|/().\"]*[\x80-\xff][^\s,;|/().\"]*")
_WORDS_LOOKED_AT = 2_000
_SAMPLE_16 = 1 << 12
_CHUNK = 1 << 20

# Latin letters and typographic marks in UTF-8. Text in another encoding hardly ever has these bytes side by side.
_LATIN_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x90-\xba]")
_UTF8_CHAR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")


def as_utf8(data: bytes, name: str, encoding: str | None = None, *, certain: bool = False) -> Encoded:
    """Return *data* as UTF-8 without a byte order mark, and the notes; raise `BadSheet` where it cannot be decoded.

    *encoding* is what a person says it is, a name that Python knows; *certain* forbids a guess. Errors name the file
    *name* and the row.
    """
    if encoding is not None:
        return _decode_as_told(data, name, encoding)
    wide = _find_utf16(data)
    if wide:
        return _to_utf8(data, name, wide, "UTF-16"), ("UTF-16",)
    data = data.removeprefix(_BOM)
    fault = _find_fault(data)
    if fault is None:
        return data, ()
    row = row_at(data[:fault])
    if certain:
        raise _encoding_error(name, row, "UTF-8")
    _refuse_mixed(data, name)
    codec = _find_codec(data)
    if codec is None:
        raise _encoding_error(name, row, "UTF-8, and the letters of its names do not show its encoding")
    hint = f"read as {_READ[codec]}, by the letters of its names: --encoding NAME if letters look wrong"
    return _to_utf8(data, name, codec, _READ[codec]), (hint,)


def _decode_as_told(data: bytes, name: str, encoding: str) -> Encoded:
    known = codecs.lookup(encoding).name
    if known.startswith("utf-16") and data.startswith(_MARKS_16):
        known = "utf-16"
    elif known == "utf-8":
        data = data.removeprefix(_BOM)
    return _to_utf8(data, name, known, encoding), (f"read as {encoding}",)


def _to_utf8(data: bytes, name: str, codec: str, shown: str) -> bytes:
    try:
        text = data.decode(codec)
        return text.removeprefix("\ufeff").encode()
    except UnicodeError as fault:
        start = getattr(fault, "start", 0)
        before = data[:start].decode(codec, errors="ignore").encode(errors="replace")
        raise _encoding_error(name, row_at(before), shown) from None


def _find_fault(data: bytes) -> int | None:
    """Return where *data* ceases to be UTF-8, None if it is; decode it in pieces, to save memory."""
    if data.isascii():
        return None
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data), _CHUNK):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
        except UnicodeDecodeError as fault:
            return start - kept + fault.start
    return None


def _find_utf16(data: bytes) -> str | None:
    """Return the codec of UTF-16, told by its mark or by zeros in half of its first bytes; None for other text."""
    if data.startswith(_MARKS_16):
        return "utf-16"
    sample = data[:_SAMPLE_16]
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even == 0 and odd > 1 and odd > pairs * 0.4:
        return "utf-16-le"
    if odd == 0 and even > 1 and even > pairs * 0.4:
        return "utf-16-be"
    return None


def _refuse_mixed(data: bytes, name: str) -> None:
    """Refuse a file of two encodings: whichever is taken, names in some of its rows would be wrong."""
    if not _LATIN_UTF8.search(data):
        return
    plain = _UTF8_CHAR.sub(lambda found: b"x" * len(found[0]), data)
    other = _NOT_ASCII.search(plain)
    row = row_at(data[: other.start()]) if other else 1
    raise BadSheet(
        f"{name}, row {row}: the file is UTF-8 in some rows and another encoding in this one.",
        "Correct the letters of that row and save the file as 'CSV UTF-8', or say what it is with --encoding NAME.",
    )


def _find_codec(data: bytes) -> str | None:
    """Return the only codec under which the letters stand as in names; None where none does, or several do."""
    words = list(dict.fromkeys(itertools.islice((found[0] for found in _WORD.finditer(data)), _WORDS_LOOKED_AT)))
    present = bytes(byte for byte in range(0x80, 0x100) if byte in data)
    readings = {codec: _Reading.of(words, codec) for codec in _RIVALS if _can_hold(present, codec)}
    best = max((codec for codec in _READ if codec in readings), key=lambda codec: readings[codec].merit, default=None)
    if best is None or not readings[best].is_plausible:
        return None
    points = _POINTS.get(best, _POINTS_OF_OTHERS)
    return best if all(readings[best].beats(other, points) for other in readings.values()) else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words of a text as a codec reads them, and how each looks."""

    words: Sequence[str]
    fits: Sequence[Fit]

    @classmethod
    def of(cls, words: Iterable[bytes], codec: str) -> Self:
        texts = [word.decode(codec).translate(_SAME_LETTER) for word in words]
        return cls(texts, list(map(look_at, texts)))

    @property
    def merit(self) -> int:
        return sum(fit.possible + fit.usual for fit in self.fits)

    @property
    def is_plausible(self) -> bool:
        possible, broken = sum(fit.possible for fit in self.fits), sum(fit.broken for fit in self.fits)
        return possible >= _LEAST_POSSIBLE * len(self.fits) and broken <= _MOST_BROKEN * len(self.fits)

    def beats(self, other: Self, points: int) -> bool:
        """Whether words that both read differently are names in this one and not in *other*, and hardly one reversed.

        A word that is usual here counts one point where it is not usual there, two where it is not even possible, and
        three where it is broken. It takes so many *points*; of a rarer encoding, they
        must be by several letters, and few of them not by words that are possible there.
        """
        here_there = zip(self.words, other.words, self.fits, other.fits, strict=True)
        differing = [(word, here, there) for word, others, here, there in here_there if word != others]
        if not differing:
            return True
        usual = [(word, there) for word, here, there in differing if here.usual and not there.usual]
        scored = sum(1 + (not there.possible) + there.broken for _, there in usual)
        letters = {char for word, _ in usual for char in word if not char.isascii()}
        against = max(
            sum(there.usual and not here.usual for _, here, there in differing),
            sum(there.possible and not here.possible for _, here, there in differing),
        )
        if scored < points or against > _MOST_AGAINST * len(usual):
            return False
        common = points == _POINTS["cp1252"]
        varied = len(letters) > 1 or any(there.broken for _, there in usual)
        doubtful = scored < _MANY_POINTS and 2 * sum(there.possible for _, _, there in differing) > len(differing)
        return common or (varied and not doubtful)


def _can_hold(data: bytes, codec: str) -> bool:
    """Whether each byte of *data* is a character of text under *codec*, and no control character."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(char) == "Cc" for char in text)


def _encoding_error(name: str, row: int, encoding: str) -> BadSheet:
    return BadSheet(
        f"{name}, row {row}: there is a character that cannot be read as {encoding}.",
        "Say what the file is with --encoding NAME (windows-1252, mac-roman, windows-1250, shift-jis, …), or open it in"
        " a spreadsheet program, check that all letters look right, and save it as 'CSV UTF-8'.",
    )

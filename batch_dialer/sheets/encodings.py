"""Text of any encoding becomes UTF-8, with a note of which encoding it was taken for.

What a person says, a byte order mark, strict UTF-8, and UTF-16 by its zero bytes are certain. Everything else is a
guess between Windows-1252 and Mac Roman. A wrong guess changes letters and signs, no digit: both have those of ASCII.
"""

import codecs
import re
from collections.abc import Callable

from batch_dialer.errors import BadSheet

Encoded = tuple[bytes, tuple[str, ...]]

_BOM = codecs.BOM_UTF8
_MARKS_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GUESSES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}  # the first where nothing tells them apart
_HIGH_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")
_LINES_LOOKED_AT = 2_000
_BYTES_LOOKED_AT = 1 << 16
_SAMPLE_16 = 1 << 12
_CHUNK = 1 << 20

# Latin letters and typographic marks in UTF-8. Text in another encoding hardly ever has these bytes side by side.
_LATIN_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x90-\xba]")
_UTF8_CHAR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")

# What no name has: an accented capital after a small letter, a sign at a letter, a quotation mark on the wrong side.
_ODD = re.compile(
    r"[a-zß-öø-ÿ][À-ÖØ-ÞŠŒŽŸ]|[ŸƒˆÿÐÝﬁﬂıŸπΩ]|[^\W\d_][“‘„‚«—€]|[“][^\W\d_]*[“]|[”’»—€…](?=[^\W\d_][a-zß-öø-ÿ]{3})"  # noqa: RUF001
    r"|–[a-zß-öø-ÿ]|[…”€][^\W\d_]|[^\W\d_][^\w\s!-~’‘“”„‚–—…«»€ºª°]|[^\w\s!-~’‘“”„‚–—…«»€ºª°¿¡§][^\W\d_]"  # noqa: RUF001
)

RowAt = Callable[[bytes], int]
"""Returns the number of the row that a piece of UTF-8 text ends in."""


def as_utf8(data: bytes, name: str, row_at: RowAt, encoding: str | None = None, *, certain: bool = False) -> Encoded:
    """Return *data* as UTF-8 without a byte order mark, and the notes; raise `BadSheet` where it cannot be decoded.

    *encoding* is what a person says it is, a name that Python knows; *certain* forbids a guess. Errors name the file
    *name* and the row.
    """
    if encoding is not None:
        return _decode_as_told(data, name, row_at, encoding)
    wide = _find_utf16(data)
    if wide:
        return _to_utf8(data, name, row_at, wide, "UTF-16"), ("UTF-16",)
    data = data.removeprefix(_BOM)
    fault = _find_fault(data)
    if fault is None:
        return data, ()
    row = row_at(data[:fault])
    if certain:
        raise _encoding_error(name, row, "UTF-8")
    _refuse_mixed(data, name, row_at)
    guess = _guess_encoding(data)
    if guess is None:
        raise _encoding_error(name, row, "UTF-8, and its encoding cannot be found out")
    hint = f"read as {_GUESSES[guess]}, a guess: --encoding NAME if letters look wrong"
    return _to_utf8(data, name, row_at, guess, _GUESSES[guess]), (hint,)


def _decode_as_told(data: bytes, name: str, row_at: RowAt, encoding: str) -> Encoded:
    known = codecs.lookup(encoding).name
    if known.startswith("utf-16") and data.startswith(_MARKS_16):
        known = "utf-16"
    elif known == "utf-8":
        data = data.removeprefix(_BOM)
    return _to_utf8(data, name, row_at, known, encoding), (f"read as {encoding}",)


def _to_utf8(data: bytes, name: str, row_at: RowAt, codec: str, shown: str) -> bytes:
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


def _refuse_mixed(data: bytes, name: str, row_at: RowAt) -> None:
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


def _guess_encoding(data: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415  (few sheets need a guess, and it takes long to load)

    lines = []
    for count, line in enumerate(_HIGH_LINE.finditer(data)):
        if count == _LINES_LOOKED_AT:
            break
        lines.append(line[0])
    sample = b"\n".join(lines)[:_BYTES_LOOKED_AT]
    found = from_bytes(sample, cp_isolation=list(_GUESSES), enable_fallback=False)
    plausible = {match.encoding for match in found}
    oddness: dict[str, int] = {}
    for codec in _GUESSES:
        if codec in plausible and _can_decode(data, codec):
            oddness[codec] = len(_ODD.findall(sample.decode(codec)))
    return min(oddness, key=oddness.__getitem__, default=None)


def _can_decode(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _encoding_error(name: str, row: int, encoding: str) -> BadSheet:
    return BadSheet(
        f"{name}, row {row}: there is a character that cannot be read as {encoding}.",
        "Say what the file is with --encoding NAME (windows-1252, mac-roman, windows-1250, shift-jis, …), or open it in"
        " a spreadsheet program, check that all letters look right, and save it as 'CSV UTF-8'.",
    )

"""How far a worksheet reaches, and the letters that a spreadsheet program shows for a column."""

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def letters(column: int) -> str:
    """Return the letters of *column*, which counts from 0: `A` for 0, `AA` for 26."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def column_of(name: str) -> int:
    """Return the column, from 0, that the letters *name*; raise `ValueError` where they name none."""
    if not (name.isascii() and name.isalpha()):
        raise ValueError(name)
    number = 0
    for letter in name.upper():
        number = number * len(LETTERS) + LETTERS.index(letter) + 1
    return number - 1

"""Columns by the letters that a spreadsheet program shows."""


def letters(column: int) -> str:
    """Name *column*, counted from 0, as a spreadsheet program does."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name

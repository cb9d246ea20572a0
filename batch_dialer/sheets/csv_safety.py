"""Escaping of text that a spreadsheet program would run as a formula: an apostrophe is put before it."""

import re

import polars as pl

_FORMULA = r"^'*\s*[=+\-@\t\r＝＋－＠]"  # noqa: RUF001  (full-width signs begin a formula too)


def escaped(text: pl.Expr) -> pl.Expr:
    """Return *text* as it is safe in a CSV file that people open (OWASP: CSV injection)."""
    return pl.when(text.str.contains(_FORMULA)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def escape(text: str) -> str:
    """Return the one *text* as `escaped` does."""
    return f"'{text}" if re.search(_FORMULA, text) else text


def unescape(text: str) -> str:
    """Undo `escape`."""
    return text.removeprefix("'") if re.search(_FORMULA, text) else text


def unescaped(text: pl.Expr) -> pl.Expr:
    """Undo `escaped`."""
    return pl.when(text.str.contains(_FORMULA)).then(text.str.strip_prefix("'")).otherwise(text)

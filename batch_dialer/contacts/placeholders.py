"""What programs write into a cell that holds nothing, such as `nan`. It is never said to anybody.

Only what programs write counts, letter by letter: a person whose name is "Null" or "Nan" keeps it, and `NA` stays, as
it is Namibia, too. Where somebody's name is `None` or `NULL` all the same, it is left out: nobody is called by such a
word. `one_of` in the schema file takes a text for a value, whatever it is.
"""

from dataclasses import dataclass

import polars as pl

from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.schema.schema import Field, Place, Type

PLACEHOLDERS = frozenset({
    "nan", "NaN", "-nan", "NaT", "None", "NULL", "null", "(null)", "<null>", "\\N", "nil", "undefined", "<NA>", "N/A",
    "n/a", "n.a.", "-", "--", "---", "–", "—",  # noqa: RUF001  (the dashes of print)
})  # fmt: skip
_PLACES = (Place.PAYLOAD, Place.CONTEXT, Place.ID)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """In the column *header*, as many *cells* hold nothing but *texts* such as `nan`."""

    header: str
    texts: tuple[str, ...]
    cells: int

    def __str__(self) -> str:
        named = ", ".join(self.texts)
        cells = "1 cell" if self.cells == 1 else f"{self.cells:,} cells"
        return f'Column "{self.header}" has {named} in {cells}: taken for empty.'


def without_placeholders(field: Field, text: pl.Expr) -> pl.Expr:
    """Return the column of trimmed *text* of *field*, with null for what stands for nothing."""
    if not _may_be_left_out(field):
        return text
    return pl.when(~text.is_in(sorted(_placeholders(field)))).then(text)


def find_placeholders(cells: pl.DataFrame, texts: pl.DataFrame, mapping: ColumnMapping) -> tuple[LeftOut, ...]:
    """Return what `without_placeholders` has taken for nothing: *texts* are what it made of *cells*."""
    columns = [mapped for mapped in mapping.fields if mapped.index is not None and _may_be_left_out(mapped.field)]
    found = (_find(cells[f"c{mapped.index}"], texts[mapped.field.label], mapped) for mapped in columns)
    return tuple(left_out for left_out in found if left_out.cells)


def _may_be_left_out(field: Field) -> bool:
    """Whether *field* is text; a number or a date that is none is rejected, whatever stands there."""
    return field.place in _PLACES and field.type is Type.STRING


def _find(cells: pl.Series, texts: pl.Series, mapped: MappedField) -> LeftOut:
    if mapped.field.default is None:  # else a cell that was taken for nothing has the default now
        cells = cells.filter(texts.is_null() & cells.is_not_null())
    bare = cells.str.strip_chars()
    hits = bare.filter(bare.is_in(sorted(_placeholders(mapped.field))))
    return LeftOut(mapped.name, tuple(hits.unique().sort()), len(hits))


def _placeholders(field: Field) -> frozenset[str]:
    return PLACEHOLDERS.difference(field.one_of)

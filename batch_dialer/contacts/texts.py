"""The cells of a sheet become the text of each field: trimmed, without placeholders, with the default where empty."""

from collections.abc import Collection

import polars as pl

from batch_dialer.contacts.mapping import ColumnMapping, MappedField
from batch_dialer.contacts.placeholders import without_placeholders
from batch_dialer.model import Sheet
from batch_dialer.schema.schema import Place, Type


def read_texts(sheet: Sheet, mapping: ColumnMapping) -> pl.DataFrame:
    """Return a column `row`, and for each field of *mapping* one of text, named by its label; null where empty."""
    mapped_to = {f"c{mapped.index}" for mapped in mapping.fields if mapped.index is not None}
    loose = _columns_to_trim(sheet.cells.select(sorted(mapped_to)))
    return sheet.cells.select("row", *(_trimmed_text(mapped, loose, sheet.grouped) for mapped in mapping.fields))


def _columns_to_trim(cells: pl.DataFrame) -> set[str]:
    """Return the names of the columns with a cell to trim; mostly there is none, and then no text is copied."""
    texts = cells.select(pl.col(pl.String).cast(pl.Binary))
    # White space sorts before "!" or is not ASCII; an empty cell has no first byte, which is null.
    edges = [pl.all().bin.get(at, null_on_oob=True).is_between(ord("!"), ord("~")) for at in (0, -1)]
    tight = texts.select(pl.all().is_null() | (edges[0] & edges[1]).fill_null(value=False)).select(pl.all().all())
    return {column.name for column in tight.iter_columns() if not column[0]}


def _trimmed_text(mapped: MappedField, loose: Collection[str], grouped: Collection[int]) -> pl.Expr:
    field = mapped.field
    if mapped.index is None:
        return pl.lit(_constant_text(field.value)).alias(field.label)
    name = f"c{mapped.index}"
    text = pl.col(name)
    if mapped.index in grouped and field.type in {Type.INTEGER, Type.DECIMAL}:
        text = text.str.replace_all(",", "", literal=True)
    trimmed = text.str.strip_chars()
    filled = without_placeholders(field, pl.when(trimmed != "").then(trimmed) if name in loose else text)
    default = field.default if field.default is not None else {Place.DELAY: 0, Place.TESTING: False}.get(field.place)
    return (filled if default is None else filled.fill_null(_constant_text(default))).alias(field.label)


def _constant_text(constant: object) -> str:
    return str(constant).lower() if isinstance(constant, bool) else str(constant)

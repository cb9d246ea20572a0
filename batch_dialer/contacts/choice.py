"""What a person says of the columns in the command, which goes before the schema file and the headers."""

from dataclasses import dataclass, replace

from batch_dialer.contacts.find_column import fold_header
from batch_dialer.schema.schema import Place, Schema, Unmapped


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of the columns: the header of the numbers to call, and the headers that are sent as variables.

    Headers are as in the sheet, but for case and spaces; *phone* is None and *payload* empty where nothing is said.
    """

    phone: str | None = None
    payload: tuple[str, ...] = ()


NO_CHOICE = Choice()


def phone_headers(schema: Schema) -> frozenset[str]:
    """Return the headers, folded, of the columns of numbers to call in *schema*."""
    return frozenset(
        fold_header(header) for field in schema.fields if field.place is Place.TO for header in field.columns
    )


def with_choice(schema: Schema, choice: Choice, phone: str | None) -> Schema:
    """Return *schema* with *phone*, if given, as the column of numbers; chosen variables leave other columns out."""
    fields = schema.fields
    if phone is not None:
        fields = tuple(
            replace(field, column=phone, fallbacks=()) if field.place is Place.TO else field for field in fields
        )
    return replace(schema, fields=fields, unmapped=Unmapped.IGNORE if choice.payload else schema.unmapped)

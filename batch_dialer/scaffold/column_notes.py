"""What the starter sheet says of its columns, for the people who fill them in."""

from collections.abc import Iterator
from datetime import date

from batch_dialer.schema.schema import Field, Place, Type

EXAMPLE_DATE = date(2046, 3, 12)
_TYPE_NOTES = {
    Type.STRING: "Text",
    Type.INTEGER: "A whole number",
    Type.DECIMAL: "A number, with a point before the decimals",
    Type.BOOLEAN: "yes or no",
    Type.DATE: "A date",
    Type.DATETIME: "A date and time",
}


def is_number(field: Field) -> bool:
    """Whether the cells of *field* are numbers."""
    return field.type in {Type.INTEGER, Type.DECIMAL}


def field_notes(field: Field) -> Iterator[str]:
    """Yield what goes into a column for *field*, and which values are valid, for the people who fill it in."""
    yield _PLACE_NOTES[field.place].format(name=field.name)
    if field.place is Place.TO:
        yield from _phone_notes(field)
    elif field.place not in {Place.ID, Place.EXPIRES, Place.ZONE} and not field.one_of:
        yield _TYPE_NOTES[field.type]
    if field.required or field.place in {Place.ID, Place.TO}:
        yield "Must be filled in"
    if field.default is not None:
        yield f"Where it is empty: {field.default}"
    if field.unique or field.place is Place.ID:
        yield "No two rows may have the same"
    if field.one_of:
        yield f"One of: {', '.join(field.one_of)}"
    if field.pattern:
        yield f"In the form {field.pattern}"
    if field.format and is_number(field):
        yield f"Written as in {field.format}"
    elif field.format:
        yield f"As {EXAMPLE_DATE.strftime(field.format)}, or 2046-03-12"
    yield from _bound_notes(field)


def _phone_notes(field: Field) -> Iterator[str]:
    country = f"; without it, a number is read as one of {field.region}" if field.region else ""
    yield f"Write + and the country code, as in +14155550100{country}"
    if field.fallbacks:
        yield f"The first valid number of these is called: {', '.join(field.columns)}"


def _bound_notes(field: Field) -> Iterator[str]:
    bounds = (("at least {}", field.min), ("at most {}", field.max))
    yield from (text.format(bound).capitalize() for text, bound in bounds if bound is not None)
    lengths = (("at least {} characters", field.min_length), ("at most {} characters", field.max_length))
    yield from (text.format(count).capitalize() for text, count in lengths if count is not None)


_PLACE_NOTES = {
    Place.ID: "Names the row in the results",
    Place.TO: "The number to call",
    Place.PAYLOAD: "The agent knows it as {{{{{name}}}}}",
    Place.CONTEXT: "Kept with the call as {name}, and not spoken",
    Place.DELAY: "Seconds that the API waits before it dials, 0 to 3600",
    Place.TESTING: "yes: a test call",
    Place.AGENT: "The ID of the agent that calls",
    Place.ZONE: "The time zone of the person, as America/New_York; where it is empty, the number tells",
    Place.EXPIRES: "A date or time after which the row is not called any more",
}

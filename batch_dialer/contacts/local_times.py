"""Whether the times in a sheet can be understood at all."""

from batch_dialer.contacts.mapping import ColumnMapping
from batch_dialer.errors import UsageError
from batch_dialer.schema.schema import Place, Type


def require_zone(mapping: ColumnMapping, zone: str) -> None:
    """Raise `UsageError` where a column holds times and *zone*, that of this machine, is empty: it cannot be told."""
    timed = [
        mapped.name
        for mapped in mapping.fields
        if mapped.field.type is Type.DATETIME or mapped.field.place is Place.EXPIRES
    ]
    if timed and not zone:
        raise UsageError(
            f'Column "{timed[0]}" holds times, and the time zone of this machine has no name that could be found.',
            "Set it in the environment variable TZ, as in TZ=Europe/Berlin, and run the same command again.",
        )

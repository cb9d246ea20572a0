"""Read the schema file from disk. The only file of this room that does I/O."""

import tomllib
from pathlib import Path

from batch_dialer.errors import UsageError
from batch_dialer.schema.parse import parse_schema
from batch_dialer.schema.schema import Schema


def read_schema(path: Path | None) -> Schema | None:
    """Return the schema in the file *path* (None for None); raise `UsageError` where there is no valid one."""
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")  # some Windows editors write a byte order mark
        return parse_schema(tomllib.loads(text), path.name, text)
    except OSError as error:
        raise UsageError(f"The schema file {path} cannot be read: {error.strerror}.", "Check --schema.") from None
    except UnicodeDecodeError:
        remedy = "Open it in a text editor and save it as plain text in UTF-8."
        raise UsageError(f"The schema file {path.name} is not UTF-8 text.", remedy) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        remedy = 'Correct it at that place. Text needs quotation marks, as in column = "Phone"; a table begins as [to].'
        raise UsageError(f"The schema file {path.name} is not TOML: {error}.", remedy) from None

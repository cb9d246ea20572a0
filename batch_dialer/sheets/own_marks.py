"""The worksheets, columns and properties that batch_dialer adds to people's sheets, and how they are recognized.

None of them is data. A worksheet of ours has a defined name that points at it. That name follows when the worksheet is
renamed, moved or copied, and is found without reading the worksheet. A column of ours has a header of its own.

A copy that is mended and dialed says which results file it belongs to: a workbook in a document property, which Excel
and LibreOffice keep; a CSV file, which has no properties, in each row of a column, which stays when rows are sorted,
deleted or pasted into another sheet.
"""

import json
from collections.abc import Iterable

from batch_dialer.model import SheetOrigin

PREFIX = "batch_dialer_page_"
"""What the defined names of our worksheets begin with."""
REASON = "rejected_reason"
"""The column that `validate --rejects` adds. It is no prompt variable when the file is read again."""
VERDICT = "batch_dialer_verdict"
"""The column that a marked workbook has in addition. It is no prompt variable either."""
ORIGIN = "batch_dialer_origin"
"""The column of `validate --rejects`, and the property of a marked workbook, that say what it was made from."""
OWN_HEADERS = (REASON, VERDICT, ORIGIN)
"""The headers of all columns that batch_dialer adds."""


def is_own(name: str) -> bool:
    """Whether the defined *name* is of a worksheet that batch_dialer added."""
    return name.startswith(PREFIX)


def page_of(reference: str) -> str:
    """Return the worksheet that a defined name refers to: `'Problems (2)'!$A$1` is of `Problems (2)`."""
    name = reference.strip().rpartition("!")[0].removeprefix("$")
    if name.startswith("'") and name.endswith("'"):
        name = name[1:-1].replace("''", "'")
    return name


def origin_text(origin: SheetOrigin) -> str:
    """Return *origin* as the column or the property holds it."""
    return json.dumps({"sheet": origin.sheet, "results": origin.results, "found": origin.found}, sort_keys=True)


def read_origin(texts: Iterable[str]) -> SheetOrigin:
    """Return what all of *texts* say; an origin without `results` where they are none, differ or cannot be read."""
    origins = {_parse_origin(text.strip()) for text in texts}
    return origins.pop() if len(origins) == 1 else SheetOrigin("", "")


def _parse_origin(text: str) -> SheetOrigin:
    try:
        facts = json.loads(text)
        return SheetOrigin(str(facts["sheet"]), str(facts["results"]), tuple(map(str, facts["found"])))
    except (ValueError, TypeError, KeyError, RecursionError):
        return SheetOrigin("", "")

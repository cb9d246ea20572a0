"""The worksheets and columns that batch_dialer itself adds to people's sheets, and how they are recognized: never data.

A worksheet of ours has a defined name that points at it. That name follows when the worksheet is renamed, moved or
copied, and is found without reading the worksheet. A column of ours has a header of its own.
"""

PREFIX = "batch_dialer_page_"
"""What the defined names of our worksheets begin with."""
REASON = "rejected_reason"
"""The column that `validate --rejects` adds. It is no prompt variable when the file is read again."""
VERDICT = "batch_dialer_verdict"
"""The column that a marked workbook has in addition. It is no prompt variable either."""


def is_own(name: str) -> bool:
    """Whether the defined *name* is of a worksheet that batch_dialer added."""
    return name.startswith(PREFIX)


def page_of(reference: str) -> str:
    """Return the worksheet that a defined name refers to: `'Problems (2)'!$A$1` is of `Problems (2)`."""
    name = reference.strip().rpartition("!")[0].removeprefix("$")
    if name.startswith("'") and name.endswith("'"):
        name = name[1:-1].replace("''", "'")
    return name

"""Worksheets that batch_dialer itself adds to a workbook, and how they are known again: they are never data.

A defined name of the workbook points at each. It goes along when the worksheet is renamed, moved or copied, which its
name or its first cell need not, and is found without opening the worksheet.
"""

PREFIX = "batch_dialer_page_"
REASON = "rejected_reason"
"""The column that `validate --rejects` adds; it is said to nobody when the file is fed in again."""
VERDICT = "batch_dialer_verdict"
"""The column that a marked workbook has in addition; the same holds for it."""


def is_own(name: str) -> bool:
    """Whether the defined *name* says that a worksheet is one of ours."""
    return name.startswith(PREFIX)


def page_of(reference: str) -> str:
    """Return the worksheet that a defined name refers to: `'Problems (2)'!$A$1` is of `Problems (2)`."""
    name = reference.strip().rpartition("!")[0].removeprefix("$")
    if name.startswith("'") and name.endswith("'"):
        name = name[1:-1].replace("''", "'")
    return name

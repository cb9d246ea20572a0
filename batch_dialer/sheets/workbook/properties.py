"""The document properties that people or programs add to a workbook."""

from batch_dialer.sheets.workbook.package import Package

_PARTS = ("docProps/custom.xml", "meta.xml")
"""Where .xlsx, .xlsm and .xlsb have them, and where .ods has."""
_META_NAME = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name"


def find_property(package: Package, name: str) -> str | None:
    """Return the text of the property *name*, None where there is none; raise `BadSheet` for a damaged workbook."""
    pieces = [
        element.text or ""
        for part in _PARTS
        if part in package
        for around, element in package.elements(part)
        if name in {around[-1].get("name"), element.get("name"), element.get(_META_NAME)}
    ]
    return "".join(pieces).strip() if pieces else None

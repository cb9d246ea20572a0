"""The document properties that people or programs add to a workbook."""

from batch_dialer.sheets.workbook.package import Package

_PARTS = ("docProps/custom.xml", "meta.xml")
"""Where .xlsx, .xlsm and .xlsb have them, and where .ods has."""
_LONGEST = 32_767


def find_property(package: Package, name: str) -> str | None:
    """Return the text of the property *name*, None where there is none; raise `BadSheet` for a damaged workbook."""
    pieces: list[str] = []
    inside = found = False

    def start(_: str, attributes: dict[str, str]) -> None:
        nonlocal inside, found
        if name in {attributes.get("name"), attributes.get("meta:name")}:
            inside = found = True

    def text(piece: str) -> None:
        if inside and len(pieces) < _LONGEST:
            pieces.append(piece)

    def end(tag: str) -> None:
        nonlocal inside
        inside = inside and tag.rpartition(":")[2] not in {"property", "user-defined"}

    for part in _PARTS:
        if part in package:
            package.parse(part, start, CharacterDataHandler=text, EndElementHandler=end)
    return "".join(pieces).strip() if found else None

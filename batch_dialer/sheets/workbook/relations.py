"""Which part of an Excel workbook holds what."""

import posixpath

from batch_dialer.sheets.workbook.package import Package


def read_relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return for each relation ID that *part* lists what it is of, such as `worksheet`, and the part with it."""
    targets: dict[str, tuple[str, str]] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship"):
            kind = attributes["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
            targets[attributes["Id"]] = kind, target

    package.parse(part, relation)
    return targets

"""Which part of an Excel workbook holds which worksheet."""

import posixpath

from batch_dialer.sheets.workbook.package import Package


def worksheet_parts(package: Package, relations: str) -> dict[str, str]:
    """Return the part for each worksheet's relation ID, as the part *relations* lists them."""
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes["Type"].endswith("/worksheet"):
            targets[attributes["Id"]] = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")

    package.parse(relations, relation)
    return targets

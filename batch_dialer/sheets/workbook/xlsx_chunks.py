"""The bytes of a worksheet in pieces that can be searched one by one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

_WHOLE_CELL_WITHIN = 1 << 20  # no cell is longer


def ahead(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same *chunks*; each is unpacked on another core while the one before it is in use."""
    with ThreadPoolExecutor(max_workers=1) as elsewhere:
        coming = elsewhere.submit(next, chunks, b"")
        while chunk := coming.result():
            coming = elsewhere.submit(next, chunks, b"")
            yield chunk


def whole_cells(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the same bytes, divided so that no cell and no tag lies in two pieces."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        cut = text.rfind(b"<c")
        if cut <= 0 and len(text) > _WHOLE_CELL_WITHIN:  # past the cells, or rows without any
            cut = text.rfind(b"<", 1)
            cut = len(text) if cut < 0 else cut
        if cut > 0:
            yield text[:cut]
            rest = text[cut:]
        else:
            rest = text
    yield rest

"""How wide the terminal is, and sentences that fit into it."""

import shutil
import sys
import textwrap


def columns() -> int:
    """Return how wide the terminal is; 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def fitted(sentences: str) -> str:
    """Break lines between words where a person reads them: a log keeps a line whole, and so does what can be copied."""
    if not sys.stderr.isatty():
        return sentences
    width = max(columns(), 40)
    lines = [
        textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in sentences.split("\n")
    ]
    return "\n".join("\n".join(parts) for parts in lines)

"""The file of Python in which a person wrote checks: at which of its lines a fault is."""

import ast
import contextlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from batch_dialer.errors import UsageError


@dataclass(frozen=True, slots=True)
class OwnFile:
    """The file *path* with the text *source*, and the *name* in it that the checks have."""

    path: str
    name: str
    source: str

    def at(self, part: str) -> str:
        """Return the file and the line at which *part* of the checks is defined, or else the checks themselves."""
        lines = dict(self._lines())
        return f"{self.path}, line {lines.get(part) or lines.get(self.name) or 1}"

    def code_error(self, fault: BaseException, part: str, where: str = "") -> UsageError:
        """Return the error for *fault*, which the code raised; where that does not tell a line, *part* does."""
        frames = traceback.extract_tb(fault.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == self.path), None)
        place = self.at(part) if line is None else f"{self.path}, line {line}"
        said = next(iter(str(fault).splitlines()), "")
        what = f"{place}: {type(fault).__name__}{where}: {said}".rstrip(": ")
        return UsageError(f"{what}.", "Mend the file of --checks at that place. Nobody was called.")

    def _lines(self) -> Iterator[tuple[str, int]]:
        """Yield each name that the file defines, and those of the checks last, with its line."""
        with contextlib.suppress(SyntaxError, ValueError):
            body = ast.parse(self.source).body
            yield from (pair for node in body for pair in _defined(node))
            inside = [node for node in body if isinstance(node, ast.ClassDef) and node.name == self.name]
            yield from (pair for node in inside for part in node.body for pair in _defined(part))


def _defined(node: ast.stmt) -> Iterator[tuple[str, int]]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            yield name, node.lineno
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node.lineno
        case ast.Assign(targets=[ast.Name(id=name), *_]):
            yield name, node.lineno
        case _:
            pass

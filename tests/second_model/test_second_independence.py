"""The second model shares nothing with the program: only so is what both understand of the API understood twice."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_MODULES = sorted(_FOLDER.glob("*.py"))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: path.name)
def test_a_module_imports_the_standard_library_pytest_and_the_model_itself(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"pytest"} | {module.stem for module in _MODULES}
    assert [name for name in _imported(path) if name.split(".")[0] not in allowed] == []


def test_nothing_of_the_program_is_loaded_with_the_model() -> None:
    code = "import sys; from second_api import SecondApi; print(*sys.modules, sep='\\n')"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=_FOLDER, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "second_api" in loaded
    assert [name for name in loaded if name.split(".")[0] == "batch_dialer"] == []

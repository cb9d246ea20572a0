"""The import contracts of pyproject.toml notice what they are there to notice.

Each breach below is one line of import, appended to a file of a copy of the package. import-linter then has to report
the contracts of that breach as broken, and all the others as kept.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_OPTIONS = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = tuple(str(contract["name"]) for contract in _OPTIONS["tool"]["importlinter"]["contracts"])

LAYERS = "imports point downward"
PURE = "what decides cannot act: no file, socket, process, clock of its own, chance or log"
REACH = "what decides cannot reach what acts"
SHEETS = "bytes become cells without the machine: three doors"
NETWORK = "one room knows the network"
API = "flows are given the API, they do not make it"
PANDERA = "only the validation of contacts knows pandera"
PERSON = "only the terminal and the commands speak to a person"
SANDBOX = "the sandbox knows nothing of the dialer but its words"

BREACHES = {
    ("words.py", "from batch_dialer import errors"): {LAYERS},
    ("ledger/history.py", "from batch_dialer.plan import redial"): {LAYERS},
    ("contacts/phone.py", "from batch_dialer.talkover import payload"): {LAYERS},
    ("plan/planning.py", "import subprocess"): {PURE},
    ("dialing/verdict.py", "import time"): {PURE},
    ("dialing/verdict.py", "import aiohttp"): {PURE, NETWORK},
    ("plan/planning.py", "from batch_dialer import disk"): {REACH},
    ("dialing/pace.py", "from batch_dialer.dialing import dispatch"): {REACH},
    ("sheets/delimited.py", "import os"): {SHEETS},
    ("ledger/journal_lines.py", "import time"): {SHEETS},
    ("dialing/dispatch.py", "import httpx"): {NETWORK},
    ("disk.py", "import socket"): {NETWORK},
    ("flows/run.py", "from batch_dialer.talkover import api"): {API},
    ("contacts/cells.py", "import pandera"): {PANDERA},
    ("plan/planning.py", "import pandera.polars"): {PANDERA},
    ("flows/run.py", "import click"): {PERSON},
    ("reports/csv_lists.py", "from tqdm import tqdm"): {PERSON},
    ("sandbox/app.py", "from batch_dialer.ledger import doubts"): {SANDBOX},
    ("sandbox/exchange.py", "from batch_dialer import model"): {SANDBOX},
}
"""A file below batch_dialer/ and the line appended to it, with every contract that the line breaks."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its configuration in a folder of their own."""
    shutil.copytree(_ROOT / "batch_dialer", tmp_path / "batch_dialer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _broken(folder: Path) -> set[str]:
    """Return the names of the contracts that import-linter reports as broken; it must report on every contract."""
    linter = "from importlinter.cli import lint_imports_command as command; command(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", linter],
        cwd=folder, env=os.environ | {"COLUMNS": "300"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(done.stdout, done.stderr)  # shown by pytest where the test fails
    verdicts = dict(re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.+\))?$", done.stdout, flags=re.MULTILINE))
    assert set(CONTRACTS) == verdicts.keys()
    broken = {name for name, verdict in verdicts.items() if verdict == "BROKEN"}
    assert done.returncode == (1 if broken else 0)
    return broken


def test_the_package_as_it_is_keeps_every_contract(copy: Path) -> None:
    assert _broken(copy) == set()


@pytest.mark.parametrize(("file", "line"), BREACHES)
def test_a_breach_is_reported_as_what_it_is(copy: Path, file: str, line: str) -> None:
    module = copy / "batch_dialer" / file
    module.write_text(f"{module.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert _broken(copy) == BREACHES[file, line]


def test_a_new_module_must_be_given_a_layer(copy: Path) -> None:
    (copy / "batch_dialer" / "helpers.py").touch()
    assert _broken(copy) == {LAYERS}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_has_a_breach_that_breaks_it_alone(contract: str) -> None:
    assert {contract} in BREACHES.values()

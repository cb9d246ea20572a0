"""The commands of the manuals work as they stand."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from harness import environment, run_here
from makers import UNHURRIED

from batch_dialer.sandbox.serve import Sandbox

_ROOT = Path(__file__).parents[2]
_MANUALS = [_ROOT / name for name in ("README.md", "batch_dialer/README.md", "schemas/README.md", "tests/README.md")]
_ALL = "\n".join(path.read_text(encoding="utf-8") for path in _MANUALS)


def _examples() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", _ALL, flags=re.DOTALL)
    commands = [
        line[2:] for block in blocks for line in block.replace("\\\n", "").splitlines() if line.startswith("$ ")
    ]
    harmless = ("--sandbox", "--dry-run", "validate", "schema check", "--help", "--version")
    return [line for line in commands if line.startswith("batch-dialer") and any(word in line for word in harmless)]


def test_there_are_examples_to_run() -> None:
    assert len(_examples()) >= 3


@pytest.mark.parametrize("example", _examples())
def test_every_example_works_as_it_stands(example: str, tmp_path: Path) -> None:
    for folder in ("sample_data", "schemas"):
        (tmp_path / folder).mkdir()
        for file in (_ROOT / folder).iterdir():
            if file.is_file() and ".results." not in file.name:
                (tmp_path / folder / file.name).write_bytes(file.read_bytes())
    arguments = shlex.split(example)[1:]
    if "--sandbox" in arguments:
        arguments += ["--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "batch_dialer", *arguments],
        cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stdout + done.stderr


_BY_HAND = ("pip install", "read -rs", "batch-dialer sandbox", "--base-url")
"""What a line has that is typed into, that never ends, or that another test runs."""


def _script() -> list[str]:
    """Return the commands of the manual in their order, and the crontab's: all that a reader carries out."""
    manual = _MANUALS[0].read_text(encoding="utf-8")
    blocks = re.findall(r"```(sh|crontab)\n(.*?)```", manual, flags=re.DOTALL)
    lines = [(kind, line) for kind, block in blocks for line in block.splitlines()]
    script = [line.split(maxsplit=5)[5].replace("\\%", "%") if kind == "crontab" else line for kind, line in lines]
    script = [line for line in script if not any(word in line for word in _BY_HAND)]
    agreed = [
        re.sub(r"(batch-dialer (?:run|rehearse) \S+)(?!.*--(?:yes|dry-run))", r"\1 --yes", line) for line in script
    ]
    return [re.sub(r"(batch-dialer run \S+)", r"\1 --any-hour", line) for line in agreed]


def _in_shell(line: str, home: Path, status: int, api: Sandbox) -> None:
    """Carry out what more than the program alone has a part in; the program is in a process of its own, then."""
    path = f"{home / '.venv' / 'bin'}:{os.environ['PATH']}"
    names = environment(HOME=str(home.parent), PATH=path, TALKOVER_BASE_URL=api.base_url)
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=home, env=names, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert status == done.returncode, line + done.stdout + done.stderr


def test_the_commands_of_the_manual_work_in_their_order_and_its_crontab_calls_nobody_twice(tmp_path: Path) -> None:
    """Whatever file a command names is there by then."""
    home = tmp_path / "batch_dialer"
    shutil.copytree(_ROOT / "schemas", home / "schemas")
    program = home / ".venv" / "bin" / "batch-dialer"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m batch_dialer "$@"\n')
    program.chmod(0o755)
    script = _script()
    assert ">> dialer.log" in script[-1]
    with Sandbox(UNHURRIED) as api:
        for line in script:
            status = 6 if "--redial" in line else 0  # it is not yet known how the call ends
            if line.startswith("batch-dialer "):
                words = shlex.split(line, comments=True)[1:]
                run_here(*words, cwd=home, expect=status, any_hour=False, TALKOVER_BASE_URL=api.base_url)
            else:
                _in_shell(line, home, status, api)
        calls = [call.order.is_testing for call in api.exchange.calls]
    assert [True, False] == sorted(calls, reverse=True), "the rehearsal, and the one row of the sheet"
    log = (home / "dialer.log").read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ Exit status 0: 1 placed\.", log[-1])

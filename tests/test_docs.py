"""The README says what the program does: its tables are the program's own sentences, and its examples run."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from harness import environment

from batch_dialer.cli import COMMANDS, load
from batch_dialer.commands.run import command as run_command
from batch_dialer.ledger.results_csv import COLUMNS
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
from batch_dialer.schema.json_schema import TABLES
from batch_dialer.schema.parse import KEYS
from batch_dialer.schema.schema import Place
from batch_dialer.words import CODE_MEANINGS, EXIT_MEANINGS, STATUS_MEANINGS, Code, Exit, Status

_ROOT = Path(__file__).parent.parent
_README = (_ROOT / "README.md").read_text(encoding="utf-8")


def _rows() -> Iterator[str]:
    yield from (f"| `{status}` | {STATUS_MEANINGS[status]} |" for status in Status)
    yield from (f"| `{code}` | {CODE_MEANINGS[code]} |" for code in Code)
    yield from (f"| {exit_:d} | {EXIT_MEANINGS[exit_]} |" for exit_ in Exit)
    yield from (f"| `{key}` | {sentence} |" for key, (_, sentence) in KEYS.items())
    named = (Place.PAYLOAD, Place.CONTEXT)
    yield from (
        f"| `[{place.value}{'.NAME' if place in named else ''}]` | {sentence} |" for place, sentence in TABLES.items()
    )
    yield from (f"| `{special.number}` | {special.sentence} |" for special in SPECIAL_NUMBERS)


@pytest.mark.parametrize("row", list(_rows()))
def test_every_word_that_others_rely_on_is_in_a_table(row: str) -> None:
    assert row in _README


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_results_file_is_explained(column: str) -> None:
    assert f"`{column}`" in _README


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_is_in_the_readme(command: str) -> None:
    loaded = load(command)
    assert "Example:" in loaded.get_help(click.Context(loaded))
    assert f"`{command}" in _README


@pytest.mark.parametrize("option", [name for parameter in run_command.params for name in parameter.opts])
def test_every_option_of_run_is_in_the_readme(option: str) -> None:
    assert option in _README or not option.startswith("--")


def _examples() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", _README, flags=re.DOTALL)
    commands = [
        line[2:] for block in blocks for line in block.replace("\\\n", "").splitlines() if line.startswith("$ ")
    ]
    harmless = ("--sandbox", "--dry-run", "validate", "--help", "--version")
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


def test_every_path_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:batch_dialer|tests|schemas|sample_data)/[\w/.]+)`", _README))
    kept = sorted(path for path in named if ".results." not in path)  # those come with a run
    assert [path for path in kept if not (_ROOT / path).exists()] == []


@pytest.mark.parametrize("heavy", ["polars", "pandera", "httpx", "openpyxl", "phonenumbers"])
def test_help_loads_nothing_heavy(heavy: str) -> None:
    """`--help` answers at once: what takes half a second to load is loaded where it is used."""
    check = (
        "import sys; from batch_dialer import cli; sys.argv[1:] = ['--help']; cli._main(); "
        f"sys.exit({heavy!r} in sys.modules)"
    )
    assert (
        0
        == subprocess.run([sys.executable, "-c", check], env=environment(), capture_output=True, check=False).returncode
    )


def test_validate_loads_nothing_for_dialing() -> None:
    dialing = {"aiohttp", "anyio", "asyncio", "httpx", "portalocker", "tqdm"}
    check = (
        "import sys; from batch_dialer import cli; sys.argv[1:] = ['validate', 'sample_data/survey.csv']; "
        "cli._main(); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=_ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert "15 can be dialed" in done.stdout
    assert set() == dialing & set(done.stderr.split())

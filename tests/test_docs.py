"""The manuals say what the program does: their tables are the program's own sentences, and their examples run."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from harness import environment
from makers import UNHURRIED

from batch_dialer.cli import COMMANDS, load
from batch_dialer.commands.run import command as run
from batch_dialer.ledger.results_csv import COLUMNS
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
from batch_dialer.sandbox.serve import Sandbox
from batch_dialer.schema.json_schema import LISTS, TABLES
from batch_dialer.schema.parse import KEYS
from batch_dialer.schema.parse_hours import HOURS_KEYS
from batch_dialer.schema.parse_skip import SKIP_KEYS
from batch_dialer.schema.schema import Place
from batch_dialer.words import CODE_MEANINGS, EXIT_MEANINGS, STATUS_MEANINGS, Code, Exit, Status

_ROOT = Path(__file__).parent.parent
_MANUALS = {
    name: (_ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "batch_dialer/README.md", "schemas/README.md", "tests/README.md")
}
_ALL = "\n".join(_MANUALS.values())


def _rows() -> Iterator[str]:
    yield from (f"| `{status}` | {STATUS_MEANINGS[status]} |" for status in Status)
    yield from (f"| `{code}` | {CODE_MEANINGS[code]} |" for code in Code)
    yield from (f"| {exit_:d} | {EXIT_MEANINGS[exit_]} |" for exit_ in Exit)
    yield from (f"| `{key}` | {sentence} |" for key, (_, sentence) in KEYS.items())
    yield from (f"| `{key}` | {sentence} |" for key, (_, sentence) in SKIP_KEYS.items())
    yield from (f"| `{key}` | {sentence} |" for key, (_, sentence) in HOURS_KEYS.items())
    named = (Place.PAYLOAD, Place.CONTEXT)
    yield from (
        f"| `[{place.value}{'.NAME' if place in named else ''}]` | {sentence} |" for place, sentence in TABLES.items()
    )
    yield from (f"| `{'[[skip]]' if name == 'skip' else name}` | {sentence} |" for name, sentence in LISTS.items())
    yield from (f"| `{special.number}` | {special.sentence} |" for special in SPECIAL_NUMBERS)


@pytest.mark.parametrize("row", list(_rows()))
def test_every_word_that_others_rely_on_is_in_a_table(row: str) -> None:
    assert 1 == _ALL.splitlines().count(row), "nothing is said twice"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_the_results_file_is_explained(column: str) -> None:
    assert f"`{column}`" in _MANUALS["README.md"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_is_in_the_manual(command: str) -> None:
    loaded = load(command)
    assert "Example:" in loaded.get_help(click.Context(loaded))
    assert re.search(rf"batch-dialer {command}\b", _MANUALS["README.md"])


@pytest.mark.parametrize(
    "option", [name for parameter in run.params for name in parameter.opts if name.startswith("--")]
)
def test_every_option_of_run_is_in_the_table_of_options(option: str) -> None:
    table = _section("README.md", "Options of `run`")
    assert re.search(rf"^\| .*`{option}[ `]", table, flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_a_manual(name: str) -> None:
    command = load(name)
    commands = list(command.commands.values()) if isinstance(command, click.Group) else [command]
    options = {option for each in commands for parameter in each.params for option in parameter.opts}
    assert [] == sorted(option for option in options if option.startswith("--") and option not in _ALL)


def test_the_manual_for_those_who_dial_is_short_enough_to_be_read() -> None:
    assert len(_MANUALS["README.md"].splitlines()) < 400


def _section(manual: str, heading: str) -> str:
    return _MANUALS[manual].split(f"\n## {heading}\n")[1].split("\n## ")[0]


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", _MANUALS)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", _MANUALS[name]):
        path, _, anchor = link.partition("#")
        target = ((_ROOT / name).parent / path).resolve() if path else _ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("other", [name for name in _MANUALS if name != "README.md"])
def test_every_other_manual_is_linked_from_the_first_and_back(other: str) -> None:
    assert f"]({other})" in _MANUALS["README.md"]
    assert "](../README.md)" in _MANUALS[other]


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
    blocks = re.findall(r"```(sh|crontab)\n(.*?)```", _MANUALS["README.md"], flags=re.DOTALL)
    lines = [(kind, line) for kind, block in blocks for line in block.splitlines()]
    script = [line.split(maxsplit=5)[5].replace("\\%", "%") if kind == "crontab" else line for kind, line in lines]
    script = [line for line in script if not any(word in line for word in _BY_HAND)]
    agreed = [
        re.sub(r"(batch-dialer (?:run|rehearse) \S+)(?!.*--(?:yes|dry-run))", r"\1 --yes", line) for line in script
    ]
    return [re.sub(r"(batch-dialer run \S+)", r"\1 --any-hour", line) for line in agreed]


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
        path = f"{program.parent}:{os.environ['PATH']}"
        names = environment(HOME=str(tmp_path), PATH=path, TALKOVER_BASE_URL=api.base_url, PYTHONPATH=str(_ROOT))
        for line in script:
            done = subprocess.run(
                ["/bin/sh", "-c", line], cwd=home, env=names, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
            status = 6 if "--redial" in line else 0  # it is not yet known how the call ends
            assert status == done.returncode, line + done.stdout + done.stderr
        calls = [call.order.is_testing for call in api.exchange.calls]
    assert [True, False] == sorted(calls, reverse=True), "the rehearsal, and the one row of the sheet"
    log = (home / "dialer.log").read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ Exit status 0: 1 placed\.", log[-1])


@pytest.mark.parametrize("name", _MANUALS)
def test_every_path_that_is_named_is_there(name: str) -> None:
    """A path is named from the root of the project, or from the folder of the manual."""
    named = set(re.findall(r"`(\w[\w/.]*/[\w/.]*|\w+\.(?:py|toml))`", _MANUALS[name]))
    kept = [
        path for path in named if ".results." not in path and not path.startswith("build/")
    ]  # those come with a run
    places = (_ROOT, (_ROOT / name).parent)
    kept = [path for path in kept if not re.fullmatch(r"\d+/\w+", path)]  # a rate
    assert [] == sorted(path for path in kept if not any((place / path).exists() for place in places))


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


def test_every_message_that_the_manual_explains_is_one_of_the_program_s() -> None:
    explained = re.findall(r"^\| .*?\|", _section("README.md", "What to do when"), flags=re.MULTILINE)
    parts = {part.strip() for row in explained for quoted in re.findall(r'"(.+?)"', row) for part in quoted.split("…")}
    source = "".join(path.read_text(encoding="utf-8") for path in (_ROOT / "batch_dialer").rglob("*.py"))
    joined = re.sub(r'"\s*\n\s*f?"', "", source)
    assert [] == sorted(part for part in parts if part not in joined)

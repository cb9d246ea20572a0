"""The manuals say what the program does: their tables are its own sentences, and what they name and link is there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from harness import environment

from batch_dialer.cli import COMMANDS, load
from batch_dialer.commands.run import command as run
from batch_dialer.ledger.results_csv import COLUMNS
from batch_dialer.sandbox.numbers import SPECIAL_NUMBERS
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

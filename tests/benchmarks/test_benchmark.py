"""The benchmarks run, say so when what they measured was wrong, and are the ones that tests/README.md shows."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import benchmark
import pytest
from click.testing import CliRunner
from harness import environment
from measure import Bench, Line, Wrong
from server import Server, serving

_ROOT = Path(__file__).parents[2]


def test_a_stage_gives_its_lines_in_every_form(tmp_path: Path) -> None:
    words = ["paced", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "tests/benchmarks/benchmark.py", *words],
        cwd=_ROOT, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "500/s asked for" in done.stdout
    assert "| paced | 500/s asked for" in (tmp_path / "table.md").read_text(encoding="utf-8")
    lines = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["lines"]
    assert ["paced", "paced"] == [line["stage"] for line in lines]


def test_wrong_results_are_said_to_be_wrong_and_the_other_stages_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: Bench) -> Iterator[Line]:
        yield Line("first", "1/s")
        raise Wrong("calls: 1 instead of 2")

    monkeypatch.setattr(benchmark, "STAGES", {"paced": lost, "start": lambda _: iter([Line("second", "2/s")])})
    done = CliRunner().invoke(benchmark.main, ["--out", str(tmp_path)])
    assert 1 == done.exit_code
    assert [word for word in ("first", "WRONG RESULTS", "second") if word not in done.output] == []


@pytest.mark.parametrize("numbers", [["+12122000000"], ["+12122000000", "+12122000000"]])
def test_a_call_that_is_missing_or_doubled_is_no_figure(numbers: list[str]) -> None:
    with serving(0) as server:
        for number in numbers:
            _call(server, number)
        with pytest.raises(Wrong, match="instead of 2"):
            server.rate("whoever it was", 2)


def _call(server: Server, number: str) -> None:
    connection = http.client.HTTPConnection(server.host, server.port)
    connection.request("POST", "/api/v1/agents/agent_1/call", json.dumps({"to": number}))
    assert 200 == connection.getresponse().status
    connection.close()


def test_the_manual_shows_every_stage() -> None:
    section = (_ROOT / "tests/README.md").read_text(encoding="utf-8").split("\n## Performance\n")[1].split("\n## ")[0]
    table = re.findall(r"^\| (\w+) \|", section, flags=re.MULTILINE)
    assert list(benchmark.STAGES) == list(dict.fromkeys(table[1:]))
    assert f"| {' | '.join(benchmark.HEADERS)} |" in section

"""`--checks`: a model of pandera of one's own. What fails is a problem; a fault of the file is told with its line."""

import re
from pathlib import Path

import pytest

from batch_dialer.commands.checks_file import read_checks
from batch_dialer.contacts.map_sheet import map_sheet
from batch_dialer.contacts.validate import Checked, validate
from batch_dialer.errors import BadSheet, UsageError
from batch_dialer.schema.file import read_schema
from batch_dialer.sheets.reading import read_sheet

SHEET = """Phone,Amount,Start,Called at,Ok,Name
+14155550101,7.50,2026-01-01,2026-02-01 09:30,yes,Ann
+14155550102,3,2026-03-01,2026-02-01 09:30,no,Bob
+14155550103,x,2026-01-01,,yes,Cem
+14155550104,,2025-01-01,2025-02-01 09:30,yes,Ann
"""
SCHEMA = """
[to]
column = "Phone"
[payload.amount]
column = "Amount"
type = "decimal"
[payload.start]
column = "Start"
type = "date"
hint = "Ask Ann."
[payload.at]
column = "Called at"
type = "datetime"
[payload.ok]
column = "Ok"
type = "boolean"
[payload.name]
column = "Name"
[context.name]
column = "Name"
"""
HEAD = """from __future__ import annotations
import datetime as dt
import pandera.polars as pa
import polars as pl
class Rules(pa.DataFrameModel):
"""
BODY = HEAD.count("\n")
RULE = "    @pa.dataframe_check{}\n    def rule(cls, data: pa.PolarsData) -> pl.LazyFrame:\n        return {}\n"
FAILS = 'fails the check "{}"'
TOGETHER = "has the same as another row in columns that are unique"
EMPTY = (5, "Amount", "", "MISSING_VALUE", "is empty")
UNREADABLE = (4, "Amount", "x", "INVALID_VALUE", "is not a number")


def checked(folder: Path, code: str, name: str = "Rules", sheet: str = SHEET) -> Checked:
    (folder / "people.csv").write_text(sheet)
    (folder / "s.toml").write_text(SCHEMA)
    (folder / "checks.py").write_text(code)
    read = read_sheet(folder / "people.csv")
    mapping = map_sheet(read_schema(folder / "s.toml"), read, None)
    return validate(read, mapping, "Europe/Berlin", read_checks(f"{folder / 'checks.py'}:{name}"))


def problems(judged: Checked) -> list[tuple[object, ...]]:
    return judged.problems.select("row", "column", "value", "code", "why").rows()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("    to: str\n", [], id="what is there"),
        pytest.param("    amount: float\n", [EMPTY], id="a cell that may not be empty, told once where it is bad"),
        pytest.param("    amount: float = pa.Field(ge=5, nullable=True)\n",
                     [(3, "Amount", "3", "INVALID_VALUE", FAILS.format("greater_than_or_equal_to(5)"))], id="a bound"),
        pytest.param(
            "    name: str = pa.Field(unique=True)\n",
            [(row, "Name", "Ann", "INVALID_VALUE", "is in more than one row") for row in (2, 5)], id="unique",
        ),
        pytest.param(
            '    class Config:\n        unique = ["name", "ok"]\n',
            [(row, "", "", "INVALID_VALUE", TOGETHER) for row in (2, 5)],
            id="unique together",
        ),
        pytest.param(
            RULE.format('(error="it begins before.")', 'data.lazyframe.select(pl.col("start") < pl.col("at"))'),
            [(3, "", "", "INVALID_VALUE", FAILS.format("it begins before"))], id="across columns",
        ),
        pytest.param(RULE.format('(description="said so")', 'data.lazyframe.select(pl.col("ok"))'),
                     [(3, "", "", "INVALID_VALUE", FAILS.format("said so"))], id="a description"),
        pytest.param(RULE.format("", 'data.lazyframe.select(pl.col("ok"))'),
                     [(3, "", "", "INVALID_VALUE", FAILS.format("rule"))], id="a name"),
        pytest.param(
            '    @pa.check("name|amount", regex=True, element_wise=True)\n'
            "    def short(cls, cell: object) -> bool:\n        return str(cell) not in ('Bob', '7.5')\n"
            "    name: str\n    amount: float = pa.Field(nullable=True)\n",
            [(2, "Amount", "7.50", "INVALID_VALUE", FAILS.format("short")),
             (3, "Name", "Bob", "INVALID_VALUE", FAILS.format("short"))], id="in each cell of several columns",
        ),
        pytest.param(
            "    at: dt.datetime = pa.Field(nullable=True, ge=dt.datetime(2026, 1, 1, 9, 30))\n",
            [(5, "Called at", "2025-02-01 09:30", "INVALID_VALUE",
              FAILS.format("greater_than_or_equal_to(2026-01-01 09:30:00)"))], id="by the clocks of the sheet",
        ),
        pytest.param("    amount: float\n    class Config:\n        drop_invalid_rows = True\n", [EMPTY],
                     id="no row is dropped unseen"),
    ],
)  # fmt: skip
def test_what_fails_is_a_problem_of_its_row(tmp_path: Path, body: str, found: list[tuple[object, ...]]) -> None:
    judged = checked(tmp_path, HEAD + body)
    assert sorted([*found, UNREADABLE]) == sorted(problems(judged))
    rejected = {row for row, *_ in found} | {4}
    assert rejected == set(judged.rows.filter(judged.rows["code"].is_not_null())["row"])


def test_a_schema_that_is_no_class_is_used_and_the_field_s_hint_is_the_remedy(tmp_path: Path) -> None:
    code = (
        "import pandera.polars as pa\nimport polars as pl\n"
        "rules = pa.DataFrameSchema({'start': pa.Column(pl.Date, [pa.Check(lambda of: of.lazyframe.select("
        "pl.col(of.key).dt.year() == 2026)), pa.Check.ne(pl.date(2026, 3, 1))]), 'context.name': pa.Column(str)})"
    )
    found = checked(tmp_path, code, "rules").problems.filter(column="Start")
    assert [3, 5] == found["row"].to_list()
    assert 'fails the check "no. 1"' == found["why"][1]
    assert {"Ask Ann."} == set(found["remedy"])


@pytest.mark.parametrize("answer", ["False", 'data.lazyframe.select(pl.col("amount").sum() < 3)'])
def test_a_check_of_the_whole_sheet_that_fails_keeps_everybody_from_being_called(tmp_path: Path, answer: str) -> None:
    two = RULE.format('(error="no more than 3")', answer) + RULE.format("", "False").replace("def rule", "def other")
    with pytest.raises(BadSheet, match=r'fails the check "no more than 3", and the check "other"\.'):
        checked(tmp_path, HEAD + two)
    passes = RULE.format("", 'data.lazyframe.select(pl.col("amount").sum() < 99)')
    assert [UNREADABLE] == problems(checked(tmp_path, HEAD + passes))


@pytest.mark.parametrize(
    ("code", "line", "says"),
    [
        ("x = (\n", 1, "was never closed"),
        ("import pandera.polars as pa\n\nimport nothing_like_it\n", 3, "No module named 'nothing_like_it'"),
        ("1 / 0\n", 1, "ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit()\n", 2, "SystemExit"),
        ("import pandera.polars as pa\nRules = 3\n", 2, "no model and no schema of pandera.polars"),
        ("\nclass Rules:\n    pass\n", 2, "no model and no schema of pandera.polars"),
        (f"{HEAD}    to: str\n    amout: float\n", BODY + 2, 'asks for a column "amout", which there is not'),
        (f"{HEAD}    amount: int\n", BODY + 1, 'asks for "amount" as Int64, which it is not'),
        (f"{HEAD}    amount: int\n    class Config:\n        coerce = True\n", BODY + 1, "which it is not"),
        (f"{HEAD}    amount: nothing\n", BODY, "NameError: name 'nothing' is not defined"),
        (f"{HEAD}    to: str\n    class Config:\n        strict = True\n", BODY, "column 'amount' not in"),
        (HEAD + RULE.format("", "data.nothing"), BODY + 3, "'PolarsData' object has no attribute"),
        (HEAD + RULE.format("", 'data.lazyframe.select("nothing")'), BODY + 2, 'unable to find column "nothing"'),
        (HEAD + RULE.format("", 'data.lazyframe.collect()["ok"]'), BODY + 2, 'AttributeError in the check "rule"'),
        (HEAD + RULE.format("", 'data.lazyframe.head(2).select("ok")'), BODY + 2, "2 times whether it passes"),
        (HEAD + RULE.format("(raise_warning=True)", "False"), BODY, "only warns"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_told_with_its_line(tmp_path: Path, code: str, line: int, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked(tmp_path, code)
    assert f"{tmp_path / 'checks.py'}, line {line}: " in caught.value.what
    assert says in caught.value.what
    assert caught.value.remedy
    assert "\n" not in caught.value.what


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("checks.py", "does not say what to take"),
        (":Rules", "does not say what to take"),
        ("checks.py:", "does not say what to take"),
        ("checks.py:1", "does not say what to take"),
        ("nothing.py:Rules", "cannot be read: No such file or directory"),
        (".:Rules", "cannot be read: Is a directory"),
        ("checks.py:Other", "has no Other, which --checks names"),
    ],
)
def test_what_does_not_name_checks_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("checks.py").write_text(HEAD + "    to: str\n")
    with pytest.raises(UsageError) as caught:
        read_checks(told)
    assert says in caught.value.what
    assert "has no" not in says or "It has: Rules." == caught.value.remedy


def test_the_file_may_import_what_stands_beside_it_and_nothing_is_written_there(tmp_path: Path) -> None:
    (tmp_path / "beside_the_checks.py").write_text("LEAST = 5\n")
    code = "from beside_the_checks import LEAST\n" + HEAD.partition("\n")[2]
    checked(tmp_path, code + "    amount: float = pa.Field(ge=LEAST, nullable=True)\n")
    assert "checks.cpython" not in " ".join(map(str, tmp_path.rglob("*")))


def test_the_example_in_the_manual_is_the_one_that_comes_with_the_program() -> None:
    root = Path(__file__).parents[2]
    manual = (root / "schemas" / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", manual, flags=re.DOTALL)
    assert [(root / "schemas" / "payment_checks.py").read_text(encoding="utf-8")] == shown

"""A long reading shows how far it is: a bar on a terminal, lines from time to time elsewhere, and nothing at first."""

import io

import pytest

from batch_dialer.terminal import reading
from batch_dialer.terminal.reading import showing_rows


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, with_bar: bool = True) -> tuple[str, list[str]]:
    """Return what is on *stream*, and the sentences, of a reading of 120,000 rows."""
    monkeypatch.setattr("sys.stderr", stream)
    sentences: list[str] = []
    with showing_rows("people\x1b.xlsx", lambda sentence, _: sentences.append(sentence), with_bar=with_bar) as progress:
        for rows in (0, 60_000, 120_000):
            progress(rows)
    return stream.getvalue(), sentences


def test_a_terminal_shows_a_bar_that_goes_when_all_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_SECONDS_UNSEEN", 0)
    printed, sentences = shown(monkeypatch, Terminal())
    assert "reading people\ufffd.xlsx: 0 rows" in printed
    assert printed.endswith("\r")
    assert [] == sentences


def test_what_is_read_at_once_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (Terminal(), io.StringIO()):
        assert ("", []) == shown(monkeypatch, stream)


@pytest.mark.parametrize("with_bar", [True, False])
def test_a_log_has_a_line_from_time_to_time(monkeypatch: pytest.MonkeyPatch, *, with_bar: bool) -> None:
    monkeypatch.setattr(reading, "SECONDS_BETWEEN_LINES", 0)
    printed, sentences = shown(monkeypatch, io.StringIO() if with_bar else Terminal(), with_bar=with_bar)
    assert "" == printed
    assert "reading people\ufffd.xlsx: 120,000 rows" == sentences[-1]

"""The token is in nothing that came in, however a server quotes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_dialer.talkover.token import Token

_SECRET = "talq_canary_0123456789"  # noqa: S105  (nobody's)
_TOKEN = Token(_SECRET)


def _numbers(text: str, form: str = "04x") -> str:
    return "".join(f"\\u{ord(char):{form}}" for char in text)


@pytest.mark.parametrize(
    "quoted",
    [
        _SECRET,
        f"Bearer {_SECRET}",
        _numbers(_SECRET),
        _numbers(_SECRET, "04X"),
        _SECRET.replace("_", "\\u005f"),
        _SECRET.replace("t", "\\\\u0074"),
        f"\\n{_SECRET}\\t",
        f'\\"{_SECRET}\\"',
        f"{_SECRET}, {_numbers(_SECRET)}",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32-be"])
def test_an_answer_that_quotes_it_is_read_without_it(quoted: str, encoding: str) -> None:
    answer = f'{{"error":{{"code":"X","message":"no: {quoted}"}},"data":{{"id":"call_7"}}}}'
    redacted = _TOKEN.redact(answer.encode(encoding))
    document = json.loads(redacted)

    assert "canary" not in json.dumps(document)
    assert "canary" not in redacted.decode("utf-8", "replace").replace("\0", "")
    assert "(token)" in document["error"]["message"]
    assert "call_7" == document["data"]["id"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"message":"a\\u0074b \\\\ \\/ talq_other"}',
        '{"data":{"id":"call_7"}}'.encode("utf-16"),
        b"\x00\xff\\u00",
        b"talq_canary_012345678",
        b"\\" * 10_000,
        b"\xff\xfe\\\x00",
    ],
)
def test_an_answer_that_does_not_quote_it_is_as_it_came(data: bytes) -> None:
    assert data == _TOKEN.redact(data)


def test_no_token_hides_nothing() -> None:
    assert b'{"a":"\\u0074"}' == Token("").redact(b'{"a":"\\u0074"}')


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60), st.binary(max_size=30))
def test_law_whatever_the_token_is_json_never_brings_it_back(secret: str, around: bytes) -> None:
    token = Token(secret)
    for text in (json.dumps(secret), f'"{_numbers(secret)}"', json.dumps(json.dumps(secret))):
        redacted = token.redact(b'{"a":' + text.encode() + b"}")
        assert secret not in json.loads(redacted)["a"]
    assert secret.encode() not in token.redact(around + secret.encode() + around)


@pytest.mark.parametrize("secret", ["\\" * 4000, "\\u0074" * 600, "a\\" * 2000])
def test_no_text_takes_long(secret: str) -> None:
    """It would take hours if the time grew with the square of the text."""
    text = b"a" + b"\\" * 2_000_000 + b"u0074" * 1000
    assert Token(secret + "!").redact(text) == text

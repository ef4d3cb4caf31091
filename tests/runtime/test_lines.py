"""Log lines: one each, readable by people and by programs, and without a word that anyone wrote."""

import json
import logging
from typing import Any

import pytest

from runtime.lines import CHARACTERS_MAX, Formatter, Line, opaque

SAID = "my secret is fish"


def record(message: object, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error is not None else None
    made = logging.LogRecord("gateway.hub", logging.WARNING, "hub.py", 7, message, arguments, info)
    made.created = 1_772_443_800.123
    return made


def text(one: logging.LogRecord) -> str:
    return Formatter("host/0", "text").format(one)


def decoded(one: logging.LogRecord) -> dict[str, Any]:
    line = Formatter("host/0", "json").format(one)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_line_says_when_how_bad_where_what_and_whom() -> None:
    one = record(Line("fenced", host="host/0", scopes=3))
    assert text(one) == "2026-03-02T09:30:00.123Z WARNING host/0 fenced host=host/0 scopes=3"
    assert decoded(one) == {
        "at": "2026-03-02T09:30:00.123Z",
        "level": "warning",
        "process": "host/0",
        "event": "fenced",
        "host": "host/0",
        "scopes": 3,
    }


def test_what_is_not_known_is_left_out() -> None:
    assert text(record(Line("rejected", ref="", field=None, code="closed"))).endswith("rejected code=closed")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("two words", '"two words"'), ("a=b", '"a=b"'), ('"', '"\\""'), ("a\nb ERROR", '"a\\nb ERROR"'), ("é/ü", "é/ü")],
)
def test_a_value_cannot_pass_for_two_or_for_a_line(value: str, shown: str) -> None:
    assert text(record(Line("x", value=value))).endswith(f"x value={shown}")
    assert decoded(record(Line("x", value=value)))["value"] == value


def test_of_an_exception_the_type_and_the_place_are_kept_and_not_what_it_says() -> None:
    one = record(Line("turn failed", actor="conversation/v-1"), error=raised(ValueError(SAID)))
    found = decoded(one)
    assert (found["error"], found["actor"]) == ("ValueError", "conversation/v-1")
    assert "test_lines.py" in found["trace"]
    assert "raised" in found["trace"]
    assert SAID not in text(one) + json.dumps(found)


def test_what_the_operating_system_says_is_kept() -> None:
    assert decoded(record(Line("x"), error=raised(OSError(28, "No space left on device"))))["reason"] == (
        "[Errno 28] No space left on device"
    )


def test_of_a_library_the_first_line_is_kept() -> None:
    one = record("%s was never retrieved\nfuture: <Task exception=ValueError(%r)>", "Task exception", SAID)
    assert decoded(one)["message"] == "Task exception was never retrieved"
    assert decoded(one)["logger"] == "gateway.hub"
    assert SAID not in text(one)


def test_a_long_value_is_cut() -> None:
    assert len(decoded(record(Line("x", why="y" * 10_000)))["why"]) == CHARACTERS_MAX


def test_the_id_of_a_client_is_shown_if_it_can_be_no_text() -> None:
    assert [opaque(one) for one in ("c-17", "agent/alice#4", SAID, "né", "")] == ["c-17", "agent/alice#4", "", "", ""]

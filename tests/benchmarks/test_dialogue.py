"""Dialogues from JSON lines, and the two acts they are played in."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dialogue import Dialogue, Turn, load

V = [Turn("visitor", f"v{n}") for n in range(4)]
A = [Turn("agent", f"a{n}") for n in range(4)]
LINE = '{"id": "%s", "topics": ["t"], "turns": [{"from": "visitor", "text": "hi"}]}\n'


def test_the_first_turn_goes_to_the_assistant_and_the_order_stays() -> None:
    dialogue = Dialogue("d", (V[0], A[0], V[1], A[1]))
    assert dialogue.script(1) == ((V[0],), (A[0], V[1], A[1]))


def test_more_turns_to_the_assistant_are_taken_from_the_visitors() -> None:
    dialogue = Dialogue("d", (V[0], A[0], V[1], A[1], V[2]))
    assert dialogue.script(2) == ((V[0], V[1]), (A[0], A[1], V[2]))


def test_all_that_comes_before_the_agents_first_goes_to_the_assistant() -> None:
    assert Dialogue("d", (V[0], V[1], A[0])).script(1) == ((V[0], V[1]), (A[0],))


def test_a_dialogue_that_the_agent_begins_has_one_turn_for_the_assistant() -> None:
    assert Dialogue("d", (A[0], V[0], V[1])).script(1) == ((V[0],), (A[0], V[1]))


def test_every_turn_is_in_the_script_once_even_when_texts_repeat() -> None:
    turns = (V[0], A[0], V[0], A[0], V[0])
    for to_assistant in range(5):
        first, second = Dialogue("d", turns).script(to_assistant)
        assert sorted(first + second, key=repr) == sorted(turns, key=repr)


def test_the_file_starts_over_when_it_is_too_short(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text(LINE % "one" + "\n" + LINE % "two")
    assert [dialogue.id for dialogue in load(file, 3)] == ["one", "two", "one"]
    assert [dialogue.id for dialogue in load(file, 1)] == ["one"]


@pytest.mark.parametrize("bad", ["{", '{"id": "x", "turns": [{"from": "bot", "text": "hi"}]}', '{"id": "x"}'])
def test_a_bad_line_is_named(tmp_path: Path, bad: str) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text(LINE % "one" + bad + "\n")
    with pytest.raises(ValueError, match=r"dialogues\.jsonl:2: "):
        load(file, 2)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl"
    file.write_text("\n")
    with pytest.raises(ValueError, match="no dialogues"):
        load(file, 1)

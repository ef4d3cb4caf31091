"""The registry of engines."""

from pathlib import Path

import pytest
from msgspec import Struct

from actors.assistant import engine
from actors.assistant.engine import Answer, Piece, Turn, as_options, build_engine, engine_kinds, unfit
from actors.settings import AssistantSettings


def test_an_engine_is_a_file() -> None:
    assert "knowledge" in engine_kinds()
    files = Path(engine.__file__).parent.glob("*_engine.py")
    assert sorted(engine_kinds()) == sorted(file.stem.removesuffix("_engine") for file in files)


def test_an_unknown_kind_is_told_what_kinds_there_are() -> None:
    with pytest.raises(ValueError, match=r"'oracle'.*knowledge"):
        build_engine("oracle", {})


@pytest.mark.parametrize("kind", ["", "../knowledge", "knowledge_engine", "os"])
def test_nothing_but_an_engine_can_be_named(kind: str) -> None:
    with pytest.raises(ValueError, match="no assistant"):
        build_engine(kind, {})


def test_options_may_be_the_configurations_own_struct(tmp_path: Path) -> None:
    (tmp_path / "faq.md").write_text("# Hours\n\nNine to five.\n", encoding="utf-8")
    assert build_engine("knowledge", AssistantSettings(paths=["faq.md"]), tmp_path)


def test_options_of_a_wrong_type_are_refused() -> None:
    with pytest.raises(ValueError, match="paths"):
        build_engine("knowledge", {"paths": 3})


def test_pieces_and_answers_need_nothing_but_a_text() -> None:
    assert Answer("x").known
    assert Piece("x") == Piece("x")
    assert Turn("x").said == ()


def test_a_further_engine_has_its_own_options_in_a_table(tmp_path: Path) -> None:
    class Options(Struct, frozen=True):
        timeout_seconds: int
        voice: str = "calm"

    chosen = as_options(AssistantSettings(kind="oracle", timeout_seconds=7, options={"voice": "shrill"}), Options)
    assert chosen == Options(7, "shrill")
    with pytest.raises(ValueError, match="voice"):
        as_options(AssistantSettings(options={"voice": 1}), Options)


def test_what_does_not_fit_is_told_with_its_field() -> None:
    assert unfit("knowledge", AssistantSettings()) is None
    assert unfit("openai", AssistantSettings(kind="openai", model="m")) is None
    assert (unfit("oracle", AssistantSettings()) or ("",))[0] == "kind"
    field, why = unfit("openai", AssistantSettings(kind="openai", options={"tools": "some"})) or ("", "")
    assert field == "options"
    assert "tools" in why

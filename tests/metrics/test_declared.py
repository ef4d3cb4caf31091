"""What is at 0 from the start: all that machines can count, and nothing else."""

import pytest

from actors.settings import AgentSettings, BotSettings, Settings
from metrics.declared import declared
from metrics.ledger import counted
from metrics.recorder import Samples
from runtime.journal.memory import MemoryJournal
from runtime.machine import Measure
from tests.metrics.history import History

NAMES = [f"agent{number}" for number in range(3)]


def told(settings: Settings) -> Samples:
    return counted(MemoryJournal(), declared(settings))


def team(tier: str = "premium") -> Settings:
    agents = [AgentSettings(id=name, bots=["acme"]) for name in NAMES]
    return Settings(bots=[BotSettings(id="acme", tier=tier)], agents=agents)  # type: ignore[arg-type]


def test_everything_is_at_zero() -> None:
    samples = told(team())
    assert {labels for labels, _ in samples["messages_total"]} == {
        ("acme", speaker) for speaker in ("visitor", "assistant", "agent", "system")
    }
    assert {labels for labels, _ in samples["response_seconds"]} == {("acme", name) for name in NAMES}
    assert ("acme", "", "resolved") in {labels for labels, _ in samples["closed_total"]}
    numbers = [value for found in samples.values() for _, value in found]
    assert all(not sum(value) if isinstance(value, list) else not value for value in numbers)


def test_a_bot_without_live_support_has_no_agents() -> None:
    assert "response_seconds" not in told(team("basic"))
    assert told(team("basic"))["messages_total"]


def test_with_very_many_agents_their_metrics_begin_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.declared.AGENTS_MAX", 2)
    samples = told(team())
    assert "response_seconds" not in samples
    assert samples["takeovers_total"]


def test_what_conversations_count_was_declared() -> None:
    """A history full of everything brings no label set that is new."""
    history = History(4)
    known = set(declared(history.settings))
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for _ in range(600):
        history.go_on(1)
        seen |= {(one.name, one.labels) for scene in history.scenes for one in scene.all(Measure)}
    assert {one for one in seen if one[1]} - known == set()
    assert len(seen) > 30

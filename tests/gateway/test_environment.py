"""What a process makes of an interpreter of its own: the secrets that a configuration names, and long turns."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from actors.settings import AssistantSettings, BotSettings, Settings, Telegram
from gateway.environment import environment
from gateway.plan import Plan
from gateway.processes.assistant import AssistantProcess
from gateway.processes.process import SWITCH_SECONDS
from runtime.local import LocalCluster, LocalNetwork

BOT = BotSettings(
    id="acme",
    identity_secret_env="ACME_IDENTITY",
    assistant=AssistantSettings(kind="openai", model="small"),
    telegram=Telegram(token_env="ACME_TELEGRAM", group=-1),
)


def test_those_that_the_settings_name_are_handed_on_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACME_IDENTITY", "OPENAI_API_KEY", "HOME"):
        monkeypatch.setenv(name, f"what {name} holds")
    monkeypatch.delenv("ACME_TELEGRAM", raising=False)
    assert environment(Settings(bots=[BOT])) == {
        "ACME_IDENTITY": "what ACME_IDENTITY holds",
        "OPENAI_API_KEY": "what OPENAI_API_KEY holds",
    }


class Elsewhere(LocalNetwork):
    """A network of processes that have an interpreter each."""

    shared_interpreter = False


@pytest.fixture(autouse=True)
def _switch_interval() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_a_process_elsewhere_has_them_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plan, "write_logs", lambda plan, process: None)
    monkeypatch.setenv("ACME_KEY", "of a node of Ray")
    plan = Plan(Settings(), str(tmp_path), "a secret", environment={"ACME_KEY": "of who started it"})
    AssistantProcess(Elsewhere(LocalCluster()), "assistant/0", msgspec.msgpack.encode(plan))
    assert os.environ["ACME_KEY"] == "of who started it"
    assert sys.getswitchinterval() == SWITCH_SECONDS

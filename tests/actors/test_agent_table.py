"""Every cell of the agent's table: each command, in each state, from each sender."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from actors import commands as c
from actors.agent import AgentMachine
from actors.agent.state import Agent
from actors.settings import AgentSettings, Routing
from runtime.machine import Attached, Command, Detached, Rejected
from tests.actors.scene import (
    ALICE,
    BOB,
    ITSELF,
    MONA,
    SUPERVISOR,
    VISITOR,
    WORKER,
    ZOE,
    Scene,
    agent,
    detach,
    holding,
    offer_made,
    ringing,
    settings,
)
from tests.actors.table import cells

SENDERS = {
    "herself": ALICE,
    "bob": BOB,
    "mona": MONA,
    "zoe": ZOE,
    "visitor": VISITOR,
    "supervisor": SUPERVISOR,
    "conversation": ITSELF,
    "worker": WORKER,
}
"""Bob is a colleague, Mona their manager, Zoe another bot's agent; her own actor sends as herself."""

SETTINGS = settings(
    Routing(missed_offers_until_away=1),
    [
        AgentSettings(id="alice", name="Alice", bots=["acme"]),
        AgentSettings(id="bob", name="Bob", bots=["acme"]),
        AgentSettings(id="mona", name="Mona", bots=["acme"], role="manager"),
        AgentSettings(id="zoe", name="Zoe", bots=["other"]),
    ],
)

STATES: dict[str, Callable[[], Scene]] = {
    "offline": lambda: agent(config=SETTINGS, status="offline"),
    "online": lambda: agent(config=SETTINGS),
    "busy": lambda: agent(config=SETTINGS, status="busy"),
    "away": lambda: agent(config=SETTINGS, status="away"),
    "gone": lambda: _gone(agent(config=SETTINGS)),
    "ringing": lambda: ringing(agent(config=SETTINGS)),
    "full": lambda: holding(agent(config=SETTINGS)),
}
"""`gone`: online, and her connection has dropped. `ringing` and `full` have the conversation, at epochs 2 and 3."""

VARIANTS: dict[str, tuple[Callable[[Scene], Command], int]] = {
    "set_status away": (lambda s: c.SetStatus("away"), 0),
    "reserve": (lambda s: c.Reserve("v-1", "acme", 2, ""), 0),
    "reserve next": (lambda s: c.Reserve("v-1", "acme", 4, ""), 0),
    "reserve another": (lambda s: c.Reserve("w-1", "acme", 2, ""), 0),
    "offer_made": (lambda s: offer_made(s, 2, 60), 0),
    "offer_made next": (lambda s: offer_made(s, 4), 0),
    "assigned": (lambda s: c.Assigned("acme", 3, "offer"), 0),
    "released expired": (lambda s: c.Released(2, "expired"), 0),
    "released closed": (lambda s: c.Released(3, "closed"), 0),
    "released late": (lambda s: c.Released(1, "withdrawn"), 0),
    "report": (lambda s: c.Report(), 0),
    "deadline_passed": (lambda s: c.DeadlinePassed(), 25),
    "deadline_passed long ago": (lambda s: c.DeadlinePassed(), 60),
    "attached": (lambda s: Attached("s2"), 0),
    "detached": (lambda s: Detached("s1"), 0),
}


def _gone(scene: Scene) -> Scene:
    detach(scene)
    return scene


# States = senders: what follows; ...    As in the conversation's table.
TABLE = """
set_status away
    offline online busy gone ringing full = herself mona: status_changed
    away = herself mona: -
reserve
    offline busy away gone = supervisor: (Refused) (Reported); conversation: (Refused)
    online = supervisor conversation: slot_reserved (Changed)
    ringing full = supervisor: (Reported); conversation: -
reserve next
    offline busy away gone = supervisor: (Refused) (Reported); conversation: (Refused)
    online ringing full = supervisor conversation: slot_reserved (Changed)
reserve another
    offline busy away gone ringing full = supervisor: (Refused) (Reported); conversation: (Refused)
    online = supervisor conversation: slot_reserved (Changed)
offer_made
    offline online busy away gone = conversation: (Refused)
    full = conversation: -
    ringing = conversation: (Rang)
offer_made next
    offline online busy away gone ringing full = conversation: (Refused)
assigned
    offline online busy away gone ringing = conversation: slot_taken (Changed)
    full = conversation: -
released expired
    offline online busy away gone full = conversation: -
    ringing = conversation: slot_freed status_changed (Changed)
released closed
    offline online busy away gone = conversation: -
    ringing full = conversation: slot_freed (Changed)
released late
    offline online busy away gone ringing full = conversation: -
report
    offline online busy away gone ringing full = supervisor: (Reported)
deadline_passed
    offline online busy away ringing full = herself: -
    gone = herself: status_changed
deadline_passed long ago
    offline online busy away ringing full = herself: (Checked)
    gone = herself: status_changed (Checked)
attached
    offline online busy away ringing full = herself: (SessionsChanged)
    gone = herself: (SessionsChanged) (Changed)
detached
    offline online busy away ringing full = all: (SessionsChanged) (Changed)
    gone = all: -
"""


CELLS = cells(TABLE, SENDERS, {})


def test_the_table_has_every_command_state_and_sender() -> None:
    assert set(CELLS) == {(variant, state, sender) for variant in VARIANTS for state in STATES for sender in SENDERS}
    made = {type(make(agent())) for make, _ in VARIANTS.values()}
    assert made == set(AgentMachine.commands) - {c.Describe}


def test_every_status_is_a_state() -> None:
    assert {scene().state.status for scene in STATES.values()} == set(get_args(c.Status))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_each_cell(variant: str, state: str) -> None:
    expected = {sender: CELLS[variant, state, sender] for sender in SENDERS}
    assert {sender: happens(variant, state, sender) for sender in SENDERS} == expected


def happens(variant: str, state: str, sender: str) -> str:
    """What follows from the command; and whatever it is, the journal tells the same story."""
    scene = STATES[state]()
    make, seconds = VARIANTS[variant]
    command = make(scene)
    before = msgspec.json.encode(scene.state)
    try:
        followed = scene.later(seconds).send(SENDERS[sender], command)
    except Rejected as why:
        assert msgspec.json.encode(scene.state) == before, "a refusal has changed something"
        return f"!{why.code}"
    assert durable(scene.replayed()) == durable(scene.state)
    return " ".join(followed) or "-"


def durable(state: Agent) -> dict[str, object]:
    """A state without what only signals tell."""
    found = {name: value for name, value in msgspec.to_builtins(state).items() if name not in SIGNALLED}
    found["slots"] = {key: {**slot, "ring": None} for key, slot in found["slots"].items()}
    return found


SIGNALLED = ("version", "life_ms", "sessions", "gone_since_ms", "checked_ms")

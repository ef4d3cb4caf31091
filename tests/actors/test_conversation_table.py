"""Every cell of the conversation's table comes true: each command, in each state, from each sender."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from actors import commands as c
from actors import events as e
from actors.conversation.state import Conversation, Phase
from runtime.machine import Attached, Command, Detached, Rejected
from tests.actors.conversation_table import CELLS, SENDERS
from tests.actors.scene import STATES, VISITOR, Scene, conversation, service

DAY = 86_400

VARIANTS: dict[str, tuple[Callable[[Scene], Command], int]] = {
    "open": (lambda s: c.Open("acme", e.Visitor("v")), 0),
    "send_message": (lambda s: c.SendMessage("Hello"), 0),
    "send_message take_over": (lambda s: c.SendMessage("Hello", take_over=True), 0),
    "edit_message": (lambda s: c.EditMessage(f"{s.state.key}.1", "Better"), 0),
    "set_typing": (lambda s: c.SetTyping(True, "He"), 0),
    "mark_read": (lambda s: c.MarkRead(max(1, s.state.sequence)), 0),
    "update_details": (lambda s: c.UpdateDetails(email="v@example.org"), 0),
    "add_note": (lambda s: c.AddNote("She is nice."), 0),
    "change_tags": (lambda s: c.ChangeTags(("vip",)), 0),
    "attached": (lambda s: Attached("s1"), 0),
    "detached": (lambda s: Detached("s0"), 0),
    "request_human": (lambda s: c.RequestHuman(), 0),
    "take_over": (lambda s: c.TakeOver(), 0),
    "accept_offer": (lambda s: c.AcceptOffer(), 0),
    "decline_offer": (lambda s: c.DeclineOffer(), 0),
    "return_to_assistant": (lambda s: c.ReturnToAssistant("All said."), 0),
    "transfer": (lambda s: c.Transfer(), 0),
    "transfer to bob": (lambda s: c.Transfer(to_agent="bob", note="Yours."), 0),
    "assign alice": (lambda s: c.Assign("alice"), 0),
    "assign bob": (lambda s: c.Assign("bob"), 0),
    "set_priority": (lambda s: c.SetPriority(30), 0),
    "close_conversation": (lambda s: c.CloseConversation("resolved"), 0),
    "end_conversation": (lambda s: c.EndConversation(), 0),
    "go_on": (lambda s: c.GoOn("v-2"), 0),
    "rate": (lambda s: c.Rate(5), 0),
    "offer": (lambda s: c.Offer(s.state.epoch, "least loaded", attempt_of(s)), 0),
    "offer late": (lambda s: c.Offer(s.state.epoch - 1, "least loaded", attempt_of(s)), 0),
    "offer overtaken": (lambda s: c.Offer(s.state.epoch, "least loaded", attempt_of(s) - 1), 0),
    "slot_denied": (lambda s: c.SlotDenied(s.state.epoch, "is away", attempt_of(s)), 0),
    "agent_gone": (lambda s: c.AgentGone(s.state.epoch, attempt_of(s)), 0),
    "agent_gone late": (lambda s: c.AgentGone(s.state.epoch - 1, attempt_of(s)), 0),
    "agent_presence": (lambda s: c.AgentPresence(False), 0),
    "check_slot": (lambda s: c.CheckSlot(s.state.epoch, attempt_of(s)), 0),
    "check_slot late": (lambda s: c.CheckSlot(s.state.epoch - 1, attempt_of(s)), 0),
    "nobody": (lambda s: c.Nobody(s.state.epoch, "nobody"), 0),
    "nobody late": (lambda s: c.Nobody(s.state.epoch - 1, "nobody"), 0),
    "position": (lambda s: c.Position(s.state.epoch, 3, (60, 240)), 0),
    "position late": (lambda s: c.Position(s.state.epoch - 1, 3, (60, 240)), 0),
    "assistant_chunk": (lambda s: c.AssistantChunk(s.state.epoch, turn_of(s), "It"), 0),
    "assistant_chunk late": (lambda s: c.AssistantChunk(s.state.epoch - 1, turn_of(s), "It"), 0),
    "assistant_answer": (lambda s: c.AssistantAnswer(s.state.epoch, turn_of(s), "It is on its way."), 0),
    "assistant_answer late": (lambda s: c.AssistantAnswer(s.state.epoch - 1, turn_of(s), "It is on its way."), 0),
    "assistant_answer phrase": (lambda s: c.AssistantAnswer(s.state.epoch, turn_of(s), trigger="phrase"), 0),
    "offer_expired early": (lambda s: c.OfferExpired(), 0),
    "offer_expired": (lambda s: c.OfferExpired(), DAY),
    "waited_too_long early": (lambda s: c.WaitedTooLong(), 0),
    "waited_too_long": (lambda s: c.WaitedTooLong(), DAY),
    "turn_timed_out early": (lambda s: c.TurnTimedOut(), 0),
    "turn_timed_out": (lambda s: c.TurnTimedOut(), 15),
    "target_missed early": (lambda s: c.TargetMissed(), 0),
    "target_missed": (lambda s: c.TargetMissed(), DAY),
    "visitor_silent early": (lambda s: c.VisitorSilent(), 0),
    "visitor_silent": (lambda s: c.VisitorSilent(), DAY),
}
"""Each command, and how much later it comes. `late`: under the epoch before this one."""


def turn_of(scene: Scene) -> str:
    return scene.state.turn.id if scene.state.turn is not None else f"{scene.state.epoch}-1"


def attempt_of(scene: Scene) -> int:
    return scene.state.wait.attempt if scene.state.wait is not None else 0


def test_the_table_has_every_command_state_and_sender() -> None:
    assert set(CELLS) == {(variant, state, sender) for variant in VARIANTS for state in STATES for sender in SENDERS}
    made = {type(make(conversation())) for make, _ in VARIANTS.values()}
    assert made == set(conversation().machine.commands) - {c.Describe}


def test_the_states_are_those_that_a_conversation_can_be_in() -> None:
    phases = {conversation(state).state.phase for state in STATES}
    assert phases == set(get_args(Phase))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_each_cell(variant: str, state: str) -> None:
    expected = {sender: CELLS[variant, state, sender] for sender in SENDERS}
    assert {sender: happens(variant, state, sender) for sender in SENDERS} == expected


def happens(variant: str, state: str, sender: str) -> str:
    """What follows from the command; and whatever it is, the journal tells the same story."""
    scene = conversation(state)
    if state != "new":
        scene.send(VISITOR, Attached("s0"))
    make, seconds = VARIANTS[variant]
    command = make(scene)
    before, epoch, owner = msgspec.json.encode(scene.state), scene.state.epoch, owner_of(scene)
    try:
        followed = scene.later(seconds).send(SENDERS[sender], command)
    except Rejected as why:
        assert msgspec.json.encode(scene.state) == before, "a refusal has changed something"
        return f"!{why.code}"
    assert durable(scene.replayed()) == durable(scene.state)
    assert scene.state.epoch >= epoch
    assert owner_of(scene) == owner or scene.state.epoch > epoch, "the owner has changed without a new epoch"
    return " ".join(followed) or "-"


def owner_of(scene: Scene) -> tuple[str, str]:
    return (scene.state.phase, service(scene))


SIGNALLED = (
    *("online", "viewers", "shown", "shown_anew", "last_seen_ms"),
    *("place", "agent_online", "streamed", "heard_ms", "next_key"),
)


def durable(state: Conversation) -> dict[str, object]:
    """A state without what only signals tell."""
    return {name: value for name, value in msgspec.to_builtins(state).items() if name not in SIGNALLED}


@pytest.mark.parametrize("state", STATES)
def test_only_the_visitor_and_the_bots_agents_can_do_anything(state: str) -> None:
    for variant in VARIANTS:
        for sender in ("stranger", "zoe"):
            assert CELLS[variant, state, sender][0] in "!-(", f"{variant} by {sender}"

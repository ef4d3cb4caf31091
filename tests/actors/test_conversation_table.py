"""Every cell of the conversation's table: each command, in each state, from each sender."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from actors import commands as c
from actors import events as e
from actors.conversation import ConversationMachine
from actors.conversation.state import Conversation, Phase
from runtime.machine import Attached, Command, Detached, Rejected
from tests.actors.scene import (
    ALICE,
    BOB,
    ITSELF,
    MONA,
    STATES,
    STRANGER,
    SUPERVISOR,
    VISITOR,
    WORKER,
    ZOE,
    Scene,
    conversation,
    service,
)
from tests.actors.table import cells

SENDERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "alice": ALICE,
    "bob": BOB,
    "mona": MONA,
    "zoe": ZOE,
    "supervisor": SUPERVISOR,
    "worker": WORKER,
    "itself": ITSELF,
}
"""`stranger` is another visitor; Alice and Bob are agents of the bot, Mona manages them, Zoe is another bot's."""

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


# States = senders: what follows; ...    `!` is a refusal, brackets are a signal, `-` is nothing at all.
# Who is not named is refused as `forbidden`; the team are Alice, Bob and Mona.
TABLE = """
open
    new = visitor: conversation_opened message_sent
    assistant asked queued offered live named handed closed = visitor: -
send_message
    new = all: !not_found
    assistant asked queued offered named handed = visitor: message_sent; team: !not_allowed
    live = visitor alice: message_sent; bob mona: !not_allowed
    closed = visitor team: !closed
send_message take_over
    new = all: !not_found
    assistant asked queued named = visitor: message_sent; team: agent_assigned message_sent
    offered handed = visitor: message_sent; team: offer_ended agent_assigned message_sent
    live = visitor alice: message_sent; bob: !conflict; mona: agent_released agent_assigned message_sent
    closed = visitor team: !closed
edit_message
    new = all: !not_found
    assistant asked queued offered live named handed = team: message_edited
    closed = team: !closed
set_typing
    new = all: !not_found
    assistant asked queued offered named handed = visitor: (TypingSignalled); team: !not_allowed
    live = visitor alice: (TypingSignalled); bob mona: !not_allowed
    closed = visitor team: !closed
mark_read
    new = all: !not_found
    assistant asked queued offered named handed closed = visitor team: read_marked
    live = visitor alice: read_marked; bob mona: -
update_details
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor: details_changed
add_note
    new = all: !not_found
    assistant asked queued offered live named handed closed = team: note_added
change_tags
    new = all: !not_found
    assistant asked queued offered live named handed closed = team: tags_changed
attached
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor team: (SessionsChanged)
detached
    new = all: -
    assistant asked queued offered live named handed closed = all: (SessionsChanged)
request_human
    new = all: !not_found
    assistant asked = visitor: human_requested
    queued offered live named handed = visitor: !not_allowed
    closed = visitor: !closed
take_over
    new = all: !not_found
    assistant asked queued named = team: agent_assigned
    offered handed = team: offer_ended agent_assigned
    live = alice: -; bob: !conflict; mona: agent_released agent_assigned
    closed = team: !closed
accept_offer
    new = all: !not_found
    assistant asked queued named = team: !not_allowed
    offered = alice: offer_ended agent_assigned; bob mona: !not_allowed
    live = alice: -; bob mona: !conflict
    handed = alice mona: !not_allowed; bob: offer_ended agent_assigned
    closed = team: !closed
decline_offer
    new = all: !not_found
    assistant asked queued live named = team: !not_allowed
    offered = alice: offer_ended; bob mona: !not_allowed
    handed = alice mona: !not_allowed; bob: offer_ended agent_assigned
    closed = team: !closed
return_to_assistant
    new = all: !not_found
    assistant asked = team: !not_allowed
    queued named = team: returned_to_assistant
    offered handed = team: offer_ended returned_to_assistant
    live = alice mona: agent_released returned_to_assistant; bob: !not_allowed
    closed = team: !closed
transfer
    new = all: !not_found
    assistant asked queued offered named handed = team: !not_allowed
    live = alice mona: agent_released human_requested; bob: !not_allowed
    closed = team: !closed
transfer to bob
    new = all: !not_found
    assistant asked queued offered named handed = team: !not_allowed
    live = alice mona: note_added agent_released human_requested; bob: !not_allowed
    closed = team: !closed
assign alice
    new = all: !not_found
    assistant asked queued named = mona: agent_assigned
    offered handed = mona: offer_ended agent_assigned
    live = mona: -
    closed = mona: !closed
assign bob
    new = all: !not_found
    assistant asked queued named = mona: agent_assigned
    offered handed = mona: offer_ended agent_assigned
    live = mona: agent_released agent_assigned
    closed = mona: !closed
set_priority
    new = all: !not_found
    assistant asked queued offered live named handed = mona: priority_changed
    closed = mona: !closed
close_conversation
    new = all: !not_found
    assistant asked queued named = team: conversation_closed
    offered handed = team: offer_ended conversation_closed
    live = alice mona: agent_released conversation_closed; bob: !not_allowed
    closed = team: !closed
end_conversation
    new = all: !not_found
    assistant asked queued named = visitor: conversation_closed
    offered handed = visitor: offer_ended conversation_closed
    live = visitor: agent_released conversation_closed
    closed = visitor: !closed
rate
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor: rated
offer
    new assistant asked offered live handed closed = team zoe: (SlotReturned)
    queued = team: offered; zoe: (SlotReturned)
    named = alice mona zoe: (SlotReturned); bob: offered
offer late
    new assistant asked queued offered live named handed closed = team zoe: (SlotReturned)
offer overtaken
    new assistant asked queued offered live named handed closed = team zoe: (SlotReturned)
slot_denied
    new = team zoe: !not_found
    assistant asked queued offered live handed closed = team zoe: -
    named = alice mona zoe: -; bob: offer_ended agent_assigned
agent_gone
    new assistant asked closed = team zoe: (SlotReturned)
    queued = team: offer_ended; zoe: (SlotReturned)
    offered = alice: offer_ended; bob mona zoe: (SlotReturned)
    live = alice: agent_released human_requested; bob mona zoe: (SlotReturned)
    named = alice: sender_left; bob: offer_ended agent_assigned; mona zoe: (SlotReturned)
    handed = alice: sender_left; bob: offer_ended agent_assigned; mona zoe: (SlotReturned)
agent_gone late
    new assistant asked queued closed = team zoe: (SlotReturned)
    offered live = alice: -; bob mona zoe: (SlotReturned)
    named = alice: sender_left; bob mona zoe: (SlotReturned)
    handed = alice: sender_left; bob: -; mona zoe: (SlotReturned)
agent_presence
    new = team zoe: !not_found
    assistant asked queued offered named handed closed = team zoe: -
    live = alice: (AgentSeen); bob mona zoe: -
check_slot
    new assistant asked closed = team zoe: (SlotReturned)
    queued = team: -; zoe: (SlotReturned)
    offered = alice: (OfferRepeated); bob mona zoe: (SlotReturned)
    live = alice: -; bob mona zoe: (SlotReturned)
    named = alice bob: -; mona zoe: (SlotReturned)
    handed = alice: -; bob: (OfferRepeated); mona zoe: (SlotReturned)
check_slot late
    new assistant asked queued closed = team zoe: (SlotReturned)
    offered = alice: (OfferRepeated); bob mona zoe: (SlotReturned)
    live named = alice: -; bob mona zoe: (SlotReturned)
    handed = alice: -; bob: (OfferRepeated); mona zoe: (SlotReturned)
nobody
    new = supervisor: !not_found
    assistant asked offered live named handed closed = supervisor: -
    queued = supervisor: offline_answered message_sent returned_to_assistant tags_changed
nobody late
    new = supervisor: !not_found
    assistant asked queued offered live named handed closed = supervisor: -
position
    new = supervisor: !not_found
    assistant asked live closed = supervisor: -
    queued offered named handed = supervisor: (PlaceChanged)
position late
    new = supervisor: !not_found
    assistant asked queued offered live named handed closed = supervisor: (NotWaiting)
assistant_chunk
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: (ChunkArrived)
assistant_chunk late
    new = worker: !not_found
    assistant asked queued offered live named handed closed = worker: (StaleRefused)
assistant_answer
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: message_sent
assistant_answer late
    new = worker: !not_found
    assistant asked queued offered live named handed closed = worker: (StaleRefused)
assistant_answer phrase
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: human_requested
offer_expired early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
offer_expired
    new = itself: !not_found
    assistant asked queued live closed = itself: -
    offered = itself: offer_ended
    named handed = itself: offer_ended agent_assigned
waited_too_long early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
waited_too_long
    new = itself: !not_found
    assistant asked live closed = itself: -
    queued = itself: offline_answered message_sent returned_to_assistant tags_changed
    offered = itself: offer_ended offline_answered message_sent returned_to_assistant tags_changed
    named = itself: agent_assigned
    handed = itself: offer_ended agent_assigned
turn_timed_out early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
turn_timed_out
    new = itself: !not_found
    assistant queued offered live named handed closed = itself: -
    asked = itself: turn_retried
target_missed early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
target_missed
    new = itself: !not_found
    assistant asked queued offered named handed closed = itself: -
    live = itself: message_sent
visitor_silent early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
visitor_silent
    new = itself: !not_found
    assistant = itself: message_sent
    asked queued offered live named handed closed = itself: -
"""


CELLS = cells(TABLE, SENDERS, {"team": "alice bob mona"})


def test_the_table_has_every_command_state_and_sender() -> None:
    assert set(CELLS) == {(variant, state, sender) for variant in VARIANTS for state in STATES for sender in SENDERS}
    made = {type(make(conversation())) for make, _ in VARIANTS.values()}
    assert made == set(ConversationMachine.commands) - {c.Describe}


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
    *("place", "agent_online", "streamed", "heard_ms"),
)


def durable(state: Conversation) -> dict[str, object]:
    """A state without what only signals tell."""
    return {name: value for name, value in msgspec.to_builtins(state).items() if name not in SIGNALLED}


@pytest.mark.parametrize("state", STATES)
def test_only_the_visitor_and_the_bots_agents_can_do_anything(state: str) -> None:
    for variant in VARIANTS:
        for sender in ("stranger", "zoe"):
            assert CELLS[variant, state, sender][0] in "!-(", f"{variant} by {sender}"

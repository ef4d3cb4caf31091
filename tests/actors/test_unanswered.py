"""Whoever has written is answered, waits for a human, or is owed an answer by whoever has the conversation: in any
order of events."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors import commands as c
from actors.settings import Hours, Routing
from runtime.machine import Command, Rejected
from tests.actors.scene import ALICE, BOB, CLOSED, MONA, SUPERVISOR, VISITOR, WORKER, Scene, conversation
from tests.actors.scene import settings as config


def now(sender: str, make: Callable[[int, str, int], Command]) -> Callable[[Scene], object]:
    """A deed under the epoch, the turn and the attempt of the moment."""

    def done(scene: Scene) -> object:
        state = scene.state
        turn = state.turn.id if state.turn is not None else ""
        return scene.send(sender, make(state.epoch, turn, state.wait.attempt if state.wait is not None else 0))

    return done


def later(seconds: int) -> Callable[[Scene], object]:
    return lambda scene: scene.wait(seconds)


DEEDS: list[Callable[[Scene], object]] = [
    now(VISITOR, lambda *_: c.SendMessage("Where is it?")),
    now(VISITOR, lambda *_: c.SendMessage("talk to a human")),
    now(VISITOR, lambda *_: c.RequestHuman()),
    now(WORKER, lambda epoch, turn, _: c.AssistantAnswer(epoch, turn, "There.")),
    now(WORKER, lambda epoch, turn, _: c.AssistantAnswer(epoch, turn, "Who knows?", known=False)),
    now(WORKER, lambda epoch, turn, _: c.AssistantAnswer(epoch, turn, trigger="keyword")),
    now(WORKER, lambda epoch, turn, _: c.AssistantAnswer(epoch, turn, "One moment.", trigger="assistant")),
    now(WORKER, lambda epoch, turn, _: c.AssistantAnswer(epoch, turn, trigger="assistant_failed", hopeless=True)),
    now(ALICE, lambda *_: c.TakeOver()),
    now(MONA, lambda *_: c.TakeOver()),
    now(ALICE, lambda *_: c.SendMessage("Here.")),
    now(ALICE, lambda epoch, _, attempt: c.Offer(epoch, "", attempt)),
    now(BOB, lambda epoch, _, attempt: c.Offer(epoch, "", attempt)),
    now(ALICE, lambda *_: c.AcceptOffer()),
    now(BOB, lambda *_: c.AcceptOffer()),
    now(BOB, lambda *_: c.DeclineOffer()),
    now(ALICE, lambda *_: c.Transfer(to_agent="bob")),
    now(ALICE, lambda *_: c.Transfer()),
    now(BOB, lambda epoch, _, attempt: c.SlotDenied(epoch, "is away", attempt)),
    now(ALICE, lambda epoch, _, attempt: c.AgentGone(epoch, attempt)),
    now(ALICE, lambda *_: c.ReturnToAssistant()),
    now(MONA, lambda *_: c.ReturnToAssistant("She knows.")),
    now(SUPERVISOR, lambda epoch, *_: c.Nobody(epoch, "nobody")),
    later(1),
    later(31),
]


def unanswered(scene: Scene) -> bool:
    """By the journal alone: the visitor has spoken, and since then nobody to her."""
    waits = False
    for event in (json.loads(body) for body, _ in scene.journal):
        match event:
            case {"type": "message_sent", "from": "visitor"}:
                waits = True
            case {"from": "agent"} | {"from": "assistant", "turn": _} | {"notice": "offline" | "apology"}:
                waits = False
            case {"type": "human_requested", "trigger": "phrase" | "keyword" | "assistant"}:
                waits = False  # a human is what was asked for
    return waits


@pytest.mark.parametrize("hours", [None, CLOSED])
@settings(max_examples=150, deadline=None)
@given(deeds=st.lists(st.sampled_from(DEEDS), max_size=40))
def test_nobody_who_has_written_is_left_without_anybody_who_owes_the_answer(
    hours: Hours | None, deeds: list[Callable[[Scene], object]]
) -> None:
    scene = conversation("assistant", config(Routing(max_wait_seconds=60), hours=hours))
    for deed in deeds:
        try:
            deed(scene)
        except Rejected:
            continue
        state = scene.state
        owed = state.service is not None and state.service.owes_since_ms is not None
        assert state.turn is not None or state.wait is not None or owed or not unanswered(scene)
        assert state.turn is None or state.phase == "assistant"
        assert state.asking == scene.replayed().asking

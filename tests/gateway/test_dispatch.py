"""What a visitor's commands go to, in whatever order the answers come."""

from typing import Any, cast

import msgspec
import pytest

from actors.commands import Describe
from gateway.dispatch import IN_FLIGHT_MAX, Dispatch
from gateway.edge import Edge, no_attachments
from gateway.errors import ProtocolError
from gateway.hub import Hub
from gateway.identity import Identity
from gateway.ratelimit import RateLimit
from gateway.sessions import Session
from runtime.activation import Ticket
from runtime.identity import ActorId
from runtime.machine import Command
from runtime.messages import Refusal, Reply

CLOSED = Reply(refusal=Refusal("closed", "The conversation is closed.", {}))


class FakeRecorder:
    """Counts what was refused."""

    def __init__(self) -> None:
        self.count = 0

    def refused(self, error: ProtocolError, **what: str) -> None:
        self.count += 1


class FakeHub:
    """Keeps what is sent; a description is answered at once."""

    def __init__(self) -> None:
        self.sent: list[tuple[ActorId, Ticket]] = []
        self.watched: list[ActorId] = []
        self.recorder = FakeRecorder()

    def deliver(self, actor: ActorId, sender: str, ref: str, command: Command, ticket: Ticket) -> None:
        self.sent.append((actor, ticket))

    def ask(self, actor: ActorId, sender: str, ref: str, command: Command, answer: Any) -> None:
        if isinstance(command, Describe):
            answer(Reply(value=b'{"visitor":{"id":"v","name":"Vera"},"last_agent":null}'))

    def watch(self, session: Session, actor: ActorId, after: int) -> None:
        self.watched.append(actor)

    def unwatch(self, session: Session, actor: ActorId) -> None: ...


class FakeEdge:
    def __init__(self) -> None:
        self.hub = FakeHub()
        self.bounds: dict[type, RateLimit] = {}
        self.attachments = no_attachments


@pytest.mark.sources
def test_a_late_answer_from_the_closed_conversation_does_not_lead_back_to_it() -> None:
    edge, session = FakeEdge(), Session("visitor", "v", "Vera", lambda: None)
    identity = Identity.of("visitor", "v", "Vera", "shop")
    dispatch = Dispatch(cast(Edge, edge), identity, session, "v-1", False, lambda pause: None)
    hub = edge.hub
    assert isinstance(cast(Hub, hub), FakeHub)
    dispatch.take(b'{"type":"send_message","ref":"1","text":"one more thing"}')
    dispatch.take(b'{"type":"rate","ref":"2","score":5}')
    (_, message), (_, rating) = hub.sent
    message.settle(0, CLOSED)
    _, again = hub.sent[-1]
    again.settle(0, Reply(3))
    rating.settle(0, Reply(9))
    dispatch.take(b'{"type":"send_message","ref":"3","text":"and another"}')
    assert [actor for actor, _ in hub.sent] == [f"conversation/v-{number}" for number in (1, 1, 2, 2)]
    assert hub.watched == ["conversation/v-2"]
    acks = [msgspec.json.decode(frame) for frame in session.take()]
    assert [(ack["ref"], ack["conversation"]) for ack in acks] == [("1", "v-2"), ("2", "v-1")]


@pytest.mark.sources
def test_so_many_commands_of_a_client_are_under_way_and_the_next_are_read_when_half_are_answered() -> None:
    edge, session = FakeEdge(), Session("visitor", "v", "Vera", lambda: None)
    said: list[bool] = []
    identity = Identity.of("visitor", "v", "Vera", "shop")
    dispatch = Dispatch(cast(Edge, edge), identity, session, "v-1", False, said.append)
    for number in range(IN_FLIGHT_MAX - 1):
        dispatch.take(b'{"type":"rate","ref":"%d","score":5}' % number)
    assert said == []
    dispatch.take(b'{"type":"rate","ref":"last","score":5}')
    assert said == [True]
    dispatch.take(b'{"type":"ping"}')
    for _, rating in edge.hub.sent[: IN_FLIGHT_MAX // 2 - 1]:
        rating.settle(0, Reply(1))
    assert said == [True]
    edge.hub.sent[-1][1].settle(0, Reply(1))
    assert said == [True, False]
    for _, rating in edge.hub.sent[IN_FLIGHT_MAX // 2 - 1 : -1]:
        rating.settle(0, Reply(1))
    assert said == [True, False]


@pytest.mark.sources
def test_commands_that_come_to_nothing_are_not_under_way() -> None:
    edge, session = FakeEdge(), Session("visitor", "v", "Vera", lambda: None)
    said: list[bool] = []
    identity = Identity.of("visitor", "v", "Vera", "shop")
    dispatch = Dispatch(cast(Edge, edge), identity, session, "v-1", False, said.append)
    for number in range(IN_FLIGHT_MAX):
        dispatch.take(b'{"type":"send_message","ref":"%d","attachments":["0f"]}' % number)
    assert edge.hub.recorder.count == IN_FLIGHT_MAX
    assert b'"There is no such attachment."' in session.take()[0]
    assert said == []

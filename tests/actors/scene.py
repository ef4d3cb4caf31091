"""One actor on a stage: commands in, facts and effects out, time set by hand. What it journals is kept as JSON."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

import msgspec

from actors import commands as c
from actors import events as e
from actors.agent import AgentMachine
from actors.conversation import ConversationMachine
from actors.settings import AgentSettings, BotSettings, Escalation, Hours, Routing, Settings
from runtime.identity import ActorId, actor_id
from runtime.machine import (
    Announce,
    Ask,
    Attached,
    Command,
    Detached,
    Effect,
    Event,
    Fact,
    Find,
    Frame,
    Machine,
    Measure,
    Origin,
    Push,
    Rejected,
    Signal,
    Tell,
)

NOW_MS = 1_700_000_000_000
E = TypeVar("E", Ask, Announce, Find, Measure, Push, Tell)

VISITOR, STRANGER = "visitor/v", "visitor/w"
ALICE, BOB, MONA, ZOE = "agent/alice", "agent/bob", "agent/mona", "agent/zoe"
SUPERVISOR, WORKER = "supervisor/acme", "assistant/0"
KEY = "v-1"
ITSELF = f"conversation/{KEY}"

PEOPLE = {one: e.Person(one, one.capitalize()) for one in ("alice", "bob", "mona", "zoe")}


def settings(
    routing: Routing = Routing(),  # noqa: B008 - frozen
    agents: list[AgentSettings] | None = None,
    tier: Any = "premium",
    **bot: Any,
) -> Settings:
    """The bot "acme" with Alice and Bob and their manager Mona; and "other", with Zoe."""
    team = [
        AgentSettings(id="alice", name="Alice", bots=["acme"]),
        AgentSettings(id="bob", name="Bob", bots=["acme"]),
        AgentSettings(id="mona", name="Mona", bots=["acme"], role="manager"),
        AgentSettings(id="zoe", name="Zoe", bots=["other"]),
    ]
    acme = BotSettings(id="acme", name="Acme", tier=tier, routing=routing, **bot)
    return Settings(bots=[acme, BotSettings(id="other")], agents=team if agents is None else agents)


CLOSED = Hours(offline_message="We are closed.")
KEYWORDS = Escalation(keywords=["lawyer"])


class Scene:
    """See the module. `facts` and `effects` are the last command's; `journal` has every event with its time."""

    def __init__(self, machine: Machine, actor: ActorId) -> None:
        self.machine = machine
        self.actor = actor
        self.now_ms = NOW_MS
        self.journal: list[tuple[bytes, int]] = []
        self.facts: list[Fact] = []
        self.effects: list[Effect] = []
        self.state = machine.initial(actor.partition("/")[2])
        self._apply(list(machine.activated(self.state, NOW_MS)))

    def send(self, sender: str, command: Command) -> list[str]:
        """The names of what follows: events as journaled, signals in brackets."""
        facts = list(self.machine.decide(self.state, command, Origin(sender, self.now_ms)))
        self._apply(facts)
        return [name_of(fact) for fact in facts]

    def _apply(self, facts: list[Fact]) -> None:
        self.facts, self.effects = facts, []
        for fact in facts:
            self.state = self.machine.apply(self.state, fact, self.now_ms)
            if isinstance(fact, Event):
                self.journal.append((msgspec.json.encode(fact), self.now_ms))
            self.effects += self.machine.effects(self.state, fact, self.now_ms)

    def refused(self, sender: str, command: Command) -> Rejected:
        """The refusal; the command must not be accepted."""
        try:
            self.send(sender, command)
        except Rejected as why:
            return why
        raise AssertionError(f"{command} was accepted: {self.facts}")

    def later(self, seconds: float) -> Self:
        """Time passes, and brings nothing by itself."""
        self.now_ms += round(seconds * 1000)
        return self

    def wait(self, seconds: float) -> list[str]:
        """Time passes, and deadlines come. The names of all that follows."""
        until_ms, names, effects = self.now_ms + round(seconds * 1000), [], []
        while (deadline := self.machine.deadline(self.state)) is not None and deadline[0] <= until_ms:
            self.now_ms = max(self.now_ms, deadline[0])
            names += self.send(self.actor, deadline[1])
            effects += self.effects
            assert self.machine.deadline(self.state) != deadline, f"{deadline} comes again and again"
        self.now_ms, self.effects = until_ms, effects
        return names

    def due_seconds(self) -> float | None:
        """How long until time itself brings something."""
        deadline = self.machine.deadline(self.state)
        return None if deadline is None else (deadline[0] - self.now_ms) / 1000

    def replayed(self) -> Any:
        """The state that the journal adds up to."""
        decode = msgspec.json.Decoder(self.machine.events).decode
        state = self.machine.initial(self.actor.partition("/")[2])
        for body, at_ms in self.journal:
            state = self.machine.apply(state, decode(body), at_ms)
        return state

    def restart(self) -> None:
        """The host was killed: the actor is read from its journal."""
        self.state = self.replayed()
        self._apply(list(self.machine.activated(self.state, self.now_ms)))

    def described(self) -> dict[str, Any]:
        """The object that clients know it by."""
        found: dict[str, Any] = self.machine.answer(self.state, c.Describe(), Origin(self.actor, self.now_ms))
        return found

    def all(self, kind: type[E]) -> list[E]:
        """The last command's effects of one kind."""
        return [one for one in self.effects if isinstance(one, kind)]

    def told(self, to: str) -> list[Command]:
        """What the last command has told another actor."""
        return [one.command for one in self.all(Tell) if one.to == to]

    def pushed(self, kind: type[Frame]) -> list[tuple[Any, str]]:
        """The frames of one kind that the last command has pushed, and to whom."""
        return [(one.frame, one.audience) for one in self.all(Push) if isinstance(one.frame, kind)]

    def measured(self, name: str) -> list[tuple[tuple[str, ...], float]]:
        """What the last command has counted under the name."""
        return [(one.labels, one.value) for one in self.all(Measure) if one.name == name]


def name_of(fact: Fact) -> str:
    """An event's tag; a signal's class, in brackets."""
    if isinstance(fact, Signal):
        return f"({type(fact).__name__})"
    tag = type(fact).__struct_config__.tag
    assert isinstance(tag, str)
    return tag


# Conversations

Step = Callable[[Scene], object]


def conversation(state: str = "assistant", config: Settings | None = None, **visitor: Any) -> Scene:
    """A conversation of the visitor V with "acme", brought to the state of that name."""
    scene = Scene(ConversationMachine(config or settings()), actor_id("conversation", KEY))
    if state != "new":
        scene.send(VISITOR, c.Open("acme", e.Visitor("v", "Vera", **visitor)))
        for step in STATES[state]:
            step(scene)
    return scene


def _ask(scene: Scene) -> object:
    return scene.send(VISITOR, c.SendMessage("Where is my order?"))


def _queue(scene: Scene) -> object:
    return scene.send(VISITOR, c.RequestHuman())


def _offer(scene: Scene) -> object:
    return scene.send(ALICE, c.Offer(scene.state.epoch, "least loaded"))


def _accept(scene: Scene) -> object:
    return scene.send(ALICE, c.AcceptOffer())


def _transfer(scene: Scene) -> object:
    return scene.send(ALICE, c.Transfer(to_agent="bob"))


def _handed(scene: Scene) -> object:
    return scene.send(BOB, c.Offer(scene.state.epoch, "Alice asked for her"))


def _close(scene: Scene) -> object:
    return scene.send(ALICE, c.CloseConversation("resolved"))


STATES: dict[str, list[Step]] = {
    "new": [],
    "assistant": [],
    "asked": [_ask],
    "queued": [_queue],
    "offered": [_queue, _offer],
    "live": [_queue, _offer, _accept],
    "named": [_queue, _offer, _accept, _transfer],
    "handed": [_queue, _offer, _accept, _transfer, _handed],
    "closed": [_queue, _offer, _accept, _close],
}
"""How to get there. `asked`: the assistant is at an answer. `offered`: it rings at Alice. `live`: it is Alice's.
`named`: she has transferred it to Bob, who has not been heard of yet. `handed`: it rings at Bob."""


def service(scene: Scene) -> str:
    """The agent who owns it, or nothing."""
    return scene.state.service.agent.id if scene.state.service is not None else ""


# Agents


def agent(name: str = "alice", config: Settings | None = None, status: c.Status | None = "online") -> Scene:
    """An agent; with one connection and that status, unless it is None."""
    scene = Scene(AgentMachine(config or settings()), actor_id("agent", name))
    if status is not None:
        attach(scene)
        scene.send(scene.actor, c.SetStatus(status))
    return scene


def attach(scene: Scene, session: str = "s1") -> list[str]:
    """One connection more of the agent herself."""
    return scene.send(scene.actor, Attached(session))


def detach(scene: Scene, session: str = "s1") -> list[str]:
    """One connection less."""
    return scene.send(scene.actor, Detached(session))


def ringing(scene: Scene, key: str = KEY, epoch: int = 2, seconds: int = 30) -> Scene:
    """The conversation is offered to the agent."""
    scene.send(SUPERVISOR, c.Reserve(key, "acme", epoch, "least loaded"))
    scene.send(f"conversation/{key}", offer_made(scene, epoch, seconds))
    return scene


def offer_made(scene: Scene, epoch: int = 2, seconds: int = 30) -> c.OfferMade:
    """What a conversation tells the agent whom it is offered to."""
    return c.OfferMade("acme", epoch, e.Visitor("v", "Vera"), "visitor", "Help", scene.now_ms + seconds * 1000)


def holding(scene: Scene, key: str = KEY, epoch: int = 3, how: e.How = "offer") -> Scene:
    """The conversation is hers."""
    scene.send(f"conversation/{key}", c.Assigned("acme", epoch, how))
    return scene


def reported(scene: Scene, supervisor: str = SUPERVISOR) -> c.AgentChanged:
    """The last that a supervisor has been told of her."""
    told = [one for one in scene.told(supervisor) if isinstance(one, c.AgentChanged)]
    return told[-1]


def with_capacity(capacity: int, routing: Routing = Routing()) -> Settings:  # noqa: B008 - frozen
    return settings(routing, [AgentSettings(id="alice", name="Alice", bots=["acme"], capacity=capacity)])

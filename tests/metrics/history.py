"""A journal full of conversations that went every way: visitors, agents and the assistant do what a seed says."""

import random
from collections.abc import Callable
from typing import Any

from actors import commands as c
from actors.settings import Escalation, Hours, Routing, Settings
from runtime.identity import ActorId, actor_id
from runtime.journal import Append, Record, Row
from runtime.journal.memory import MemoryJournal
from runtime.machine import Rejected
from tests.actors.scene import ALICE, BOB, MONA, NOW_MS, VISITOR, WORKER, Scene, agent, conversation, settings

OFFICE = Hours(timezone="Europe/Berlin", **{day: ["07:00-23:30"] for day in ("tuesday", "wednesday", "thursday")})
STATUSES: list[c.Status] = ["online", "busy", "away", "offline"]
STEPS_MS = [0, 300, 900, 2_000, 5_000, 9_000, 16_000, 25_000, 40_000] * 5 + [120_000, 300_000, 20_000_000]


def team() -> Settings:
    """Of the scene, with opening hours, so that some handoffs end with the offline message."""
    routing = Routing(idle_close_seconds=7_200, delay_message="One moment.")
    return settings(routing, hours=OFFICE, escalation=Escalation(unanswered_turns=2))


Act = tuple[str, c.Command]


def _visitor(scene: Scene, rng: random.Random) -> Act:
    return VISITOR, c.SendMessage(rng.choice(["Hello?", "Are you there?", "Thanks."]))


def _answer(scene: Scene, rng: random.Random) -> Act:
    turn = scene.state.turn
    turn_id, known = turn.id if turn else "", rng.random() < 0.7
    trigger: Any = rng.choice(["", "", "", "phrase", "assistant", "assistant_failed"])
    return WORKER, c.AssistantAnswer(scene.state.epoch, turn_id, "So it is.", known, (), trigger)


def _offer(scene: Scene, rng: random.Random) -> Act:
    wait = scene.state.wait
    named = f"agent/{wait.to_agent}" if wait is not None and wait.to_agent else ""
    return named or rng.choice([ALICE, BOB]), c.Offer(scene.state.epoch, "free")


def _offered(scene: Scene) -> str:
    wait = scene.state.wait
    return f"agent/{wait.offer.agent.id}" if wait is not None and wait.offer is not None else ALICE


def _owner(scene: Scene) -> str:
    return f"agent/{scene.state.service.agent.id}"


def _close(scene: Scene, rng: random.Random) -> Act:
    closing: list[Act] = [(VISITOR, c.EndConversation())]
    closing += [(_owner(scene), c.CloseConversation(how)) for how in ("resolved", "unresolved", "spam")]
    return rng.choice(closing)


ACTS: dict[str, list[Callable[[Scene, random.Random], Act]]] = {
    "assistant": [
        *[_visitor] * 4,
        *[_answer] * 5,
        lambda scene, rng: (VISITOR, c.RequestHuman()),
        lambda scene, rng: (VISITOR, c.RequestHuman()),
        lambda scene, rng: (rng.choice([ALICE, BOB, MONA]), c.TakeOver()),
    ],
    "queued": [
        _visitor,
        *[_offer] * 4,
        lambda scene, rng: (_offered(scene), c.AcceptOffer()),
        lambda scene, rng: (_offered(scene), c.AcceptOffer()),
        lambda scene, rng: (_offered(scene), c.AcceptOffer()),
        lambda scene, rng: (_offered(scene), c.DeclineOffer()),
        lambda scene, rng: (MONA, rng.choice([c.TakeOver(), c.Assign("bob"), c.ReturnToAssistant()])),
    ],
    "live": [
        *[_visitor] * 6,
        *[lambda scene, rng: (_owner(scene), c.SendMessage("Let me see."))] * 8,
        lambda scene, rng: (_owner(scene), c.AddNote("A note.")),
        lambda scene, rng: (_owner(scene), c.Transfer(to_agent=rng.choice(["", "alice", "bob"]))),
        lambda scene, rng: (_owner(scene), rng.choice([c.ReturnToAssistant(), c.AgentGone(scene.state.epoch)])),
        lambda scene, rng: (MONA, rng.choice([c.TakeOver(), c.Assign("alice")])),
        lambda scene, rng: (VISITOR, c.Rate(rng.randint(1, 5))),
        _close,
    ],
    "closed": [lambda scene, rng: (VISITOR, c.Rate(rng.randint(1, 5)))],
}


class History:
    """`journal` grows with every step."""

    def __init__(self, seed: int, conversations: int = 6) -> None:
        self.settings = team()
        self.rng = random.Random(seed)
        self.journal = MemoryJournal()
        self.fences = self.journal.claim(["all"])
        self.now_ms = NOW_MS
        self._begun = 0
        self.scenes = [self.begin() for _ in range(conversations)]
        self.agents = [agent(name, self.settings, status=None) for name in ("alice", "bob", "mona")]

    def begin(self) -> Scene:
        """One more conversation; each fourth is another bot's."""
        self._begun += 1
        scene = conversation("new", self.settings)
        scene.actor = actor_id("conversation", f"v{self._begun}-1")
        scene.state = scene.machine.initial(f"v{self._begun}-1")
        scene.now_ms = self.now_ms
        visitor = conversation("assistant", self.settings).state.visitor
        self.do(scene, VISITOR, c.Open("acme" if self._begun % 4 else "other", visitor))
        return scene

    def go_on(self, steps: int) -> None:
        """So many things happen, to anyone, and time passes: seconds mostly, nights sometimes."""
        for _ in range(steps):
            self.now_ms += self.rng.choice(STEPS_MS)
            if self.rng.random() < 0.05:
                someone = self.rng.choice(self.agents)
                someone.now_ms = self.now_ms
                self.do(someone, someone.actor, c.SetStatus(self.rng.choice(STATUSES)))
            else:
                self._on(self.rng.randrange(len(self.scenes)))

    def _on(self, number: int) -> None:
        scene = self.scenes[number]
        self._pass(scene)
        self.do(scene, *self.rng.choice(ACTS[scene.state.phase])(scene, self.rng))
        if scene.state.phase == "closed" and self.rng.random() < 0.5:
            self.scenes[number] = self.begin()

    def _pass(self, scene: Scene) -> None:
        """Deadlines of the scene that have come meanwhile."""
        for _ in range(10):
            deadline = scene.machine.deadline(scene.state)
            if deadline is None or deadline[0] > self.now_ms:
                break
            scene.now_ms = max(scene.now_ms, deadline[0])
            self.do(scene, scene.actor, deadline[1])
        scene.now_ms = max(scene.now_ms, self.now_ms)

    def do(self, scene: Scene, sender: str, command: c.Command) -> None:
        """The command, if it is accepted, with its records and its row in the journal."""
        before = len(scene.journal)
        try:
            scene.send(sender, command)
        except Rejected:
            return
        actor, new = ActorId(scene.actor), enumerate(scene.journal[before:], before + 1)
        records = [Record(actor, sequence, at_ms, "", body) for sequence, (body, at_ms) in new]
        row = Row(actor, scene.now_ms, len(scene.journal), 0, None, scene.machine.summary(scene.state))
        self.journal.append(Append(self.fences, records, [row], []))

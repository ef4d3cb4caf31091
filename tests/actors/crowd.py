"""A crowd on the simulation driver: visitors who ask and leave, agents who take and drop, an assistant that babbles.

crowd = Crowd(seed)                    two bots, four agents (one of them serves both), their manager, six visitors
crowd.act("take_over", 3)              one deed of somebody's; the same deeds and seed, the same run
crowd.run(1_000)                       a second passes, with faults
crowd.calm(60_000)                     the faults end and everybody behaves: agents take what is offered to them
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from actors import commands as c
from actors import events as e
from actors.agent import AgentMachine
from actors.assistant.commands import POOL, AnswerTurn, DropTurn
from actors.conversation import ConversationMachine
from actors.hours import Hours
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from actors.supervisor import SupervisorMachine
from runtime.identity import ActorId, actor_id, key_of, kind_of
from runtime.machine import Command, Machine
from runtime.placement import Placement
from tests.simulation.faults import ROUGH, Faults
from tests.simulation.gateways import Handle, Watch
from tests.simulation.simulation import Simulation
from tests.simulation.workers import Pool

ROUTING = Routing(
    offer_seconds=5,
    sticky_seconds=4,
    skill_seconds=6,
    disconnect_seconds=5,
    wrap_up_seconds=2,
    queue_max=4,
    max_wait_seconds=240,
    response_target_seconds=5,
    idle_close_seconds=40,
    agent_greeting="This is {agent.name}.",
)
SETTINGS = Settings(
    bots=[
        BotSettings(id="acme", routing=ROUTING),
        BotSettings(id="other", routing=Routing(strategy="round_robin", offer_seconds=0, max_wait_seconds=240)),
    ],
    agents=[
        AgentSettings(id="alice", bots=["acme"]),
        AgentSettings(id="bob", bots=["acme", "other"], capacity=2, skills=["billing"]),
        AgentSettings(id="carol", bots=["acme"], languages=["de"]),
        AgentSettings(id="mona", bots=["acme", "other"], role="manager"),
        AgentSettings(id="zoe", bots=["other"]),
    ],
)


def _but(settings: Settings, bots: dict[str, dict[str, Any]], agents: dict[str, dict[str, Any] | None]) -> Settings:
    """Other settings: what is said of each bot and agent is changed, and None is gone."""
    return Settings(
        bots=[replace(bot, **bots.get(bot.id, {})) for bot in settings.bots],
        agents=[
            replace(agent, **change) for agent in settings.agents if (change := agents.get(agent.id, {})) is not None
        ],
    )


_CLOSED = Hours(timezone="UTC")
REASSIGNED = _but(SETTINGS, {}, {"alice": None, "bob": {"capacity": 1}, "zoe": {"bots": ["acme"]}})
"""Alice is gone, and Zoe has another bot."""
LATER = (
    SETTINGS,
    REASSIGNED,
    _but(SETTINGS, {"other": {"tier": "basic"}}, {"carol": {"bots": []}, "alice": {"capacity": 3}}),
    _but(SETTINGS, {"acme": {"hours": _CLOSED}}, {"mona": {"role": "agent"}, "bob": {"skills": [], "bots": ["acme"]}}),
    Settings(bots=[SETTINGS.bots[0]], agents=[replace(agent, bots=["acme"]) for agent in SETTINGS.agents]),
)
"""What a configuration may be after the system was ended and begun anew."""

VISITORS = {f"v{number}": "other" if number > 3 else "acme" for number in range(6)}
LOCALES = ("", "de-DE", "en")

PACKED = Placement(3, pools={POOL: 2})
DEDICATED = Placement(2, dedicated=frozenset({"conversation", "agent"}), pools={POOL: 2})
PLACEMENTS = (PACKED, Placement(2, pools={POOL: 1}), DEDICATED, Placement(4, frozenset({"agent"}), {POOL: 3}))

TICK_MS = 200


class Crowd:
    """See the module."""

    def __init__(self, seed: int, faults: Faults = ROUGH, placement: Placement = PACKED, **options: Any) -> None:
        self.settings = SETTINGS
        self._capacities: dict[str, int] = {}
        pool = Pool([AnswerTurn, DropTurn], self._babble)
        machines, residents = self._configured(SETTINGS)
        self.simulation = Simulation(machines, placement, seed, faults, residents, pools={POOL: pool}, **options)
        self._dice = self.simulation.loop.dice
        self._refs = 0
        self._heard = 0
        self._behaved = False
        self._numbers = dict.fromkeys(VISITORS, 0)
        self._windows: dict[str, list[Watch]] = {agent.id: [] for agent in SETTINGS.agents}
        for agent in SETTINGS.agents:
            self._open_window(agent.id)
            self._command(f"agent/{agent.id}", actor_id("agent", agent.id), c.SetStatus("online"))
        self._tick()

    def _configured(self, settings: Settings) -> tuple[list[Machine], list[ActorId]]:
        self.settings = settings
        for agent in settings.agents:
            self._capacities[agent.id] = max(agent.capacity, self._capacities.get(agent.id, 0))
        residents = [actor_id("supervisor", bot.id) for bot in settings.bots]
        return [ConversationMachine(settings), AgentMachine(settings), SupervisorMachine(settings)], residents

    def capacity(self, agent: str) -> int:
        """The most that she was ever given."""
        return self._capacities[agent]

    # Deeds

    def act(self, deed: str, pick: int) -> None:
        """Somebody does something; `pick` chooses who, to what, and how."""
        DEEDS[deed](self, pick)

    def redeploy(self, pick: int) -> None:
        """Everything is ended, and begun anew with other settings. Who is no agent any more cannot log in."""
        machines, residents = self._configured(LATER[pick % len(LATER)])
        for agent, windows in self._windows.items():
            if self.settings.agent(agent) is None:
                for watch in windows:
                    watch.open = False
                windows.clear()
        self.simulation.redeploy(machines, PLACEMENTS[pick // 5 % len(PLACEMENTS)], residents)

    def _command(
        self, sender: str, to: ActorId, command: Command, then: Callable[[Handle], None] = lambda handle: None
    ) -> None:
        self._refs += 1
        self.simulation.command(sender, to, f"r{self._refs}", command, then)

    def _visitor(self, pick: int) -> tuple[str, ActorId]:
        name = list(VISITORS)[pick % len(VISITORS)]
        return f"visitor/{name}", actor_id("conversation", f"{name}-{self._numbers[name]}")

    def _agent(self, pick: int) -> str:
        return SETTINGS.agents[pick % len(SETTINGS.agents)].id

    def open(self, pick: int) -> None:
        """The visitor comes, or comes again."""
        name = list(VISITORS)[pick % len(VISITORS)]
        sender, last = self._visitor(pick)
        self._numbers[name] += 1
        actor = actor_id("conversation", f"{name}-{self._numbers[name]}")
        if self._numbers[name] > 1:
            self._command(sender, last, c.EndConversation())
        visitor = e.Visitor(name, locale=LOCALES[pick % len(LOCALES)])
        self._command(sender, actor, c.Open(VISITORS[name], visitor, self._agent(pick)))
        if pick % 3 == 0:
            self.simulation.watch(sender, actor)

    def write(self, pick: int) -> None:
        self._command(*self._visitor(pick), c.SendMessage(f"message {self._refs}"))

    def request(self, pick: int) -> None:
        self._command(*self._visitor(pick), c.RequestHuman(skill=("", "", "billing", "piano")[pick % 4]))

    def leave(self, pick: int) -> None:
        self._command(*self._visitor(pick), c.EndConversation())

    def take_over(self, pick: int) -> None:
        self._command(f"agent/{self._agent(pick // 7)}", self._visitor(pick)[1], c.TakeOver())

    def assign(self, pick: int) -> None:
        self._command("agent/mona", self._visitor(pick)[1], c.Assign(self._agent(pick // 7)))

    def reply(self, pick: int) -> None:
        """The owner writes."""
        self._as_owner(pick, c.SendMessage(f"reply {self._refs}"))

    def reply_from_afar(self, pick: int) -> None:
        """Somebody writes from a Telegram group."""
        message = c.SendMessage(f"telegram {self._refs}", take_over=True, telegram=True)
        self._command(f"agent/{self._agent(pick // 7)}", self._visitor(pick)[1], message)

    def hand_back(self, pick: int) -> None:
        self._as_owner(pick, c.ReturnToAssistant("All said."))

    def close(self, pick: int) -> None:
        self._as_owner(pick, c.CloseConversation("resolved"))

    def transfer(self, pick: int) -> None:
        """To a colleague, to a skill, or to the queue."""
        to_agent = self._agent(pick // 7) if pick % 2 else ""
        self._as_owner(pick, c.Transfer(to_agent, skill="billing" if pick % 3 == 0 else "", note="Yours."))

    def set_priority(self, pick: int) -> None:
        self._command("agent/mona", self._visitor(pick)[1], c.SetPriority(pick % 7 * 5))

    def meddle(self, pick: int) -> None:
        """The manager ends, hands back or sends on whatever is whose."""
        commands = (
            c.CloseConversation("other"),
            c.ReturnToAssistant(),
            c.Transfer(self._agent(pick // 7)),
            c.TakeOver(),
        )
        self._command("agent/mona", self._visitor(pick)[1], commands[pick // 6 % 4])

    def answer_late(self, pick: int) -> None:
        """Somebody accepts or declines what may never have rung at her."""
        answer: Command = c.AcceptOffer() if pick % 2 else c.DeclineOffer()
        self._command(f"agent/{self._agent(pick // 7)}", self._visitor(pick)[1], answer)

    def _as_owner(self, pick: int, command: Command) -> None:
        actor = self._visitor(pick)[1]
        state = self.simulation.checker.state(actor)
        owner = state.service.agent.id if state.service is not None else self._agent(pick)
        self._command(f"agent/{owner}", actor, command)

    def set_status(self, pick: int) -> None:
        agent = self._agent(pick)
        statuses: tuple[c.Status, ...] = ("online", "online", "online", "busy", "away", "offline")
        sender = "agent/mona" if pick % 11 == 0 else f"agent/{agent}"
        self._command(sender, actor_id("agent", agent), c.SetStatus(statuses[pick // 7 % 6], f"{self._refs}"))

    def open_window(self, pick: int) -> None:
        self._open_window(self._agent(pick))

    def _open_window(self, agent: str) -> None:
        if self.settings.agent(agent) is None:
            return
        self._windows[agent].append(self.simulation.watch(f"agent/{agent}", actor_id("agent", agent)))

    def close_window(self, pick: int) -> None:
        windows = self._windows[self._agent(pick)]
        if windows:
            self.simulation.unwatch(windows.pop(pick % len(windows)))

    def crash_host(self, pick: int) -> None:
        hosts = self.simulation.host_processes()
        if hosts:
            self.simulation.crash(hosts[pick % len(hosts)].name)

    def crash_gateway(self, pick: int) -> None:
        self.simulation.crash(self.simulation.gateway_names[pick % 2])

    # What happens by itself

    def _babble(self, simulation: Simulation, actor: ActorId, request: Any) -> Iterable[tuple[int, Command]]:
        """An assistant that never stops when it is told to; once everybody behaves, it only answers."""
        if not isinstance(request, AnswerTurn):
            return
        dice = simulation.loop.dice
        after_ms = dice.choice([1, 50, 400, 2_000, 9_000])
        yield after_ms // 2, c.AssistantChunk(request.epoch, request.turn, "I ")
        answer = c.AssistantAnswer(request.epoch, request.turn, "I say so.", known=dice.random() < 0.6)
        answers = [
            answer,
            answer,
            replace(answer, trigger="assistant"),
            replace(answer, trigger="phrase", text=""),
            replace(answer, trigger="keyword", text="", detail="lawyer"),
            replace(answer, trigger="assistant_failed", text=""),
        ]
        if self._behaved:
            yield after_ms, replace(answer, known=True)
        elif dice.random() < 0.9:
            yield after_ms, dice.choice(answers)

    def _tick(self) -> None:
        """Agents look at what rings."""
        for pushed in self.simulation.pushed[self._heard :]:
            if kind_of(pushed.actor) == "agent":
                frame = json.loads(pushed.frame)
                if frame["type"] == "offer":
                    self._rings(key_of(pushed.actor), actor_id("conversation", frame["conversation"]))
        self._heard = len(self.simulation.pushed)
        self.simulation.at(TICK_MS, self._tick)

    def _rings(self, agent: str, actor: ActorId) -> None:
        roll = self._dice.random()
        answer: Command = c.DeclineOffer() if roll < 0.2 and not self._behaved else c.AcceptOffer()
        if roll < 0.8 or self._behaved:
            after_ms = self._dice.randint(0, 1_000 if self._behaved else 6_000)
            self.simulation.at(after_ms, lambda: self._command(f"agent/{agent}", actor, answer))

    # Running

    def run(self, ms: int) -> None:
        """Time passes, with faults."""
        self.simulation.run(ms)

    def calm(self, quiet_ms: int) -> None:
        """The faults end, everything is answered, and everybody behaves for a while."""
        self._behaved = True
        self.simulation.settle(quiet_ms)


DEEDS: dict[str, Callable[[Crowd, int], None]] = {
    "open": Crowd.open,
    "write": Crowd.write,
    "request": Crowd.request,
    "leave": Crowd.leave,
    "take_over": Crowd.take_over,
    "assign": Crowd.assign,
    "reply": Crowd.reply,
    "reply_from_afar": Crowd.reply_from_afar,
    "hand_back": Crowd.hand_back,
    "close": Crowd.close,
    "transfer": Crowd.transfer,
    "set_priority": Crowd.set_priority,
    "meddle": Crowd.meddle,
    "answer_late": Crowd.answer_late,
    "set_status": Crowd.set_status,
    "open_window": Crowd.open_window,
    "close_window": Crowd.close_window,
    "crash_host": Crowd.crash_host,
    "crash_gateway": Crowd.crash_gateway,
}

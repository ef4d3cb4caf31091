"""A supervisor with a floor full of agents: news of them and of who waits in, requests to agents out."""

from typing import Any

from actors import commands as c
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from actors.supervisor import SupervisorMachine
from runtime.identity import actor_id
from runtime.machine import Found, Origin, Tell
from tests.actors.scene import Scene

SUPERVISOR = "supervisor/acme"


def team(*agents: AgentSettings, **routing: Any) -> Settings:
    """The bot "acme" with these agents."""
    return Settings(bots=[BotSettings(id="acme", routing=Routing(**routing))], agents=list(agents))


def person(name: str, **fields: Any) -> AgentSettings:
    """One of acme's agents."""
    return AgentSettings(id=name, name=name.capitalize(), bots=["acme"], **fields)


class Floor(Scene):
    """See the module. Every agent is online from the start, in the order of the settings."""

    def __init__(self, config: Settings, online: bool = True, learned: bool = True) -> None:
        super().__init__(SupervisorMachine(config), actor_id("supervisor", "acme"))
        self.config = config
        self._versions: dict[str, int] = {}
        self._idle_since_ms: dict[str, int] = {}
        if learned:
            self.learn()
        if online:
            for agent in config.agents:
                self.agent(agent.id)
                self.later(1)

    def learn(self, here: list[bytes] | None = None, queued: list[bytes] | None = None) -> None:
        """The journal's answer to what it looks up when it wakes."""
        self.send(SUPERVISOR, Found(("here:acme",), here or []))
        self.send(SUPERVISOR, Found(("queued:acme",), queued or []))

    def agent(self, name: str, status: c.Status = "online", load: int = 0, free: int | None = None) -> list[str]:
        """News of an agent. Whom she is asked to take."""
        capacity = next(one.capacity for one in self.config.agents if one.id == name)
        version = self._versions[name] = self._versions.get(name, 0) + 1
        if load == 0:
            self._idle_since_ms[name] = self.now_ms
        free = (max(0, capacity - load) if status == "online" else 0) if free is None else free
        changed = c.AgentChanged(1, version, status, load, free, capacity, self._idle_since_ms.get(name, 0))
        self.send(f"agent/{name}", changed)
        return self.asked()

    def wait_for_agent(self, key: str, epoch: int = 2, **fields: Any) -> list[str]:
        """A conversation waits. Who is asked to take it."""
        self.send(f"conversation/{key}", c.Enlist(epoch, fields.pop("since_ms", self.now_ms), **fields))
        return self.asked()

    def gone(self, key: str, epoch: int = 3, assigned: bool = False) -> None:
        """It waits no more."""
        self.send(f"conversation/{key}", c.Delist(epoch, assigned))

    def refuses(self, name: str, key: str, epoch: int = 2) -> list[str]:
        """The agent has no slot for it after all. Who is asked instead."""
        self.send(f"agent/{name}", c.SlotRefused(key, epoch))
        return self.asked()

    def passes(self, seconds: float) -> list[str]:
        """Time passes. Who has been asked meanwhile, last moment only."""
        self.wait(seconds)
        return self.asked()

    def asked(self) -> list[str]:
        """`conversation>agent` for each request of the last command."""
        return [
            f"{one.command.conversation}>{one.to.partition('/')[2]}"
            for one in self.all(Tell)
            if isinstance(one.command, c.Reserve)
        ]

    def why(self) -> str:
        """Why the last request went to whom it went."""
        return next(one.command.why for one in self.all(Tell) if isinstance(one.command, c.Reserve))

    def nobody(self) -> list[str]:
        """`conversation:reason` for each that was told that no human will come."""
        return [
            f"{one.to.partition('/')[2]}:{one.command.reason}"
            for one in self.all(Tell)
            if isinstance(one.command, c.Nobody)
        ]

    def places(self) -> dict[str, int]:
        """The places that were told."""
        return {
            one.to.partition("/")[2]: one.command.position
            for one in self.all(Tell)
            if isinstance(one.command, c.Position)
        }

    def queue(self) -> dict[str, Any]:
        """The queue as the endpoint shows it: by conversation."""
        answer = self.machine.answer(self.state, c.DescribeQueue(), Origin("agent/mona", self.now_ms))
        return {one["conversation"]: one for one in answer["waiting"]}


def full(**routing: object) -> Floor:
    """Alice is there, and has all she can do."""
    floor = Floor(team(person("alice"), **routing))
    floor.agent("alice", load=1)
    return floor


def row(scene: Scene) -> bytes:
    """What the journal lists of an actor."""
    found = scene.machine.summary(scene.state)
    assert found is not None
    body: bytes = found.body
    return body

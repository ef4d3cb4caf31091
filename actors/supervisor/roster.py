"""The agents as the supervisor knows them, and those with a free slot in the order in which they are chosen."""

from collections.abc import Iterator

from sortedcontainers import SortedList

from actors import commands as c
from actors.settings import AgentSettings


class Candidate:
    """One agent. `asked` while an answer of hers is awaited: she is not asked twice at a time."""

    __slots__ = (
        "asked",
        "capacity",
        "free",
        "id",
        "idle_since_ms",
        "key",
        "languages",
        "load",
        "name",
        "skills",
        "status",
        "turn",
        "version",
    )

    def __init__(self, settings: AgentSettings) -> None:
        self.id = settings.id
        self.name = settings.name
        self.skills = frozenset(settings.skills)
        self.languages = frozenset(language[:2].lower() for language in settings.languages)
        self.status: c.Status = "offline"
        self.capacity = settings.capacity
        self.load = self.free = self.idle_since_ms = 0
        self.version = -1
        self.turn = 0
        self.asked = False
        self.key: tuple[float, int, str] | None = None  # in the order of choice, while she can be chosen

    def suits(self, skill: str, language: str) -> bool:
        """She has the skill, and speaks the language or is not particular about any."""
        return (not skill or skill in self.skills) and (
            not language or not self.languages or language in self.languages
        )

    @property
    def present(self) -> bool:
        """Somebody is there, if only later free."""
        return self.status in ("online", "busy")


class Roster:
    """`strategy` is the order of choice: least loaded by capacity, then longest idle; or each in turn."""

    def __init__(self, agents: tuple[AgentSettings, ...], strategy: str) -> None:
        self._strategy = strategy
        self._turns = 0
        self.all = {agent.id: Candidate(agent) for agent in agents}
        self._available: SortedList[tuple[float, int, str]] = SortedList()
        self.present = 0

    def update(self, agent: str, told: c.AgentChanged) -> Candidate | None:
        """What the agent says of herself. None if she is not the bot's, or the news is old."""
        one = self.all.get(agent)
        if one is None or told.version < one.version:
            return None
        self.present += (told.status in ("online", "busy")) - one.present
        one.version, one.status, one.load, one.free = told.version, told.status, told.load, told.free
        one.capacity, one.idle_since_ms, one.asked = told.capacity, told.idle_since_ms, False
        self._place(one)
        return one

    def ask(self, one: Candidate) -> None:
        """She is asked: not to be chosen until she has answered."""
        self._turns += 1
        one.turn, one.asked = self._turns, True
        self._place(one)

    def refused(self, one: Candidate) -> None:
        """She has no slot after all: not to be chosen until she says otherwise."""
        one.asked, one.free = False, 0
        self._place(one)

    def _place(self, one: Candidate) -> None:
        if one.key is not None:
            self._available.remove(one.key)
            one.key = None
        if one.free > 0 and not one.asked and one.status == "online":
            least = self._strategy == "least_loaded"
            one.key = (one.load / one.capacity if least else one.turn, one.idle_since_ms if least else 0, one.id)
            self._available.add(one.key)

    def available(self) -> Iterator[Candidate]:
        """Those with a free slot, in the order of choice."""
        return (self.all[key[2]] for key in self._available)

    def could(self, skill: str, language: str) -> bool:
        """The bot has an agent for this at all."""
        return any(one.suits(skill, language) for one in self.all.values())

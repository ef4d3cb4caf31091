"""The agents as the supervisor knows them, and those with a free slot in the order in which they are chosen."""

from sortedcontainers import SortedList

from actors import commands as c
from actors.settings import AgentSettings

Rank = tuple[float, int, str]
"""The order of choice: by load and then the longest idle, or by whose turn it was last; then by name."""


class Candidate:
    """One agent. `asked` while an answer of hers is awaited: she is not asked twice at a time. `unsure` while she has
    been asked who she is. `present`, `slots` and `taken` are her part of the roster's."""

    __slots__ = (
        "asked",
        "capacity",
        "free",
        "id",
        "idle_since_ms",
        "languages",
        "life_ms",
        "load",
        "name",
        "present",
        "rank",
        "skills",
        "slots",
        "status",
        "taken",
        "turn",
        "unsure",
        "version",
    )

    def __init__(self, settings: AgentSettings) -> None:
        self.id = settings.id
        self.name = settings.name
        self.skills = frozenset(map(str.casefold, settings.skills))
        self.languages = frozenset(language[:2].lower() for language in settings.languages)
        self.status: c.Status = "offline"
        self.capacity = settings.capacity
        self.load = self.free = self.idle_since_ms = self.turn = 0
        self.present = False
        self.slots = self.taken = 0
        self.life_ms = self.version = -1
        self.asked = self.unsure = False
        self.rank: Rank | None = None  # while she can be chosen

    def suits(self, skill: str, language: str) -> bool:
        """She has the skill, and speaks the language or is not particular about any."""
        return (not skill or skill in self.skills) and (
            not language or not self.languages or language in self.languages
        )

    @property
    def free_now(self) -> bool:
        """She has a slot, and nothing is in its way."""
        return self.free > 0 and not self.asked and self.status == "online"


class Roster:
    """`present` counts those who are there, `slots` what those online can have at a time, `taken` what they have."""

    def __init__(self, agents: tuple[AgentSettings, ...], strategy: str) -> None:
        self.strategy = strategy
        self.all = {agent.id: Candidate(agent) for agent in agents}
        self.present = 0
        self.slots = 0
        self.taken = 0
        self._turns = 0
        self._available: dict[str, SortedList[Rank]] = {"": SortedList()}
        """Who can be chosen, by each skill she has; under no skill, everybody."""
        self._abilities: set[tuple[str, str]] = set()
        for one in self.all.values():
            for skill in ("", *one.skills):
                self._available.setdefault(skill, SortedList())
                self._abilities.update((skill, language) for language in (one.languages or ("*",)))

    def update(self, agent: str, told: c.AgentChanged) -> Candidate | None:
        """What the agent says of herself; she is not to be chosen before she is placed. None if she is not the bot's,
        or the news is old. What she answers when she is `unsure` is so, whatever the clock of her life says; in one
        life, what she has said since is newer.
        """
        one = self.all.get(agent)
        if one is None:
            return None
        old = (told.life_ms, told.version) < (one.life_ms, one.version)
        if told.asked and one.unsure:
            one.unsure = False
            old = old and told.life_ms == one.life_ms
        if old:
            return None
        one.life_ms, one.version = told.life_ms, told.version
        one.status, one.load, one.free = told.status, told.load, told.free
        one.capacity, one.idle_since_ms, one.asked = told.capacity, told.idle_since_ms, False
        self._count(one)
        self._withdraw(one)
        return one

    def _count(self, one: Candidate) -> None:
        """Who is busy is there too, though she can have nothing."""
        slots = taken = 0
        present = one.status == "online"
        if present:
            slots, taken = one.capacity, one.capacity - one.free
        elif one.status == "busy":
            present = True
        self.present += present - one.present
        self.slots += slots - one.slots
        self.taken += taken - one.taken
        one.present, one.slots, one.taken = present, slots, taken

    def ask(self, one: Candidate) -> None:
        """She is asked: not to be chosen until she has answered."""
        self._turns += 1
        one.turn, one.asked = self._turns, True
        self._withdraw(one)

    def refused(self, one: Candidate) -> None:
        """She has no slot after all: not to be chosen until she says otherwise."""
        one.asked, one.free = False, 0
        self._count(one)
        self._withdraw(one)

    def _withdraw(self, one: Candidate) -> None:
        if one.rank is not None:
            for skill in ("", *one.skills):
                self._available[skill].remove(one.rank)
            one.rank = None

    def place(self, one: Candidate) -> None:
        """She can be chosen from now on."""
        least = self.strategy == "least_loaded"
        one.rank = (one.load / one.capacity, one.idle_since_ms, one.id) if least else (one.turn, 0, one.id)
        for skill in ("", *one.skills):
            self._available[skill].add(one.rank)

    def first(self, skill: str, language: str, tried: frozenset[str]) -> Candidate | None:
        """Who is chosen first of those who can do it and have a free slot, but for those who have been tried."""
        for rank in self._available.get(skill, ()):
            one = self.all[rank[2]]
            if one.id not in tried and one.suits(skill, language):
                return one
        return None

    def could(self, skill: str, language: str) -> bool:
        """The bot has an agent for this at all."""
        if not language:
            return skill in self._available
        return (skill, language) in self._abilities or (skill, "*") in self._abilities

"""The configuration as data: what every machine and every edge is told at the start.

Pure values with the names and defaults of the configuration file. They cross processes as MessagePack and are never
changed in place. Ranges stand in the types, so whatever is decoded obeys them; what only several values together can
break is in ``actors/faults.py``. This file must not know where settings come from: no files, no environment, no clock.
"""

from functools import cached_property
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from actors.hours import DEFAULT_OFFLINE_MESSAGE, Hours

__all__ = [
    "AgentSettings",
    "AssistantSettings",
    "BotSettings",
    "Directory",
    "Escalation",
    "Hours",
    "Limits",
    "Placement",
    "Priorities",
    "QuickReply",
    "Routing",
    "RuntimeSettings",
    "ServerSettings",
    "Settings",
    "StoreSettings",
    "Telegram",
]

DAY_SECONDS = 86_400
ID_PATTERN = r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"

Identifier = Annotated[str, Meta(pattern=ID_PATTERN, description="letters, digits, '.', '_' and '-', 64 at most")]
"""URL-safe, so that it can stand in a path, an address and a metric's label as it is."""
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=8_000)]
MediaType = Annotated[str, Meta(pattern=r"\A[a-z0-9.+-]+/[a-z0-9.+-]+\Z", description="such as image/png")]
Count = Annotated[int, Meta(ge=1, le=10_000_000)]
CountOrOff = Annotated[int, Meta(ge=0, le=10_000_000)]
Seconds = Annotated[int, Meta(ge=1, le=30 * DAY_SECONDS)]
SecondsOrOff = Annotated[int, Meta(ge=0, le=30 * DAY_SECONDS)]
PRIORITY_MAX = 10_000
Priority = Annotated[int, Meta(ge=0, le=PRIORITY_MAX)]
"""Minutes that count as waited."""

PlacementKind = Literal["packed", "dedicated"]
Tier = Literal["premium", "basic"]
Role = Literal["agent", "manager", "admin"]


class Placement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many actors of a kind share a process: thousands, or one Ray actor for each."""

    conversation: PlacementKind = "packed"
    agent: PlacementKind = "packed"


class RuntimeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The processes, and what each of them may hold."""

    hosts: Annotated[int, Meta(ge=1, le=1_024)] = 2
    gateways: Annotated[int, Meta(ge=1, le=1_024)] = 1
    placement: Placement = Placement()
    held_actors: Count = 100_000
    """Activations a host holds at most."""
    idle_seconds: Seconds = 300
    """An actor nobody wrote to for so long is dropped from memory."""
    assistant_workers: Annotated[int, Meta(ge=1, le=256)] = 1
    linger_ms: Annotated[int, Meta(ge=0, le=1_000)] = 10
    """Calls from one process to another are at least this far apart; 0: as soon as there is something to say."""


class ServerSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gateway knows of the network around it, and what all processes write to their logs."""

    geoip_database: str = ""
    trusted_proxies: list[str] = []
    public_url: str = ""
    """Where the world reaches this server, `https://chat.acme.example`: for links to the dashboard, and webhooks."""
    log_format: Literal["text", "json"] = "text"
    """How lines are written to `logs/livesupport.log` in the data directory."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which severity on."""


class StoreSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the journal is kept, and how much a commit survives."""

    url: str = "sqlite:///live.db"
    sync: Literal["normal", "full"] = "normal"
    retention_days: Annotated[int, Meta(ge=0, le=36_500)] = 0
    """Closed conversations are forgotten after so long, with their attachments; 0: never."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on what clients may send; 0 switches a rate limit off."""

    text_characters: Annotated[int, Meta(ge=1, le=100_000)] = 8_000
    frame_bytes: Annotated[int, Meta(ge=1_024, le=16_777_216)] = 65_536
    visitor_messages: CountOrOff = 20
    visitor_seconds: Seconds = 10
    login_failures: CountOrOff = 5
    address_arrivals: CountOrOff = 600
    """New visitors and log-ins from one address of the internet, a minute."""
    attachment_bytes: Annotated[int, Meta(ge=1, le=1_073_741_824)] = 10_485_760
    upload_bytes: Annotated[int, Meta(ge=0, le=1_099_511_627_776)] = 104_857_600
    """Of one visitor in an hour, one attachment in any case; ten times as much from one address of the internet."""
    attachment_types: list[MediaType] = []
    """What may be uploaded, as ``image/png``; empty: pictures, sound, videos and documents that browsers know."""
    tags: Annotated[int, Meta(ge=1, le=1_000)] = 10
    """Of a conversation."""
    tag_characters: Annotated[int, Meta(ge=1, le=200)] = 40
    mailbox_commands: Count = 1_000


class AssistantSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which engine answers for a bot, and what it is given."""

    kind: Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]*\Z", description="a word in small letters")] = "knowledge"
    """Which file of ``actors/assistant`` answers: there is a ``<kind>_engine.py``."""
    paths: list[str] = []
    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    instructions: Annotated[str, Meta(max_length=100_000)] = ""
    timeout_seconds: Annotated[int, Meta(ge=1, le=600)] = 30
    """A visitor who writes has an answer, a human on the way or an apology in this time. A model that says nothing
    for half of it is asked once more."""
    retries: Annotated[int, Meta(ge=0, le=10)] = 2
    """How often a request that the model's server does not take is made again, with back-off, within one attempt."""
    context_tokens: Annotated[int, Meta(ge=100, le=10_000_000)] = 3_000
    """What of the conversation a model is sent, question included."""
    answer_characters: Annotated[int, Meta(ge=1, le=8_000)] = 4_000
    passages: Annotated[int, Meta(ge=0, le=20)] = 3
    """How many passages of the bot's files a model is shown."""
    tools: bool = True
    """Whether a model is offered its tools: to fetch a human, and to say that it does not know."""
    monthly_tokens: Annotated[int, Meta(ge=0, le=10**15)] = 0
    """What the bot's turns may cost in a month of UTC; then a human is asked for. 0: no bound."""
    options: dict[str, Any] = {}
    """What only this kind of engine knows."""


class Escalation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a conversation asks for a human by itself."""

    phrases: list[Line] = []
    keywords: list[Line] = []
    sentiment_below: Annotated[float, Meta(ge=-1, le=1)] | None = None
    """Compound score, -1 to 1; None: sentiment is not looked at."""
    unanswered_turns: Annotated[int, Meta(ge=0, le=100)] = 3
    """Turns in a row the assistant did not know; 0: never."""


class Priorities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request has in front of others that have waited as long, by what has brought it about.

    Who was dropped by an agent that left stands in front of all these.
    """

    visitor: Priority = 0
    phrase: Priority = 0
    keyword: Priority = 0
    sentiment: Priority = 0
    unanswered: Priority = 0
    assistant_failed: Priority = 0
    assistant: Priority = 0
    transfer: Priority = 0


class Routing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a takeover finds its agent, and how long each step may take."""

    strategy: Literal["least_loaded", "round_robin"] = "least_loaded"
    offer_seconds: SecondsOrOff = 30
    """0: assign without asking."""
    sticky_seconds: SecondsOrOff = 20
    skill_seconds: SecondsOrOff = 30
    disconnect_seconds: SecondsOrOff = 20
    wrap_up_seconds: SecondsOrOff = 0
    missed_offers_until_away: Annotated[int, Meta(ge=0, le=1_000)] = 2
    """0: missed offers never change an agent's status."""
    priority: Priorities = Priorities()
    queue_max: Annotated[int, Meta(ge=0, le=1_000_000)] = 1_000
    max_wait_seconds: Seconds = 600
    response_target_seconds: Seconds = 30
    delay_message: Text = "Thanks for waiting, I'll be right with you."
    agent_greeting: Text = ""
    idle_close_seconds: SecondsOrOff = 1_800


class Telegram(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The group of human agents that a bot's conversations are mirrored to."""

    token_env: Line
    group: Annotated[int, Meta(ge=-(10**15), le=10**15, description="as Telegram has it: -1001234567890")]
    topics: bool = False
    mode: Literal["polling", "webhook"] = "polling"
    keywords: list[Line] = []
    mirror: Literal["first_message", "handoff"] = "first_message"
    """Since when a conversation's messages appear in the group."""
    group_per_minute: Annotated[int, Meta(ge=5, le=10_000)] = 20
    """Calls that Telegram lets a bot make for one group in a minute: messages, edits and topics together."""
    overall_per_second: Annotated[int, Meta(ge=1, le=1_000)] = 30
    gather_ms: Annotated[int, Meta(ge=0, le=60_000)] = 1_000
    """What nobody waits for is shown so much later, with what comes meanwhile, in one call."""
    api_url: str = "https://api.telegram.org"


class BotSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bot. Without a name it is called by its id."""

    id: Identifier
    name: Annotated[str, Meta(max_length=200)] = ""
    tier: Tier = "premium"
    greeting: Text = "Hi! How can I help?"
    allowed_origins: list[str] = []
    identity_secret_env: str = ""
    assistant: AssistantSettings = AssistantSettings()
    escalation: Escalation = Escalation()
    routing: Routing = Routing()
    hours: Hours | None = None
    telegram: Telegram | None = None

    def __post_init__(self) -> None:
        if not self.name:
            force_setattr(self, "name", self.id)

    @property
    def offline_message(self) -> str:
        """What a visitor is told when no human will come, whatever the reason."""
        return DEFAULT_OFFLINE_MESSAGE if self.hours is None else self.hours.offline_message

    @property
    def bridge(self) -> Telegram | None:
        """Its Telegram group, if there is live support to bring there."""
        return self.telegram if self.tier == "premium" else None


class AgentSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One human. Without a name she is called by her id; without a password hash she cannot log in."""

    id: Identifier
    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    role: Role = "agent"
    bots: list[str] = []
    capacity: Annotated[int, Meta(ge=1, le=1_000)] = 1
    skills: list[Line] = []
    languages: list[Line] = []
    telegram_user: Annotated[int, Meta(ge=1, le=10**15)] | None = None
    password_hash: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            force_setattr(self, "name", self.id)


class QuickReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A prepared answer. No bots named: it is for all of them."""

    shortcut: Annotated[str, Meta(pattern=r"\A\S{1,40}\Z", description="one word of 40 characters at most")]
    text: Annotated[str, Meta(min_length=1, max_length=8_000)]
    bots: list[str] = []


class Directory:
    """Settings by id, built once, so that a lookup is one dict access."""

    def __init__(self, settings: "Settings") -> None:
        self.bots = {bot.id: bot for bot in settings.bots}
        self.agents = {agent.id: agent for agent in settings.agents}
        self.by_email = {agent.email.casefold(): agent for agent in settings.agents if agent.email}
        self.agents_of = {bot: tuple(agent for agent in settings.agents if bot in agent.bots) for bot in self.bots}


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """The whole configuration. Lookups are cheap; equality and encoding see the fields only."""

    runtime: RuntimeSettings = RuntimeSettings()
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
    limits: Limits = Limits()
    bots: list[BotSettings] = []
    agents: list[AgentSettings] = []
    quick_replies: list[QuickReply] = []

    @cached_property
    def directory(self) -> Directory:
        """The lookup tables, built at the first use."""
        return Directory(self)

    def bot(self, bot_id: str) -> BotSettings | None:
        """The bot of that id, or None."""
        return self.directory.bots.get(bot_id)

    def agent(self, agent_id: str) -> AgentSettings | None:
        """The agent of that id, or None."""
        return self.directory.agents.get(agent_id)

    def agent_by_email(self, email: str) -> AgentSettings | None:
        """The agent who logs in with that address, in any capitals, or None."""
        return self.directory.by_email.get(email.strip().casefold())

    def bridged(self) -> list[str]:
        """The bots that have a Telegram group, and live support to bring there."""
        return [bot.id for bot in self.bots if bot.bridge is not None]

    def agents_of(self, bot_id: str) -> tuple[AgentSettings, ...]:
        """The bot's agents in the order of the file; none for an unknown bot."""
        return self.directory.agents_of.get(bot_id, ())

    def grace_seconds(self, agent: AgentSettings) -> int:
        """How long an agent may be without a connection: the longest that any of her bots with live support allows."""
        bots = filter(None, map(self.bot, agent.bots))
        return max((bot.routing.disconnect_seconds for bot in bots if bot.tier == "premium"), default=0)

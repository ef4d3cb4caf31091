"""What the rules of a group share: the settings, and who in the group is which agent."""

from actors.retention import DAY_MS
from actors.settings import AgentSettings, Settings, Telegram
from actors.telegram.state import Group

TOPICS_AGAIN_MS = 3_600_000
"""Where topics could not be made, it is tried again after this."""


class Rules:
    """The settings as the rules need them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._none = Telegram(token_env="NONE", group=0)

    def of(self, state: Group) -> Telegram:
        """The bot's Telegram settings; a group that does not exist if there are none any more."""
        bot = self.settings.bot(state.bot)
        return (bot.telegram if bot is not None else None) or self._none

    def served(self, bot_id: str) -> bool:
        """There is a bridge for this bot."""
        bot = self.settings.bot(bot_id)
        return bot is not None and bot.bridge is not None

    def group(self, state: Group) -> int:
        """The group's id now: the configured one may have become a supergroup."""
        configured = self.of(state).group
        return state.moved[1] if state.moved[0] == configured else configured

    def topics(self, state: Group, now_ms: int) -> bool:
        """Conversations get a topic each."""
        refused = state.topics_refused_ms
        return self.of(state).topics and not (refused and now_ms - refused < TOPICS_AGAIN_MS)

    def agent(self, state: Group, user: int) -> AgentSettings | None:
        """The agent of this bot who has that account, if there is one."""
        return next((one for one in self.settings.agents_of(state.bot) if one.telegram_user == user), None)

    def target_ms(self, state: Group) -> int:
        """How soon a visitor is to be answered."""
        bot = self.settings.bot(state.bot)
        return bot.routing.response_target_seconds * 1000 if bot is not None else 0

    @property
    def retention_ms(self) -> int:
        """How long conversations are kept after their close; 0: for ever."""
        return self.settings.store.retention_days * DAY_MS

    def grace_seconds(self, agent_id: str) -> int:
        """How long an agent without a connection keeps a status: as her actor has it."""
        agent = self.settings.agent(agent_id)
        return self.settings.grace_seconds(agent) if agent is not None else 0

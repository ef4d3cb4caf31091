"""What every process of the system is told when it is started, and who they all are: their names follow from it."""

from pathlib import Path

import msgspec

from actors.assistant.commands import POOL
from actors.settings import Settings
from actors.telegram.commands import pool_of
from runtime.identity import ActorId, actor_id
from runtime.journal import Journal, open_journal
from runtime.logs import write_logs
from runtime.placement import Placement


class Plan(msgspec.Struct, frozen=True):
    """What every process is told: the settings, where data is, and where the gateways listen.

    `environment`: what the variables that the settings name hold where the system was started.
    """

    settings: Settings
    data: str
    secret: str
    host: str = "127.0.0.1"
    port: int = 8000
    environment: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where the gateways listen, as it is written into a browser."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def placement(self) -> Placement:
        """Where actors live."""
        runtime = self.settings.runtime
        kinds = {"conversation": runtime.placement.conversation, "agent": runtime.placement.agent}
        dedicated = frozenset(kind for kind, how in kinds.items() if how == "dedicated")
        bridges = {pool_of(bot): 1 for bot in self.settings.bridged()}
        return Placement(runtime.hosts, dedicated, {POOL: runtime.assistant_workers, **bridges})

    def journal(self) -> Journal:
        """A connection to the store."""
        store = self.settings.store
        return open_journal(store.url, store.sync, forgets=store.retention_days > 0)

    def write_logs(self, process: str) -> None:
        """From now on, this process's log goes to the file of the system."""
        server = self.settings.server
        write_logs(process, Path(self.data), server.log_format, server.log_level)

    def gateways(self) -> list[str]:
        """The gateways' names."""
        return [f"gateway/{number}" for number in range(self.settings.runtime.gateways)]

    def workers(self) -> list[str]:
        """The assistant workers' names."""
        return [f"{POOL}/{number}" for number in range(self.settings.runtime.assistant_workers)]

    def bridges(self) -> list[str]:
        """The names of the bridges to Telegram, one a bot that has a group there."""
        return [f"{pool_of(bot)}/0" for bot in self.settings.bridged()]

    def residents(self) -> list[ActorId]:
        """Who is always there: the supervisors, the budgets of bots that have one, and the Telegram groups."""
        budgets = [actor_id("budget", bot.id) for bot in self.settings.bots if bot.assistant.monthly_tokens]
        return [*self.supervisors(), *budgets, *(actor_id("telegram", bot) for bot in self.settings.bridged())]

    def supervisors(self) -> list[ActorId]:
        """The premium bots' supervisors."""
        return [actor_id("supervisor", bot.id) for bot in self.settings.bots if bot.tier == "premium"]

"""What the journal knows of the whole system: counts of facts, conversations by state, agents, and what is forgotten.

Read when somebody asks, by whichever gateway is asked, so it is true after any crash and counted once. It reads counts
of the index and one row an agent, never a conversation.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from actors.commands import STATUSES
from actors.conversation.state import STATES
from actors.hours import is_open
from actors.settings import AgentSettings, Settings
from metrics.declared import declared
from metrics.ledger import counted
from metrics.recorder import Samples
from runtime.journal import Journal

UNSEEN: Mapping[str, Any] = {"status": "offline", "load": 0}


def census(journal: Journal, settings: Settings, now_ms: int) -> Samples:
    """The samples. Raises `StoreFailed`."""
    bots = [bot.id for bot in settings.bots]
    served = [bot for bot in settings.bots if bot.tier == "premium"]
    team = _team(journal, settings)
    online = [agent for agent in settings.agents if team[agent.id]["status"] == "online"]
    return {
        **counted(journal, declared(settings)),
        "conversations": [((bot, state), journal.count(f"{state}:{bot}")) for bot in bots for state in STATES],
        "orphaned_conversations": [((), journal.count("state:queued", unalarmed=True))],
        "agent_status": [((id, one), float(row["status"] == one)) for id, row in team.items() for one in STATUSES],
        "agent_load": [((id,), row["load"]) for id, row in team.items()],
        "agent_capacity": [((agent.id,), agent.capacity) for agent in settings.agents],
        "agents_online": [((bot.id,), sum(bot.id in agent.bots for agent in online)) for bot in served],
        "bot_open": [((bot.id,), float(is_open(bot.hours, now_ms))) for bot in served],
    }


def _team(journal: Journal, settings: Settings) -> dict[str, Mapping[str, Any]]:
    """Every configured agent's status and load; one who was never seen is offline."""
    agents: list[AgentSettings] = settings.agents
    terms = [["kind:agent"], [f"agent:{agent.id}" for agent in agents]]
    rows = [msgspec.json.decode(row.body) for row in journal.find(terms, len(agents))] if agents else []
    return {agent.id: UNSEEN for agent in agents} | {row["id"]: row for row in rows}

"""How long agents were in each status, from their journals. Before her first word an agent is offline."""

import msgspec

from actors.agent.state import StatusChanged
from actors.commands import STATUSES, Status
from metrics.reading import records
from runtime.identity import actor_id
from runtime.journal import Journal

_begins = b'{"type":"%b"' % str(StatusChanged.__struct_config__.tag).encode()
_decode = msgspec.json.Decoder(StatusChanged).decode


class Shifts:
    """Every agent's changes of status, as far as they were read."""

    def __init__(self) -> None:
        self._changes: dict[str, list[tuple[int, Status]]] = {}
        self._read: dict[str, int] = {}

    def refresh(self, journal: Journal, agent: str) -> None:
        """Take in what the agent has done since. Raises `StoreFailed`."""
        changes = self._changes.setdefault(agent, [])
        for record in records(journal, actor_id("agent", agent), self._read.get(agent, 0)):
            self._read[agent] = record.sequence
            if record.body.startswith(_begins):
                changes.append((record.at_ms, _decode(record.body).status))

    def spent_ms(self, agent: str, from_ms: int, to_ms: int) -> dict[str, int]:
        """Milliseconds in each status from `from_ms` to `to_ms`; together they are all of that time."""
        spent: dict[str, int] = dict.fromkeys(STATUSES, 0)
        status, since_ms = "offline", from_ms
        for at_ms, changed in self._changes.get(agent, ()):
            until_ms = min(max(at_ms, from_ms), to_ms)
            spent[status] += until_ms - since_ms
            status, since_ms = changed, until_ms
        spent[status] += to_ms - since_ms
        return spent

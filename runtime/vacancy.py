"""When a host of one actor may end: the actor has left memory, nothing is under way, and another host rings for it."""

from runtime.alarms import Alarms
from runtime.departures import Departures
from runtime.identity import ActorId
from runtime.messages import Wake, encode
from runtime.placement import Placement


class Vacancy:
    """Of a dedicated host. A packed one is never vacant: it is there for whoever comes."""

    def __init__(self, name: str, placement: Placement, idle_ms: int, alarms: Alarms, departures: Departures) -> None:
        self._actor = ActorId(name) if placement.is_dedicated(name) else None
        self._placement = placement
        self._idle_ms = idle_ms
        self._alarms = alarms
        self._departures = departures
        self._busy_ms: int | None = None
        self.handed_over = False
        """Its alarm is, or will be when its links are idle."""

    def sweep(self, now_ms: int, busy: bool) -> None:
        """To be told now and then whether anything is there or under way. Nothing for so long: another host rings."""
        if busy or self._busy_ms is None:
            self._busy_ms, self.handed_over = now_ms, False
        elif self._actor is not None and not self.handed_over and now_ms - self._busy_ms >= self._idle_ms:
            self._hand_over(self._actor)

    def _hand_over(self, actor: ActorId) -> None:
        self.handed_over = True
        when_ms = self._alarms.next_ms()
        if when_ms is not None:
            self._departures.send(self._placement.packed_host_of(actor), encode(Wake(actor, when_ms)), owed=True)

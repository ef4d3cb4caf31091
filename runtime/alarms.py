"""Deadlines of many actors in one heap. An actor that moves its deadline later costs nothing: it is asked when the
old one comes."""

from heapq import heapify, heappop, heappush

from runtime.identity import ActorId


class Alarms:
    """The earliest time each actor wants to be asked for its deadline."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, ActorId]] = []
        self._earliest: dict[ActorId, int] = {}

    def set(self, actor: ActorId, when_ms: int) -> None:
        """Ring for the actor at that time, unless it rings earlier anyway."""
        known = self._earliest.get(actor)
        if known is None or when_ms < known:
            self._earliest[actor] = when_ms
            heappush(self._heap, (when_ms, actor))
            if len(self._heap) > 64 + 4 * len(self._earliest):
                self._heap = [(when, who) for who, when in self._earliest.items()]
                heapify(self._heap)

    def rings_by(self, actor: ActorId, when_ms: int) -> bool:
        """It rings for the actor at that time or before."""
        return self._earliest.get(actor, when_ms + 1) <= when_ms

    def due(self, now_ms: int, most: int) -> list[ActorId]:
        """Take out up to `most` actors whose time has come, earliest first."""
        ringing: list[ActorId] = []
        while self._heap and self._heap[0][0] <= now_ms and len(ringing) < most:
            when, actor = heappop(self._heap)
            if self._earliest.get(actor) == when:
                del self._earliest[actor]
                ringing.append(actor)
        return ringing

    def next_ms(self) -> int | None:
        """When the next one rings."""
        return self._heap[0][0] if self._heap else None

    def __len__(self) -> int:
        return len(self._earliest)

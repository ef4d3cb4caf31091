"""Who leaves a host's memory, and when: whoever was idle for long, and the longest unused when there is no room.

Who is being forgotten for ever does not come back meanwhile.

An actor stays while anything rests on its being there: letters, uncommitted turns, tells under way, a row that lags,
watchers.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from runtime.activation import Activation, Mailbox
from runtime.attachments import Attachments
from runtime.identity import ActorId
from runtime.limits import HostLimits

CROWDED_MS = 100  # at the cap, and nobody can leave: looking again before would cost more than it finds


class Passivation:
    """Takes out of `activations`. Who is `loading` counts; who is `ready` to run stays."""

    def __init__(
        self,
        activations: dict[ActorId, Activation],
        loading: Mapping[ActorId, Mailbox],
        ready: Callable[[ActorId], bool],
        attachments: Attachments,
        limits: HostLimits,
    ) -> None:
        self._activations = activations
        self._loading = loading
        self._ready = ready
        self._attachments = attachments
        self._limits = limits
        self._crowded_until_ms = 0
        self._retiring: set[ActorId] = set()

    def sweep(self, now_ms: int) -> None:
        """Let go of all that were idle for long and can leave."""
        idle_since = now_ms - self._limits.idle_ms
        for actor in [actor for actor, one in self._activations.items() if one.touched_ms <= idle_since]:
            self.leave(actor)

    def room(self, actor: ActorId, now_ms: int, tell: bool) -> bool:
        """There is room for one more activation; the longest unused that can go make it."""
        if actor in self._retiring:
            return False
        if self._held() >= self._limits.held_actors and now_ms >= self._crowded_until_ms:
            oldest = sorted(self._activations.values(), key=lambda one: one.touched_ms)
            leaving = (one for one in oldest if self.leave(one.actor))
            wanted = max(self._held() - self._limits.held_actors + 1, len(oldest) // 20)
            if len(list(islice(leaving, wanted))) < wanted:
                self._crowded_until_ms = now_ms + CROWDED_MS
        # Actors stay until their tells are taken: were there no room for those who are told, nobody could ever leave.
        return self._held() < self._limits.held_actors * (2 if tell else 1)

    def leave(self, actor: ActorId) -> bool:
        """Let the actor go. False if something rests on its being there."""
        activation = self._activations[actor]
        busy = activation.mailbox or activation.turns or activation.pending or activation.dirty
        watched = self._attachments.peers_of(actor) is not None
        if busy or watched or activation.machine.resident or self._ready(actor):
            return False
        del self._activations[actor]
        return True

    def retire(self, actors: Iterable[ActorId]) -> list[ActorId]:
        """Those of them that are not in memory: there is no room for them until they are `retired`."""
        passive = [actor for actor in actors if actor not in self._activations and actor not in self._loading]
        self._retiring.update(passive)
        return passive

    def retired(self, actors: Iterable[ActorId]) -> None:
        """They are erased, or not: whoever writes to them finds what there is."""
        self._retiring.difference_update(actors)

    def _held(self) -> int:
        return len(self._activations) + len(self._loading)

"""Where an actor lives. One rule for both placements, known to every process, so nobody has to be asked.

`packed`: a shard belongs to a host, `host/3`, which holds thousands of actors. `dedicated`: the actor has a host of
its own, named after it. A scope is what a host claims a fence for: the shard, or the one actor.
"""

import msgspec

from runtime.identity import SHARDS, ActorId, kind_of, shard_of

_SCOPES = [f"shard/{shard}" for shard in range(SHARDS)]


class Placement(msgspec.Struct, frozen=True):
    """The number of packed hosts, the kinds whose actors have a host each, and the size of each pool of workers."""

    hosts: int
    dedicated: frozenset[str] = frozenset()
    pools: dict[str, int] = {}

    def host_of(self, actor: ActorId) -> str:
        """The name of the process that owns the actor."""
        if self.dedicated and kind_of(actor) in self.dedicated:
            return str(actor)
        return self.packed_host_of(actor)

    def packed_host_of(self, actor: ActorId) -> str:
        """The packed host that owns the actor's shard: it wakes dedicated actors, and speaks for them on topics."""
        return f"host/{shard_of(actor) % self.hosts}" if self.hosts > 1 else "host/0"

    def is_dedicated(self, host: str) -> bool:
        """It is the host of one actor."""
        return kind_of(ActorId(host)) in self.dedicated

    def worker_of(self, pool: str, actor: ActorId, attempt: int) -> str:
        """The worker that does an actor's requests."""
        return f"{pool}/{(shard_of(actor) + attempt) % self.pools[pool]}"

    def packed_hosts(self) -> list[str]:
        """All hosts that start with the system."""
        return [f"host/{number}" for number in range(self.hosts)]

    def scope_of(self, actor: ActorId) -> str:
        """The scope whose fence guards the actor's journal."""
        return str(actor) if self.is_dedicated(actor) else _SCOPES[shard_of(actor)]

    def scopes_of(self, host: str) -> list[str]:
        """Every scope a host claims when it starts."""
        if not host.startswith("host/"):
            return [host]
        number = int(host.removeprefix("host/"))
        return _SCOPES[number :: self.hosts]

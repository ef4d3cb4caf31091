"""Who an actor is: `kind/key`, and the shard that its name hashes to.

A shard never changes, whatever the number of hosts, so journals and fences outlive a re-scaling.
"""

from functools import lru_cache
from typing import NewType
from zlib import crc32

ActorId = NewType("ActorId", str)

SHARDS = 256


def actor_id(kind: str, key: str) -> ActorId:
    """The address of the actor of this kind with this key."""
    return ActorId(f"{kind}/{key}")


def kind_of(actor: ActorId) -> str:
    """The part before the first slash."""
    return actor.partition("/")[0]


def key_of(actor: ActorId) -> str:
    """The part after the first slash."""
    return actor.partition("/")[2]


@lru_cache(maxsize=65_536)
def shard_of(actor: ActorId) -> int:
    """A number from 0 to `SHARDS - 1`, the same in every process and version (CRC-32 of the name)."""
    return crc32(actor.encode()) % SHARDS

"""The peers by the names that commands take, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from benchmarks.peers import Lobby, Peer
from benchmarks.peers.bare import Bare
from benchmarks.peers.channels import Channels
from benchmarks.peers.ejabberd import Ejabberd
from benchmarks.peers.plain_ray import PlainRay
from benchmarks.peers.socketio import SocketIO

PEERS: dict[str, tuple[type[Peer], Callable[[], Peer]]] = {
    "ejabberd": (Ejabberd, Ejabberd),
    "ejabberd-websocket": (Ejabberd, lambda: Ejabberd(transport="websocket")),
    "ejabberd-acks": (Ejabberd, lambda: Ejabberd(acks=True)),
    "ejabberd-archive": (Ejabberd, lambda: Ejabberd(archive=True)),
    "channels": (Channels, Channels),
    "channels-pubsub": (Channels, lambda: Channels("pubsub.RedisPubSubChannelLayer")),
    "socketio": (SocketIO, lambda: SocketIO(adapter="")),
    "socketio-redis": (SocketIO, SocketIO),
    "socketio-redis-acks": (SocketIO, lambda: SocketIO(acks=True)),
    "socketio-sharded": (SocketIO, lambda: SocketIO(adapter="sharded")),
    "socketio-redis-2": (SocketIO, lambda: SocketIO(nodes=2)),
    "socketio-sharded-2": (SocketIO, lambda: SocketIO(adapter="sharded", nodes=2)),
    "plain-ray": (PlainRay, PlainRay),
    "bare": (Bare, Bare),
}
LOBBIES = [name for name, (kind, _) in PEERS.items() if issubclass(kind, Lobby)]
"""Those with a lobby."""


class NotInstalled(Exception):
    """A peer is not there; the text ends with the command that installs it."""


def missing(names: Iterable[str]) -> dict[str, str]:
    """Of these peers, those that are not installed, each with the command that installs it."""
    found = {name: PEERS[name][0].missing() for name in names}
    return {name: command for name, command in found.items() if command is not None}


def peer(name: str) -> Peer:
    """That peer, not started. Raises NotInstalled."""
    kind, make = PEERS[name]
    command = kind.missing()
    if command is not None:
        raise NotInstalled(f"{name} is not installed: {command}")
    return make()


def lobby(name: str) -> Lobby:
    """One of the LOBBIES, not started. Raises NotInstalled."""
    made = peer(name)
    assert isinstance(made, Lobby), f"{name} has no lobby"
    return made

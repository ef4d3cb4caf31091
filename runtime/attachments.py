"""Who watches what at this host: sessions attached to actors, and peers that follow topics.

A peer's sessions end with its incarnation, or when it has not been heard of for a lease. They outlive an activation:
an actor that is read again from its journal is told of them again.
"""

from collections.abc import Iterator, KeysView

from runtime.identity import ActorId

Session = tuple[str, str, bool]
"""The session's name, who sits in it, and whether the machine hears of it."""


class Attachments:
    """Sessions by actor and by peer."""

    def __init__(self) -> None:
        self._by_actor: dict[ActorId, dict[str, dict[str, Session]]] = {}
        self._by_peer: dict[str, dict[ActorId, None]] = {}
        self._followers: dict[str, dict[str, None]] = {}
        self.count = 0

    def attach(self, actor: ActorId, peer: str, session: str, sender: str, told: bool) -> bool:
        """Add the session. False if it was there."""
        sessions = self._by_actor.setdefault(actor, {}).setdefault(peer, {})
        self._by_peer.setdefault(peer, {})[actor] = None
        new = session not in sessions
        sessions[session] = (session, sender, told)
        self.count += new
        return new

    def detach(self, actor: ActorId, peer: str, session: str) -> Session | None:
        """Remove the session; what it was, if it was there."""
        peers = self._by_actor.get(actor, {})
        sessions = peers.get(peer, {})
        gone = sessions.pop(session, None)
        if gone is not None:
            self.count -= 1
        if not sessions and peers.pop(peer, None) is not None:
            self._by_peer[peer].pop(actor, None)
            if not peers:
                del self._by_actor[actor]
        return gone

    def knows(self, peer: str) -> bool:
        """The peer has sessions or follows topics here."""
        return bool(self._by_peer.get(peer)) or any(peer in followers for followers in self._followers.values())

    def forget_peer(self, peer: str) -> list[tuple[ActorId, Session]]:
        """Remove all that came from a peer; its sessions, for the machines to hear of."""
        gone: list[tuple[ActorId, Session]] = []
        for actor in list(self._by_peer.get(peer, ())):
            for session in list(self._by_actor[actor][peer]):
                was = self.detach(actor, peer, session)
                if was is not None:
                    gone.append((actor, was))
        self._by_peer.pop(peer, None)
        for followers in self._followers.values():
            followers.pop(peer, None)
        return gone

    def peers_of(self, actor: ActorId) -> dict[str, dict[str, Session]] | None:
        """The peers that have sessions attached to the actor, or None."""
        return self._by_actor.get(actor)

    def sessions_of(self, actor: ActorId) -> list[Session]:
        """Every session attached to the actor."""
        return [one for sessions in self._by_actor.get(actor, {}).values() for one in sessions.values()]

    def __iter__(self) -> Iterator[tuple[ActorId, Session]]:
        for actor in self._by_actor:
            for session in self.sessions_of(actor):
                yield actor, session

    def follow(self, topic: str, peer: str, on: bool) -> None:
        """The peer wants what is announced on the topic, or no longer."""
        if on:
            self._followers.setdefault(topic, {})[peer] = None
        elif topic in self._followers:
            self._followers[topic].pop(peer, None)

    def followers(self, topic: str) -> KeysView[str]:
        """The peers that follow a topic."""
        return self._followers.get(topic, _NOBODY).keys()


_NOBODY: dict[str, None] = {}

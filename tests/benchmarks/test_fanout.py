"""Who was told of a conversation, and when first."""

from __future__ import annotations

import socket

from benchmarks.configuration import Setup
from benchmarks.fanout import Watcher, Watchers
from benchmarks.load.line import Line
from benchmarks.load.websocket import Frames
from benchmarks.peers.livesupport import Livesupport

LOBBY = Livesupport(Setup(agents=0))


def lobby(*keys: str) -> bytes:
    changed = ",".join(f'{{"id":"{key}","bot":"demo","state":"assistant"}}' for key in keys)
    return f'{{"type":"lobby","bot":"demo","changed":[{changed}],"removed":[]}}'.encode()


def test_a_conversation_counts_when_it_is_first_told_of() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watchers = Watchers(LOBBY)
        watcher = watchers.join(Watcher(Line(ours, str.encode, Frames())))
        for now, frame in ((1.0, lobby("C-1", "C-2")), (2.0, lobby("C-2", "C-3"))):
            assert watchers.heard(watcher, frame, len(frame), now) == b""
        assert watcher.told == {b"C-1": 1.0, b"C-2": 1.0, b"C-3": 2.0}
        assert watchers.tellings == 3
        watchers.members.append(watcher)
        watchers.forget()
        assert (watcher.told, watchers.tellings) == ({}, 0)
        watchers.close()


def test_what_is_not_whole_is_not_heard() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        watchers = Watchers(LOBBY)
        watcher = watchers.join(Watcher(Line(ours, str.encode, Frames())))
        frame = lobby("C-1")
        watchers.heard(watcher, frame + lobby("C-2"), len(frame), 1.0)
        assert list(watcher.told) == [b"C-1"]
        watchers.close()

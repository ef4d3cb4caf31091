"""A peer that is not installed is named with its command, and cannot be made."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from benchmarks.configuration import Setup
from benchmarks.peers import ejabberd, socketio
from benchmarks.peers.livesupport import Livesupport
from benchmarks.peers.registry import LOBBIES, PEERS, NotInstalled, missing, peer
from benchmarks.peers.socketio import SocketIO


def test_a_missing_program_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(ejabberd, "libraries", lambda: None)
    absent = missing(["ejabberd", "socketio", "plain-ray"])
    assert absent == {"ejabberd": "apt-get install ejabberd", "socketio": "apt-get install nodejs npm"}


def test_missing_packages_are_named_with_their_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(socketio, "FOLDER", tmp_path)
    command = missing(["socketio"])["socketio"]
    assert command.startswith(f"npm install --prefix {tmp_path} socket.io@")


def test_a_peer_that_is_missing_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ejabberd, "libraries", lambda: None)
    with pytest.raises(NotInstalled, match="apt-get install ejabberd"):
        peer("ejabberd-archive")


def test_who_is_never_started_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for _, make in PEERS.values():
        make()
    Livesupport(Setup())
    assert list(tmp_path.iterdir()) == []
    redis = SocketIO()
    assert [redis.programs.directory] == list(tmp_path.iterdir())


def test_those_with_a_lobby_can_be_watched() -> None:
    assert set(LOBBIES) == {name for name in PEERS if name.startswith("socketio")}


def test_a_peer_has_a_name_of_its_own_that_tells_what_it_is() -> None:
    names = [make().name for _, make in PEERS.values()]
    assert len(set(names)) == len(names)
    assert "socket.io, Redis adapter, 1 process, acks" in names
    assert "ejabberd, nothing stored, tcp, acks" in names

"""A peer that is not installed is named with its command, and cannot be made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.peers import ejabberd, socketio
from benchmarks.peers.registry import NotInstalled, missing, peer


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

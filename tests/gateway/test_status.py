"""`livesupport status`: a line for each process, whatever runs them, and what is down is not called up."""

import asyncio
import os
import queue
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import status
from gateway.api import health
from gateway.marker import Marker, find, leave, remove
from tests.metrics.whole import Whole, running

pytestmark = pytest.mark.anyio


def marked(data: Path, whole: Whole) -> None:
    """What `up` leaves in its data directory while it serves without Ray."""
    leave(Marker(os.getpid(), whole.plan.url, "", whole.cluster.names()), data)


async def test_without_ray_the_gateway_is_asked_and_no_ray_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "READY_SECONDS", 0.2)
    monkeypatch.delattr(status, "prepare")
    async with running(tmp_path) as whole:
        marked(tmp_path, whole)
        assert await asyncio.to_thread(status.run, None, tmp_path) == 0
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            [name, "up", "pid", f"{os.getpid()}"] for name in ("assistant/0", "gateway/0", "host/0", "host/1")
        ]
        await whole.kill("host/1")
        assert await asyncio.to_thread(status.run, None, tmp_path) == 1
        assert capsys.readouterr().out.splitlines()[-1].split() == ["host/1", "DOWN"]
    assert await asyncio.to_thread(status.run, None, tmp_path) == 1
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["DOWN"] * 4


def test_what_cannot_begin_is_down_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"gateway/0": {"pid": 1, "sessions": 3}, "host/0": {"failed": "the disk is full"}, "host/1": None}
    monkeypatch.setattr(status, "_of_ray", lambda address, told, token: {"livesupport": answers})
    assert status.run("auto", tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{'gateway/0':<32} up    pid 1  sessions 3",
        f"{'host/0':<32} DOWN  failed the disk is full",
        f"{'host/1':<32} DOWN",
    ]


def test_what_nobody_understands_of_what_runs_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "up.json").write_text("{")
    assert status.run(None, tmp_path) == 1
    assert f"{tmp_path} says in up.json" in capsys.readouterr().out


def test_a_store_that_is_away_is_a_failure_though_every_process_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {"gateway/0": {"pid": 1, "sessions": 3, "store": "away"}, "host/0": {"pid": 2}}
    monkeypatch.setattr(status, "_of_ray", lambda address, told, token: {"livesupport": answers})
    assert status.run("auto", tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[0] == f"{'gateway/0':<32} up    pid 1  sessions 3  store away"


def test_a_ray_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given_up: queue.Queue[int] = queue.Queue()

    def hangs(address: str | None, data: Path) -> dict[str, status.Answers]:
        raise status.NoAnswer(f"ended with {given_up.get(timeout=20)}")

    monkeypatch.setattr(status, "GIVE_UP_SECONDS", 0.01)
    monkeypatch.setattr(status, "_systems", hangs)
    monkeypatch.setattr(os, "_exit", given_up.put)
    assert status.run("auto", tmp_path) == 1
    said, ended = capsys.readouterr().out.splitlines()
    assert said.startswith("no answer in 0 s.")
    assert ended == "ended with 1"


def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The addresses and tokens with which a Ray is asked, once it is."""
    seen: list[tuple[str, str]] = []

    def of_ray(address: str, told: Marker | None, token: str) -> dict[str, status.Answers]:
        seen.append((address, token))
        return {"livesupport": {"host/0": {"pid": 1}}}

    monkeypatch.setattr(status, "_of_ray", of_ray)
    return seen


def test_a_ray_of_others_is_asked_without_the_token_of_an_embedded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asked(monkeypatch)
    leave(Marker(4242, "http://127.0.0.1:1", "head:6379", ["host/0"], "livesupport-1"), tmp_path)
    assert status.run(None, tmp_path) == 0, "whoever has started it may be on another machine"
    leave(Marker(os.getpid(), "http://127.0.0.1:1", "127.0.0.1:7", ["host/0"], "livesupport", "a token"), tmp_path)
    assert status.run(None, tmp_path) == 0
    assert seen == [("head:6379", ""), ("127.0.0.1:7", "a token")]


def test_what_was_killed_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = asked(monkeypatch)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leave(Marker(gone.pid, "http://127.0.0.1:1", "127.0.0.1:7", ["host/0"], "livesupport", "a token"), tmp_path)
    assert status.run(None, tmp_path) == 1
    assert f"has been killed: process {gone.pid} is gone" in capsys.readouterr().out
    assert seen == []


def test_several_systems_on_one_ray_are_shown_under_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both: dict[str, status.Answers] = {"livesupport-1": {"host/0": {"pid": 1}}, "livesupport-2": {"host/0": None}}
    monkeypatch.setattr(status, "_of_ray", lambda address, told, token: both)
    assert status.run("auto", tmp_path) == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == ["livesupport-1:", "host/0 up pid 1", "livesupport-2:", "host/0 DOWN"]


def test_what_up_has_left_only_its_user_can_read_for_a_token_is_in_it(tmp_path: Path) -> None:
    marker = Marker(1, "http://127.0.0.1:1", "127.0.0.1:7", ["host/0"], "livesupport", "a token")
    leave(marker, tmp_path)
    assert (tmp_path / "up.json").stat().st_mode & 0o777 == 0o600
    assert find(tmp_path) == marker
    remove(tmp_path)
    assert find(tmp_path) is None


def test_a_data_directory_that_is_somebody_elses_is_said_to_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "up.json").mkdir()  # no less unreadable, for root too
    assert status.run(None, tmp_path) == 1
    assert f"cannot read what runs with the data directory {tmp_path}" in capsys.readouterr().out

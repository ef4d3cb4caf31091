"""`livesupport status`: a line for each process, whatever runs them, and what is down is not called up."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from gateway import status
from gateway.api import health
from tests.metrics.whole import Whole, running

pytestmark = pytest.mark.anyio


def marked(data: Path, whole: Whole) -> None:
    """What `up` leaves in its data directory while it serves without Ray."""
    told = {"pid": 4242, "url": whole.plan.url, "address": "", "processes": whole.cluster.names()}
    (data / "up.json").write_bytes(msgspec.json.encode(told))


async def test_without_ray_the_gateway_is_asked_and_no_ray_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "READY_SECONDS", 0.2)
    monkeypatch.delattr(status, "prepare")
    async with running(tmp_path) as whole:
        marked(tmp_path, whole)
        assert await asyncio.to_thread(status.run, None, tmp_path) == 0
        assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
            [name, "up", "pid", "4242"] for name in ("assistant/0", "gateway/0", "host/0", "host/1")
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
    monkeypatch.setattr(status, "_of_ray", lambda address, told, data: answers)
    assert status.run("auto", tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{'gateway/0':<32} up    pid 1  sessions 3",
        f"{'host/0':<32} DOWN  failed the disk is full",
        f"{'host/1':<32} DOWN",
    ]

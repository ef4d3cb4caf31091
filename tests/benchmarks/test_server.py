"""The started server, with a stand-in for `livesupport` that obeys or does not. It ends in every case."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks import server as module
from benchmarks.configuration import Setup, bot_table
from benchmarks.processes import Process, family, living
from benchmarks.server import Server, ServerFailed

pytestmark = pytest.mark.anyio

OBEYS = """\
import os, signal, subprocess, sys
port = sys.argv[sys.argv.index("--port") + 1]
assert sys.argv[1] == "up" and os.path.exists(sys.argv[sys.argv.index("--config") + 1])
{before}
signal.signal(signal.SIGTERM, lambda *_: {stop})
print(f"ready http://127.0.0.1:{{port}}")
while True: signal.pause()
"""


def livesupport(tmp_path: Path, *, before: str = "", stop: str = "sys.exit(0)") -> list[str]:
    script = tmp_path / "livesupport.py"
    script.write_text(OBEYS.format(before=before, stop=stop))
    return [sys.executable, str(script)]


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_starts_is_known_by_its_processes_and_stops(tmp_path: Path) -> None:
    child = "subprocess.Popen(['sleep', '60'])"
    stop = "(signal.signal(signal.SIGTERM, signal.SIG_IGN), os.killpg(0, signal.SIGTERM), sys.exit(0))"
    async with Server(command=livesupport(tmp_path, before=child, stop=stop)) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        found = server.processes()
        assert server.pid in {process.pid for process in found}
        assert any("sleep 60" in process.title for process in found)
        assert server.data.is_dir()
    assert living(found) == set()
    assert not server.directory.exists()


async def test_a_child_left_behind_is_killed_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINGER_SECONDS", 0.1)
    orphan = "subprocess.Popen(['sleep', '60'], start_new_session=True)"
    found: set[Process] = set()
    with pytest.raises(ServerFailed, match=r"left 1 processes behind: sleep 60"):
        async with Server(command=livesupport(tmp_path, before=orphan)) as server:
            found = server.processes()
    assert len(found) == 2
    assert living(found) == set()


async def test_a_server_that_exits_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"exited 3 before it was ready\n    no such port"):
        async with Server(command=livesupport(tmp_path, before="print('no such port'); sys.exit(3)")):
            raise AssertionError("it never got here")


async def test_a_server_that_is_never_ready_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READY_SECONDS", 0.2)
    server = Server(
        command=livesupport(
            tmp_path, before=f"print(os.getpid(), file=open(r'{tmp_path}/pid', 'w'), flush=True); signal.pause()"
        )
    )
    with pytest.raises(ServerFailed, match="not ready"):
        await server.__aenter__()
    written = tmp_path / "pid"
    assert not written.exists() or not runs(int(written.read_text()))


async def test_an_exit_other_than_0_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="exited 7 after SIGTERM"):
        async with Server(command=livesupport(tmp_path, stop="sys.exit(7)")):
            pass


async def test_a_server_that_ignores_sigterm_is_killed_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    with pytest.raises(ServerFailed, match="did not stop"):
        async with Server(command=livesupport(tmp_path, stop="None")) as server:
            pid = server.pid
    assert not runs(pid)


async def test_what_failed_inside_matters_more_than_how_it_stopped(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Server(command=livesupport(tmp_path, stop="sys.exit(7)")):
            raise ZeroDivisionError


async def test_killed_as_a_whole_it_comes_back_on_the_same_port_and_data(tmp_path: Path) -> None:
    async with Server(command=livesupport(tmp_path), kept=tmp_path / "kept") as server:
        first, url = server.pid, server.url
        (server.data / "live.db").write_text("kept")
        await server.kill()
        assert not runs(first)
        await server.start()
        assert (server.url, (server.data / "live.db").read_text()) == (url, "kept")
        assert server.pid != first
    assert (tmp_path / "kept" / "server.log").read_text().count("ready") == 2


def test_the_generated_configuration_is_toml_and_says_what_was_asked() -> None:
    server = Server(
        Setup(placement="dedicated", hosts=2, gateways=3, agents=2, settings="[server]\ntrusted_proxies = []")
    )
    config = tomllib.loads(server.setup.toml(server.agents))
    assert config["runtime"] == {
        "hosts": 2, "gateways": 3, "placement": {"conversation": "dedicated", "agent": "dedicated"},
    }  # fmt: skip
    assert [agent["email"] for agent in config["agents"]] == [agent.email for agent in server.agents]
    assert config["agents"][0]["password_hash"].startswith("$argon2id$")
    assert config["bots"][0]["tier"] == "premium"
    assert config["limits"]["visitor_messages"] == 0
    assert config["server"] == {"trusted_proxies": []}
    assert not server.directory.exists()


def test_a_further_bot_stands_beside_the_first_one() -> None:
    config = tomllib.loads(Setup(settings=bot_table("second", "premium", queue_max=5)).toml([]))
    _, second = config["bots"]
    assert (second["id"], second["tier"], second["routing"]) == ("second", "premium", {"queue_max": 5})
    assert second["assistant"] == config["bots"][0]["assistant"]


def test_a_process_id_that_became_another_process_is_not_killed() -> None:
    me = next(process for process in family(os.getpid(), b"no such mark") if process.pid == os.getpid())
    stranger = Process(me.pid, me.started - 1)
    assert me.alive
    assert not stranger.alive
    stranger.kill()

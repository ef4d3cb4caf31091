"""`livesupport up` as its user meets it: it serves, it stops, it says in one line why it cannot start."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from benchmarks.configuration import Setup
from benchmarks.server import Server

pytestmark = pytest.mark.anyio


def up(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("livesupport")), "up", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
async def server(anyio_backend: str) -> AsyncIterator[Server]:
    """It takes seconds to start, so the tests share it; the last of them stops it."""
    async with Server(Setup(agents=1, hosts=2)) as server:
        yield server


def status(data: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("livesupport")), "status", "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


async def test_status_has_a_line_for_each_process_and_fails_when_nothing_runs(server: Server, tmp_path: Path) -> None:
    running = await asyncio.to_thread(status, server.data)
    assert running.returncode == 0, running.stdout
    assert {line.split()[0] for line in running.stdout.splitlines()} >= {"host/0", "host/1", "gateway/0"}
    stopped = await asyncio.to_thread(status, tmp_path)
    assert stopped.returncode == 1
    assert "livesupport up" in stopped.stdout


async def test_ray_runs_actors_and_nothing_besides(server: Server) -> None:
    titles = [process.title for process in server.processes()]
    programs = {word.rpartition("/")[2] for title in titles for word in title.split()[:3]}
    assert {"gcs_server", "raylet"} <= programs
    assert programs.isdisjoint({"dashboard.py", "monitor.py", "log_monitor.py"})


async def test_it_serves_and_leaves_no_process_behind(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.get("/readyz")).status_code == 200
        assert "<html" in (await http.get("/")).text
    titles = {process.title for process in server.processes()}
    assert {"ray::HostProcess", "ray::GatewayProcess", "ray::AssistantProcess"} <= titles
    await server.stop()  # raises if it does not exit 0, or anything of it is left
    assert server.processes() == set()


def test_a_taken_port_is_one_clear_line_and_exit_1(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = up("--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert result.returncode == 1
    assert "cannot listen on" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_configuration_is_said_with_its_place_and_exit_1(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text('[[bots]]\nid = "acme"\ntier = "golden"\n')
    result = up("--config", "wrong.toml", cwd=tmp_path)
    assert result.returncode == 1
    assert "tier" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_anything_is_started_is_a_clean_end(tmp_path: Path, number: int) -> None:
    pipe = tmp_path / "live.toml"
    os.mkfifo(pipe)
    command = [str(Path(sys.executable).with_name("livesupport")), "up", "--config", str(pipe)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with pipe.open("w"):  # which it has begun to read
        process.send_signal(number)
        assert process.communicate(timeout=20) == (b"", b"")
    assert process.returncode == 0


def test_its_processes_run_its_own_code_wherever_it_was_started(tmp_path: Path) -> None:
    for package in ("actors", "gateway", "metrics", "runtime"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise ImportError('This is not ours.')\n")
    command = [str(Path(sys.executable).with_name("livesupport")), "up", "--port", "0", "--hosts", "1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready = any(line.startswith(b"ready ") for line in process.stdout)
        process.send_signal(signal.SIGTERM)
    assert (ready, process.returncode) == (True, 0)


def test_a_signal_while_it_starts_ends_it_too(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("livesupport")), "up", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    marker = tmp_path / "data" / "secret"  # written just before Ray starts
    until = time.monotonic() + 20
    while not marker.exists() and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=40)
    assert process.returncode == 0
    left = subprocess.run(["pgrep", "-f", f"raylet.*{tmp_path}"], capture_output=True, check=False)
    assert left.stdout == b""

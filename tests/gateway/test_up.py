"""How long `livesupport up` waits for what it has started, and how often it looks after it."""

import contextlib
import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import ClassVar, cast

import pytest
from rich.console import Console

from benchmarks.ports import free_port
from gateway import up
from gateway.options import UpOptions, configured
from runtime.cluster import Running
from runtime.local import LocalCluster
from runtime.logs import log_file
from runtime.processes import Cluster, ProcessSpec, Status

System = Callable[[type[LocalCluster], threading.Event], contextlib.AbstractContextManager[str]]


class Clock:
    """Stands where the monotonic clock would be."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class SlowCluster:
    """Each process takes a while to come up, one after the other."""

    def __init__(self, clock: Clock, seconds_each: float) -> None:
        self._clock, self._seconds_each = clock, seconds_each
        self.dedicated: list[str] = []
        self.asked: set[str] = set()

    def names(self) -> list[str]:
        return self.dedicated

    def status(self, names: Iterable[str], timeout_seconds: float) -> Mapping[str, Status]:
        self._clock.seconds += timeout_seconds
        self.asked.update(names)
        ready = self._clock.seconds / self._seconds_each
        return {name: {"pid": 1} if int(name.partition("/")[2]) + 1 <= ready else None for name in names}


def await_ready(count: int, seconds_each: float) -> dict[str, str]:
    clock = Clock()
    cluster = cast(Cluster, SlowCluster(clock, seconds_each))
    status = Console(stderr=True).status("")
    return up._await_ready(cluster, [f"host/{number}" for number in range(count)], status, threading.Event(), clock)


@pytest.mark.parametrize("count", [1, 30, 300])
def test_the_more_it_starts_the_longer_it_waits(count: int) -> None:
    assert await_ready(count, 2.0) == {}


def test_what_is_ready_when_it_is_asked_for_the_last_time_is_ready() -> None:
    assert await_ready(1, 63.0) == {}


@pytest.mark.parametrize(("count", "seconds"), [(1, 62), (300, 660)])
def test_what_does_not_come_up_is_named_with_the_time_it_had(count: int, seconds: int) -> None:
    with pytest.raises(up.CannotStart, match=f"host/{count - 1} did not come up in {seconds} s"):
        await_ready(count, 70.0)


class Waits(threading.Event):
    """Keeps how long it was waited for, and is set when it was so often."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.seconds: list[float | None] = []
        self._count = count

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return len(self.seconds) == self._count


def test_who_has_read_the_ready_line_has_read_the_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    up._ready("http://127.0.0.1:8000", {"alice@demo.example": "one", "bob@demo.example": "two"})
    *words, last = capsys.readouterr().out.splitlines()
    assert [line.split() for line in words] == [["alice@demo.example", "one"], ["bob@demo.example", "two"]]
    assert last == "ready http://127.0.0.1:8000"


def test_what_the_demos_passwords_are_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (({}, False), ({"alice@demo.example": "one"}, True)):
        up._welcome(Console(stderr=True), "http://127.0.0.1:8000", words, Path("live.log"))
        assert ("They are new at each start." in capsys.readouterr().err) is said


def refused(data: Path) -> str:
    with pytest.raises(up.CannotStart) as why, up._alone(data):
        pass
    return str(why.value)


def test_a_data_directory_is_one_systems_at_a_time(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    with up._alone(data), up._alone(tmp_path / "other"):
        message = f"something runs with the data directory {data} already. Stop it, or choose another with --data."
        assert refused(data) == message
    with up._alone(data):
        pass


def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = f"cannot write into the data directory {tmp_path}/file/data: Not a directory. Choose another with --data."
    assert refused(tmp_path / "file" / "data") == message


def ended_of(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    options = UpOptions(address="none", port=0, data=data)
    settings, _ = configured(options)
    assert up._serve(options, settings, {}) == 1
    return capsys.readouterr().err


def test_a_disk_that_is_full_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], handlers: None
) -> None:
    def full(data: Path) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(up, "secret", full)
    assert ended_of(tmp_path, capsys) == (
        f"livesupport: cannot work in the data directory {tmp_path}: No space left on device. "
        "Make room, or choose another with --data.\n"
    )


def test_a_secret_that_is_none_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], handlers: None
) -> None:
    monkeypatch.delenv("LIVESUPPORT_SECRET", raising=False)
    (tmp_path / "secret").touch()
    assert ended_of(tmp_path, capsys).startswith(f"livesupport: {tmp_path}/secret holds no secret.")


class Unable(LocalCluster):
    """None of its processes can begin."""

    def status(self, names: Iterable[str], timeout_seconds: float) -> dict[str, Status]:
        return {name: {"failed": "file is not a database"} for name in names}


def test_what_cannot_begin_is_said_with_where_the_log_is(system: System, tmp_path: Path) -> None:
    message = rf"^host/0 cannot begin: file is not a database\. The log has more: {log_file(tmp_path)}$"
    with pytest.raises(up.CannotStart, match=message), system(Unable, threading.Event()):
        pass


def said_of(store: str) -> str:
    with pytest.raises(up.CannotStart) as why, up._holding(store, Console(stderr=True)):
        pass
    return str(why.value)


def test_a_store_that_another_system_uses_is_named_and_no_password_with_it(tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/live.db"
    with up._holding(store, Console(stderr=True)):
        assert said_of(store) == (
            f"the store {store} is in use by another system on this machine. Stop that, or choose another with --store."
        )
    away = said_of(f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert away.startswith("the store redis://127.0.0.1:")
    assert "Connection refused" in away
    assert "hunter2" not in away


@pytest.mark.parametrize(("host", "option"), [("192.0.2.1", "--host"), ("127.0.0.1", "--port")])
def test_who_cannot_listen_is_told_what_to_change(host: str, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(up.CannotStart, match=f"Choose another with {option}"):
            up._reserve(host, taken.getsockname()[1])


def test_while_a_process_does_not_answer_it_is_called_more_often() -> None:
    stop = Waits(5)
    up._ping(cast(Cluster, SlowCluster(Clock(), seconds_each=5.0)), ["host/0"], stop)
    assert stop.seconds == [2.0, 0.2, 0.2, 2.0, 2.0]


def test_dedicated_hosts_are_called_too_for_nobody_else_may_have_a_word_for_one_that_was_restarted() -> None:
    cluster = SlowCluster(Clock(), seconds_each=1.0)
    cluster.dedicated = ["conversation/1"]
    up._ping(cast(Cluster, cluster), ["host/0"], Waits(2))
    assert cluster.asked == {"host/0", "conversation/1"}


class Recorded(LocalCluster):
    """Keeps what it is told to start."""

    started: ClassVar[list[str]] = []

    def start(self, processes: Mapping[str, ProcessSpec]) -> None:
        self.started.extend(processes)


class Interrupted(LocalCluster):
    """A Ray that is told to end while it begins."""

    def __init__(self, dedicated: Mapping[str, ProcessSpec]) -> None:
        raise SystemExit(signal.SIGTERM)


class Late(LocalCluster):
    """A Ray that does not begin in the time that it gives itself."""

    def __init__(self, dedicated: Mapping[str, ProcessSpec]) -> None:
        raise Exception("The current node timed out during startup.")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handlers: None) -> System:
    """The system on a cluster of that class, until the end of the block."""
    monkeypatch.setattr(up, "prepare", lambda token: None)
    monkeypatch.setattr(up.Plan, "write_logs", lambda plan, process: None)
    options = UpOptions(address="none", data=tmp_path)
    settings, _ = configured(options)

    def start(cluster: type[LocalCluster], stop: threading.Event) -> contextlib.AbstractContextManager[str]:
        monkeypatch.setattr(up, "LocalCluster", cluster)
        return up._system(settings, tmp_path, options, 0, Console(stderr=True), stop)

    return start


def test_what_was_told_to_stop_while_ray_began_starts_nothing(system: System) -> None:
    stop = threading.Event()
    stop.set()
    with system(Recorded, stop):
        assert Recorded.started == []


def test_a_signal_that_ray_takes_for_itself_while_it_begins_stops_everything_too(system: System) -> None:
    stop = threading.Event()
    with system(Interrupted, stop):
        assert stop.is_set()


def test_a_ray_that_does_not_begin_in_time_is_said_to(system: System) -> None:
    said = pytest.raises(up.CannotStart, match=r"The current node timed out during startup\.")
    with said, system(Late, threading.Event()):
        pass


class Joined:
    """Stands where a Ray of others' would be, and keeps how it was joined."""

    namespaces: ClassVar[list[str]] = []
    here: ClassVar[list[bool]] = []
    running = ""

    def __init__(self, address: str, dedicated: object, namespace: str, here: bool) -> None:
        self.namespaces.append(namespace)
        self.here.append(here)

    def clear(self) -> None:
        if self.running:
            raise Running(self.running)

    def leave(self) -> None:
        pass


def test_on_a_shared_ray_a_system_is_known_by_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.cluster.RayCluster", Joined)
    for store in ("redis://r:1/0", "redis://r:1/1", "redis://r:1/0", "sqlite:////data/live.db"):
        up._cluster("auto", {}, store)
    first, second, again, on_disk = Joined.namespaces
    assert again == first
    assert len({first, second, on_disk}) == 3
    assert Joined.here == [False, False, False, True], "SQLite's file is on this machine only"


def test_a_second_system_on_the_same_store_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.cluster.RayCluster", Joined)
    monkeypatch.setattr(Joined, "running", "host/0, gateway/0")
    with pytest.raises(up.CannotStart, match="with this store on the Ray at auto already: host/0, gateway/0"):
        up._cluster("auto", {}, "redis://r:1/0")

"""How the processes are asked and ended, with a Ray whose calls take as long as they are told."""

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from ray import cloudpickle
from ray.exceptions import ActorUnavailableError, GetTimeoutError, RayTaskError

from runtime import cluster
from runtime.cluster import RayCluster, Running
from runtime.processes import ProcessSpec

OTHER = f"{cluster.NAMESPACE}-other"


class Call:
    """A method's call, and what it returns or raises, after so many seconds."""

    def __init__(self, outcome: Any, seconds: float) -> None:
        self.outcome, self.seconds = outcome, seconds

    def remote(self) -> "Call":
        return self


class Process:
    """A handle. `seconds` is how long each method takes."""

    def __init__(self, ray: "Ray", name: str, **outcomes: Any) -> None:
        self._ray, self._name = ray, name
        self._outcomes = outcomes
        self.seconds: dict[str, float] = {}

    def __getattr__(self, method: str) -> Call:
        self._ray.done.append(f"{method} {self._name}")
        return Call(self._outcomes.get(method), self.seconds.get(method, 0.0))


class Program:
    """A class that actors are made of; keeps what they are started with."""

    def __init__(self, ray: "Ray") -> None:
        self._ray = ray

    def options(self, **options: Any) -> "Program":
        self._ray.started[options["name"]] = options
        return self

    def remote(self, *arguments: Any) -> Process:
        return Process(self._ray, "new")


class Ray:
    """Stands where the module would be. Time passes only while something is waited for."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.others: dict[str, Process] = {}
        """Those of another system on the same Ray."""
        self.done: list[str] = []
        self.now = 0.0
        self.util = self
        self.started: dict[str, dict[str, Any]] = {}
        self.programs: list[type] = []

    def add(self, name: str, **outcomes: Any) -> Process:
        process = self.processes[name] = Process(self, name, **outcomes)
        return process

    def init(self, **options: Any) -> SimpleNamespace:
        return SimpleNamespace(address_info={"session_dir": "/tmp/ray/session_1"})

    def list_named_actors(self, all_namespaces: bool) -> list[dict[str, str]]:
        return [
            *({"name": name, "namespace": cluster.NAMESPACE} for name in self.processes),
            *({"name": name, "namespace": OTHER} for name in self.others),
            {"name": "host/0", "namespace": "somebody else's"},
        ]

    def get_actor(self, name: str, namespace: str) -> Process:
        processes = {cluster.NAMESPACE: self.processes, OTHER: self.others}[namespace]
        if name not in processes:
            raise ValueError(name)
        return processes[name]

    def wait(self, calls: Sequence[Call], num_returns: int, timeout: float) -> None:
        assert len(calls) == num_returns > 0
        taken = min(timeout, max(call.seconds for call in calls))
        self.now += taken
        for call in calls:
            call.seconds -= taken

    def get(self, call: Call, timeout: float) -> Any:
        if call.seconds > timeout:
            raise GetTimeoutError
        if isinstance(call.outcome, Exception):
            raise call.outcome
        return call.outcome

    def kill(self, process: Process) -> None:
        self.done.append(f"kill {process._name}")
        for processes in (self.processes, self.others):
            for name in [name for name, one in processes.items() if one is process]:
                del processes[name]

    def remote(self, program: type) -> "Program":
        self.programs.append(program)
        return Program(self)

    def shutdown(self) -> None:
        self.done.append("shutdown")


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Ray:
    one = Ray()
    monkeypatch.setattr(cluster, "ray", one)
    return one


def killed(ray: Ray) -> list[str]:
    return [one for one in ray.done if one.startswith("kill")]


def failed(why: Exception) -> RayTaskError:
    return RayTaskError("status", "a trace", why)


def asked(ray: Ray, names: Iterable[str]) -> dict[str, Any]:
    return RayCluster().status(names, timeout_seconds=3.0)


def test_each_says_how_it_is_in_the_time_given(ray: Ray) -> None:
    ray.add("host/0", status={"pid": 7})
    ray.add("host/1", status={"pid": 8}).seconds["status"] = 9.0
    ray.add("host/2", status=ActorUnavailableError("it is restarted", None))
    ray.add("host/3", status=failed(OSError("no room")))
    answers = asked(ray, ["host/0", "host/1", "host/2", "host/3", "host/4"])
    assert answers == {
        "host/0": {"pid": 7},
        "host/1": None,
        "host/2": None,
        "host/3": {"failed": "no room"},
        "host/4": None,
    }
    assert ray.now == 3.0


def test_nobody_is_asked_where_nobody_lives(ray: Ray) -> None:
    assert asked(ray, ["host/0"]) == {"host/0": None}
    assert asked(ray, []) == {}


def test_edges_are_stopped_first_and_what_is_alike_together(ray: Ray) -> None:
    for name in ("host/0", "bridge/0", "gateway/0", "host/1"):
        ray.add(name).seconds["stop"] = 2.0
    heard: list[str] = []
    RayCluster().stop(heard.append)
    assert heard == ["bridge/0", "gateway/0", "host/0", "host/1"]
    assert ray.done.index("kill gateway/0") < ray.done.index("stop host/0")
    assert ray.now == 4.0
    assert ray.done[-1] == "shutdown"


def test_who_does_not_stop_in_time_or_fails_is_ended_all_the_same(ray: Ray, caplog: pytest.LogCaptureFixture) -> None:
    ray.add("gateway/0").seconds["stop"] = 60.0
    ray.add("host/0", stop=failed(OSError("no room")))
    RayCluster().stop(timeout_seconds=5.0)
    assert killed(ray) == ["kill gateway/0", "kill host/0"]
    assert ray.now == 5.0
    assert [one.partition(" why=")[0] for one in caplog.messages] == [
        "not stopped in order peer=gateway/0",
        "not stopped in order peer=host/0",
    ]


def test_what_is_only_just_starting_is_not_waited_for(ray: Ray) -> None:
    ray.add("gateway/0").seconds["__ray_ready__"] = 60.0
    ray.add("host/0", __ray_ready__=ActorUnavailableError("it is restarted", None))
    ray.add("host/1").seconds["stop"] = 1.0
    RayCluster().stop(timeout_seconds=5.0)
    assert killed(ray) == ["kill gateway/0", "kill host/0", "kill host/1"]
    assert [one for one in ray.done if one.startswith("stop")] == ["stop host/1"]
    assert ray.now == cluster.UP_SECONDS + 1.0


def started(ray: Ray, system: RayCluster) -> dict[str, Any]:
    system.start({"host/0": ProcessSpec("gateway.processes.host:HostProcess")})
    return ray.started["host/0"]


def test_systems_that_share_a_ray_are_started_asked_and_ended_apart(ray: Ray) -> None:
    ray.add("host/0", status={"pid": 7})
    ray.others["host/0"] = Process(ray, "the other's", status={"pid": 8})
    own, other = RayCluster("auto"), RayCluster("auto", namespace=OTHER)
    assert [started(ray, one)["namespace"] for one in (own, other)] == [cluster.NAMESPACE, OTHER]
    assert own.systems() == [cluster.NAMESPACE, OTHER]
    asked = RayCluster("auto")
    assert [asked.beside(one).status(["host/0"], 1.0)["host/0"] for one in asked.systems()] == [{"pid": 7}, {"pid": 8}]
    RayCluster("auto").stop()
    assert killed(ray) == ["kill host/0"]
    assert RayCluster("auto", namespace=OTHER).names() == ["host/0"]


def test_whoever_finds_a_process_loads_nothing_of_what_it_is_made_of(ray: Ray) -> None:
    started(ray, RayCluster())
    [program] = ray.programs
    assert program.__name__ == "HostProcess", "the process's title, for operators"
    assert b"gateway" not in cloudpickle.dumps(program)


def test_processes_are_spread_over_the_nodes(ray: Ray) -> None:
    assert started(ray, RayCluster("auto"))["scheduling_strategy"] == "SPREAD"


def test_dedicated_hosts_that_a_killed_system_has_left_are_ended(ray: Ray) -> None:
    for name in ("conversation/a-1", "agent/alice"):
        ray.add(name)
    RayCluster("auto").clear()
    assert killed(ray) == ["kill agent/alice", "kill conversation/a-1"]


def test_a_system_that_runs_is_left_alone_and_named(ray: Ray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LEAVING_SECONDS", -1.0)
    for name in ("host/0", "conversation/a-1"):
        ray.add(name)
    with pytest.raises(Running, match=r"^conversation/a-1, host/0$"):
        RayCluster("auto").clear()
    assert killed(ray) == []


def test_the_folder_of_a_ray_of_others_is_not_ours(ray: Ray) -> None:
    assert RayCluster().folder == "/tmp/ray/session_1"
    assert RayCluster("auto").folder == ""

"""A local cluster is a cluster like Ray's: started by specs, asked for its status, stopped as a whole."""

import pytest

from runtime.local import LocalCluster
from runtime.processes import Cluster, Network, ProcessSpec


class Program:
    """A process that knows its name."""

    stopped: list[str] = []  # noqa: RUF012 - shared on purpose

    def __init__(self, network: Network, name: str, word: str) -> None:
        if word == "unborn":
            raise ValueError(word)
        self.name, self.word = name, word

    async def status(self) -> dict[str, str]:
        if self.word == "broken":
            raise ValueError("it is broken")
        return {"name": self.name, "word": self.word}

    async def deliver(self, batch: bytes) -> bytes:
        return batch

    async def stop(self) -> None:
        self.stopped.append(self.name)


def spec(word: str) -> ProcessSpec:
    return ProcessSpec(f"{__name__}:Program", (word,))


def test_processes_are_started_asked_and_stopped_gateways_first() -> None:
    cluster: Cluster = LocalCluster()
    cluster.start({"host/0": spec("a"), "gateway/0": spec("b"), "assistant/0": spec("broken")})
    status = cluster.status(["host/0", "gateway/0", "assistant/0", "nobody/0"], timeout_seconds=5)
    assert status == {
        "host/0": {"name": "host/0", "word": "a"},
        "gateway/0": {"name": "gateway/0", "word": "b"},
        "assistant/0": {"failed": "it is broken"},
        "nobody/0": None,
    }
    heard: list[str] = []
    cluster.stop(heard.append)
    assert Program.stopped == heard == ["gateway/0", "assistant/0", "host/0"]


def test_a_dedicated_host_is_started_by_the_first_call_to_it() -> None:
    cluster = LocalCluster({"conversation": spec("own")})
    assert cluster.names() == []
    assert cluster.find("conversation/x").name == "conversation/x"
    assert cluster.names() == ["conversation/x"]


def test_a_spec_names_a_class_by_its_path() -> None:
    assert spec("x").load() is Program
    with pytest.raises(AttributeError):
        ProcessSpec(f"{__name__}:Nothing").load()

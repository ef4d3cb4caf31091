"""Gathering from many processes: who answers is shown, who does not is left out and counted, and nobody waits long."""

import asyncio
from typing import Any

import pytest

from metrics.exporter import Exporter
from metrics.recorder import Samples, encode
from runtime.courier import Unreachable
from tests.metrics.whole import Scrape

pytestmark = pytest.mark.anyio

SAID: Samples = {"messages_total": [(("acme", "agent"), 2.0)]}


class Net:
    """Processes that answer, fail or hang, by name."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {name.replace("_", "/"): answer for name, answer in answers.items()}
        self.asked: list[str] = []

    async def ask(self, peer: str, method: str) -> bytes:
        assert method == "metrics"
        self.asked.append(peer)
        answer = self.answers[peer]
        if answer == "hangs":
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer
        return encode(answer)

    async def names(self) -> list[str]:
        return sorted(self.answers)


async def nothing() -> Samples:
    return {}


def exporter(net: Net, census: Any = nothing, dedicated: frozenset[str] = frozenset()) -> Exporter:
    peers = [name for name in net.answers if name.partition("/")[0] not in dedicated]
    everyone = ["gateway/0", *peers]
    return Exporter("gateway/0", lambda: SAID, census, net, everyone, dedicated, answer_seconds=0.05)


async def scrape(exporter: Exporter) -> Scrape:
    return Scrape((await exporter.text()).decode())


async def test_every_process_is_shown_under_its_name() -> None:
    net = Net(host_0=SAID, host_1=SAID)
    found = await scrape(exporter(net))
    assert found.of("messages_total", by="instance") == {"gateway/0": 2, "host/0": 2, "host/1": 2}
    assert net.asked == ["host/0", "host/1"], "nobody asks itself over the network"


async def test_who_does_not_answer_is_left_out_and_counted() -> None:
    net = Net(host_0=SAID, host_1="hangs", host_2=Unreachable("gone"), host_3=AttributeError("metrics"))
    found = await scrape(exporter(net))
    assert found.of("messages_total", by="instance") == {"gateway/0": 2, "host/0": 2}
    up = {"gateway/0": 1, "host/0": 1, "host/1": 0, "host/2": 0, "host/3": 0}
    assert found.of("process_up", by="instance") == up
    assert found.of("processes_silent", by="instance") == {"system": 3}


async def test_what_is_not_samples_is_no_answer() -> None:
    net = Net(host_0={"messages_total": "many"})
    assert (await scrape(exporter(net))).of("process_up", by="instance")["host/0"] == 0


async def test_a_journal_that_does_not_answer_hides_no_process() -> None:
    async def failing() -> Samples:
        raise Unreachable("the store")

    found = await scrape(exporter(Net(host_0=SAID), failing))
    assert found.sum("messages_total", instance="host/0") == 2
    assert found.sum("processes_silent") == 1


async def test_the_journals_samples_belong_to_the_system() -> None:
    async def census() -> Samples:
        return {"orphaned_conversations": [((), 0)]}

    found = await scrape(exporter(Net(), census))
    assert found.of("orphaned_conversations", by="instance") == {"system": 0}


async def test_dedicated_hosts_are_counted_together_so_that_no_conversation_is_a_label() -> None:
    net = Net(host_0=SAID, conversation_a=SAID, conversation_b=SAID, conversation_c="hangs")
    exposition = await exporter(net, dedicated=frozenset({"conversation"})).text()
    found = Scrape(exposition.decode())
    assert found.of("messages_total", by="instance") == {"gateway/0": 2, "host/0": 2, "conversation": 4}
    assert found.sum("processes_silent") == 1
    assert b"conversation/" not in exposition


async def test_readers_that_ask_at_once_share_one_round() -> None:
    net = Net(host_0=SAID)
    shared = exporter(net)
    first, second = await asyncio.gather(shared.text(), shared.text())
    assert first == second
    assert net.asked == ["host/0"]
    await shared.text()
    assert net.asked == ["host/0", "host/0"]


async def test_a_reader_that_leaves_does_not_end_the_round_of_the_others() -> None:
    net = Net(host_0="hangs")
    shared = exporter(net)
    leaving = asyncio.create_task(shared.text())
    staying = asyncio.create_task(shared.text())
    await asyncio.sleep(0)
    leaving.cancel()
    assert Scrape((await staying).decode()).sum("processes_silent") == 1

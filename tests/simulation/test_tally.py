"""The runtime under every fault, with the tiny machine."""

import pytest
from msgspec import structs

from tests.conftest import ForEach
from tests.simulation.faults import CALM
from tests.simulation.tally import DEDICATED, LIMITS, PACKED, TallyRun


@pytest.mark.parametrize("placement", [PACKED, DEDICATED], ids=["packed", "dedicated"])
def test_when_nothing_goes_wrong_everything_is_done_at_the_first_try(placement: object) -> None:
    simulation = TallyRun(1, CALM, placement).run()  # type: ignore[arg-type]
    assert {handle.tries for handle in simulation.handles} == {1}


def packed(seed: int) -> None:
    TallyRun(seed).run()


@pytest.mark.parametrize("block", range(10))
def test_packed_hosts_keep_every_promise(block: int, for_each: ForEach) -> None:
    for_each(packed, range(block * 40, block * 40 + 40))


def dedicated(seed: int) -> None:
    TallyRun(seed, placement=DEDICATED).run()


@pytest.mark.parametrize("block", range(5))
def test_dedicated_hosts_keep_every_promise(block: int, for_each: ForEach) -> None:
    for_each(dedicated, range(block * 20, block * 20 + 20))


def leaving(seed: int) -> None:
    limits = structs.replace(LIMITS, idle_ms=800, lease_ms=1_200)  # not sooner: who calls one again waits up to 500 ms
    assert TallyRun(seed, placement=DEDICATED, limits=limits).run().left, f"nobody has left [seed {seed}]"


def test_dedicated_hosts_that_leave_as_soon_as_they_may_break_no_promise(for_each: ForEach) -> None:
    for_each(leaving, range(20))


def forgetful(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("runtime.link.LINKS_IDLE", 1)
        patch.setattr("runtime.link.SENDERS_KEPT", 6)
        TallyRun(seed, placement=DEDICATED).run()


@pytest.mark.parametrize("block", range(2))
def test_links_and_senders_that_are_forgotten_at_once_break_no_promise(block: int, for_each: ForEach) -> None:
    for_each(forgetful, range(block * 20, block * 20 + 20))

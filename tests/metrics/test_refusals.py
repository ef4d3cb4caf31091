"""Whoever is refused again and again does not fill the log; all of it is counted."""

import logging

import pytest

from actors import commands as c
from gateway.errors import ProtocolError
from metrics import refusals
from metrics.gateways import GatewayRecorder
from metrics.hosts import HostRecorder
from metrics.refusals import Refusals
from runtime.identity import ActorId
from runtime.link import Links
from runtime.messages import Batch, Deliver, Refusal, Reply

CODE = ("forbidden",)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says; two lines a minute."""
    now = [1_000.0]
    monkeypatch.setattr(refusals.time, "time", lambda: now[0])
    monkeypatch.setattr(refusals, "LINES_A_MINUTE", 2)
    return now


def test_so_many_are_written_in_a_minute_and_the_next_says_how_many_were_not(
    now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    found = Refusals(logging.getLogger("metrics"))
    assert [found.may_write() for _ in range(5)] == [True, True, False, False, False]
    now[0] += 60
    assert found.may_write()
    assert caplog.messages == ["rejections not logged count=3"]
    now[0] += 60
    assert found.may_write()
    assert len(caplog.messages) == 1


def test_a_gateway_writes_no_more(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "metrics")
    recorder = GatewayRecorder([], Links("gateway/0", "first"), strict=True)
    for ref in "12345":
        recorder.refused(ProtocolError("forbidden", "No."), ref=ref)
    assert [line.rpartition("=")[2] for line in caplog.messages] == ["1", "2"]
    assert dict(recorder.samples()["rejected_total"])[CODE] == 5


def test_neither_does_a_host(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "metrics")
    recorder = HostRecorder(strict=True)
    said = Deliver(ActorId("conversation/v-1"), "visitor/v", "r", c.SendMessage("Hello"))
    refused = Reply(1, Refusal("forbidden", "No.", {}))
    recorder.taken(Batch("gateway/0", "first", 1, 0, [said] * 5))([refused] * 5)
    assert len(caplog.messages) == 2
    assert dict(recorder.samples()["rejected_total"])[CODE] == 5

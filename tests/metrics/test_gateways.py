"""What a gateway counts of its own."""

import pytest

from metrics import gateways
from metrics.gateways import GatewayRecorder
from runtime.link import Links

NOW_SECONDS = 1_000.0


def test_each_socket_that_was_written_to_counts_with_the_age_of_its_oldest_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateways.time, "time", lambda: NOW_SECONDS)
    recorder = GatewayRecorder([], Links("gateway/0", "first"), strict=True)
    recorder.delivered([999_750, 998_000, 0, 999_750, 1_000_001])
    [(_, value)] = recorder.samples()["delivery_seconds"]
    assert isinstance(value, list)
    assert sum(value[:-1]) == 4
    assert value[-1] == pytest.approx(0.25 + 0.25 + 2.0), "what comes from a clock ahead of ours took no time"

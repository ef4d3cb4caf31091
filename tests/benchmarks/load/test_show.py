"""What a benchmark ends with: its last line, and its exit code."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from benchmarks.load import show

OPTIONS = argparse.Namespace(json=True, seed=7, agents=3, dialogues=Path("said.jsonl"))
CONTENDER = {
    "name": "one",
    "delivered_a_second": 1_000,
    "server_cpu_us": 50.0,
    "server_cpu_us_by_group": {"host": 20.0},
    "delivery_ms": {"p50": 1.0, "p99": 2.0, "p99.9": 3.0},
    "memory_mb": {"host": {"pss": 80}},
    "generator_cpu_us": 5.0,
    "conversations": 4,
    "in_flight": 1,
    "promises": "none",
}


@pytest.mark.parametrize("faults", [0, 2])
def test_figures_with_faults_end_with_1_and_the_last_line_says_all(
    faults: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show.facts("fanout", OPTIONS, "Fan-out", {"opened": 5, "faults": faults}) == bool(faults)
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["benchmark"], told["seed"]) == ("fanout", 7)
    assert told["options"] == {"agents": 3, "dialogues": "said.jsonl"}
    assert (told["opened"], told["faults"]) == (5, faults)
    assert "Fan-out" in printed.err


@pytest.mark.parametrize("faults", [0, 1])
def test_one_contender_with_a_fault_is_enough(faults: int, capsys: pytest.CaptureFixture[str]) -> None:
    results = [{**CONTENDER, "faults": 0}, {**CONTENDER, "name": "other", "faults": faults}]
    assert show.relays("hosts", OPTIONS, "Hosts", {"results": results}) == faults
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["results"]] == ["one", "other"]

"""Targets against results: what was reached, missed, and not measured; and the page that is drawn from them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from benchmarks import chart, plots, targets
from benchmarks.chart import Bar, bars
from benchmarks.targets import RUNS, Target, compare, load

RATIO = {"cpu": 1.25, "throughput": 30.0, "cpu_range": [1.1, 1.3], "throughput_range": [28, 31]}
NAMES = {"relay": "ejabberd, nothing stored, tcp", "relay-others": "plain-ray", "relay-full": "plain-ray"}


NOTHING = targets.figure("nothing")


def relayed(name: str, cpu_us: float = 50.0, **more: Any) -> dict[str, Any]:
    figures = {"delivered_a_second": 10_000, "server_cpu_us": cpu_us, "delivery_ms": {"p50": 2.0, "p99": 9.0}}
    figures["server_cpu_us_range"] = [cpu_us - 1, cpu_us + 2]
    return {"name": name, "promises": "all <of it>", "server_cpu_share": 0.5, **figures, **more}


def results() -> dict[str, Any]:
    found: dict[str, Any] = {
        run: relayed("livesupport", peers=[relayed(peer, 40.0, ratio=RATIO)]) for run, peer in NAMES.items()
    }
    found["flat"] = {
        "ratio": {"cpu": 1.1},
        "results": [relayed("100 open"), relayed("1,000 open")],
        "peers": [relayed("ejabberd")],
    }
    found["idle"] = {
        "held": [{"held": 10, "bytes_each": 2_000}],
        "connected": [{"connected": 10, "bytes_each": 50_000}],
        "peers": [],
    }
    found["open"] = {"missing": {"plain-ray": "pip install ray"}}
    found["handoff"] = {
        "name": "livesupport",
        "steps": {"request → offer": {"p50_ms": 1.0, "p99_ms": 2.0}},
        "peers": [],
    }
    return found


def test_each_target_is_reached_missed_or_not_measured() -> None:
    verdicts = {row["what"]: row["verdict"] for row in compare(results())}
    assert verdicts["CPU a message, by ejabberd's, nothing stored"] == "missed"
    assert verdicts["throughput at 400 × 3, by plain Ray's"] == "reported"
    assert verdicts["at 400 × 20"] == "reached"
    assert verdicts["a held idle conversation"] == "reached"
    assert verdicts["a connected visitor"] == "missed"
    assert verdicts["by Django Channels'"] == verdicts["opened a second"] == "not measured"


def test_a_median_is_told_with_the_range_of_its_rounds() -> None:
    rows = {row["what"]: row for row in compare(results())}
    row = rows["CPU a message, by ejabberd's, nothing stored"]
    assert (row["measured"], row["range"], row["shown"]) == (1.25, [1.1, 1.3], "1.25 (1.1 to 1.3) ×")
    once = rows["a held idle conversation"]
    assert (once["measured"], once["range"], once["shown"]) == (2.0, None, "2 KB")


def test_a_peer_that_was_missing_is_named_at_the_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, result in results().items():
        (tmp_path / f"{name}.json").write_bytes(msgspec.json.encode(result))
    assert targets.main(["--from", str(tmp_path), "--json"]) == 1
    printed = capsys.readouterr()
    assert "plain-ray was not measured, it is not installed: pip install ray" in printed.err
    assert msgspec.json.decode(printed.out)["missing"] == {"plain-ray": "pip install ray"}


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (Target("", NOTHING, 1.0), 1.0, "reached"),
        (Target("", NOTHING, 1.0), 1.01, "missed"),
        (Target("", NOTHING, at_least=20.0), 20.0, "reached"),
        (Target("", NOTHING, at_least=20.0), 19.9, "missed"),
        (Target("", NOTHING), 7.0, "reported"),
    ],
)
def test_a_bound_itself_is_reached(target: Target, value: float, verdict: str) -> None:
    assert target.verdict(value) == verdict


def test_every_run_is_a_benchmark_that_exists() -> None:
    folder = Path(targets.__file__).parent
    assert all((folder / f"{module}.py").exists() for module, *_ in RUNS.values())


def test_a_run_is_kept_and_its_code_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import sys; print('noise'); print('{\"ratio\": 1}'); sys.exit(1)"
    monkeypatch.setattr(targets, "RUNS", {"flat": ["flat"]})
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -c \"$(cat <<'E'\n{script}\nE\n)\"\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    assert targets.run("flat", tmp_path) == 1
    assert load(tmp_path) == {"flat": {"ratio": 1}}


def test_a_chart_is_xml_whose_bars_are_as_long_as_their_values() -> None:
    drawn = ElementTree.fromstring(bars('a "title" & more', [Bar("<one>", 50, True), Bar("two", 100)], "µs", 75))
    lengths = [float(one.attrib["width"]) for one in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert lengths[1] == pytest.approx(2 * lengths[0])
    assert drawn.attrib["aria-label"] == 'a "title" & more'
    assert "<one>" in [one.text for one in drawn.iter("{http://www.w3.org/2000/svg}text")]


def test_a_line_over_a_bar_reaches_from_the_least_to_the_most_and_what_it_means_is_told() -> None:
    drawn = bars("title", [Bar("ours", 50, True, (40, 100)), Bar("theirs", 25)], "µs", 75)
    room = chart.WIDTH - chart.LABEL - chart.VALUE
    least, most = (chart.LABEL + room * edge / 100 for edge in (40, 100))
    assert f"M{least:.1f} " in drawn
    assert f"H{most:.1f}M" in drawn
    assert "blue: ours, grey: peers; thin line: least to most of the rounds; dashed: the target, 75 µs" in drawn


def test_the_page_holds_every_plot_whose_result_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, result in results().items():
        (tmp_path / f"{name}.json").write_bytes(msgspec.json.encode(result))
    assert plots.main([str(tmp_path)]) == 0
    written = {path.name for path in tmp_path.iterdir()} - {f"{name}.json" for name in results()}
    assert written == {
        "cpu.svg",
        "throughput.svg",
        "flat.svg",
        "memory.svg",
        "handoff.svg",
        "results.html",
        "results.md",
    }
    assert all(ElementTree.parse(path) for path in tmp_path.glob("*.svg"))
    assert "plain-ray" in (tmp_path / "results.md").read_text()
    assert "all &lt;of it&gt;" in (tmp_path / "results.html").read_text()
    assert str(tmp_path / "cpu.svg") in capsys.readouterr().out


def test_without_results_there_is_nothing_to_draw(tmp_path: Path) -> None:
    assert plots.main([str(tmp_path)]) == 1

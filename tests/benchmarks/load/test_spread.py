"""A median stands beside the range of what it is the median of."""

from __future__ import annotations

from benchmarks.load.show import facts_table
from benchmarks.load.spread import medians, shown, spread


def test_a_median_has_its_range_beside_it() -> None:
    found = medians("us", [3.0, 1.0, 2.04])
    assert found == {"us": 2.0, "us_range": [1.0, 3.0]}
    assert spread(found, "us") == (1.0, 3.0)
    assert shown(found, "us") == "2 (1 to 3)"


def test_what_was_measured_once_has_none() -> None:
    assert spread({"us": 2.0}, "us") is None
    assert shown({"us": 2_000}, "us", 1_000) == "2"


def test_large_figures_are_grouped_and_whole() -> None:
    assert shown(medians("rate", [22_500.4, 24_000.0, 21_000.0], 0), "rate") == "22,500 (21,000 to 24,000)"


def test_a_table_of_facts_has_ranges_in_their_figures_rows() -> None:
    table = facts_table("Facts", {**medians("rate", [1, 2, 3], 0), "ms": medians("p50", [5.0, 6.0, 7.0])})
    assert list(table.columns[0].cells) == ["rate", "ms"]
    assert list(table.columns[1].cells) == ["2 (1 to 3)", "p50 6 (5 to 7)"]


def test_figures_of_figures_have_rows_of_their_own() -> None:
    table = facts_table("Facts", {"steps": {"first": {"p50": 1.0}, "last": {"p50": 2.0}}})
    assert list(table.columns[0].cells) == ["first", "last"]
    assert list(table.columns[1].cells) == ["p50 1", "p50 2"]

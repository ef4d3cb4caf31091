"""Percentiles, and where they were measured."""

from __future__ import annotations

import pytest

from benchmarks.machine import machine, percentile, versions


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (99.9, 100), (100, 100), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent: float, expected: int) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], percent) == expected


def test_of_one_value_every_percentile_is_that_value_and_of_none_zero() -> None:
    assert (percentile([7.0], 50), percentile([7.0], 99), percentile([], 50)) == (7.0, 7.0, 0.0)


def test_a_report_names_its_machine_and_versions() -> None:
    assert machine()["cores"]
    assert {"python", "websockets", "msgspec"} <= set(versions())

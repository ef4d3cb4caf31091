"""Medians, never without their spread: beside a figure `name` stands `name_range`, the least and the most of it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def medians(name: str, values: Sequence[float], digits: int = 1) -> dict[str, Any]:
    """The median of some rounds under a name, and their range."""
    return {name: _rounded(statistics.median(values), digits), **ranged(name, values, digits)}


def ranged(name: str, values: Sequence[float], digits: int = 1) -> dict[str, list[float]]:
    """The range alone."""
    return {f"{name}_range": [_rounded(edge, digits) for edge in (min(values), max(values))]}


def spread(result: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    """The least and the most of a figure; None where it was measured once."""
    found = result.get(f"{name}_range")
    return (found[0], found[1]) if found else None


def shown(result: Mapping[str, Any], name: str, scale: float = 1.0) -> str:
    """A figure for people: `51.2 (49.0 to 55.3)`."""
    edges = spread(result, name)
    middle = _told(result[name] / scale)
    return f"{middle} ({_told(edges[0] / scale)} to {_told(edges[1] / scale)})" if edges else middle


def _told(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) if digits else round(value)

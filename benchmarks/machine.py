"""Where a figure was measured: the machine, the versions, and the percentiles that every report uses."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path

from gateway.machine_code.compiled import Compiled

PACKAGES = ("livesupport", "ray", "starlette", "uvicorn", "msgspec", "websockets", "httpx", "redis")


def machine() -> dict[str, str | int]:
    """Its system, processor, cores (those that we may use) and memory; the file of the Python that runs this: one that
    was built without a profile takes a sixth longer; and whether our code is `compiled`, or its `sources` are run."""
    return {
        "system": platform.platform(),
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "interpreter": os.path.realpath(sys.executable),
        "code": Compiled().state,
        "memory_bytes": int((_field("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) * 1024,
    }


def versions() -> dict[str, str]:
    """Python's, and those of the installed packages that a figure may depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of them do not exceed; 0 without values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def _field(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")

"""One server of ours, and a measurement that blocks: it has a thread of its own, and a progress bar."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import Any

from rich.progress import Progress

from benchmarks.configuration import Setup
from benchmarks.load import show
from benchmarks.peers.livesupport import Livesupport

Measure = Callable[[Livesupport, argparse.Namespace, Progress], dict[str, Any]]


async def alone(setup: Setup, measure: Measure, options: argparse.Namespace) -> dict[str, Any]:
    """What is measured of a server with this setup, which is ended afterwards."""
    with show.progress() as progress:
        async with Livesupport(setup) as server:
            return await asyncio.to_thread(measure, server, options, progress)

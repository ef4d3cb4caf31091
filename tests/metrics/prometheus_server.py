"""A real Prometheus that scrapes one gateway twice a second, with the rules that we ship."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import yaml

from benchmarks.ports import free_port
from tests.metrics.queries import ALERTS, METRICS

SCRAPE_SECONDS = 0.5
READY_SECONDS = 30


@dataclass
class Prometheus:
    """Asks it."""

    http: httpx.AsyncClient

    async def ask(self, path: str, **query: Any) -> Any:
        """The data of an answer that must be a success."""
        answer = (await self.http.get(f"/api/v1/{path}", params=query)).json()
        assert answer["status"] == "success", f"{query}: {answer}"
        return answer["data"]

    async def now(self, expression: str) -> list[dict[str, Any]]:
        """The series of an expression, now."""
        found: list[dict[str, Any]] = (await self.ask("query", query=expression))["result"]
        return found

    async def by(self, label: str, expression: str) -> dict[str, float]:
        """The values that are not 0, by a label."""
        series = await self.now(expression)
        return {one["metric"].get(label, ""): value for one in series if (value := float(one["value"][1]))}

    async def value(self, expression: str) -> float:
        """The one value of an expression; 0 if there is none."""
        series = await self.now(expression)
        return float(series[0]["value"][1]) if series else 0.0

    async def history(self, expression: str, seconds: float) -> list[float]:
        """The values of the last seconds, one for each scrape."""
        now = time.time()
        query = {"query": expression, "start": now - seconds, "end": now, "step": SCRAPE_SECONDS}
        [series] = (await self.ask("query_range", **query))["result"]
        return [float(value) for _, value in series["values"]]


def known(series: list[dict[str, Any]]) -> bool:
    """Some value is a number."""
    return any(not math.isnan(float(one["value"][1])) for one in series)


@contextlib.asynccontextmanager
async def scraping(url: str, folder: Path) -> AsyncIterator[Prometheus]:
    """A Prometheus with our own configuration, but for the address and the pace."""
    config = yaml.safe_load((METRICS / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": f"{SCRAPE_SECONDS * 1000:.0f}ms", "evaluation_interval": "1s"}
    config["rule_files"] = [str(ALERTS)]
    [job] = config["scrape_configs"]
    job["static_configs"] = [{"targets": [url.removeprefix("http://")]}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = [
        *("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn", "--query.lookback-delta=15s"),
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as http:
            await _ready(http)
            yield Prometheus(http)
    finally:
        process.terminate()
        await process.wait()


async def _ready(http: httpx.AsyncClient) -> None:
    with anyio.fail_after(READY_SECONDS):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/-/ready")).status_code == 200:
                    return
            await anyio.sleep(0.1)

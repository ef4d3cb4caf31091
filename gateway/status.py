"""`livesupport status`: one line a process, and what is wrong with it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from gateway.tokens import ray_token, secret
from runtime.processes import Status
from runtime.ray_environment import prepare

ANSWER_SECONDS = 3.0


class NoAnswer(Exception):
    """Why, in one line."""


def run(address: str | None, data: Path) -> int:
    """Prints; returns 1 if something is down."""
    marker = data / "up.json"
    if address is None and not marker.exists():
        print(f"Nothing runs with the data directory {data}. Start it with: livesupport up --data {data}")
        return 1
    told = msgspec.json.decode(marker.read_bytes()) if marker.exists() else {}
    try:
        answers = _of_ray(address, told, data) if address or told["address"] else _of_one_process(told)
    except NoAnswer as why:
        print(why)
        return 1
    for name, answer in answers.items():
        print(f"{name:<32} {_line(answer)}")
    return 0 if answers and all(map(_is_up, answers.values())) else 1


def _of_ray(address: str | None, told: Mapping[str, Any], data: Path) -> dict[str, Status]:
    prepare(ray_token(secret(data)) if address is None else None)
    from runtime.cluster import RayCluster

    try:
        cluster = RayCluster(address or told["address"])
    except (ConnectionError, RuntimeError, ValueError) as why:
        raise NoAnswer(f"Ray does not answer: {str(why).splitlines()[0]}") from None
    return cluster.status(sorted({*told.get("processes", []), *cluster.names()}), ANSWER_SECONDS)


def _of_one_process(told: Mapping[str, Any]) -> dict[str, Status]:
    """Without Ray its gateway says who does not answer. If not even that does, nobody is up."""
    try:
        answer = httpx.get(f"{told['url']}/readyz", timeout=ANSWER_SECONDS, trust_env=False).json()
        silent = answer.get("error", {}).get("detail", {}).get("silent", [])
    except (httpx.HTTPError, ValueError):
        silent = told["processes"]
    return {name: None if name in silent else {"pid": told["pid"]} for name in sorted({*told["processes"], *silent})}


def _is_up(answer: Status) -> bool:
    return answer is not None and "failed" not in answer


def _line(answer: Status) -> str:
    said = "  ".join(f"{key} {value}" for key, value in (answer or {}).items())
    return f"{'up' if _is_up(answer) else 'DOWN':<5} {said}".rstrip()

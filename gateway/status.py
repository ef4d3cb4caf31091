"""`livesupport status`: one line a process, and what is wrong with it."""

from pathlib import Path

import msgspec

from gateway.tokens import ray_token, secret
from runtime.ray_environment import prepare

ANSWER_SECONDS = 3.0


def run(address: str | None, data: Path) -> int:
    """Prints; returns 1 if something is down."""
    marker = data / "up.json"
    if address is None and not marker.exists():
        print(f"Nothing runs with the data directory {data}. Start it with: livesupport up --data {data}")
        return 1
    told = msgspec.json.decode(marker.read_bytes()) if marker.exists() else {}
    prepare(ray_token(secret(data)) if address is None else None)
    from runtime.cluster import RayCluster

    try:
        cluster = RayCluster(address or told["address"])
    except (ConnectionError, RuntimeError, ValueError) as why:
        print(f"Ray does not answer: {str(why).splitlines()[0]}")
        return 1
    names = sorted({*told.get("processes", []), *cluster.names()})
    answers = cluster.status(names, ANSWER_SECONDS)
    for name, answer in answers.items():
        print(f"{name:<32} " + (_line(answer) if answer is not None else "DOWN"))
    return 0 if names and all(answer is not None and "failed" not in answer for answer in answers.values()) else 1


def _line(answer: dict[str, object]) -> str:
    return "up    " + "  ".join(f"{key} {value}" for key, value in answer.items())

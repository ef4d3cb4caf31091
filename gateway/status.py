"""`livesupport status`: one line a process, and what is wrong with it."""

import contextlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import msgspec

from gateway.joining import NoRay, look_for, why_not
from gateway.marker import Marker, find
from runtime.processes import Status
from runtime.ray_environment import prepare

ANSWER_SECONDS = 3.0
GIVE_UP_SECONDS = 30.0
"""For all of it: where a machine's own part of Ray is dead, Ray waits for it for as long as that takes."""

Answers = Mapping[str, Status]


class NoAnswer(Exception):
    """Why, in one line."""


def run(address: str | None, data: Path) -> int:
    """Prints; returns 1 if something is down, the store too."""
    giving_up = threading.Timer(GIVE_UP_SECONDS, _give_up)
    giving_up.daemon = True
    giving_up.start()
    try:
        systems = _systems(address, data)
    except (NoAnswer, NoRay) as why:
        print(why)
        return 1
    finally:
        giving_up.cancel()
    for name, answers in systems.items():
        if len(systems) > 1:
            print(f"{name}:")
        for process, answer in answers.items():
            print(f"{process:<32} {_line(answer)}")
    return 0 if all(map(_is_well, (answer for answers in systems.values() for answer in answers.values()))) else 1


def _give_up() -> None:
    message = f"no answer in {GIVE_UP_SECONDS:.0f} s. Is Ray alive on this machine (ray status)? Ask on another of its"
    print(f"{message} machines.", flush=True)
    os._exit(1)


def _systems(address: str | None, data: Path) -> Mapping[str, Answers]:
    """What the processes of each system say, by its name. Raises `NoAnswer` and `NoRay`."""
    try:
        told = find(data)
    except OSError as why:
        message = f"cannot read what runs with the data directory {data}: {why.strerror}. Ask as the user that runs it."
        raise NoAnswer(message) from None
    except msgspec.DecodeError:
        message = f"what the data directory {data} says in up.json of what runs is not understood. Restart that."
        raise NoAnswer(message) from None
    if address is not None:
        return _of_ray(address, told, "")
    if told is None:
        raise NoAnswer(f"Nothing runs with the data directory {data}. Start it with: livesupport up --data {data}")
    if told.address and not told.token:
        return _of_ray(told.address, told, "")
    if not _lives(told.pid):
        raise NoAnswer(f"What ran with the data directory {data} has been killed: process {told.pid} is gone.")
    return _of_ray(told.address, told, told.token) if told.address else {"": _of_one_process(told)}


def _lives(pid: int) -> bool:
    with contextlib.suppress(PermissionError):  # somebody else's, but there
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def _of_ray(address: str, told: Marker | None, token: str) -> Mapping[str, Answers]:
    """The system that the data directory tells of, if it is one of this Ray; else all of them."""
    look_for(address)
    prepare(token)
    from runtime.cluster import RayCluster

    try:
        cluster = RayCluster(address)
    except (ConnectionError, RuntimeError, ValueError) as why:
        raise NoAnswer(why_not(address, why)) from None
    known = told if told is not None and told.address == cluster.address else None
    systems = [known.namespace] if known is not None else cluster.systems()
    if not systems:
        raise NoAnswer(
            f"Nothing of ours runs on the Ray at {address}. Start it with: livesupport up --address {address}"
        )
    found = {}
    for name in systems:
        system = cluster.beside(name)
        names = {*(known.processes if known is not None else ()), *system.names()}
        found[name] = system.status(sorted(names), ANSWER_SECONDS)
    return found


def _of_one_process(told: Marker) -> Answers:
    """Without Ray its gateway says who does not answer. If not even that does, nobody is up."""
    try:
        answer = httpx.get(f"{told.url}/readyz", timeout=ANSWER_SECONDS, trust_env=False).json()
        silent = answer.get("error", {}).get("detail", {}).get("silent", [])
    except (httpx.HTTPError, ValueError):
        silent = told.processes
    names = sorted({*told.processes, *silent})
    return {name: None if name in silent else {"pid": told.pid} for name in names}


def _is_up(answer: Status) -> bool:
    return answer is not None and "failed" not in answer


def _is_well(answer: Status) -> bool:
    return _is_up(answer) and "store" not in (answer or {})


def _line(answer: Status) -> str:
    said = "  ".join(f"{key} {value}" for key, value in (answer or {}).items())
    return f"{'up' if _is_up(answer) else 'DOWN':<5} {said}".rstrip()

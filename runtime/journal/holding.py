"""A store is one system's at a time. Two on the same one would take each other's actors away, again and again.

Fences keep what is written right all the same; this keeps the second system from starting. It must not know Ray: those
who share a store may be on different machines, each with a Ray of its own.

SQLite: a lock on a file beside the store, which the operating system gives back however its holder ends. Redis: a key
that is renewed, and gone a few seconds after its holder.
"""

import fcntl
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from runtime.journal import StoreFailed
from runtime.lines import Line

log = logging.getLogger(__name__)

LEASE_SECONDS = 5.0
RENEW_SECONDS = 1.0
_AGAIN_SECONDS = 0.2
_ANSWER_SECONDS = 1.5
_KEY = "held"
_HOLD = """
local holder = redis.call("GET", KEYS[1])
if holder and holder ~= ARGV[1] then
    return holder
end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return ARGV[1]
"""
"""Take the key, or keep it. Returns who has it now."""


class Held(Exception):
    """By whom, as far as it is known."""


class Unfit(Exception):
    """What the store would do to a journal, and what to set."""


@contextmanager
def held(url: str) -> Iterator[None]:
    """The store is ours until the end of the block. Raises `Held`, `Unfit`, or `StoreFailed` or `OSError`.

    Waits for as long as the last system may have been dead without anybody having noticed.
    """
    path = url.removeprefix("sqlite:///")
    with _file(Path(path)) if path != url else _key(url):
        yield


@contextmanager
def _file(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{path}-held", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Held("another system on this machine") from None
        yield


@contextmanager
def _key(url: str) -> Iterator[None]:
    ours = f"{socket.gethostname()} process {os.getpid()} {secrets.token_hex(4)}"
    with redis.Redis.from_url(url, socket_timeout=_ANSWER_SECONDS, socket_connect_timeout=_ANSWER_SECONDS) as client:
        script: Callable[..., Any] = client.register_script(_HOLD)

        def hold() -> str:
            holder: bytes = script(keys=[_KEY], args=[ours, int(LEASE_SECONDS * 1000)])
            return holder.decode()

        _check(client)
        _take(hold, ours)
        ended = threading.Event()
        renewing = threading.Thread(target=_renew, args=(hold, ours, ended), name="store held", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()
            _give_back(client, ours)


def _check(client: redis.Redis) -> None:
    """Raises `Unfit` for a cache, which throws away what was acknowledged once it is full."""
    try:
        settings: Any = client.config_get("maxmemory*")
    except redis.ResponseError:  # a service that does not let its settings be read
        return
    except redis.RedisError as why:
        raise StoreFailed(f"{type(why).__name__}: {why}") from why
    policy = settings.get("maxmemory-policy", "")
    if settings.get("maxmemory", "0") != "0" and policy.startswith("allkeys-"):
        raise Unfit(f"forgets conversations when its memory is full: set maxmemory-policy noeviction, not {policy}.")


def _take(hold: Callable[[], str], ours: str) -> None:
    until = time.monotonic() + LEASE_SECONDS + RENEW_SECONDS
    try:
        while (holder := hold()) != ours:
            if time.monotonic() > until:
                raise Held(holder.rpartition(" ")[0])
            time.sleep(_AGAIN_SECONDS)
    except redis.RedisError as why:
        raise StoreFailed(f"{type(why).__name__}: {why}") from why


def _renew(hold: Callable[[], str], ours: str, ended: threading.Event) -> None:
    """A Redis that is away is asked again: what it has forgotten meanwhile is written anew."""
    lost = ""
    while not ended.wait(RENEW_SECONDS):
        try:
            holder = hold()
        except redis.RedisError:
            continue  # the hosts say so already
        if holder not in (ours, lost):
            lost = holder
            log.error(Line("another system has our store", holder=holder))


def _give_back(client: redis.Redis, ours: str) -> None:
    try:
        if client.get(_KEY) == ours.encode():
            client.delete(_KEY)
    except redis.RedisError:
        log.warning(Line("store not given back", seconds=LEASE_SECONDS))

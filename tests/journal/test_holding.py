"""A store is one system's at a time, and is free again however its holder ends."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from benchmarks.ports import free_port
from benchmarks.redis_server import RedisServer
from runtime.journal import StoreFailed, holding
from runtime.journal.holding import Held, Unfit, held


@pytest.fixture
def url(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(holding, "LEASE_SECONDS", 0.3)
    monkeypatch.setattr(holding, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr(holding, "_AGAIN_SECONDS", 0.01)
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator["redis.Redis"]:
    with redis.Redis(port=redis_server.port) as one:
        yield one


def until(what: Callable[[], object]) -> None:
    """Returns when it is so, which only a server or a thread can tell."""
    waiting = threading.Event()
    assert any(what() or waiting.wait(0.01) for _ in range(500))


def test_a_file_is_held_once_and_another_one_besides(tmp_path: Path) -> None:
    first, second = (f"sqlite:///{tmp_path}/{name}/live.db" for name in "ab")
    with (
        held(first),
        held(second),
        pytest.raises(Held, match="another system on this machine"),
        held(first),
    ):
        pass
    with held(first):
        pass


def test_a_redis_is_held_once_for_as_long_as_its_holder_lives(url: str) -> None:
    with held(url), pytest.raises(Held, match=r"^\S+ process \d+$"), held(url):
        pass
    with held(url):
        pass


def test_one_database_of_a_redis_is_not_the_other(url: str) -> None:
    with held(url), held(url.removesuffix("0") + "1"):
        pass


def test_what_a_killed_system_held_is_free_a_moment_later(url: str, client: "redis.Redis") -> None:
    client.set("held", "elsewhere process 7 abcd", px=200)
    with held(url):
        assert client.get("held") != b"elsewhere process 7 abcd"


def test_what_redis_has_forgotten_is_held_again(url: str, client: "redis.Redis") -> None:
    with held(url):
        client.flushdb()
        until(lambda: client.get("held"))


def test_a_system_that_loses_its_store_says_so_once_and_leaves_it_to_the_other(
    url: str, client: "redis.Redis", caplog: pytest.LogCaptureFixture
) -> None:
    with held(url):
        client.set("held", "elsewhere process 7 abcd")
        until(lambda: caplog.messages)
    assert caplog.messages == ['another system has our store holder="elsewhere process 7 abcd"']
    assert client.get("held") == b"elsewhere process 7 abcd"


def test_a_redis_that_is_away_is_said_to_be() -> None:
    with pytest.raises(StoreFailed, match="Connection refused"), held(f"redis://127.0.0.1:{free_port()}/0"):
        pass


def test_a_cache_is_no_store(url: str, client: "redis.Redis") -> None:
    client.config_set("maxmemory", "1gb")
    client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(Unfit, match="noeviction, not allkeys-lru"), held(url):
            pass
        client.config_set("maxmemory", "0")
        with held(url):
            pass
    finally:
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")

"""Random clients: whatever they send, each frame is answered in the protocol's words, and the gateway lives."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway import frames as f
from gateway.errors import STATUS
from tests.gateway.api.system import System, limits, running
from tests.gateway.client import JSON, MSGPACK, connected

pytestmark = pytest.mark.anyio

CLIENTS, FRAMES = 12, 40
TYPES = [*sorted({one.__struct_config__.tag for one in (*f.VISITOR, *f.AGENT)} - {"ping"}), "hello", "dance"]
FIELDS = sorted({name for one in (*f.VISITOR, *f.AGENT) for name in one.__struct_fields__} - {"ref", "conversation"})
WORDS = ["", "x", "shop", "alice", "online", "resolved", "talk to a human", "\0", "😀" * 40, "x" * 201]
NUMBERS = [0, 1, -1, 5, 2**31, 2**53, 2**63 - 1, -(2**63), 1.5, 1e308, True, None]


@pytest.fixture
async def system(tmp_path: Path, anyio_backend: str) -> AsyncIterator[System]:
    async with running(tmp_path, **limits(visitor_messages=0, text_characters=200)) as system:
        yield system


def value(chance: random.Random, levels: int = 3) -> Any:
    kind = chance.randrange(6 if levels else 4)
    if kind < 2:
        return chance.choice(WORDS)
    if kind < 4:
        return chance.choice(NUMBERS)
    inner = [value(chance, levels - 1) for _ in range(chance.randrange(4))]
    return inner if kind == 4 else dict(zip(["id", "type", "", "a"], inner, strict=False))


def message(chance: random.Random, ref: str, conversations: list[str], packed: bool) -> str | bytes:
    frame = {name: value(chance) for name in FIELDS if chance.random() < 0.3}
    frame |= {"type": chance.choice(TYPES), "ref": ref, "conversation": chance.choice(conversations)}
    data = msgspec.msgpack.encode(frame) if packed else msgspec.json.encode(frame)
    match chance.randrange(8):
        case 0:
            data = data[: chance.randrange(len(data))]
        case 1:
            at = chance.randrange(len(data))
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 2:
            return (b"\x91" if packed else b"[") * chance.randrange(3_000)
    return data if packed or chance.random() < 0.1 else data.decode(errors="replace")


async def client(system: System, chance: random.Random, token: str, conversations: list[str]) -> None:
    packed = chance.random() < 0.5
    async with connected(system, token, MSGPACK if packed else JSON) as one:
        await one.next(type="welcome")
        for number in range(FRAMES):
            await one.connection.send(message(chance, str(number), conversations, packed))
        assert (await one.ack("ping", "the last"))["type"] == "pong"
        errors = [frame for frame in one.frames if frame["type"] == "error"]
        assert {error["code"] for error in errors} <= STATUS.keys() - {"internal"}
        assert all(error["message"] for error in errors)


@pytest.mark.parametrize("seed", range(3))
async def test_no_frame_ends_a_connection_or_hurts_the_gateway(
    system: System, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(seed)
    visitors = [await system.visitor() for _ in range(4)]
    tokens = [token for token, _ in visitors] + [await system.agent(one) for one in ("alice", "bob", "mara")]
    conversations = [key for _, key in visitors] + ["nobody-1", ""]
    clients = [(random.Random(chance.random()), chance.choice(tokens)) for _ in range(CLIENTS)]
    await asyncio.gather(*(client(system, own, token, conversations) for own, token in clients))
    token, key = await system.visitor()
    assert (await system.command(token, key, "send_message", text="Is anybody there?"))["type"] == "ack"
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []

"""An answer is written in one go, and nothing of it is lost."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.cork import Cork

pytestmark = pytest.mark.anyio


class Wire(asyncio.Transport):
    """Remembers each write, and how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.end = ""

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def writelines(self, data: Iterable[Any]) -> None:
        self.written.append(b"".join(data))

    def close(self) -> None:
        self.end = "closed"

    def abort(self) -> None:
        self.end = "aborted"

    def is_closing(self) -> bool:
        return bool(self.end)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def cork(wire: Wire) -> Cork:
    return Cork(wire, asyncio.get_running_loop())


async def a_round() -> None:
    """What has been put off to the next round of the loop is done."""
    await asyncio.sleep(0)


async def test_a_head_goes_out_with_its_body_and_at_once(wire: Wire, cork: Cork) -> None:
    for _ in range(2):
        cork.write(b"head ")
        assert not wire.written
        cork.write(b"body")
        assert wire.written == [b"head body"]
        await a_round()
        assert wire.written == [b"head body"]
        wire.written.clear()


async def test_a_head_alone_waits_for_no_more_than_a_round(wire: Wire, cork: Cork) -> None:
    cork.write(b"")
    cork.write(b"head")
    await a_round()
    assert wire.written == [b"head"]


async def test_what_is_kept_is_written_before_the_end(wire: Wire, cork: Cork) -> None:
    cork.write(b"last")
    cork.close()
    assert (wire.written, wire.end, cork.is_closing()) == ([b"last"], "closed", True)
    await a_round()
    assert wire.written == [b"last"]


@pytest.mark.parametrize("who", ["we", "the client"])
async def test_nothing_is_written_once_it_is_over(wire: Wire, cork: Cork, who: str) -> None:
    cork.write(b"never")
    cork.abort() if who == "we" else wire.close()
    await a_round()
    assert not wire.written

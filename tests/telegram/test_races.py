"""The group and the dashboard reach for the same conversation in the same moment: one has it, and the other is told."""

import asyncio
import contextlib
from typing import Any

import pytest

from benchmarks.frames import CommandError
from benchmarks.rest import Visitor
from tests.telegram.team import ALICE, BOB, Team

pytestmark = pytest.mark.anyio

VISITORS = 12


async def race(team: Team, visitor: Visitor, name: str) -> bool:
    """Whether Alice was told that her reply was not sent."""
    card = await team.shown(f"{name}: I need help")
    said = team.group.say(ALICE, f"Alice to {name}", reply_to=card["message_id"])
    team.group.press(BOB, card["message_id"], "Take over")
    with contextlib.suppress(CommandError):
        await team.as_agent(visitor, "take_over")
        await team.as_agent(visitor, "send_message", text=f"Dashboard to {name}")

    def refused() -> bool:
        replies = (one.get("reply_to_message") or {} for one in team.group.of_bot())
        return any(one.get("message_id") == said for one in replies)

    await team.api.until(lambda: refused() or team.find(name, "Alice has it"))
    return refused()


async def test_one_of_them_has_it_and_nobody_speaks_who_has_not(team: Team) -> None:
    names = [f"Racer-{number:02}" for number in range(VISITORS)]
    visitors = [await team.visitor(name, "I need help") for name in names]
    told = await asyncio.gather(*(race(team, *one) for one in zip(visitors, names, strict=True)))
    for visitor, name, refused in zip(visitors, names, told, strict=True):
        check(await team.events(visitor), name, refused)


def check(events: list[Any], name: str, refused: bool) -> None:
    """One owner at a time, and Alice's words once, or not at all where she was told so."""
    owner = ""
    for one in events:
        if one["type"] == "agent_assigned":
            assert not owner, f"{name} went from {owner} to {one['agent']['id']}"
            owner = one["agent"]["id"]
        elif one["type"] in ("agent_released", "returned_to_assistant"):
            owner = ""
        elif one["type"] == "message_sent" and one["from"] == "agent":
            assert one["author"]["id"] == owner
        elif one["type"] == "message_sent" and one["from"] == "assistant":
            assert not owner
    hers = [one for one in events if one.get("text") == f"Alice to {name}"]
    assert len(hers) == (0 if refused else 1), name

"""Visitors and agents talk through the group, and everybody sees the same."""

import pytest

from tests.telegram.team import ALICE, Team

pytestmark = pytest.mark.anyio


async def test_a_reply_in_the_group_reaches_the_visitor_under_the_agents_name(team: Team) -> None:
    ann = await team.visitor("Ann", "Do you ship to Norway?")
    card = await team.shown("Ann: Do you ship to Norway?")
    team.group.say(ALICE, "Yes, we do.", reply_to=card["message_id"])
    await team.shown("Alice has it")
    assert (await team.texts(ann))[-1] == "Alice: Yes, we do."
    assigned = next(one for one in await team.events(ann) if one["type"] == "agent_assigned")
    assert (assigned["agent"]["id"], assigned["how"]) == ("alice", "telegram")

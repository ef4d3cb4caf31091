"""An agent's line: what is hers when it drops, when it is back, and when she works without one."""

import pytest

from actors import commands as c
from actors.events import How
from actors.settings import AgentSettings, BotSettings, Routing, Settings
from tests.actors.scene import (
    ALICE,
    ITSELF,
    MONA,
    SUPERVISOR,
    Scene,
    agent,
    attach,
    detach,
    holding,
    reported,
    ringing,
    with_capacity,
)


def test_her_line_drops_what_rings_moves_on_and_visitors_are_told() -> None:
    scene = holding(ringing(agent(config=with_capacity(3)), "w-1"))
    detach(scene)
    assert scene.told(ITSELF) == [c.AgentPresence(False)]
    assert scene.told("conversation/w-1") == [c.AgentGone(2)]
    assert (reported(scene).status, reported(scene).free) == ("online", 0)


def test_back_in_time_nothing_is_lost() -> None:
    scene = holding(agent())
    detach(scene)
    assert scene.wait(19) == []
    attach(scene)
    assert scene.told(ITSELF) == [c.AgentPresence(True)]
    assert scene.wait(5) == []
    assert scene.state.status == "online"


def test_after_the_grace_she_is_offline_and_all_of_hers_moves_on() -> None:
    scene = holding(agent())
    detach(scene)
    assert scene.wait(20) == ["status_changed"]
    assert (scene.state.status, scene.state.reason) == ("offline", "disconnected")
    assert scene.told(ITSELF) == [c.AgentGone(3)]


def hasty_and_patient() -> Scene:
    """She holds a conversation of a bot that waits five seconds for her, and one of a bot that waits twenty."""
    bots = [BotSettings(id="acme", routing=Routing(disconnect_seconds=5)), BotSettings(id="other")]
    team = [AgentSettings(id="alice", name="Alice", bots=["acme", "other"], capacity=2)]
    scene = holding(agent(config=Settings(bots=bots, agents=team)))
    scene.send("conversation/w-1", c.Assigned("other", 3, "offer"))
    return scene


def test_each_bot_waits_for_her_as_long_as_it_says() -> None:
    scene = hasty_and_patient()
    detach(scene)
    assert scene.wait(4) == []
    assert scene.wait(1) == ["slot_left", "(Changed)"]
    assert (scene.told(ITSELF), scene.told("conversation/w-1"), scene.state.status) == ([c.AgentGone(3)], [], "online")
    scene.send(ITSELF, c.Released(3, "gone"))
    assert scene.wait(15) == ["status_changed"]
    assert (scene.told("conversation/w-1"), scene.state.status) == ([c.AgentGone(3)], "offline")


def test_back_in_time_she_has_lost_nothing() -> None:
    scene = hasty_and_patient()
    detach(scene)
    scene.wait(4)
    attach(scene, "s2")
    assert "slot_left" not in scene.wait(25)
    assert list(scene.state.slots) == ["v-1", "w-1"]


def test_two_windows_are_one_agent() -> None:
    scene = agent()
    attach(scene, "s2")
    detach(scene)
    assert scene.told(SUPERVISOR) == []
    detach(scene, "s2")
    assert reported(scene).free == 0


def test_set_online_without_a_connection_she_has_the_grace_to_come() -> None:
    scene = agent(status=None)
    scene.send(MONA, c.SetStatus("online"))
    assert reported(scene).free == 0
    assert scene.wait(20) == ["status_changed"]
    assert scene.state.status == "offline"


def test_assigned_while_offline_she_hands_it_on_at_once() -> None:
    for how in ("offer", "transfer", "assigned"):
        scene = holding(agent(status="offline"), how=how)
        assert scene.told(ITSELF) == [c.AgentGone(3)]


def test_what_she_takes_herself_she_keeps_also_while_offline() -> None:
    for how in ("takeover", "telegram"):
        scene = holding(agent(status="offline"), how=how)
        assert scene.told(ITSELF) == []


@pytest.mark.parametrize(("how", "moves_on"), [("telegram", False), ("takeover", True), ("offer", True)])
def test_offline_because_her_desk_is_left_she_keeps_what_she_answers_from_telegram(how: How, moves_on: bool) -> None:
    scene = holding(agent(), how=how)
    detach(scene)
    assert scene.told(ITSELF) == ([c.AgentPresence(False)] if moves_on else []), (
        "and no visitor is told that she is gone"
    )
    scene.wait(20)
    assert (scene.state.status, scene.state.reason) == ("offline", "disconnected")
    assert scene.told(ITSELF) == ([c.AgentGone(3)] if moves_on else [])


def test_offline_by_her_own_hand_she_leaves_what_she_answers_from_telegram_too() -> None:
    scene = holding(agent(), how="telegram")
    scene.send(ALICE, c.SetStatus("offline"))
    assert scene.told(ITSELF) == [c.AgentGone(3)]


def test_what_she_took_at_her_desk_while_offline_moves_on_when_she_leaves_it() -> None:
    scene = agent(status="offline")
    holding(scene, "v-1", how="takeover")
    holding(scene, "w-1", how="telegram")
    detach(scene)
    assert scene.wait(19) == []
    assert scene.wait(1) == ["slot_left", "(Changed)"]
    assert scene.told(ITSELF) == [c.AgentGone(3)]
    assert scene.told("conversation/w-1") == [], "who answers from Telegram is not at a desk"
    scene.send(ITSELF, c.Released(3, "gone"))
    assert scene.wait(29) == ["(Checked)"]


def test_what_she_took_at_her_desk_while_offline_is_hers_if_she_comes_back_to_it() -> None:
    scene = holding(agent(status="offline"), how="takeover")
    detach(scene)
    scene.wait(19)
    attach(scene, "s2")
    assert "slot_left" not in scene.wait(100)


def test_after_a_restart_she_has_the_grace_to_come_back_to_what_she_took_while_offline() -> None:
    scene = holding(agent(status="offline"), how="takeover")
    scene.later(100).restart()
    assert scene.wait(20) == ["slot_left", "(Changed)"]


def test_who_answers_from_telegram_is_there_whatever_her_line_does() -> None:
    scene = holding(agent(), how="telegram")
    detach(scene)
    assert scene.told(ITSELF) == []

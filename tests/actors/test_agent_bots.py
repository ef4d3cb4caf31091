"""An agent of several bots: they share her slots, and whoever was too late for one has the next before the others."""

from actors import commands as c
from actors.settings import AgentSettings, BotSettings, Settings
from tests.actors.scene import ALICE, ITSELF, SUPERVISOR, Scene, agent, holding, reported


def test_two_supervisors_share_what_she_has() -> None:
    other = BotSettings(id="other")
    both = AgentSettings(id="alice", name="Alice", bots=["acme", "other"])
    scene = agent(config=Settings(bots=[BotSettings(id="acme"), other], agents=[both]))
    scene.send(SUPERVISOR, c.Reserve("v-1", "acme", 2, ""))
    assert reported(scene).free == reported(scene, "supervisor/other").free == 0
    scene.send("supervisor/other", c.Reserve("w-1", "other", 2, ""))
    assert c.SlotRefused("w-1", 2) in scene.told("supervisor/other")


OTHER = "supervisor/other"


def shared(capacity: int = 1) -> Scene:
    """She serves two bots: one of them has her, and the other was refused."""
    both = AgentSettings(id="alice", name="Alice", bots=["acme", "other"], capacity=capacity)
    scene = agent(config=Settings(bots=[BotSettings(id="acme"), BotSettings(id="other")], agents=[both]))
    for number in range(capacity):
        scene.send(SUPERVISOR, c.Reserve(f"v-{number + 1}", "acme", 2, ""))
    scene.send(OTHER, c.Reserve("w-1", "other", 2, ""))
    return holding(scene)


def test_the_next_slot_is_for_the_bot_that_lost_the_race_for_the_last_one() -> None:
    scene = shared()
    scene.send(ITSELF, c.Released(3, "closed"))
    assert (reported(scene).free, reported(scene, OTHER).free) == (0, 1)
    assert "(Refused)" in scene.send(SUPERVISOR, c.Reserve("x-1", "acme", 2, "")), "it had the last one"
    assert "slot_reserved" in scene.send(OTHER, c.Reserve("w-1", "other", 2, ""))
    scene.send("conversation/w-1", c.Released(2, "declined"))
    assert (reported(scene).free, reported(scene, OTHER).free) == (1, 0), "and so on, each in turn"


def test_if_it_does_not_come_for_it_the_slot_is_anybodys() -> None:
    scene = shared()
    scene.send(ITSELF, c.Released(3, "closed"))
    assert scene.wait(1) == ["(KeptNoLonger)", "(Changed)"]
    assert (reported(scene).free, reported(scene, OTHER).free) == (1, 1)


def test_no_more_than_one_slot_is_kept_for_it() -> None:
    scene = shared(capacity=2)
    scene.send("conversation/v-2", c.Released(2, "declined"))
    assert reported(scene).free == 0
    scene.send(ITSELF, c.Released(3, "transferred"))
    assert (reported(scene).free, reported(scene, OTHER).free) == (1, 2)
    assert "slot_reserved" in scene.send(SUPERVISOR, c.Reserve("x-1", "acme", 2, ""))


BOTS = ("acme", "other", "third")


def of_three() -> Scene:
    """She serves three bots, and the first has her."""
    alice = AgentSettings(id="alice", name="Alice", bots=list(BOTS))
    return holding(agent(config=Settings(bots=[BotSettings(id=bot) for bot in BOTS], agents=[alice])))


def late(scene: Scene, bot: str) -> None:
    """The bot asks for a slot that she does not have for it."""
    assert "(Refused)" in scene.send(f"supervisor/{bot}", c.Reserve(f"of-{bot}", bot, 2, ""))


def test_of_several_bots_that_were_too_late_each_has_its_turn_however_long_the_one_before_takes() -> None:
    scene = of_three()
    for bot in BOTS[1:]:
        late(scene, bot)
    scene.send(ITSELF, c.Released(3, "closed"))
    scene.send(OTHER, c.Reserve("of-other", "other", 2, ""))
    assert scene.wait(5) == []
    scene.send("conversation/of-other", c.Released(2, "declined"))
    assert [reported(scene, f"supervisor/{bot}").free for bot in BOTS] == [0, 0, 1]


def test_who_is_too_late_for_a_slot_that_is_kept_takes_it_from_nobody() -> None:
    scene = of_three()
    late(scene, "other")
    scene.send(ITSELF, c.Released(3, "closed"))
    for bot in ("third", "acme"):
        late(scene, bot)
    assert scene.wait(1) == ["(KeptNoLonger)", "(Changed)"]


def test_who_has_been_away_meanwhile_owes_nobody_the_next_slot() -> None:
    scene = shared()
    scene.send(ALICE, c.SetStatus("away"))
    scene.send(ALICE, c.SetStatus("online"))
    scene.send(ITSELF, c.Released(3, "closed"))
    assert (reported(scene).free, reported(scene, OTHER).free) == (1, 1)


def test_a_slot_that_was_kept_before_she_was_away_ends_no_later_turn() -> None:
    scene = shared()
    scene.send(ITSELF, c.Released(3, "closed"))
    scene.send(ALICE, c.SetStatus("away"))
    scene.send(ALICE, c.SetStatus("online"))
    holding(scene, "v-2")
    late(scene, "other")
    assert scene.wait(5) == [], "there is no slot to keep yet"
    scene.send("conversation/v-2", c.Released(3, "closed"))
    assert (reported(scene).free, reported(scene, OTHER).free) == (0, 1)

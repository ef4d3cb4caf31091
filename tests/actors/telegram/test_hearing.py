"""What members write, press and change, and what it does."""

import msgspec
import pytest

from actors import commands as c
from actors.settings import AgentSettings, BotSettings, Settings, Telegram
from actors.telegram import TelegramMachine, words
from actors.telegram import commands as t
from runtime.machine import Ask, Origin, Rejected
from tests.actors.telegram.stage import ALICE, BOB, GROUP, Stage

EVE = 99


@pytest.fixture
def stage() -> Stage:
    """A group that has been shown one conversation."""
    stage = Stage()
    stage.connected()
    stage.tell("ann-1")
    stage.wait(2)
    return stage


def order(stage: Stage) -> object:
    return stage.runs[-1].order


def test_a_reply_is_a_message_of_the_agents_that_takes_the_conversation_over(stage: Stage) -> None:
    stage.reply("Hello!", stage.card("ann-1"))
    run = stage.runs[-1]
    assert (run.sender, run.to) == ("agent/alice", "conversation/ann-1")
    assert run.order == c.SendMessage("Hello!", take_over=True, telegram=True)


def test_the_same_update_again_does_nothing_whenever_it_comes(stage: Stage) -> None:
    update = stage.reply("Hello!", stage.card("ann-1"))
    stage.send("bridge/acme/0", update)
    stage.ran(sequence=3)
    stage.restart()
    stage.send("bridge/acme/0", update)
    assert len(stage.runs) == 1


def test_an_order_that_was_under_way_is_sent_again_after_a_restart_under_the_same_ref(stage: Stage) -> None:
    stage.reply("Hello!", stage.card("ann-1"))
    stage.restart()
    first, second = stage.runs
    assert first == second
    stage.ran(sequence=3)
    stage.restart()
    assert len(stage.runs) == 2


def test_orders_that_one_agent_gives_in_two_groups_do_not_pass_for_one() -> None:
    telegram = Telegram(token_env="TOKEN", group=GROUP)
    alice = AgentSettings(id="alice", bots=["acme", "bank"], telegram_user=ALICE)
    bots = [BotSettings(id=bot, telegram=telegram) for bot in alice.bots]
    machine, runs = TelegramMachine(Settings(bots=bots, agents=[alice])), []
    for bot, status in (("acme", "online"), ("bank", "away")):
        state, update = machine.initial(bot), t.Update(7, GROUP, "message", ALICE, text=f"/status {status}")
        for fact in machine.decide(state, update, Origin(f"bridge/{bot}/0", 1_000)):
            state = machine.apply(state, fact, 1_000)
            runs += [one.request for one in machine.effects(state, fact, 1_000) if isinstance(one, Ask)]
    assert [run.order.status for run in runs] == ["online", "away"]
    assert {(run.sender, run.to) for run in runs} == {("agent/alice", "agent/alice")}
    assert runs[0].ref != runs[1].ref


def test_what_was_written_in_the_group_is_not_shown_there_again_whatever_is_told_first(stage: Stage) -> None:
    stage.reply("Hello!", stage.card("ann-1"))
    stage.tell("ann-1", "", phase="live", owner="Alice")
    stage.tell("ann-1", "agent", phase="live", owner="Alice")
    stage.wait(30)
    assert len(stage.operations(t.Show)) == 1
    stage.ran(sequence=3)
    stage.wait(5)
    assert stage.operations(t.Show)[1].until == (2, 0)
    stage.tell("ann-1", phase="live", owner="Alice")
    assert stage.operations(t.Show)[-1].until == (4, 0)


def test_a_refused_reply_says_why_below_it(stage: Stage) -> None:
    update = stage.reply("Hello!", stage.card("ann-1"), BOB)
    stage.ran(refusal="conflict", message="Alice was first.")
    say = stage.operations(t.Say)[-1]
    assert (say.text, say.reply_to) == ("Not sent: Alice was first.", update.message)


def test_a_reply_to_the_agents_own_message_reaches_the_same_visitor(stage: Stage) -> None:
    update = stage.reply("Hello!", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update(text="One more thing", reply_to=update.message)
    assert stage.runs[-1].to == "conversation/ann-1"


def test_a_reply_to_a_message_that_nobody_remembers_finds_its_conversation_by_the_tag(stage: Stage) -> None:
    stage.reply("Hello!", 7, tag=words.tag_of("0123abcd-12"))
    assert stage.runs[-1].to == "conversation/0123abcd-12"


def test_a_tag_on_somebody_elses_message_means_nothing(stage: Stage) -> None:
    stage.update(text="Hello!", reply_to=7, tag="#c_ann_1", reply_to_bot="another_bot")
    assert stage.runs == []
    assert stage.said == []


def test_a_command_that_nobody_knows_is_not_sent_to_the_visitor(stage: Stage) -> None:
    stage.reply("/closed resolved", stage.card("ann-1"))
    stage.reply("/take@another_bot", stage.card("ann-1"))
    assert stage.runs == []
    [told] = stage.said
    assert told.startswith("I know no /closed. Nothing was sent.")
    stage.reply("/etc/hosts is a file", stage.card("ann-1"))
    assert len(stage.runs) == 1


def test_a_reply_that_cannot_be_placed_is_answered(stage: Stage) -> None:
    stage.reply("Hello!", 7)
    assert stage.said == [words.FORGOTTEN]


def test_members_may_talk_among_themselves(stage: Stage) -> None:
    stage.update(text="Lunch?")
    stage.update(text="/start@another_bot")
    stage.update(user=EVE, text="Where?", reply_to=7)
    assert (stage.runs, stage.said) == ([], [])


def test_who_is_not_listed_is_told_how_to_get_listed_and_not_again_and_again(stage: Stage) -> None:
    for _ in range(5):
        stage.reply("Hello!", stage.card("ann-1"), EVE)
    assert len(stage.said) == 1
    assert f"telegram_user = {EVE}" in stage.said[0]
    assert stage.runs == []


def test_who_writes_as_a_chat_is_asked_to_write_as_herself(stage: Stage) -> None:
    stage.reply("Hello!", stage.card("ann-1"), user=0)
    assert (stage.runs, stage.said) == ([], [words.ANONYMOUS])


def test_another_chats_updates_are_taken_and_mean_nothing(stage: Stage) -> None:
    stage.update(chat=-5, text="/queue")
    assert (stage.runs, stage.said) == ([], [])


@pytest.mark.parametrize(
    ("text", "expected", "to"),
    [
        ("/take", c.TakeOver(telegram=True), "conversation/ann-1"),
        ("/return", c.ReturnToAssistant(), "conversation/ann-1"),
        ("/return asked about refunds", c.ReturnToAssistant("asked about refunds"), "conversation/ann-1"),
        ("/close resolved some notes", c.CloseConversation("resolved", "some notes"), "conversation/ann-1"),
        ("/close@support_bot spam", c.CloseConversation("spam"), "conversation/ann-1"),
        ("/note call her back", c.AddNote("call her back"), "conversation/ann-1"),
        ("/status busy", c.SetStatus("busy", "from Telegram"), "agent/alice"),
        ("/queue", c.DescribeQueue(), "supervisor/acme"),
        ("/who", c.DescribeQueue(), "supervisor/acme"),
    ],
)
def test_a_command_is_an_order(stage: Stage, text: str, expected: object, to: str) -> None:
    stage.reply(text, stage.card("ann-1"))
    assert (order(stage), stage.runs[-1].to) == (expected, to)


@pytest.mark.parametrize("text", ["/take", "/return", "/close resolved", "/note x"])
def test_a_command_about_no_conversation_asks_which(stage: Stage, text: str) -> None:
    stage.update(text=text)
    assert (stage.runs, stage.said) == ([], [words.NO_TARGET])


def test_a_close_without_a_resolution_asks_for_it_with_buttons(stage: Stage) -> None:
    stage.reply("/close done", stage.card("ann-1"))
    [say] = stage.operations(t.Say)
    assert ("Spam", "spam ann-1") in say.choices
    stage.update("button", text="spam ann-1", button="q1")
    assert order(stage) == c.CloseConversation("spam")


def test_the_close_button_turns_the_cards_buttons_into_resolutions_and_back(stage: Stage) -> None:
    stage.update("button", text="close ann-1", button="q1")
    stage.wait(2)
    assert stage.operations(t.Show)[-1].asking
    stage.update("button", text="keep ann-1", button="q2")
    stage.wait(2)
    assert not stage.operations(t.Show)[-1].asking
    assert [one.button for one in stage.buttons] == ["q1", "q2"]


def test_who_presses_is_told_privately_what_came_of_it(stage: Stage) -> None:
    stage.update("button", BOB, text="take ann-1", button="q1")
    stage.ran(refusal="conflict", message="Alice was first.")
    assert stage.buttons == [t.AnswerButton("q1", "Not done: Alice was first.", alert=True)]
    stage.update("button", EVE, text="take ann-1", button="q2")
    assert "telegram_user = 99" in stage.buttons[-1].text


def test_status_queue_and_who_are_answered(stage: Stage) -> None:
    told = {
        "waiting": [{"conversation": "a-1", "position": 1, "why": "Nobody is online."}],
        "agents": [{"id": "bob", "name": "Bob", "status": "busy", "load": 1, "capacity": 2}],
        "length": 3,
    }
    value = msgspec.json.encode(told).decode()
    stage.update(text="/queue")
    stage.ran(value=value)
    stage.update(text="/who")
    stage.ran(value=value)
    stage.update(text="/status away")
    stage.ran(sequence=1)
    stage.update(text="/status asleep")
    assert stage.said[0] == "1. #c_a_1: Nobody is online.\n… and 2 more"
    assert stage.said[1] == "Bob: busy, 1 of 2"
    assert stage.said[2].startswith("Alice is away.")
    assert stage.said[3].startswith("Which?")


def test_an_edit_of_ones_own_message_reaches_the_visitor(stage: Stage) -> None:
    update = stage.reply("Helo!", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update("edited", BOB, text="Mine now", message=update.message)
    assert len(stage.runs) == 1
    stage.update("edited", text="Hello!", message=update.message)
    assert order(stage) == c.EditMessage("ann-1.3", "Hello!")


def test_a_reaction_which_telegram_tells_of_as_an_edit_changes_nothing(stage: Stage) -> None:
    update = stage.reply("Helo!", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update("edited", text="Helo!", message=update.message)
    assert len(stage.runs) == 1
    stage.update("edited", text="Hello!", message=update.message)
    stage.ran(sequence=4)
    stage.update("edited", text="Hello!", message=update.message)
    assert len(stage.runs) == 2
    stage.update("edited", text="Helo!", message=update.message)
    assert order(stage) == c.EditMessage("ann-1.3", "Helo!")


def test_neither_a_reaction_nor_an_edit_brings_back_what_was_taken_back(stage: Stage) -> None:
    update = stage.reply("Oops", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update(text="/delete", reply_to=update.message)
    stage.ran(sequence=4)
    for text in ("Oops", "Sorry"):
        stage.update("edited", text=text, message=update.message)
    assert len(stage.runs) == 2


def test_an_edit_into_a_command_neither_reaches_the_visitor_nor_is_one(stage: Stage) -> None:
    update = stage.reply("close resolved he is lying", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update("edited", text="/close resolved he is lying", message=update.message)
    assert len(stage.runs) == 1
    assert stage.said == [words.NO_COMMAND]


def test_delete_takes_back_what_one_has_written_oneself(stage: Stage) -> None:
    update = stage.reply("Oops", stage.card("ann-1"))
    stage.ran(sequence=3)
    stage.update(user=BOB, text="/delete", reply_to=update.message)
    assert stage.said == [words.NOT_YOURS]
    stage.update(text="/delete", reply_to=update.message)
    assert order(stage) == c.EditMessage("ann-1.3")


def test_what_visitors_cannot_be_shown_is_said(stage: Stage) -> None:
    stage.reply("", stage.card("ann-1"), unsupported="a poll")
    assert stage.said == ["Not sent: a poll cannot be shown to visitors."]


def test_files_go_with_the_reply(stage: Stage) -> None:
    photo = t.File("f1", "photo.jpg", "image/jpeg", 5)
    stage.reply("", stage.card("ann-1"), files=(photo,))
    assert stage.runs[-1].files == (photo,)


def test_only_bridges_and_conversations_are_listened_to(stage: Stage) -> None:
    for sender in ("visitor/x", "agent/alice", "supervisor/acme"):
        with pytest.raises(Rejected, match="no client"):
            stage.send(sender, t.Update(1, -1001))
        with pytest.raises(Rejected, match="no client"):
            stage.send(sender, t.Mirror(1, "assistant", ""))

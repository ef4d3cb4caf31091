"""Updates as the Bot API's documentation has them, and what is taken of them."""

from typing import Any

import pytest
from telegram import Update

from actors.telegram import commands as t
from gateway.telegram.updates import heard

GROUP = {"id": -1001, "type": "supergroup", "title": "Team"}
ALICE = {"id": 11, "is_bot": False, "first_name": "Alice", "last_name": "Smith"}
BOT = {"id": 4711, "is_bot": True, "first_name": "Support", "username": "support_bot"}
OURS = {
    "message_id": 7,
    "date": 1,
    "chat": GROUP,
    "from": BOT,
    "text": "Ann · #c_0123456789abcdef_7\nAnn: hello #c_other_1",
}


def taken(**update: Any) -> t.Update:
    parsed = Update.de_json({"update_id": 5, **update}, None)
    return heard(parsed)


def message(**fields: Any) -> t.Update:
    return taken(message={"message_id": 9, "date": 1, "chat": GROUP, "from": ALICE, **fields})


def test_a_reply_names_the_message_and_the_conversation_on_it() -> None:
    found = message(text="Hello", reply_to_message=OURS)
    assert (found.what, found.user, found.user_name, found.message, found.text) == (
        "message", 11, "Alice Smith", 9, "Hello",
    )  # fmt: skip
    assert (found.reply_to, found.reply_to_bot, found.tag) == (7, "support_bot", "#c_0123456789abcdef_7")


def test_a_members_message_names_nothing_whatever_is_in_it() -> None:
    found = message(text="Hello", reply_to_message={**OURS, "from": ALICE})
    assert (found.reply_to, found.reply_to_bot, found.tag) == (7, "", "")


def test_in_a_topic_a_plain_message_is_no_reply_to_its_beginning() -> None:
    created = {**OURS, "text": "", "forum_topic_created": {"name": "Ann", "icon_color": 7322096}}
    found = message(text="Hi", message_thread_id=7, is_topic_message=True, reply_to_message=created)
    assert (found.topic, found.reply_to, found.reply_to_bot) == (7, 0, "")


def test_a_thread_of_replies_is_no_topic() -> None:
    assert message(text="Hi", message_thread_id=7, reply_to_message=OURS).topic == 0


@pytest.mark.parametrize(("account", "chat"), [(1_087_968_824, GROUP), (136_817_688, {"id": -1009, "type": "channel"})])
def test_what_is_written_as_a_chat_is_nobodys(account: int, chat: Any) -> None:
    shared = {"id": account, "is_bot": True, "first_name": "Group"}
    assert message(**{"from": shared}, sender_chat=chat, text="Hi", reply_to_message=OURS).user == 0


def test_an_edit_a_button_and_membership_are_told_apart() -> None:
    edited = {"message_id": 9, "date": 1, "edit_date": 2, "chat": GROUP, "from": ALICE, "text": "Better"}
    assert taken(edited_message=edited).what == "edited"
    query = {"id": "q1", "from": ALICE, "chat_instance": "1", "message": OURS, "data": "take ann-1"}
    pressed = taken(callback_query=query)
    assert (pressed.what, pressed.button, pressed.text, pressed.message, pressed.chat) == (
        "button", "q1", "take ann-1", 7, -1001,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "member"),
    [
        ({"status": "left"}, False),
        ({"status": "kicked", "until_date": 0}, False),
        ({"status": "member"}, True),
    ],
)
def test_whether_the_bot_is_in_the_group(status: dict[str, Any], member: bool) -> None:
    changed = {
        "chat": GROUP,
        "from": ALICE,
        "date": 1,
        "old_chat_member": {"status": "member", "user": BOT},
        "new_chat_member": {"user": BOT, **status},
    }
    found = taken(my_chat_member=changed)
    assert (found.what, found.member) == ("member", member)


def test_the_news_that_the_group_has_another_id() -> None:
    found = message(migrate_to_chat_id=-1009)
    assert (found.what, found.new_group) == ("migrated", -1009)


FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 5}


@pytest.mark.parametrize(
    ("fields", "file"),
    [
        (
            {"photo": [{**FILE, "file_id": "small", "width": 1, "height": 1}, {**FILE, "width": 9, "height": 9}]},
            t.File("f", "photo.jpg", "image/jpeg", 5),
        ),
        (
            {"document": {**FILE, "file_name": "a.pdf", "mime_type": "application/pdf"}, "caption": "look"},
            t.File("f", "a.pdf", "application/pdf", 5),
        ),
        ({"voice": {**FILE, "duration": 1}}, t.File("f", "voice.ogg", "audio/ogg", 5)),
        ({"video_note": {**FILE, "length": 1, "duration": 1}}, t.File("f", "video.mp4", "video/mp4", 5)),
    ],
)
def test_files_are_taken_with_their_names(fields: dict[str, Any], file: t.File) -> None:
    found = message(**fields)
    assert found.files == (file,)
    assert found.text == fields.get("caption", "")


def test_an_animation_is_one_file_though_it_is_told_twice() -> None:
    held = {**FILE, "file_name": "a.mp4", "mime_type": "video/mp4"}
    found = message(animation={**held, "width": 1, "height": 1, "duration": 1}, document=held)
    assert [file.name for file in found.files] == ["a.mp4"]


def test_what_visitors_cannot_be_shown_is_named() -> None:
    assert message(location={"longitude": 1.0, "latitude": 1.0}).unsupported == "a location"
    assert message(text="Hello").unsupported == ""


def test_of_other_kinds_only_the_id_is_taken() -> None:
    assert taken() == t.Update(5, 0)

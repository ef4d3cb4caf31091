"""A group: its messages and topics, and its members, who are the tests."""

import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.telegram.bot_api.errors import ApiError, bad, forbidden

Json = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """A person with an account."""

    id: int
    name: str

    def user(self) -> Json:
        return {"id": self.id, "is_bot": False, "first_name": self.name}


@dataclass
class Chat:
    """`messages` holds what is there now: the deleted are gone. `hear` takes an update for the bot."""

    id: int
    bot: Json
    hear: Any
    forum: bool = False
    kind: str = "supergroup"
    may_write: bool = True
    may_manage_topics: bool = True
    may_send_files: bool = True
    member: bool = True
    migrated_to: int = 0
    messages: dict[int, Json] = field(default_factory=dict)
    topics: dict[int, Json] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    _ids: Any = field(default_factory=lambda: count(1))

    # As the bot

    def check(self) -> None:
        """The bot may write here. Raises what Telegram says otherwise."""
        if self.migrated_to:
            error = bad("group chat was upgraded to a supergroup chat")
            error.parameters = {"migrate_to_chat_id": self.migrated_to}
            raise error
        if not self.member:
            raise forbidden(f"bot was kicked from the {self.kind} chat")
        if not self.may_write:
            raise bad("not enough rights to send text messages to the chat")

    def post(self, fields: Json, reply: Json | None, topic: int) -> Json:
        """A message of the bot's. Raises what Telegram says if it cannot be."""
        self.check()
        if topic and topic not in self.topics:
            raise bad("message thread not found")
        replied = None
        if reply is not None:
            replied = self.messages.get(reply["message_id"])
            if replied is None and not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        return self._add(self.bot, fields, replied, topic)

    def _add(self, sender: Json, fields: Json, replied: Json | None, topic: int) -> Json:
        message: Json = {
            "message_id": next(self._ids),
            "date": int(time.time()),
            "chat": self.as_json(),
            "from": sender,
            **fields,
        }
        if topic:
            message |= {"message_thread_id": topic, "is_topic_message": True}
            replied = replied or self.topics[topic]["created"]
        if replied is not None:
            message["reply_to_message"] = {key: one for key, one in replied.items() if key != "reply_to_message"}
        self.messages[message["message_id"]] = message
        return message

    def as_json(self) -> Json:
        chat: Json = {"id": self.id, "type": self.kind, "title": "Team"}
        return chat | ({"is_forum": True} if self.forum else {})

    def edit(self, message_id: int, text: str, entities: list[Json], markup: Json | None) -> Json:
        """Another text on a message of the bot's."""
        self.check()
        message = self.messages.get(message_id)
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != self.bot["id"]:
            raise bad("message can't be edited")
        same = (message.get("text"), message.get("entities", []), message.get("reply_markup"))
        if same == (text, entities, markup):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message |= {"text": text, "entities": entities, "edit_date": int(time.time())}
        message.pop("reply_markup", None)
        if markup is not None:
            message["reply_markup"] = markup
        return message

    def topic_open(self, name: str) -> Json:
        self._topics_allowed("create a topic")
        if not 1 <= len(name) <= 128:
            raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
        created = self._add(self.bot, {"forum_topic_created": {"name": name, "icon_color": 7322096}}, None, 0)
        topic = created["message_id"]
        self.topics[topic] = {"name": name, "closed": False, "created": created}
        return {"message_thread_id": topic, "name": name, "icon_color": 7322096}

    def topic_change(self, topic: int, **changes: Any) -> bool:
        self._topics_allowed("manage topics")
        held = self.topics.get(topic)
        if held is None:
            raise bad("TOPIC_ID_INVALID")
        if all(held[key] == value for key, value in changes.items()):
            raise bad("TOPIC_NOT_MODIFIED")
        held.update(changes)
        return True

    def _topics_allowed(self, what: str) -> None:
        self.check()
        if not self.forum:
            raise bad("the chat is not a forum")
        if not self.may_manage_topics:
            raise bad(f"not enough rights to {what}")

    # As the members

    def say(self, member: Member, text: str, reply_to: int = 0, topic: int = 0, **fields: Any) -> int:
        """A message of a member's; the bot hears of it. Its id."""
        if not topic and reply_to:
            topic = self.messages[reply_to].get("message_thread_id", 0)
        content = {"text": text} if text and not fields else ({"caption": text} if text else {})
        replied = self.messages.get(reply_to)
        message = self._add(member.user(), {**content, **fields}, replied, topic)
        self.hear("message", message)
        return int(message["message_id"])

    def correct(self, message_id: int, text: str) -> None:
        """A member edits a message of hers."""
        message = self.messages[message_id]
        message |= {"text": text, "edit_date": int(time.time())}
        self.hear("edited_message", message)

    def react(self, message_id: int) -> None:
        """Somebody puts a reaction on a message: bots may hear of it as of an edit, with the same words in it."""
        self.hear("edited_message", self.messages[message_id])

    def press(self, member: Member, message_id: int, label: str) -> str:
        """A member presses a button. The id of the query."""
        rows = self.messages[message_id]["reply_markup"]["inline_keyboard"]
        data = next(one["callback_data"] for row in rows for one in row if one["text"] == label)
        query = {
            "id": f"q{message_id}{time.monotonic_ns()}",
            "from": member.user(),
            "chat_instance": "1",
            "message": self.messages[message_id],
            "data": data,
        }
        self.hear("callback_query", query)
        return str(query["id"])

    def delete(self, message_id: int) -> None:
        """Somebody deletes a message: bots are not told."""
        del self.messages[message_id]

    def delete_topic(self, topic: int) -> None:
        """Somebody deletes a topic with all that is in it."""
        del self.topics[topic]
        for key in [key for key, one in self.messages.items() if one.get("message_thread_id") == topic]:
            del self.messages[key]

    def kick(self) -> None:
        """The bot is removed."""
        self.member = False
        self._membership("member", "kicked")

    def invite(self) -> None:
        """The bot is added again."""
        self.member = True
        self._membership("kicked", "administrator")

    def _membership(self, before: str, after: str) -> None:
        def of(status: str) -> Json:
            member: Json = {"user": self.bot, "status": status}
            if status == "kicked":
                member["until_date"] = 0
            if status == "administrator":
                rights = (
                    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users",
                    "can_post_stories", "can_edit_stories", "can_delete_stories",
                )  # fmt: skip
                member |= dict.fromkeys(rights, False)
            return member

        owner = Member(1, "Owner").user()
        changed = {"chat": self.as_json(), "from": owner, "date": int(time.time())}
        self.hear("my_chat_member", {**changed, "old_chat_member": of(before), "new_chat_member": of(after)})

    def of_bot(self) -> list[Json]:
        """The bot's messages that are there, in order."""
        return [one for one in self.messages.values() if one["from"]["id"] == self.bot["id"]]

    def text(self) -> str:
        """All that the bot has in the group."""
        return "\n".join(one.get("text") or one.get("caption") or "" for one in self.of_bot())


__all__ = ["ApiError", "Chat", "Member"]

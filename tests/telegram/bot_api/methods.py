"""The methods, under their names in the documentation. Each gets the server and the parameters."""

from typing import TYPE_CHECKING, Any

from tests.telegram.bot_api.chat import Chat
from tests.telegram.bot_api.errors import ApiError, bad

if TYPE_CHECKING:
    from tests.telegram.bot_api.server import BotApi

Json = dict[str, Any]

TEXT_UNITS, CAPTION_UNITS, CALLBACK_BYTES = 4096, 1024, 64


def getMe(api: "BotApi", fields: Json) -> Json:
    return {**api.me, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}


def setMyCommands(api: "BotApi", fields: Json) -> bool:
    if any(not 1 <= len(one["description"]) <= 256 or len(one["command"]) > 32 for one in fields["commands"]):
        raise bad("BOT_COMMAND_INVALID")
    return True


async def getUpdates(api: "BotApi", fields: Json) -> list[Json]:
    return await api.poll(int(fields.get("offset", 0)), float(fields.get("timeout", 0)), fields.get("allowed_updates"))


def setWebhook(api: "BotApi", fields: Json) -> bool:
    secret = fields.get("secret_token", "")
    if secret and (len(secret) > 256 or not all(one.isalnum() or one in "_-" for one in secret)):
        raise bad("secret token contains unallowed characters")
    api.webhook = {"url": fields["url"], "secret_token": secret, "max_connections": fields.get("max_connections")}
    return True


def deleteWebhook(api: "BotApi", fields: Json) -> bool:
    api.webhook = {"url": ""}
    return True


def _chat(api: "BotApi", fields: Json) -> Chat:
    chat = api.chats.get(int(fields["chat_id"]))
    if chat is None:
        raise bad("chat not found")
    chat.check()
    api.flood.take(chat.id)
    return chat


def _text(fields: Json) -> str:
    text = str(fields.get("text", ""))
    if not text.strip():
        raise bad("message text is empty")
    if _units(text) > TEXT_UNITS:
        raise bad("message is too long")
    _check_entities(text, fields.get("entities", []))
    return text


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _check_entities(text: str, entities: list[Json]) -> None:
    size = _units(text)
    for one in entities:
        if one["offset"] < 0 or one["length"] <= 0 or one["offset"] + one["length"] > size:
            raise bad("entity beyond the end of the text")


def _markup(fields: Json) -> Json | None:
    markup: Json | None = fields.get("reply_markup")
    for button in (one for row in (markup or {}).get("inline_keyboard", []) for one in row):
        if len(button.get("callback_data", "").encode()) > CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")
        if "url" in button and "." not in button["url"].split("/")[2]:
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return markup


def sendMessage(api: "BotApi", fields: Json) -> Json:
    chat = _chat(api, fields)
    content: Json = {"text": _text(fields), "entities": fields.get("entities", [])}
    markup = _markup(fields)
    if markup is not None:
        content["reply_markup"] = markup
    return chat.post(content, fields.get("reply_parameters"), int(fields.get("message_thread_id", 0)))


def editMessageText(api: "BotApi", fields: Json) -> Json:
    chat = _chat(api, fields)
    return chat.edit(int(fields["message_id"]), _text(fields), fields.get("entities", []), _markup(fields))


def _media(api: "BotApi", fields: Json, kind: str) -> Json:
    chat = _chat(api, fields)
    caption = str(fields.get("caption", ""))
    if _units(caption) > CAPTION_UNITS:
        raise bad("message caption is too long")
    _check_entities(caption, fields.get("caption_entities", []))
    if not chat.may_send_files:
        raise bad(f"not enough rights to send {kind}s to the chat")
    content = fields[kind]
    if isinstance(content, str):
        content = fields[content.removeprefix("attach://")]
    if not content:
        raise bad("file must be non-empty")
    size = {"file_id": f"{kind}-{len(chat.files)}", "file_unique_id": f"u{len(chat.files)}", "file_size": len(content)}
    chat.files[size["file_id"]] = content
    if kind == "photo" and not content.startswith((b"\x89PNG", b"\xff\xd8")):
        raise bad("IMAGE_PROCESS_FAILED")
    media: Any = [{**size, "width": 1, "height": 1}] if kind == "photo" else size
    return chat.post(
        {"caption": caption, kind: media}, fields.get("reply_parameters"), int(fields.get("message_thread_id", 0))
    )


def sendPhoto(api: "BotApi", fields: Json) -> Json:
    return _media(api, fields, "photo")


def sendDocument(api: "BotApi", fields: Json) -> Json:
    return _media(api, fields, "document")


def getFile(api: "BotApi", fields: Json) -> Json:
    id = fields["file_id"]
    content = next((chat.files[id] for chat in api.chats.values() if id in chat.files), None)
    if content is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(content) > 20 * 1024 * 1024:
        raise bad("file is too big")
    return {"file_id": id, "file_unique_id": f"u{id}", "file_size": len(content), "file_path": id}


def createForumTopic(api: "BotApi", fields: Json) -> Json:
    return _chat(api, fields).topic_open(str(fields["name"]))


def editForumTopic(api: "BotApi", fields: Json) -> bool:
    return _chat(api, fields).topic_change(int(fields["message_thread_id"]), name=str(fields["name"]))


def closeForumTopic(api: "BotApi", fields: Json) -> bool:
    return _chat(api, fields).topic_change(int(fields["message_thread_id"]), closed=True)


def answerCallbackQuery(api: "BotApi", fields: Json) -> bool:
    id = str(fields["callback_query_id"])
    if id in api.answered:
        raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    api.answered[id] = fields
    return True

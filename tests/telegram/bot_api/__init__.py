"""A Bot API server of our own, over real HTTP, that behaves as https://core.telegram.org/bots/api says.

`BotApi` is the server with its one bot; a `Chat` is a group in it, where tests write, press and delete as its members.
What real servers answer to mistakes is answered here in the same words. Everything that was called is in `calls`.
"""

from tests.telegram.bot_api.chat import Chat, Member
from tests.telegram.bot_api.server import BotApi

__all__ = ["BotApi", "Chat", "Member"]

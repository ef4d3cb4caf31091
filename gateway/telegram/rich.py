"""Text for Telegram with its entities: nothing in a text is ever markup, whatever somebody has written."""

from collections.abc import Sequence

from telegram import MessageEntity, User

TEXT_UNITS = 4_096
"""A message's text has so many UTF-16 units at most (Bot API, `sendMessage`)."""


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


class Rich:
    """A text that grows, and the entities on it."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[MessageEntity] = []
        self.length = 0

    def add(self, text: str, bold: bool = False, mention: int = 0) -> "Rich":
        """Append a text: plain, bold, or as the mention of a user."""
        size = units(text)
        if bold and text:
            self.entities.append(MessageEntity(MessageEntity.BOLD, self.length, size))
        if mention:
            user = User(mention, text, is_bot=False)
            self.entities.append(MessageEntity(MessageEntity.TEXT_MENTION, self.length, size, user=user))
        self.text += text
        self.length += size
        return self

    def join(self, other: "Rich") -> None:
        """Append another one."""
        for one in other.entities:
            self.entities.append(MessageEntity(one.type, self.length + one.offset, one.length, user=one.user))
        self.text += other.text
        self.length += other.length


def split(text: str, limit: int) -> Sequence[str]:
    """The text in parts of at most so many units; at a line's or a word's end where there is one near the limit."""
    parts: list[str] = []
    while units(text) > limit:
        cut = limit
        while (excess := units(text[:cut]) - limit) > 0:
            cut -= (excess + 1) // 2  # a character has two units at most
        near = max(text.rfind("\n", cut // 2, cut), text.rfind(" ", cut // 2, cut))
        cut = near + 1 if near > 0 else cut
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]

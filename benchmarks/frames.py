"""Frames as clients see them: plain maps, their two encodings, and the two ways in which a command can fail.

Nothing here knows a socket, a server or a benchmark.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

Frame = dict[str, Any]

JSON = "livesupport.json"
MSGPACK = "livesupport.msgpack"

ENCODE: dict[str, Callable[[Frame], bytes]] = {
    JSON: msgspec.json.Encoder().encode,
    MSGPACK: msgspec.msgpack.Encoder().encode,
}
DECODE: dict[str, Callable[[bytes], Frame]] = {
    JSON: msgspec.json.Decoder(Frame).decode,
    MSGPACK: msgspec.msgpack.Decoder(Frame).decode,
}

INTERNAL_EVENTS = frozenset({"offered", "offer_ended", "note_added", "tags_changed", "details_changed"})
"""Events that no visitor may see."""
PUBLIC_EVENTS = frozenset(
    {
        "conversation_opened",
        "message_sent",
        "human_requested",
        "agent_assigned",
        "agent_released",
        "returned_to_assistant",
        "offline_answered",
        "read_marked",
        "conversation_closed",
        "rated",
    }
)
"""Events that every visitor of the conversation must see."""


class CommandError(Exception):
    """The server's refusal of one command: `code`, `message` and `detail` of its error frame or body."""

    def __init__(self, code: str, message: str, detail: Any = None) -> None:
        super().__init__(f"{code}: {message}" + (f" ({detail})" if detail else ""))
        self.code, self.message, self.detail = code, message, detail

    @classmethod
    def of(cls, error: Frame) -> CommandError:
        """What an error frame, or the `error` of a body, says."""
        return cls(error.get("code", "?"), error.get("message", ""), error.get("detail"))

    @property
    def retry_after(self) -> float | None:
        """Seconds after which the server would take it, or None when it would not."""
        if self.code not in ("rate_limited", "overloaded"):
            return None
        milliseconds = self.detail.get("retry_after_ms") if isinstance(self.detail, dict) else None
        return float(milliseconds or 100) / 1000

    @property
    def state(self) -> str | None:
        """The conversation's state that did not permit the command, where the server names it."""
        return self.detail.get("state") if isinstance(self.detail, dict) else None


class Disconnected(Exception):
    """The socket is gone for good: the close code the server gave, or 1006 and why."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}" if reason else str(code))
        self.code, self.reason = code, reason

"""Log lines as data: what happened, and to whom, by names and ids. Written as `key=value` or as JSON, one line each.

    log.warning(Line("fenced", host=name))

    2026-03-02T09:30:00.123Z WARNING host/0 fenced host=host/0
    {"at":"2026-03-02T09:30:00.123Z","level":"warning","process":"host/0","event":"fenced","host":"host/0"}

No line holds what anyone wrote: fields are ids, codes, counts and names of types. An exception's text may quote what
it could not take, so of exceptions only the type and the place are kept; what the operating system says is an
exception to that. Of other libraries' messages the first line is kept.
"""

import json
import logging
import re
import time
import traceback
from types import TracebackType
from typing import Any, Literal

Format = Literal["text", "json"]

CHARACTERS_MAX = 4_000
"""Of one value: a line is written with one call, and lines of several processes share a file."""
FRAMES_MAX = 20

_OPAQUE = re.compile(r"[\w.:~/#+={}-]{1,200}", re.ASCII)
_PLAIN = re.compile(r'[^\s"=\\\x00-\x1f\x7f]+')


def opaque(id: str) -> str:
    """An id that a client has chosen; nothing if it may be a text."""
    return id if _OPAQUE.fullmatch(id) else ""


class Line:
    """What happened, in a few words, and the fields that say to whom."""

    __slots__ = ("event", "fields")

    def __init__(self, event: str, **fields: object) -> None:
        self.event = event
        self.fields = fields

    def __str__(self) -> str:
        return " ".join((self.event, *(f"{name}={_plain(value)}" for name, value in self.fields.items())))


class Formatter(logging.Formatter):
    """Formats every record of a process, whoever made it."""

    def __init__(self, process: str, how: Format) -> None:
        super().__init__()
        self._process = process
        self._how = how

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = record.msg if isinstance(record.msg, Line) else _foreign(record)
        fields = {name: _cut(value) for name, value in line.fields.items() if value not in (None, "")}
        if record.exc_info is not None and record.exc_info[1] is not None:
            fields |= _exception(record.exc_info[1])
        at, level = _iso(record.created), record.levelname
        if self._how == "text":
            return f"{at} {level:<7} {self._process} {Line(line.event, **fields)}"
        head = {"at": at, "level": level.lower(), "process": self._process, "event": line.event}
        return json.dumps({**head, **fields}, ensure_ascii=False, default=str, separators=(",", ":"))


def _foreign(record: logging.LogRecord) -> Line:
    """The first line of what a library says; the rest is where asyncio shows objects, and with them what they hold."""
    first, *_ = record.getMessage().splitlines() or [""]
    return Line("library", logger=record.name, message=first)


def _exception(error: BaseException) -> dict[str, Any]:
    said = {"reason": _cut(str(error))} if isinstance(error, OSError) else {}
    return {"error": type(error).__name__, **said, "trace": _places(error.__traceback__)}


def _places(trace: TracebackType | None) -> str:
    """Where it was raised, innermost first: `file:line function`."""
    frames = traceback.extract_tb(trace)[-FRAMES_MAX:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _cut(value: object) -> object:
    return value[:CHARACTERS_MAX] if isinstance(value, str) else value


def _plain(value: object) -> str:
    """As it is if nobody could take it for more than one value, else quoted."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _iso(seconds: float) -> str:
    whole, part_ms = divmod(round(seconds * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{part_ms:03d}Z"

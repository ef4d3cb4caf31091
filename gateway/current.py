"""What no listing knows for certain is asked: places in the queue, since rows are not written anew when others move,
and whether visitors are there whom a process that has died left online."""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from actors.commands import Describe
from gateway.hub import Hub
from runtime.journal import Listed

ANSWER_SECONDS = 1.0
"""How long those who are asked are awaited: a list is told though a host is away."""

_HINTS = b'"state":"queued"', b'"online":true'
_NULL = Raw(b"null")


class _Visitor(Struct, frozen=True):
    online: bool = False


class _Known(Struct):
    state: str = ""
    queue: Raw = _NULL
    visitor: _Visitor = _Visitor()

    @property
    def doubtful(self) -> bool:
        """As a row has it, it may not be so (any more)."""
        return self.state == "queued" or self.visitor.online


_known = msgspec.json.Decoder(_Known).decode
_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


async def current(hub: Hub, sender: str, rows: Sequence[Listed]) -> list[bytes]:
    """The listed conversations as JSON, in their order; `queue` of those that wait, and who is online, as it is now.

    The queue stays null where nobody has told the conversation its place yet, or its host does not answer soon.
    """
    bodies = {row.actor: row.body for row in rows}
    # A visitor may have written the words that are looked for, so the object has the last word.
    doubtful = [one for one, body in bodies.items() if any(hint in body for hint in _HINTS) and _known(body).doubtful]
    asked = {asyncio.ensure_future(hub.request(one, sender, "", Describe())): one for one in doubtful}
    if asked:
        done, late = await asyncio.wait(asked, timeout=ANSWER_SECONDS)
        for request in late:
            request.cancel()
        for request in done:
            value = request.result().value
            if value:
                bodies[asked[request]] = _corrected(bodies[asked[request]], _known(value))
    return list(bodies.values())


def _corrected(body: bytes, known: _Known) -> bytes:
    fields = _fields(body)
    visitor = {**_fields(fields["visitor"]), "online": known.visitor.online}
    return _encode({**fields, "visitor": visitor, "queue": known.queue})

"""Places in the queue, which no listing knows: its rows are not written anew when others move. Who waits is asked."""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Raw, Struct

from actors.commands import Describe
from gateway.hub import Hub
from runtime.journal import Listed

ANSWER_SECONDS = 1.0
"""How long those who wait are awaited: a list is told though a host is away."""

_QUEUED = b'"state":"queued"'
_NULL = Raw(b"null")


class _Place(Struct):
    state: str = ""
    queue: Raw = _NULL


_place = msgspec.json.Decoder(_Place).decode
_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode


async def placed(hub: Hub, sender: str, rows: Sequence[Listed]) -> list[bytes]:
    """The listed conversations as JSON, in their order; `queue` of those that wait is as it is now.

    It stays null where nobody has told the conversation its place yet, or its host does not answer soon.
    """
    bodies = {row.actor: row.body for row in rows}
    # A visitor may have written the words that are looked for, so the object has the last word.
    waiting = [one for one, body in bodies.items() if _QUEUED in body and _place(body).state == "queued"]
    asked = {asyncio.ensure_future(hub.request(one, sender, "", Describe())): one for one in waiting}
    if asked:
        done, late = await asyncio.wait(asked, timeout=ANSWER_SECONDS)
        for request in late:
            request.cancel()
        for request in done:
            value = request.result().value
            if value:
                fields = _fields(bodies[asked[request]])
                bodies[asked[request]] = _encode({**fields, "queue": _place(value).queue})
    return list(bodies.values())

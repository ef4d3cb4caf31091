"""`python -m benchmarks.peers.bare_edge PORT KEEPER`: the sockets of `bare.py`.

Frames are cut where their bytes arrive; what a pause of 10 ms has gathered goes to the keeper at once; and what is back
from there goes out as one write for each socket, as ours does it.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec
import uvloop
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.speedups import apply_mask

from benchmarks.peers.bare_keeper import Kept, Said, framed, whole

PAUSE_SECONDS = 0.01


class SendMessage(msgspec.Struct, tag_field="type", tag="send_message"):
    """What a client says."""

    ref: str
    text: str


_decode = msgspec.json.Decoder(SendMessage).decode
_to_json = msgspec.json.Encoder().encode
_kept = msgspec.msgpack.Decoder(list[Kept]).decode


class Edge:
    """All sockets, and the way to the keeper."""

    def __init__(self) -> None:
        self.ends: dict[tuple[str, str], Socket] = {}
        self._said: list[Said] = []
        self._rest = b""
        self._paused = False

    async def connect(self, port: int) -> None:
        """To the keeper."""
        loop = asyncio.get_running_loop()
        self._keeper, _ = await loop.create_connection(lambda: _ToKeeper(self), "127.0.0.1", port)

    def say(self, said: Said) -> None:
        """With the next batch."""
        self._said.append(said)
        if not self._paused:
            self._paused = True
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._send)

    def _send(self) -> None:
        said, self._said, self._paused = self._said, [], False
        self._keeper.write(framed(msgspec.msgpack.encode(said)))

    def received(self, data: bytes) -> None:
        """Kept messages: acks and events, a write for each socket."""
        batches, self._rest = whole(self._rest + data)
        out: dict[Socket, list[bytes]] = {}
        for one in (one for batch in batches for one in _kept(batch)):
            ack = _to_json({"type": "ack", "ref": one.ref, "conversation": one.conversation, "sequence": one.sequence})
            event = b'{"type":"event","conversation":"%b","sequence":%d,"event":%b}' % (
                one.conversation.encode(), one.sequence, one.event,
            )  # fmt: skip
            for end in "va":
                socket = self.ends.get((one.conversation, end))
                if socket is not None:
                    frames = out.setdefault(socket, [])
                    if end == one.end:
                        frames += (_header(ack), ack)
                    frames += (_header(event), event)
        for socket, frames in out.items():
            socket.transport.write(b"".join(frames))


class _ToKeeper(asyncio.Protocol):
    def __init__(self, edge: Edge) -> None:
        self.data_received = edge.received  # type: ignore[method-assign]


class Socket(asyncio.Protocol):
    """A client's."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._library: ServerProtocol | None = ServerProtocol()
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._library is not None:
            self._shake_hands(self._library, data)
            return
        data, at = self._rest + data, 0
        while len(data) - at >= 8:
            size, head = data[at + 1] & 0x7F, at + 2
            if size == 126:
                size, head = int.from_bytes(data[head : head + 2], "big"), head + 2
            end = head + 4 + size
            if end > len(data):
                break
            said = _decode(apply_mask(data[head + 4 : end], data[head : head + 4]))
            self._edge.say(Said(self._conversation, self._end, said.ref, said.text))
            at = end
        self._rest = data[at:]

    def _shake_hands(self, library: ServerProtocol, data: bytes) -> None:
        library.receive_data(data)
        for request in library.events_received():
            if isinstance(request, Request):
                _, self._conversation, self._end = request.path.split("/")
                library.send_response(library.accept(request))
                library.send_text(b'{"type":"welcome"}')
                self.transport.write(b"".join(library.data_to_send()))
                self._edge.ends[self._conversation, self._end] = self
                self._library = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._library is None:
            del self._edge.ends[self._conversation, self._end]


def _header(payload: bytes) -> bytes:
    size = len(payload)
    return bytes((0x81, size)) if size < 126 else b"\x81\x7e" + size.to_bytes(2, "big")


async def main(port: int, keeper: int) -> None:
    """Until it is told to end."""
    edge = Edge()
    await edge.connect(keeper)
    server = await asyncio.get_running_loop().create_server(lambda: Socket(edge), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))

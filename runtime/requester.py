"""Commands that a process sends over its links and awaits the replies of."""

import asyncio

from runtime.courier import Courier
from runtime.identity import ActorId
from runtime.link import LinkFull, Links
from runtime.machine import Command
from runtime.messages import Deliver, Reply, encode
from runtime.placement import Placement
from runtime.replies import OVERLOADED

AGAIN_SECONDS = 0.5


class Requester:
    """The courier must be that of the links."""

    def __init__(self, placement: Placement, links: Links, courier: Courier) -> None:
        self._placement = placement
        self._links = links
        self._courier = courier

    async def request(self, actor: ActorId, sender: str, ref: str, command: Command) -> Reply:
        """The reply to a command: what it was refused with, too."""
        awaited = Awaited()
        try:
            host = self._placement.host_of(actor)
            self._links.send(host, encode(Deliver(actor, sender, ref, command)), (awaited, 0))
        except LinkFull:
            return OVERLOADED
        self._courier.pump()
        return await awaited.reply

    async def insist(self, actor: ActorId, sender: str, ref: str, command: Command) -> Reply:
        """The same, again and again while the receiver has no room."""
        while True:
            reply = await self.request(actor, sender, ref, command)
            if reply.refusal is None or reply.refusal.code != "overloaded":
                return reply
            await asyncio.sleep(AGAIN_SECONDS)


class Awaited:
    """The ticket of one message, whose reply can be awaited."""

    __slots__ = ("reply",)

    def __init__(self) -> None:
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, reply: Reply) -> None:
        """It is there; perhaps nobody waits any more."""
        if not self.reply.done():
            self.reply.set_result(reply)

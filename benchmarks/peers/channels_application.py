"""What uvicorn serves for `channels.py`: a Channels consumer that passes each text on to the other end's group."""

# mypy: ignore-errors

from __future__ import annotations

import os

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": os.environ["BENCHMARK_LAYER"],
            "CONFIG": {
                # redis-py's newer defaults, 100 connections and 5 s of silence, are less than a loaded layer needs.
                "hosts": [
                    {"address": os.environ["BENCHMARK_REDIS"], "max_connections": 10_000, "socket_timeout": None}
                ],
                "capacity": 10_000,
            },
        }
    }
)


class Relay(AsyncWebsocketConsumer):
    """One end. Texts that arrive for it are sent as they are."""

    async def connect(self) -> None:
        """Join this end's group, and know the other's."""
        _, conversation, end = self.scope["path"].split("/")
        self.group, self.other = f"{conversation}.{end}", f"{conversation}.{'a' if end == 'v' else 'v'}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """To the other end."""
        await self.channel_layer.group_send(self.other, {"type": "relay.text", "text": text_data})

    async def relay_text(self, event: dict[str, str]) -> None:
        """From the other end."""
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": Relay.as_asgi()})

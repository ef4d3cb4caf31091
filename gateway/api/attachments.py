"""Uploads as forms, and the files as they are shown or saved: whatever is in one, no browser runs it."""

from pathlib import Path

import anyio
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Message

from gateway.addresses import crowd_of
from gateway.api.answers import json
from gateway.api.context import Api
from gateway.api.requests import identity_of, need_room, path, too_large
from gateway.attachments import SHOWN
from gateway.errors import ProtocolError, too_often
from runtime.clock import wall_clock_ms

VISITORS_AN_ADDRESS = 10
"""An address may upload as much as so many visitors: a new name must not be room for a new disk of files."""
ENVELOPE_BYTES = 16 * 1024
"""What a form may have around its file."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}


async def upload(api: Api, request: Request) -> Response:
    """Store the form's one file, to be sent in a message of this conversation."""
    identity, key = identity_of(api, request), path(request, "conversation")
    await api.edge.conversation(identity, key)
    if identity.role == "visitor":
        need_room(api, identity.id)
    limit = api.settings.limits.attachment_bytes
    async with _bounded(request, limit + ENVELOPE_BYTES).form(max_files=1, max_fields=10) as form:
        file = next((value for value in form.values() if isinstance(value, UploadFile)), None)
        if file is None:
            raise ProtocolError("bad_request", "Expected a multipart form with a file.", field="file")
        if (file.size or 0) > limit:
            raise too_large(limit)
        if identity.role == "visitor":
            _need_room_for(api, request, identity.id, file.size or 0)
        keep = api.attachments.keep
        kept = await anyio.to_thread.run_sync(keep, key, file.filename or "", file.content_type or "", file.file)
    return json({"attachment": kept}, 201)


def _need_room_for(api: Api, request: Request, visitor: str, size: int) -> None:
    """So many bytes more are kept for the visitor. Raises `rate_limited`."""
    crowd = crowd_of(api.proxies.client_of(request))
    for whose, much in ((visitor, size), (crowd, size // VISITORS_AN_ADDRESS)):
        wait_ms = api.uploads.wait_ms(whose, wall_clock_ms(), much=much) if whose and api.uploads is not None else 0
        if wait_ms:
            raise too_often(wait_ms)


def _bounded(request: Request, limit: int) -> Request:
    """The same request, whose body ends with `too_large` past the limit, whatever it says of itself."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(limit - ENVELOPE_BYTES)
    received = 0

    async def receive() -> Message:
        nonlocal received
        message: Message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise too_large(limit - ENVELOPE_BYTES)
        return message

    return Request(request.scope, receive)


async def attachment(api: Api, request: Request) -> Response:
    """The file. Its id is what gives access to it."""
    found, content = await anyio.to_thread.run_sync(api.attachments.find, path(request, "attachment"))
    return _file(content, found.name, found.content_type)


def _file(content: Path, name: str, content_type: str) -> Response:
    disposition = "inline" if content_type in SHOWN else "attachment"
    return FileResponse(
        content, headers=HEADERS, media_type=content_type, filename=name, content_disposition_type=disposition
    )

"""What bare HTTP serves: it reads a request and answers as many bytes as a visitor is answered who comes."""

from starlette.types import Receive, Scope, Send

BODY = b'{"token":"%b"}' % (b"x" * 958)
HEADERS = [
    (b"content-length", b"%d" % len(BODY)),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-type", b"application/json"),
]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One request."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 201, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})

"""The protocol's error codes, and how a refusal reaches a client: as a frame on a socket, as JSON with a status."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from runtime.messages import Refusal

STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "basic_tier": 403,
    "not_found": 404,
    "not_allowed": 409,
    "conflict": 409,
    "closed": 409,
    "too_large": 413,
    "rate_limited": 429,
    "overloaded": 503,
    "internal": 500,
}


class ProtocolError(Exception):
    """A request that is refused at the edge, in the protocol's words."""

    def __init__(self, code: str, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        self.by_actor = False

    @classmethod
    def of(cls, refusal: Refusal) -> "ProtocolError":
        """What an actor has refused."""
        error = cls(refusal.code, refusal.message, **refusal.detail)
        error.by_actor = True
        return error

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def body(self) -> dict[str, Any]:
        """The JSON that HTTP clients get."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return {"error": {**error, "detail": self.detail} if self.detail else error}

    def frame(self, ref: str | None = None, conversation: str | None = None) -> "ErrorFrame":
        """The frame that socket clients get."""
        return ErrorFrame(
            self.code, self.message, ref if ref is not None else UNSET, conversation or UNSET, self.detail or UNSET
        )


def too_often(wait_ms: int) -> ProtocolError:
    """What is answered to more than may be sent in so short a time."""
    return ProtocolError("rate_limited", "Too much at once. Wait a moment.", retry_after_ms=wait_ms)


class ErrorFrame(Struct, tag_field="type", tag="error", frozen=True):
    """The protocol's error frame."""

    code: str
    message: str
    ref: str | UnsetType = UNSET
    conversation: str | UnsetType = UNSET
    detail: dict[str, Any] | UnsetType = UNSET

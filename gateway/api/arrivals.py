"""What a website says of a visitor who comes, and what it is answered."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct, UnsetType

from actors.events import Page
from gateway.attributes import need_plain
from gateway.shown import AsVisitor

URL_CHARACTERS = 2_000
TITLE_CHARACTERS = 200
Line = Annotated[str, Meta(max_length=200)]


class VisitedPage(Struct, frozen=True):
    """Where it is. No visitor chooses how long that is, so what is too long is cut, and nobody turned away for it."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None

    def shortened(self) -> Page:
        """As it is kept."""
        url, title, referrer = self.url or "", self.title or "", self.referrer or ""
        return Page(url[:URL_CHARACTERS], title[:TITLE_CHARACTERS], referrer[:URL_CHARACTERS])


class Introduction(Struct, frozen=True):
    """What a website says of its visitor. Only a `user_hmac` makes it more than words."""

    name: Line | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    locale: Annotated[str, Meta(max_length=35)] | None = None
    page: VisitedPage | None = None
    attributes: dict[str, Any] | None = None
    user_id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    user_hmac: Annotated[str, Meta(max_length=200)] | None = None

    def __post_init__(self) -> None:
        need_plain(self.attributes)


INTRODUCTION = msgspec.json.Decoder(Introduction)


class Arrived(Struct):
    """The token of the visitor from now on, who it is, and its conversation."""

    token: str
    visitor: Raw | UnsetType
    conversation: AsVisitor

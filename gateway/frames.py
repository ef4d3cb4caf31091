"""Frames that clients send, decoded into types at the edge and nowhere else, and the commands they become.

A frame that is not right gets `bad_request` with the place; one that is not for the sender's role, `forbidden`.
A field that may be left out may be null as well: some clients name every field, also those they have nothing for.
"""

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from actors import commands as c
from actors.events import Attachment, Resolution
from gateway.attributes import need_plain
from gateway.errors import ProtocolError
from runtime.machine import Command

REF_CHARACTERS = 64

Ref = Annotated[str, Meta(min_length=1, max_length=REF_CHARACTERS)]
Key = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"\A[A-Za-z0-9._~-]+\Z")]
Word = Annotated[str, Meta(max_length=200)]
Sequence = Annotated[int, Meta(ge=0, le=2**53)]


class ClientFrame(Struct, tag_field="type", frozen=True, gc=False):
    """Any command of a client. Only a `ping` may do without a ref."""

    ref: Ref
    conversation: Key | None = None

    @property
    def tag(self) -> str:
        """Its `type`."""
        return str(self.__struct_config__.tag)


class AttachmentRef(Struct, frozen=True):
    """An attachment as the upload has answered it; only its id is believed."""

    id: Key


class SendMessage(ClientFrame, frozen=True, kw_only=True, tag="send_message"):
    text: str | None = None
    attachments: Annotated[list[AttachmentRef | Key], Meta(max_length=10)] | None = None
    take_over: bool | None = None

    def attached(self) -> list[str]:
        """The ids of the attachments; a client may send them alone."""
        return [one if isinstance(one, str) else one.id for one in self.attachments or ()]


class SetTyping(ClientFrame, frozen=True, kw_only=True, tag="set_typing"):
    active: bool
    text: str | None = None


class MarkRead(ClientFrame, frozen=True, kw_only=True, tag="mark_read"):
    sequence: Sequence


class RequestHuman(ClientFrame, frozen=True, kw_only=True, tag="request_human"):
    reason: str | None = None
    skill: Word | None = None


class EndConversation(ClientFrame, frozen=True, kw_only=True, tag="end_conversation"):
    pass


class Rate(ClientFrame, frozen=True, kw_only=True, tag="rate"):
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: str | None = None


class UpdateDetails(ClientFrame, frozen=True, kw_only=True, tag="update_details"):
    name: Word | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    attributes: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        need_plain(self.attributes)


class TakeOver(ClientFrame, frozen=True, kw_only=True, tag="take_over"):
    pass


class AcceptOffer(ClientFrame, frozen=True, kw_only=True, tag="accept_offer"):
    pass


class DeclineOffer(ClientFrame, frozen=True, kw_only=True, tag="decline_offer"):
    reason: str | None = None


class ReturnToAssistant(ClientFrame, frozen=True, kw_only=True, tag="return_to_assistant"):
    summary: str | None = None


class Transfer(ClientFrame, frozen=True, kw_only=True, tag="transfer"):
    to_agent: str | None = None
    skill: Word | None = None
    note: str | None = None


class CloseConversation(ClientFrame, frozen=True, kw_only=True, tag="close_conversation"):
    resolution: Resolution
    notes: str | None = None


class AddNote(ClientFrame, frozen=True, kw_only=True, tag="add_note"):
    text: str


class ChangeTags(ClientFrame, frozen=True, kw_only=True, tag="change_tags"):
    add: list[str] | None = None
    remove: list[str] | None = None


class Assign(ClientFrame, frozen=True, kw_only=True, tag="assign"):
    agent: str


class SetPriority(ClientFrame, frozen=True, kw_only=True, tag="set_priority"):
    priority: Annotated[int, Meta(ge=-(2**53), le=2**53)]


class SetStatus(ClientFrame, frozen=True, kw_only=True, tag="set_status"):
    status: c.Status
    agent: str | None = None
    reason: Word | None = None


class WatchConversation(ClientFrame, frozen=True, kw_only=True, tag="watch"):
    after: Annotated[int, Meta(ge=0)] | None = None


class Unwatch(ClientFrame, frozen=True, kw_only=True, tag="unwatch"):
    pass


class WatchBot(ClientFrame, frozen=True, kw_only=True, tag="watch_bot"):
    bot: str


class UnwatchBot(ClientFrame, frozen=True, kw_only=True, tag="unwatch_bot"):
    bot: str


class Ping(ClientFrame, frozen=True, kw_only=True, tag="ping"):
    ref: Ref = ""


class Hello(Struct, tag_field="type", tag="hello", frozen=True):
    """The first frame."""

    token: str
    resume: dict[Key, Annotated[int, Meta(ge=0)]] | None = None


VISITOR = frozenset((SendMessage, SetTyping, MarkRead, RequestHuman, EndConversation, Rate, UpdateDetails, Ping))
AGENT = frozenset(
    (
        SendMessage,
        SetTyping,
        MarkRead,
        TakeOver,
        AcceptOffer,
        DeclineOffer,
        ReturnToAssistant,
        Transfer,
        CloseConversation,
        AddNote,
        ChangeTags,
        Assign,
        SetPriority,
        SetStatus,
        WatchConversation,
        Unwatch,
        WatchBot,
        UnwatchBot,
        Ping,
    )
)

COMMANDS = {"visitor": VISITOR, "agent": AGENT}
"""What each role may send."""

AnyFrame: Any = reduce(or_, dict.fromkeys((*VISITOR, *AGENT)))
"""Whatever a client may send; each kind is listed once, with whose it is."""

decode_json = msgspec.json.Decoder(AnyFrame).decode
decode_msgpack = msgspec.msgpack.Decoder(AnyFrame).decode
decode_hello_json = msgspec.json.Decoder(Hello).decode
decode_hello_msgpack = msgspec.msgpack.Decoder(Hello).decode

UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoders raise for what is no such frame."""


def command_of(frame: Any, find: Callable[[list[str]], tuple[Attachment, ...]]) -> Command:
    """The conversation's (or agent's) command that a frame stands for. Attachments are found by their ids."""
    if type(frame) is SendMessage:
        attachments = find(frame.attached()) if frame.attachments else ()
        return c.SendMessage(frame.text or "", attachments, frame.take_over is True)
    return _COMMANDS[type(frame)](frame)


_COMMANDS: dict[type, Callable[[Any], Command]] = {
    SetTyping: lambda frame: c.SetTyping(frame.active, frame.text or ""),
    MarkRead: lambda frame: c.MarkRead(frame.sequence),
    RequestHuman: lambda frame: c.RequestHuman(frame.reason or "", frame.skill or ""),
    EndConversation: lambda frame: c.EndConversation(),
    Rate: lambda frame: c.Rate(frame.score, frame.comment or ""),
    UpdateDetails: lambda frame: c.UpdateDetails(frame.name, frame.email, frame.attributes),
    TakeOver: lambda frame: c.TakeOver(),
    AcceptOffer: lambda frame: c.AcceptOffer(),
    DeclineOffer: lambda frame: c.DeclineOffer(frame.reason or ""),
    ReturnToAssistant: lambda frame: c.ReturnToAssistant(frame.summary or ""),
    Transfer: lambda frame: c.Transfer(frame.to_agent or "", frame.skill or "", frame.note or ""),
    CloseConversation: lambda frame: c.CloseConversation(frame.resolution, frame.notes or ""),
    AddNote: lambda frame: c.AddNote(frame.text),
    ChangeTags: lambda frame: c.ChangeTags(tuple(frame.add or ()), tuple(frame.remove or ())),
    Assign: lambda frame: c.Assign(frame.agent),
    SetPriority: lambda frame: c.SetPriority(frame.priority),
    SetStatus: lambda frame: c.SetStatus(frame.status, frame.reason or ""),
}


def malformed(data: bytes, error: Exception, packed: bool) -> tuple[ProtocolError, str | None]:
    """What to answer to a frame that could not be decoded, and its ref, as it was sent, if there is one."""
    ref = None
    try:
        raw = msgspec.msgpack.decode(data) if packed else msgspec.json.decode(data)
        if isinstance(raw, dict) and isinstance(raw.get("ref"), str):
            ref = raw["ref"]
    except UNDECODABLE:
        return no_object("frame", "MessagePack" if packed else "JSON"), None
    return misfit(error, "frame"), ref


def no_object(whole: str, format: str) -> ProtocolError:
    """What to answer to bytes that are not even of the format."""
    return ProtocolError("bad_request", f"The {whole} is not valid {format}.", field=whole)


def misfit(error: Exception, whole: str) -> ProtocolError:
    """What to answer to a value that is not of its type. It names the field, or the `whole` if that is no object."""
    return ProtocolError("bad_request", str(error), field=_field_of(str(error)) or whole)


def _field_of(message: str) -> str:
    """The field that a decoding error names: `$.text` becomes `text`, a missing field its name; empty: the whole."""
    if "missing required field" in message or ("Invalid value '" in message and "`$" not in message):
        return message.split("`")[1] if "`" in message else ""
    _, marker, path = message.rpartition("`$")
    if marker or message.startswith("Expected `"):
        return path.strip("`. ").lstrip(".") if marker else ""
    return message.split("`")[1] if "`" in message else "type"

"""What a client's command is answered with when it is done."""

from msgspec import UNSET, Struct, UnsetType


class Ack(Struct, tag_field="type", tag="ack", frozen=True, gc=False):
    """The command is done, durably. `sequence` is its conversation's last one then, if it was for one."""

    ref: str
    conversation: str | UnsetType = UNSET
    sequence: int | UnsetType = UNSET

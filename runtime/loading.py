"""What waits for an actor that is being read from the journal."""

from runtime.activation import Mailbox


class Loading(Mailbox):
    """The mailbox of an actor that is being read, and since when."""

    __slots__ = ("since_ms",)

    def __init__(self, since_ms: int) -> None:
        super().__init__()
        self.since_ms = since_ms

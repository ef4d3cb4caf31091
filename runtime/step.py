"""What a host, after it was polled, wants its shell to do."""

import msgspec

from runtime.identity import ActorId
from runtime.journal import Append
from runtime.machine import Find, Measure


class Step(msgspec.Struct):
    """What the shell must do now: read these actors, find these rows, write this append, and poll again by then.

    `whole` are to be read without their snapshots. `measures` are those of the append's events, for whoever keeps
    counts in the journal with what they count.
    """

    load: list[ActorId] = []
    whole: list[ActorId] = []
    find: list[tuple[ActorId, Find]] = []
    append: Append | None = None
    wake_at_ms: int = 0
    measures: list[Measure] = []

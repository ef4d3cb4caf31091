"""The bounds of a host, and what it counts."""

import msgspec


class HostLimits(msgspec.Struct, frozen=True):
    """The bounds of a host. Times in milliseconds."""

    mailbox_commands: int = 1_000
    held_actors: int = 100_000
    idle_ms: int = 300_000
    turn_commands: int = 5_000
    run_commands: int = 100
    """Of one actor before the others have theirs: who is flooded holds up nobody else."""
    row_delay_ms: int = 500
    """How far the summary row of an actor in steady talk may lag."""
    lease_ms: int = 5_000
    snapshot_events: int = 500
    wakes_a_poll: int = 500
    retry_ms: int = 1_000


class HostStatistics(msgspec.Struct):
    """Counts since the start."""

    commands: int = 0
    turns: int = 0
    failed_appends: int = 0
    lost_events: int = 0
    mailbox_depth_max: int = 0
    rejected: dict[str, int] = msgspec.field(default_factory=dict)

"""What may go wrong in a simulation, each as a probability; and how often that is asked."""

import msgspec
from msgspec.structs import replace


class Faults(msgspec.Struct, frozen=True):
    """Calls are asked once each, appends and reads once each, processes at every step that they take."""

    call_lost: float = 0.0
    """The call never arrives; its sender learns that the outcome is unknown."""
    answer_lost: float = 0.0
    """The call is worked on; its sender learns that the outcome is unknown."""
    call_slow: float = 0.0
    """The call takes seconds, and its sender may have given up by then: an old batch arrives after newer ones."""
    call_twice: float = 0.0
    """A copy arrives as well, at another time."""
    host_crash: float = 0.0
    host_hang: float = 0.0
    """The host stands still for seconds, may be replaced meanwhile, and goes on as if nothing had happened."""
    gateway_crash: float = 0.0
    worker_crash: float = 0.0
    append_fails: float = 0.0
    """The store takes nothing and says so."""
    append_unsure: float = 0.0
    """The store takes it and says nothing."""
    append_slow: float = 0.0
    """The host gives the append up before it is written."""
    read_fails: float = 0.0
    store_away: float = 0.0
    """Asked at each append: the store does not answer for seconds."""
    clock_back: float = 0.0
    """Asked at each step of a host: its wall clock is set back by up to a minute."""

    clock_wrong: float = 0.0
    """Asked when a host starts: its wall clock is up to a minute ahead of the others', or behind."""
    states_learn: float = 0.0
    """Asked when a host starts: its version makes other states of the same events, and passes over all snapshots."""


CALM = Faults()

ROUGH = Faults(
    call_lost=0.01,
    answer_lost=0.02,
    call_slow=0.01,
    call_twice=0.03,
    host_crash=0.004,
    host_hang=0.001,
    gateway_crash=0.0005,
    worker_crash=0.002,
    append_fails=0.01,
    append_unsure=0.01,
    append_slow=0.01,
    read_fails=0.02,
    store_away=0.002,
    clock_back=0.001,
    states_learn=0.1,
)

SKEWED = replace(ROUGH, clock_wrong=0.5)

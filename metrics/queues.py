"""What waits, as the actors of a host know it, read when somebody asks: visitors in queues, messages for Telegram."""

from collections.abc import Callable, Iterable

from actors.supervisor.machine import Supervisor
from actors.telegram.state import Group
from metrics.recorder import Samples
from runtime.clock import wall_clock_ms
from runtime.host import Host
from runtime.identity import ActorId, key_of


def waiting(host: Host, supervisors: Iterable[ActorId]) -> int:
    """How many wait in all of the queues whose supervisors live in this host."""
    return sum(len(state.dispatch.line) for state in _here(host, supervisors).values())


def queue_sampler(
    host: Host, supervisors: Iterable[ActorId], clock: Callable[[], int] = wall_clock_ms
) -> Callable[[], Samples]:
    """How many wait and how long the first has, of those supervisors that live in this host."""
    names = tuple(supervisors)

    def sampled() -> Samples:
        here = _here(host, names)
        return {
            "queue_length": [((bot,), len(state.dispatch.line)) for bot, state in here.items()],
            "queue_oldest_seconds": [((bot,), _oldest_seconds(state, clock())) for bot, state in here.items()],
        }

    return sampled


def telegram_sampler(host: Host) -> Callable[[], Samples]:
    """How many messages wait to be sent to the Telegram groups of this host; 0 without any."""

    def sampled() -> Samples:
        pending = sum(one.state.pending for one in host.activations.values() if isinstance(one.state, Group))
        return {"telegram_pending": [((), pending)]}

    return sampled


def _here(host: Host, supervisors: Iterable[ActorId]) -> dict[str, Supervisor]:
    """Those that live in this host, by bot."""
    return {key_of(one): host.activations[one].state for one in supervisors if one in host.activations}


def _oldest_seconds(supervisor: Supervisor, now_ms: int) -> float:
    since = (one.enlist.since_ms for one in supervisor.dispatch.line.all.values())
    return max(0.0, (now_ms - min(since, default=now_ms)) / 1000)

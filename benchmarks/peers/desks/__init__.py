"""Those whose agents take handoffs: ourselves, and plain Ray. What they say on their sockets, and who connects."""

from benchmarks.peers.desks.livesupport import Livesupport
from benchmarks.peers.desks.plain_ray import PlainRay

__all__ = ["Livesupport", "PlainRay"]

"""What people are told of the queue: how long it may take, and why nobody has them yet."""

from collections import deque

from actors.supervisor.dispatch import Dispatch
from actors.supervisor.line import Waiting

RATE_SAMPLES = 50
GUESS_SECONDS = (60, 300)
"""The range for one place when nothing is known of how fast slots become free."""


class Pace:
    """How fast the line has moved of late."""

    def __init__(self) -> None:
        self._assigned_ms: deque[int] = deque(maxlen=RATE_SAMPLES)

    def assigned(self, now_ms: int) -> None:
        """Somebody who waited has an agent."""
        self._assigned_ms.append(now_ms)

    def eta_seconds(self, position: int, slots: int, now_ms: int) -> tuple[int, int]:
        """An honest range for the wait: from half to twice what the recent rate of assignments says.

        Nothing heard for a while makes it slower. Without a rate it is a guess, by the slots of those online.
        """
        samples = len(self._assigned_ms)
        if samples < 2:
            rounds = -(-position // max(1, slots))
            return rounds * GUESS_SECONDS[0], rounds * GUESS_SECONDS[1]
        seconds_each = (now_ms - self._assigned_ms[0]) / 1000 / samples
        return int(position * seconds_each / 2), max(1, round(position * seconds_each * 2))


def why_not(dispatch: Dispatch, one: Waiting) -> str:
    """Why nobody has it yet."""
    agents = dispatch.roster.all
    if one.asked:
        return f"Offered to {agents[one.asked].name if one.asked in agents else one.asked}."
    if one.held_for:
        return f"Waits a moment for {agents[one.held_for].name}, who had this visitor last."
    if one.again_ms:
        return "Everybody who is free has been asked; they are asked again in a moment."
    online = [other for other in agents.values() if other.status == "online"]
    if not online:
        return "Everybody who is here is busy." if dispatch.roster.present else "Nobody is online."
    if not any(other.suits(*one.need) for other in online):
        return f"Nobody online has {' and '.join(word for word in one.need if word)}; anybody will do soon."
    return "Everybody who could take it has all they can do."

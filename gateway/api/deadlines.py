"""How long tasks may take, where all may take the same: they are due in the order in which they began, so one timer
watches all of them."""

import asyncio
from typing import Any


class Deadlines:
    """Cancels a task that is still here so many seconds after it began: the same for all, so the first is due first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._due: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, task: asyncio.Task[Any]) -> None:
        """The task begins now."""
        loop = task.get_loop()
        self._due[task] = due = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._ring, loop)

    def end(self, task: asyncio.Task[Any]) -> bool:
        """It is over. False if the task was cancelled because it had taken too long."""
        return self._due.pop(task, None) is not None

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        while self._due:
            task, due = next(iter(self._due.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._ring, loop)
                return
            del self._due[task]
            task.cancel()

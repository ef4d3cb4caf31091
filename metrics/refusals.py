"""What is refused, in the log: so many lines a minute, and then how many there would have been.

Anybody can be refused thousands of times a second: what else the log says must not be pushed out of it.
"""

import logging
import time

from runtime.lines import Line

LINES_A_MINUTE = 1_000
"""Of one process. All refusals are counted (`rejected_total`)."""


class Refusals:
    """Asked before a line is made."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._minute = self._lines = 0

    def may_write(self) -> bool:
        """There is room for one more line in this minute; it counts."""
        minute = int(time.time() // 60)
        if minute != self._minute:
            if self._lines > LINES_A_MINUTE:
                self._log.warning(Line("rejections not logged", count=self._lines - LINES_A_MINUTE))
            self._minute, self._lines = minute, 0
        self._lines += 1
        return self._lines <= LINES_A_MINUTE

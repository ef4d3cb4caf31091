"""Many processes that are shown as one: the dedicated hosts of a kind, for a conversation's name is never a label.

Sums must not fall when one of them ends, so what those counted that have ended stays in the sum for as long as the
process that adds up lives. Facts are not among it: they are in the journal (`metrics.ledger`).
"""

from collections.abc import Mapping

from metrics.instruments import INSTRUMENTS
from metrics.recorder import Samples, merged


class Crowd:
    """Adds up what its members tell, whoever comes and goes."""

    def __init__(self) -> None:
        self._last: dict[str, Samples] = {}
        self._ended: Samples = {}

    def told(self, answers: Mapping[str, Samples | None]) -> Samples:
        """The sum, by the answers of all members that live; None: it did not answer, and counts as it did before."""
        for name in self._last.keys() - answers.keys():
            self._end(self._last.pop(name))
        for name, samples in answers.items():
            if samples is not None:
                before = self._last.get(name)
                if before is not None and _began(before) != _began(samples):
                    self._end(before)
                self._last[name] = samples
        shown = [samples if answers[name] is not None else _counts(samples) for name, samples in self._last.items()]
        return merged([self._ended, *shown])

    def unknown(self) -> Samples:
        """The sum when nobody knows who lives."""
        return self.told(dict.fromkeys(self._last))

    def _end(self, samples: Samples) -> None:
        self._ended = merged([self._ended, _counts(samples)])


def _began(samples: Samples) -> object:
    return samples.get("process_start_time_seconds")


def _counts(samples: Samples) -> Samples:
    """What only ever grows; what somebody is now, nobody is when it is gone."""
    return {name: found for name, found in samples.items() if INSTRUMENTS[name].kind != "gauge"}

"""What may be cut out of an actor's history: see `machine.Forgetful`.

    lasting, others, baseline, others, lasting, baseline, ... the last commands     all there is
    lasting,                           lasting, baseline, ... the last commands     what is left

Whoever reads what is left, from its beginning and without a snapshot, arrives at the same state, and knows the refs of
as many commands as before.
"""

from runtime.activation import Codec
from runtime.identity import ActorId
from runtime.journal import Cut, Record, Stored

LEAST_RECORDS = 2_000
"""So many are worth the trouble."""


def cut_of(codec: Codec, actor: ActorId, stored: Stored, refs_max: int, least: int = LEAST_RECORDS) -> Cut | None:
    """The cut before the last baseline whose tells, and all before, were taken, and which `refs_max` commands follow.

    `stored` is the actor's whole history. None: fewer than `least` records would go.
    """
    baseline = _baseline(codec, stored, refs_max)
    if baseline is None:
        return None
    before = [one for one in stored.records if one.sequence < baseline.sequence]
    kept = [one for one in before if codec.decode_event(one.body).lasting]
    return Cut(actor, baseline.sequence, kept) if len(before) - len(kept) >= least else None


def _baseline(codec: Codec, stored: Stored, refs_max: int) -> Record | None:
    if codec.forgetful is None:
        return None
    refs: set[str] = set()
    for record in reversed(stored.records):
        told = record.sequence <= stored.told
        if told and len(refs) >= refs_max and type(codec.decode_event(record.body)) is codec.forgetful.baseline_type:
            return record
        refs.update([record.ref] if record.ref else ())
    return None

"""A process that appends to a journal, turn after turn, until it is killed or fenced.

python -m tests.journal.writer URL ACTOR COUNT: prints each sequence once it is durable, `fenced` when it is refused.
"""

import sys

from runtime.identity import ActorId
from runtime.journal import Append, Fenced, Record, Row, open_journal
from runtime.machine import Summary


def main(url: str, name: str, count: int) -> None:
    """Write `count` records of an actor, one an append, each with a row that says as much."""
    actor = ActorId(name)
    journal = open_journal(url)
    fences = journal.claim([f"shard/of {name}"])
    for sequence in range(1, count + 1):
        row = Row(actor, 1_000, sequence, 0, sequence, Summary((f"at:{sequence}",), "", b"%d" % sequence))
        try:
            journal.append(Append(fences, [Record(actor, sequence, 1_000, "", b"%d" % sequence)], [row], []))
        except Fenced:
            print("fenced", flush=True)
            return
        print(sequence, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

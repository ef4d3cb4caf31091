"""Tables of outcomes as text: for each variant of a command, lines of `states = senders: what follows; ...`."""

from collections.abc import Iterable, Iterator, Mapping

Cells = dict[tuple[str, str, str], str]


def cells(table: str, senders: Iterable[str], groups: Mapping[str, str]) -> Cells:
    """What the table says of each variant, state and sender; who is not named is refused as `forbidden`.

    `groups` are words for several senders. Raises when the table says something twice.
    """
    found: Cells = {}
    variant = ""
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            variant = line
            continue
        states, _, row = line.partition(" = ")
        for state in states.split():
            for sender, outcome in _row(row, dict.fromkeys(senders), groups):
                assert (variant, state, sender) not in found, f"{variant}, {state}, {sender} stands there twice"
                found[variant, state, sender] = outcome
    return found


def _row(row: str, left: dict[str, None], groups: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for part in row.split("; "):
        who, _, outcome = part.partition(": ")
        named = " ".join(groups.get(word, word) for word in who.split())
        for sender in list(left) if who == "all" else named.split():
            del left[sender]
            yield sender, outcome
    yield from ((sender, "!forbidden") for sender in left)

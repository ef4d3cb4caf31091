"""How well requests for a human are recognised: ``python -m benchmarks.recognise FILE [--dialogues FILE] [--json]``.

FILE is a CSV of `utterance,intent`; `--dialogues` a JSONL of dialogues in which nobody asks for a human.
Nothing is fitted to the file. Its utterances fall into five folds by a hash of their text: the rules were written
looking at folds 0 and 1, then at what fold 2 missed; folds 3 and 4 were only ever counted.
"""

import csv
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from rich.table import Table

from actors.assistant.recognise import wants_human
from benchmarks.load import command, show

FOLDS, UNSEEN_FOLDS = 5, (3, 4)


class Counts(msgspec.Struct):
    """Handoffs that were right, wrong and missed, and the other texts."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    others: int = 0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 when there was nothing to find and nothing was found."""
        found = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / found if found else 1.0

    @property
    def wrong_per_thousand(self) -> float:
        """False handoffs in 1,000 texts that ask for none."""
        negatives = self.wrong + self.others
        return 1_000 * self.wrong / negatives if negatives else 0.0

    def add(self, wanted: bool, recognised: bool) -> None:
        """Counts one text."""
        match wanted, recognised:
            case True, True:
                self.right += 1
            case True, False:
                self.missed += 1
            case False, True:
                self.wrong += 1
            case _:
                self.others += 1


class Result(msgspec.Struct):
    """What a file showed. Times are CPU microseconds an utterance, with words met for the first time and again."""

    f1: float
    f1_by_fold: list[float]
    f1_of_unseen_folds: float
    false_handoffs_per_thousand: float
    near: str
    near_recognised: int
    near_utterances: int
    false_by_intent: dict[str, int]
    first_microseconds: float
    again_microseconds: float
    utterances: int
    dialogue_turns: int = 0
    dialogue_handoffs_per_thousand: float = 0.0


def measured(rows: Sequence[tuple[str, str]], positive: str, near: str) -> Result:
    """Runs the recognition over (utterance, intent) rows; `positive` is the intent that wants a human."""
    first, recognised = _timed(text for text, _ in rows)
    again, _ = _timed(text for text, _ in rows)
    folds = [Counts() for _ in range(FOLDS)]
    for (text, intent), asked in zip(rows, recognised, strict=True):
        folds[_fold(text)].add(intent == positive, asked)
    false = Counter(intent for (_, intent), asked in zip(rows, recognised, strict=True) if asked and intent != positive)
    total = _sum(folds)
    return Result(
        f1=total.f1,
        f1_by_fold=[fold.f1 for fold in folds],
        f1_of_unseen_folds=_sum(folds[index] for index in UNSEEN_FOLDS).f1,
        false_handoffs_per_thousand=total.wrong_per_thousand,
        near=near,
        near_recognised=false[near],
        near_utterances=sum(intent == near for _, intent in rows),
        false_by_intent=dict(false),
        first_microseconds=first,
        again_microseconds=again,
        utterances=len(rows),
    )


def _timed(texts: Iterable[str]) -> tuple[float, list[bool]]:
    started = time.process_time()
    recognised = [wants_human(text) is not None for text in texts]
    return (time.process_time() - started) * 1e6 / max(1, len(recognised)), recognised


def _sum(folds: Iterable[Counts]) -> Counts:
    counts = list(folds)
    return Counts(*(sum(getattr(fold, field) for fold in counts) for field in Counts.__struct_fields__))


def _fold(text: str) -> int:
    return int(hashlib.sha256(text.strip().lower().encode()).hexdigest(), 16) % FOLDS


def _visitor_turns(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [turn["text"] for line in file for turn in json.loads(line)["turns"] if turn["from"] == "visitor"]


def _table(result: Result) -> Table:
    table = Table("measure", "value", title="Requests for a human")
    table.add_row("utterances", f"{result.utterances:,}")
    table.add_row("F1", f"{result.f1:.4f}")
    table.add_row("F1 by fold", "  ".join(f"{f1:.3f}" for f1 in result.f1_by_fold))
    table.add_row("F1 of the folds never looked at", f"{result.f1_of_unseen_folds:.4f}")
    table.add_row("false handoffs in 1,000", f"{result.false_handoffs_per_thousand:.2f}")
    table.add_row(f"taken for one: {result.near}", f"{result.near_recognised} of {result.near_utterances}")
    for intent, count in result.false_by_intent.items():
        table.add_row(f"false: {intent}", str(count))
    table.add_row(
        "CPU an utterance, words new / known", f"{result.first_microseconds:.0f} / {result.again_microseconds:.0f} µs"
    )
    if result.dialogue_turns:
        table.add_row("visitor turns of the dialogues", f"{result.dialogue_turns:,}")
        table.add_row("false handoffs in 1,000 of them", f"{result.dialogue_handoffs_per_thousand:.2f}")
    return table


@command.entry("recognise")
def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints a table, and with --json one JSON object on the last line."""
    parser = command.parser("recognise", "How well requests for a human are recognised.")
    parser.add_argument("file", type=Path, help="CSV of utterance,intent")
    parser.add_argument("--dialogues", type=Path, help="JSONL of dialogues in which nobody asks for a human")
    parser.add_argument("--positive", default="contact_human_agent", help="the intent that wants a human")
    parser.add_argument("--near", default="contact_customer_service", help="the intent most easily mistaken for it")
    chosen = parser.parse_args(arguments)
    with chosen.file.open(encoding="utf-8", newline="") as file:
        rows = [(row["utterance"], row["intent"]) for row in csv.DictReader(file)]
    result = measured(rows, chosen.positive, chosen.near)
    if chosen.dialogues is not None:
        _, recognised = _timed(turns := _visitor_turns(chosen.dialogues))
        result.dialogue_turns = len(turns)
        result.dialogue_handoffs_per_thousand = 1_000 * sum(recognised) / max(1, len(turns))
    show.report("recognise", chosen, msgspec.to_builtins(result), [_table(result)])
    return 0


if __name__ == "__main__":
    sys.exit(main())

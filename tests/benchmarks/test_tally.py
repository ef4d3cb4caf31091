"""The table of faults counts what the verdicts say, and one wrong thing anywhere is not ok."""

import pytest

from benchmarks.faults.row import HEADINGS, Row, table
from benchmarks.faults.tally import FAULTS_KEPT, Tally
from benchmarks.replay.recording import Recording
from benchmarks.replay.verify import Count, Verdict, verify


def test_messages_and_closes_are_what_was_acked() -> None:
    tally = Tally()
    tally.add(Recording("d1", closed_by="alice"), Verdict("c1", messages=12))
    tally.add(Recording("d2"), Verdict("c2", messages=3))
    assert (tally.conversations, tally.acked, tally.ok) == (2, 16, True)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict("c", stored=Count(lost=1)),
        Verdict("c", stored=Count(duplicated=1)),
        Verdict("c", stored=Count(out_of_order=1)),
        Verdict("c", intrusions=1),
        Verdict("c", faults=["something else"]),
    ],
)
def test_whatever_is_wrong_is_not_ok(verdict: Verdict) -> None:
    tally = Tally()
    tally.add(Recording("d"), verdict)
    tally += Tally(conversations=1)
    assert not tally.ok
    assert not Row("x", tally, 0.0).ok


def test_all_that_is_wrong_is_counted_and_the_first_of_it_kept() -> None:
    tally = Tally()
    tally.blame(*(f"fault {number}" for number in range(FAULTS_KEPT + 5)))
    assert tally.wrong == FAULTS_KEPT + 5
    assert len(tally.faults) == FAULTS_KEPT


def test_a_word_of_the_assistant_after_a_takeover_is_counted() -> None:
    journal = [
        {"sequence": 1, "type": "agent_assigned"},
        {"sequence": 2, "type": "message_sent", "from": "assistant", "text": "I"},
        {"sequence": 3, "type": "returned_to_assistant"},
        {"sequence": 4, "type": "message_sent", "from": "assistant", "text": "I"},
    ]
    verdict = verify(Recording("d"), journal, {"last_sequence": 4})
    assert verdict.intrusions == 1


def test_the_table_has_a_cell_for_each_heading() -> None:
    row = Row("kill host", Tally(acked=1_234), 2.04, "a note")
    assert row.cells() == ("kill host", "1,234", "0", "0", "0", "0", "2.0", "a note")
    assert len(table([row]).columns) == len(HEADINGS) + 2

"""The judge: a faultless conversation passes, and each way of going wrong is found and named."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import pytest

from benchmarks.dialogue import Turn
from benchmarks.frames import INTERNAL_EVENTS, Frame
from benchmarks.order import Track
from benchmarks.replay.recording import Recording, Said, View
from benchmarks.replay.verify import Count, compare, verify

ADA = {"id": "ada", "name": "Ada"}
JOURNAL: list[Frame] = [
    {"type": "conversation_opened", "bot": "demo", "visitor": {"id": "v1"}},
    {"type": "message_sent", "from": "assistant", "text": "Hello!"},
    {"type": "message_sent", "from": "visitor", "text": "a table"},
    {"type": "message_sent", "from": "assistant", "text": "I do not know."},
    {"type": "human_requested", "trigger": "visitor"},
    {"type": "offered", "agent": "ada"},
    {"type": "offer_ended", "agent": "ada", "outcome": "accepted"},
    {"type": "agent_assigned", "agent": ADA, "how": "offer", "why": "idle longest"},
    {"type": "message_sent", "from": "agent", "text": "where?"},
    {"type": "message_sent", "from": "visitor", "text": "here"},
    {"type": "message_sent", "from": "agent", "text": "done"},
    {"type": "conversation_closed", "by": "agent", "resolution": "resolved", "notes": "n"},
    {"type": "rated", "score": 5, "comment": ""},
]
SAID = {3: ("visitor", "a table"), 9: ("agent", "where?"), 10: ("visitor", "here"), 11: ("agent", "done")}


@dataclass
class Case:
    recording: Recording
    journal: list[Frame]
    conversation: Frame

    def find(self) -> tuple[Count, Count, str]:
        verdict = verify(self.recording, self.journal, self.conversation)
        return verdict.stored, verdict.live, "\n".join(verdict.faults)

    def drop(self, sequence: int) -> None:
        """From the journal, and numbers the rest again, as if it had never been."""
        del self.journal[sequence - 1]
        self.number()

    def number(self) -> None:
        for sequence, event in enumerate(self.journal, 1):
            event["sequence"] = sequence
        self.conversation["last_sequence"] = len(self.journal)


@pytest.fixture
def case() -> Case:
    """A faultless one. The rating came after the close, when nobody watched any more."""
    journal = [{"sequence": n, "at_ms": 1000 + n, **event} for n, event in enumerate(deepcopy(JOURNAL), 1)]
    seen = [_frame(event) for event in journal[:-1]]
    public = [deepcopy(frame) for frame in seen if frame["event"]["type"] not in INTERNAL_EVENTS]
    for frame in public:
        frame["event"].pop("why", None)
        frame["event"].pop("notes", None)
    said = [
        Said(Turn(speaker, text), sequence != 3, 1.0, 1.001, sequence, 1.002)  # type: ignore[arg-type]
        for sequence, (speaker, text) in SAID.items()
    ]
    recording = Recording(
        "d", "c1", said, View(public, Track(12)), {"ada": View(seen, Track(12))}, "ada", "resolved"
    )  # fmt: skip
    conversation = {"id": "c1", "state": "closed", "resolution": "resolved", "last_sequence": 13}
    return Case(recording, journal, conversation)


def _frame(event: Frame) -> Frame:
    inner = {name: value for name, value in event.items() if name not in ("sequence", "at_ms")}
    return {
        "type": "event",
        "conversation": "c1",
        "sequence": event["sequence"],
        "at_ms": event["at_ms"],
        "event": inner,
    }


def test_a_faultless_conversation_has_no_fault(case: Case) -> None:
    assert case.find() == (Count(), Count(), "")
    assert verify(case.recording, case.journal, case.conversation).messages == 4


def test_what_the_visitors_socket_should_not_have_brought_is_a_fault(case: Case) -> None:
    case.recording.oddities.append("an answer to nothing")
    assert case.find()[2] == "an answer to nothing"


def test_a_text_that_is_not_stored_is_lost(case: Case) -> None:
    case.drop(10)
    stored, _, faults = case.find()
    assert stored == Count(lost=1)
    assert "acked as 10" in faults


def test_a_text_stored_twice_is_duplicated(case: Case) -> None:
    case.journal.insert(10, dict(case.journal[9]))
    case.number()
    assert case.find()[0] == Count(duplicated=1)


def test_texts_that_changed_places_are_out_of_order(case: Case) -> None:
    case.journal[9]["text"], case.journal[10]["text"] = "done", "here"
    case.journal[9]["from"], case.journal[10]["from"] = "agent", "visitor"
    assert case.find()[0] == Count(out_of_order=1)


def test_a_text_that_nobody_said_is_named(case: Case) -> None:
    case.journal[9]["text"] = "Here"
    stored, _, faults = case.find()
    assert stored == Count(lost=1)
    assert "never said: visitor: 'Here'" in faults


def test_a_gap_in_the_sequences_is_named(case: Case) -> None:
    for event in case.journal[5:]:
        event["sequence"] += 1
    case.conversation["last_sequence"] += 1
    assert "not 1 to 13" in case.find()[2]


def test_a_summary_that_is_behind_its_journal_is_named(case: Case) -> None:
    case.conversation["last_sequence"] = 12
    assert "last_sequence is 12, its last event's 13" in case.find()[2]


def test_an_assistant_that_speaks_after_the_takeover_is_named(case: Case) -> None:
    case.journal.insert(9, {"at_ms": 0, "type": "message_sent", "from": "assistant", "text": "I can help"})
    case.number()
    assert "the assistant spoke at 10" in case.find()[2]


def test_an_assistant_that_speaks_after_the_return_is_not(case: Case) -> None:
    case.journal.insert(11, {"at_ms": 0, "type": "returned_to_assistant", "by": "agent"})
    case.journal.insert(12, {"at_ms": 0, "type": "message_sent", "from": "assistant", "text": "me again"})
    case.number()
    assert "the assistant spoke" not in case.find()[2]


@pytest.mark.parametrize("change", [{"resolution": "spam"}, {"by": "system"}, {"type": "rated"}])
def test_a_close_that_is_not_the_agents_is_named(case: Case, change: Frame) -> None:
    case.journal[11].update(change)
    assert "closed by the agent as resolved, but" in case.find()[2]


@pytest.mark.parametrize("change", [{"state": "live"}, {"resolution": None}])
def test_a_conversation_that_does_not_read_closed_is_named(case: Case, change: Frame) -> None:
    case.conversation.update(change)
    assert "but it reads" in case.find()[2]


def test_an_event_that_a_side_never_saw_is_lost_on_its_socket(case: Case) -> None:
    del case.recording.visitor.events[-2]
    del case.recording.agents["ada"].events[5]
    stored, live, faults = case.find()
    assert (stored, live) == (Count(), Count(lost=2))
    assert "socket of the visitor: 1 lost" in faults
    assert "socket of ada: 1 lost" in faults


def test_a_close_that_a_side_never_saw_is_lost(case: Case) -> None:
    case.recording.visitor.events.pop()
    assert case.find()[1] == Count(lost=1)


def test_what_the_socket_had_twice_or_late_is_counted(case: Case) -> None:
    case.recording.visitor.track.duplicates.append(3)
    case.recording.agents["ada"].track.late.append(8)
    assert case.find()[1] == Count(duplicated=1, out_of_order=1)


@pytest.mark.parametrize("side", ["visitor", "ada"])
@pytest.mark.parametrize("change", [{"text": "Where?"}, {"from": "visitor"}])
def test_an_event_seen_otherwise_than_stored_is_named(case: Case, side: str, change: Frame) -> None:
    view = case.recording.visitor if side == "visitor" else case.recording.agents["ada"]
    frame = next(frame for frame in view.events if frame["sequence"] == 9)
    frame["event"] |= change
    assert "9: brought" in case.find()[2]


def test_the_agent_must_see_every_field_and_the_visitor_no_internal_one(case: Case) -> None:
    del case.recording.agents["ada"].events[7]["event"]["why"]
    assert "8: brought" in case.find()[2]
    case.recording.visitor.events[-1]["event"]["notes"] = "n"
    assert "12: an internal field" in case.find()[2]


def test_an_internal_event_on_the_visitors_socket_is_named(case: Case) -> None:
    case.recording.visitor.events.insert(4, _frame(case.journal[5]))
    assert "6: internal" in case.find()[2]


def test_an_event_that_is_not_stored_is_named(case: Case) -> None:
    case.recording.visitor.events.append(_frame({"sequence": 14, "at_ms": 0, "type": "rated", "score": 1}))
    assert "14: not stored" in case.find()[2]


def test_an_agent_who_went_before_the_close_needs_only_what_came_until_then(case: Case) -> None:
    case.recording.agents["bob"] = View(case.recording.agents["ada"].events[:7], Track(7))
    assert case.find() == (Count(), Count(), "")
    del case.recording.agents["bob"].events[2]
    assert case.find()[1] == Count(lost=1)


def test_event_types_of_later_versions_may_be_kept_from_visitors(case: Case) -> None:
    case.journal.insert(12, {"at_ms": 0, "type": "something_new"})
    case.number()
    assert case.find()[2] == ""


@pytest.mark.parametrize("stored", [True, False])
def test_a_text_whose_ack_never_came_may_be_stored_or_not(case: Case, stored: bool) -> None:
    case.recording.failure = "no ack"
    case.recording.closed_by = ""
    case.recording.said[-1].acked = case.recording.said[-1].sequence = None
    if not stored:
        case.drop(11)
        for frame in (case.recording.visitor.events, case.recording.agents["ada"].events):
            del frame[-2:]
    assert case.find() == (Count(), Count(), "no ack")


COMPARED: list[tuple[list[str], list[str], Count]] = [
    ([], [], Count()),
    (["a", "b", "a"], ["a", "b", "a"], Count()),
    (["a", "b", "a"], ["a", "b"], Count(lost=1)),
    (["a", "b"], ["a", "b", "a"], Count(duplicated=1)),
    (["a", "b", "c"], ["c", "a", "b"], Count(out_of_order=1)),
    (["a", "b", "c", "d"], ["d", "c", "b", "a"], Count(out_of_order=3)),
    (["a", "b", "c"], ["b", "a", "a"], Count(lost=1, duplicated=1, out_of_order=1)),
]


@pytest.mark.parametrize(("said", "stored", "expected"), COMPARED)
def test_texts_are_compared_by_number_and_order(said: list[str], stored: list[str], expected: Count) -> None:
    assert compare([("v", text) for text in said], [("v", text) for text in stored]) == (expected, [])

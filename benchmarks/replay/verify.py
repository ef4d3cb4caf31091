"""Judges one recording against the journal read back over HTTP. Pure: what was said, stored and seen → Verdict.

The rules, each of them a fault when broken:
    texts       every text said is stored once, in the order said; nothing else is stored as said by visitor or agent
    sequences   1 to n without a gap; an ack's sequence is that of its text
    ownership   no assistant message between agent_assigned and returned_to_assistant
    close       one, by the agent who closed, with its resolution; the conversation reads closed
    live        what a socket brought is what is stored, each event once, in order; to visitors nothing internal
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.frames import INTERNAL_EVENTS, PUBLIC_EVENTS, Frame
from benchmarks.replay.recording import Recording, Said, View

Text = tuple[str, str]
"""Who said it, and what."""
INTERNAL_FIELDS = {"agent_assigned": "why", "returned_to_assistant": "summary", "conversation_closed": "notes"}


@dataclass(slots=True)
class Count:
    """Lost, duplicated and out of order, of texts in a journal or of events on a socket."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.lost + other.lost, self.duplicated + other.duplicated, self.out_of_order + other.out_of_order)

    def __bool__(self) -> bool:
        return bool(self.lost or self.duplicated or self.out_of_order)

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.duplicated} duplicated, {self.out_of_order} out of order"


@dataclass(slots=True)
class Verdict:
    """What the journal and the sockets say of one recording; `messages` counts those that were acked."""

    conversation: str
    messages: int = 0
    stored: Count = field(default_factory=Count)
    live: Count = field(default_factory=Count)
    intrusions: int = 0
    """Messages of the assistant while an agent owned the conversation."""
    faults: list[str] = field(default_factory=list)
    """Everything that is wrong, in words. Empty: nothing is."""


def verify(recording: Recording, journal: Sequence[Frame], conversation: Frame) -> Verdict:
    """`journal`: the events as HTTP lists them; `conversation`: the conversation object."""
    verdict = Verdict(recording.conversation, messages=sum(said.acked is not None for said in recording.said))
    if recording.failure:
        verdict.faults.append(recording.failure)
    verdict.faults += recording.oddities
    verdict.faults += _sequences(journal, conversation)
    intrusions = list(_intrusions(journal))
    verdict.intrusions = len(intrusions)
    verdict.faults += intrusions
    _texts(recording, journal, verdict)
    if recording.closed_by:
        verdict.faults += _close(recording, journal, conversation)
    _live("the visitor", recording.visitor, journal, verdict, to_visitor=True, until_closed=bool(recording.closed_by))
    for agent, view in recording.agents.items():
        _live(agent, view, journal, verdict, to_visitor=False, until_closed=agent == recording.closed_by)
    return verdict


def compare(said: Sequence[Text], stored: Sequence[Text]) -> tuple[Count, list[Text]]:
    """How `stored` differs from `said`, equal texts told apart by their number; and what is stored that nobody said.

    Out of order is how many would have to be moved: those outside the longest run that kept its order.
    """
    wanted, found = Counter(said), Counter(stored)
    count = Count(lost=(wanted - found).total())
    unsaid = [text for text in stored if text not in wanted]
    count.duplicated = (found - wanted).total() - len(unsaid)
    places: defaultdict[Text, list[int]] = defaultdict(list)
    for place, text in enumerate(said):
        places[text].append(place)
    taken: Counter[Text] = Counter()
    order: list[int] = []
    for text in stored:
        if taken[text] < wanted[text]:
            order.append(places[text][taken[text]])
            taken[text] += 1
    count.out_of_order = len(order) - _longest_increasing(order)
    return count, unsaid


def _texts(recording: Recording, journal: Sequence[Frame], verdict: Verdict) -> None:
    stored = [(event["from"], event["text"]) for event in journal if event["type"] == "message_sent"]
    stored = [text for text in stored if text[0] in ("visitor", "agent")]
    acked = Counter(_text(said) for said in recording.said if said.acked is not None)
    said = [
        _text(said)
        for said in recording.said
        # What had no ack when the play failed may have been stored or not.
        if said.acked is not None or stored.count(_text(said)) > acked[_text(said)]
    ]
    verdict.stored, unsaid = compare(said, stored)
    if verdict.stored:
        verdict.faults.append(f"stored texts: {verdict.stored}")
    verdict.faults += [f"stored, but never said: {speaker}: {text!r}" for speaker, text in unsaid]
    by_sequence = {event["sequence"]: event for event in journal}
    for one in recording.said:
        event = by_sequence.get(one.sequence) if one.sequence is not None else None
        if one.sequence is not None and (event is None or _message(event) != _text(one)):
            verdict.faults.append(f"acked as {one.sequence}, which is not {one.turn.text!r}")


def _sequences(journal: Sequence[Frame], conversation: Frame) -> Iterable[str]:
    found = [event["sequence"] for event in journal]
    if found != list(range(1, len(found) + 1)):
        yield f"stored sequences are not 1 to {len(found)}: {found}"
    last, told = max(found, default=0), conversation["last_sequence"]
    if told != last:
        yield f"the conversation's last_sequence is {told}, its last event's {last}"


def _intrusions(journal: Sequence[Frame]) -> Iterable[str]:
    taken_over = False
    for event in journal:
        match event["type"]:
            case "agent_assigned":
                taken_over = True
            case "returned_to_assistant":
                taken_over = False
            case "message_sent" if taken_over and event["from"] == "assistant":
                yield f"the assistant spoke at {event['sequence']}, while an agent had taken over: {event['text']!r}"


def _close(recording: Recording, journal: Sequence[Frame], conversation: Frame) -> Iterable[str]:
    closes = [event for event in journal if event["type"] == "conversation_closed"]
    if [(event["by"], event["resolution"]) for event in closes] != [("agent", recording.resolution)]:
        yield f"closed by the agent as {recording.resolution}, but stored is {closes}"
    if (conversation["state"], conversation["resolution"]) != ("closed", recording.resolution):
        yield f"closed as {recording.resolution}, but it reads {conversation['state']}, {conversation['resolution']}"


def _live(
    who: str, view: View, journal: Sequence[Frame], verdict: Verdict, *, to_visitor: bool, until_closed: bool
) -> None:
    """Compares through the close; one that went before, through the last that it saw."""
    closed = [event["sequence"] for event in journal if event["type"] == "conversation_closed"]
    through = closed[-1] if until_closed and closed else view.last
    required = {
        event["sequence"]
        for event in journal
        if event["sequence"] <= through and (not to_visitor or event["type"] in PUBLIC_EVENTS)
    }
    seen = {frame["sequence"] for frame in view.events}
    count = Count(len(required - seen), len(view.track.duplicates), len(view.track.late))
    verdict.live += count
    if count:
        verdict.faults.append(f"on the socket of {who}: {count}")
    by_sequence = {event["sequence"]: event for event in journal}
    for frame in view.events:
        if wrong := _differs(frame, by_sequence.get(frame["sequence"]), to_visitor):
            verdict.faults.append(f"on the socket of {who}, {frame['sequence']}: {wrong}")


def _differs(frame: Frame, stored: Frame | None, to_visitor: bool) -> str:
    """Why this live event is not the stored one; empty when it is."""
    live = frame["event"]
    if stored is None:
        return f"not stored: {live}"
    if to_visitor:
        if live["type"] in INTERNAL_EVENTS:
            return f"internal: {live}"
        if live.get(INTERNAL_FIELDS.get(live["type"], "")):
            return f"an internal field: {live}"
        stored = {name: value for name, value in stored.items() if name in live or name in ("sequence", "at_ms")}
    whole = {"sequence": frame["sequence"], "at_ms": frame["at_ms"], **live}
    return "" if whole == stored else f"brought {whole}, stored is {stored}"


def _text(said: Said) -> Text:
    return said.turn.speaker, said.turn.text


def _message(event: Frame) -> Text:
    return event.get("from", ""), event.get("text", "")


def _longest_increasing(values: Sequence[int]) -> int:
    ends: list[int] = []
    for value in values:
        place = bisect_left(ends, value)
        ends[place : place + 1] = [value]
    return len(ends)

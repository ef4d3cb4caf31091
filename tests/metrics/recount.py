"""The reports once more, from the journal's JSON alone and with none of the code that makes them: slow and plain."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from runtime.identity import ActorId, actor_id
from runtime.journal import Journal, Record


class Told(NamedTuple):
    """Something that a report counts."""

    at: int
    conversation: str
    bot: str
    agent: str
    what: str
    value: Any


Records = Mapping[ActorId, Sequence[Record]]


def exported(journal: Journal, agents: Iterable[str]) -> Records:
    """All conversations of a journal that is in use, and the agents by their names."""
    rows = journal.find([["kind:conversation"]], 1_000_000)
    actors = [*(row.actor for row in rows), *(actor_id("agent", agent) for agent in agents)]
    return {actor: journal.read(actor, 0, 1_000_000) for actor in actors}


def told(exported: Records, target: float = 0, now: int = 0) -> list[Told]:
    """Everything, of every conversation."""
    return [
        one
        for actor, records in exported.items()
        if actor.startswith("conversation/")
        for one in _conversation(
            actor, [(record.at_ms, json.loads(record.body)) for record in records], round(target * 1000), now
        )
    ]


def _conversation(key: str, events: list[tuple[int, dict[str, Any]]], target: int, now: int) -> list[Told]:
    counted = _Conversation(key, events[0][1]["bot"], target)
    for at, event in events:
        counted.at = at
        counted.hear(event)
    counted.missed(now)
    return counted.found


class _Conversation:
    def __init__(self, key: str, bot: str, target: int) -> None:
        self.key, self.bot, self.target = key, bot, target
        self.found: list[Told] = []
        self.at = self.since = self.answers = 0
        self.agent = self.last_agent = self.unheard = ""
        self.queued: int | None = None
        self.owes: int | None = None
        self.asking = self.asks_more = self.left_owing = False

    def say(self, what: str, value: Any = 1, of: str = "") -> None:
        self.found.append(Told(self.at, self.key, self.bot, of, what, value))

    def missed(self, until: int) -> None:
        if self.owes is not None and self.owes + self.target < until:
            self.found.append(Told(self.owes + self.target, self.key, self.bot, self.agent, "missed", 1))

    def hear(self, event: dict[str, Any]) -> None:
        match event:
            case {"type": "conversation_opened"}:
                self.say("opened")
            case {"type": "message_sent", "from": speaker}:
                self.say("message", speaker)
                by_humans = bool(self.agent) or self.queued is not None
                self.unheard = _unheard(self.unheard, event, by_humans, self.asks_more)
                self.message(speaker, "turn" in event)
            case {"type": "human_requested"}:
                self.say("handoff", event["trigger"])
                if event["trigger"] in ("phrase", "keyword", "sentiment", "assistant"):
                    self.unheard = "assistant" if self.asks_more else ""
                self.rest(queued=self.at)
            case {"type": "offer_ended"}:
                self.say("offer", event["outcome"], event["agent"]["id"])
            case {"type": "agent_assigned"}:
                self.assigned(event)
            case {"type": "agent_released"}:
                self.say("handle", self.at - self.since, event["agent"]["id"])
                self.missed(self.at)
                self.left_owing, self.last_agent = self.owes is not None, event["agent"]["id"]
                self.agent, self.owes = "", None
            case {"type": "offline_answered"}:
                self.say("offline", event["reason"])
                self.unheard = "" if self.unheard == "human" else self.unheard
            case {"type": "returned_to_assistant"}:
                self.rest(asking=bool(self.unheard))
            case {"type": "conversation_closed"}:
                self.say("closed", event["resolution"], event.get("agent", {}).get("id", ""))
                self.rest()
            case {"type": "rated"}:
                self.say("rated", event["score"], self.last_agent)

    def message(self, speaker: str, ends_turn: bool) -> None:
        if speaker == "visitor" and self.agent:
            self.owes = self.at if self.owes is None else self.owes
        elif speaker == "visitor" and self.queued is None:
            self.asking, self.asks_more = True, self.asking
        elif speaker == "assistant" and ends_turn:
            self.asking, self.asks_more = self.asks_more, False
        elif speaker == "agent":
            self.answers += 1
            if self.answers == 1:
                self.say("first", self.at - self.since, self.agent)
            if self.owes is not None:
                self.say("response", self.at - self.owes, self.agent)
            self.owes = None

    def assigned(self, event: dict[str, Any]) -> None:
        self.say("takeover", event["how"])
        self.agent = self.last_agent = event["agent"]["id"]
        self.say("assigned", 1, self.agent)
        if self.queued is not None:
            self.say("wait", self.at - self.queued)
        waited = self.queued is not None or self.asking or self.left_owing
        self.owes = self.at if waited else None
        self.since, self.answers = self.at, 0
        self.rest()

    def rest(self, queued: int | None = None, asking: bool = False) -> None:
        """Another has it: all that belonged to the former one ends."""
        self.queued, self.asking, self.asks_more, self.left_owing = queued, asking, False, False


def _unheard(before: str, event: dict[str, Any], by_humans: bool, asks_more: bool) -> str:
    """Whom the visitor has asked what nobody has answered, after a message."""
    match event:
        case {"from": "visitor"}:
            return before or ("human" if by_humans else "assistant")
        case {"from": "assistant", "turn": _}:
            return "assistant" if asks_more else ""
        case {"from": "agent"} | {"from": "system", "notice": "apology"}:
            return ""
    return before


def agent_row(
    exported: Records, bots: set[str], agent: str, start: int, stop: int, target: float, now: int
) -> dict[str, Any]:
    """An agent's figures from `start` until before `stop`, as of now."""
    hers = [one for one in told(exported, target, now) if one.bot in bots and one.agent == agent]
    mine = [one for one in hers if start <= one.at < stop]
    row = {"conversations": len({one.conversation for one in mine if one.what == "assigned"}), **_figures(mine, target)}
    return row | {"time_by_status": _statuses(exported, agent, start, stop)}


def bot_row(exported: Records, bot: str, start: int, stop: int, target: float, now: int) -> dict[str, Any]:
    """A bot's figures."""
    mine = [one for one in told(exported, target, now) if one.bot == bot and start <= one.at < stop]
    row = {"conversations": sum(one.what == "opened" for one in mine), **_figures(mine, target)}
    for name, what in (
        ("messages", "message"),
        ("handoffs", "handoff"),
        ("takeovers", "takeover"),
        ("offline_answered", "offline"),
    ):
        row[name] = _counts(mine, what)
    return row | _times("wait", [one.value for one in mine if one.what == "wait"])


def _figures(mine: list[Told], target: float) -> dict[str, Any]:
    responses = [one.value for one in mine if one.what == "response"]
    missed = sum(one.what == "missed" for one in mine)
    within = sum(ms <= target * 1000 for ms in responses)
    last = {one.conversation: one.value for one in sorted(mine, key=lambda one: one.at) if one.what == "rated"}
    offers = _counts(mine, "offer")
    return {
        **_times("first_response", [one.value for one in mine if one.what == "first"]),
        **_times("response", responses),
        "responses": len(responses),
        "unanswered": missed,
        "within_target": within / (len(responses) + missed) if responses or missed else None,
        **_times("handle", [one.value for one in mine if one.what == "handle"]),
        "resolutions": _counts(mine, "closed"),
        "rating": {"average": sum(last.values()) / len(last) if last else None, "count": len(last)},
        "offers": offers,
        "missed_offers": offers.get("expired", 0),
    }


def _counts(mine: list[Told], what: str) -> dict[str, int]:
    return dict(Counter(one.value for one in mine if one.what == what))


def _times(name: str, values: list[int]) -> dict[str, int | None]:
    ranked = sorted(values)
    return {
        f"{name}_p{share}_ms": ranked[math.ceil(len(ranked) * share / 100) - 1] if ranked else None
        for share in (50, 90)
    }


def _statuses(exported: Records, agent: str, start: int, stop: int) -> dict[str, int]:
    """By looking at every millisecond at which something could change."""
    changes = [(0, "offline")]
    for record in exported.get(actor_id("agent", agent), ()):
        event = json.loads(record.body)
        if event["type"] == "status_changed":
            changes.append((record.at_ms, event["status"]))
    edges = sorted({start, stop, *(at for at, _ in changes if start < at < stop)})
    spent: Counter[str] = Counter()
    for low, high in pairwise(edges):
        spent[[status for at, status in changes if at <= low][-1]] += high - low
    return dict(spent)


def _without_zeros(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {inner: count for inner, count in value.items() if count} if isinstance(value, dict) else value
        for name, value in figures.items()
    }


def same(row: dict[str, Any], expected: dict[str, Any]) -> None:
    """The row says what was expected, but for zeros that only one of them tells."""
    shown = _without_zeros({name: row[name] for name in expected})
    assert shown == _without_zeros(expected)

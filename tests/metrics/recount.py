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
    found: list[Told] = []
    bot = events[0][1]["bot"]
    agent = last_agent = ""
    since = queued = owes = None
    answers, asking, asks_more, left_owing = 0, False, False, False
    unheard = ""

    def say(what: str, value: Any = 1, of: str = "") -> None:
        found.append(Told(at, key, bot, of, what, value))

    def missed(until: int) -> None:
        if owes is not None and owes + target < until:
            found.append(Told(owes + target, key, bot, agent, "missed", 1))

    for at, event in events:
        match event:
            case {"type": "conversation_opened"}:
                say("opened")
            case {"type": "message_sent", "from": speaker}:
                say("message", speaker)
                unheard = _unheard(unheard, event, bool(agent) or queued is not None, asks_more)
                if speaker == "visitor" and agent:
                    owes = at if owes is None else owes
                elif speaker == "visitor" and queued is None:
                    asking, asks_more = True, asking
                elif speaker == "assistant" and "turn" in event:
                    asking, asks_more = asks_more, False
                elif speaker == "agent":
                    answers += 1
                    if answers == 1:
                        say("first", at - since, agent)
                    if owes is not None:
                        say("response", at - owes, agent)
                    owes = None
            case {"type": "human_requested"}:
                say("handoff", event["trigger"])
                if event["trigger"] in ("phrase", "keyword", "sentiment", "assistant"):
                    unheard = "assistant" if asks_more else ""
                queued, asking, asks_more, left_owing = at, False, False, False
            case {"type": "offer_ended"}:
                say("offer", event["outcome"], event["agent"]["id"])
            case {"type": "agent_assigned"}:
                say("takeover", event["how"])
                agent = last_agent = event["agent"]["id"]
                say("assigned", 1, agent)
                if queued is not None:
                    say("wait", at - queued)
                owes = at if queued is not None or asking or left_owing else None
                since, queued, answers = at, None, 0
                asking = asks_more = left_owing = False
            case {"type": "agent_released"}:
                say("handle", at - since, event["agent"]["id"])
                missed(at)
                left_owing, last_agent, agent, owes = owes is not None, event["agent"]["id"], "", None
            case {"type": "offline_answered"}:
                say("offline", event["reason"])
                unheard = "" if unheard == "human" else unheard
            case {"type": "returned_to_assistant"}:
                queued, asking, asks_more, left_owing = None, bool(unheard), False, False
            case {"type": "conversation_closed"}:
                say("closed", event["resolution"], event.get("agent", {}).get("id", ""))
                queued, asking, asks_more, left_owing = None, False, False, False
            case {"type": "rated"}:
                say("rated", event["score"], last_agent)
    missed(now)
    return found


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

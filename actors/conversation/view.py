"""The conversation as others see it: the object that clients know, and the row to list it by."""

from typing import Any

import msgspec

from actors.conversation.state import Conversation
from runtime.machine import Summary

_encode = msgspec.json.Encoder().encode


def describe(state: Conversation, placed: bool = True) -> dict[str, Any]:
    """The protocol's conversation object, and besides: the handoff that is under way, and who served it last.

    `placed`: with its place in the queue.
    """
    queue = None
    if placed and state.phase == "queued" and state.place is not None:
        queue = {"position": state.place[0], "eta_seconds": state.place[1]}
    return {
        "id": state.key,
        "bot": state.bot,
        "state": state.phase,
        "owner": _owner(state),
        "epoch": state.epoch,
        "visitor": {**msgspec.structs.asdict(state.visitor), "online": bool(state.online)},
        "tags": state.tags,
        "opened_at_ms": state.opened_at_ms,
        "updated_at_ms": state.updated_at_ms,
        "closed_at_ms": state.closed_at_ms,
        "last_sequence": state.sequence,
        "read": {"visitor": state.read_visitor, "agent": state.read_agent},
        "queue": queue,
        "preview": state.preview,
        "preview_from": state.preview_from,
        "resolution": state.resolution or None,
        "rating": state.rating or None,
        "offline": state.offline or None,
        "last_agent": state.last_agent or state.former_agent or None,
        "priority": state.priority,
        "owes_since_ms": state.service.owes_since_ms if state.service is not None else None,
        "handoff": _handoff(state),
    }


def _owner(state: Conversation) -> dict[str, str] | None:
    match state.phase:
        case "assistant" | "new":
            return {"kind": "assistant"}
        case "queued":
            return {"kind": "queue"}
        case "live" if state.service is not None:
            return {"kind": "agent", "id": state.service.agent.id, "name": state.service.agent.name}
    return None


def _handoff(state: Conversation) -> dict[str, Any] | None:
    wait = state.wait
    if wait is None:
        return None
    return {
        "trigger": wait.trigger,
        "since_ms": wait.since_ms,
        "priority": wait.priority,
        "skill": wait.skill,
        "to_agent": wait.to_agent,
        "language": state.language,
        "sticky": state.sticky,
        "tried": wait.tried,
        "attempt": wait.attempt,
        "offered_to": wait.offer.agent.id if wait.offer is not None else None,
    }


class View:
    """Conversations as JSON. Whoever opens one is answered what is listed of it in the same moment: the last one's
    object is kept, and encoded once for both."""

    def __init__(self) -> None:
        self._last: tuple[Conversation | None, int, bool] = None, 0, False
        self._body = b""

    def answer(self, state: Conversation) -> Any:
        """The object, for whoever opens it."""
        return msgspec.Raw(self._listed(state)) if state.place is None else describe(state)

    def summary(self, state: Conversation) -> Summary | None:
        """The row to list it by; none before it is opened."""
        if state.phase == "new":
            return None
        bot, phase = state.bot, state.phase
        terms = [f"bot:{bot}", f"state:{phase}", f"{phase}:{bot}", f"visitor:{state.visitor.id}"]
        terms += [f"tag:{tag}" for tag in state.tags]
        if state.last_agent and phase in ("live", "closed"):
            terms.append(f"agent:{state.last_agent}")
        shown = _encode(describe(state)) if phase == "queued" and state.place is not None else None
        return Summary(tuple(terms), f"bot/{bot}", self._listed(state), shown)

    def _listed(self, state: Conversation) -> bytes:
        # Of the same state only events change what is told of it, and who is online; but for its place in the queue,
        # which is not listed: a row is not written anew when others move.
        key = state, state.sequence, bool(state.online)
        last = self._last
        if last[0] is not state or last[1:] != key[1:]:
            self._body, self._last = _encode(describe(state, placed=False)), key
        return self._body

"""Conversations that are over for `store.retention_days` are forgotten, and the group forgets them with the rest.

A thread is touched by its conversation's close or later: when its time is over, the conversation's is. A member who
replies to one of its messages is told then what anybody is who writes to a conversation that does not exist.
"""

from actors.telegram import events as v
from actors.telegram.rules import Rules
from actors.telegram.state import Group
from runtime.machine import Fact

EVERY_MS = 3_600_000


def next_look_ms(rules: Rules, state: Group) -> int | None:
    """When to look for threads whose time is over; None: nothing is ever forgotten, or there are none."""
    return state.looked_ms + EVERY_MS if rules.retention_ms and state.threads else None


def forget(rules: Rules, state: Group, now_ms: int) -> list[Fact]:
    """What follows once it is time to look. Words that are on their way are waited for."""
    look_ms = next_look_ms(rules, state)
    if look_ms is None or now_ms < look_ms:
        return []
    flying = getattr(state.flying.operation, "conversation", "") if state.flying is not None else ""
    over = tuple(
        one.key
        for one in state.threads.values()
        if one.phase == "closed"
        and one.touched_ms < now_ms - rules.retention_ms
        and not one.writing
        and one.key != flying
    )
    return [v.Looked(), *([v.Forgotten(over)] if over else [])]


def forgotten(state: Group, fact: v.Forgotten) -> None:
    """Nothing is known of the conversations any more, nor does anything of them wait."""
    gone = set(fact.conversations)
    for key in gone:
        thread = state.threads.pop(key)
        state.topics.pop(thread.topic, None)
        for line in (state.urgent, state.chatter, state.held, state.alerts):
            line.pop(key, None)
    state.messages = {message: key for message, key in state.messages.items() if key not in gone}
    state.authored = {message: one for message, one in state.authored.items() if one.conversation not in gone}

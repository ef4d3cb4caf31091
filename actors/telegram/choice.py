"""Which call is made next, and when: the limits are the group's own, and what is urgent has them first.

    1. what the bridge has to say to a member        2. visitors who wait for a human, then live talk, then ends
    3. the assistant's chatter and the cards' and topics' upkeep, of which a share of the minute is kept free

A visitor's words and the assistant's answer come within a moment of each other: chatter waits that moment, to be one
call. Whatever has waited long is as urgent as the rest.
"""

from actors.telegram.commands import CloseTopic, OpenTopic, Operation, Pace, RenameTopic, Show
from actors.telegram.forgetting import next_look_ms
from actors.telegram.rules import Rules
from actors.telegram.state import Group, Thread
from actors.telegram.threads import topic_name

MINUTE_MS, SECOND_MS = 60_000, 1_000
LONG_MS = 300_000
URGENT_SHARE = 5
"""One call of so many is kept for what is urgent."""
ANSWER_MS = 120_000
"""A call that the bridge has said nothing of for so long is asked for again."""
RANKS = {"queued": 0, "live": 1}
SKIPPED_MAX = 200


def next_ms(rules: Rules, state: Group) -> int | None:
    """When the next call may be made; None: there is nothing to do."""
    if state.flying is not None:
        return state.asked_ms + ANSWER_MS
    if state.says or state.urgent:
        return _open_ms(rules, state, urgent=True)
    if not state.chatter:
        return None
    first = state.threads[next(iter(state.chatter))]
    return _patient_ms(rules, state, first)


def _open_ms(rules: Rules, state: Group, urgent: bool) -> int:
    settings, calls = rules.of(state), state.calls_ms
    a_minute = settings.group_per_minute
    if not urgent:
        a_minute -= a_minute // URGENT_SHARE
    return max(
        state.paused_until_ms,
        state.flooded_until_ms,
        _after(calls, a_minute, MINUTE_MS),
        _after(calls, settings.overall_per_second, SECOND_MS),
    )


def _patient_ms(rules: Rules, state: Group, thread: Thread) -> int:
    """When chatter may be shown: it has gathered, and there is room."""
    return max(_open_ms(rules, state, urgent=False), thread.since_ms + rules.of(state).gather_ms)


def _after(calls: list[int], limit: int, window_ms: int) -> int:
    """When one more call is within the limit."""
    return calls[-limit] + window_ms if len(calls) >= limit else 0


def choose(rules: Rules, state: Group, now_ms: int) -> Operation | None:
    """The call to make now, if one may be made."""
    if state.flying is not None or _open_ms(rules, state, urgent=True) > now_ms:
        return None
    if state.says:
        return state.says[0]
    threads = [state.threads[key] for key in state.urgent]
    patient = state.threads[next(iter(state.chatter))] if state.chatter else None
    if patient is not None and now_ms - patient.since_ms >= LONG_MS:
        threads.append(patient)
    if threads:
        return _operation(rules, state, min(threads, key=_rank), now_ms)
    if patient is None or _patient_ms(rules, state, patient) > now_ms:
        return None
    return _operation(rules, state, patient, now_ms)


def _rank(thread: Thread) -> tuple[int, int]:
    return RANKS.get(thread.phase, 2), thread.since_ms


def _operation(rules: Rules, state: Group, thread: Thread, now_ms: int) -> Operation | None:
    """What the thread needs first."""
    if thread.pending:
        if not thread.card and not thread.topic and rules.topics(state, now_ms):
            return OpenTopic(thread.key, topic_name(thread))
        return _show(thread)
    if thread.stale and thread.card:
        after, until = thread.card_after, thread.card_upto
        return Show(thread.key, after, until, thread.card, card=True, asking=thread.asking, topic=thread.topic)
    if thread.topic_name != topic_name(thread):
        return RenameTopic(thread.key, thread.topic, topic_name(thread))
    return CloseTopic(thread.key, thread.topic)


def _show(thread: Thread) -> Show:
    until, silent, skip = (max(thread.pending), 0), thread.phase == "assistant", tuple(thread.own[:SKIPPED_MAX])
    if not thread.card:
        return Show(thread.key, thread.done, until, card=True, silent=silent, topic=thread.topic, skip=skip)
    if thread.page:
        card = thread.page == thread.card
        return Show(
            thread.key, thread.page_after, until, thread.page, card, thread.asking, silent, 0, thread.topic, skip
        )
    reply_to = 0 if thread.topic else thread.card
    return Show(thread.key, thread.done, until, silent=silent, reply_to=reply_to, topic=thread.topic, skip=skip)


def deadline(rules: Rules, state: Group) -> tuple[int, Pace] | None:
    """When a call may be made, a mention is to be made again, or what is over for long is looked for."""
    times = [thread.alert.again_ms for key in state.alerts if (thread := state.threads[key]).alert is not None]
    times += [one for one in (next_ms(rules, state), next_look_ms(rules, state)) if one is not None]
    return (min(times), Pace()) if times else None

"""How calls to Telegram change what is known: what was shown, what still waits, what is not there any more."""

from msgspec.structs import replace

from actors.telegram import events as v
from actors.telegram.commands import CloseTopic, OpenTopic, RenameTopic, Say, Show
from actors.telegram.state import MESSAGES_KEPT, Flying, Group, Thread, forget_oldest
from actors.telegram.threads import file_thread
from runtime.machine import Fact

MINUTE_MS = 60_000


def call(state: Group, fact: Fact, at_ms: int) -> None:
    """A call has begun, or something has become of it."""
    if isinstance(fact, v.CallBegun):
        _begun(state, fact, at_ms)
        return
    flying, state.flying = state.flying, None
    assert flying is not None
    operation = flying.operation
    thread = state.threads.get(getattr(operation, "conversation", ""))
    match fact:
        case v.CallDone():
            state.failures = state.refusals = 0
            _done(state, operation, thread, fact)
        case v.CallPostponed():
            state.failures += 1
            state.refusals += fact.refused
            if fact.flood:
                state.flooded_until_ms = fact.until_ms
            else:
                state.paused_until_ms = fact.until_ms
            _back(state, operation, thread)
        case v.CallDropped():
            state.refusals = 0
            _dropped(thread, operation)
        case v.PlaceLost():
            if isinstance(operation, Say):
                topic = operation.topic if fact.what == "reply" else 0
                operation = replace(operation, topic=topic, reply_to=0)
            _back(state, operation, thread)
            if thread is not None and fact.what != "reply":
                place_lost(state, thread, fact.what)
        case v.TopicsRefused():
            state.topics_refused_ms = at_ms
            _dropped(thread, operation)
    if thread is not None:
        file_thread(state, thread, at_ms)


def asked(state: Group, at_ms: int) -> None:
    """A call may be made now: it counts in its minute."""
    state.asked_ms = at_ms
    state.calls_ms = [one for one in state.calls_ms if one > at_ms - MINUTE_MS]
    state.calls_ms.append(at_ms)


def _begun(state: Group, fact: v.CallBegun, at_ms: int) -> None:
    operation = fact.operation
    state.number = fact.number
    state.flying = Flying(fact.number, operation)
    asked(state, at_ms)
    if isinstance(operation, Say):
        state.says.remove(operation)
    elif isinstance(operation, Show) and operation.card:
        state.threads[operation.conversation].stale = False  # what changes from now on makes it stale again


def _back(state: Group, operation: object, thread: Thread | None) -> None:
    """It was not done: what it was for still waits."""
    if isinstance(operation, Say):
        state.says.insert(0, operation)
    elif isinstance(operation, Show) and operation.card and thread is not None:
        thread.stale |= thread.card != 0


def _done(state: Group, operation: object, thread: Thread | None, fact: v.CallDone) -> None:
    if fact.message and isinstance(operation, Show | Say) and operation.conversation:
        state.messages[fact.message] = operation.conversation
        forget_oldest(state.messages, MESSAGES_KEPT)
    if thread is None:
        return
    match operation:
        case Show():
            _shown(thread, operation, fact)
        case OpenTopic():
            thread.topic, thread.topic_name, thread.topic_closed = fact.topic, operation.name, False
            state.topics[fact.topic] = thread.key
        case RenameTopic():
            thread.topic_name = operation.name
        case CloseTopic():
            thread.topic_closed = True


def _shown(thread: Thread, operation: Show, fact: v.CallDone) -> None:
    thread.done = max(thread.done, fact.upto)
    thread.pending = [one for one in thread.pending if one > thread.done[0]]
    thread.own = [one for one in thread.own if one > thread.done[0]]
    if operation.card:
        thread.card_after, thread.card_upto = operation.after, fact.upto
        thread.card = operation.page or fact.message
    if not operation.page:
        open_page = thread.phase == "assistant" and not fact.full
        thread.page, thread.page_after = (fact.message if open_page else 0), operation.after
    elif operation.page == thread.page and fact.full:
        thread.page = 0


def _dropped(thread: Thread | None, operation: object) -> None:
    if thread is None:
        return
    match operation:
        case Show():
            thread.done = max(thread.done, operation.until)
            thread.pending = [one for one in thread.pending if one > thread.done[0]]
            thread.page = 0
        case RenameTopic():
            thread.topic_name = operation.name
        case CloseTopic():
            thread.topic_closed = True


def place_lost(state: Group, thread: Thread, what: str) -> None:
    """The thread's page, card or topic is gone; with the topic all that stood in it, with the card its page."""
    if what == "topic":
        state.topics.pop(thread.topic, None)
        thread.topic, thread.topic_name, thread.topic_closed = 0, "", False
    if what in ("topic", "card") or thread.page == thread.card:
        thread.card, thread.stale, thread.asking = 0, False, False
    thread.page = 0

"""A conversation's thread: what was told of it, and which line it waits in. See `actors.telegram.state`."""

from actors.telegram import events as v
from actors.telegram.state import THREADS_KEPT, Alert, Group, Thread


def told(state: Group, fact: v.Told, at_ms: int) -> None:
    """A conversation has something for the group: it waits, unless it is there already."""
    thread = state.threads.get(fact.conversation)
    if thread is None:
        thread = state.threads[fact.conversation] = Thread(fact.conversation, (fact.sequence - 1, 0))
        _prune(state)
    elif thread.card == 0 and not thread.own and fact.sequence <= thread.done[0]:
        thread.done = (fact.sequence - 1, 0)  # it was told late, and nothing is shown yet
    thread.touched_ms = at_ms
    if fact.sequence > thread.done[0] and fact.sequence not in thread.own:
        if not thread.pending:
            thread.since_ms = at_ms
        thread.pending.append(fact.sequence)
    if fact.sequence > thread.heard:
        thread.heard = fact.sequence
        _stands(thread, fact)
    if fact.answered or thread.phase == "closed":
        thread.alert = None
        state.alerts.pop(thread.key, None)
    file_thread(state, thread, at_ms)


def _stands(thread: Thread, fact: v.Told) -> None:
    """How the conversation stands now."""
    changed = (thread.phase, thread.owner, thread.visitor) != (fact.phase, fact.owner, fact.visitor)
    thread.phase, thread.owner, thread.visitor = fact.phase, fact.owner, fact.visitor
    thread.stale |= changed and thread.card != 0
    if thread.phase != "assistant":
        thread.page = 0
    if thread.phase == "closed":
        thread.asking = False


def file_thread(state: Group, thread: Thread, at_ms: int) -> None:
    """Put the thread where what it has to do belongs, without losing its place there."""
    if thread.writing:
        wanted = state.held if thread.pending else None
    elif thread.pending and thread.phase != "assistant":
        wanted = state.urgent
    else:
        wanted = state.chatter if thread.pending or has_upkeep(thread) else None
    for line in (state.urgent, state.chatter, state.held):
        if line is not wanted:
            line.pop(thread.key, None)
    if wanted is not None and thread.key not in wanted:
        thread.since_ms = thread.since_ms if thread.pending else at_ms
        wanted[thread.key] = None


def has_upkeep(thread: Thread) -> bool:
    """The card or the topic does not say how things are. A topic is named after its thread's state when it is shown."""
    topic = thread.topic and (thread.topic_name != topic_name(thread) or thread.phase == "closed")
    return (thread.stale and thread.card != 0) or bool(topic and not thread.topic_closed)


ICONS = {"assistant": "🤖", "queued": "⏳", "live": "💬", "closed": "✅"}
TOPIC_CHARACTERS = 128


def topic_name(thread: Thread) -> str:
    """What its topic is called: the state, the visitor, and who has it."""
    owner = f" · {thread.owner}" if thread.phase == "live" else ""
    room = TOPIC_CHARACTERS - len(owner) - 4
    return f"{ICONS.get(thread.phase, '')} {thread.name[:room]}{owner}".strip()


def _prune(state: Group) -> None:
    """Threads above the bound go, the oldest first: what is over, then what rests with the assistant."""
    surplus = len(state.threads) - THREADS_KEPT
    if surplus <= 0:
        return
    idle = [one for one in state.threads.values() if not (one.pending or one.writing or one.alert or has_upkeep(one))]
    over = [one for one in idle if one.phase == "closed"]
    resting = sorted((one for one in idle if one.phase == "assistant"), key=lambda one: one.touched_ms)
    for thread in [*over, *resting][: surplus + THREADS_KEPT // 20]:
        if thread.touched_ms:  # the one just made has nothing yet
            del state.threads[thread.key]
            state.topics.pop(thread.topic, None)


def alert_raised(state: Group, fact: v.AlertRaised) -> None:
    """The agents are mentioned, once more then."""
    thread = state.threads[fact.conversation]
    thread.alert = Alert(fact.keyword, fact.again_ms)
    if fact.again_ms:
        state.alerts[thread.key] = None
    else:
        state.alerts.pop(thread.key, None)

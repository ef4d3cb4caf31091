"""How each event changes what is known of a group."""

from actors.telegram import events as v
from actors.telegram.commands import CloseTopic, OpenTopic, RenameTopic, Say, Show
from actors.telegram.state import (
    AUTHORED_KEPT,
    MESSAGES_KEPT,
    THREADS_KEPT,
    TOLD_KEPT,
    UPDATES_KEPT,
    Alert,
    Authored,
    Errand,
    Flying,
    Group,
    Thread,
    forget_oldest,
)
from runtime.machine import Fact

MINUTE_MS = 60_000


def apply(state: Group, fact: Fact, at_ms: int) -> Group:
    """The state after the fact; the given one is changed in place."""
    match fact:
        case v.Told():
            _told(state, fact, at_ms)
        case v.CallBegun() | v.CallDone() | v.CallPostponed() | v.CallDropped() | v.PlaceLost() | v.TopicsRefused():
            _call(state, fact, at_ms)
        case v.ErrandBegun():
            _errand_begun(state, fact.errand)
        case v.ErrandEnded():
            _errand_ended(state, fact)
        case v.UpdateTaken():
            state.update_id, state.updated_ms = fact.update_id, at_ms
            state.updates[fact.update_id] = None
            forget_oldest(state.updates, UPDATES_KEPT)
        case v.Spoke():
            state.says.append(fact.say)
        case v.AlertRaised():
            _alert_raised(state, fact)
        case v.ResolutionAsked():
            thread = state.threads[fact.conversation]
            thread.asking, thread.stale = fact.on, True
            _file(state, thread, at_ms)
        case v.StrangerTold():
            state.strangers.pop(fact.user, None)
            state.strangers[fact.user] = at_ms
            forget_oldest(state.strangers, TOLD_KEPT)
        case _:
            _circumstance(state, fact, at_ms)
    return state


def _circumstance(state: Group, fact: Fact, at_ms: int) -> None:
    match fact:
        case v.GroupMoved():
            state.moved = (fact.configured, fact.group)
        case v.TopicsPermitted():
            state.topics_refused_ms = 0
        case v.ProblemFound():
            state.problem, state.problem_ms = fact.text, at_ms
        case v.ProblemSolved():
            state.problem, state.problem_ms, state.paused_until_ms = "", 0, 0
        case v.AskedAgain():
            state.asked_ms = at_ms
        case v.Named():
            state.username = fact.username
        case _:
            pass


# Threads


def _told(state: Group, fact: v.Told, at_ms: int) -> None:
    thread = state.threads.get(fact.conversation)
    if thread is None:
        thread = state.threads[fact.conversation] = Thread(fact.conversation, (fact.sequence - 1, 0))
        _prune(state)
    elif thread.card == 0 and not thread.own and fact.sequence <= thread.done[0]:
        thread.done = (fact.sequence - 1, 0)  # it was told late, and nothing is shown yet
    if fact.sequence <= thread.done[0] or fact.sequence in thread.own:
        return
    if not thread.pending:
        thread.since_ms = at_ms
    thread.pending.append(fact.sequence)
    changed = (thread.phase, thread.owner, thread.visitor) != (fact.phase, fact.owner, fact.visitor)
    if fact.sequence == max(thread.pending):
        thread.phase, thread.owner, thread.visitor = fact.phase, fact.owner, fact.visitor
        thread.stale |= changed and thread.card != 0
        thread.asking &= fact.phase != "closed"
    thread.touched_ms = at_ms
    if thread.phase != "assistant":
        thread.page = 0
    if fact.answered or thread.phase == "closed":
        thread.alert = None
        state.alerts.pop(thread.key, None)
    _file(state, thread, at_ms)


def _file(state: Group, thread: Thread, at_ms: int) -> None:
    """Put the thread where what it has to do belongs, without losing its place there."""
    if thread.writing:
        wanted = None  # what is on its way from the group must not be shown there once more
    elif thread.pending and thread.phase != "assistant":
        wanted = state.urgent
    else:
        wanted = state.chatter if thread.pending or has_upkeep(thread) else None
    for line in (state.urgent, state.chatter):
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
    return f"{ICONS.get(thread.phase, '')} {thread.visitor[:room]}{owner}".strip()


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


def _alert_raised(state: Group, fact: v.AlertRaised) -> None:
    thread = state.threads[fact.conversation]
    thread.alert = Alert(fact.keyword, fact.again_ms)
    if fact.again_ms:
        state.alerts[thread.key] = None
    else:
        state.alerts.pop(thread.key, None)


# Calls


def _call(state: Group, fact: Fact, at_ms: int) -> None:
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
            state.paused_until_ms = fact.until_ms
            _back(state, operation, thread)
        case v.CallDropped():
            state.refusals = 0
            _dropped(thread, operation)
        case v.PlaceLost():
            _back(state, operation, thread)
            _lost(state, thread, fact.what)
        case v.TopicsRefused():
            state.topics_refused_ms = at_ms
            _dropped(thread, operation)
    if thread is not None:
        _file(state, thread, at_ms)


def _begun(state: Group, fact: v.CallBegun, at_ms: int) -> None:
    operation = fact.operation
    state.number, state.asked_ms = fact.number, at_ms
    state.flying = Flying(fact.number, operation)
    state.calls_ms = [one for one in state.calls_ms if one > at_ms - MINUTE_MS]
    state.calls_ms.append(at_ms)
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


def _lost(state: Group, thread: Thread | None, what: str) -> None:
    if thread is None:
        return
    if what == "topic":
        state.topics.pop(thread.topic, None)
        thread.topic, thread.topic_name, thread.topic_closed = 0, "", False
    if what in ("topic", "card") or thread.page == thread.card:
        thread.card, thread.stale, thread.asking = 0, False, False
    thread.page = 0


# Errands


def _errand_begun(state: Group, errand: Errand) -> None:
    state.number = errand.number
    state.errands[errand.number] = errand
    thread = state.threads.get(errand.conversation)
    if thread is not None and errand.purpose in ("reply", "note", "edit", "delete"):
        thread.writing += 1
        _file(state, thread, thread.since_ms)


def _errand_ended(state: Group, fact: v.ErrandEnded) -> None:
    errand = state.errands.pop(fact.number)
    thread = state.threads.get(errand.conversation)
    wrote = errand.purpose in ("reply", "note", "edit", "delete")
    if wrote and not fact.refused and thread is not None and fact.sequence > thread.done[0]:
        thread.own.append(fact.sequence)
        thread.pending = [one for one in thread.pending if one != fact.sequence]
    if errand.purpose == "reply" and not fact.refused:
        message_id = f"{errand.conversation}.{fact.sequence}"
        state.authored[errand.message] = Authored(errand.conversation, message_id, errand.agent)
        forget_oldest(state.authored, AUTHORED_KEPT)
        state.messages[errand.message] = errand.conversation
        forget_oldest(state.messages, MESSAGES_KEPT)
    if wrote and thread is not None and thread.writing:
        thread.writing -= 1
        _file(state, thread, thread.since_ms)

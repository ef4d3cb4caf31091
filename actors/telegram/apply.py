"""How each event changes what is known of a group."""

from msgspec.structs import replace

from actors import commands as c
from actors.telegram import events as v
from actors.telegram.baseline import restored
from actors.telegram.calls import asked, call, place_lost
from actors.telegram.commands import Say
from actors.telegram.forgetting import forgotten
from actors.telegram.state import (
    AUTHORED_KEPT,
    MESSAGES_KEPT,
    TOLD_KEPT,
    UPDATES_KEPT,
    Authored,
    Errand,
    Group,
    digest_of,
    forget_oldest,
)
from actors.telegram.threads import alert_raised, file_thread, told
from runtime.machine import Fact

MERGED_CHARACTERS = 2_000


def apply(state: Group, fact: Fact, at_ms: int) -> Group:
    """The state after the fact; the given one is changed in place, but for what a baseline says anew."""
    match fact:
        case v.Baseline():
            return restored(fact)
        case v.Told():
            told(state, fact, at_ms)
        case v.CallBegun() | v.CallDone() | v.CallPostponed() | v.CallDropped() | v.PlaceLost() | v.TopicsRefused():
            call(state, fact, at_ms)
        case v.ErrandBegun():
            _errand_begun(state, fact.errand)
        case v.ErrandEnded():
            _errand_ended(state, fact)
        case v.UpdateTaken():
            state.update_id, state.updated_ms = fact.update_id, at_ms
            state.updates[fact.update_id] = None
            forget_oldest(state.updates, UPDATES_KEPT)
        case v.Spoke():
            _spoke(state, fact.say)
        case v.AlertRaised():
            alert_raised(state, fact)
        case v.ResolutionAsked():
            thread = state.threads[fact.conversation]
            thread.asking, thread.stale = fact.on, True
            file_thread(state, thread, at_ms)
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
            _moved(state, fact, at_ms)
        case v.TopicsPermitted():
            state.topics_refused_ms = 0
        case v.ProblemFound():
            state.problem, state.problem_ms = fact.text, at_ms
        case v.ProblemSolved():
            state.problem, state.problem_ms, state.paused_until_ms = "", 0, 0
        case v.AskedAgain():
            # Whoever asked first may have made the call too. It counts also when none is under way: a former life of
            # ours may have asked again for one that has been answered since, and of that the journal does not tell.
            asked(state, at_ms)
        case v.Named():
            state.username = fact.username
        case v.Forgotten():
            forgotten(state, fact)
        case v.Looked():
            state.looked_ms = at_ms
        case _:
            pass


def _moved(state: Group, fact: v.GroupMoved, at_ms: int) -> None:
    """Messages have other numbers there: by the old ones, members' own would be taken for ours."""
    if state.moved == (fact.configured, fact.group):
        return
    state.moved = (fact.configured, fact.group)
    state.messages.clear()
    state.authored.clear()
    state.says = [replace(say, reply_to=0, topic=0) for say in state.says]
    for thread in state.threads.values():
        place_lost(state, thread, "topic")
        file_thread(state, thread, at_ms)


def _spoke(state: Group, say: Say) -> None:
    """Mentions that wait are made together: after an hour they must not hold up what they are about."""
    for index, waiting in enumerate(state.says):
        text = f"{waiting.text}\n{say.text}"
        if say.mentions and waiting.mentions and waiting.topic == say.topic and len(text) <= MERGED_CHARACTERS:
            mentions = tuple(dict.fromkeys((*waiting.mentions, *say.mentions)))
            state.says[index] = Say(text, topic=say.topic, mentions=mentions)
            return
    state.says.append(say)


# Errands


def _errand_begun(state: Group, errand: Errand) -> None:
    state.number = errand.number
    state.errands[errand.number] = errand
    thread = state.threads.get(errand.conversation)
    if thread is not None and errand.writes:
        thread.writing += 1
        file_thread(state, thread, thread.since_ms)


def _errand_ended(state: Group, fact: v.ErrandEnded) -> None:
    errand = state.errands.pop(fact.number)
    thread = state.threads.get(errand.conversation)
    if errand.writes and not fact.refused and thread is not None and fact.sequence > thread.done[0]:
        thread.own.append(fact.sequence)
        thread.pending = [one for one in thread.pending if one != fact.sequence]
    if not fact.refused:
        _written(state, errand, fact.sequence)
    if errand.writes and thread is not None and thread.writing:
        thread.writing -= 1
        file_thread(state, thread, thread.since_ms)


def _written(state: Group, errand: Errand, sequence: int) -> None:
    """A member's message has become one of a conversation, or has changed there; what was taken back stays so."""
    match errand.order:
        case c.SendMessage(text):
            message_id = f"{errand.conversation}.{sequence}"
            state.authored[errand.message] = Authored(errand.conversation, message_id, errand.agent, digest_of(text))
            forget_oldest(state.authored, AUTHORED_KEPT)
            state.messages[errand.message] = errand.conversation
            forget_oldest(state.messages, MESSAGES_KEPT)
        case c.EditMessage(message_id, text):
            message = next((one for one, known in state.authored.items() if known.message_id == message_id), 0)
            if message and text:
                state.authored[message] = replace(state.authored[message], digest=digest_of(text))
            elif message:
                del state.authored[message]

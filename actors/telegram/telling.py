"""What conversations tell their group, and the mentions that a keyword in it asks for."""

from collections.abc import Sequence

from actors import commands as c
from actors.telegram import events as v
from actors.telegram.commands import Mirror
from actors.telegram.rules import Rules
from actors.telegram.state import Errand, Group
from runtime.identity import actor_id
from runtime.machine import Fact, Origin


def mirrored(rules: Rules, state: Group, told: Mirror, origin: Origin) -> Sequence[Fact]:
    """A conversation has something for the group. What nobody has spoken in yet, or is over, begins no thread."""
    key = origin.sender.removeprefix("conversation/")
    thread = state.threads.get(key)
    if thread is None and not told.speaker and told.phase in ("assistant", "closed"):
        return []
    answered = told.speaker == "agent"
    facts: list[Fact] = [v.Told(key, told.sequence, told.phase, told.visitor, told.owner, answered)]
    mentioned = thread is not None and thread.alert is not None and thread.alert.keyword == told.keyword
    if told.keyword and not mentioned:
        facts += _alert(state, key, told.keyword, origin.now_ms + rules.target_ms(state))
    return facts


def _alert(state: Group, conversation: str, keyword: str, again_ms: int) -> list[Fact]:
    """Who is on duty, the supervisor knows: it is asked first."""
    to = actor_id("supervisor", state.bot)
    errand = Errand(state.number + 1, "alert", "", to, c.DescribeQueue(0), conversation, detail=keyword)
    return [v.AlertRaised(conversation, keyword, again_ms), v.ErrandBegun(errand)]


def alert_again(state: Group, now_ms: int) -> list[Fact]:
    """The first mention that nobody has answered in the target time is made once more."""
    for key in state.alerts:
        alert = state.threads[key].alert
        if alert is not None and 0 < alert.again_ms <= now_ms:
            return _alert(state, key, alert.keyword, 0)
    return []

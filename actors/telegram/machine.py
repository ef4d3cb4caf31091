"""The group as a machine: which command goes to which rule. The rules stand beside this file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from actors import commands as c
from actors import frames
from actors.settings import Settings
from actors.telegram import events as v
from actors.telegram.apply import apply
from actors.telegram.baseline import baseline
from actors.telegram.choice import choose, deadline
from actors.telegram.commands import (
    AnswerButton,
    Connected,
    Mirror,
    Pace,
    Perform,
    Performed,
    Ran,
    Run,
    Update,
    pool_of,
)
from actors.telegram.forgetting import forget
from actors.telegram.hearing import heard
from actors.telegram.outcomes import connected, performed, ran
from actors.telegram.rules import Rules
from actors.telegram.state import Errand, Group
from actors.telegram.telling import alert_again, mirrored
from runtime.machine import Announce, Ask, Command, Effect, Event, Fact, Origin, Rejected, Signal, Summary

Rule = Callable[[Rules, Group, Any, Origin], Sequence[Fact]]


def pace(rules: Rules, state: Group, command: Pace, origin: Origin) -> Sequence[Fact]:
    """A call is made if one may be; a call of which nothing was heard is asked for again; mentions are repeated, and
    what is over for long is forgotten."""
    first = alert_again(state, origin.now_ms) or forget(rules, state, origin.now_ms)
    if first:
        return first
    due = deadline(rules, state)
    if due is None or due[0] > origin.now_ms:
        return []
    if state.flying is not None:
        return [v.AskedAgain()]
    operation = choose(rules, state, origin.now_ms)
    return [v.CallBegun(state.number + 1, operation)] if operation is not None else []


RULES: Mapping[type[Command], tuple[tuple[str, ...], Rule]] = {
    Mirror: (("conversation",), mirrored),
    Update: (("bridge", "gateway"), heard),
    Connected: (("bridge",), connected),
    Performed: (("bridge",), performed),
    Ran: (("bridge",), ran),
    Pace: (("telegram",), pace),
}
"""For each command who may send it, and its rule. The edge has no such frames for clients."""


class TelegramMachine:
    """See `runtime.machine.Machine`."""

    kind = "telegram"
    commands: tuple[type[Command], ...] = (*RULES, c.Describe)
    events = v.AnyGroupEvent
    state = Group
    resident = True  # a bridge may have updates for it at any time
    baseline_type: type[Event] = v.Baseline
    baseline_events = 2_000  # which are as heavy as one of 1,000 conversations
    baseline = staticmethod(baseline)

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules(settings)

    def initial(self, key: str) -> Group:
        return Group(key)

    def decide(self, state: Group, command: Command, origin: Origin) -> Sequence[Fact]:
        senders, rule = RULES[type(command)]
        if origin.sender.partition("/")[0] not in senders:
            raise Rejected("forbidden", "That is no client's business.")
        return rule(self._rules, state, command, origin) if self._rules.served(state.bot) else []

    def apply(self, state: Group, fact: Fact, at_ms: int) -> Group:
        return apply(state, fact, at_ms)

    def effects(self, state: Group, fact: Fact, at_ms: int) -> Sequence[Effect]:
        pool = pool_of(state.bot)
        match fact:
            case v.CallBegun():
                return [Ask(pool, Perform(fact.number, self._rules.group(state), fact.operation))]
            case v.ErrandBegun():
                return [Ask(pool, _run(state, fact.errand))]
            case v.ButtonAnswered():
                return [Ask(pool, AnswerButton(fact.button, fact.text, fact.alert))]
            case v.AskedAgain():
                return self._again(state)
            case v.CallDone() | v.CallPostponed() | v.CallDropped() | v.ProblemFound() | v.ProblemSolved():
                return [Announce(f"bot/{state.bot}", frames.Telegram(state.bot, state.pending, state.problem))]
            case _:
                return ()

    def _again(self, state: Group) -> list[Effect]:
        pool = pool_of(state.bot)
        again: list[Effect] = [Ask(pool, _run(state, errand)) for errand in state.errands.values()]
        if state.flying is not None:
            group, flying = self._rules.group(state), state.flying
            again.append(Ask(pool, Perform(flying.number, group, flying.operation)))
        return again

    def patience_ms(self, state: Group) -> int:
        return 0

    def deadline(self, state: Group) -> tuple[int, Command] | None:
        return deadline(self._rules, state) if self._rules.served(state.bot) else None

    def activated(self, state: Group, now_ms: int) -> Sequence[Signal]:
        return [v.AskedAgain()] if self._rules.served(state.bot) else []

    def answer(self, state: Group, query: Command, origin: Origin) -> Any:
        """How the bridge stands: what waits, since when, what is wrong; and up to which update it has heard."""
        waiting = [one.since_ms for one in state.waiting() if one.pending]
        return {
            "bot": state.bot,
            "pending": state.pending,
            "waiting_since_ms": min(waiting, default=None),
            "problem": state.problem or None,
            "problem_since_ms": state.problem_ms or None,
            "group": self._rules.group(state),
            "update_id": state.update_id,
            "updated_ms": state.updated_ms,
        }

    def summary(self, state: Group) -> Summary | None:
        return None

    def public(self, event: Event) -> Event | None:
        return None


def _run(state: Group, errand: Errand) -> Run:
    sender = f"agent/{errand.agent}" if errand.agent else f"telegram/{state.bot}"
    ref = f"telegram.{state.bot}.{errand.number}"  # one agent may give orders in the groups of several bots
    return Run(errand.number, sender, errand.to, ref, errand.order, errand.files)

"""A group's machine under a clock of the test's, with a bridge that does at once what it is told.

Every event goes through the journal's encoding, every call is checked against Telegram's limits, and what a baseline
says against the state. `shown` is what the group has been shown of each conversation: it must be without a gap, and in
order.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

import msgspec

from actors.settings import AgentSettings, BotSettings, Settings, StoreSettings, Telegram
from actors.telegram import TelegramMachine
from actors.telegram import commands as t
from actors.telegram.state import Group
from runtime.activation import Codec
from runtime.machine import Announce, Ask, Command, Event, Fact, Origin

GROUP = -1001
ALICE, BOB = 11, 12
MINUTE_MS = 60_000
CHECKED = 50
"""After each of the first events the baseline is checked, and then ever more rarely."""

Answer = Callable[[t.Perform], t.Performed | None]


def settings(retention_days: int = 0, **telegram: Any) -> Settings:
    told = Telegram(**{"token_env": "TOKEN", "group": GROUP, **telegram})
    agents = [AgentSettings(id=id, name=id.title(), bots=["acme"], telegram_user=user) for id, user in TEAM.items()]
    bots = [BotSettings(id="acme", telegram=told)]
    return Settings(bots=bots, agents=agents, store=StoreSettings(retention_days=retention_days))


TEAM = {"alice": ALICE, "bob": BOB}


class Stage:
    """`answer` says what becomes of a call: done as asked, unless a test says otherwise; None: nothing is heard."""

    def __init__(self, **told: Any) -> None:
        self.settings = settings(**told)
        self.machine = TelegramMachine(self.settings)
        self.codec = Codec(self.machine)
        self.state: Group = self.machine.initial("acme")
        self.now_ms = 1_000_000
        self.journal: list[tuple[bytes, int]] = []
        self.facts: list[Fact] = []
        self.calls: list[tuple[int, t.Operation]] = []
        self.runs: list[t.Run] = []
        self.buttons: list[t.AnswerButton] = []
        self.frames: list[Any] = []
        self.sequences: defaultdict[str, int] = defaultdict(int)
        self.shown: defaultdict[str, list[tuple[t.Cursor, t.Cursor]]] = defaultdict(list)
        self.answer: Answer = self.done
        self.fits = 1_000
        self.own: defaultdict[str, set[int]] = defaultdict(set)
        self.messages = 100
        self._update = 500
        self._asked: deque[t.Perform] = deque()

    # The world

    def send(self, sender: str, command: Command) -> list[Fact]:
        """A command, and all that follows from it at this moment."""
        self._decide(sender, command)
        self._settle()
        return self.facts

    def _decide(self, sender: str, command: Command) -> None:
        self.facts = list(self.machine.decide(self.state, command, Origin(sender, self.now_ms)))
        for fact in self.facts:
            self._take(fact)

    def _take(self, fact: Fact) -> None:
        if isinstance(fact, Event):
            body = self.codec.encode_event(fact)
            self.journal.append((body, self.now_ms))
            fact = self.codec.decode_event(body)
        self.state = self.machine.apply(self.state, fact, self.now_ms)
        if (number := len(self.journal)) < CHECKED or number & (number - 1) == 0:
            self.check_baseline()
        for effect in self.machine.effects(self.state, fact, self.now_ms):
            match effect:
                case Ask(request=t.Perform() as perform):
                    self._asked.append(perform)
                case Ask(request=t.Run() as run):
                    self.runs.append(run)
                case Ask(request=t.AnswerButton() as button):
                    self.buttons.append(button)
                case Announce(frame=frame):
                    self.frames.append(frame)

    def _settle(self) -> None:
        while True:
            due = self.machine.deadline(self.state)
            if self._asked:
                self._perform(self._asked.popleft())
            elif due is not None and due[0] <= self.now_ms:
                before = len(self.journal)
                self._decide("telegram/acme", due[1])
                if len(self.journal) == before and not self._asked:
                    return
            else:
                return

    def _perform(self, perform: t.Perform) -> None:
        self.calls.append((self.now_ms, perform.operation))
        self._check_limits()
        told = self.answer(perform)
        if told is not None:
            self._decide("bridge/acme/0", told)

    def _check_limits(self) -> None:
        telegram = self.settings.bots[0].telegram
        assert telegram is not None
        for limit, window_ms in ((telegram.group_per_minute, MINUTE_MS), (telegram.overall_per_second, 1000)):
            if len(self.calls) > limit:
                assert self.calls[-limit - 1][0] <= self.now_ms - window_ms

    def done(self, perform: t.Perform) -> t.Performed:
        """What Telegram does with a call in good weather: so many events as `fits` says go into one message."""
        operation = perform.operation
        if isinstance(operation, t.Show):
            assert perform.group == GROUP or self.state.moved[1] == perform.group
            upto = min(operation.until, (operation.after[0] + self.fits, 0))
            self.shown[operation.conversation].append((operation.after, upto))
            message = operation.page or self._new_message()
            return t.Performed(perform.number, "done", message, upto, full=upto < operation.until)
        if isinstance(operation, t.OpenTopic):
            return t.Performed(perform.number, "done", topic=self._new_message())
        return t.Performed(perform.number, "done", self._new_message() if isinstance(operation, t.Say) else 0)

    def _new_message(self) -> int:
        self.messages += 1
        return self.messages

    def until(self, now_ms: int) -> None:
        """Time passes, and wakes the machine whenever it has asked for it."""
        while (due := self.machine.deadline(self.state)) is not None and due[0] <= now_ms:
            self.now_ms = max(self.now_ms, due[0])
            before = len(self.journal)
            self._settle()
            if len(self.journal) == before:
                self.now_ms += 1000
        self.now_ms = max(self.now_ms, now_ms)

    def wait(self, seconds: float) -> None:
        self.until(self.now_ms + int(seconds * 1000))

    def restart(self) -> None:
        """The actor's process is gone: another one reads its journal, and asks for what was under way."""
        self.state = self.machine.initial("acme")
        for body, at_ms in self.journal:
            self.state = self.machine.apply(self.state, self.codec.decode_event(body), at_ms)
        snapshot = self.codec.encode_state((self.state, {}))
        self.state, _ = self.codec.decode_state(snapshot)
        for signal in self.machine.activated(self.state, self.now_ms):
            self._take(signal)
        self._settle()

    def check_baseline(self) -> None:
        """By what a baseline says everything is as it is, in whatever order it came."""
        restated = self.restated(self.machine.initial("acme"))
        for name in Group.__struct_fields__:
            said, known = getattr(restated, name), getattr(self.state, name)
            assert said == known, name
            if isinstance(said, dict):
                assert [*said] == [*known], name

    def restated(self, state: Group) -> Group:
        """What becomes of that state by a baseline of the present one, as the journal holds it."""
        fact = self.codec.decode_event(self.codec.encode_event(self.machine.baseline(self.state)))
        return self.machine.apply(state, fact, self.now_ms)

    def cut(self) -> None:
        """A baseline is journaled, and what lies before it is cut out."""
        self._take(self.machine.baseline(self.state))
        del self.journal[:-1]

    # Who acts

    def tell(self, key: str, speaker: Any = "visitor", phase: str = "assistant", **told: Any) -> int:
        """A conversation has something for the group. Its sequence."""
        self.sequences[key] += 1
        sequence = self.sequences[key]
        mirror = t.Mirror(sequence, phase, told.pop("visitor", key.title()), speaker=speaker, **told)
        self.send(f"conversation/{key}", mirror)
        return sequence

    def update(self, what: Any = "message", user: int = ALICE, **fields: Any) -> t.Update:
        """One update of Telegram's."""
        self._update += 1
        named = {"user_name": "Somebody", "message": self._new_message(), **fields}
        update = t.Update(self._update, named.pop("chat", GROUP), what, user, **named)
        self.send("bridge/acme/0", update)
        return update

    def reply(self, text: str, to: int, user: int = ALICE, **fields: Any) -> t.Update:
        """A member replies to a message of ours."""
        return self.update("message", user, text=text, reply_to=to, reply_to_bot="support_bot", **fields)

    def connected(self) -> None:
        self.send("bridge/acme/0", t.Connected("support_bot"))

    def ran(self, run: t.Run | None = None, **fields: Any) -> None:
        """The bridge tells what became of an errand: of the last one."""
        self.send("bridge/acme/0", t.Ran((run or self.runs[-1]).number, **fields))

    @property
    def said(self) -> list[str]:
        """What the bridge has said for itself."""
        return [operation.text for _, operation in self.calls if isinstance(operation, t.Say)]

    def operations(self, kind: type) -> list[Any]:
        return [operation for _, operation in self.calls if isinstance(operation, kind)]

    def check_shown(self) -> None:
        """Every conversation is shown up to its end, without a gap and in order."""
        for key, last in self.sequences.items():
            position: t.Cursor = (0, 0)
            for after, until in self.shown[key]:
                assert after <= position, f"{key}: {after} after {position}"
                position = max(position, until)
            left = set(range(position[0] + 1, last + 1)) - self.own[key]
            assert not left, f"{key}: {left} not shown"

    def card(self, key: str) -> int:
        return self.state.threads[key].card

    def describe(self) -> Any:
        return msgspec.json.decode(msgspec.json.encode(self.machine.answer(self.state, None, Origin("", self.now_ms))))

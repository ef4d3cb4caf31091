"""Whatever the weather, whenever the process dies or its history is cut: in the end all is shown, in order, and every
reply done once."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.telegram import commands as t
from tests.actors.telegram.stage import Stage

KEYS = ("ann-1", "bob-1", "cid-1")
PHASES = ("assistant", "queued", "live")
OUTCOMES = ("done", "away", "wait", "reply_gone", "edit_gone", "topic_gone", "no_topics", "removed", "token")

STEPS = st.one_of(
    st.tuples(st.just("tell"), st.sampled_from(KEYS), st.sampled_from(PHASES)),
    st.tuples(st.just("weather"), st.sampled_from(OUTCOMES)),
    st.tuples(st.just("fits"), st.integers(1, 4)),
    st.tuples(st.just("silence")),
    st.tuples(st.just("wait"), st.sampled_from((0.5, 3, 70, 400))),
    st.tuples(st.just("reply"), st.sampled_from(KEYS)),
    st.tuples(st.just("ran"), st.booleans()),
    st.tuples(st.just("restart")),
    st.tuples(st.just("cut")),
    st.tuples(st.just("repeat")),
)


def possible(outcome: str, operation: t.Operation) -> bool:
    """Telegram may answer that to such a call."""
    match outcome:
        case "reply_gone":
            return isinstance(operation, t.Show) and operation.reply_to != 0
        case "edit_gone":
            return isinstance(operation, t.Show) and operation.page != 0
        case "topic_gone":
            return getattr(operation, "topic", 0) != 0
        case "no_topics":
            return isinstance(operation, t.OpenTopic | t.RenameTopic | t.CloseTopic)
    return True


class Weather(Stage):
    """`replies` are the updates that were sent; orders are answered by `ran`, the oldest first."""

    def __init__(self, topics: bool) -> None:
        super().__init__(topics=topics)
        self.connected()
        self.updates: list[t.Update] = []
        self.answered: set[int] = set()

    def weather(self, outcome: Any) -> None:
        def answer(perform: t.Perform) -> t.Performed:
            if outcome == "done" or not possible(outcome, perform.operation):
                return self.done(perform)
            return t.Performed(perform.number, outcome, retry_ms=5_000, why="bad weather")

        self.answer = answer

    def silence(self) -> None:
        self.answer = lambda perform: None

    def reply_to(self, key: str) -> None:
        card = self.state.threads[key].card if key in self.state.threads else 0
        if card:
            self.updates.append(self.reply("words", card))

    def repeat(self) -> None:
        for update in self.updates:
            self.send("bridge/acme/0", update)

    def ran_oldest(self, refused: bool) -> None:
        waiting = [run for run in self.runs if run.number not in self.answered]
        if not waiting:
            return
        run = waiting[0]
        self.answered.add(run.number)
        if refused:
            self.ran(run, refusal="conflict", message="Bob was first.")
            return
        key = run.to.partition("/")[2]
        self.sequences[key] += 1
        sequence = self.sequences[key]
        self.own[key].add(sequence)
        self.send(f"conversation/{key}", t.Mirror(sequence, "live", key, "Alice", "agent"))
        self.ran(run, sequence=sequence)

    def step(self, kind: str, *arguments: Any) -> None:
        match kind:
            case "tell":
                self.tell(arguments[0], phase=arguments[1])
            case "fits":
                self.fits = arguments[0]
            case "reply":
                self.reply_to(arguments[0])
            case "ran":
                self.ran_oldest(arguments[0])
            case _:
                getattr(self, kind)(*arguments)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=40), st.booleans())
def test_in_the_end_all_is_shown_in_order_and_every_reply_is_done_once(steps: list[Any], topics: bool) -> None:
    stage = Weather(topics)
    for step in steps:
        stage.step(*step)
    stage.weather("done")
    stage.restart()
    while len(stage.answered) < len({run.number for run in stage.runs}):
        stage.ran_oldest(refused=False)
    stage.wait(2 * 3_600)
    stage.check_shown()
    assert stage.describe()["pending"] == 0
    assert stage.describe()["problem"] is None or not stage.sequences
    assert len({run.number for run in stage.runs}) == len(stage.updates)
    assert len({run.ref for run in stage.runs}) == len(stage.updates)

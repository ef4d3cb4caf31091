"""What a session is sent of an answer that is being written: each piece once, and no piece after a hole."""

import msgspec
import pytest

from actors.frames import AssistantChunk
from gateway.sessions import Session, Watch
from runtime.identity import actor_id

ACTOR = actor_id("conversation", "v-1")


class Reader:
    """A visitor's session, and the text that its client has put together."""

    def __init__(self) -> None:
        self.session = Session("visitor", "v", "", lambda: None)
        self.session.watches[ACTOR] = Watch()

    def hears(self, text: str, offset: int, whole: bool = False, turn: str = "1-3") -> None:
        chunk = AssistantChunk("v-1", turn, text, offset)
        self.session.chunk(ACTOR, chunk, msgspec.json.encode(chunk), whole)

    @property
    def text(self) -> str:
        frames = [msgspec.json.decode(frame, type=AssistantChunk) for frame in self.session.take()]
        return "|".join(f"{frame.offset}:{frame.text}" for frame in frames)


def test_pieces_are_passed_on_as_they_come() -> None:
    reader = Reader()
    reader.hears("On", 0)
    reader.hears(" its", 2)
    assert reader.text == "0:On|2: its"


def test_pieces_that_come_before_the_whole_that_was_asked_for_wait_for_it() -> None:
    reader = Reader()
    reader.hears(" its", 2)
    reader.hears("On its", 0, whole=True)
    reader.hears(" way", 6)
    assert reader.text == "0:On its|6: way"


def test_the_whole_repeats_nothing_that_was_heard() -> None:
    reader = Reader()
    reader.hears("On", 0)
    reader.hears("On", 0, whole=True)
    reader.hears("On its", 0, whole=True)
    assert reader.text == "0:On|2: its"


@pytest.mark.parametrize("turn", ["1-3", "1-5"])
def test_an_answer_that_begins_anew_is_passed_on(turn: str) -> None:
    reader = Reader()
    reader.hears("On", 0)
    reader.hears("It", 0, turn=turn)
    reader.hears(" is", 2, turn=turn)
    assert reader.text == "0:On|0:It|2: is"


def test_who_does_not_watch_hears_nothing() -> None:
    reader = Reader()
    del reader.session.watches[ACTOR]
    reader.hears("On", 0)
    assert reader.text == ""

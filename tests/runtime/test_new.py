"""An actor whose name was just made is not read from the journal, unless somebody may have had the message before."""

from runtime.identity import ActorId
from runtime.journal.memory import MemoryJournal
from runtime.messages import Deliver
from tests.runtime.bench import Bench
from tests.runtime.tally import Add

A, B = ActorId("tally/a"), ActorId("tally/b")


def first(actor: ActorId, ref: str = "r") -> Deliver[Add]:
    return Deliver(actor, "visitor/v", ref, Add("one"), new=True)


def test_a_new_actor_is_not_read() -> None:
    bench = Bench()
    replies = bench.deliver(first(A), first_hand=True)
    assert bench.poll(load=False) is not None
    assert bench.loading == []
    bench.commit()
    bench.settle()
    assert replies.sequences == [1]
    assert bench.labels(A) == ["one"]


def test_what_is_said_to_it_next_finds_it() -> None:
    bench = Bench()
    replies = bench.deliver(first(A), first(A), Deliver(A, "visitor/v", "s", Add("two")), first_hand=True)
    bench.settle()
    assert replies.sequences == [1, 1, 2]


def test_any_other_actor_is_read() -> None:
    bench = Bench()
    bench.deliver(Deliver(A, "visitor/v", "r", Add("one")), first_hand=True)
    bench.poll(load=False)
    assert bench.loading == [A]


def test_what_a_former_life_has_done_is_not_done_again() -> None:
    journal = MemoryJournal()
    one = Bench(journal)
    one.deliver(first(A), first_hand=True)
    one.settle()
    two = Bench(journal)
    again = two.deliver(first(A), first(B))
    two.poll(load=False)
    assert two.loading == [A, B]
    two.settle()
    assert again.sequences == [1, 1]
    assert two.labels(A) == ["one"]


def test_a_name_that_was_not_new_after_all_is_refused_and_found_the_next_time() -> None:
    journal = MemoryJournal()
    one = Bench(journal)
    one.deliver(first(A), first_hand=True)
    one.settle()
    two = Bench(journal)
    lied = two.deliver(first(A, "other"), first_hand=True)
    two.poll()
    two.commit()
    two.settle()
    assert lied.codes == ["overloaded"]
    two.deliver(Deliver(A, "visitor/v", "s", Add("two")))
    two.settle()
    assert two.labels(A) == ["one", "two"]

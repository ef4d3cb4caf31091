"""An actor whose name was just made is not read from the journal, unless somebody may have had the message before."""

from runtime.identity import ActorId
from runtime.journal.memory import MemoryJournal
from runtime.leases import UNDER_WAY_MAX
from runtime.messages import Deliver
from tests.runtime.bench import Bench
from tests.runtime.tally import Add

A, B = ActorId("tally/a"), ActorId("tally/b")


def first(actor: ActorId, ref: str = "r") -> Deliver[Add]:
    return Deliver(actor, "visitor/v", ref, Add("one"), new=True)


def acquainted(journal: MemoryJournal | None = None) -> Bench:
    """One that has heard its gateway before."""
    bench = Bench(journal)
    for _ in range(UNDER_WAY_MAX):
        bench.deliver()
    bench.settle()
    return bench


def test_a_new_actor_is_not_read() -> None:
    bench = acquainted()
    replies = bench.deliver(first(A))
    assert bench.poll(load=False) is not None
    assert bench.loading == []
    bench.commit()
    bench.settle()
    assert replies.sequences == [1]
    assert bench.labels(A) == ["one"]


def test_what_is_said_to_it_next_finds_it() -> None:
    bench = acquainted()
    replies = bench.deliver(first(A), first(A), Deliver(A, "visitor/v", "s", Add("two")))
    bench.settle()
    assert replies.sequences == [1, 1, 2]


def test_any_other_actor_is_read() -> None:
    bench = acquainted()
    bench.deliver(Deliver(A, "visitor/v", "r", Add("one")))
    bench.poll(load=False)
    assert bench.loading == [A]


def test_what_a_former_life_has_done_is_not_done_again() -> None:
    journal = MemoryJournal()
    one = acquainted(journal)
    one.deliver(first(A))
    one.settle()
    two = Bench(journal)
    two.numbers["gateway/0"] = 100
    again = two.deliver(first(A), first(B))
    two.poll(load=False)
    assert two.loading == [A, B]
    two.settle()
    assert again.sequences == [1, 1]
    assert two.labels(A) == ["one"]
    for number in range(UNDER_WAY_MAX):
        two.deliver(first(ActorId(f"tally/{number}")))
    two.poll(load=False)
    assert two.loading == [ActorId(f"tally/{number}") for number in range(UNDER_WAY_MAX - 1)]


def test_another_life_of_the_sender_has_to_be_met_first() -> None:
    bench = acquainted()
    bench.deliver(first(A), peer="gateway/1")
    bench.poll(load=False)
    assert bench.loading == [A]


def test_a_name_that_was_not_new_after_all_is_refused_and_found_the_next_time() -> None:
    journal = MemoryJournal()
    one = acquainted(journal)
    one.deliver(first(A))
    one.settle()
    two = acquainted(journal)
    lied = two.deliver(first(A, "other"))
    two.poll()
    two.commit()
    two.settle()
    assert lied.codes == ["overloaded"]
    two.deliver(Deliver(A, "visitor/v", "s", Add("two")))
    two.settle()
    assert two.labels(A) == ["one", "two"]

"""What the account must find: a loss, a duplicate, a wrong order, a missing ack."""

from __future__ import annotations

from benchmarks.load.ledger import Account, Flow


def flow(count: int = 3) -> Flow:
    made = Flow()
    for number in range(count):
        made.send(float(number))
    return made


def test_every_message_delivered_and_acked_once_is_no_fault() -> None:
    said = flow()
    took = [said.deliver(number, 10.0) for number in (1, 2, 3)]
    for number in (1, 2, 3):
        said.ack(number)
    account = Account.of([said])
    assert took == [10.0, 9.0, 8.0]
    assert (account.sent, account.delivered, account.faults) == (3, 3, 0)


def test_a_message_that_never_came_is_lost() -> None:
    said = flow()
    for number in (1, 3):
        said.deliver(number, 10.0)
    for number in (1, 2, 3):
        said.ack(number)
    account = Account.of([said])
    assert (account.lost, account.faults) == (1, 1)


def test_a_message_that_came_twice_is_duplicated_and_counted_once() -> None:
    said = flow(1)
    assert (said.deliver(1, 1.0), said.deliver(1, 2.0)) == (1.0, None)
    assert (said.delivered, said.duplicated) == (1, 1)


def test_a_message_nobody_sent_is_a_fault() -> None:
    said = flow(1)
    said.deliver(1, 1.0)
    assert said.deliver(2, 1.0) is None
    assert said.duplicated == 1


def test_an_earlier_message_that_comes_later_is_out_of_order() -> None:
    said = flow()
    for number in (1, 3, 2):
        said.deliver(number, 10.0)
    assert (said.delivered, said.disordered, said.undelivered) == (3, 1, 0)


def test_a_missing_ack_and_a_second_one_are_faults() -> None:
    said = flow(2)
    for number in (1, 2):
        said.deliver(number, 10.0)
    said.ack(1)
    said.ack(1)
    account = Account.of([said])
    assert (account.unacked, account.duplicated, account.faults) == (1, 1, 2)


def test_where_there_are_no_acks_none_is_missed() -> None:
    said = Flow(acks=False)
    said.deliver(said.send(0.0), 1.0)
    assert Account.of([said]).faults == 0


def test_what_the_wrong_end_heard_and_what_was_refused_are_faults() -> None:
    assert Account.of([], misdelivered=2, refused=3).faults == 5

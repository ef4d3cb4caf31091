"""The receiver: each batch is worked on once, and answered as often as it comes, after those before it."""

import asyncio
from collections.abc import Sequence

import pytest

from runtime.ingress import BatchTicket, Receiver
from runtime.messages import Batch, Hello, Reply, decode_answers, encode, gateway_decoder, splice
from runtime.replies import OVERLOADED, STUMBLED

pytestmark = pytest.mark.anyio


async def test_a_batch_is_answered_after_those_before_it() -> None:
    taken: list[BatchTicket] = []
    receiver = Receiver("first", gateway_decoder(), lambda batch, ticket: taken.append(ticket))
    batches = [splice("me", "i", number, 0, [encode(Hello())]) for number in (1, 2)]
    one, two = (asyncio.create_task(receiver.deliver(batch)) for batch in batches)
    await asyncio.sleep(0)
    taken[1].settle(0, Reply(2))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not two.done(), "what the second one ended might begin again"
    taken[0].settle(0, Reply(1))
    assert [decode_answers(answer).replies for answer in await asyncio.gather(one, two)] == [[Reply(1)], [Reply(2)]]


async def test_a_batch_can_be_settled_as_a_whole() -> None:
    def settle(batch: Batch[object], ticket: BatchTicket) -> None:
        ticket.settle_all(Reply(len(batch.messages)))

    receiver = Receiver("first", gateway_decoder(), settle)
    for number, size in enumerate((3, 0), 1):
        batch = splice("me", "i", number, number - 1, [encode(Hello())] * size)
        answer = await asyncio.wait_for(receiver.deliver(batch), 5)
        assert decode_answers(answer).replies == [Reply(size)] * size


async def test_a_batch_that_is_stumbled_over_is_refused_and_the_next_one_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(batch: Batch[object], ticket: BatchTicket) -> None:
        ticket.settle(0, Reply(batch.number))
        if batch.number == 1:
            raise ZeroDivisionError

    receiver = Receiver("first", gateway_decoder(), stumble)
    one = splice("me", "i", 1, 0, [encode(Hello()), encode(Hello())])
    for _ in range(2):  # the second time it is a copy, and must not wait for ever either
        replies = decode_answers(await asyncio.wait_for(receiver.deliver(one), 5)).replies
        assert replies == [Reply(1), STUMBLED]
    two = splice("me", "i", 2, 1, [encode(Hello())])
    assert decode_answers(await asyncio.wait_for(receiver.deliver(two), 5)).replies == [Reply(2)]
    assert "batch not taken sender=me messages=2" in caplog.text


async def test_what_ends_a_former_life_may_stumble_too(caplog: pytest.LogCaptureFixture) -> None:
    def replaced(sender: str) -> None:
        raise ZeroDivisionError

    receiver = Receiver("first", gateway_decoder(), lambda batch, ticket: ticket.settle_all(Reply(1)), replaced)
    told = [
        decode_answers(await asyncio.wait_for(receiver.deliver(splice("me", life, 1, 0, [encode(Hello())])), 5)).replies
        for life in ("first", "second")
    ]
    assert told == [[Reply(1)], [STUMBLED]]
    assert "batch not taken" in caplog.text


async def test_who_wants_to_know_hears_of_the_replies_once_when_all_are_there() -> None:
    told: list[Sequence[Reply | None]] = []
    singly, whole = BatchTicket(2), BatchTicket(2)
    singly.answered = whole.answered = told.append
    singly.settle(0, Reply(1))
    assert told == []
    singly.settle(1, Reply(2))
    singly.settle(1, Reply(3))
    whole.settle_all(Reply(4))
    assert told == [[Reply(1), Reply(2)], [Reply(4), Reply(4)]]


async def test_what_follows_a_refusal_waits_until_its_sender_has_heard_of_it() -> None:
    receiver = Receiver("first", gateway_decoder(), lambda batch, ticket: ticket.settle(0, OVERLOADED))
    one, *two = (splice("me", "i", number, settled, [encode(Hello())]) for number, settled in ((1, 0), (2, 0), (2, 1)))
    assert decode_answers(await receiver.deliver(one)).replies == [OVERLOADED]
    answers = [decode_answers(await receiver.deliver(batch)).replies for batch in two]
    assert answers == [[], [OVERLOADED]]


async def test_a_call_that_is_given_up_does_not_keep_the_next_one_from_its_answer() -> None:
    taken: list[BatchTicket] = []
    receiver = Receiver("first", gateway_decoder(), lambda batch, ticket: taken.append(ticket))
    batch = splice("me", "i", 1, 0, [encode(Hello())])
    given_up, again = (asyncio.create_task(receiver.deliver(batch)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    taken[0].settle(0, Reply(1))
    assert decode_answers(await again).replies == [Reply(1)]

"""The hub's side of being forgotten: a host that took a gateway for gone is told again who watches there."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.hub import Hub
from gateway.sessions import EARLY_MAX, Session
from runtime.identity import ActorId
from runtime.link import BACKLOG_BYTES, LinkFull
from runtime.messages import (
    Announced,
    Answers,
    Attach,
    Detach,
    Follow,
    Forgotten,
    Hello,
    Pushed,
    Refusal,
    Relay,
    Reply,
    encode,
    host_decoder,
    splice,
)
from runtime.placement import Placement
from tests.runtime.tally import Add

pytestmark = pytest.mark.anyio

A = ActorId("conversation/a")


class FakeHost:
    """Takes what a hub sends, and answers each attachment with the actor's last sequence, unless it is told to wait."""

    def __init__(self) -> None:
        self.sequence = 0
        self.attached = 0
        self.refusal: Refusal | None = None
        self.followed: list[str] = []
        self.detached: list[str] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self._decode = host_decoder([Add]).decode
        self._said = 0
        self.came = asyncio.Event()

    async def call(self, peer: str, data: bytes) -> bytes:
        messages = self._decode(data).messages
        replies = [Reply(self.sequence, self.refusal) for _ in messages]
        self.attached += sum(isinstance(one, Attach) for one in messages)
        self.followed += [one.topic for one in messages if isinstance(one, Follow) and one.on]
        self.detached += [one.session for one in messages if isinstance(one, Detach)]
        self.came.set()
        await self.answers.wait()
        return encode(Answers("first", list(replies)))

    async def until(self, attached: int) -> None:
        await self.hears(lambda: self.attached >= attached)

    async def hears(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not true():
                self.came.clear()
                await self.came.wait()

    async def forgets(self, hub: Hub) -> None:
        self._said += 1
        await hub.receive(splice("host/0", "first", self._said, self._said - 1, [encode(Forgotten())]))


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
async def hub(host: FakeHost, anyio_backend: str) -> AsyncIterator[Hub]:
    one = Hub("gateway/0", Placement(1), host.call)
    one.start()
    yield one
    one.stop()


def session(hub: Hub) -> Session:
    one = Session("agent", "alice", "Alice", lambda: None)
    hub.open(one)
    return one


async def watched(hub: Hub, one: Session) -> None:
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    hub.watch(one, A, None, done.set_result)
    await done


async def test_who_watches_and_follows_is_attached_again_and_gets_what_was_missed(host: FakeHost, hub: Hub) -> None:
    one = session(hub)
    caught_up: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    hub.catch_up = lambda _session, _actor, after, until: caught_up.set_result((after, until))
    hub.follow(one, "bot/shop", on=True)
    host.sequence = 4
    await watched(hub, one)
    before = host.attached
    host.followed.clear()
    host.sequence = 6
    await host.forgets(hub)
    await host.until(before + 1)
    assert await asyncio.wait_for(caught_up, 5) == (4, 6)
    assert host.followed == ["bot/shop"]


async def test_who_is_just_being_attached_is_attached_once_more(host: FakeHost, hub: Hub) -> None:
    await watched(hub, session(hub))  # the host is met by now
    before = host.attached
    host.answers.clear()
    hub.watch(session(hub), ActorId("conversation/b"), None)
    await host.until(before + 1)
    await host.forgets(hub)
    host.answers.set()
    await host.until(before + 3)  # the first again, and the second, whose answer was out


async def test_who_has_left_when_the_answer_comes_is_attached_no_more(host: FakeHost, hub: Hub) -> None:
    await watched(hub, session(hub))
    left, before = session(hub), host.attached
    hub.close(left)
    hub.watch(left, A, None)
    await watched(hub, session(hub))
    assert (host.attached, left.watches) == (before + 1, {})


async def test_who_is_refused_and_watches_again_goes_on_watching(
    host: FakeHost, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Any] = []
    one = session(hub)
    monkeypatch.setattr(hub._loop, "call_later", lambda seconds, *call: later.append(call), raising=False)
    host.refusal = Refusal("not_found", "There is none.", {})
    await watched(hub, one)
    host.refusal = None
    await watched(hub, one)
    monkeypatch.undo()
    for function, *arguments in later:
        if function == hub._again:
            function(*arguments)
    assert A in one.watches


TYPING, CHUNK = (
    b'{"type":"typing","conversation":"a","from":"visitor","active":true,"text":"a secret"}',
    b'{"type":"assistant_chunk","conversation":"a","turn":"1.2","text":"a secret","offset":0}',
)


@pytest.mark.parametrize(("refusal", "seen"), [(Refusal("forbidden", "No.", {}), []), (None, [TYPING, CHUNK])])
async def test_nothing_is_shown_to_who_watches_until_the_host_has_let_her_in(
    host: FakeHost, hub: Hub, refusal: Refusal | None, seen: list[bytes]
) -> None:
    await watched(hub, session(hub))
    one, answered = session(hub), asyncio.Event()
    host.refusal = refusal
    host.answers.clear()
    hub.watch(one, A, None, lambda reply: answered.set())
    pushed = [encode(Pushed(A, "", frame)) for frame in (TYPING, CHUNK)]
    await hub.receive(splice("host/0", "first", 1, 0, pushed))
    assert one.take() == []
    host.answers.set()
    await asyncio.wait_for(answered.wait(), 5)
    assert one.take() == seen


@pytest.mark.sources
async def test_a_follower_can_leave_though_a_link_is_full(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*message: Any, **options: Any) -> None:
        raise LinkFull

    one = session(hub)
    hub.follow(one, "bot/shop", on=True)
    monkeypatch.setattr(hub.links, "send", full)
    hub.close(one)
    assert hub.sessions == set()


def fill(hub: Hub) -> None:
    """The link to the host, to its bound."""
    hub.links.send("host/0", encode(Relay("bot/shop", "", b" " * (BACKLOG_BYTES - 1_000))))
    with contextlib.suppress(LinkFull):
        while True:
            hub.links.send("host/0", encode(Hello()))


async def test_who_leaves_while_a_link_is_full_is_detached_and_who_comes_is_attached_later(
    host: FakeHost, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.hub.AGAIN_SECONDS", 0.01)
    leaving, coming = session(hub), session(hub)
    await watched(hub, leaving)
    attached = host.attached
    host.answers.clear()
    host.came.clear()
    hub.follow(leaving, "bot/bank", on=True)
    await asyncio.wait_for(host.came.wait(), 5)
    fill(hub)
    refusals: list[Refusal | None] = []
    hub.watch(coming, A, None, lambda reply: refusals.append(reply.refusal))
    hub.follow(coming, "bot/shop", on=True)
    hub.close(leaving)
    assert [refusal and refusal.code for refusal in refusals] == ["overloaded"]
    assert host.detached == []
    host.answers.set()
    await host.until(attached + 1)
    await host.hears(lambda: "bot/shop" in host.followed)
    assert host.detached == [leaving.key]


async def test_who_comes_and_goes_while_a_link_is_full_leaves_nothing_on_it(host: FakeHost, hub: Hub) -> None:
    await watched(hub, session(hub))
    host.answers.clear()
    fill(hub)
    before = hub.links.to("host/0").backlog
    for _ in range(100):
        one = session(hub)
        hub.watch(one, A, None)
        hub.follow(one, "bot/shop", on=True)
        hub.close(one)
    assert hub.links.to("host/0").backlog == before
    assert hub._untold == {("host/0", "bot/shop")}


async def test_a_message_that_one_session_stumbles_over_does_not_hold_up_the_host(hub: Hub) -> None:
    def stumbles() -> None:
        raise ZeroDivisionError

    one, other = Session("agent", "alice", "Alice", stumbles), session(hub)
    hub.follow(one, "bot/shop", on=True)
    hub.follow(other, "bot/bank", on=True)
    announced = [encode(Announced(f"bot/{bot}", "", b"{}")) for bot in ("shop", "bank")]
    await asyncio.wait_for(hub.receive(splice("host/0", "first", 1, 0, announced)), 5)
    assert other.take() == [b"{}"]


async def test_when_all_are_dismissed_so_is_whoever_comes_then_and_what_was_sent_is_answered(hub: Hub) -> None:
    one = session(hub)
    hub.dismiss()
    assert one.closed
    assert session(hub).closed
    assert await hub.ping("host/0")


async def test_who_watches_again_while_a_link_is_full_is_detached_all_the_same(host: FakeHost, hub: Hub) -> None:
    one = session(hub)
    await watched(hub, one)
    host.answers.clear()
    host.came.clear()
    hub.follow(one, "bot/bank", on=True)
    await asyncio.wait_for(host.came.wait(), 5)
    fill(hub)
    hub.watch(one, A, None)
    hub.close(one)
    host.answers.set()
    await host.hears(lambda: host.detached == [one.key])


async def test_of_whom_nobody_watches_any_more_nothing_is_kept(host: FakeHost, hub: Hub) -> None:
    one = session(hub)
    await watched(hub, one)
    hub.close(one)
    assert hub._watchers == {}


async def test_the_lease_is_renewed_at_the_dedicated_hosts_of_what_is_watched_too(host: FakeHost) -> None:
    hub = Hub("gateway/0", Placement(1, dedicated=frozenset({"conversation"})), host.call)
    hub.start()
    await watched(hub, session(hub))
    assert set(hub._hosts()) == {"host/0", A}
    hub.stop()


async def test_what_is_for_actors_that_are_new_is_counted_on_its_way(hub: Hub) -> None:
    for number, new in enumerate((True, False, True)):
        hub.ask(ActorId(f"tally/{number}"), "visitor/v", "r", Add("one"), lambda reply: None, new)
    assert hub.links.to("host/0").strangers == 2


async def test_of_what_is_said_before_she_is_let_in_so_much_is_kept_and_no_more(host: FakeHost, hub: Hub) -> None:
    one = session(hub)
    host.answers.clear()
    answered = asyncio.Event()
    hub.watch(one, A, None, lambda reply: answered.set())
    await hub.receive(splice("host/0", "first", 1, 0, [encode(Pushed(A, "", TYPING))] * (EARLY_MAX + 1)))
    host.answers.set()
    await asyncio.wait_for(answered.wait(), 5)
    assert one.take() == [TYPING] * EARLY_MAX


async def test_those_who_follow_hear_of_every_change_a_moment_later(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.hub.LOBBY_SECONDS", 0.0)
    woken = asyncio.Event()
    one = Session("agent", "alice", "Alice", woken.set)
    hub.open(one)
    hub.follow(one, "bot/shop", on=True)
    for number in (1, 2):
        woken.clear()
        row = encode(Announced("bot/shop", A, b"%d" % number))
        await hub.receive(splice("host/0", "first", number, number - 1, [row]))
        await asyncio.wait_for(woken.wait(), 5)
        assert one.take() == [b'{"type":"lobby","bot":"shop","changed":[%d],"removed":[]}' % number]


async def test_who_has_stopped_sends_nothing_more(host: FakeHost, hub: Hub) -> None:
    await watched(hub, session(hub))
    for _ in range(9):  # whatever was to be said is
        await asyncio.sleep(0)
    host.came.clear()
    hub.ask(A, "visitor/v", "r", Add("one"), lambda reply: None)
    hub.stop()
    for _ in range(9):
        await asyncio.sleep(0)
    assert not host.came.is_set()

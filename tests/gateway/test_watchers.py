"""Who watches an actor hears of its events what may be heard: agents all, visitors what is public."""

from gateway.sessions import Role, Session, Watch
from gateway.watchers import Watchers, event_frame
from runtime.identity import ActorId
from runtime.messages import Published

A = ActorId("conversation/a")


def watching(role: Role) -> Watch:
    watch = Watch(Session(role, "x", "X", lambda: None))
    watch.caught_up(0)
    return watch


def frame(sequence: int, event: bytes) -> bytes:
    return b'{"type":"event","conversation":"a","sequence":%d,"at_ms":7,"event":%b}' % (sequence, event)


def test_visitors_are_sent_what_is_public_of_an_event_and_agents_all_of_it() -> None:
    watchers, agent, visitor = Watchers(A), watching("agent"), watching("visitor")
    for watch in (agent, visitor):
        watchers.add(watch)
    watchers.published(Published(A, 1, 7, b'{"n":1}'))
    watchers.published(Published(A, 2, 7, b'{"n":2,"why":"secret"}', b'{"n":2}'))
    watchers.published(Published(A, 3, 7, b'{"n":3}', b""))
    assert (agent.session.oldest_ms, visitor.session.oldest_ms) == (7, 7)
    assert agent.session.take() == [frame(1, b'{"n":1}'), frame(2, b'{"n":2,"why":"secret"}'), frame(3, b'{"n":3}')]
    assert visitor.session.take() == [frame(1, b'{"n":1}'), frame(2, b'{"n":2}')]


def test_who_watches_no_more_is_sent_nothing() -> None:
    watchers, agent, visitor = Watchers(A), watching("agent"), watching("visitor")
    assert not watchers
    for watch in (agent, visitor, agent):
        watchers.add(watch)
    assert list(watchers) == [agent, visitor], "each once"
    watchers.remove(agent.session)
    assert watchers
    watchers.published(Published(A, 1, 7, b"{}"))
    assert (agent.session.outbox, visitor.session.outbox) == ([], [frame(1, b"{}")])
    watchers.remove(visitor.session)
    assert not watchers


def test_a_name_that_looks_like_a_format_is_a_name() -> None:
    assert event_frame(ActorId("agent/50%d")) % (1, 7, b"{}") == frame(1, b"{}").replace(b'"a"', b'"50%d"')

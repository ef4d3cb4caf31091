"""Who watches what at a host."""

from runtime.attachments import Attachments
from runtime.identity import ActorId

A, B = ActorId("tally/a"), ActorId("tally/b")


def attached(*sessions: tuple[ActorId, str, str]) -> Attachments:
    some = Attachments()
    for actor, peer, session in sessions:
        some.attach(actor, peer, session, "visitor/v", True)
    return some


def test_an_actor_that_nobody_watches_has_no_peers() -> None:
    assert attached((B, "gateway/0", "s")).peers_of(A) is None


def test_a_session_counts_once_however_often_it_is_attached() -> None:
    some = Attachments()
    assert some.attach(A, "gateway/0", "s", "visitor/v", True)
    assert not some.attach(A, "gateway/0", "s", "visitor/v", True)
    assert some.count == 1
    assert some.sessions_of(A) == [("s", "visitor/v", True)]


def test_an_actor_has_a_peer_until_its_last_session_is_detached() -> None:
    some = attached((A, "gateway/0", "s"), (A, "gateway/0", "t"))
    assert some.detach(A, "gateway/0", "s") == ("s", "visitor/v", True)
    assert set(some.peers_of(A) or ()) == {"gateway/0"}
    assert some.detach(A, "gateway/0", "t") is not None
    assert some.peers_of(A) is None
    assert some.count == 0


def test_who_was_not_there_cannot_leave() -> None:
    some = attached((A, "gateway/0", "s"))
    assert some.detach(A, "gateway/1", "s") is None
    assert some.detach(B, "gateway/0", "s") is None
    assert some.detach(A, "gateway/0", "t") is None
    assert some.count == 1


def test_a_peer_that_is_forgotten_takes_its_sessions_along_and_no_others() -> None:
    some = attached((A, "gateway/0", "s"), (B, "gateway/0", "t"), (A, "gateway/1", "u"))
    some.follow("square", "gateway/0", True)
    some.follow("square", "gateway/1", True)
    gone = some.forget_peer("gateway/0")
    assert sorted((actor, session[0]) for actor, session in gone) == [(A, "s"), (B, "t")]
    assert set(some.peers_of(A) or ()) == {"gateway/1"}
    assert some.peers_of(B) is None
    assert some.followers("square") == {"gateway/1"}
    assert some.count == 1
    assert some.forget_peer("gateway/0") == []


def test_followers_of_a_topic_come_and_go() -> None:
    some = Attachments()
    assert some.followers("square") == set()
    some.follow("square", "gateway/0", True)
    assert some.followers("square") == {"gateway/0"}
    some.follow("square", "gateway/0", False)
    assert some.followers("square") == set()
    some.follow("elsewhere", "gateway/0", False)
    assert some.followers("elsewhere") == set()

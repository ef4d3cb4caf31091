"""Where an actor lives is known to every process without asking."""

from collections import Counter

from runtime.identity import SHARDS, ActorId, actor_id, key_of, kind_of, shard_of
from runtime.placement import Placement

PACKED = Placement(3)
MIXED = Placement(3, dedicated=frozenset({"agent"}), pools={"assistant": 4})
CONVERSATION, AGENT = actor_id("conversation", "c1"), actor_id("agent", "alice")


def test_an_address_is_its_kind_and_its_key() -> None:
    address = actor_id("conversation", "a/b")
    assert (kind_of(address), key_of(address)) == ("conversation", "a/b")


def test_a_shard_never_changes() -> None:
    # Journals and fences outlive every version: these numbers are part of the format.
    assert [shard_of(ActorId(name)) for name in ("conversation/c1", "agent/alice", "agent/Zoë")] == [55, 254, 6]


def test_every_shard_belongs_to_exactly_one_host() -> None:
    claimed = Counter(scope for host in PACKED.packed_hosts() for scope in PACKED.scopes_of(host))
    assert len(claimed) == SHARDS
    assert set(claimed.values()) == {1}


def test_a_packed_actor_lives_at_the_host_that_claims_its_scope() -> None:
    for number in range(200):
        actor = actor_id("conversation", str(number))
        assert PACKED.scope_of(actor) in PACKED.scopes_of(PACKED.host_of(actor))


def test_a_dedicated_actor_has_a_host_and_a_scope_of_its_own() -> None:
    assert MIXED.host_of(AGENT) == "agent/alice"
    assert MIXED.scope_of(AGENT) == "agent/alice"
    assert MIXED.scopes_of("agent/alice") == ["agent/alice"]
    assert MIXED.packed_host_of(AGENT) in MIXED.packed_hosts()
    assert MIXED.host_of(CONVERSATION) in MIXED.packed_hosts()


def test_hosts_share_actors_about_evenly() -> None:
    load = Counter(PACKED.host_of(actor_id("conversation", str(number))) for number in range(3_000))
    assert min(load.values()) > 800


def test_another_attempt_goes_to_another_worker() -> None:
    workers = [MIXED.worker_of("assistant", CONVERSATION, attempt) for attempt in range(4)]
    assert sorted(workers) == [f"assistant/{number}" for number in range(4)]
    assert MIXED.worker_of("assistant", CONVERSATION, 0) == workers[0]

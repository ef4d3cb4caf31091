"""What a client may submit at all: no actor is asked about the rest."""

import pytest

from gateway import frames as f
from gateway.errors import ProtocolError
from gateway.identity import Identity
from gateway.submission import need_right

ANN = Identity.of("visitor", "v", "Ann", "shop")
ALICE = Identity.of("agent", "alice", "Alice")


@pytest.mark.parametrize(
    ("identity", "key", "frame"),
    [
        (ANN, "v-1", f.TakeOver("r")),
        (ALICE, "v-1", f.Rate("r", score=5)),
        (ANN, "w-1", f.SendMessage("r", text="Hello")),
    ],
)
def test_what_is_another_roles_or_goes_to_a_strangers_conversation_is_forbidden(
    identity: Identity, key: str, frame: f.ClientFrame
) -> None:
    with pytest.raises(ProtocolError) as refused:
        need_right(identity, key, frame)
    assert refused.value.code == "forbidden"


def test_a_visitor_may_write_into_her_conversations_and_an_agent_into_all() -> None:
    need_right(ANN, "v-2", f.SendMessage("r", text="Hello"))
    need_right(ALICE, "v-2", f.SendMessage("r", text="Hello"))

"""A thousand agents take one conversation over at the same moment: one has it, and the others learn who."""

from actors import commands as c
from actors import events as e
from actors.agent import AgentMachine
from actors.assistant.commands import POOL, AnswerTurn, DropTurn
from actors.conversation import ConversationMachine
from actors.settings import AgentSettings, BotSettings, Settings
from actors.supervisor import SupervisorMachine
from runtime.identity import actor_id
from runtime.limits import HostLimits
from runtime.placement import Placement
from tests.simulation.simulation import Simulation
from tests.simulation.workers import Pool

AGENTS = [f"agent{number}" for number in range(1_000)]
SETTINGS = Settings(
    bots=[BotSettings(id="acme")], agents=[AgentSettings(id=name, name=name.upper(), bots=["acme"]) for name in AGENTS]
)


def test_of_a_thousand_at_once_one_wins_and_all_others_learn_who() -> None:
    simulation = Simulation(
        [ConversationMachine(SETTINGS), AgentMachine(SETTINGS), SupervisorMachine(SETTINGS)],
        Placement(1, pools={POOL: 1}),
        seed=1,
        limits=HostLimits(),
        pools={POOL: Pool([AnswerTurn, DropTurn], lambda *_: [])},
    )
    conversation = actor_id("conversation", "v-1")
    simulation.command("visitor/v", conversation, "open", c.Open("acme", e.Visitor("v")))
    simulation.settle(100)
    handles = [simulation.command(f"agent/{name}", conversation, "r1", c.TakeOver()) for name in AGENTS]
    simulation.settle(5_000)
    won = [handle for handle in handles if handle.acked]
    assert len(won) == 1
    winner = won[0].sender.removeprefix("agent/")
    owner = {"kind": "agent", "id": winner, "name": winner.upper()}
    lost = [handle.reply.refusal for handle in handles if handle.reply is not None and handle.reply.refusal is not None]
    assert [(why.code, why.detail) for why in lost] == [("conflict", {"owner": owner})] * 999
    assert [one.tries for one in handles] == [1] * 1_000
    assert simulation.checker.state(actor_id("agent", winner)).slots.keys() == {"v-1"}
    simulation.check()

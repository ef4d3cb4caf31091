"""The configuration of a server that a benchmark starts: one premium bot with an offline assistant, and its agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from argon2 import PasswordHasher

FAQ = """\
# Opening hours

We are open from Monday to Friday, nine to six.

# Refunds

Send an item back within thirty days and the money is returned to the card you paid with.

# Delivery

Parcels arrive after two to four working days; the tracking number comes by e-mail.

# Reservations

To book or change a table, a ticket or a room, ask for a person: an agent does it with you.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an agent logs in with."""

    id: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Setup:
    """What the generated configuration says. `settings` is appended to it as it is (TOML), `runtime` to its [runtime],
    `arguments` go to `up`. `model_url`: an OpenAI-compatible server that answers in the place of the offline assistant.
    """

    bot: str = "demo"
    placement: str = "packed"
    hosts: int = 1
    gateways: int = 1
    agents: int = 8
    capacity: int = 50
    offer_seconds: int = 30
    model_url: str = ""
    settings: str = ""
    runtime: str = ""
    arguments: Sequence[str] = ()

    def toml(self, credentials: Sequence[Credentials]) -> str:
        """Rate limits off, nothing said by itself, and offers missed in a fault do not send an agent away."""
        cheap = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        agents = "".join(
            f'\n[[agents]]\nid = "{agent.id}"\nname = "{agent.id.title()}"\nemail = "{agent.email}"\nrole = "agent"\n'
            f'bots = ["{self.bot}"]\ncapacity = {self.capacity}\npassword_hash = "{cheap.hash(agent.password)}"\n'
            for agent in credentials
        )
        return f"""\
[runtime]
hosts = {self.hosts}
gateways = {self.gateways}
{self.runtime}
[runtime.placement]
conversation = "{self.placement}"
agent = "{self.placement}"

[limits]
visitor_messages = 0

[[bots]]
id = "{self.bot}"
name = "Benchmark"
tier = "premium"
greeting = "Hello! How can I help?"
[bots.assistant]
{self._engine()}
paths = ["faq.md"]
[bots.escalation]
unanswered_turns = 100
[bots.routing]
offer_seconds = {self.offer_seconds}
sticky_seconds = 0
queue_max = 1000000
missed_offers_until_away = 1000
delay_message = ""
agent_greeting = ""
{agents}
{self.settings}
"""

    def _engine(self) -> str:
        if not self.model_url:
            return 'kind = "knowledge"'
        return f'kind = "openai"\nbase_url = "{self.model_url}"\nmodel = "any"'


def bot_table(id: str, tier: str = "basic", **routing: int) -> str:
    """One more bot with the offline assistant, in TOML, for `Setup.settings`; `routing` goes to its [bots.routing]."""
    told = "\n".join(f"{name} = {value}" for name, value in routing.items())
    return f"""
[[bots]]
id = "{id}"
name = "{id.title()}"
tier = "{tier}"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]
[bots.routing]
{told}
"""

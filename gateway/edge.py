"""What sockets and HTTP share: who a token is, and a visitor's conversations.

A visitor's conversations are numbered: `V-1`, `V-2`. Whoever writes after the close opens the next one, and since its
name is known, two windows that do so at once open one.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from actors import commands as c
from actors.events import Attachment, Visitor
from actors.settings import AgentSettings, BotSettings, Limits, Settings
from gateway import frames as f
from gateway.archive import Archive
from gateway.errors import ProtocolError
from gateway.hub import Hub
from gateway.identity import Identity, later, may_be_of, new_visitor, returning, successor
from gateway.ratelimit import Bound, Pace, RateLimit
from gateway.shown import shown_to
from gateway.submission import lead_on
from gateway.tokens import Claims, TokenError, Tokens, identity_ok
from runtime.clock import wall_clock_ms
from runtime.identity import ActorId, actor_id, key_of
from runtime.machine import Command
from runtime.messages import Reply

TYPED = 10
"""Letters, or pieces of a text, that are shown for each message."""


class Edge:
    """See the module."""

    def __init__(self, settings: Settings, hub: Hub, archive: Archive, tokens: Tokens) -> None:
        self.settings = settings
        self.hub = hub
        self.archive = archive
        self.tokens = tokens
        self.bounds = _bounds(settings.limits)
        self.attachments: Callable[[Sequence[str]], tuple[Attachment, ...]] = no_attachments
        self.logged_out: Callable[[Claims], bool] = lambda claims: False

    # Who

    def identify(self, token: str) -> Identity:
        """Who presents the token. Raises `unauthorized`."""
        try:
            claims = self.tokens.read(token, wall_clock_ms())
        except TokenError as why:
            raise ProtocolError("unauthorized", f"The token is {why.reason}. Log in again.") from None
        if claims.role == "agent":
            agent = self.settings.agent(claims.id)
            if self.logged_out(claims):
                raise ProtocolError("unauthorized", "You have logged out. Log in again.")
            if agent is None:
                raise ProtocolError("unauthorized", "There is no such agent any more.")
            return Identity.of("agent", agent.id, agent.name, claims=claims)
        if self.settings.bot(claims.bot or "") is None:
            raise ProtocolError("unauthorized", "There is no such bot any more.")
        return Identity.of("visitor", claims.id, claims.name or "", claims.bot or "", claims)

    def ended(self, identity: Identity) -> bool:
        """The token is past its time, or somebody has logged out with it, since it was presented."""
        claims = identity.claims
        if claims is None:
            return False
        return claims.expires_ms <= wall_clock_ms() or (claims.role == "agent" and self.logged_out(claims))

    def bot(self, bot: str) -> BotSettings:
        """The bot of that id. Raises `not_found`."""
        found = self.settings.bot(bot)
        if found is None:
            raise ProtocolError("not_found", f"There is no bot {bot!r}.")
        return found

    def agent(self, agent: str) -> AgentSettings:
        """The agent of that id. Raises `not_found`: whom nobody has configured has no actor, and must not get one."""
        found = self.settings.agent(agent)
        if found is None:
            raise ProtocolError("not_found", f"There is no agent {agent!r}.", field="agent")
        return found

    def serves(self, identity: Identity, bot: str) -> bool:
        """The agent is one of the bot's."""
        agent = self.settings.agent(identity.id) if identity.role == "agent" else None
        return agent is not None and bot in agent.bots

    # A visitor's conversations

    def visitor_id(self, bot: BotSettings, user_id: str | None, user_hmac: str | None) -> tuple[str, bool]:
        """A visitor's id, and whether the bot's owner vouches for it. Raises `forbidden` for a wrong `user_hmac`.

        Where the owner vouches for nobody, a `user_id` alone is mere words, and its visitor anybody.
        """
        if user_id is None and user_hmac is not None:
            raise ProtocolError("bad_request", "user_hmac proves a user_id, and there is none.", field="user_id")
        if user_id is None or (user_hmac is None and not bot.identity_secret_env):
            return new_visitor(wall_clock_ms()), False
        secret = os.environ.get(bot.identity_secret_env, "") if bot.identity_secret_env else ""
        if not secret or not identity_ok(secret, user_id, user_hmac or ""):
            raise ProtocolError("forbidden", "user_hmac does not prove user_id.", field="user_hmac")
        return "u" + hashlib.sha256(f"{bot.id}\n{user_id}".encode()).hexdigest()[:20], True

    async def begin(
        self, bot: BotSettings, visitor: Visitor, last: dict[str, Any] | None, new: bool = False
    ) -> tuple[str, bytes]:
        """A token, and the visitor's open conversation as JSON; a new one if the `last` is closed, or there was none.

        `new`: the visitor's name has just been made.
        """
        if last is not None and last["state"] != "closed":
            conversation = await self.ask(actor_id("conversation", last["id"]), f"visitor/{visitor.id}", c.Describe())
        else:
            if last is None and not new:
                key = returning(visitor.id, wall_clock_ms())
            else:
                key = successor(visitor.id, last["id"] if last is not None else None)
            opening = c.Open(bot.id, visitor, (last["last_agent"] if last is not None else None) or "")
            conversation = await self.open(key, opening, new)
            if last is not None and "conversation" not in self.hub.placement.dedicated:
                # A closed one that has a process of its own is not begun anew for windows that may not be there.
                lead_on(self.hub, actor_id("conversation", last["id"]), f"visitor/{visitor.id}", key)
        claims = Claims.of_visitor(visitor.id, bot.id, wall_clock_ms(), visitor.name or None)
        return self.tokens.issue(claims), conversation

    async def open(self, key: str, opening: c.Open, new: bool = False) -> bytes:
        """Open the conversation, durably. Its object as JSON."""
        actor, sender = actor_id("conversation", key), f"visitor/{opening.visitor.id}"
        return (await self.carry_out(actor, sender, opening, "open", new)).value or b"{}"

    async def describe(self, actor: ActorId, sender: str) -> dict[str, Any]:
        """An actor's object as it is now. Raises what the actor refuses with."""
        return await self.query(actor, sender, c.Describe())

    async def query(self, actor: ActorId, sender: str, query: Command) -> dict[str, Any]:
        """The answer to a query. Raises what the actor refuses with."""
        answer: dict[str, Any] = msgspec.json.decode(await self.ask(actor, sender, query))
        return answer

    async def ask(self, actor: ActorId, sender: str, query: Command) -> bytes:
        """The same as JSON."""
        return (await self.carry_out(actor, sender, query)).value or b"{}"

    async def carry_out(self, actor: ActorId, sender: str, command: Command, ref: str = "", new: bool = False) -> Reply:
        """The reply to a command that is done. Raises what the actor refuses with."""
        reply = await self.hub.request(actor, sender, ref, command, new)
        if reply.refusal is not None:
            raise ProtocolError.of(reply.refusal)
        return reply

    async def need_begun(self, identity: Identity, key: str) -> None:
        """Raises `not_found` for what a visitor has not come to yet, where whoever asks for it begins a process."""
        if identity.role == "agent" or "conversation" not in self.hub.placement.dedicated:
            return
        row = await self.archive.conversation_of(identity.id)
        if row is None or later(key, key_of(row.actor)):
            raise ProtocolError("not_found", f"There is no conversation {key!r}.")

    async def conversation(self, identity: Identity, key: str) -> dict[str, Any]:
        """A conversation's object, if the identity may see it. Raises `not_found` or `forbidden`."""
        if not may_be_of(identity, key):
            raise ProtocolError("forbidden", "That conversation is somebody else's.")
        await self.need_begun(identity, key)
        found = await self.describe(actor_id("conversation", key), identity.sender)
        if found.get("state") in (None, "new"):
            raise ProtocolError("not_found", f"There is no conversation {key!r}.")
        mine = identity.role == "visitor" and found["visitor"]["id"] == identity.id and found["bot"] == identity.bot
        if not mine and not self.serves(identity, found["bot"]):
            raise ProtocolError("forbidden", "That conversation is somebody else's.")
        return shown_to(found, identity.role)


def _bounds(limits: Limits) -> Mapping[type, Bound]:
    """How often a visitor may send what: everything that is journaled, or shown to all who watch, has a bound.

    What is not here has one by its nature: a read mark needs something unread, and a ping bothers nobody else.
    """
    count, seconds = limits.visitor_messages, limits.visitor_seconds
    if not count:
        return {}
    changes = RateLimit(count, seconds)
    return {
        f.SendMessage: RateLimit(count, seconds),
        **dict.fromkeys((f.RequestHuman, f.EndConversation, f.Rate, f.UpdateDetails), changes),
        f.SetTyping: Pace(count * TYPED, seconds),
    }


def no_attachments(ids: Sequence[str]) -> tuple[Attachment, ...]:
    """Where nothing can be uploaded, nothing can be attached."""
    raise ProtocolError("bad_request", "There is no such attachment.", field="attachments")

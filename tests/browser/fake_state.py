"""The fake server's world: conversations, agents and the commands that change them, in plain dictionaries.

Faithful to PROTOCOL.md as far as a browser can see. It knows no sockets: `emit` and `push` are handed in.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

FAQ = {
    "return": "You can return anything within 30 days, unused and in its box. The label is at https://example.com/returns.",
    "ship": "Orders leave our workshop within two working days. Shipping is free from €60.",
    "care": "Oil the board once a month with food-safe oil, and never put it into the dishwasher.",
}
numbers = itertools.count(1)


def now_ms() -> int:
    return int(time.time() * 1000)


class Rejected(Exception):
    def __init__(self, code: str, message: str, detail: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.detail = code, message, detail

    def body(self) -> dict[str, Any]:
        body = {"code": self.code, "message": self.message}
        return body | ({"detail": self.detail} if self.detail is not None else {})


class World:
    def __init__(self) -> None:
        self.conversations: dict[str, dict[str, Any]] = {}
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.open_of: dict[str, str] = {}
        self.agents = {
            name.lower(): {
                "id": name.lower(),
                "name": name,
                "email": f"{name.lower()}@demo.example",
                "role": role,
                "bots": ["demo", "demo-basic"] if role != "agent" else ["demo"],
                "status": "offline",
                "since_ms": now_ms(),
                "capacity": 3,
                "skills": skills,
                "offer": None,
            }
            for name, role, skills in (("Alice", "agent", ["billing"]), ("Bob", "agent", []), ("Mona", "manager", []))
        }
        self.quick_replies = [
            {
                "id": "q1",
                "shortcut": "hello",
                "text": "Hi {visitor.name}, this is {agent.name}. How can I help?",
                "bots": ["demo"],
            },
            {"id": "q2", "shortcut": "wait", "text": "One moment please, I am looking into it.", "bots": ["demo"]},
            {
                "id": "q3",
                "shortcut": "bye",
                "text": "Thanks for writing, {visitor.name}. Have a good day!",
                "bots": ["demo"],
            },
        ]
        self.outbox: list[tuple[str, Any, dict[str, Any]]] = []

    # -- what leaves: (kind, target, frame); the shell delivers after every command --------------------------------

    def emit(self, cid: str, kind: str, at_ms: int | None = None, **fields: Any) -> int:
        conversation = self.conversations[cid]
        sequence = conversation["last_sequence"] = conversation["last_sequence"] + 1
        at_ms = at_ms or now_ms()
        conversation["updated_at_ms"] = at_ms
        event = {"type": kind, **fields}
        self.events[cid].append({"sequence": sequence, "at_ms": at_ms, **event})
        self.outbox.append(
            ("event", cid, {"type": "event", "conversation": cid, "sequence": sequence, "at_ms": at_ms, "event": event})
        )
        return sequence

    def push(self, target: str, frame: dict[str, Any]) -> None:
        self.outbox.append(("push", target, frame))

    def own(self, cid: str, state: str, owner: dict[str, Any] | None) -> None:
        conversation = self.conversations[cid]
        conversation.update(state=state, owner=owner, epoch=conversation["epoch"] + 1, queue=None)
        if state == "queued":
            conversation["handoff"] = {"since_ms": now_ms()}
        self.positions(conversation["bot"])

    def positions(self, bot: str) -> None:
        waiting = [c for c in self.conversations.values() if c["bot"] == bot and c["state"] == "queued"]
        for position, c in enumerate(sorted(waiting, key=lambda c: (c["handoff"] or {}).get("since_ms", 0)), 1):
            queue = {"position": position, "eta_seconds": [position * 20, position * 60]}
            if c["queue"] != queue:
                c["queue"] = queue
                self.outbox.append(("event", c["id"], {"type": "queue_position", "conversation": c["id"], **queue}))

    # -- conversations ------------------------------------------------------------------------------------------

    def open(self, bot: str, visitor: dict[str, Any]) -> dict[str, Any]:
        cid = f"c{next(numbers):05d}"
        self.conversations[cid] = {
            "id": cid,
            "bot": bot,
            "state": "assistant",
            "owner": {"kind": "assistant"},
            "epoch": 1,
            "visitor": visitor,
            "tags": [],
            "opened_at_ms": now_ms(),
            "updated_at_ms": now_ms(),
            "closed_at_ms": None,
            "last_sequence": 0,
            "read": {"visitor": 0, "agent": 0},
            "queue": None,
            "preview": "",
            "resolution": None,
            "rating": None,
            "owes_since_ms": None,
            "handoff": None,
        }
        self.events[cid] = []
        self.open_of[visitor["id"]] = cid
        self.emit(cid, "conversation_opened", bot=bot, visitor=visitor)
        self.message(
            cid, "assistant", {"id": "assistant", "name": "Assistant"}, "Hi! I'm Fernhill's assistant. How can I help?"
        )
        return self.conversations[cid]

    def message(
        self,
        cid: str,
        sender: str,
        author: dict[str, Any],
        text: str,
        attachments: list[Any] | None = None,
        at_ms: int | None = None,
        **more: Any,
    ) -> int:
        conversation = self.conversations[cid]
        conversation["preview"] = text[:120]
        if sender == "visitor" and conversation["state"] == "live":
            conversation["owes_since_ms"] = conversation["owes_since_ms"] or at_ms or now_ms()
        if sender == "agent":
            conversation["owes_since_ms"] = None
        return self.emit(
            cid,
            "message_sent",
            at_ms,
            message_id=f"m{next(numbers)}",
            **{"from": sender},
            author=author,
            text=text,
            attachments=attachments or [],
            **more,
        )

    def answer(self, text: str) -> str:
        return next(
            (a for k, a in FAQ.items() if k in text.lower()),
            "I am not sure about that. Would you like to talk to a human?",
        )

    def load(self, agent: str) -> list[str]:
        return [c["id"] for c in self.conversations.values() if c["owner"] and c["owner"].get("id") == agent]

    def agent_view(self, agent: dict[str, Any]) -> dict[str, Any]:
        held = self.load(agent["id"])
        return {k: agent[k] for k in ("id", "name", "status", "since_ms", "capacity", "skills", "role")} | {
            "load": len(held),
            "conversations": held,
        }

    def request(self, cid: str, trigger: str, detail: str | None = None) -> int:
        sequence = self.emit(cid, "human_requested", trigger=trigger, detail=detail)
        self.own(cid, "queued", {"kind": "queue"})
        self.offer_next()
        return sequence

    def offer_next(self) -> None:
        for c in sorted(
            (c for c in self.conversations.values() if c["state"] == "queued" and not c.get("offered")),
            key=lambda c: (c["handoff"] or {}).get("since_ms", 0),
        ):
            for agent in self.agents.values():
                if (
                    agent["status"] == "online"
                    and not agent["offer"]
                    and c["bot"] in agent["bots"]
                    and agent["role"] == "agent"
                    and len(self.load(agent["id"])) < agent["capacity"]
                    and agent["id"] not in c.get("declined", [])
                ):
                    expires = now_ms() + 30_000
                    agent["offer"], c["offered"] = c["id"], agent["id"]
                    self.emit(c["id"], "offered", agent=agent["id"], expires_at_ms=expires)
                    self.push(
                        agent["id"],
                        {
                            "type": "offer",
                            "conversation": c["id"],
                            "bot": c["bot"],
                            "visitor": c["visitor"],
                            "trigger": "visitor",
                            "preview": c["preview"],
                            "expires_at_ms": expires,
                        },
                    )
                    break

    def end_offer(self, cid: str, outcome: str) -> None:
        holder = self.conversations[cid].pop("offered", None)
        if holder:
            self.agents[holder]["offer"] = None
            self.emit(cid, "offer_ended", agent=holder, outcome=outcome)
            if outcome == "withdrawn":
                self.push(holder, {"type": "offer_withdrawn", "conversation": cid, "reason": "taken"})

    def assign(self, cid: str, agent: dict[str, Any], how: str) -> int:
        who = {"id": agent["id"], "name": agent["name"]}
        sequence = self.emit(cid, "agent_assigned", agent=who, how=how, why="least loaded")
        self.own(cid, "live", {"kind": "agent", **who})
        return sequence

    def release(self, cid: str, reason: str) -> None:
        owner = self.conversations[cid]["owner"]
        if owner and owner["kind"] == "agent":
            self.emit(cid, "agent_released", agent={"id": owner["id"], "name": owner["name"]}, reason=reason)

    def close(self, cid: str, by: str, resolution: str | None, notes: str | None = None) -> int:
        conversation = self.conversations[cid]
        self.end_offer(cid, "withdrawn")
        self.release(cid, "closed")
        conversation.update(closed_at_ms=now_ms(), resolution=resolution)
        sequence = self.emit(cid, "conversation_closed", by=by, resolution=resolution, notes=notes)
        self.own(cid, "closed", None)
        self.open_of.pop(conversation["visitor"]["id"], None)
        return sequence

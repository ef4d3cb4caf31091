"""The commands of PROTOCOL.md's table, carried out on the fake server's world. Each returns (conversation, sequence)."""

from __future__ import annotations

from typing import Any

from tests.browser.fake_state import Rejected, World

Answer = tuple[str | None, int | None]


def visitor_command(world: World, visitor: dict[str, Any], command: dict[str, Any]) -> Answer:
    cid = world.open_of.get(visitor["id"])
    kind = command["type"]
    if kind == "rate":
        cid = cid or max(
            (c["id"] for c in world.conversations.values() if c["visitor"]["id"] == visitor["id"]), default=None
        )
        if cid is None:
            raise Rejected("not_found", "There is no conversation to rate.")
        world.conversations[cid]["rating"] = command["score"]
        return cid, world.emit(cid, "rated", score=command["score"], comment=command.get("comment"))
    if kind == "send_message" and cid is None:
        cid = world.open(visitor["bot"], visitor)["id"]
    if cid is None:
        raise Rejected("closed", "This conversation is closed.")
    conversation = world.conversations[cid]
    match kind:
        case "send_message":
            if len(command["text"]) > 8000:
                raise Rejected("too_large", "A message has at most 8,000 characters.")
            sequence = world.message(
                cid,
                "visitor",
                {"id": visitor["id"], "name": visitor["name"]},
                command["text"],
                command.get("attachments"),
            )
            if "human" in command["text"].lower() and conversation["state"] == "assistant":
                world.request(cid, "phrase", command["text"])
            return cid, sequence
        case "set_typing":
            for_agents = {
                "type": "typing",
                "conversation": cid,
                "from": "visitor",
                "active": command["active"],
                "text": command.get("text"),
            }
            world.outbox.append(("agents", cid, for_agents))
            return cid, None
        case "mark_read":
            conversation["read"]["visitor"] = command["sequence"]
            return cid, world.emit(cid, "read_marked", by="visitor", sequence=command["sequence"])
        case "request_human":
            if conversation["bot"] == "demo-basic":
                raise Rejected("basic_tier", "This bot has no live support.")
            if conversation["state"] != "assistant":
                raise Rejected("not_allowed", "A human is on the way.", {"state": conversation["state"]})
            return cid, world.request(cid, "visitor", command.get("reason"))
        case "end_conversation":
            return cid, world.close(cid, "visitor", None)
        case "update_details":
            details = {k: command[k] for k in ("name", "email", "attributes") if k in command}
            visitor.update(details)
            return cid, world.emit(cid, "details_changed", **details)
    raise Rejected("bad_request", f"Unknown command {kind}.", {"field": "type"})


def agent_command(world: World, agent: dict[str, Any], command: dict[str, Any]) -> Answer:
    kind, cid = command["type"], command.get("conversation")
    if kind == "set_status":
        return None, set_status(world, command.get("agent") or agent["id"], command["status"])
    conversation = world.conversations.get(cid or "")
    if conversation is None or conversation["bot"] not in agent["bots"]:
        raise Rejected("not_found", "There is no such conversation.")
    cid = conversation["id"]
    owner = conversation["owner"] or {}
    mine = owner.get("id") == agent["id"]
    author = {"id": agent["id"], "name": agent["name"]}
    if conversation["state"] == "closed" and kind not in ("add_note", "change_tags", "mark_read"):
        raise Rejected("closed", "This conversation is closed.")
    match kind:
        case "send_message":
            if not mine:
                raise Rejected("not_allowed", "You do not own this conversation.", {"state": conversation["state"]})
            return cid, world.message(cid, "agent", author, command["text"], command.get("attachments"))
        case "set_typing":
            world.outbox.append(
                (
                    "visitor",
                    cid,
                    {
                        "type": "typing",
                        "conversation": cid,
                        "from": "agent",
                        "name": agent["name"],
                        "active": command["active"],
                    },
                )
            )
            return cid, None
        case "mark_read":
            conversation["read"]["agent"] = max(conversation["read"]["agent"], command["sequence"])
            return cid, world.emit(cid, "read_marked", by="agent", sequence=command["sequence"])
        case "take_over":
            if conversation["state"] == "live" and agent["role"] == "agent":
                raise Rejected("conflict", f"{owner['name']} was first.", {"owner": owner})
            world.end_offer(cid, "accepted" if conversation.get("offered") == agent["id"] else "withdrawn")
            world.release(cid, "reassigned")
            return cid, world.assign(cid, agent, "takeover")
        case "accept_offer":
            if conversation.get("offered") != agent["id"]:
                raise Rejected("conflict", "This offer is over.", {"owner": owner})
            world.end_offer(cid, "accepted")
            return cid, world.assign(cid, agent, "offer")
        case "decline_offer":
            conversation.setdefault("declined", []).append(agent["id"])
            world.end_offer(cid, "declined")
            world.offer_next()
            return cid, conversation["last_sequence"]
        case "return_to_assistant":
            world.release(cid, "returned")
            world.own(cid, "assistant", {"kind": "assistant"})
            sequence = world.emit(cid, "returned_to_assistant", by=agent["id"], summary=command.get("summary"))
            world.offer_next()
            return cid, sequence
        case "transfer":
            world.release(cid, "transferred")
            if command.get("note"):
                world.emit(cid, "note_added", author=author, text=command["note"])
            if to := command.get("to_agent"):
                return cid, world.assign(cid, world.agents[to], "transfer")
            conversation["declined"] = [agent["id"]]
            return cid, world.request(cid, "transfer", command.get("skill"))
        case "assign":
            world.end_offer(cid, "withdrawn")
            world.release(cid, "reassigned")
            return cid, world.assign(cid, world.agents[command["agent"]], "assigned")
        case "close_conversation":
            sequence = world.close(cid, "agent", command["resolution"], command.get("notes"))
            world.offer_next()
            return cid, sequence
        case "add_note":
            return cid, world.emit(cid, "note_added", author=author, text=command["text"])
        case "change_tags":
            added = [t for t in command.get("add", []) if t not in conversation["tags"]]
            removed = [t for t in command.get("remove", []) if t in conversation["tags"]]
            conversation["tags"] = [t for t in conversation["tags"] if t not in removed] + added
            return cid, world.emit(cid, "tags_changed", added=added, removed=removed)
    raise Rejected("bad_request", f"Unknown command {kind}.", {"field": "type"})


def set_status(world: World, who: str, status: str) -> None:
    if status not in ("online", "busy", "away", "offline"):
        raise Rejected("bad_request", "No such status.", {"field": "status"})
    agent = world.agents[who]
    if agent["status"] != status:
        agent["status"] = status
        agent["since_ms"] = int(__import__("time").time() * 1000)
    world.outbox.append(("all_agents", None, {"type": "agent_status", "agent": who, "status": status}))
    world.offer_next()

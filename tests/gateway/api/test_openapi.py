"""The description is complete, well-formed, and true of what is answered."""

from typing import Any

import jsonschema
import pytest
from starlette.routing import Route

from gateway import pages
from gateway.api import ENDPOINTS, openapi
from gateway.api.operations import OPERATIONS
from tests.gateway.api.system import System

pytestmark = pytest.mark.anyio


def served() -> set[tuple[str, str]]:
    routes = [route for route in pages.routes() if isinstance(route, Route)]
    shown = {(method, route.path) for route in routes for method in route.methods or () if method != "HEAD"}
    return shown | {(method, path) for path, by in ENDPOINTS.items() for method in by}


async def test_every_endpoint_is_described_and_nothing_else() -> None:
    assert {(method, path) for path, by in OPERATIONS.items() for method in by} == served()


async def test_it_is_served_and_every_reference_leads_somewhere(system: System) -> None:
    found = await system.call("GET", "/openapi.json")
    assert found["openapi"] == "3.1.0"
    for reference in references(found):
        place: Any = found
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


async def test_operations_have_names_of_their_own() -> None:
    paths = openapi.description()["paths"]
    names = [one["operationId"] for by in paths.values() for one in by.values()]
    assert len(names) == len(set(names))


async def test_every_schema_is_one() -> None:
    for schema in openapi.description()["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


class Checker:
    """Asks, and compares the answer with what the description says of it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._document = openapi.description()
        self.asked: set[tuple[str, str]] = set()

    async def ask(self, method: str, path: str, token: str = "", **options: Any) -> Any:
        names = options.pop("names", {})
        answer = await self._system.ask(method, path.format(**names), token, **options)
        operation = self._document["paths"][path][method.lower()]
        described = operation["responses"][str(answer.status_code)]
        if "content" in described:
            kind = answer.headers["content-type"].partition(";")[0]
            content = described["content"].get(kind) or described["content"]["*/*"]
            if kind == "application/json":
                schema = {**content["schema"], "components": self._document["components"]}
                jsonschema.Draft202012Validator(schema).validate(answer.json())
        self.asked.add((method, path))
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else None


async def test_answers_are_as_described(system: System) -> None:
    check = Checker(system)
    login = {"email": "mara@shop.example", "password": "a word"}
    mara = (await check.ask("POST", "/api/login", json=login))["token"]
    await check.ask("POST", "/api/login", json={})
    system.http.cookies.clear()
    arrived = await check.ask("POST", "/api/bots/{bot}/visitors", names={"bot": "shop"}, json={"name": "Ann"})
    ann, names = arrived["token"], {"conversation": arrived["conversation"]["id"], "bot": "shop", "agent": "mara"}
    path = "/api/conversations/{conversation}"
    commands: list[tuple[str, dict[str, Any]]] = [
        (ann, {"type": "send_message", "text": "Hello"}),
        (ann, {"type": "request_human"}),
        (mara, {"type": "take_over"}),
        (mara, {"type": "add_note", "text": "a note"}),
        (mara, {"type": "change_tags", "add": ["vip"]}),
        (mara, {"type": "dance"}),
    ]
    await check.ask("PUT", "/api/agents/{agent}/status", mara, names=names, json={"status": "online"})
    for number, (token, body) in enumerate(commands):
        await check.ask("POST", path + "/commands", token, names=names, json={"ref": f"r{number}", **body})
    file = {"file": ("a.txt", b"x", "text/plain")}
    sent = await check.ask("POST", path + "/attachments", ann, names=names, files=file)
    await check.ask("GET", "/api/attachments/{attachment}", names={"attachment": sent["attachment"]["id"]})
    for token in (ann, mara):
        for place in ("/api/me", "/api/conversations", path, path + "/events"):
            await check.ask("GET", place, token, names=names)
    for place in ("/api/bots/{bot}/queue", "/api/bots/{bot}/telegram"):
        await check.ask("GET", place, mara, names=names)
        await check.ask("GET", place, names=names)
    await check.ask("POST", "/telegram/{bot}", names=names, json={"update_id": 1})
    for place in ("/api/bots", "/api/agents", "/api/agents/{agent}", "/api/quick-replies"):
        await check.ask("GET", place, mara, names=names)
        await check.ask("GET", place, names=names)
    for place in ("/api/agents", "/api/quick-replies"):
        await check.ask("GET", place, mara, params={"bot": "another's"})
    for place in ("/api/reports/agents", "/api/reports/bots"):
        await check.ask("GET", place, mara)
        await check.ask("GET", place, mara, params={"format": "csv"})
        await check.ask("GET", place, mara, params={"from_ms": "soon"})
    reply = await check.ask("POST", "/api/quick-replies", mara, json={"shortcut": "x", "text": "x"})
    names["reply"] = reply["id"]
    await check.ask("PUT", "/api/quick-replies/{reply}", mara, names=names, json={"shortcut": "y", "text": "y"})
    await check.ask("DELETE", "/api/quick-replies/{reply}", mara, names=names)
    for place in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/dashboard", "/widget.js"):
        await check.ask("GET", place)
    await check.ask("POST", "/api/logout")
    assert served() - check.asked == {("GET", path + "/stream")}, "which does not end, and has tests of its own"

"""`/openapi.json`: the table of operations and the schemas, put together as OpenAPI 3.1."""

import re
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.answers import json_headers, raw_json
from gateway.api.context import Api
from gateway.api.operations import OPERATIONS, Operation
from gateway.api.schemas import Schema, components, ref
from gateway.errors import STATUS

ALWAYS = ("overloaded",)
HEADERS = json_headers(
    {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "*"}
)
ABOUT = "Live support for AI chat bots. Times end in `_ms`; ids are opaque; unknown fields are ignored."


async def openapi(api: Api, request: Request) -> Response:
    """The description of every endpoint."""
    return raw_json(_encoded(), headers=HEADERS)


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(description())


def description() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Livesupport", "version": "1", "description": ABOUT},
        "paths": {
            path: {method.lower(): _operation(path, method, one) for method, one in by_method.items()}
            for path, by_method in OPERATIONS.items()
        },
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "livesupport"},
            },
        },
    }


def _operation(path: str, method: str, one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _name(method, path),
        "summary": one.does,
        "parameters": [*_path_parameters(path), *_query_parameters(one)],
        "responses": {str(one.status): _answer(one), **_errors(one)},
        "security": [] if one.public else [{"bearer": []}, {"cookie": []}],
    }
    if one.body is not None:
        described["requestBody"] = {"required": True, "content": {one.body_type: {"schema": one.body}}}
    return described


def _name(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", path)]).replace("-", "_")


def _path_parameters(path: str) -> list[Schema]:
    names = re.findall(r"{(\w+)}", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(one: Operation) -> list[Schema]:
    return [{"name": name, "in": "query", "schema": schema} for name, schema in one.query.items()]


def _answer(one: Operation) -> Schema:
    if one.answer is None:
        return {"description": "Done."}
    other = {one.other_type: {"schema": {"type": "string"}}} if one.other_type else {}
    return {"description": "Done.", "content": {one.answer_type: {"schema": one.answer}, **other}}


def _errors(one: Operation) -> dict[str, Schema]:
    """By status: codes share some."""
    codes = {*one.errors, *ALWAYS}
    codes |= {"bad_request"} if one.body is not None or one.query else set()
    codes |= {"unauthorized"} if not one.public else set()
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        by_status.setdefault(STATUS[code], []).append(code)
    content = {"application/json": {"schema": ref("Error")}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in names), "content": content}
        for status, names in sorted(by_status.items())
    }

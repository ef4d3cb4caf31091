"""A request as the front hands it to the endpoints: Starlette's, whose headers are found by name, not searched for."""

from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive, Scope, Send


class Asked(Request):
    """A browser sends a dozen headers, and an endpoint asks for five: most of them are not there."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__(scope, receive, send)
        self._by_name = _ByName(scope=scope)

    @property
    def headers(self) -> Headers:
        """Starlette's, and of those with the same name the first."""
        return self._by_name


class _ByName(Headers):
    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._first: dict[bytes, bytes] = dict(reversed(self._list))

    def get(self, key: str, default: Any = None) -> Any:
        value = self._first.get(key.lower().encode("latin-1"))
        return default if value is None else value.decode("latin-1")

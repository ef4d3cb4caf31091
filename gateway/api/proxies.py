"""Who is at the other end, when there are proxies between: only what a trusted proxy has written is believed."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address, ip_network

from starlette.requests import HTTPConnection

ADDRESSES_KEPT = 10_000
"""Of the last ones it is remembered whether they are trusted."""


class Proxies:
    """`trusted` are addresses or networks."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted = [ip_network(one, strict=False) for one in trusted]
        self.trusts = lru_cache(ADDRESSES_KEPT)(self._trusts)

    def client_of(self, connection: HTTPConnection) -> str:
        """The client's address: the last one in `X-Forwarded-For` that no trusted proxy has."""
        address = _peer(connection)
        if not self.trusts(address):
            return address
        hops = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
        while hops and self.trusts(address):
            hop = hops.pop().strip()
            if not _is_address(hop):
                break
            address = hop
        return address

    def is_https(self, connection: HTTPConnection) -> bool:
        """The client came over TLS, as far as the server or a trusted proxy knows."""
        if connection.url.scheme in ("https", "wss"):
            return True
        return self.trusts(_peer(connection)) and connection.headers.get("x-forwarded-proto") == "https"

    def _trusts(self, address: str) -> bool:
        """The address is a trusted proxy's."""
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def _peer(connection: HTTPConnection) -> str:
    client = connection.scope.get("client")
    return client[0] if client is not None else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

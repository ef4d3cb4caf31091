"""Which addresses are counted together, where there is a bound for each."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

ADDRESSES_KEPT = 10_000
SUBSCRIBER_BITS = 64
"""Of IPv6: whoever has one address of such a network has all of it."""


@lru_cache(ADDRESSES_KEPT)
def crowd_of(address: str) -> str:
    """The address, or the network of its subscriber; empty: it is not counted.

    That is what is no address of the internet. It is of this machine or of a network of one's own, and may be a proxy's
    that nobody has named in `trusted_proxies`: behind it is everybody.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if not found.is_global:
        return ""
    return str(found) if found.version == 4 else str(ip_network((found, SUBSCRIBER_BITS), strict=False))

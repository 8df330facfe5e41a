"""Whose call it is by its address, also behind proxies that are trusted to say it.

Each proxy appends to ``X-Forwarded-For`` the address that called it. So the list is read from its
end, and the first address that is no trusted proxy is the client: whatever a client sends
itself stands before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
_MOST_HOPS = 32


def client_of(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the client's address; `forwarded` are the ``X-Forwarded-For`` headers in order."""
    client = _address(peer)
    if client is None:
        return peer[:64]
    hops = [hop for header in forwarded for hop in header.split(",")]
    for hop in reversed(hops[-_MOST_HOPS:]):
        if not any(client in network for network in trusted):
            break
        before = _address(hop.strip())
        if before is None:  # a proxy that says nonsense of its caller: then it is the client
            break
        client = before
    return str(client)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address, also with a port; an IPv4 one that IPv6 wraps is that IPv4 one."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found

"""Which compressions who asks can read."""

from __future__ import annotations

from starlette.requests import Request

_NOT = {"q=0", "q=0.0", "q=0.00", "q=0.000"}


def taken(request: Request) -> set[str]:
    """Return the codings that an answer may have; a ``*`` is read as gzip, which all know."""
    found = set()
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if weight.replace(" ", "") not in _NOT:
            found.add(coding.strip())
    return found | {"gzip"} if "*" in found else found

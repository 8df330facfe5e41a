"""How both clients reach the orchestrator: address, token, time limits; and how programs step."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Generic, TypeVar

import httpx

from secretflow_worker.client.calls import Call
from secretflow_worker.client.errors import ClientError
from secretflow_worker.client.programs import Patience, Program, Step

T = TypeVar("T")
PREFIX = "/api/v1"
Token = str | Callable[[], str]
"""An API token, or what returns it anew for every call: a token that is replaced at times."""


@dataclass(frozen=True)
class Connection:
    """Where the orchestrator is. Durations in seconds."""

    url: str
    token: Token
    timeout_s: float = 30.0
    """Of one exchange."""
    retries: int = 3
    """How often a call is repeated that may be."""
    silence_s: float = 300.0
    """How long waiting for a chain bears that nobody answers, such as during a restart."""
    verify: ssl.SSLContext | bool = True

    def __post_init__(self) -> None:
        """Check the address.

        Raises:
            ClientError: it is none.
        """
        try:
            parsed = httpx.URL(self.url)
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ClientError(
                "CONFIG_INVALID",
                f"{self.url!r} is no address of an orchestrator",
                hint="such as http://127.0.0.1:8000",
            )

    @property
    def place(self) -> str:
        """The address as people write it."""
        return self.url.rstrip("/").removesuffix(PREFIX)

    @property
    def patience(self) -> Patience:
        return Patience(self.place, self.retries, self.silence_s, renews_token=callable(self.token))

    def settings(self) -> dict[str, Any]:
        """Return the keyword arguments of an ``httpx`` client."""
        return {
            "base_url": self.place + PREFIX,
            "timeout": self.timeout_s,
            "verify": self.verify,
            # A proxy of the environment has no way to this machine's own loopback.
            "trust_env": not _is_loopback(httpx.URL(self.url).host),
        }

    def request(self, http: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> httpx.Request:
        """Return a call as ``httpx`` sends it."""
        token = self.token if isinstance(self.token, str) else self.token()
        fields = call.request()
        fields["headers"] = {**fields["headers"], "Authorization": f"Bearer {token}"}
        timeout = httpx.Timeout(self.timeout_s, read=call.read_timeout_s or self.timeout_s)
        return http.build_request(url=call.path, timeout=timeout, **fields)


class Stepper(Generic[T]):
    """Runs a program from step to step; `step` is None once it has ended with `result`."""

    result: T

    def __init__(self, program: Program[T]) -> None:
        self._program = program
        self.step: Step | None = None
        self.go_on(None)

    def go_on(self, outcome: Any) -> None:
        """Tell the program what its step led to."""
        try:
            self.step = self._program.send(outcome)
        except StopIteration as end:
            self.step, self.result = None, end.value

    def lose(self, lost: httpx.TransportError) -> None:
        """Tell the program that its step lost the connection."""
        try:
            self.step = self._program.throw(lost)
        except StopIteration as end:
            self.step, self.result = None, end.value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

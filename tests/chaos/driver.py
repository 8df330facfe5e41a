"""A user of the API, who makes chains, runs them, and acts on them, however often it fails."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx import Client, Response, TransportError

from tests.chaos.chains import Case, Deed
from tests.chaos.services import Web

_ENDS = {"SUCCESS", "FAILURE", "CANCELLED"}
_CALL_S = 3.0


@dataclass
class Running:
    """A case on its way."""

    case: Case
    left: list[Deed] = field(default_factory=list)
    chain_id: str = ""
    executed_at: float | None = None
    status: str = ""

    @property
    def has_ended(self) -> bool:
        if any(deed.word == "retry" for deed in self.left):
            return self.status == "SUCCESS"  # by luck, or there is yet something to mend
        return self.status in _ENDS and not self.left


class Driver:
    """Calls one orchestrator after the other; a call that was not answered is made again."""

    def __init__(self, webs: Sequence[Web]) -> None:
        self._clients = [Client(base_url=web.url, timeout=_CALL_S) for web in webs]
        self._turn = itertools.cycle(self._clients)
        self.running: list[Running] = []
        self.answers: Counter[str] = Counter()
        self.faults: set[str] = set()
        """What no orchestrator may ever answer."""

    def sign_in(self, links: Sequence[str]) -> None:
        """Exchange the newest of the first links for a token that outlives restarts."""
        first = self._clients[0]
        begun = next(
            answered
            for link in links
            if (answered := first.post("/auth/link", json={"token": link})).status_code == 200
        )
        headers = {"X-CSRF-Token": begun.json()["csrf_token"]}
        made = first.post("/tokens", json={"label": "chaos", "role": "admin"}, headers=headers)
        assert made.status_code == 201, made.text
        first.cookies.clear()
        for client in self._clients:
            client.headers["Authorization"] = f"Bearer {made.json()['token']}"

    def add(self, cases: Sequence[Case]) -> None:
        self.running += [Running(case, list(case.deeds)) for case in cases]

    @property
    def has_ended(self) -> bool:
        return all(each.has_ended for each in self.running)

    def tick(self) -> None:
        """Make one call for each chain that is on its way."""
        for each in self.running:
            if not each.has_ended:
                self._go_on(each)

    def _go_on(self, each: Running) -> None:
        key = {"Idempotency-Key": each.case.name}
        if not each.chain_id:
            made = self._ask("POST", "/chains/", json=each.case.document, headers=key)
            if made is not None and self._is_fine(made, {200}):
                each.chain_id = made.json()["chain_id"]
        elif each.executed_at is None:
            begun = self._ask("POST", f"/chains/{each.chain_id}/execute", headers=key)
            if begun is not None and self._is_fine(begun, {200}):
                each.executed_at = time.monotonic()
        elif not self._act(each, each.executed_at):
            shown = self._ask("GET", f"/chains/{each.chain_id}")
            if shown is not None and self._is_fine(shown, {200}):
                each.status = shown.json()["status"]

    def _act(self, each: Running, executed_at: float) -> bool:
        """Do what is due to a chain; returns whether there was something."""
        if not each.left:
            return False
        deed = each.left[0]
        is_due = (
            each.status == "FAILURE"
            if deed.word == "retry"
            else time.monotonic() - executed_at >= deed.after_s
        )
        if not is_due:
            return False
        place = f"/chains/{each.chain_id}"
        how: dict[str, Callable[[], Response | None]] = {
            "cancel": lambda: self._ask("DELETE", place),
            "retry": lambda: self._ask("POST", f"{place}/retry"),
        }
        done = how.get(deed.word, lambda: self._ask("POST", f"{place}/{deed.word}"))()
        # 409: it was done by a call whose answer was lost, or the chain has ended meanwhile.
        if done is not None and self._is_fine(done, {200, 409}):
            each.left.pop(0)
            each.status = ""
        return True

    def _ask(self, method: str, path: str, **more: Any) -> Response | None:
        try:
            answered = next(self._turn).request(method, path, **more)
        except TransportError as fault:
            self.answers[type(fault).__name__] += 1
            return None
        self.answers[str(answered.status_code)] += 1
        return answered

    def _is_fine(self, answered: Response, expected: set[int]) -> bool:
        if answered.status_code in expected:
            return True
        if answered.status_code != 503:
            request = answered.request
            self.faults.add(f"{request.method} {request.url.path}: {answered.text}")
        return False

    def close(self) -> None:
        for client in self._clients:
            client.close()


@contextmanager
def open_driver(webs: Sequence[Web]) -> Iterator[Driver]:
    """Sign in at the first orchestrator, and use all of them."""
    driver = Driver(webs)
    try:
        driver.sign_in([web.link for web in webs])
        yield driver
    finally:
        driver.close()

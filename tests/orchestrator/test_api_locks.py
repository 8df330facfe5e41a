"""Whoever writes a chain holds up nobody else while its document is checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.orchestrator.services import chains
from secretflow_worker.orchestrator.services.template_documents import built_in
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.orchestrator.services.yaml_documents import write_yaml
from tests.orchestrator.api_site import Site
from tests.orchestrator.documents import chain, psi

ONE = chain(psi())
EXECUTION = {"task_type": "psi", "parties": ["alice", "bob"], **psi()["task_params"]}
KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


class Checks:
    """Validates, and looks each time whether another program could write just then."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.count = 0

    def __call__(self, document: object) -> Any:
        self.count += 1
        with sqlite3.connect(self._file, timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
            other.rollback()
        return validate(document)


@pytest.fixture
def checks(site: Site, monkeypatch: pytest.MonkeyPatch) -> Checks:
    checks = Checks(Path(site.database.engine.url.database or ""))
    monkeypatch.setattr(chains, "validate", checks)
    return checks


def test_nobody_waits_while_a_document_is_checked(site: Site, checks: Checks) -> None:
    made = site.ask("olga", "POST", "/chains/", json=ONE)
    place = f"/chains/{made.json()['chain_id']}"
    yaml = {"content": write_yaml(ONE), "headers": {"Content-Type": "application/yaml"}}
    any_version = {"headers": {"If-Match": "*"}}
    for method, path, more in (
        ("PUT", place, {"json": ONE, **any_version}),
        ("POST", f"{place}/rollback", {"json": {"version": 1}, **any_version}),
        ("POST", f"{place}/clone", {}),
        ("POST", "/chains/import", yaml),
        ("POST", "/executions", {"json": EXECUTION}),
        ("POST", "/templates/psi/chains", {"json": built_in()["psi"].examples()}),
    ):
        before = checks.count
        answered = site.ask("olga", method, path, **more)
        assert answered.is_success, (path, answered.text)
        assert checks.count == before + 1, path


def test_what_was_answered_is_not_checked_again(site: Site, checks: Checks) -> None:
    first = site.ask("olga", "POST", "/chains/", json=ONE, headers=KEY)
    again = site.ask("olga", "POST", "/chains/", json=ONE, headers=KEY)
    assert first.json() == again.json()
    assert checks.count == 1
    other = site.ask("olga", "POST", "/chains/", json=chain(psi("b")), headers=KEY)
    assert other.json()["code"] == "KEY_REUSED"


def test_what_may_not_be_changed_is_not_checked(site: Site, checks: Checks) -> None:
    made = site.ask("olga", "POST", "/chains/", json=ONE)
    place = f"/chains/{made.json()['chain_id']}"
    headers = {"If-Match": '"1"'}
    assert site.ask("otto", "PUT", place, json=ONE, headers=headers).status_code == 403
    rollback = f"{place}/rollback"
    assert (
        site.ask("otto", "POST", rollback, json={"version": 1}, headers=headers).status_code == 403
    )
    assert checks.count == 1
    assert site.ask("olga", "PUT", place, json=ONE, headers=headers).json()["version"] == 2
    stale = site.ask("olga", "POST", rollback, json={"version": 1}, headers=headers)
    assert stale.json()["code"] == "STALE_VERSION"

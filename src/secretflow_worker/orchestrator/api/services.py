"""What the calls work with, made once for an application."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from secretflow_worker.broker.telemetry import OFF, Telemetry
from secretflow_worker.orchestrator.api.metrics import Metrics
from secretflow_worker.orchestrator.api.metrics_workers import Depths
from secretflow_worker.orchestrator.api.stream import Watch
from secretflow_worker.orchestrator.services.accounts import Accounts
from secretflow_worker.orchestrator.services.chains import Chains
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.idempotency import Idempotency
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.reuse import Reuse
from secretflow_worker.orchestrator.services.runs import Clock, Runs
from secretflow_worker.orchestrator.services.schedules import Schedules
from secretflow_worker.orchestrator.services.sign_in import SignIn
from secretflow_worker.orchestrator.services.templates import Templates
from secretflow_worker.orchestrator.services.tokens import Tokens
from secretflow_worker.orchestrator.settings import WebSettings
from secretflow_worker.orchestrator.store.database import Database


@dataclass(frozen=True)
class Services:
    """`wake` makes the relay send at once; `checks` say by an exception what is not ready."""

    settings: WebSettings
    database: Database
    accounts: Accounts
    sign_in: SignIn
    tokens: Tokens
    idempotency: Idempotency
    chains: Chains
    templates: Templates
    schedules: Schedules
    control: Control
    parties: Parties
    watch: Watch
    metrics: Metrics
    telemetry: Telemetry = OFF
    clock: Clock = time.time
    wake: Callable[[], None] = lambda: None
    checks: Mapping[str, Callable[[], object]] = field(default_factory=dict)


def make_services(
    settings: WebSettings,
    database: Database,
    *,
    runs: Runs | None = None,
    parties: Parties | None = None,
    depths: Depths | None = None,
    clock: Clock = time.time,
    wake: Callable[[], None] = lambda: None,
    checks: Mapping[str, Callable[[], object]] | None = None,
    telemetry: Telemetry = OFF,
) -> Services:
    """Make the services over a database that has the newest schema."""
    runs, parties = runs or Runs(database, clock), parties or Parties(None)
    return Services(
        settings=settings,
        database=database,
        accounts=Accounts(database, settings.link_lifetime_s, clock),
        sign_in=SignIn(database, settings.session_lifetime_s, clock),
        tokens=Tokens(database, clock),
        idempotency=Idempotency(database, settings.idempotency_lifetime_s, clock),
        chains=Chains(database, clock),
        templates=Templates(database, clock),
        schedules=Schedules(database, clock),
        control=Control(database, runs, clock, Reuse(database, parties)),
        parties=parties,
        watch=Watch(database),
        metrics=Metrics(database, clock, parties, depths),
        telemetry=telemetry,
        clock=clock,
        wake=wake,
        checks=checks or {},
    )

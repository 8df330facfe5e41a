"""The services of one orchestrator, called by hand and at a time that tests set."""

from __future__ import annotations

from typing import Any

from secretflow_worker.contract.names import QUEUE
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.reconciler import Reconciler
from secretflow_worker.orchestrator.services.relay import Relay
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.stored import store_chain

PATIENCE_S = 30.0


class Time:
    """A clock that tests put forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class House:
    """The services of one orchestrator, called by hand."""

    def __init__(self, database: Database, broker: Broker, clock: Time) -> None:
        self.database, self.broker, self.clock = database, broker, clock
        self.runs = Runs(database, clock)
        self.relay = Relay(database, broker, clock=clock)
        self.reconciler = Reconciler(database, broker, self.runs, PATIENCE_S, clock)

    def waiting(self) -> int:
        return int(self.broker.redis.llen(QUEUE))

    def look(self) -> None:
        """Let so much time pass that silence is noticed, and look for what is lost."""
        self.clock.now += PATIENCE_S + 1
        self.reconciler.look_for_lost()
        self.relay.send_some()


def document(count: int = 1, **retry: Any) -> dict[str, Any]:
    tasks = [
        {"task_id": f"t{number}", "task_type": "psi", "task_params": {"task_config": {}}}
        for number in range(count)
    ]
    options = {"parties": ["alice", "bob"], "retry_policy": {"backoff_s": 1, **retry}}
    return {"chain_name": "lost", "tasks": tasks, "options": options}


def begin(house: House, **more: Any) -> str:
    store_chain(house.database, document(**more))
    run_id = house.runs.start("c-1", by="me")
    house.relay.send_some()
    return run_id

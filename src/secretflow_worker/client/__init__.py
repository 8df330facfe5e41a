"""A client of the orchestrator, typed, in two forms: one that blocks and one that awaits.

::

    with Client("http://127.0.0.1:8000", token) as client:
        chain = client.chains.run(Path("chain.yaml"), on_progress=print)
        print(chain.results["psi"]["intersection_count"])

``errors`` draws the tree of what a call can end with.
"""

from secretflow_worker.client.answers import Chain, DryRun, Event, Line, Task, TaskDetails
from secretflow_worker.client.awaiting import AsyncClient
from secretflow_worker.client.blocking import Client
from secretflow_worker.client.errors import (
    ChainCancelled,
    ChainEnded,
    ChainFailed,
    ClientError,
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    NotReady,
    Refused,
    ServerFault,
    StaleVersion,
    Unauthenticated,
    Unreachable,
    WaitTimeout,
)

__all__ = [
    "AsyncClient",
    "Chain",
    "ChainCancelled",
    "ChainEnded",
    "ChainFailed",
    "Client",
    "ClientError",
    "Conflict",
    "DryRun",
    "Event",
    "Fault",
    "Forbidden",
    "Invalid",
    "Line",
    "NotFound",
    "NotReady",
    "Refused",
    "ServerFault",
    "StaleVersion",
    "Task",
    "TaskDetails",
    "Unauthenticated",
    "Unreachable",
    "WaitTimeout",
]

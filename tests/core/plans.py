"""Plans of runs for the tests of the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from secretflow_worker.contract.chain import parse_chain
from secretflow_worker.orchestrator.core.expand import make_plan
from secretflow_worker.orchestrator.core.model import RunPlan

RUN = "r-1"


def plan_of(graph: Mapping[str, Sequence[str]], /, **options: Any) -> RunPlan:
    """Return the plan of a chain of ``psi`` tasks; ``tasks`` changes fields of some of them."""
    changes: Mapping[str, Mapping[str, Any]] = options.pop("tasks", {})
    document = {
        "chain_name": "test",
        "tasks": [
            {
                "task_id": task_id,
                "task_type": "psi",
                "depends_on": list(depends_on),
                "task_params": {"task_config": {}},
                **changes.get(task_id, {}),
            }
            for task_id, depends_on in graph.items()
        ],
        "options": {"parties": ["alice", "bob"], **options},
    }
    return make_plan(parse_chain(document), RUN, "c-1")

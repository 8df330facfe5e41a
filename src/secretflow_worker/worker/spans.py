"""What the worker tells of a message in a trace: its own part, and its parties' stages.

Parties send nothing themselves: they tell their supervisor when a stage begins, and the worker
makes spans of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from secretflow_worker.broker.telemetry import Place, Span, Telemetry
from secretflow_worker.contract.events import Stage
from secretflow_worker.engine import RunProgress
from secretflow_worker.worker.keys import Execution

_MOST_STAGES = 32


@dataclass
class MessageSpans:
    """Of one message. Without a trace it does nothing."""

    telemetry: Telemetry
    execution: Execution
    parent: Place | None
    began_at: float = field(default_factory=time.time)
    _stages: dict[str, list[tuple[Stage, float]]] = field(default_factory=dict)

    @staticmethod
    def of(telemetry: Telemetry, execution: Execution, traceparent: str | None) -> MessageSpans:
        """Begin; `traceparent` is what the message carried."""
        parent = Place.read(traceparent) if telemetry.is_on else None
        return MessageSpans(telemetry, execution, parent)

    def progress(self, now: RunProgress) -> None:
        """Note when a party's stage begins."""
        if self.parent is None or now.party is None:
            return
        stages = self._stages.setdefault(now.party, [])
        is_other = not stages or stages[-1][0] is not now.stage
        if is_other and len(stages) < _MOST_STAGES:
            stages.append((now.stage, time.time()))

    def end(self, error: str | None = None) -> None:
        """Tell the worker's span and those of its parties; `error` is a code."""
        if self.parent is None:
            return
        ended_at, own = time.time(), self.parent.child()
        execution = self.execution
        attributes = {"execution_id": execution.execution_id, "task_type": execution.task_type}
        if execution.party is not None:
            attributes["party"] = execution.party
        self.telemetry.tell(
            Span(
                "worker",
                own,
                self.parent,
                self.began_at,
                ended_at,
                attributes,
                kind="consumer",
                error=error,
            )
        )
        for party, stages in self._stages.items():
            self._tell_party(party, stages, own, ended_at)

    def _tell_party(
        self, party: str, stages: list[tuple[Stage, float]], worker: Place, ended_at: float
    ) -> None:
        place, about = worker.child(), {"party": party}
        self.telemetry.tell(Span("party", place, worker, stages[0][1], ended_at, about))
        ends = [began_at for _, began_at in stages[1:]] + [ended_at]
        for (stage, began_at), end in zip(stages, ends, strict=True):
            self.telemetry.tell(Span(stage.value, place.child(), place, began_at, end, about))

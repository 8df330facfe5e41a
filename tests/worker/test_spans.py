"""What a worker tells of a message in a trace."""

from __future__ import annotations

from itertools import pairwise

from secretflow_worker.broker.telemetry import OFF, Place, Span
from secretflow_worker.contract.events import Stage
from secretflow_worker.engine import RunProgress
from secretflow_worker.worker.keys import Execution
from secretflow_worker.worker.spans import MessageSpans

EXECUTION = Execution("r-1:a:1", "c-1", "a", "ss_lr", "bob")


class _Kept:
    is_on = True

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def tell(self, span: Span) -> None:
        self.spans.append(span)

    def close(self) -> None:
        pass


def test_stages_of_a_party_follow_each_other() -> None:
    kept, attempt = _Kept(), Place.new()
    spans = MessageSpans.of(kept, EXECUTION, attempt.write())
    for stage, of_party in (
        (Stage.CLUSTER_INIT, None),
        (Stage.CLUSTER_INIT, "bob"),
        (Stage.TASK_EXECUTION, "bob"),
        (Stage.TASK_EXECUTION, "bob"),
        (Stage.DEVICE_CREATION, "bob"),
        (Stage.TASK_EXECUTION, "bob"),
    ):
        spans.progress(RunProgress(stage, 0.5, of_party, "epoch 1"))
    spans.end("PEER_LOST")
    worker, party, *stages = kept.spans
    assert (worker.parent, worker.error, worker.kind) == (attempt, "PEER_LOST", "consumer")
    assert worker.attributes == {
        "execution_id": "r-1:a:1", "task_type": "ss_lr", "party": "bob",
    }  # fmt: skip
    assert (party.parent, party.attributes) == (worker.place, {"party": "bob"})
    assert [stage.name for stage in stages] == [
        "cluster_init", "task_execution", "device_creation", "task_execution",
    ]  # fmt: skip
    assert {stage.parent for stage in stages} == {party.place}
    for before, after in pairwise(stages):
        assert before.ended_at == after.began_at
    assert stages[-1].ended_at == party.ended_at == worker.ended_at
    assert len({span.place for span in kept.spans}) == len(kept.spans)
    assert "epoch" not in str(kept.spans)


def test_a_party_that_changes_its_stage_for_ever_fills_nothing() -> None:
    kept = _Kept()
    spans = MessageSpans.of(kept, EXECUTION, Place.new().write())
    for number in range(1000):
        stage = Stage.TASK_EXECUTION if number % 2 else Stage.DEVICE_CREATION
        spans.progress(RunProgress(stage, 0.5, "bob"))
    spans.end()
    assert len(kept.spans) < 50


def test_what_is_in_no_trace_is_not_told() -> None:
    kept = _Kept()
    for telemetry, header in ((kept, None), (kept, "nonsense"), (OFF, Place.new().write())):
        spans = MessageSpans.of(telemetry, EXECUTION, header)
        spans.progress(RunProgress(Stage.CLUSTER_INIT, 0.1, "bob"))
        spans.end()
    assert kept.spans == []

"""What a type's fields are for, as the page's forms and pictures read it."""

from __future__ import annotations

import json

import pytest

from secretflow_worker.tasks import Config, PartyOutputs, Result, TaskDispatcher, TaskType
from secretflow_worker.tasks._fields import FieldUse, field_uses


def fields_of(task_type: str) -> dict[str, FieldUse]:
    task = TaskDispatcher.find(task_type)
    return {use.name: use for use in field_uses(task.config, task.result)}


def test_a_training_takes_tables_and_gives_a_model() -> None:
    fields = fields_of("ss_lr")

    taken, given = fields["train_data"], fields["model_output"]
    assert (taken.file, taken.direction, taken.per_party) == ("table", "in", True)
    assert taken.is_required
    assert taken.result is None
    assert (given.file, given.direction, given.result) == ("model", "out", "model_paths")
    assert given.result_per_party
    assert fields["prediction_output"].result == "prediction_output"
    assert not fields["prediction_output"].result_per_party, "there is one receiver"
    assert (fields["features"].columns, fields["label_party"].receives) == ("mpc", "statistics")
    assert fields["prediction_column"].columns == "none"


def test_tables_are_called_output_paths_in_results() -> None:
    for task_type in ("psi", "standard_scaler", "onehot_encoder", "fillna"):
        given = [use for use in fields_of(task_type).values() if use.direction == "out"]
        assert given[0].result == "output_paths"
    assert fields_of("train_test_split")["test_data"].result == "test_data"


@pytest.mark.parametrize("task", TaskDispatcher.all(), ids=lambda task: task.name)
def test_every_shipped_type_says_where_its_result_has_what_it_writes(task: TaskType) -> None:
    described = task.describe()
    json.dumps(described["fields"])
    for use in described["fields"]:
        if use["direction"] == "out":
            assert use["result"] in described["result_schema"]["properties"]


class Marker(Config):
    table: PartyOutputs


class Nothing(Result):
    rows: int


def test_what_a_plugin_writes_without_telling_has_no_place_in_its_result() -> None:
    (use,) = field_uses(Marker, Nothing)

    assert (use.file, use.result, use.result_per_party) == ("table", None, False)

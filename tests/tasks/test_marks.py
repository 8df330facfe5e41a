"""What the fields of configs say of columns and receivers, and what counts where they do not."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from secretflow_worker.contract.names import ColumnName, PartyName
from secretflow_worker.tasks import Config, TaskDispatcher
from secretflow_worker.tasks._config import ColumnUse, PartyInputs, Receives
from secretflow_worker.tasks._marks import LeftOut, can_name_columns, can_name_parties, mark_of

TWO = ("alice", "bob")


class Forgotten(Config):
    """What a plugin's author wrote who knows nothing of marks."""

    data: PartyInputs
    columns: list[str] | None = None
    target: ColumnName | None = None
    option: str | None = None
    whom: PartyName = "alice"


class Marked(Config):
    data: PartyInputs
    columns: Annotated[list[str] | None, ColumnUse.LOCAL] = None
    weights: Annotated[list[str] | None, ColumnUse.MPC, LeftOut.NO_COLUMN] = None
    ids: Annotated[list[str] | None, ColumnUse.KEY] = None
    option: Annotated[str | None, ColumnUse.NONE] = Field(default=None)
    whom: Annotated[PartyName, Receives.NOTHING] = "alice"


def test_what_carries_no_mark_counts_as_the_most_dangerous() -> None:
    forgotten = Forgotten(task_type="t", data={"bob": "/a"}, option="x_bob")

    uses = {use.field: (use.use, use.columns) for use in forgotten.column_uses("bob")}

    assert uses == {
        "columns": (ColumnUse.STATISTIC, None),
        "target": (ColumnUse.STATISTIC, None),
        "option": (ColumnUse.STATISTIC, frozenset({"x_bob"})),
    }
    given = {each.what for each in forgotten.declared_receivers(TWO) if each.party == "alice"}
    assert given == {Receives.INTERSECTION, Receives.PREDICTIONS, Receives.STATISTICS}
    marked = Marked(task_type="t", data={"bob": "/a"}, option="x_bob")
    assert [(use.field, use.use) for use in marked.column_uses("bob")] == [
        ("columns", ColumnUse.LOCAL)
    ]
    assert not list(marked.declared_receivers(TWO))
    assert marked.says_column_uses()
    assert not forgotten.says_column_uses()


SHIPPED = [task for task in TaskDispatcher.all() if task.run.__module__.startswith("secretflow_w")]


@pytest.mark.parametrize("task", SHIPPED, ids=lambda task: f"{task.name}@{task.version}")
def test_every_shipped_field_of_columns_or_receivers_is_marked(task: Any) -> None:
    for name, info in task.config.model_fields.items():
        role = task.config.role_of(name)
        if name in Config.model_fields or (role and not role.is_input):
            continue
        names_columns = role is None and can_name_columns(info.annotation, info.metadata)
        is_source = role is not None and role.value in ("input model", "input rules")
        if names_columns or is_source:
            assert mark_of(ColumnUse, info.annotation, info.metadata), f"{name} has no ColumnUse"
        if role is None and can_name_parties(info.annotation, info.metadata):
            assert mark_of(Receives, info.annotation, info.metadata), f"{name} has no Receives"

"""``sfw tasks``: the task types as the registry describes them."""

import json

from secretflow_worker.tasks import TaskDispatcher
from tests.cli.conftest import Sfw, error_line


def test_json_is_the_list_of_every_type_in_full(sfw: Sfw) -> None:
    listed = json.loads(sfw("tasks", "--json").stdout)

    assert [(task["name"], task["version"]) for task in listed] == [
        (task.name, task.version) for task in TaskDispatcher.all()
    ]
    for task in listed:
        assert task["config_schema"]["type"] == "object"
        assert task["result_schema"]["type"] == "object"
        assert task["disclosure"]


def test_one_type_is_shown_with_its_fields_and_who_learns_what(sfw: Sfw) -> None:
    shown = sfw("tasks", "psi").stdout

    for part in ("psi@1", "broadcast_result", "input_paths", "who learns what", "example"):
        assert part in shown


def test_one_type_as_json_is_a_list_of_one(sfw: Sfw) -> None:
    [task] = json.loads(sfw("tasks", "psi@1", "--json").stdout)

    assert task["name"] == "psi"


def test_the_table_names_every_type(sfw: Sfw) -> None:
    shown = sfw("tasks").stdout

    for task in TaskDispatcher.all():
        assert f"{task.name}@{task.version}" in shown


def test_an_unknown_type_or_version_lists_what_there_is(sfw: Sfw) -> None:
    assert "psi@1" in error_line(sfw("tasks", "psy"))
    assert "psi@1" in error_line(sfw("tasks", "psi@9"))

"""Templates: the built-in ones make chains without a fault, and people's own are kept."""

from __future__ import annotations

from typing import Any

import pytest

from secretflow_worker.orchestrator.errors import Conflict, Forbidden, Invalid, NotFound
from secretflow_worker.orchestrator.services.chains import Chains
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.services.template_documents import (
    built_in,
    parse_template,
    render_template,
)
from secretflow_worker.orchestrator.services.templates import Templates
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml, write_yaml
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from tests.orchestrator.documents import chain, psi

ANN = Caller("ann", Role.OPERATOR)


def own(**more: Any) -> dict[str, Any]:
    parameters = [
        {"name": "who", "type": "party", "description": "The receiver."},
        {"name": "sort", "type": "boolean", "default": True},
    ]
    intersect = psi(sort="${param.sort}", receiver="${param.who}", broadcast_result=True)
    document = chain(intersect, name="for ${param.who}: ${param.sort}")
    return {
        "name": "mine", "title": "Mine", "parameters": parameters, "document": document, **more
    }  # fmt: skip


@pytest.fixture
def templates(database: Database) -> Templates:
    return Templates(database)


@pytest.mark.parametrize("name", sorted(built_in()))
def test_a_built_in_template_makes_a_chain_without_a_fault(name: str) -> None:
    template = built_in()[name]
    document = render_template(template, template.examples())
    assert validate(document) == []
    assert read_yaml(write_yaml(document)) == document
    assert all(parameter.description for parameter in template.parameters)
    assert template.title
    assert template.description


def test_credit_scoring_trains_two_models_side_by_side() -> None:
    template = built_in()["credit_scoring"]
    document = render_template(template, {**template.examples(), "holder": "bank"})
    after = {task["task_id"]: task.get("depends_on", []) for task in document["tasks"]}
    assert after == {
        "psi": [],
        "scale": ["psi"],
        "split": ["scale"],
        "lr": ["split"],
        "xgb": ["split"],
        "eval_lr": ["lr"],
        "eval_xgb": ["xgb"],
    }
    assert document["options"]["parties"] == ["bank", "bob"]
    assert document["tasks"][0]["task_params"]["task_config"]["keys"]["bank"] == ["uid"]


def test_a_saved_template_makes_chains(templates: Templates, database: Database) -> None:
    templates.save(own(), by="ann")
    document = templates.render("mine", {"who": "alice"})
    assert document["chain_name"] == "for alice: true"
    assert document["tasks"][0]["task_params"]["task_config"]["sort"] is True
    assert Chains(database).create(document, by="bob")
    assert [each.name for each in templates.list()] == [*built_in(), "mine"]
    templates.delete("mine", ANN)
    with pytest.raises(NotFound):
        templates.get("mine")
    with pytest.raises(NotFound):
        templates.delete("mine", ANN)


def test_names_are_taken_once(templates: Templates) -> None:
    templates.save(own(), by="ann")
    for name in ("mine", "psi"):
        with pytest.raises(Conflict):
            templates.save(own(name=name), by="bob")
    with pytest.raises(Forbidden):
        templates.delete("psi", ANN)


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({}, ["values.who"]),
        ({"who": "alice", "other": 1}, ["values.other"]),
        ({"who": "a b", "sort": "yes"}, ["values.who", "values.sort"]),
        ({"who": 7, "sort": 1}, ["values.who", "values.sort"]),
        ({"who": None}, ["values.who"]),
    ],
)
def test_values_that_do_not_fit_are_all_listed(values: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        render_template(parse_template(own()), values)
    assert [fault.path for fault in refused.value.faults] == places


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a b"},
        {"parameters": []},
        {"parameters": [{"name": "who", "type": "party"}] * 2},
        {"parameters": [{"name": "who", "type": "wrong"}]},
        {"parameters": [{"name": "who", "type": "integer", "default": "x"}]},
        {"document": {"chain_name": "${param.nobody}"}},
        {"document": {"chain_name": "${ param.who }"}},
        {"document": {"chain_name": "${param.who.x}"}},
        {"document": None},
        {"extra": 1},
    ],
)
def test_a_wrong_template_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_template(own(**change))
    assert refused.value.faults


def test_references_to_tasks_stay() -> None:
    document = {"chain_name": "${tasks.a.result.x}", "tasks": ["${each.b}", "${param.who}"]}
    template = parse_template(own(document=document))
    assert render_template(template, {"who": "bob"})["tasks"] == ["${each.b}", "bob"]


@pytest.mark.parametrize("used", ["${param.t}", "x${param.t}" * 5_000], ids=["whole", "in a text"])
def test_values_that_are_named_again_and_again_have_an_end(used: str) -> None:
    """A document of 300 KB would be one of 30 GB."""
    many = {"chain_name": "large", "tasks": [used] * (20_000 if used == "${param.t}" else 50)}
    wanted = {"name": "t", "type": "text"}
    template = parse_template(
        {"name": "large", "title": "Large", "parameters": [wanted], "document": many}
    )
    assert len(render_template(template, {"t": "x"})["tasks"]) == len(many["tasks"])
    with pytest.raises(Invalid, match="too large"):
        render_template(template, {"t": "x" * 10_000})

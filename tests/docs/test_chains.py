"""The guide to chains: what it shows is valid, and both ways of writing it are the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from secretflow_worker.contract.chain import ChainOptions, ChainTask
from secretflow_worker.orchestrator.services.template_documents import built_in
from secretflow_worker.orchestrator.services.validate import validate
from secretflow_worker.orchestrator.services.yaml_documents import read_yaml

GUIDES = Path(__file__).parents[2] / "docs/guides"
GUIDE = (GUIDES / "chains.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.S)
    assert found is not None
    return found[1]


def test_the_guide_s_chain_is_valid() -> None:
    assert validate(read_yaml(block("yaml"))) == []


def test_the_guide_s_python_makes_the_same_chain() -> None:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "chains.md", "exec"), names)
    built, written = names["document"], read_yaml(block("yaml"))
    for task in written["tasks"]:
        task.setdefault("depends_on", [])
    assert built == written


def test_the_guide_names_every_field_and_template() -> None:
    kept = {"task_name", "execution_mode", "is_callback"}  # of older documents, for people only
    for name in {*ChainTask.model_fields, *ChainOptions.model_fields, *built_in()} - kept:
        assert f"`{name}`" in GUIDE or f"`task_params.{name}" in GUIDE or name == "task_params"

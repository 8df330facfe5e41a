"""Chains over the site's two tables, by the templates that everybody has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secretflow_worker.client import Client

CHINESE = {
    "psi": "隐私求交",
    "scale": "标准化",
    "split": "划分训练集与测试集",
    "lr": "逻辑回归",
    "xgb": "提升树",
    "eval_lr": "评估逻辑回归",
    "eval_xgb": "评估提升树",
}


def credit_scoring(client: Client, data: Path, name: str = "run", **values: Any) -> dict[str, Any]:
    """Return the template's chain, small enough to be trained in seconds; it writes to `name`."""
    return client.templates.render(
        "credit_scoring",
        {
            "holder": "bank", "other": "retailer",
            "holder_table": str(data / "bank/credit.csv"),
            "other_table": str(data / "retailer/persons.csv"),
            "holder_folder": str(data / "bank" / name),
            "other_folder": str(data / "retailer" / name),
            "holder_keys": ["customer_id"], "other_keys": ["member_id"],
            "holder_features": ["duration_in_month", "credit_amount"],
            "other_features": ["age_in_years"],
            "lr_epochs": 3, "xgb_rounds": 2, "xgb_depth": 2, **values,
        },
    )  # fmt: skip


def intersection(client: Client, data: Path, name: str, **values: Any) -> dict[str, Any]:
    """Return a chain of one intersection, called `name`, after which its files are named too."""
    file = f"{name.lower().replace(' ', '-')}.csv"
    document = client.templates.render(
        "psi",
        {
            "first": "bank", "second": "retailer",
            "first_table": str(data / "bank/credit.csv"),
            "second_table": str(data / "retailer/persons.csv"),
            "first_keys": ["customer_id"], "second_keys": ["member_id"],
            "first_output": str(data / "bank" / file),
            "second_output": str(data / "retailer" / file), **values,
        },
    )  # fmt: skip
    return {**document, "chain_name": name}


def named_in_chinese(document: dict[str, Any]) -> dict[str, Any]:
    """Return a chain of `credit_scoring` as somebody in China would call it and its tasks."""
    tasks = [{**task, "task_name": CHINESE[task["task_id"]]} for task in document["tasks"]]
    return {**document, "chain_name": "银行与零售商的信用评分", "tasks": tasks}

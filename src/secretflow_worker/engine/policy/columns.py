"""Which columns of which tables a task reads for what, and whether the policy allows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from secretflow_worker.contract.errors import InputError
from secretflow_worker.engine.policy.model import Policy, TableRule
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import Verdict
from secretflow_worker.tasks._config import FileRole
from secretflow_worker.tasks._csv_file import read_header
from secretflow_worker.tasks._marks import DeclaredUse

_SOURCE_LIMIT_BYTES = 64 << 20


def judge_tables(policy: Policy, subject: Subject) -> Iterator[Verdict]:
    """Judge every column of this party's tables that the task may read.

    A table whose header cannot be read is left to the task, which fails over it.
    """
    for declared, real in subject.tables:
        place = f"task_config.{declared.field}"
        rule = policy.table_rule(real)
        if rule is None:
            ask = f'add [[tables]] with path = "{real}" and its columns'
            yield Verdict("tables", f"the table {declared.path} ({place})", False, ask)
            continue
        try:
            header = _header(real)
        except (InputError, OSError):
            continue
        for use in subject.uses:
            yield from _judge_columns(rule, header, use, subject)


def _judge_columns(
    rule: TableRule, header: list[str], use: DeclaredUse, subject: Subject
) -> Iterator[Verdict]:
    columns = use.columns if use.source is None else _named_in(use, subject)
    for column in header:
        if columns is not None and column not in columns:
            continue
        entry, allowed = rule.uses_of(column)
        where = f'tables."{rule.path}".columns'
        yield Verdict(
            where if entry is None else f'{where}."{entry}"',
            f"column {column!r} as {use.use.value} (task_config.{use.field})",
            use.use in allowed,
            f'allow "{use.use.value}" for column {column!r} in tables."{rule.path}"',
        )


def _header(table: Path) -> list[str]:
    if table.suffix == ".csv":
        return read_header(table)[0]
    # polars is imported only where it has to be: the worker itself reads nothing else
    from secretflow_worker.tasks._tables import columns_of

    return columns_of(table)


def _named_in(use: DeclaredUse, subject: Subject) -> frozenset[str] | None:
    """Return the columns that a saved model or rules file names for this party.

    None, which is every column, where it cannot be read: the task checks it with more care.
    """
    role, path = next(
        ((declared.role, real) for declared, real in subject.files if declared.path == use.source),
        (None, Path()),
    )
    path = path / "manifest.json" if role is FileRole.INPUT_MODEL else path
    try:
        if path.stat().st_size > _SOURCE_LIMIT_BYTES:
            return None
        document = json.loads(path.read_bytes())
        named = (
            document["features"].get(subject.party, [])
            if role is FileRole.INPUT_MODEL
            else document["columns"]
        )
        return frozenset(name for name in named if isinstance(name, str))
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None

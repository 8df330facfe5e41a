"""Which columns of which party: the field ``columns`` of tasks that parties do alone.

A flat list names columns wherever they are: each party takes those that its table has. A
``{party: [columns]}`` map says whose they are. Left out, the task type chooses by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.tasks._config import ColumnList, PartyColumns

ColumnChoice = ColumnList | PartyColumns

Value = TypeVar("Value")


def check_choice(choice: ColumnChoice | None, data: Mapping[str, str], field: str) -> None:
    """Check the `field` against the parties that have `data`.

    Raises:
        ConfigError: a party without data, or a column that is named twice.
    """
    if isinstance(choice, dict):
        check_have_data(choice, data, field)
    for columns in choice.values() if isinstance(choice, dict) else [choice or []]:
        doubled = [name for name, count in Counter(columns).items() if count > 1]
        if doubled:
            raise ConfigError(f"task_config.{field}: {doubled[0]!r} is named more than once")


def check_have_data(named: Iterable[str] | None, data: Mapping[str, str], field: str) -> None:
    """Check that every party which the `field` names has `data`.

    Raises:
        ConfigError: naming one that has none.
    """
    for party in named or ():
        if party not in data:
            raise ConfigError(f"task_config.{field}: {party!r} has no table in this task")


def check_every_party(named: Mapping[str, object], parties: Sequence[str], field: str) -> None:
    """Check that a per-party map has every party of the task.

    Raises:
        ConfigError: naming one that is missing.
    """
    missing = sorted(set(parties) - set(named))
    if missing:
        raise ConfigError(f"task_config.{field}: party {missing[0]} is missing")


def check_same_parties(first: Mapping[str, str], other: Mapping[str, str], fields: str) -> None:
    """Check that two per-party maps have the same parties; `fields` names both for the message.

    Raises:
        ConfigError: naming the parties that only one of them has.
    """
    if set(first) != set(other):
        odd = ", ".join(sorted(set(first) ^ set(other)))
        raise ConfigError(f"task_config: {fields} must name the same parties; only one has {odd}")


def chosen_at(party: str, path: Path, choice: ColumnChoice, field: str) -> list[str]:
    """Return the columns that `choice` names in the party's table.

    Raises:
        InputError: a column that a map gives to this party is not in its table.
    """
    from secretflow_worker.tasks._tables import columns_of, require_columns

    if isinstance(choice, dict):
        wanted = choice.get(party, [])
        require_columns(path, wanted, f"task_config.{field}.{party}")
        return wanted
    present = set(columns_of(path))
    return [name for name in choice if name in present]


def require_all_found(
    choice: ColumnChoice | None,
    data: Mapping[str, str],
    found: Mapping[str, Sequence[str]],
    field: str,
) -> None:
    """Check a flat list against what every party found; one party alone cannot know.

    Raises:
        InputError: naming the columns that no party has.
    """
    if not isinstance(choice, list) or not set(data) <= set(found):
        return
    present = {name for names in found.values() for name in names}
    missing = [repr(name) for name in choice if name not in present]
    if missing:
        raise InputError(
            f"task_config.{field}: no party has a column {', '.join(missing)}",
            hint=f"Correct {field}, or add the column to a party's table.",
        )


def merge_by_column(parts: Iterable[tuple[str, Mapping[str, Value]]]) -> dict[str, Value]:
    """Merge what parties say of their columns, ``{column: value}`` each, in the order given.

    A name that an earlier party has used already becomes ``<party>.<column>``.
    """
    merged: dict[str, Value] = {}
    for party, values in parts:
        for column, value in values.items():
            key = column
            while key in merged:
                key = f"{party}.{key}"
            merged[key] = value
    return merged

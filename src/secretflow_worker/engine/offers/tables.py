"""The tables of a party that tasks may read: names, columns, row counts; never what is in them.

Told are tables inside the data root that the policy lets tasks read or write and has an entry
for, of those that it shares, and of their columns those with which anything is allowed.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from secretflow_worker.contract.asks import Column, FilesAnswer, Table
from secretflow_worker.contract.errors import InputError, PathForbidden
from secretflow_worker.contract.names import PATH_REGEX
from secretflow_worker.engine.offers.fingerprints import Signature, signature_of
from secretflow_worker.engine.offers.shape import NotInTime, Shape, shape_of
from secretflow_worker.engine.offers.sharing import Sharing
from secretflow_worker.engine.paths import inside_root

_MOST_ENTRIES = 100_000
"""Of a data root, that are looked at."""
_KEPT = 5_000
_LATE = "not read in time; ask again"
_NAMED_BY_VALUES = "its columns may be named after values"


@dataclass(frozen=True)
class _Found:
    path: str
    real: Path


class Tables:
    """Lists tables, and remembers what it has read of each as long as the file stays the same.

    `is_named_by_values` says of a real path whether a task wrote column names made of values.
    """

    def __init__(self, is_named_by_values: Callable[[Path], bool] = lambda real: False) -> None:
        self._is_named_by_values = is_named_by_values
        self._known: OrderedDict[Path, tuple[Signature, Shape]] = OrderedDict()
        self._guard = threading.Lock()

    def list_tables(
        self,
        sharing: Sharing,
        prefix: str | None,
        limit: int,
        is_late: Callable[[], bool] = lambda: False,
    ) -> FilesAnswer:
        """List the tables whose paths begin with `prefix`, by name.

        Raises:
            PathForbidden: the prefix lies outside the data root.
        """
        root = sharing.settings.root_of(sharing.party)
        _check_prefix(prefix, root, sharing.party)
        tables: list[Table] = []
        for found in _walk(root, prefix):
            if not _is_offered(sharing, found.real):
                continue
            if len(tables) == limit:
                return FilesAnswer(tables=tables, is_cut=True)
            table = self._describe(sharing, found, is_late)
            if table is not None:
                tables.append(table)
        return FilesAnswer(tables=tables, is_cut=False)

    def _describe(
        self, sharing: Sharing, found: _Found, is_late: Callable[[], bool]
    ) -> Table | None:
        try:
            signature = signature_of(found.real)
            shape = self._shape(found.real, signature, is_late)
        except OSError:  # gone meanwhile, or not to be read
            return None
        except NotInTime:
            shape = Shape(None, None, _LATE)
        except InputError:
            shape = Shape(None, None, "not a table that tasks can read")
        columns, note = shape.columns, shape.note
        if columns is not None and self._is_named_by_values(found.real):
            columns, note = None, _NAMED_BY_VALUES
        modified = datetime.fromtimestamp(signature[3] / 1e9, timezone.utc)
        return Table(
            path=found.path,
            columns=None if columns is None else _allowed(sharing, found.real, columns),
            rows=_allowed_count(sharing, shape.rows),
            size_bytes=signature[2],
            modified_at=modified.isoformat(timespec="seconds").replace("+00:00", "Z"),
            note=note,
        )

    def _shape(self, real: Path, signature: Signature, is_late: Callable[[], bool]) -> Shape:
        with self._guard:
            known = self._known.get(real)
            if known is not None and known[0] == signature:
                self._known.move_to_end(real)
                return known[1]
        if is_late():
            raise NotInTime
        shape = shape_of(real, is_late)
        with self._guard:
            self._known[real] = (signature, shape)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return shape


def _check_prefix(prefix: str | None, root: Path, party: str) -> None:
    if prefix is None:
        return
    if ".." in Path(prefix).parts:
        raise PathForbidden(f"{prefix} is outside the data root {root}", party=party)
    if not f"{root}/".startswith(f"{prefix.rstrip('/')}/"):
        inside_root(prefix, root, party=party)


def _is_offered(sharing: Sharing, real: Path) -> bool:
    if not sharing.share.offers(real) or not sharing.is_open_to_tasks(real):
        return False
    return sharing.policy is None or sharing.policy.table_rule(real) is not None


def _allowed(sharing: Sharing, real: Path, columns: list[Column]) -> list[Column]:
    """Leave out columns with which the policy allows nothing."""
    rule = None if sharing.policy is None else sharing.policy.table_rule(real)
    if rule is None:
        return columns
    return [column for column in columns if rule.uses_of(column.name)[1]]


def _allowed_count(sharing: Sharing, rows: int | None) -> int | None:
    """Leave out a count below the smallest that is allowed out."""
    least = None if sharing.policy is None else sharing.policy.limits.min_rows
    return None if rows is None or (least is not None and rows < least) else rows


def _walk(root: Path, prefix: str | None) -> Iterator[_Found]:
    """Yield the tables below the root, in order; links only to what is inside of it."""
    real_root = Path(os.path.realpath(root))
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and _leads_to(f"{folder}/{name}/", prefix)
        )
        for name in sorted(files):
            seen += 1
            if seen > _MOST_ENTRIES:
                return
            path = f"{folder.rstrip('/')}/{name}"
            if name.startswith(".") or not name.endswith((".csv", ".parquet")):
                continue
            if not PATH_REGEX.match(path) or not path.startswith(prefix or ""):
                continue
            real = Path(os.path.realpath(path))
            if real.is_relative_to(real_root):
                yield _Found(path, real)


def _leads_to(folder: str, prefix: str | None) -> bool:
    return prefix is None or folder.startswith(prefix) or prefix.startswith(folder)

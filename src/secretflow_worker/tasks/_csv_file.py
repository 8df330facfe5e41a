"""The header of a CSV file, and its end: what polars does not read as users mean it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from secretflow_worker.contract.errors import InputError

_HEADER_LIMIT_CHARS = 16 << 20
_TAIL_BYTES = 4096


def read_header(path: Path) -> tuple[list[str], int]:
    """Return the names in the header, and the number of lines to its end.

    Not by polars, which renames doubled columns and leaves doubled quotes in a name.
    """
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        reader = csv.reader(_lines(file), strict=True)
        try:
            names = next((row for row in reader if row), None)
        except UnicodeDecodeError:
            raise InputError(
                f"{path.name}: the file is not UTF-8", hint="Save the file as UTF-8."
            ) from None
        except csv.Error:
            raise InputError(
                f"{path.name}: the first line is no CSV header",
                hint="The first line names the columns, with commas between.",
            ) from None
    if names is None:
        raise InputError(
            f"{path.name}: the file is empty",
            hint="A table needs at least the line that names its columns.",
        )
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        raise InputError(
            f"{path.name}: column {name!r} is there more than once",
            hint="Give every column of the file its own name.",
        )
    require_plain(path, names)
    return names, reader.line_num


def require_plain(path: Path, names: Iterable[str]) -> None:
    """Check that no name is one that polars takes for a pattern wherever it meets it.

    Raises:
        InputError: naming the first that is.
    """
    for name in names:
        if name.startswith("^") and name.endswith("$"):
            raise InputError(
                f"{path.name}: column {name!r} begins with ^ and ends with $, which no column of "
                "this worker may",
                hint="Rename the column in the file.",
            )


def ends_in_empty_lines(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().replace(b"\r", b"").endswith(b"\n\n")


def _lines(file: IO[str]) -> Iterator[str]:
    """Yield lines, and give up where a "line" is so long that the file can be no CSV."""
    while line := file.readline(_HEADER_LIMIT_CHARS):
        if len(line) == _HEADER_LIMIT_CHARS:
            raise csv.Error("line too long")
        yield line

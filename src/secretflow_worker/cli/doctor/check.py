"""One line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """`mend` says what to do, and is empty where all is well."""

    name: str
    status: Status
    detail: str
    mend: str = ""

"""Where the checks put what they find."""

from __future__ import annotations

from secretflow_worker.contract.request import Loc, shown_name
from secretflow_worker.orchestrator.errors import Fault

MOST = 1000
"""Faults beyond these are counted and not listed."""
_LONGEST_MESSAGE = 1000


class Faults:
    """The faults of a document, each once, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}
        self._beyond = 0

    def add(self, loc: Loc, message: str, code: str = "CONFIG_INVALID") -> None:
        """Add a fault at a place of the document."""
        fault = Fault(path_of(loc), _clip(message, _LONGEST_MESSAGE), code)
        if fault in self._found:
            return
        if len(self._found) >= MOST:
            self._beyond += 1
            return
        self._found[fault] = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def listed(self) -> list[Fault]:
        """Return them all; a last one says how many there are beyond."""
        rest = [Fault("", f"and {self._beyond} more faults", "TOO_LARGE")] if self._beyond else []
        return [*self._found, *rest]


def path_of(loc: Loc) -> str:
    """Return a place as text: ``tasks.3.task_params.task_config.keys.alice``."""
    return ".".join(name(part) for part in loc)


def name(part: object) -> str:
    """Return a name of the document as it may stand in a message, however hostile it is."""
    return shown_name(part)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."

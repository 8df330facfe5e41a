"""Input tables of a chain that their parties do not tell of: not there, or not shared."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from secretflow_worker.contract.asks import MOST_ITEMS, FilesAsk, new_ask_id
from secretflow_worker.orchestrator.checks.nodes import CheckedNode
from secretflow_worker.orchestrator.services.parties import Heard, Parties
from secretflow_worker.tasks._config import FileRole


@dataclass(frozen=True)
class UnseenInput:
    """One table that a party has told its tables without."""

    node_id: str
    party: str
    path: str


@dataclass(frozen=True)
class Inputs:
    """What was found of a chain's input tables; `silent` says by party why nothing was."""

    unseen: list[UnseenInput] = field(default_factory=list)
    silent: dict[str, str] = field(default_factory=dict)


def look_for_inputs(nodes: Sequence[CheckedNode], parties: Parties) -> Inputs:
    """Ask the parties for the tables that no task of the chain makes.

    Raises:
        NotReady: Redis does not answer.
    """
    made = {
        (file.party, file.path)
        for node in nodes
        if node.config is not None
        for file in node.config.files()
        if file.role is FileRole.OUTPUT_TABLE
    }
    wanted: dict[str, list[UnseenInput]] = defaultdict(list)
    for read in _inputs(nodes):
        if (read.party, read.path) not in made:
            wanted[read.party].append(read)
    asks = [
        FilesAsk(
            ask_id=new_ask_id(),
            party=party,
            prefix=posixpath.commonprefix([each.path for each in of_party]),
            limit=MOST_ITEMS,
        )
        for party, of_party in sorted(wanted.items())
    ]
    inputs = Inputs()
    for heard in parties.ask_all(asks) if asks else []:
        if not heard.answers:
            inputs.silent[heard.party] = heard.note
        elif not _is_cut(heard):
            told = _told(heard)
            inputs.unseen.extend(each for each in wanted[heard.party] if each.path not in told)
    return inputs


def _inputs(nodes: Sequence[CheckedNode]) -> Iterator[UnseenInput]:
    for node in nodes:
        # Paths that stand in for results of earlier tasks are not among a node's own files.
        certain = {file.path for file in node.files if file.is_input}
        for file in node.config.files() if node.config is not None else ():
            is_table = file.role is FileRole.INPUT_TABLE
            if is_table and file.party is not None and file.path in certain:
                yield UnseenInput(node.node_id, file.party, file.path)


def _told(heard: Heard) -> set[str]:
    return {
        table.path
        for answer in heard.answers
        if answer.files is not None
        for table in answer.files.tables
    }


def _is_cut(heard: Heard) -> bool:
    return any(answer.files is not None and answer.files.is_cut for answer in heard.answers)

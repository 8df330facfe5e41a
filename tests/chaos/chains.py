"""Twenty kinds of chains, and the end that each of them must come to whatever dies on the way."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Task = dict[str, Any]
_PATIENT = {"max_retries": 40, "backoff_s": 0.2}
"""Enough attempts for what may pass: the monkey kills every few seconds."""
_LONG_MS = 600_000


@dataclass(frozen=True)
class Deed:
    """What a user does to a chain so many seconds after its start."""

    after_s: float
    word: str


@dataclass(frozen=True)
class Case:
    """A chain and what must become of it: its status, and each task's that is not a success.

    Where two ends are right, depending on what died when, they stand as ``SUCCESS|FAILURE``.
    """

    name: str
    document: dict[str, Any]
    ends: str = "SUCCESS"
    others: Mapping[str, str] = field(default_factory=dict)
    deeds: Sequence[Deed] = ()
    emits: Mapping[str, Any] = field(default_factory=dict)
    """What a task's result must hold, for those tasks whose input is another's result."""

    def expected(self, node_id: str) -> list[str]:
        return self.others.get(node_id, "SUCCESS").split("|")


class Writer:
    """Writes chains whose tasks note in a tally, by the chain's name, that they were run."""

    def __init__(self, tally: Path, random_: random.Random) -> None:
        self._tally = str(tally)
        self._random = random_

    def task(self, chain: str, task_id: str, *after: str, **more: Any) -> Task:
        """Return a task; fields that are none of a task's are its config's."""
        own: Task = {
            key: more.pop(key)
            for key in ("when", "retry", "timeout_s", "for_each", "trigger_rule", "is_callback")
            if key in more
        }
        config = {
            "sleep_ms": self._random.randrange(0, 500),
            "mark": f"{chain}/{task_id}",
            "tally": self._tally,
            **more,
        }
        return {
            "task_id": task_id,
            "task_type": "noop",
            "depends_on": list(after),
            "task_params": {"task_config": config},
            **own,
        }

    def case(self, name: str, *tasks: Task, **more: Any) -> Case:
        options = {"parties": ["alice"], "retry_policy": _PATIENT, **more.pop("options", {})}
        if "sf_init_config" in options:
            del options["parties"]
        document = {"chain_name": name, "tasks": list(tasks), "options": options}
        return Case(name, document, **more)


def make_cases(writer: Writer, prefix: str) -> list[Case]:
    """Return a chain of each kind; `prefix` makes their names new."""
    return [make(writer, f"{prefix}-{make.__name__.lstrip('_')}") for make in _KINDS]


def _line(w: Writer, name: str) -> Case:
    ids = ["a", "b", "c", "d"]
    tasks = [w.task(name, each, *ids[:at][-1:]) for at, each in enumerate(ids)]
    return w.case(name, *tasks)


def _wide(w: Writer, name: str) -> Case:
    return w.case(name, *(w.task(name, f"t{number}") for number in range(8)))


def _narrow(w: Writer, name: str) -> Case:
    tasks = [w.task(name, f"t{number}", sleep_ms=50) for number in range(6)]
    return w.case(name, *tasks, options={"max_parallel": 2, "priority": "low"})


def _chord(w: Writer, name: str) -> Case:
    heads = [w.task(name, f"t{number}") for number in range(4)]
    last = w.task(name, "all", *(head["task_id"] for head in heads), is_callback=True)
    return w.case(name, *heads, last, options={"priority": "high"})


def _diamond(w: Writer, name: str) -> Case:
    """Results go along the edges, as references."""
    tasks = [
        w.task(name, "a", emit={"n": 1, "deep": [7, {"x": "y"}]}),
        w.task(name, "b", "a", emit="${tasks.a.result.emitted.deep}"),
        w.task(name, "c", "a", emit="n=${tasks.a.result.emitted.n}"),
        w.task(name, "d", "b", "c", emit="${tasks.b.result.emitted}"),
    ]
    return w.case(
        name, *tasks, emits={"b": [7, {"x": "y"}], "c": "n=1", "d": [7, {"x": "y"}]}
    )  # fmt: skip


def _sweep(w: Writer, name: str) -> Case:
    tasks = [
        w.task(name, "fit", for_each={"p": [1, 2], "q": ["x", "y"]}, emit="${each.p}${each.q}"),
        w.task(name, "best", "fit", emit="${tasks.fit.3.result.emitted}"),
    ]
    return w.case(name, *tasks, emits={"fit[0]": "1x", "fit[3]": "2y", "best": "2y"})


def _conditions(w: Writer, name: str) -> Case:
    tasks = [
        w.task(name, "a", emit={"auc": 0.7}),
        w.task(name, "good", "a", when="tasks.a.result.emitted.auc > 0.6"),
        w.task(name, "bad", "a", when="tasks.a.result.emitted.auc > 0.8"),
        w.task(name, "after", "bad"),
        w.task(name, "anyway", "bad", "good", trigger_rule="all_done"),
    ]
    return w.case(name, *tasks, others={"bad": "SKIPPED", "after": "SKIPPED"})


def _wrong_condition(w: Writer, name: str) -> Case:
    tasks = [
        w.task(name, "a", emit="text"),
        w.task(name, "b", "a", when="tasks.a.result.emitted > 1"),
        w.task(name, "c", "b"),
    ]
    return w.case(name, *tasks, ends="FAILURE", others={"b": "FAILURE", "c": "SKIPPED"})


def _fails(w: Writer, name: str) -> Case:
    tasks = [
        w.task(name, "a"),
        w.task(name, "b", "a", fail_code="INPUT_INVALID"),
        w.task(name, "c", "b"),
        w.task(name, "mend", "b", trigger_rule="one_failed"),
    ]
    return w.case(name, *tasks, ends="FAILURE", others={"b": "FAILURE", "c": "SKIPPED"})


def _goes_on(w: Writer, name: str) -> Case:
    tasks = [
        w.task(name, "a", fail_code="POLICY_REFUSED"),
        w.task(name, "b", "a"),
        w.task(name, "c", sleep_ms=700),
        w.task(name, "d", "c"),
    ]
    others = {"a": "FAILURE", "b": "SKIPPED"}
    return w.case(name, *tasks, ends="FAILURE", others=others, options={"stop_on_error": False})


def _passes(w: Writer, name: str) -> Case:
    """A failure that may pass, which the worker itself tries again, and the chain then."""
    tasks = [w.task(name, "a", fail_code="RESOURCE_BUSY", fail_first=5), w.task(name, "b", "a")]
    return w.case(name, *tasks)


def _retried(w: Writer, name: str) -> Case:
    retry = {"max_retries": 40, "retry_on_failure": True, "backoff_s": 0.2}
    flaky = w.task(name, "a", fail_code="INPUT_INVALID", fail_first=2, retry=retry)
    return w.case(name, flaky, w.task(name, "b", "a"))


def _gives_up(w: Writer, name: str) -> Case:
    retry = {"max_retries": 2, "retry_on_failure": True, "backoff_s": 0.1}
    tasks = [w.task(name, "a", fail_code="INPUT_INVALID", retry=retry), w.task(name, "b", "a")]
    return w.case(name, *tasks, ends="FAILURE", others={"a": "FAILURE", "b": "SKIPPED"})


def _late(w: Writer, name: str) -> Case:
    tasks = [w.task(name, "a", sleep_ms=_LONG_MS, timeout_s=1.0), w.task(name, "b", "a")]
    return w.case(name, *tasks, ends="FAILURE", others={"a": "FAILURE", "b": "SKIPPED"})


def _late_chain(w: Writer, name: str) -> Case:
    tasks = [w.task(name, "a"), w.task(name, "b", sleep_ms=_LONG_MS), w.task(name, "c", "b")]
    others = {"a": "SUCCESS|CANCELLED", "b": "CANCELLED", "c": "CANCELLED"}
    return w.case(name, *tasks, ends="FAILURE", others=others, options={"timeout": 15})


def _cancelled(w: Writer, name: str) -> Case:
    tasks = [w.task(name, "a", sleep_ms=_LONG_MS), w.task(name, "b", "a")]
    others = {"a": "CANCELLED", "b": "CANCELLED"}
    return w.case(name, *tasks, ends="CANCELLED", others=others, deeds=[Deed(3, "cancel")])


def _paused(w: Writer, name: str) -> Case:
    tasks = [w.task(name, "a"), w.task(name, "b", "a"), w.task(name, "c", "b")]
    return w.case(name, *tasks, deeds=[Deed(0.3, "pause"), Deed(4, "resume")])


def _mended(w: Writer, name: str) -> Case:
    """It fails, and a user has it run again from there."""
    tasks = [
        w.task(name, "a"),
        w.task(name, "b", "a", fail_code="INPUT_INVALID", fail_first=1),
        w.task(name, "c", "b"),
    ]
    return w.case(name, *tasks, deeds=[Deed(0, "retry")])


def _cluster(w: Writer, name: str) -> Case:
    """Each party's worker has a message of its own."""
    parties = {
        party: {"address": f"127.0.0.1:{port}"}
        for party, port in (("alice", 11_001), ("bob", 11_002))
    }
    tasks = [w.task(name, "a", emit=[1]), w.task(name, "b", "a", emit="${tasks.a.result.emitted}")]
    cluster = {"sf_init_config": {"parties": parties, "self_party": "alice"}}
    return w.case(name, *tasks, options=cluster, emits={"b": [1]})


def _one_of_two_fails(w: Writer, name: str) -> Case:
    """What runs at a failure finishes, but is not tried again."""
    tasks = [
        w.task(name, "a", fail_code="INPUT_INVALID"),
        w.task(name, "b", sleep_ms=1500),
        w.task(name, "c", "a", "b"),
        w.task(name, "end", "c", trigger_rule="all_done"),
    ]
    others = {"a": "FAILURE", "b": "SUCCESS|FAILURE", "c": "SKIPPED"}
    return w.case(name, *tasks, ends="FAILURE", others=others)


_KINDS: list[Callable[[Writer, str], Case]] = [
    _line, _wide, _narrow, _chord, _diamond, _sweep, _conditions, _wrong_condition, _fails,
    _goes_on, _passes, _retried, _gives_up, _late, _late_chain, _cancelled, _paused, _mended,
    _cluster, _one_of_two_fails,
]  # fmt: skip

"""A task type that does to the engine what tests ask for; a third party's plugin like any other.

``act`` chooses the program. A party that comes to where a test wants to strike says so with the
progress message ``at <phase>``, and stays there.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import psutil
from pydantic import Field

from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._config import (
    PartyInputs,
    PartyModelsIn,
    PartyModelsOut,
    PartyOutputs,
    ReportPath,
)


class ProbeConfig(Config):
    act: str
    options: dict[str, Any] = Field(default_factory=dict)
    inputs: PartyInputs | None = None
    outputs: PartyOutputs | None = None
    models: PartyModelsOut | None = None
    models_in: PartyModelsIn | None = None
    report_path: ReportPath | None = None

    def key_holder(self) -> str | None:
        keeper: str | None = self.options.get("keeper")
        return keeper


class ProbeReport(Report):
    facts: Any = None


class ProbeResult(Result):
    facts: dict[str, Any]


Act = Callable[[Parties, ProbeConfig], Any]
_ACTS: dict[str, Act] = {}


def act(function: Act) -> Act:
    _ACTS[function.__name__] = function
    return function


def run(parties: Parties, config: ProbeConfig) -> ProbeReport:
    return ProbeReport(facts=_ACTS[config.act](parties, config))


def register(name: str, *, link: bool, devices: tuple[str, ...] = ("spu",)) -> None:
    task = TaskDispatcher.register(
        name,
        version=1,
        summary="Does to the engine what its tests ask for.",
        group="Understand",
        config=ProbeConfig,
        report=ProbeReport,
        result=ProbeResult,
        learns=[Learns("nobody", "anything", "anyone", disclosed=lambda config, party: False)],
        parties=(1, 5),
        link=link,
        devices=devices if link else (),
        example={"task_type": name, "act": "nothing"},
    )(run)

    @task.combine
    def combine(config: ProbeConfig, reports: Mapping[str, ProbeReport]) -> ProbeResult:
        return ProbeResult(facts={party: report.facts for party, report in reports.items()})

    task.document(lambda config, reports: {party: r.facts for party, r in reports.items()})


register("engine_probe", link=True)
register("engine_probe_alone", link=False)


def stay(parties: Parties, phase: str) -> NoReturn:
    """Say where this party is, and stay there until a test ends it."""
    parties.progress(1, f"at {phase}")
    while True:
        time.sleep(60)


@act
def nothing(parties: Parties, config: ProbeConfig) -> Any:
    return None


@act
def die_in(parties: Parties, config: ProbeConfig) -> Any:
    """Everybody runs; ``options: {phase, party}`` says where which party waits for its end."""
    phase, victim = config.options["phase"], config.options["party"]
    if phase == "linked":
        if parties.me == victim:
            stay(parties, phase)
        parties.exchange("are you there?")
    elif phase == "receive":
        secret = parties.spu.share(victim, stay(parties, phase) if parties.me == victim else None)
        parties.spu.reveal(secret, parties.names)
    elif phase == "mpc":
        _loop_mpc(parties, victim)
    elif phase == "finish" and parties.me == victim:
        stay(parties, phase)
    return None


@act
def exchange(parties: Parties, config: ProbeConfig) -> Any:
    return parties.exchange(f"from {parties.me}")


@act
def listen(parties: Parties, config: ProbeConfig) -> Any:
    """Tell what this party's process listens on, while it computes with the others."""
    parties.all_equal(b"x")
    found = [
        f"{each.laddr.ip}:{each.laddr.port}"
        for each in psutil.Process().net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    ]
    parties.exchange("seen")
    return found


@act
def share_from_bob(parties: Parties, config: ProbeConfig) -> Any:
    parties.progress(1, "at share")
    parties.spu.share("bob", None)


@act
def fail(parties: Parties, config: ProbeConfig) -> Any:
    """The party ``options.party`` fails while the others wait for it, natively."""
    if parties.me == config.options["party"]:
        secret = parties.spu.share(parties.me, _numbers(0))
        parties.spu.call(_square, secret)
        raise ZeroDivisionError("value-4711")
    secret = parties.spu.share(config.options["party"], None)
    while True:
        secret = parties.spu.call(_square, secret)


@act
def stage(parties: Parties, config: ProbeConfig) -> Any:
    """Write outputs of ``options.bytes`` and model directories; ``options.stay`` stays then."""
    content = b"x" * int(config.options.get("bytes", 100))
    if config.outputs is not None and parties.me in config.outputs:
        parties.stage(config.outputs[parties.me]).write_bytes(content)
    if config.models is not None and parties.me in config.models:
        folder = parties.stage(config.models[parties.me])
        folder.mkdir()
        (folder / "new").write_bytes(content)
    if parties.me == config.options.get("stay"):
        stay(parties, "staged")
    return "staged"


@act
def stage_in_the_way(parties: Parties, config: ProbeConfig) -> Any:
    """Write outputs; bob's name is a folder by the time that it gets it."""
    stage(parties, config)
    if parties.me == "bob" and config.outputs is not None:
        Path(config.outputs["bob"]).mkdir()


@act
def allocate(parties: Parties, config: ProbeConfig) -> Any:
    block = bytearray(int(config.options["bytes"]) if parties.me == config.options["party"] else 1)
    block[::4096] = b"x" * len(block[::4096])
    stay(parties, "allocated")


@act
def have_children(parties: Parties, config: ProbeConfig) -> Any:
    with subprocess.Popen(["/bin/sleep", "600"]):
        stay(parties, "parent")


@act
def fill_the_disk(parties: Parties, config: ProbeConfig) -> Any:
    with Path("/dev/full").open("wb", buffering=0) as disk:
        disk.write(b"x")


@act
def abort_natively(parties: Parties, config: ProbeConfig) -> Any:
    if parties.me == config.options["party"]:
        os.abort()
    stay(parties, "idle")


@act
def mpc(parties: Parties, config: ProbeConfig) -> Any:
    """Share from everyone, compute, and reveal to some; returns what this party got to see."""
    spu, me, first = parties.spu, parties.me, parties.names[0]
    shares = [
        spu.share(party, _numbers(index) if party == me else None)
        for index, party in enumerate(parties.names)
    ]
    total, product = spu.call(_sum_and_product, *shares, _array([1.0, 2.0, 3.0, 4.0]), scale=2.0)
    flags = spu.share(first, _numbers(0) > 0 if me == first else None)
    wide = spu.share(first, (_numbers(0) * 100).astype("int64") if me == first else None)
    seen: dict[str, Any] = {"frames": {}}
    for name, secret, receivers in (
        ("total to all", total, parties.names),
        ("total to first", total, first),
        ("product to the last two", product, parties.names[-2:]),
        ("flags to all", flags, parties.names),
        ("wide to all", wide, parties.names),
    ):
        frames_before = _frames_sent(parties)
        opened = spu.reveal(secret, receivers)
        seen["frames"][name] = _frames_sent(parties) - frames_before
        seen[name] = None if opened is None else [str(opened.dtype), opened.tolist()]
    seen["compiled"] = _count_compiled(parties)
    restored = spu.restore(spu.export(total), total.shape, total.dtype)  # type: ignore[attr-defined]
    seen["restored to all"] = spu.reveal(restored, parties.names).tolist()  # type: ignore[union-attr]
    frames_before = _frames_sent(parties)
    placed = [
        spu.place(party, _numbers(index) if party == me else None, (3, 4), _numbers(0).dtype)
        for index, party in enumerate(parties.names)
    ]
    seen["frames to place"] = _frames_sent(parties) - frames_before
    squares = spu.call(_sum_of_products, *placed, *shares)
    seen["squares to all"] = spu.reveal(squares, parties.names).tolist()  # type: ignore[union-attr]
    spu.free(*shares, *placed, total, product, flags, wide, restored, squares)
    seen["same"] = parties.all_equal(b"the same")
    seen["different"] = parties.all_equal(me.encode())
    return seen


def _sum_of_products(*both: Any) -> Any:
    half = len(both) // 2
    return sum(a * b for a, b in zip(both[:half], both[half:], strict=True))


def _array(values: Any) -> Any:
    import numpy as np

    return np.array(values)


def _numbers(index: int) -> Any:
    import numpy as np

    return np.random.default_rng(index).normal(size=(3, 4)).round(3)


def _sum_and_product(*arguments: Any, scale: float) -> Any:
    *values, public = arguments
    return sum(values) * scale + public, values[0] * values[1]


def _square(x: Any) -> Any:
    return x * x


def _loop_mpc(parties: Parties, announcer: str) -> NoReturn:
    secret = parties.spu.share(announcer, _numbers(0) if parties.me == announcer else None)
    secret = parties.spu.call(_square, secret)
    if parties.me == announcer:
        parties.progress(1, "at mpc")
    while True:
        secret = parties.spu.call(_square, secret)


def _frames_sent(parties: Parties) -> int:
    return int(parties._link.frames_sent)  # type: ignore[attr-defined]


def _count_compiled(parties: Parties) -> list[int]:
    """Count the programs after a new call, the same again, another constant, another shape."""
    spu = parties.spu
    counts = []
    for rows, power in ((2, 2), (2, 2), (2, 3), (5, 3)):
        value = _array([[0.5] * 3] * rows)
        secret = spu.share(parties.names[0], value if parties.rank == 0 else None)
        spu.free(spu.call(_power, secret, power=power), secret)
        counts.append(len(spu._programs))  # type: ignore[attr-defined]
    return counts


def _power(x: Any, power: int) -> Any:
    return x**power

"""What the probe does on the bridge: programs of a plugin that is honest, careless or malicious."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks import Parties

if TYPE_CHECKING:
    from tests.engine.plugin.engine_probe import ProbeConfig, act, register
else:
    from engine_probe import ProbeConfig, act, register

register("bridge_probe", link=True, devices=("secretflow", "spu"))
register("bridge_probe_undeclared", link=True)


class Bomb:
    """Unpickled, it runs code, which leaves the file ``<path>-<party>``; `how` does it."""

    def __init__(self, how: str, path: str) -> None:
        self.how, self.path = how, path

    def __reduce__(self) -> Any:
        if self.how == "exec":
            name = f"{self.path!r} + '-' + os.path.basename(os.getcwd())"
            return exec, (f"import os; open({name}, 'w').close()",)
        return os.system, (f'touch {self.path}-$(basename "$PWD")',)


class Parcel:
    """A class of the plugin's own, which travels."""

    def __init__(self, content: int) -> None:
        self.content = content


@act
def devices(parties: Parties, config: ProbeConfig) -> Any:
    """Use each device; returns what this party got to see, and what its process listens on."""
    import numpy as np

    bridge = parties.secretflow()
    first, last = parties.names[0], parties.names[-1]
    values = [
        bridge.pyu(party)(lambda index: np.arange(3.0) + index)(index)
        for index, party in enumerate(parties.names)
    ]
    total = bridge.spu(lambda *each: sum(each))(*(value.to(bridge.spu) for value in values))
    seen = {party: bridge.pyu(party)(_note)(total.to(bridge.pyu(party))) for party in (first, last)}
    encrypted = values[0].to(bridge.heu(first))
    doubled = (encrypted + encrypted).to(bridge.pyu(first))
    import secretflow

    secretflow.wait([*seen.values(), bridge.pyu(first)(_note_doubled)(doubled)])
    listening = [
        f"{each.laddr.ip}:{each.laddr.port}"
        for each in psutil.Process().net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    ]
    parties.exchange("seen")
    return {"noted": dict(_NOTED), "listening": listening}


_NOTED: dict[str, Any] = {}


def _note(value: Any) -> None:
    _NOTED["total"] = value.tolist()


def _note_doubled(value: Any) -> None:
    _NOTED["doubled"] = value.tolist()


@act
def bomb(parties: Parties, config: ProbeConfig) -> Any:
    """The last party sends the first something that runs code where it is unpickled."""
    bridge = parties.secretflow()
    how, path = config.options["how"], config.options["path"]
    sent = bridge.pyu(parties.names[-1])(lambda: Bomb(how, path))()
    return _open(bridge, sent.to(bridge.pyu(parties.names[0])))


@act
def parcel(parties: Parties, config: ProbeConfig) -> Any:
    """The last party sends a class of its own; ``options.accepted`` says so to the bridge."""
    bridge = parties.secretflow(accept=[Parcel] if config.options["accepted"] else [])
    sent = bridge.pyu(parties.names[-1])(Parcel)(7).to(bridge.pyu(parties.names[0]))
    return _open(bridge, bridge.pyu(parties.names[0])(lambda each: each.content)(sent))


@act
def quote(parties: Parties, config: ProbeConfig) -> Any:
    """A function of the last party fails with words that quote ``options.canary``."""
    bridge = parties.secretflow()
    last = bridge.pyu(parties.names[-1])
    if config.options["kind"] == "ours":
        failed = last(_fail_as_ours)()
    else:
        failed = last(_fail)(config.options["canary"])
    return _open(bridge, failed.to(bridge.pyu(parties.names[0])))


def _fail(canary: str) -> None:
    logging.getLogger("secretflow").error("about to fail")
    float(canary)


def _fail_as_ours() -> None:
    raise InputError("table.csv: column 'x' is all wrong")


@act
def regress(parties: Parties, config: ProbeConfig) -> Any:
    """SecretFlow's regression, with a column of text at the last party."""
    import pandas as pd
    from secretflow.data import partition
    from secretflow.data.vertical import VDataFrame
    from secretflow.ml.linear import SSRegression

    bridge = parties.secretflow()
    first, last = bridge.pyu(parties.names[0]), bridge.pyu(parties.names[-1])
    note = [config.options.get("canary")] * 3
    if config.inputs is not None and parties.me in config.inputs:
        note = pd.read_csv(parties.input(config.inputs[parties.me]))["note_bob"].tolist()[:3]
    tables = {
        first: first(lambda: pd.DataFrame({"x": [1.0, 2.0, 3.0]}))(),
        last: last(lambda: pd.DataFrame({"note": note, "y": [0, 1, 0]}))(),
    }
    frame = VDataFrame({pyu: partition(table) for pyu, table in tables.items()})
    SSRegression(bridge.spu).fit(
        frame[["x", "note"]], frame[["y"]], 1, 0.1, 8, "t1", "logistic", "None", 0.1
    )
    return _open(bridge, first(lambda: 1)())


@act
def fail_unseen(parties: Parties, config: ProbeConfig) -> Any:
    """A function fails whose result nobody asks for."""
    bridge = parties.secretflow()
    bridge.pyu(parties.names[-1])(_fail)("x")
    return "nobody noticed"


@act
def bridge_die(parties: Parties, config: ProbeConfig) -> Any:
    """The last party dies while the first waits for it on the channel."""
    bridge = parties.secretflow()
    return _open(bridge, bridge.pyu(parties.names[-1])(os.abort)())


@act
def send_table(parties: Parties, config: ProbeConfig) -> Any:
    """The last party sends a table with ``options.canary`` to the first, over channel and SPU."""
    import numpy as np
    import pandas as pd

    bridge = parties.secretflow()
    canary = config.options["canary"]
    first, last = bridge.pyu(parties.names[0]), bridge.pyu(parties.names[-1])
    table = last(lambda: pd.DataFrame({"note": [canary] * 3, "x": [1.0, 2.0, 3.0]}))()
    path = parties.scratch("got.csv")
    _open(bridge, first(lambda frame: frame.to_csv(path))(table.to(first)))
    shared = last(lambda: np.frombuffer(canary.encode(), dtype=np.uint8).astype(np.int32))()
    _open(bridge, first(lambda each: None)(shared.to(bridge.spu).to(first)))
    return Path(path).read_text() if parties.rank == 0 else None


def _open(bridge: Any, value: Any) -> Any:
    import secretflow

    return secretflow.reveal(value)

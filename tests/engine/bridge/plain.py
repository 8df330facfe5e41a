"""SecretFlow without the bridge, as its manual starts it: one party of a run that shows its holes.

What this party got to see goes to ``<folder>/<party>.json``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import secretflow
from secretflow.data import partition
from secretflow.data.vertical import VDataFrame
from secretflow.ml.linear import SSRegression


class Bomb:
    """Unpickled, it leaves the file ``ran-<party>``."""

    def __reduce__(self) -> Any:
        return exec, ("import os, sys; open(f'ran-{os.environ[\"PARTY\"]}', 'w').close()",)


def main() -> None:
    plan = json.loads(sys.argv[1])
    me, canary, seen = plan["me"], plan["canary"], {}
    start(plan)
    alice, bob = secretflow.PYU("alice"), secretflow.PYU("bob")
    tls = plan["tls"]
    own = {
        "certificate_path": tls["cert"],
        "private_key_path": tls["key"],
        "ca_file_path": tls["ca_cert"],
        "verify_depth": 1,
    }
    nodes = [
        {
            "party": party,
            "address": at,
            "tls_opts": {"server_ssl_opts": own, "client_ssl_opts": own},
        }
        for party, at in plan["spu"].items()
    ]
    spu = secretflow.SPU(
        {"nodes": nodes, "runtime_config": {"protocol": "SEMI2K", "field": "FM128"}},
        link_desc={"connect_retry_times": 100, "connect_retry_interval_ms": 200},
    )
    table = bob(lambda: pd.DataFrame({"note": [canary] * 3}))()
    secretflow.reveal(alice(lambda frame: None)(table.to(alice)))
    secretflow.reveal(alice(lambda each: None)(bob(Bomb)().to(alice)))
    columns = {"alice": {"x": [1.0, 2.0, 3.0]}, "bob": {"note": [canary] * 3, "y": [0, 1, 0]}}
    frame = VDataFrame(
        {pyu: partition(pyu(lambda: pd.DataFrame(columns[me]))()) for pyu in (alice, bob)}
    )
    seen["spu"] = secretflow.reveal(spu(lambda a: a + 1)(alice(lambda: np.ones(1))().to(spu)))[0]
    try:
        SSRegression(spu).fit(
            frame[["x", "note"]], frame[["y"]], 1, 0.1, 8, "t1", "logistic", "None", 0.1
        )
        secretflow.reveal(alice(lambda: 1)())
        secretflow.shutdown()
    except BaseException as fault:  # noqa: BLE001 - what it says is what is looked at
        seen["fault"] = repr(fault) + str(fault)
        Path(f"{me}.json").write_text(json.dumps(seen, default=float))
        await_peers(plan)
        os._exit(0)


def await_peers(plan: dict[str, Any]) -> None:
    """Stay until the peers have got what is on its way to them."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not all(Path(f"{p}.json").exists() for p in plan["fed"]):
        time.sleep(0.05)


def start(plan: dict[str, Any]) -> None:
    os.environ["PARTY"] = plan["me"]
    secretflow.init(
        cluster_config={
            "parties": {
                party: {"address": at, "listen_addr": at} for party, at in plan["fed"].items()
            },
            "self_party": plan["me"],
        },
        ray_mode=False,
        cross_silo_comm_backend=plan["backend"],
        cross_silo_comm_options={
            "connect_retry_times": 100,
            "connect_retry_interval_ms": 200,
            "recv_timeout_ms": 60_000,
        }
        if plan["backend"] == "brpc_link"
        else {},
        enable_waiting_for_other_parties_ready=False,
        job_name="plain",
        tls_config=dict(plan["tls"]) if plan["backend"] == "brpc_link" else None,
        logging_level="info",
    )
    if plan["backend"] == "grpc":
        found = [
            f"{each.laddr.ip}:{each.laddr.port}"
            for each in psutil.Process().net_connections("inet")
            if each.status == psutil.CONN_LISTEN
        ]
        Path(f"{plan['me']}.json").write_text(json.dumps(found))
        os._exit(0)


if __name__ == "__main__":
    main()

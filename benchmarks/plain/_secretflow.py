"""Start SecretFlow at one of two parties, as its documentation does for production."""

import argparse
import json
import resource
from dataclasses import dataclass
from typing import Any

import secretflow as sf

RETRY = {"connect_retry_times": 100, "connect_retry_interval_ms": 200, "recv_timeout_ms": 600_000}


@dataclass(frozen=True)
class Devices:
    """The two parties' devices, and what this party was asked to do."""

    alice: sf.PYU
    bob: sf.PYU
    spu: sf.SPU
    work: dict[str, Any]


def start() -> Devices:
    """Read the command line (``--work`` is JSON) and start the devices."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--party", required=True, choices=("alice", "bob"))
    parser.add_argument("--ports", required=True, nargs=4, type=int)
    parser.add_argument("--work", required=True, type=json.loads)
    options = parser.parse_args()
    at = [f"127.0.0.1:{port}" for port in options.ports]
    sf.init(
        cluster_config={
            "parties": {
                "alice": {"address": at[0], "listen_addr": at[0]},
                "bob": {"address": at[1], "listen_addr": at[1]},
            },
            "self_party": options.party,
        },
        ray_mode=False,
        cross_silo_comm_backend="brpc_link",
        logging_level="warning",
        job_name=f"plain-{options.ports[0]}",
        enable_waiting_for_other_parties_ready=False,
        cross_silo_comm_options={**RETRY, "timeout_in_ms": 120_000},
    )
    spu = sf.SPU(
        {
            "nodes": [{"party": "alice", "address": at[2]}, {"party": "bob", "address": at[3]}],
            "runtime_config": {"protocol": "SEMI2K", "field": "FM128"},
        },
        link_desc={**RETRY, "http_timeout_ms": 120_000},
    )
    return Devices(sf.PYU("alice"), sf.PYU("bob"), spu, options.work)


def finish(algorithm_s: float, **facts: object) -> None:
    """Stop the devices and print the figures, a line of JSON."""
    sf.shutdown()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"algorithm_s": algorithm_s, "peak_rss_bytes": peak, **facts}), flush=True)

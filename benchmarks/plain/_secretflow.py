"""Start SecretFlow at one of the parties, as its documentation does for production."""

import argparse
import json
import resource
from dataclasses import dataclass
from typing import Any

import secretflow as sf

RETRY = {"connect_retry_times": 100, "connect_retry_interval_ms": 200, "recv_timeout_ms": 600_000}


@dataclass(frozen=True)
class Devices:
    """The devices of the two parties with data, and what this party was asked to do."""

    alice: sf.PYU
    bob: sf.PYU
    spu: sf.SPU
    work: dict[str, Any]


def start() -> Devices:
    """Read the command line (``--work`` is JSON) and start the devices.

    Of the work, ``parties`` are alice and bob by default, ``runtime`` SEMI2K over FM128.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--party", required=True)
    parser.add_argument("--ports", required=True, nargs="+", type=int)
    parser.add_argument("--work", required=True, type=json.loads)
    options = parser.parse_args()
    at = [f"127.0.0.1:{port}" for port in options.ports]
    parties = options.work.get("parties", ["alice", "bob"])
    fed, nodes = at[: len(parties)], at[len(parties) :]
    sf.init(
        cluster_config={
            "parties": {
                party: {"address": address, "listen_addr": address}
                for party, address in zip(parties, fed, strict=True)
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
            "nodes": [
                {"party": party, "address": address}
                for party, address in zip(parties, nodes, strict=True)
            ],
            "runtime_config": options.work.get("runtime", {"protocol": "SEMI2K", "field": "FM128"}),
        },
        link_desc={**RETRY, "http_timeout_ms": 120_000},
    )
    return Devices(sf.PYU("alice"), sf.PYU("bob"), spu, options.work)


def finish(algorithm_s: float, **facts: object) -> None:
    """Stop the devices and print the figures, a line of JSON."""
    sf.shutdown()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"algorithm_s": algorithm_s, "peak_rss_bytes": peak, **facts}), flush=True)

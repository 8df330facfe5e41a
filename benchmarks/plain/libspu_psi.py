"""Intersect two CSV files on ``id`` by libspu alone: a link and one call."""

import argparse
import json
import resource
import time

from spu import libspu, psi

PARTIES = ("alice", "bob")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--party", required=True, choices=PARTIES)
    parser.add_argument("--ports", required=True, nargs=4, type=int)
    parser.add_argument("--work", required=True, type=json.loads)
    options = parser.parse_args()
    me, work = options.party, options.work

    link = libspu.link.Desc()
    link.recv_timeout_ms = 600_000
    link.connect_retry_times = 100
    link.connect_retry_interval_ms = 200
    for party, port in zip(PARTIES, options.ports, strict=False):
        link.add_party(party, f"127.0.0.1:{port}")
    connected = libspu.link.create_brpc(link, PARTIES.index(me))

    csv = psi.SourceType.SOURCE_TYPE_FILE_CSV
    config = psi.PsiExecuteConfig(
        protocol_conf=psi.PsiProtocolConfig(
            protocol=psi.parse_protocol(work["protocol"]), receiver_rank=0, broadcast_result=False
        ),
        input_params=psi.InputParams(
            type=csv, path=work["input"][me], selected_keys=["id"], keys_unique=True
        ),
        output_params=psi.OutputParams(type=csv, path=work["output"][me]),
        join_conf=psi.ResultJoinConfig(
            type=psi.ResultJoinType.JOIN_TYPE_INNER_JOIN, left_side_rank=0
        ),
    )
    started = time.perf_counter()
    report = psi.psi_execute(config, connected)
    seconds = time.perf_counter() - started
    connected.stop_link()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    facts = {"found": report.intersection_count}
    print(json.dumps({"algorithm_s": seconds, "peak_rss_bytes": peak, **facts}), flush=True)


if __name__ == "__main__":
    main()

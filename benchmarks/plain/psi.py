"""Intersect two CSV files on ``id``; the receiver, alice, gets its rows."""

import time

from benchmarks.plain._secretflow import finish, start


def main() -> None:
    devices = start()
    started = time.perf_counter()
    reports = devices.spu.psi(
        keys={"alice": ["id"], "bob": ["id"]},
        input_path=devices.work["input"],
        output_path=devices.work["output"],
        receiver="alice",
        broadcast_result=False,
        protocol=devices.work["protocol"],
    )
    seconds = time.perf_counter() - started
    finish(seconds, found=max(report["intersection_count"] for report in reports))


if __name__ == "__main__":
    main()

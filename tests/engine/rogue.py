"""A peer that passes the gate as the last rank, and then sends what it is told to.

In: ``{"addresses", "steps"}`` as JSON lines; a step is ``["echo"]`` (receive a frame and send
the same back), ``["runtime"]`` (start the SPU as it should), ``["send", hex]``, ``["lifeline",
hex]``. Out: ``ready``, then ``done`` for each line.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import Any

import spu
from spu import libspu

from secretflow_worker.engine import gate
from secretflow_worker.engine.link import LinkPlan, _description
from secretflow_worker.engine.mpc import SpuOptions


def play(addresses: list[str], steps: list[list[str]]) -> None:
    parties = ("alice", "bob", "carol")[: len(addresses)]
    rank = len(parties) - 1
    plan = LinkPlan(parties, rank, tuple(addresses), None, 30, 30)
    line = gate.meet(parties, rank, plan.addresses, None, 30)[0]
    link = libspu.link.create_brpc(_description(plan, plan.addresses), rank)
    for act, *content in steps:
        with suppress(OSError, RuntimeError):  # the other end has had enough
            if act == "echo":
                link.send(0, link.recv(0))
            elif act == "runtime":
                _kept.append(spu.Runtime(link, SpuOptions("SEMI2K", "FM64").runtime_config()))
            elif act == "send":
                link.send_async(0, bytes.fromhex(content[0]))
            elif act == "lifeline":
                line.sendall(bytes.fromhex(content[0]))
    line.settimeout(60)
    with suppress(OSError):
        while line.recv(100):  # until the other end has gone
            time.sleep(0.01)
    line.close()
    _kept.append(link)  # to end it would wait for acknowledgements that do not come


_kept: list[Any] = []


def main() -> None:
    print("ready", flush=True)
    for text in sys.stdin:
        play(**json.loads(text))
        print("done", flush=True)


if __name__ == "__main__":
    main()

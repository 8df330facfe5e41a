"""Private set intersection by libspu, on the task's own link; each party keeps its own report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from spu import psi

from secretflow_worker.contract.errors import DiskFull, InternalError
from secretflow_worker.engine.link import Link
from secretflow_worker.tasks._parties import PsiProtocol

_PROTOCOLS = {
    "KKRT": psi.PsiProtocol.PROTOCOL_KKRT,
    "RR22": psi.PsiProtocol.PROTOCOL_RR22,
    "ECDH": psi.PsiProtocol.PROTOCOL_ECDH,
    "ECDH_3PC": psi.PsiProtocol.PROTOCOL_ECDH_3PC,
    "ECDH_NPC": psi.PsiProtocol.PROTOCOL_ECDH_NPC,
    "KKRT_NPC": psi.PsiProtocol.PROTOCOL_KKRT_NPC,
}


def intersect(
    link: Link,
    keys: Path,
    output: Path,
    protocol: PsiProtocol,
    receiver: str | None,
    on_progress: Callable[[float], None],
) -> int:
    """Run PSI over the column ``key`` of each party's file; see ``Parties.intersect``.

    The output keeps the order of this party's file: libspu would align the parties' outputs by
    a shell ``sort``, which the caller does better.
    """
    broadcast = receiver is None
    config = psi.PsiExecuteConfig(
        protocol_conf=psi.PsiProtocolConfig(
            protocol=_PROTOCOLS[protocol],
            receiver_rank=0 if receiver is None else link.parties.index(receiver),
            broadcast_result=broadcast,
            ecdh_params=psi.EcdhParams(curve=psi.EllipticCurveType.CURVE_25519),
        ),
        input_params=psi.InputParams(
            type=psi.SourceType.SOURCE_TYPE_FILE_CSV,
            path=str(keys),
            selected_keys=["key"],
            keys_unique=True,
        ),
        output_params=psi.OutputParams(
            type=psi.SourceType.SOURCE_TYPE_FILE_CSV, path=str(output), disable_alignment=True
        ),
        join_conf=psi.ResultJoinConfig(
            type=psi.ResultJoinType.JOIN_TYPE_INNER_JOIN, left_side_rank=0
        ),
    )
    progress = psi.ProgressParams(
        hook=lambda data: on_progress(data.percentage / 100), interval_ms=200
    )
    report = psi.psi_execute(config, link.context, progress)
    if not broadcast and receiver != link.parties[link.rank]:
        return -1
    count = int(report.intersection_count)
    written = _count_rows(output)
    if written < count:  # libspu's writer does not notice a full disk
        raise DiskFull("the disk filled while the intersection was written")
    if written > count:
        raise InternalError("the intersection's file has more rows than its report says")
    return count


def _count_rows(path: Path) -> int:
    with path.open("rb") as file:
        return max(
            sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1, 0
        )

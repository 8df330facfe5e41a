"""SecretFlow's SPU actor, over a sub-link of ours instead of a link of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import spu
from secretflow.device.device import spu as spu_device

from secretflow_worker.engine.mpc import log_natively_to


def install(sublink: Any, log_path: Path) -> None:
    """Let the one SPU of this task run over `sublink`; its native log goes to `log_path`."""
    free = [sublink]

    class LinkedRuntime(spu_device.SPURuntime):  # type: ignore[misc]
        def __init__(
            self,
            rank: int,
            cluster_def: dict[str, Any],
            link_desc: Any = None,
            log_options: Any = None,
            id: str | None = None,
        ) -> None:
            if not free:
                raise RuntimeError("a task on the bridge has one SPU: use parties.secretflow().spu")
            log_natively_to(log_path)
            self.rank = rank
            self.cluster_def = cluster_def
            self.party = cluster_def["nodes"][rank]["party"]
            self.link = free.pop()
            self.conf = spu.RuntimeConfig()
            self.conf.ParseFromJsonString(json.dumps(cluster_def["runtime_config"]))
            self.runtime = spu.Runtime(self.link, self.conf)
            self.share_seq_id = 0
            self.id = id

    spu_device.SPURuntime = LinkedRuntime

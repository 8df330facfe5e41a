"""What a party process is told at its start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from secretflow_worker.engine.policy.model import Policy


class LinkSpec(BaseModel):
    """The link to the peers; `addresses` in the order of `parties`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    parties: list[str]
    addresses: list[str]
    certificate: Path | None = None
    private_key: Path | None = None
    pinned: list[Path] = []
    connect_timeout_s: float
    silence_timeout_s: float


class HeuSpec(BaseModel):
    """Homomorphic encryption: scheme, bits of the key, and who has the secret one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_name: str
    key_bits: int
    keeper: str


class DeviceSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol: str
    field: str
    heu: HeuSpec | None = None


class ProgramsSpec(BaseModel):
    """Where compiled programs are kept, and how much of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    limit_bytes: int


class PartySpec(BaseModel):
    """One party of one attempt, as its supervisor starts it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: str
    parties: list[str]
    execution_id: str
    attempt: int
    task_type: str
    task_version: int
    task_config: dict[str, Any]
    data_root: Path
    shared_root: Path
    """For files of no one party: the root of the only party here, or the machine's."""
    work_dir: Path
    log_path: Path
    run_root: Path
    log_level: str
    link: LinkSpec | None = None
    device: DeviceSpec
    programs: ProgramsSpec | None = None
    """None: every program is compiled, and none is kept."""
    policy: Policy | None = None
    """This party's own, for what only its process can see."""

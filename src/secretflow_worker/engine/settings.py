"""What an engine is told once, by the program that owns it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.names import PartyName


class EngineSettings(BaseModel):
    """Frozen; durations in seconds, sizes in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_root: Path = Path("/app/data")
    """Every path of a request must lie inside it, for each party without a root of its own."""
    party_data_roots: dict[PartyName, Path] = {}
    state_dir: Path
    """Working directories of runs live in its folder ``runs``."""
    party: PartyName | None = None
    """The only party that this worker may run in cluster mode; None allows any."""
    certs_dir: Path | None = None
    """Holds ``<party>.crt`` and ``<party>.key`` of our own, ``<peer>.crt`` of each pinned peer."""
    allow_plaintext: bool = False
    """Let cluster mode run without TLS. Only for networks that are private by other means."""
    allow_semi2k_dealer: bool = False
    """Let cluster mode run SEMI2K, whose first party deals the triples and could learn all."""
    policy_file: Path | None = None
    """The policy of this worker's party, a TOML file that only its operator writes."""
    party_policies: dict[PartyName, Path] = {}
    """Policy files by party, where local mode runs several; the others have ``policy_file``."""
    allow_no_policy: bool = False
    """Let cluster mode run without a policy. Then whoever can send requests decides all."""
    audit_dir: Path | None = None
    """Each party's audit log; ``<state_dir>/audit`` by default. Keep it on a disk that lasts."""
    party_memory_bytes: Annotated[int, Field(ge=64 * 2**20)] | None = None
    connect_timeout_s: Annotated[float, Field(gt=0)] = 30.0
    peer_silence_timeout_s: Annotated[float, Field(gt=0)] = 600.0
    """Longer than the longest computation during which a peer sends nothing."""
    max_timeout_s: Annotated[float, Field(gt=0)] = 86_400.0
    port_range: tuple[int, int] = (20_000, 31_999)
    """Local mode's links. Below the ephemeral range, where ports vanish between check and use."""
    log_level: str = "INFO"

    kept_logs: Annotated[int, Field(ge=0)] = 200
    """Of how many attempts the parties' logs are kept, in ``<state_dir>/logs``."""

    programs_dir: Path | None = None
    """Compiled programs of earlier runs; ``<state_dir>/programs`` by default. This user's alone."""
    programs_limit_bytes: Annotated[int, Field(ge=0)] = 256 * 2**20
    """Of all compiled programs that are kept together; 0 keeps none, and compiles every time."""

    @property
    def logs_dir(self) -> Path:
        return self.state_dir / "logs"

    @property
    def audits_dir(self) -> Path:
        return self.audit_dir or self.state_dir / "audit"

    @property
    def kept_programs_dir(self) -> Path:
        return self.programs_dir or self.state_dir / "programs"

    @property
    def runs_dir(self) -> Path:
        return self.state_dir / "runs"

    def policy_of(self, party: str) -> Path | None:
        """Return the policy file of a party, if it has one."""
        return self.party_policies.get(party, self.policy_file)

    def policy_files(self) -> list[Path]:
        """Return every policy file that is named."""
        return [*self.party_policies.values(), *([self.policy_file] if self.policy_file else [])]

    def shared_root_of(self, own: tuple[str, ...]) -> Path:
        """Return the folder for files of no one party, where this worker runs the `own` parties."""
        return self.root_of(own[0]) if len(own) == 1 else self.data_root

    def root_of(self, party: str) -> Path:
        """Return the folder that the files of `party` must lie in."""
        return self.party_data_roots.get(party, self.data_root)

"""Where the parties are, and which devices they share: ``sf_init_config`` and ``spu_config``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from secretflow_worker.contract.names import PartyName

Address = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"
    ),
]
Protocol = Literal["SEMI2K", "ABY3", "CHEETAH"]
RingField = Literal["FM32", "FM64", "FM128"]
PROTOCOL_PARTIES: dict[str, tuple[int, int]] = {"SEMI2K": (2, 5), "ABY3": (3, 3), "CHEETAH": (2, 2)}
"""Among how many parties each protocol runs: ``(fewest, most)``."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _all_different(names: list[str]) -> list[str]:
    if len(set(names)) != len(names):
        raise ValueError("a party is named twice")
    return names


class LocalCluster(_Frozen):
    """Every party as its own process on the worker's machine."""

    parties: list[PartyName] = Field(min_length=1, max_length=5)
    address: Literal["local"] = "local"

    _unique = field_validator("parties")(_all_different)


class PartyAddress(_Frozen):
    """Where peers reach a party, and what it listens on."""

    address: Address
    listen_addr: Address | None = None


class NetworkCluster(_Frozen):
    """This worker runs only ``self_party``; the others' workers get their own messages."""

    parties: dict[PartyName, PartyAddress] = Field(min_length=1, max_length=5)
    self_party: PartyName
    address: str | None = None
    """Named a Ray head in an older document; accepted and ignored."""

    @model_validator(mode="after")
    def _self_is_party(self) -> NetworkCluster:
        if self.self_party not in self.parties:
            raise ValueError(f"self_party: {self.self_party!r} is not one of parties")
        return self


class RayCluster(_Frozen):
    """The parties as tasks of an existing Ray cluster (extra ``ray``)."""

    parties: list[PartyName] = Field(min_length=1, max_length=5)
    address: Annotated[str, StringConstraints(pattern=r"^(ray://)?[A-Za-z0-9.-]+:[0-9]{1,5}$")]
    num_cpus: int | None = Field(default=None, ge=1)
    log_to_driver: bool = False
    omp_num_threads: int | None = Field(default=None, ge=1)

    _unique = field_validator("parties")(_all_different)


class SpuNode(_Frozen):
    """One party's end of the link, as its peers reach it.

    Without ``listen_address`` the party listens on this port at the host of its ``listen_addr``.
    """

    party: PartyName
    address: Address
    listen_address: Address | None = None


class RuntimeOptions(_Frozen):
    """The SPU runtime: protocol and ring, whose fixed point is libspu's own for that ring.

    Options that weaken, dump, or move the limits that task types rely on are not offered.
    """

    protocol: Protocol = "SEMI2K"
    field: RingField = "FM128"


class ClusterDef(_Frozen):
    nodes: list[SpuNode] = Field(min_length=2, max_length=5)
    runtime_config: RuntimeOptions = RuntimeOptions()

    @field_validator("nodes")
    @classmethod
    def _unique(cls, nodes: list[SpuNode]) -> list[SpuNode]:
        _all_different([node.party for node in nodes])
        return nodes


class LinkDesc(_Frozen):
    """The eight keys that SecretFlow's ``link_desc`` takes; durations in milliseconds."""

    connect_retry_times: int | None = Field(default=None, ge=1)
    connect_retry_interval_ms: int | None = Field(default=None, ge=1)
    recv_timeout_ms: int | None = Field(default=None, ge=1)
    http_max_payload_size: int | None = Field(default=None, ge=1024)
    http_timeout_ms: int | None = Field(default=None, ge=1)
    throttle_window_size: int | None = Field(default=None, ge=0)
    brpc_channel_protocol: Literal["baidu_std", "http"] | None = None
    brpc_channel_connection_type: Literal["single", "pooled", "short"] | None = None


class SpuConfig(_Frozen):
    cluster_def: ClusterDef
    link_desc: LinkDesc | None = None


class HeuParty(_Frozen):
    party: PartyName


class KeyOptions(_Frozen):
    bit_size: int = Field(default=2048, ge=2048, le=8192)


class KeyPair(_Frozen):
    generate: KeyOptions = KeyOptions()


class HeParameters(_Frozen):
    """The scheme, under any of sf-heu's names for it, and the size of its key."""

    scheme: Literal["ou", "zpaillier"] = Field(default="ou", alias="schema")
    key_pair: KeyPair = KeyPair()

    @field_validator("scheme", mode="before")
    @classmethod
    def _plain_name(cls, value: Any) -> Any:
        return _SCHEMES.get(value.lower(), value) if isinstance(value, str) else value


_SCHEMES = {
    "ou": "ou",
    "okamoto-uchiyama": "ou",
    "zpaillier": "zpaillier",
    "z-paillier": "zpaillier",
    "paillier": "zpaillier",
}


class HeuConfig(_Frozen):
    """As SecretFlow's ``HEU`` takes it."""

    sk_keeper: HeuParty
    evaluators: list[HeuParty] = Field(min_length=1, max_length=4)
    mode: Literal["PHEU"] = "PHEU"
    he_parameters: HeParameters = HeParameters()
    encoding: dict[str, Any] | None = None
    """Accepted and ignored: each task type encodes its own numbers."""

    @field_validator("evaluators")
    @classmethod
    def _unique(cls, evaluators: list[HeuParty]) -> list[HeuParty]:
        _all_different([evaluator.party for evaluator in evaluators])
        return evaluators

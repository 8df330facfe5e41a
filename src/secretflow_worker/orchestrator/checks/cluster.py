"""Where parties are and what they compute with: the parts of a request beside the task's config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from secretflow_worker.contract.cluster import (
    PROTOCOL_PARTIES,
    HeuConfig,
    NetworkCluster,
    SpuConfig,
)
from secretflow_worker.contract.request import Loc, cluster_model, placed_faults
from secretflow_worker.tasks import Config, TaskType

Placed = tuple[Loc, str, str]
"""A place inside the parameters, the message, and the code."""


@dataclass(frozen=True)
class Setting:
    """The parties of a task and their devices, so far as they could be read."""

    parties: tuple[str, ...] | None
    is_network: bool
    spu: SpuConfig | None
    heu: HeuConfig | None
    faults: tuple[Placed, ...]


def read_setting(cluster: Any, spu: Any, heu: Any) -> Setting:
    """Check the shapes of ``sf_init_config``, ``spu_config`` and ``heu_config``."""
    found: list[Placed] = []
    parties, is_network = _parties(cluster, found)
    read_spu = _read(SpuConfig, spu, "spu_config", found)
    read_heu = _read(HeuConfig, heu, "heu_config", found)
    return Setting(
        parties,
        is_network,
        read_spu if isinstance(read_spu, SpuConfig) else None,
        read_heu if isinstance(read_heu, HeuConfig) else None,
        tuple(found),
    )


def faults_of_devices(setting: Setting, task: TaskType) -> list[Placed]:
    """Check that a type runs among so many parties, and that the devices are theirs."""
    parties = setting.parties
    if parties is None:
        return []
    found: list[Placed] = []
    low, high = task.parties
    if not low <= len(parties) <= high:
        count = f"{low}" if low == high else f"{low} to {high}"
        message = f"{task.name} takes {count} parties, got {len(parties)}"
        found.append((("sf_init_config", "parties"), message, "CONFIG_INVALID"))
    if setting.spu is None or not task.link or len(parties) < 2:
        return found
    definition = setting.spu.cluster_def
    place: Loc = ("spu_config", "cluster_def")
    if {node.party for node in definition.nodes} != set(parties):
        message = "must name exactly the parties of sf_init_config"
        found.append(((*place, "nodes"), message, "CONFIG_INVALID"))
    options = definition.runtime_config
    fewest, most = PROTOCOL_PARTIES[options.protocol]
    if not fewest <= len(parties) <= most:
        message = f"{options.protocol} does not run among {len(parties)} parties"
        found.append(((*place, "runtime_config", "protocol"), message, "PROTOCOL_UNFIT"))
    if options.protocol == "CHEETAH" and options.field == "FM128":
        message = "CHEETAH runs on FM32 or FM64"
        found.append(((*place, "runtime_config", "field"), message, "PROTOCOL_UNFIT"))
    return found


def faults_of_keys(setting: Setting, task: TaskType, config: Config) -> list[Placed]:
    """Check that a ``heu_config`` gives the key to the party whose values are encrypted."""
    keeper = config.key_holder() if "heu" in task.devices else None
    if keeper is None or setting.heu is None or setting.parties is None:
        return []
    if setting.heu.sk_keeper.party != keeper:
        message = f"must be {keeper}, whose values are encrypted"
        return [(("heu_config", "sk_keeper"), message, "CONFIG_INVALID")]
    if {each.party for each in setting.heu.evaluators} != set(setting.parties) - {keeper}:
        message = "must be exactly the parties beside sk_keeper"
        return [(("heu_config", "evaluators"), message, "CONFIG_INVALID")]
    return []


def _parties(cluster: Any, found: list[Placed]) -> tuple[tuple[str, ...] | None, bool]:
    if cluster is None:
        message = "no parties: give them in options.parties, or an sf_init_config"
        found.append((("sf_init_config",), message, "CONFIG_INVALID"))
        return None, False
    model = cluster_model(cluster)
    data = dict(cluster)
    names = data.get("parties")
    if model is NetworkCluster and names:
        # Each party's worker is sent a message of its own, with its own name there.
        data.setdefault("self_party", next(iter(names)))
    read = _read(model, data, "sf_init_config", found)
    if read is None:
        return None, model is NetworkCluster
    return tuple(getattr(read, "parties")), model is NetworkCluster  # noqa: B009


def _read(
    model: type[BaseModel], data: Mapping[str, Any] | None, part: str, found: list[Placed]
) -> BaseModel | None:
    if data is None:
        return None
    try:
        return model.model_validate(data)
    except ValidationError as fault:
        for loc, text in placed_faults(fault, data):
            found.append(((part, *loc), text, "CONFIG_INVALID"))
        return None

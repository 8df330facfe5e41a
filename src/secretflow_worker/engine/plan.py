"""A checked request: everything that can be refused before any process starts, was not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from secretflow_worker.contract.cluster import (
    PROTOCOL_PARTIES,
    LocalCluster,
    NetworkCluster,
    RayCluster,
    SpuNode,
)
from secretflow_worker.contract.errors import ConfigError, InputError, ProtocolUnfit, WorkerError
from secretflow_worker.contract.request import TaskRequest
from secretflow_worker.engine.extras import require_secretflow
from secretflow_worker.engine.paths import check_file
from secretflow_worker.engine.policy import LoadedPolicy
from secretflow_worker.engine.policy.at_worker import apply_policies, root_of
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.engine.spec import DeviceSpec, HeuSpec, LinkSpec
from secretflow_worker.tasks import Config, TaskDispatcher, TaskType
from secretflow_worker.tasks._config import DeclaredFile, FileRole
from secretflow_worker.tasks._task import BRIDGE

_TABLES = {FileRole.INPUT_TABLE, FileRole.OUTPUT_TABLE}


@dataclass(frozen=True)
class Plan:
    """What ``Engine.run`` runs."""

    request: TaskRequest
    task: TaskType
    config: Config
    timeout_s: float
    parties: tuple[str, ...]
    """All parties of the task by rank: sorted by name, so that every worker ranks them alike."""
    own: tuple[str, ...]
    """The parties that this worker runs."""
    device: DeviceSpec
    link: LinkSpec | None
    """The link of cluster mode; in local mode addresses are leased at each attempt."""
    policies: Mapping[str, LoadedPolicy] = dataclasses.field(default_factory=dict)
    """Of the own parties that have one."""
    asked_by: str | None = None
    """Who sent the request, as its message says; nobody has checked it."""

    @property
    def needs_link(self) -> bool:
        return self.task.link and len(self.parties) > 1


TellPeers = Callable[[LinkSpec, str, WorkerError], None]
"""Is given the link, the own party, and why it will not come."""


def prepare(
    request: TaskRequest,
    settings: EngineSettings,
    tell_peers: TellPeers = lambda link, party, error: None,
) -> Plan:
    """Check a request against its task type, this worker's settings, policies and file system.

    Raises:
        ConfigError, InputError: the first fault of the cheapest kind; nothing was started.
        PolicyRefusal: the policy of an own party forbids it.
    """
    cluster = request.sf_init_config
    if isinstance(cluster, RayCluster):
        raise ConfigError(
            "sf_init_config.address: this worker does not run Ray mode",
            hint='Use local mode ("address": "local") or cluster mode.',
        )
    task = TaskDispatcher.resolve(request.task_config)
    parties = ranked(request)
    config = task.parse(request.task_config, request.parties)
    is_linked = task.link and len(request.parties) > 1
    device = _device(request, task)
    if "heu" in task.devices:
        device = device.model_copy(update={"heu": _heu(request, config)})
    if BRIDGE in task.devices:
        require_secretflow(task.name)
    if is_linked:
        _check_device(device, request, task, settings)
    link = None
    if isinstance(cluster, NetworkCluster):
        own: tuple[str, ...] = (_own_party(cluster, settings),)
        link = _network_link(request, cluster, settings) if is_linked else None
    else:
        own = parties
    try:
        dealer = dealer_of(request, task)
        policies = apply_policies(request, task, config, own, dealer, settings)
        _check_files(config, own, settings)
    except WorkerError as error:
        if link is not None:
            tell_peers(link, own[0], error)
        raise
    asked = settings.max_timeout_s if request.timeout_s is None else request.timeout_s
    timeout_s = min(asked, settings.max_timeout_s)
    return Plan(request, task, config, timeout_s, parties, own, device, link, policies)


def _check_files(config: Config, own: tuple[str, ...], settings: EngineSettings) -> None:
    """Check every file of this worker's parties, and that no output would replace another file.

    A party's table or model may be replaced by the one that is made of it, and by nothing else.
    """
    outputs: dict[Path, str] = {}
    inputs: list[tuple[Path, DeclaredFile]] = []
    made: list[tuple[Path, DeclaredFile]] = []
    for declared in config.files():
        if declared.party is not None and declared.party not in own:
            continue
        real = check_file(declared, root_of(declared, own, settings), declared.party or own[0])
        if declared.role.is_input:
            inputs.append((real, declared))
            continue
        made.append((real, declared))
        for other, field in outputs.items():
            if real == other or real in other.parents or other in real.parents:
                raise ConfigError(
                    f"task_config.{declared.field}: {declared.path} collides with {field}",
                    hint="Give every output of the task a path of its own.",
                )
        outputs[real] = f"task_config.{declared.field}"
    for real, declared in made:
        for source, read in inputs:
            is_inside = real in source.parents or source in real.parents
            if is_inside or (real == source and not _may_replace(declared, read)):
                raise ConfigError(
                    f"task_config.{declared.field}: {declared.path} would replace what "
                    f"task_config.{read.field} names",
                    hint="Give every output of the task a path of its own.",
                )
    for real, declared in inputs + made:
        if declared.role in _TABLES and real.suffix not in {".csv", ".parquet"}:
            place = f"task_config.{declared.field}"
            raise InputError(
                f"{place}: the name of {declared.path} does not end in .csv or .parquet",
                hint="A table is of one of these two formats; its name says which.",
                party=declared.party,
            )


def _may_replace(made: DeclaredFile, read: DeclaredFile) -> bool:
    kinds = made.role.value.split()[-1], read.role.value.split()[-1]
    return made.party == read.party and kinds[0] == kinds[1]


def ranked(request: TaskRequest) -> tuple[str, ...]:
    """Return the parties by rank; the messages of two workers may list them differently."""
    return tuple(sorted(request.parties))


def _device(request: TaskRequest, task: TaskType) -> DeviceSpec:
    """The SPU as asked for; local mode may leave it out, cluster mode too, with a safe default."""
    if request.spu_config is not None:
        definition = request.spu_config.cluster_def
        named = {node.party for node in definition.nodes}
        if task.link and named != set(request.parties):
            raise ConfigError(
                "spu_config.cluster_def.nodes: must name exactly the parties of sf_init_config"
            )
        options = definition.runtime_config
        return DeviceSpec(protocol=options.protocol, field=options.field)
    if isinstance(request.sf_init_config, LocalCluster):
        return DeviceSpec(protocol="SEMI2K", field="FM128")
    protocol = {2: "CHEETAH", 3: "ABY3"}.get(len(request.parties), "SEMI2K")
    return DeviceSpec(protocol=protocol, field="FM64")


def _heu(request: TaskRequest, config: Config) -> HeuSpec | None:
    """Homomorphic encryption as asked for, or by a safe default in either mode.

    Raises:
        ConfigError: the key is not where the task type needs it, or a party is left out.
    """
    keeper = config.key_holder()
    if keeper is None:
        return None
    asked = request.heu_config
    if asked is None:
        return HeuSpec(schema_name="ou", key_bits=2048, keeper=keeper)
    if asked.sk_keeper.party != keeper:
        raise ConfigError(
            f"heu_config.sk_keeper: must be {keeper}, whose values are encrypted; with the key at "
            f"{asked.sk_keeper.party!r} they would not be secret",
            hint=f'Write {{"party": "{keeper}"}}, or leave heu_config out.',
        )
    if {each.party for each in asked.evaluators} != set(request.parties) - {keeper}:
        raise ConfigError("heu_config.evaluators: must be exactly the parties beside sk_keeper")
    chosen = asked.he_parameters
    return HeuSpec(
        schema_name=chosen.scheme, key_bits=chosen.key_pair.generate.bit_size, keeper=keeper
    )


def _check_device(
    device: DeviceSpec, request: TaskRequest, task: TaskType, settings: EngineSettings
) -> None:
    count = len(request.parties)
    low, high = PROTOCOL_PARTIES[device.protocol]
    if not low <= count <= high:
        raise ProtocolUnfit(f"spu_config: {device.protocol} does not run among {count} parties")
    if device.protocol == "CHEETAH" and device.field == "FM128":
        raise ProtocolUnfit("spu_config: CHEETAH runs on FM32 or FM64", hint="Use FM64.")
    cluster = request.sf_init_config
    if not isinstance(cluster, NetworkCluster) or dealer_of(request, task) is None:
        return
    # A party with a policy says there whom it trusts so far.
    if not settings.allow_semi2k_dealer and settings.policy_of(cluster.self_party) is None:
        raise ProtocolUnfit(
            f"spu_config: in SEMI2K party {ranked(request)[0]} deals every multiplication triple "
            "and could learn all; between hosts this worker refuses it",
            hint="Use CHEETAH for 2 parties or ABY3 for 3, or set allow_semi2k_dealer everywhere.",
        )


def dealer_of(request: TaskRequest, task: TaskType) -> str | None:
    """Return the party that deals the triples, where the protocol has one and the parties meet."""
    is_linked = task.link and len(request.parties) > 1
    uses_spu = bool({"spu", BRIDGE} & set(task.devices))
    deals = is_linked and uses_spu and _device(request, task).protocol == "SEMI2K"
    return ranked(request)[0] if deals else None


def _own_party(cluster: NetworkCluster, settings: EngineSettings) -> str:
    if settings.party is not None and cluster.self_party != settings.party:
        raise ConfigError(
            f"sf_init_config.self_party: this is the worker of {settings.party}, "
            f"not of {cluster.self_party}"
        )
    return cluster.self_party


def _network_link(
    request: TaskRequest, cluster: NetworkCluster, settings: EngineSettings
) -> LinkSpec:
    """Addresses by rank: those of the SPU's nodes, else those of ``sf_init_config``."""
    reach = {name: (at.address, at.listen_addr) for name, at in cluster.parties.items()}
    if request.spu_config is not None:
        nodes = request.spu_config.cluster_def.nodes
        reach = {
            node.party: (node.address, node.listen_address or _beside(reach[node.party][1], node))
            for node in nodes
        }
    me = cluster.self_party
    addresses = [
        (reach[party][1] or reach[party][0]) if party == me else reach[party][0]
        for party in ranked(request)
    ]
    for address in addresses:
        if not 0 < int(address.rpartition(":")[2]) < 2**16:
            raise ConfigError(f"{address} has no port from 1 to 65535")
    if len(set(addresses)) != len(addresses):
        raise ConfigError("spu_config: two parties have the same address")
    certificate, private_key, pinned = _certificates(request.parties, me, settings)
    return LinkSpec(
        parties=list(ranked(request)),
        addresses=addresses,
        certificate=certificate,
        private_key=private_key,
        pinned=pinned,
        connect_timeout_s=settings.connect_timeout_s,
        silence_timeout_s=settings.peer_silence_timeout_s,
    )


def _beside(listen_addr: str | None, node: SpuNode) -> str | None:
    """Return where a node without a ``listen_address`` listens: its port, the party's own host.

    The documented messages name an own node by 127.0.0.1, and say in ``listen_addr`` on which
    host the party really listens; peers elsewhere would not reach it otherwise.
    """
    if listen_addr is None:
        return None
    return f"{listen_addr.rpartition(':')[0]}:{node.address.rpartition(':')[2]}"


def _certificates(
    parties: tuple[str, ...], me: str, settings: EngineSettings
) -> tuple[Path | None, Path | None, list[Path]]:
    folder = settings.certs_dir
    if folder is None:
        if settings.allow_plaintext:
            return None, None, []
        raise ConfigError(
            "cluster mode needs certs_dir: this worker has no certificates",
            hint="Run `sfw certs init`, exchange the .crt files, and set certs_dir; or set "
            "allow_plaintext where the network is private by other means.",
            party=me,
        )
    pinned = [folder / f"{peer}.crt" for peer in parties if peer != me]
    for path in (folder / f"{me}.crt", folder / f"{me}.key", *pinned):
        if not path.is_file():
            raise ConfigError(
                f"certs_dir: {path.name} is missing at party {me}",
                hint="Run `sfw certs init` for the own party; ask a peer's operator for its .crt.",
                party=me,
            )
    return folder / f"{me}.crt", folder / f"{me}.key", pinned

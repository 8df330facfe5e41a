"""The engine's ``Parties``: one party's view of a task while it runs."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from secretflow_worker.contract.errors import InternalError, ModelInvalid, PeerLost
from secretflow_worker.contract.events import Stage, utc_now
from secretflow_worker.engine import models, psi
from secretflow_worker.engine.arrays import array_frame, read_array
from secretflow_worker.engine.control import ControlChannel, Progress
from secretflow_worker.engine.frames import FrameError, Kind
from secretflow_worker.engine.link import Link
from secretflow_worker.engine.mpc import MpcRuntime, SpuOptions, count_messages
from secretflow_worker.engine.policy.at_party import IntersectionGuard
from secretflow_worker.engine.program_cache import ProgramCache
from secretflow_worker.engine.spec import PartySpec
from secretflow_worker.engine.workdir import StageRecord
from secretflow_worker.tasks._equality import all_same
from secretflow_worker.tasks._parties import Array, PsiProtocol, Secret
from secretflow_worker.tasks._task import BRIDGE, TaskDispatcher

if TYPE_CHECKING:
    from secretflow_worker.engine.heu import HeuRuntime
    from secretflow_worker.engine.secretflow.bridge import Bridge

_REPORT_EVERY_S = 0.1


class PartyContext:
    """Implements ``tasks.Parties``."""

    def __init__(
        self,
        spec: PartySpec,
        control: ControlChannel,
        link: Link | None,
        files: Mapping[str, Path],
        record: StageRecord,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """`on_failure` ends the party; for failures in threads that are not the task type's."""
        self.me = spec.party
        self.names = tuple(spec.parties)
        self.rank = self.names.index(spec.party)
        self.device_init_s = 0.0
        self._spec = spec
        self._control = control
        self._link = link
        self._files = files
        self._record = record
        self._on_failure = on_failure
        self._runtime: MpcRuntime | None = None
        self._bridge: Bridge | None = None
        self._heu: HeuRuntime | None = None
        self._last_report = 0.0

    @property
    def spu(self) -> MpcRuntime:
        """See ``Parties.spu``."""
        if self._runtime is None:
            start = time.monotonic()
            self._control.tell(Progress(stage=Stage.DEVICE_CREATION))
            self._runtime = MpcRuntime(
                self._linked, self._options, self._native_log, self._kept_programs
            )
            self.device_init_s += time.monotonic() - start
            self._control.tell(Progress(stage=Stage.TASK_EXECUTION))
        return self._runtime

    @property
    def heu(self) -> HeuRuntime:
        """See ``Parties.heu``."""
        if self._heu is None:
            if self._spec.device.heu is None:
                raise InternalError("this task type did not declare the device 'heu'")
            start = time.monotonic()
            self._control.tell(Progress(stage=Stage.DEVICE_CREATION))
            from secretflow_worker.engine.heu import HeuRuntime

            self._heu = HeuRuntime(self._linked, self._spec.device.heu)
            self.device_init_s += time.monotonic() - start
            self._control.tell(Progress(stage=Stage.TASK_EXECUTION))
        return self._heu

    def secretflow(self, *, accept: Sequence[type] = ()) -> Bridge:
        """See ``Parties.secretflow``."""
        if self._bridge is None:
            task = TaskDispatcher.find(self._spec.task_type, self._spec.task_version)
            if BRIDGE not in task.devices:
                raise InternalError(
                    f"{task.name} did not declare the device {BRIDGE!r}, so nobody checked that "
                    "this worker has it",
                    hint=f'Register the task type with devices=("{BRIDGE}",).',
                )
            start = time.monotonic()
            self._control.tell(Progress(stage=Stage.DEVICE_CREATION))
            from secretflow_worker.engine.secretflow.bridge import Bridge

            self._bridge = Bridge(
                self._linked, self._options, self._native_log, accept, self._on_failure
            )
            self.device_init_s += time.monotonic() - start
            self._control.tell(Progress(stage=Stage.TASK_EXECUTION))
        return self._bridge

    @contextmanager
    def ending_devices(self) -> Iterator[None]:
        """Take SecretFlow's devices down at the end, and unwrap what went wrong in them."""
        try:
            yield
            if self._bridge is not None:
                self._bridge.finish()
        except Exception as fault:
            cause = fault if self._bridge is None else self._bridge.cause_of(fault)
            if cause is fault:
                raise
            raise cause from None

    def progress(self, done: float, message: str = "") -> None:
        """See ``Parties.progress``; reports that follow each other at once are thinned."""
        now = time.monotonic()
        if done >= 1 or now - self._last_report >= _REPORT_EVERY_S:
            self._last_report = now
            self._control.tell(Progress(stage=Stage.TASK_EXECUTION, done=done, message=message))

    def input(self, path: str) -> Path:
        """See ``Parties.input``."""
        return self._files[path]

    def stage(self, path: str) -> Path:
        """See ``Parties.stage``."""
        return self._record.stage(self._files[path])

    def scratch(self, name: str) -> Path:
        """See ``Parties.scratch``."""
        return self._spec.work_dir / name

    def exchange(self, value: Any) -> dict[str, Any]:
        """See ``Parties.exchange``."""
        return self._linked.exchange(value)

    def send(self, to: str, value: Array) -> None:
        """See ``Parties.send``."""
        self._linked.send(to, array_frame(value))

    def receive(self, sender: str, dtype: str, shape: Sequence[int | None]) -> Array:
        """See ``Parties.receive``."""
        frame = self._linked.receive(sender, Kind.ARRAY)
        try:
            return read_array(frame, dtype, shape)
        except FrameError as fault:
            raise PeerLost(
                f"party {sender} sent what is not in the protocol: {fault}", party=sender
            ) from None

    def all_equal(self, digest: bytes) -> bool:
        """See ``Parties.all_equal``: the squared differences are summed and opened as zero or not.

        The digest is keyed by a nonce of every party, so it says nothing outside this run.
        """
        nonces = self._linked.exchange_text(os.urandom(32).hex())
        key = "".join(nonces[party] for party in self.names).encode()
        keyed = hashlib.blake2b(key + digest, digest_size=32).digest()
        limbs = np.frombuffer(keyed, dtype=np.uint8).astype(np.int32)
        shares = [
            self.spu.share(party, limbs if party == self.me else None) for party in self.names
        ]
        verdict = self.spu.call(all_same, *shares)
        opened = self.spu.reveal(verdict, self.names)
        self.spu.free(*shares, verdict)
        if opened is None:
            raise InternalError("the comparison's bit did not reach this party")
        return bool(opened.item())

    def intersect(
        self, keys: Path, output: Path, protocol: PsiProtocol, receiver: str | None
    ) -> int:
        """See ``Parties.intersect``."""
        guard = IntersectionGuard(self._spec.policy, self.me, self.names)
        guard.before(receiver)
        count = psi.intersect(
            self._linked,
            keys,
            output,
            protocol,
            receiver,
            lambda done: self.progress(done * 0.9),
        )
        guard.after(receiver, count)
        return count

    def save_model(
        self,
        path: str,
        *,
        parameters: Mapping[str, Any],
        features: Mapping[str, Sequence[str]],
        label: str | None = None,
        label_party: str | None = None,
        secrets: Mapping[str, Secret],
        own: Mapping[str, Any],
    ) -> None:
        """See ``Parties.save_model``."""
        ids = self._linked.exchange_text(os.urandom(16).hex())
        joint = hashlib.blake2b(
            "".join(ids[party] for party in self.names).encode(), digest_size=16
        )
        manifest = models.Manifest(
            manifest_version=models.MANIFEST_VERSION,
            model_id=joint.hexdigest(),
            task_type=self._spec.task_type,
            task_version=self._spec.task_version,
            created_at=utc_now(),
            party=self.me,
            parties=list(self.names),
            parameters=dict(parameters),
            features={party: list(names) for party, names in features.items()},
            label=label,
            label_party=label_party,
            device=self._device,
            secrets=list(secrets),
            files={},
        )
        runtime = self.spu if secrets else None
        models.write_model(self.stage(path), manifest, secrets, own, runtime)

    def load_model(self, path: str) -> models.SavedModel:
        """See ``Parties.load_model``."""
        folder = self.input(path)
        manifest = models.read_manifest(folder)
        models.check_fit(manifest, folder, self.me, self.names, self._device)
        facts = manifest.model_dump(exclude={"party", "files", "created_at"})
        digest = hashlib.sha256(repr(sorted(facts.items())).encode()).hexdigest()
        digests = self._linked.exchange_text(digest)
        if len(set(digests.values())) != 1:
            raise ModelInvalid("the parties' model directories are not of one training")
        secrets = models.load_secrets(folder, manifest, self.spu) if manifest.secrets else {}
        return models.SavedModel(manifest, secrets, models.load_own(folder))

    def messages_sent(self) -> int:
        """Count this party's messages: frames, and those of the runtime's programs."""
        frames = 0 if self._link is None else self._link.frames_sent
        return frames + count_messages(self._native_log)

    @property
    def used_spu(self) -> bool:
        return self._runtime is not None or (self._bridge is not None and self._bridge.used_spu)

    @property
    def used_heu(self) -> bool:
        return self._heu is not None

    @property
    def _options(self) -> SpuOptions:
        return SpuOptions(self._spec.device.protocol, self._spec.device.field)

    @property
    def _kept_programs(self) -> ProgramCache | None:
        spec = self._spec.programs
        return None if spec is None else ProgramCache(spec.folder, spec.limit_bytes)

    @property
    def _native_log(self) -> Path:
        return self._spec.work_dir / "spu.log"

    @property
    def _device(self) -> models.ModelDevice:
        return models.ModelDevice(
            protocol=self._spec.device.protocol, field=self._spec.device.field
        )

    @property
    def _linked(self) -> Link:
        if self._link is None:
            raise InternalError("this task type declared that its parties do not meet")
        return self._link

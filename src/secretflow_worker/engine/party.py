"""A party process: one party's program of one attempt, from fork to exit.

Order: own process group and folder; check own files again with this process's eyes; link;
run the task type; wait until every party has finished; report; exit. Whatever goes wrong is
told to the supervisor as an ``ErrorReport`` without a data value, and to the peers as a code.
Its traceback goes to this party's own log.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import (
    ConfigError,
    DiskFull,
    InternalError,
    OutOfMemory,
    OutputNotWritable,
    PeerLost,
    WorkerError,
)
from secretflow_worker.contract.events import Stage
from secretflow_worker.engine import traffic
from secretflow_worker.engine.context import PartyContext
from secretflow_worker.engine.control import Beat, ControlChannel, Done, Failed, Figures, Progress
from secretflow_worker.engine.lifeline import PeerFailed
from secretflow_worker.engine.link import Link, LinkPlan
from secretflow_worker.engine.paths import DISK_FULL, check_file
from secretflow_worker.engine.policy import Subject
from secretflow_worker.engine.policy.at_party import check_tables
from secretflow_worker.engine.processes import IDENTITY_FILE, write_identity
from secretflow_worker.engine.refusal import tls_of
from secretflow_worker.engine.spec import DeviceSpec, LinkSpec, PartySpec
from secretflow_worker.engine.workdir import StageRecord
from secretflow_worker.tasks import Config, TaskDispatcher, TaskType

_log = logging.getLogger(__name__)

_BEAT_EVERY_S = 1.0
_LINGER_S = 0.2
"""How long an ended party stays for peers that still wait to hear that it got their last frame.

Its supervisor ends it earlier when it knows that all parties have finished.
"""
_VERDICT_S = 0.2
_CERTAIN_VERDICT_S = 5.0
_FULL_WORDS = tuple(os.strerror(number) for number in DISK_FULL)
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4


def run_party(spec_json: str, connection: Connection) -> None:
    """Run one party; the target of the fork. Never returns: the process exits."""
    spec = PartySpec.model_validate_json(spec_json)
    _become_a_party(spec)
    control = ControlChannel(connection)
    threading.Thread(target=_beat, args=(control,), daemon=True).start()
    program = PartyProgram(spec, control)
    threading.Thread(target=_end_when_told, args=(control, program), daemon=True).start()
    message: Done | Failed
    try:
        message = program.run()
    except BaseException as fault:  # noqa: BLE001 - the edge of the process: all is reported
        program.hear_peers_out(fault)
        error = error_of(fault, program)
        _log.error("%s: %s\n%s", error.code, error.message, traceback_of(fault))
        program.abort(error)  # before the supervisor knows, who then ends this process
        message = Failed(error=error.report())
    _end(control, message)


def _end_when_told(control: ControlChannel, program: PartyProgram) -> None:
    try:
        error = WorkerError.from_report(control.hear())
    except (EOFError, OSError):  # the beat ends this process, then
        return
    program.abort(error)
    os._exit(0)


def _end(control: ControlChannel, message: Done | Failed) -> NoReturn:
    with suppress(OSError):  # the supervisor is gone: nobody to tell
        control.tell(message)
        control.await_end(_LINGER_S)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)  # native threads of the link do not survive an ordinary exit


class PartyProgram:
    """The steps of one party's run."""

    def __init__(self, spec: PartySpec, control: ControlChannel) -> None:
        self._spec = spec
        self._control = control
        self.link: Link | None = None

    def run(self) -> Done:
        """Run the task type and return what the supervisor is told."""
        spec = self._spec
        start = time.monotonic()
        task = TaskDispatcher.find(spec.task_type, spec.task_version)
        config = task.parse(spec.task_config, tuple(spec.parties))
        files = {
            declared.path: check_file(
                declared, spec.shared_root if declared.party is None else spec.data_root, spec.party
            )
            for declared in config.files()
            if declared.party in (spec.party, None)
        }
        self._control.tell(Progress(stage=Stage.CLUSTER_INIT))
        if spec.link is not None:
            self.link = Link(_link_plan(spec.link, spec), self._end_by_peer)
            _check_agreement(self.link, task, config, spec.device)
        if spec.policy is not None:
            check_tables(spec.policy, _subject(task, config, spec))
        linked = time.monotonic()
        record = StageRecord(spec.run_root / f"{spec.party}.staged", spec.run_root.name)
        context = PartyContext(spec, self._control, self.link, files, record, self._end_by_failure)
        self._control.tell(
            Progress(stage=Stage.DEVICE_CREATION if task.devices else Stage.TASK_EXECUTION)
        )
        return self._compute(task, config, context, linked - start)

    def _compute(
        self, task: TaskType, config: Config, context: PartyContext, cluster_init_s: float
    ) -> Done:
        start = time.monotonic()
        with context.ending_devices():
            report = task.run(context, config)
        if self.link is not None:
            self.link.finish()
        algorithm_s = time.monotonic() - start - context.device_init_s
        figures = Figures(
            cluster_init_s=cluster_init_s,
            device_init_s=context.device_init_s,
            algorithm_s=algorithm_s,
            peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            bytes_sent=traffic.bytes_sent(),
            messages_sent=context.messages_sent(),
        )
        return Done(
            report=report.model_dump(mode="json"),
            figures=figures,
            used_spu=context.used_spu,
            used_heu=context.used_heu,
        )

    def hear_peers_out(self, fault: BaseException) -> None:
        """Give the lifeline a moment to end this process, where a peer's end may be the cause."""
        own = isinstance(fault, WorkerError) and not isinstance(fault, PeerLost)
        if self.link is not None and not own:
            time.sleep(_CERTAIN_VERDICT_S if isinstance(fault, PeerFailed) else _VERDICT_S)

    def _end_by_peer(self, error: WorkerError) -> None:
        """End this process, whatever its main thread does: it would wait for a peer in vain."""
        _log.error("%s: %s", error.code, error.message)
        _end(self._control, Failed(error=error.report()))

    def _end_by_failure(self, fault: BaseException) -> None:
        """End this process for what failed in a thread, whatever its main thread waits for."""
        self.hear_peers_out(fault)
        error = error_of(fault, self)
        _log.error("%s: %s\n%s", error.code, error.message, traceback_of(fault))
        self.abort(error)
        _end(self._control, Failed(error=error.report()))

    def abort(self, error: WorkerError) -> None:
        """Tell the peers that this party failed."""
        if self.link is not None:
            self.link.abort(error)


def _check_agreement(link: Link, task: TaskType, config: Config, device: DeviceSpec) -> None:
    """Compare what the workers' messages ask for; paths are each party's own affair."""
    paths = {declared.field for declared in config.files()}
    agreed = config.model_dump_json(exclude=paths | {"task_version"})
    device_used = device.model_dump_json() if task.devices else ""
    asked = f"{task.name}@{task.version} {device_used} {agreed}"
    digests = link.exchange_text(hashlib.sha256(asked.encode()).hexdigest())
    if len(set(digests.values())) != 1:
        link.finish()  # each party finds it out by itself, and none ends another's comparison
        raise ConfigError(
            "task_config, spu_config: the parties' messages ask for different things",
            hint="Send every party the same task_config, task version and runtime_config; only "
            "paths may differ.",
        )


def _subject(task: TaskType, config: Config, spec: PartySpec) -> Subject:
    is_network = spec.link is not None and spec.link.certificate is not None
    return Subject(spec.party, task, config, tuple(spec.parties), is_network)


def error_of(fault: BaseException, program: PartyProgram) -> WorkerError:
    """Turn whatever ended the program into the error that may leave this process.

    Texts of foreign exceptions are told to nobody: they may quote values.
    """
    me = program._spec.party
    if isinstance(fault, WorkerError):
        if fault.party is None and not isinstance(fault, PeerLost):
            fault.party = me
        return fault
    text = str(fault)
    if isinstance(fault, MemoryError) or "bad_alloc" in text:
        return OutOfMemory(f"party {me} ran out of memory", party=me)
    if getattr(fault, "errno", None) in DISK_FULL or any(words in text for words in _FULL_WORDS):
        return DiskFull(f"party {me}: the disk is full", party=me)
    if isinstance(fault, PermissionError):
        return OutputNotWritable(f"party {me}: a file could not be written or read", party=me)
    if isinstance(fault, RuntimeError) and program.link is not None:
        lost = program.link.lost_peer(text)
        if lost is not None and _sounds_like_a_lost_peer(text):
            return PeerLost(f"party {lost} was lost", party=lost)
    kind = type(fault).__name__
    return InternalError(f"party {me} failed with {kind}; its log has the traceback", party=me)


def _sounds_like_a_lost_peer(text: str) -> bool:
    words = ("timeout", "timed out", "connect", "link", "send", "recv", "rpc", "closed", "socket")
    return any(word in text.lower() for word in words)


def _become_a_party(spec: PartySpec) -> None:
    """Own session, death with the launcher, own folder and TMPDIR, own log."""
    os.setsid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # no core dump holds a party's rows
    if os.getppid() == 1:  # the launcher died before the line above
        os._exit(2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    os.chdir(spec.work_dir)
    write_identity(Path(IDENTITY_FILE))
    os.environ["TMPDIR"] = str(spec.work_dir)
    spec.log_path.parent.mkdir(mode=0o700, exist_ok=True)  # few logs are kept, many runs at once
    log = os.open(spec.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    os.close(log)
    logging.basicConfig(
        level=spec.log_level,
        format=f"%(asctime)s %(levelname)s %(name)s [{spec.execution_id} {spec.party}] %(message)s",
        stream=sys.stderr,
        force=True,
    )


def _beat(control: ControlChannel) -> None:
    while True:
        try:
            control.tell(Beat())
        except OSError:
            os.killpg(0, signal.SIGKILL)
        time.sleep(_BEAT_EVERY_S)


def _link_plan(link: LinkSpec, spec: PartySpec) -> LinkPlan:
    return LinkPlan(
        parties=tuple(link.parties),
        rank=link.parties.index(spec.party),
        addresses=tuple(link.addresses),
        tls=tls_of(link),
        connect_timeout_s=link.connect_timeout_s,
        silence_timeout_s=link.silence_timeout_s,
    )

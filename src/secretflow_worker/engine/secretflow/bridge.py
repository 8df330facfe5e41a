"""SecretFlow's devices as a task type gets them; implements ``tasks.SecretFlow``."""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spu import libspu

from secretflow_worker.contract.errors import InternalError
from secretflow_worker.engine.link import Link
from secretflow_worker.engine.mpc import SpuOptions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of old pandas and newer numpy
    import secretflow
    from heu import phe  # noqa: F401 - loaded here, not in a thread of a device

from secretflow_worker.engine.secretflow import context, runtime, words
from secretflow_worker.engine.secretflow.admission import Admission
from secretflow_worker.engine.secretflow.channel import LinkChannel


class Bridge:
    """One per party process; used by its main thread only, as SecretFlow asks."""

    def __init__(
        self,
        link: Link,
        options: SpuOptions,
        log_path: Path,
        accept: Iterable[type],
        on_failure: context.OnFailure,
    ) -> None:
        """Start SecretFlow among the parties of the link; every party does at the same point."""
        self._parties = link.parties
        self._options = options
        self._spu: Any = None
        me = link.parties[link.rank]
        # The order of spawns names the sub-links, so it has to be the same at every party.
        channel, spu_link = link.context.spawn(), link.context.spawn()
        words.leave_out()
        Admission(accept).install()
        context.install(LinkChannel(link, channel), on_failure)
        runtime.install(spu_link, log_path)
        interrupt = signal.getsignal(signal.SIGINT)
        secretflow.init(
            cluster_config={
                "parties": {party: {"address": "the link"} for party in link.parties},
                "self_party": me,
            },
            ray_mode=False,
            cross_silo_comm_backend="brpc_link",
            cross_silo_comm_options={},
            enable_waiting_for_other_parties_ready=False,
            job_name="sfw",
            logging_level=logging.getLevelName(logging.getLogger().level),
        )
        signal.signal(signal.SIGINT, interrupt)

    @property
    def used_spu(self) -> bool:
        return self._spu is not None

    @property
    def spu(self) -> Any:
        """See ``tasks.SecretFlow.spu``."""
        if self._spu is None:
            nodes = [{"party": party, "address": "the link"} for party in self._parties]
            self._spu = secretflow.SPU(
                {"nodes": nodes, "runtime_config": self._options.as_dict()}, id="sfw"
            )
        return self._spu

    def pyu(self, party: str) -> Any:
        """See ``tasks.SecretFlow.pyu``."""
        if party not in self._parties:
            raise InternalError(f"{party} is not a party of this task")
        return secretflow.PYU(party)

    def heu(
        self,
        keeper: str,
        evaluators: Sequence[str] | None = None,
        *,
        schema: str = "ou",
        key_bits: int = 2048,
        encoding: Mapping[str, Any] | None = None,
    ) -> Any:
        """See ``tasks.SecretFlow.heu``."""
        others = [party for party in self._parties if party != keeper]
        config: dict[str, Any] = {
            "sk_keeper": {"party": keeper},
            "evaluators": [{"party": party} for party in evaluators or others],
            "mode": "PHEU",
            "he_parameters": {"schema": schema, "key_pair": {"generate": {"bit_size": key_bits}}},
        }
        if encoding is not None:
            config["encoding"] = dict(encoding)
        return secretflow.HEU(config, getattr(libspu.FieldType, self._options.field))

    @staticmethod
    def cause_of(fault: BaseException) -> BaseException:
        """Return what SecretFlow's wrapping of an exception hides."""
        return context.cause_of(fault)

    def finish(self) -> None:
        """Wait until every party has come here and all is sent."""
        secretflow.device.driver.barrier()
        context.shut_down()

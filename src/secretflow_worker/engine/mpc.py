"""The SPU as a party program uses it: share, call, reveal, over one libspu runtime.

A JAX function is compiled once for its static values and the shapes of its arguments, and
kept: in memory for the life of the process, and on disk where it has a key (`program_key`).
Nothing is opened except by ``reveal``, and only to the receivers that it names.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spu
from spu import libspu

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import PeerLost
from secretflow_worker.engine.frames import CHUNK_LIMIT, Frame, FrameError, Kind
from secretflow_worker.engine.link import Link
from secretflow_worker.engine.program import PUBLIC, SECRET, Program, compile_program
from secretflow_worker.engine.program_cache import ProgramCache
from secretflow_worker.engine.program_key import Unkeyed, key_of
from secretflow_worker.engine.shares import header_of, payload_of, read_header
from secretflow_worker.tasks._parties import Array, Secret

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SpuOptions:
    """Protocol and ring of a runtime."""

    protocol: str
    field: str

    def as_dict(self) -> dict[str, Any]:
        """Return the fields of libspu's ``RuntimeConfig`` that are not its defaults."""
        options: dict[str, Any] = {
            "protocol": self.protocol,
            "field": self.field,
            "enable_pphlo_profile": True,
        }
        if self.protocol == "CHEETAH":
            # Lets a value stay at its owner: a product with it takes half of the encryption.
            options["experimental_enable_colocated_optimization"] = True
        if self.protocol == "SEMI2K" and self.field == "FM128":
            # Truncation without a round of messages; wrong with probability 2^-60 at the sizes
            # that fixed-point numbers of 128 bits have, which FM64 could not promise.
            options["trunc_allow_msb_error"] = True
        return options

    def runtime_config(self) -> Any:
        config = libspu.RuntimeConfig()
        config.ParseFromJsonString(json.dumps(self.as_dict()))
        return config


class MpcRuntime:
    """Implements ``tasks.Spu`` on a link."""

    def __init__(
        self, link: Link, options: SpuOptions, log_path: Path, kept: ProgramCache | None = None
    ) -> None:
        """`kept` are the programs of earlier runs."""
        self.protocol = options.protocol
        self.field = options.field
        self._options = options
        self._kept = kept
        self._link = link
        self._log_path = log_path
        log_natively_to(log_path)
        config = options.runtime_config()
        self._runtime = spu.Runtime(link.context, config)
        self._io = spu.Io(len(link.parties), config)
        self._programs: dict[Hashable, Program] = {}
        self._count = 0

    def share(self, owner: str, value: Array | None) -> Secret:
        """See ``tasks.Spu.share``."""
        if self._link.parties[self._link.rank] == owner:
            if value is None:
                raise TypeError("the owner of a value has to give it")
            return self._share_own(np.ascontiguousarray(value))
        frame = self._link.receive(owner, Kind.SHARE)
        try:
            header = read_header(frame, self.protocol, self.field)
            share = libspu.Share()
            share.meta = header.meta
            share.share_chunks = self._receive_chunks(owner, header.chunk_sizes)
        except FrameError as fault:
            raise PeerLost(f"party {owner} sent a bad share: {fault}", party=owner) from None
        try:
            return self._keep(share, header.shape, header.dtype)
        except RuntimeError as fault:  # the runtime's own checks
            _log.error("a share that the runtime refuses\n%s", traceback_of(fault))
            raise PeerLost(f"party {owner} sent a bad share", party=owner) from None

    def place(
        self, owner: str, value: Array | None, shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Secret:
        """See ``tasks.Spu.place``: every other party's part of it is zeros, made by itself."""
        if self.protocol != "CHEETAH":
            return self.share(owner, value)
        rank = self._link.parties.index(owner)
        if (rank == self._link.rank) is (value is None):
            raise TypeError("the owner of a value has to give it, and nobody else")
        array = np.zeros(shape, dtype) if value is None else np.ascontiguousarray(value)
        if array.shape != shape or array.dtype != dtype:
            raise TypeError("the value is not of the shape and type that everybody was told")
        return self._keep(self._io.make_shares(array, SECRET, rank)[self._link.rank], shape, dtype)

    def call(self, function: Callable[..., Any], *args: Secret | Array, **static: Any) -> Any:
        """See ``tasks.Spu.call``."""
        inputs = [arg if isinstance(arg, Secret) else self._public(arg) for arg in args]
        secret = [isinstance(arg, Secret) for arg in args]
        program = self._compile(function, inputs, secret, static)
        outputs = tuple(Secret(self._new_name(), shape, dtype) for shape, dtype in program.outputs)
        self._runtime.run(
            libspu.Executable(
                name=function.__name__,
                input_names=[value.name for value in inputs],
                output_names=[value.name for value in outputs],
                code=program.code,
            )
        )
        self.free(*(value for value, hidden in zip(inputs, secret, strict=True) if not hidden))
        return outputs[0] if program.is_single else outputs

    def reveal(self, secret: Secret, to: str | Sequence[str]) -> Array | None:
        """See ``tasks.Spu.reveal``."""
        receivers = [to] if isinstance(to, str) else list(to)
        me = self._link.parties[self._link.rank]
        own = self._runtime.get_var(secret.name)
        for receiver in receivers:
            if receiver != me:
                self._send_chunks(receiver, own.share_chunks)
        if me not in receivers:
            return None
        sizes = tuple(len(chunk) for chunk in own.share_chunks)
        shares = []
        for party in self._link.parties:
            if party == me:
                shares.append(own)
                continue
            share = libspu.Share()
            share.meta = own.meta
            share.share_chunks = self._receive_chunks(party, sizes)
            shares.append(share)
        opened: Array = np.asarray(self._io.reconstruct(shares))
        return opened.astype(secret.dtype, copy=False).reshape(secret.shape)

    def free(self, *secrets: Secret) -> None:
        """See ``tasks.Spu.free``."""
        for secret in secrets:
            self._runtime.del_var(secret.name)

    def export(self, secret: Secret) -> Any:
        """Return this party's own share, to be stored by this party alone."""
        return self._runtime.get_var(secret.name)

    def restore(self, share: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Secret:
        """Take a stored share back into the runtime; every party restores its own of the same."""
        return self._keep(share, shape, dtype)

    def messages_sent(self) -> int:
        """Count the messages of all programs so far, from the runtime's own profile."""
        return count_messages(self._log_path)

    def _share_own(self, value: Array) -> Secret:
        shares = self._io.make_shares(value, SECRET)
        for rank, party in enumerate(self._link.parties):
            if rank != self._link.rank:
                self._link.send(party, header_of(shares[rank], value.shape, value.dtype))
                self._send_chunks(party, shares[rank].share_chunks)
        return self._keep(shares[self._link.rank], value.shape, value.dtype)

    def _public(self, value: Array) -> Secret:
        array = np.ascontiguousarray(value)
        share = self._io.make_shares(array, PUBLIC)[self._link.rank]
        return self._keep(share, array.shape, array.dtype)

    def _keep(self, share: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Secret:
        kept = Secret(self._new_name(), shape, dtype)
        self._runtime.set_var(kept.name, share)
        return kept

    def _compile(
        self,
        function: Callable[..., Any],
        inputs: Sequence[Secret],
        secret: Sequence[bool],
        static: dict[str, Any],
    ) -> Program:
        def compile_it() -> Program:
            start = time.monotonic()
            program = compile_program(function, inputs, secret, static)
            _log.debug("%s: compiled in %.3f s", function.__name__, time.monotonic() - start)
            return program

        name, key = self._key_of(function, inputs, secret, static)
        program = self._programs.get(key)
        if program is None:
            if self._kept is None or name is None:
                program = compile_it()
            else:
                program = self._kept.get(name, compile_it)
            self._programs[key] = program
        return program

    def _key_of(
        self,
        function: Callable[..., Any],
        inputs: Sequence[Secret],
        secret: Sequence[bool],
        static: dict[str, Any],
    ) -> tuple[str | None, Hashable]:
        """Return what the program is kept under on disk (None: it is not), and in memory."""
        try:
            device = self._options.as_dict()
            name = key_of(function, inputs, secret, static, device, self._link.parties)
        except Unkeyed as fault:
            _log.debug("%s is compiled and not kept: %s", function.__name__, fault)
            shapes = tuple((value.shape, value.dtype.name) for value in inputs)
            constants = tuple((*item, type(item[1])) for item in sorted(static.items()))
            return None, (function, constants, shapes, tuple(secret))
        return name, name

    def _send_chunks(self, to: str, chunks: Sequence[bytes]) -> None:
        for chunk in chunks:
            self._link.send(to, Frame(Kind.CHUNK, {}, chunk))

    def _receive_chunks(self, sender: str, sizes: Sequence[int]) -> list[bytes]:
        chunks = []
        for size in sizes:
            body = self._link.receive(sender, Kind.CHUNK).body
            if len(body) != size or size > CHUNK_LIMIT:
                raise PeerLost(f"party {sender} sent a share of a wrong size", party=sender)
            chunks.append(bytes(body))
        try:
            payload_of(chunks)
        except FrameError as fault:
            raise PeerLost(f"party {sender} sent a bad share: {fault}", party=sender) from None
        return chunks

    def _new_name(self) -> str:
        self._count += 1
        return f"v{self._count}"


def count_messages(log_path: Path) -> int:
    """Count the messages of all programs that are profiled in a native log."""
    try:
        log = log_path.read_text(errors="replace")
    except FileNotFoundError:
        return 0
    return sum(
        int(line.split("send actions ")[1].split(",")[0])
        for line in log.splitlines()
        if "Link details: total send bytes" in line
    )


def log_natively_to(path: Path) -> None:
    """Point the native log at this party's own file; its profile is where messages are counted."""
    options = spu.logging.LogOptions()
    options.enable_console_logger = False
    options.system_log_path = str(path)
    options.log_level = spu.logging.LogLevel.INFO
    spu.logging.setup_logging(options)
